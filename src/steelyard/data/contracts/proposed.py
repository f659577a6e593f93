"""A steelyard.toml from a contract; whatever a person must look at is marked CHECK."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from steelyard.config.expectations import Expectation
from steelyard.data.contracts.roles import NEEDED, Played
from steelyard.data.contracts.understanding import TakenTable, Understood
from steelyard.errors import DataError

__all__ = ["expectation_tables", "proposed"]

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def proposed(found: Understood, *, name: str, path_of: Callable[[str], str]) -> str:
    """The text of a configuration that reads the tables of a contract and expects what it promises.

    Args:
        found: What the contract gives.
        name: Of the contract's file.
        path_of: From a path in the contract to one in the configuration.

    Returns:
        A TOML document.

    Raises:
        DataError: A column that a table needs is not known.
    """
    lines = [
        f"# Written by `steelyard contract import {name}`. Read every line marked CHECK.",
        "# Every setting there is: `steelyard schema`. What is not written here has its default.",
    ]
    lines += [f"# left out: {line}" for line in found.left]
    lines += ["", "[shop]", *(f"{_key(key)} = {_toml(value)}" for key, value in found.shop.items())]
    for table in found.tables:
        lines += ["", *_table(table, path_of)]
    if found.keep_days is not None and found.keep_days >= 1:
        lines += [
            "",
            "# CHECK: the contract keeps data so long; with this, `steelyard privacy retain` deletes what is older.",
            "# [privacy]",
            f"# keep_days = {int(found.keep_days)}",
        ]
    lines += expectation_tables(found)
    return "\n".join(_CONTROL.sub(" ", line) for line in lines) + "\n"


def expectation_tables(found: Understood) -> list[str]:
    """The lines of ``[[data.expect]]`` alone, to be put into a configuration that is there.

    Args:
        found: What the contract gives.

    Returns:
        Lines of TOML.
    """
    lines: list[str] = []
    for expectation, doubt in found.expectations:
        lines += ["", f"[[data.expect]]{f'  # CHECK: {doubt}' if doubt else ''}", *_expectation(expectation)]
    return lines


def _expectation(expectation: Expectation) -> Iterator[str]:
    asked = expectation.model_dump(mode="json", exclude_defaults=True, by_alias=True)
    for key, value in asked.items():
        yield f"{_key(key)} = {_toml(value)}"


def _table(table: TakenTable, path_of: Callable[[str], str]) -> Iterator[str]:
    roles = {one.role for one in table.roles}
    missing = [role for role in NEEDED[table.name] if role not in roles]
    if missing:
        raise DataError(
            f"the contract's table {table.called} is [data.{table.name}], and no column of it is the "
            f"{' or the '.join(missing)}: name it by a custom property steelyardRole: {missing[0]}"
        )
    yield f"[data.{table.name}]"
    if table.path:
        yield f"path = {_toml(path_of(table.path))}"
    else:
        yield f"path = {_toml(f'{table.called}.csv')}  # CHECK: the contract names no file"
    yield from (f"{_key(key)} = {_toml(value)}" for key, value in table.settings.items())
    yield from ("", f"[data.{table.name}.columns]")
    yield from map(_role, table.roles)


def _role(one: Played) -> str:
    value = _toml(list(one.columns) if len(one.columns) > 1 or one.role == "attributes" else one.columns[0])
    if one.sureness == 1:
        value = one.columns[0] if one.role == "price_divisor" else value
        return f"{one.role} = {value}"
    others = f"; or {', '.join(one.others)}" if one.others else ""
    return f"{one.role} = {value}  # CHECK ({one.sureness:.0%}): by its name and type{others}"


def _toml(value: Any) -> str:
    """A value of JSON as TOML writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{_key(str(key))} = {_toml(one)}' for key, one in value.items())} }}"
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(value: str) -> str:
    return value if _BARE.fullmatch(value) else _toml(value)
