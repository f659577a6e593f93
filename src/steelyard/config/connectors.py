"""Exports whose columns are known: ``source = "shopify"`` in a table of ``[data]`` stands for all of their settings.

A connector is a description and computes nothing. Others' packages add their own (entry points
``steelyard.connectors``). What the configuration says itself always wins.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

__all__ = ["Connector", "Exports", "Layout", "NoExports", "Table", "fill_in"]

Table = Literal["items", "events", "judgements"]
Choice = str | tuple[str, ...]
"""One column, or several that belong together."""

_LISTED = frozenset(("attributes",))
"""Roles that take every column of the first choice that is there, not all or none."""
_OF_COLUMNS = frozenset(("price_divisor",))


@dataclass(frozen=True, slots=True)
class Layout:
    """One table of an export."""

    source: str
    """Name of the connector."""
    table: Table
    what: str
    """What it is called, as ``a Shopify product export``."""
    columns: Mapping[str, tuple[Choice, ...]]
    """By role the columns that may play it; the first choice that the file has is taken."""
    needs: tuple[str, ...]
    """Columns by which the layout is known: a file that has them all, has it."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Further settings of the table, as ``kinds``."""
    note: str = ""
    """What a user must know or do."""
    is_whole: bool = True
    """Whether ``columns`` names all that there is to know, so that no other column is guessed to play a role."""
    is_told_apart: bool = True
    """Whether ``needs`` are so peculiar that ``init`` may go by them without being told the name."""

    def roles(self, present: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """The columns of each role.

        Args:
            present: Names of the file's columns; empty where they are not known.

        Returns:
            Roles that no column of the file can play are left out; where the columns are not known, the first choices.
        """
        found: dict[str, tuple[str, ...]] = {}
        for role, choices in self.columns.items():
            for choice in choices:
                named = (choice,) if isinstance(choice, str) else choice
                there = [name for name in named if not present or name in present]
                if there and (role in _LISTED or len(there) == len(named)):
                    found[role] = tuple(there)
                    break
        return found

    @property
    def event_kind(self) -> str:
        """Kind of every event of the table; empty where it is not one."""
        return str(self.settings.get("kind", ""))


@dataclass(frozen=True, slots=True)
class Connector:
    """The exports of one shop system, tracker or public data set."""

    name: str
    title: str
    """The system's own name."""
    documented_at: str
    """Title of the page that documents the layout."""
    layouts: tuple[Layout, ...]

    def layout(self, table: str, present: Sequence[str]) -> Layout | None:
        """The layout of one table.

        Args:
            table: ``items``, ``events`` or ``judgements``.
            present: Names of the file's columns; empty where they are not known.

        Returns:
            Of several for the table, the one of which the file has most columns; ``None`` where there is none.
        """
        of_table = [layout for layout in self.layouts if layout.table == table]
        return max(of_table, key=lambda layout: _share(layout, present), default=None)


def _share(layout: Layout, present: Sequence[str]) -> float:
    return sum(name in present for name in layout.needs) / max(len(layout.needs), 1)


class Exports(Protocol):
    """Which connectors there are, and which columns a file has."""

    def names(self) -> Sequence[str]:
        """Of all connectors."""
        ...

    def connector(self, name: str) -> Connector:
        """A connector by its name, which is one of ``names``."""
        ...

    def columns(self, path: str) -> Sequence[str]:
        """Names of a file's columns; empty where it cannot be read, which is said elsewhere."""
        ...


class NoExports:
    """No connectors are known."""

    def names(self) -> Sequence[str]:
        """None."""
        return ()

    def connector(self, name: str) -> Connector:
        """Never asked.

        Args:
            name: Of a connector.

        Returns:
            Nothing.

        Raises:
            KeyError: Always.
        """
        raise KeyError(name)

    def columns(self, path: str) -> Sequence[str]:
        """None are known."""
        return ()


def fill_in(raw: Mapping[str, Any], exports: Exports) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A document in which every table with a ``source`` says what the connector of that name knows.

    Args:
        raw: As the TOML reader gave it; left as it is.
        exports: The connectors there are.

    Returns:
        The document, and the problems that were found, as Pydantic gives them.
    """
    data = raw.get("data")
    if not isinstance(data, dict):
        return dict(raw), []
    problems: list[dict[str, Any]] = []
    filled = dict(data)
    for table in ("items", "events", "judgements"):
        section = data.get(table)
        if isinstance(section, dict) and isinstance(section.get("source"), str):
            filled[table], problem = _filled(section, table, exports)
            problems += problem
    return {**raw, "data": filled}, problems


def _filled(section: dict[str, Any], table: str, exports: Exports) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    name, where = section["source"], ("data", table, "source")
    if name not in exports.names():
        near = difflib.get_close_matches(name, exports.names(), n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(sorted(exports.names())) or 'none here'}"
        return section, [_problem(where, name, f"{name!r} is no connector; {hint}")]
    path = section.get("path")
    present = exports.columns(path) if isinstance(path, str) else ()
    connector = exports.connector(name)
    layout = connector.layout(table, present)
    if layout is None:
        known = " and ".join(sorted({one.table for one in connector.layouts}))
        return section, [_problem(where, name, f"{name!r} has no {table}; it describes {known}")]
    own = section.get("columns")
    columns = own if isinstance(own, dict) else {}
    named = section.get("names") or layout.settings.get("names") or present  # a file without a header line has no own
    known_columns = {role: _written(role, names) for role, names in layout.roles(named).items()}
    settings = {key: value for key, value in layout.settings.items() if key not in _OF_COLUMNS}
    of_columns = {key: value for key, value in layout.settings.items() if key in _OF_COLUMNS}
    return {**settings, **section, "columns": {**of_columns, **known_columns, **columns}}, []


def _written(role: str, names: tuple[str, ...]) -> str | list[str]:
    return names[0] if len(names) == 1 and role != "attributes" else list(names)


def _problem(where: tuple[str, ...], value: str, why: str) -> dict[str, Any]:
    return {"type": "unknown_connector", "loc": where, "input": value, "msg": why}
