"""``contract``: the shop's tables as a data contract, and a configuration from one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import narwhals.stable.v2 as nw

from steelyard.data.contracts.describing import SeenTable, describe
from steelyard.data.contracts.proposed import proposed
from steelyard.data.contracts.understanding import Understood, understand
from steelyard.data.schema import Role, SourcePort, Wanted
from steelyard.documents.contract import DataContract, contract_of
from steelyard.errors import DataError, SourceError
from steelyard.workflows.read_shop import all_wanted
from steelyard.workflows.session import Run

__all__ = ["Imported", "export_contract", "import_contract"]

_MOST_COLUMNS = 200
"""Of wider tables the types of columns that play no role are not looked for."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of a contract."""

    text: str
    """Of the configuration."""
    lines: tuple[str, ...]
    """What a person reads: what was taken over, and what was not."""


def export_contract(run: Run, *, name: str, path_of: Callable[[str], str]) -> DataContract:
    """The contract of the shop's tables.

    Args:
        run: Configuration and everything open.
        name: An identifier of the contract.
        path_of: From a path in the configuration to one in the contract.

    Returns:
        Of the standard's version 3.1.

    Raises:
        SourceError: A file cannot be read, or lacks a column.
    """
    wanted = all_wanted(run.config)
    with run.sources() as sources:
        sources.check(wanted)
        seen = [_seen(sources, one) for one in wanted]
    return describe(run.config, seen, name=name, path_of=path_of)


def _seen(sources: SourcePort, wanted: Wanted) -> SeenTable:
    columns = tuple(sources.columns(wanted.path, wanted.reading))
    rest = [column for column in columns if column and column not in wanted.columns]
    return SeenTable(wanted, columns, _types(sources, wanted, rest) if 0 < len(rest) <= _MOST_COLUMNS else {})


def _types(sources: SourcePort, wanted: Wanted, columns: list[str]) -> dict[str, str]:
    """Which columns that play no role hold numbers alone; of their values nothing is kept."""
    roles = [Role(f"t{i}", (column,)) for i, column in enumerate(columns)]
    roles += [Role(f"n{i}", (column,), "number") for i, column in enumerate(columns)]
    read = Wanted(f"{wanted.table}_contract", wanted.path, tuple(roles), wanted.reading, wanted.habits)
    try:
        frame = sources.scan(read, pseudonym=str)
        sums = [nw.col(f"{kind}{i}").count().alias(f"{kind}{i}") for kind in "tn" for i in range(len(columns))]
        n = frame.select(*sums).collect()
    except SourceError:
        raise
    except DataError:  # a column that can be read in two ways: a text, as far as a contract goes
        return {}
    return {
        column: "number" if n[f"t{i}"][0] and n[f"t{i}"][0] == n[f"n{i}"][0] else "string"
        for i, column in enumerate(columns)
    }


def import_contract(written: object, *, name: str, path_of: Callable[[str], str]) -> Imported:
    """A configuration from a contract.

    Args:
        written: What its file holds.
        name: Of its file.
        path_of: From a path in the contract to one in the configuration.

    Returns:
        The configuration's text, and what to say of it.

    Raises:
        DataError: It is no contract of version 3, or has no catalogue.
    """
    found = understand(contract_of(written, name=name))
    text = proposed(found, name=name, path_of=path_of)
    return Imported(text, tuple(_lines(found)))


def _lines(found: Understood) -> list[str]:
    lines = []
    for table in found.tables:
        sure = {one.role: "+".join(one.columns) for one in table.roles}
        listed = ", ".join(f"{role} = {columns}" for role, columns in sure.items())
        lines.append(f"[data.{table.name}]: {table.called}: {listed}")
        guessed = [f"{one.role} = {'+'.join(one.columns)}" for one in table.roles if one.sureness < 1]
        lines += [f"CHECK {table.name}: by names and types: {', '.join(guessed)}"] if guessed else []
    n = sum(len(expectation.rules) for expectation, _ in found.expectations)
    lines.append(f"{n:,} rules are expectations, {found.n_checked:,} are checked anyway")
    lines += [f"CHECK {one.table}.{one.column}: {doubt}" for one, doubt in found.expectations if doubt]
    return [*lines, *(f"note: {line}" for line in found.left)]
