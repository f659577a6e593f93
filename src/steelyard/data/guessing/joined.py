"""Tables that a folder spreads over several files: by the layout of a known export, or by a key that both have."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from steelyard.config.connectors import Joined, Layout
from steelyard.data.guessing.columns_by_values import is_of_people
from steelyard.data.guessing.profiles import JoinGuess, TableProfile, profile
from steelyard.data.guessing.roles import folded_name

__all__ = ["by_keys", "by_layouts", "why_joined"]

_MAX_TABLES = 9
"""With more files, files are joined only where the export is known."""
_DEPTH = 2
_UNIQUE = 0.999


def by_layouts(tables: Sequence[TableProfile], layouts: Sequence[Layout]) -> list[TableProfile]:
    """The tables that known exports spread over several files.

    Args:
        tables: All files of a folder.
        layouts: Known ones.

    Returns:
        One for each table and layout that has all columns it needs only with other files.
    """
    found = []
    for layout in layouts:
        if not layout.joins:
            continue
        for table in _of_parts(tables, layout):
            whole = _whole(table, layout, tables)
            if whole is not None:
                found.append(whole)
    return found


def _of_parts(tables: Sequence[TableProfile], layout: Layout) -> list[TableProfile]:
    """The files, those that are parts of one table as one."""
    parts = [one for one in tables if layout.parts and fnmatch.fnmatch(one.path.rsplit("/", 1)[-1], layout.parts)]
    names = {tuple(column.name for column in one.columns) for one in parts}
    suffixes = {one.path.rpartition(".")[2] for one in parts}
    if len(parts) < 2 or len(names) > 1 or len(suffixes) > 1:
        return list(tables)
    largest = max(parts, key=lambda one: one.n_rows)
    folder = largest.path.rpartition("/")[0]
    pattern = f"{layout.parts}.{suffixes.pop()}"
    path = f"{folder}/{pattern}" if folder else pattern
    files = tuple(one.path for one in parts)
    return [replace(largest, path=path, n_rows=sum(one.n_rows for one in parts), parts=files)]


def _whole(table: TableProfile, layout: Layout, tables: Sequence[TableProfile]) -> TableProfile | None:
    """The table with the columns of the files that the layout joins; ``None`` where it is not one of that layout."""
    for joined in layout.joins:
        other = _named(tables, joined, table)
        if other is not None and all(table.column(name) for name in joined.on):
            table = _with_known(table, other, joined)
    present = {column.name for column in table.columns}
    return table if table.joins and present.issuperset(layout.needs) else None


def _named(tables: Sequence[TableProfile], joined: Joined, table: TableProfile) -> TableProfile | None:
    for pattern in joined.files:
        for one in tables:
            is_other = one.path not in table.files and fnmatch.fnmatch(one.path.rsplit("/", 1)[-1], pattern)
            if is_other and all(one.column(name) for name in joined.key or joined.on):
                return one
    return None


def _with_known(table: TableProfile, other: TableProfile, joined: Joined) -> TableProfile:
    there = [column.name for column in table.columns]
    taken = joined.taken([column.name for column in other.columns], there)
    more = [replace(column, name=new) for new, old in taken.items() if (column := other.column(old))]
    if joined.made and joined.made not in there:
        more.append(profile(joined.made, ()))
    guess = JoinGuess(other.path, joined.on, joined.key or joined.on, tuple(one.name for one in more), is_known=True)
    return replace(table, columns=(*table.columns, *more), joins=(*table.joins, guess)) if more else table


def by_keys(tables: Sequence[TableProfile], score: Callable[[TableProfile], float]) -> TableProfile | None:
    """The table that is one only with the columns of other files, found by keys that they share.

    Args:
        tables: Files of a folder.
        score: Above 0 for a table that is wanted.

    Returns:
        The best with the fewest joins; ``None`` where there is none.
    """
    if len(tables) > _MAX_TABLES:
        return None
    made = list(tables)
    for _ in range(_DEPTH):
        made = [longer for table in made for longer in _joined_once(table, tables)]
        scored = [(score(one), -i, one) for i, one in enumerate(made)]
        best = max(scored, default=None, key=lambda found: found[:2])
        if best is not None and best[0] > 0:
            return best[2]
    return None


def _joined_once(table: TableProfile, tables: Sequence[TableProfile]) -> Iterator[TableProfile]:
    used = {table.path, *(one.path for one in table.joins)}
    there = {column.name for column in table.columns}
    for other in tables:
        if other.path in used or other.names or is_of_people(other):
            continue
        key = _shared_key(table, other)
        more = [column for column in other.columns if column.name not in there]
        if key is not None and more:
            guess = JoinGuess(other.path, (key[0],), (key[1],), tuple(column.name for column in more))
            yield replace(table, columns=(*table.columns, *more), joins=(*table.joins, guess))


def _shared_key(table: TableProfile, other: TableProfile) -> tuple[str, str] | None:
    """A column of each whose values meet, and which tells the rows of the other file apart."""
    stem = folded_name(other.path.rsplit("/", 1)[-1].partition(".")[0])
    for theirs in other.columns:
        if theirs.distinct_share < _UNIQUE or theirs.filled_share < _UNIQUE or theirs.time_share > 0:
            continue
        for ours in table.columns:
            is_named = ours.name == theirs.name or (
                folded_name(theirs.name) in ("id", "entityid")
                and folded_name(ours.name) in {f"{name}id" for name in (stem, stem.removesuffix("s"))}
            )
            if is_named and ours.all_values & theirs.all_values:
                return ours.name, theirs.name
    return None


def why_joined(table: TableProfile, used: Sequence[TableProfile | None]) -> str:
    """In one line what a file is used for that is none of the tables itself.

    Args:
        table: The file.
        used: The tables that were taken.

    Returns:
        Empty where it is not used.
    """
    for taken in used:
        if taken is None:
            continue
        if table.path in taken.parts:
            return f"{table.path} is one of the files of {taken.path}, read as one table"
        for one in taken.joins:
            if one.path == table.path:
                key = "" if one.on == one.key else f" (its {' and '.join(one.key)})"
                listed = ", ".join(one.columns[:6]) + (" …" if len(one.columns) > 6 else "")
                return f"{table.path} is joined to {taken.path} on {' and '.join(one.on)}{key}: {listed}"
    return ""
