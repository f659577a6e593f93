"""Exports whose columns are known: ``source = "shopify"`` in a table of ``[data]`` stands for all of their settings.

A connector is a description and computes nothing. Others' packages add their own (entry points
``steelyard.connectors``). What the configuration says itself always wins.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, get_args

__all__ = ["Connector", "Exports", "Joined", "Layout", "NoExports", "Table", "fill_in"]

Table = Literal["items", "events", "judgements", "users", "answers"]
Choice = str | tuple[str, ...]
"""One column, or several that belong together."""

_LISTED = frozenset(("attributes",))
"""Roles that take every column of the first choice that is there, not all or none."""
_OF_COLUMNS = frozenset(("price_divisor",))


@dataclass(frozen=True, slots=True)
class Joined:
    """Another file of the same export that a table needs columns of."""

    files: tuple[str, ...]
    """Names that it may have beside the table's file, as ``olist_orders_dataset.*``."""
    on: tuple[str, ...]
    columns: tuple[str, ...]
    """Those that are taken, as far as the file has them; a table that has the first one needs no join."""
    key: tuple[str, ...] = ()
    """The columns of ``on`` in that file, where they have other names there."""
    renamed: Mapping[str, str] = field(default_factory=dict)
    """By its name in the table a column that is called otherwise in the file."""
    relative_time: Mapping[str, str] = field(default_factory=dict)
    """Settings of ``relative_time``, where the file tells only days between orders."""
    is_needed: bool = True
    """Whether the table is of no use without it."""

    @property
    def made(self) -> str:
        """Name of the column of times that is added up; empty where there is none."""
        return self.relative_time.get("column", "")

    def taken(self, theirs: Sequence[str], there: Sequence[str]) -> dict[str, str]:
        """By its name in the table each column that is taken.

        Args:
            theirs: Columns of the file; empty where they are not known.
            there: Columns that the table has already.

        Returns:
            Without those that the file lacks or the table has.
        """
        named = {**{name: name for name in self.columns}, **self.renamed}
        return {new: old for new, old in named.items() if new not in there and (not theirs or old in theirs)}


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
    joins: tuple[Joined, ...] = ()
    """Files that are joined where the table lacks their columns; ``needs`` are the columns with them."""
    parts: str = ""
    """Pattern of the names of several files that are one table, as ``order_products__*``."""

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
            table: Of the configuration.
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

    def beside(self, path: str, names: Sequence[str]) -> str:
        """Path of the first file of one of these names in the same folder; empty where there is none."""
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

    def beside(self, path: str, names: Sequence[str]) -> str:
        """No file is known."""
        return ""


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
    for table in get_args(Table):
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
    joins, present, problems = _with_joins(section, layout, present, exports, where)
    named = section.get("names") or layout.settings.get("names") or present  # a file without a header line has no own
    known_columns = {role: _written(role, names) for role, names in layout.roles(named).items()}
    settings = {key: value for key, value in layout.settings.items() if key not in _OF_COLUMNS}
    of_columns = {key: value for key, value in layout.settings.items() if key in _OF_COLUMNS}
    return {**settings, **joins, **section, "columns": {**of_columns, **known_columns, **columns}}, problems


def _with_joins(
    section: Mapping[str, Any], layout: Layout, present: Sequence[str], exports: Exports, where: tuple[str, ...]
) -> tuple[dict[str, Any], Sequence[str], list[dict[str, Any]]]:
    """The files that a table needs beside its own, and the columns it has with them."""
    path, own = section.get("path"), section.get("join")
    if not isinstance(path, str) or (own is not None and not isinstance(own, list)):
        return {}, present, []
    if own is not None:
        paths = [one["path"] for one in own if isinstance(one, dict) and isinstance(one.get("path"), str)]
        renamed = [name for one in own if isinstance(one, dict) for name in one.get("columns") or ()]
        return {}, [*present, *(name for one in paths for name in exports.columns(one)), *renamed], []
    columns, found, problems = list(present), [], []
    for joined in layout.joins:
        if present and not _lacks(joined, columns):
            continue
        file = exports.beside(path, joined.files) or ("" if present else _named_beside(path, joined.files[0]))
        if not file:
            if joined.is_needed:
                problems.append(_problem(where, layout.source, _not_beside(path, joined, columns)))
            continue
        taken = joined.taken(exports.columns(file), columns)
        if taken or joined.made:
            found.append(_join_table(joined, file, taken))
            columns += [*taken, *([joined.made] if joined.made else [])]
    return ({"join": found} if found else {}), columns if present else [], problems


def _lacks(joined: Joined, columns: Sequence[str]) -> str:
    """The column for which a file is joined, where the table does not have it yet."""
    wanted = joined.made or (*joined.columns, *joined.renamed)[0]
    return "" if wanted in columns else wanted


def _join_table(joined: Joined, file: str, taken: Mapping[str, str]) -> dict[str, Any]:
    table: dict[str, Any] = {"path": file, "on": list(joined.on), "columns": dict(taken)}
    table |= {"key": list(joined.key)} if joined.key else {}
    if joined.made:
        table["columns"][joined.made] = joined.made
        table["relative_time"] = dict(joined.relative_time)
    return table


def _named_beside(path: str, name: str) -> str:
    folder = path.rpartition("/")[0]
    plain = name.replace(".*", ".csv").replace("*", "")
    return f"{folder}/{plain}" if folder else plain


def _not_beside(path: str, joined: Joined, columns: Sequence[str]) -> str:
    lacking = _lacks(joined, columns)
    names = " or ".join(joined.files)
    return (
        f"{path} has no column {lacking}: the export has that in {names}, which is not in the same folder. Put it "
        "there, or name it in a table of join"
    )


def _written(role: str, names: tuple[str, ...]) -> str | list[str]:
    return names[0] if len(names) == 1 and role != "attributes" else list(names)


def _problem(where: tuple[str, ...], value: str, why: str) -> dict[str, Any]:
    return {"type": "unknown_connector", "loc": where, "input": value, "msg": why}
