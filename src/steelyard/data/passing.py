"""The rows of a table that pass, mended, as a file that can be read again; and the configuration that reads them.

Read again, they give the same items, events and judgements, and nothing is left to be mended.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw

from steelyard.config import Config
from steelyard.data.schema import Role, StoredType, Wanted
from steelyard.data.values.normalise import clean

if TYPE_CHECKING:
    from steelyard.data.schema import Frame, SourcePort

__all__ = ["PASSING", "passing_config", "write_passing"]

PASSING = "passing.parquet"
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_CLEANED = ("title", "description", "brand")
"""Roles whose texts are written as they are shown."""
_BY_NAME = ("attributes", "published")
"""Roles of which the name of a column says something."""
_CUTTING = (
    *(
        "encoding",
        "delimiter",
        "quote",
        "escape",
        "header",
        "names",
        "skip_lines",
        "sheet",
        "records",
        "sql",
        "decimal",
    ),
    *("source", "dates", "read_layout", "path", "columns"),
)
"""What is settled once the rows are read."""


def write_passing(sources: SourcePort, kept: Frame, wanted: Wanted, *, target: str) -> None:
    """Store the rows of a table that pass, in their order: ``row`` and a column for each role.

    Args:
        sources: Writes the file.
        kept: The rows, with what was repaired.
        wanted: The roles that were read.
        target: The file.
    """
    there = kept.collect_schema()
    named = {output: name for output, name, _ in _columns(wanted, there.names())}
    texts = {f"{role.name}_text" for role in wanted.roles if role.kind != "text"} & set(there.names())
    types: dict[str, StoredType] = {"row": "int"}
    for output, name in named.items():
        types[name] = "text" if there[output] == nw.String() else "float"
    types |= dict.fromkeys(sorted(texts - set(types)), "text")
    cleaned = {output for role in wanted.roles if role.name in _CLEANED for output in role.outputs}
    shown = {"row": "row", **named, **{name: name for name in texts}}
    with sources.writing(types, target=target) as rows:
        for batch in sources.batches(kept.select(*shown).sort("row")):
            rows.write(
                {
                    name: [clean(value) or None for value in batch[output]] if output in cleaned else batch[output]
                    for output, name in shown.items()
                }
            )


def passing_config(config: Config, tables: Mapping[str, tuple[Wanted, Sequence[str]]]) -> str:
    """A configuration that reads the rows that pass.

    Args:
        config: The shop's own.
        tables: By name the roles that were read, and the columns of the rows that were kept.

    Returns:
        TOML; paths are relative to the folder of the tables.
    """
    whole = config.model_dump(mode="json", exclude_defaults=True, exclude_none=True, by_alias=True)
    data = {key: value for key, value in whole.pop("data", {}).items() if key not in ("reader", "expect", *tables)}
    data = {key: value for key, value in data.items() if not isinstance(value, dict) or "path" not in value}
    for table, (wanted, columns) in tables.items():
        section = getattr(config.data, table)
        own = section.model_dump(mode="json", exclude_defaults=True, exclude_none=True, by_alias=True)
        kept = {key: value for key, value in own.items() if key not in _CUTTING}
        kept |= {"read_layout": False} if table == "items" else {}
        divisor = own["columns"].get("price_divisor")
        roles = _roles(wanted, columns) | ({"price_divisor": divisor} if divisor else {})
        data[table] = {"path": f"{table}/{PASSING}", **kept, "columns": roles}
    lines = ["# Reads the rows that passed `steelyard check --rows`. [[data.expect]] is not in it: it names columns."]
    lines += ["", "[data]", *_lines(data)]
    for name, section in whole.items():
        if isinstance(section, dict):
            lines += ["", f"[{name}]", *_lines(section)]
    plain = {name: value for name, value in whole.items() if not isinstance(value, dict) and name != "work"}
    return "\n".join([lines[0], *_lines(plain), *lines[1:]]) + "\n"


def _columns(wanted: Wanted, there: Sequence[str]) -> Iterator[tuple[str, str, Role]]:
    """Each output of each role that is there, what it is called in the file, and the role."""
    outputs = [output for role in wanted.roles for output in role.outputs]
    taken = {"row", *outputs, *(f"{role.name}_text" for role in wanted.roles)}
    for role in wanted.roles:
        values = role.outputs if role.kind == "text" or role.is_list else role.outputs[:1]
        for output, column in zip(values, role.columns, strict=False):
            if output not in there:
                continue
            is_free = role.name in _BY_NAME and column not in taken
            taken |= {column} if is_free else set()
            yield output, column if is_free else output, role


def _roles(wanted: Wanted, there: Sequence[str]) -> dict[str, Any]:
    """From role to its column or columns in the file."""
    found: dict[str, list[str]] = {}
    lists = {role.name for role in wanted.roles if role.is_list}
    for _, name, role in _columns(wanted, there):
        found.setdefault(role.name, []).append(name)
    return {
        role: names if role in lists and (len(names) > 1 or role == "attributes") else names[0]
        for role, names in found.items()
    }


def _lines(section: Mapping[str, Any]) -> list[str]:
    return [f"{_key(key)} = {_toml(value)}" for key, value in section.items()]


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{{ {', '.join(_lines(value))} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, int | float) else json.dumps(value, ensure_ascii=False)


def _key(value: str) -> str:
    return value if _BARE.fullmatch(value) else json.dumps(value, ensure_ascii=False)
