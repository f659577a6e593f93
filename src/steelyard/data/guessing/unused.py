"""Why a file was not used: what it would have been, what it lacks, or which file was taken in its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from steelyard.data.guessing.assign import assign
from steelyard.data.guessing.profiles import ColumnProfile, TableProfile
from steelyard.data.guessing.roles import fit, folded_name, name_score
from steelyard.data.values.grades import likely_gains

__all__ = ["Needs", "why_unused"]

_ROLE_WORDS = {
    "item_id": "a column of item ids",
    "title": "a column of titles",
    "user": "a column of users",
    "time": "a column of times",
    "query": "a column of queries",
    "gain": "a column of grades",
}

_DAYS = frozenset(("day", "dayno", "daynumber", "daynum", "dayid", "tag", "jour", "dia", "天数"))
_MOST_DAYS = 10_000


@dataclass(frozen=True, slots=True)
class Needs:
    """What a table must have to be of use."""

    what: str
    needed: tuple[str, ...]
    roles: tuple[str, ...]
    """All that it may have."""
    is_log: bool


def why_unused(
    table: TableProfile,
    wanted: Sequence[Needs],
    used: Sequence[TableProfile | None],
    tables: Sequence[TableProfile] = (),
) -> str:
    """In one line why a file was not used.

    Args:
        table: The file.
        wanted: The tables there may be.
        used: What was taken for each of them.
        tables: All files; one of them may have what this one lacks.

    Returns:
        What it is nearest to and lacks, with the column and the value that decided, or which file was taken instead.
    """
    found = [
        (needs, assign(table, needs.roles, is_log=needs.is_log), taken)
        for needs, taken in zip(wanted, used, strict=True)
    ]
    needs, roles, taken = min(
        found, key=lambda one: sum(role not in one[1] for role in one[0].needed) / len(one[0].needed)
    )
    lacks = [role for role in needs.needed if role not in roles]
    if not lacks and taken is not None:
        return (
            f"{table.path} was not used: it looks like {needs.what}, and {taken.path} was taken for that"
            f"{_why_other(table, taken)}; one file is read"
        )
    if not lacks:
        return f"{table.path} was not used: it looks like {needs.what} and is one of several things"
    user = table.column(roles["user"].columns[0]) if "user" in roles else None
    if user is not None and user.distinct_share > 0.95 and "time" in lacks:
        return (
            f"{table.path} was not used: it has one row for each {user.name}, so it is what is known of people and no "
            "log; [data.users] reads it where it has columns that group people"
        )
    said = " and ".join(_lack(table, role, is_log=needs.is_log) for role in lacks)
    columns = ", ".join(column.name for column in table.columns[:12])
    elsewhere = _elsewhere(table, lacks, needs, [one for one in tables if one is not table])
    return f"{table.path} was not used: as {needs.what} it lacks {said} (its columns: {columns}){elsewhere}"


def _elsewhere(table: TableProfile, lacks: Sequence[str], needs: Needs, others: Sequence[TableProfile]) -> str:
    """Another file that has what is lacking, and the column by which the two can be joined."""
    names = {column.name for column in table.columns}
    for other in others:
        roles = assign(other, needs.roles, is_log=True)
        shared = [column.name for column in other.columns if column.name in names]
        keys = [name for name in shared if _is_key(table, other, name)]
        if keys and all(role in roles for role in lacks):
            has = " and ".join(roles[role].columns[0] for role in lacks)
            return f"; {other.path} has {has}: join the two on {keys[0]} into one file, and run init again"
    return ""


def _is_key(table: TableProfile, other: TableProfile, name: str) -> bool:
    """Whether the values of a column of both meet, each of them there once in one of the two."""
    ours, theirs = table.column(name), other.column(name)
    if ours is None or theirs is None or not ours.all_values & theirs.all_values:
        return False
    return max(ours.distinct_share, theirs.distinct_share) > 0.95


def _why_other(table: TableProfile, taken: TableProfile) -> str:
    if [c.name for c in table.columns] == [c.name for c in taken.columns]:
        return (
            f" ({taken.n_rows:,} rows against {table.n_rows:,}, the same columns: if both are parts of one table, put "
            "them into one folder or file)"
        )
    return (
        f" ({len(taken.columns)} columns and {taken.n_rows:,} rows against {len(table.columns)} and {table.n_rows:,})"
    )


def _lack(table: TableProfile, role: str, *, is_log: bool) -> str:
    """What is missing, with the column that came nearest and the value that ruled it out."""
    what = _ROLE_WORDS[role]
    listed = next((one for one in table.columns if role == "item_id" and _holds_json(one)), None)
    if listed is not None and is_log:
        return (
            f"{what} ({listed.name} holds JSON, as {listed.values[0][:40]!r}: write one row for each entry of a cell, "
            "or export the file as JSON lines, in which lists are read)"
        )
    named = max(table.columns, key=lambda column: _nearness(column, role), default=None)
    if named is None or name_score(named.name, role) < 0.4 or not named.values:
        return what
    if fit(named, role, is_log=is_log) > 0:
        return f"{what} of its own ({named.name} was taken for another)"
    return f"{what} ({named.name} is not: {_against(named, role)})"


def _nearness(column: ColumnProfile, role: str) -> float:
    """How near a name comes to a role; a number of days is nearer to a time than a time of day is."""
    is_day = role == "time" and folded_name(column.name) in _DAYS
    return name_score(column.name, role) + is_day


def _holds_json(column: ColumnProfile) -> bool:
    return bool(column.values) and all(value.startswith(("[{", "{", '["')) for value in column.values)


def _against(column: ColumnProfile, role: str) -> str:
    if role == "item_id" and column.distinct_share <= 0.95:
        value, n = next(iter(column.counts.items()))
        return f"{value!r} is there {n:,} times, and a catalogue has each id once"
    if role == "item_id" and column.filled_share <= 0.6:
        return f"{1 - column.filled_share:.0%} of its cells are empty"
    if role == "time" and column.whole_share == 1.0 and 0 <= column.low <= column.high < _MOST_DAYS:
        return (
            f"it holds {column.values[0]!r}, which counts days and is no date; write dates into the export, the day on "
            f"which the log begins plus {column.name}"
        )
    if role == "gain" and (known := likely_gains(list(column.counts))):
        asked = ", ".join(f'"{grade}" = {known.get(grade, "…")}' for grade in list(column.counts)[:6])
        return f"no known scale has all of its grades; say in [data.judgements] what each means: grades = {{ {asked} }}"
    return f"it holds {column.values[0][:40]!r}"
