"""Which of a folder's files looks like identifiers that are one person: proposed as a comment, never read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

from steelyard.data.guessing.assign import LIKELY, RoleGuess
from steelyard.data.guessing.profiles import ColumnProfile, TableProfile
from steelyard.data.guessing.roles import folded_name, name_score
from steelyard.data.guessing.words.people import LEADING_TO_PEOPLE, SAME_AS, SAME_TABLES

__all__ = ["names_people", "same_people"]

_MOST_COLUMNS = 5
"""A mapping has two columns, and perhaps when and from where each row came."""
_MEET = 0.2
"""Share of a column's identifiers that the log must have as users."""
_MOST_CHARS = 64


def same_people(
    tables: Sequence[TableProfile], *, events: TableProfile | None, user: RoleGuess | None
) -> tuple[TableProfile, Mapping[str, RoleGuess]] | None:
    """The file that maps identifiers of people to one another, if there is one.

    Args:
        tables: Files that are none of the other tables.
        events: The behaviour log.
        user: Its column of users.

    Returns:
        The file with the columns of ``user`` and ``same_as``, the surest of several; ``None`` where none looks like it.
    """
    log = events.column(user.columns[0]) if events is not None and user is not None else None
    found = [(pair, table) for table in tables if (pair := _pair(table, log)) is not None]
    if not found:
        return None
    pair, table = max(found, key=lambda each: (each[0].sureness, each[1].n_rows))
    roles = {"user": pair.one, "same_as": pair.other}
    return table, {role: RoleGuess((name,), pair.sureness, why=pair.why) for role, name in roles.items()}


@dataclass(frozen=True, slots=True)
class _Pair:
    one: str
    other: str
    """What it belongs to."""
    sureness: float
    why: str


def _pair(table: TableProfile, log: ColumnProfile | None) -> _Pair | None:
    """The columns of an identifier and of the one that it belongs to: the first has the more different values."""
    if not 2 <= len(table.columns) <= _MOST_COLUMNS:
        return None
    columns = [column for column in table.columns if _is_id(column, log)]
    is_called_so = folded_name(table.path.rpartition("/")[2].partition(".")[0]) in SAME_TABLES
    found = []
    for one, other in permutations(columns, 2):
        n_named, n_in = sum(map(_names_somebody, (one, other))), _are_in(log, one) + _are_in(log, other)
        told = {
            f"{other.name} is named as the main one": folded_name(other.name) in SAME_AS,
            "both are named as somebody's": n_named == 2,
            "the log has users of both": n_in == 2,
            "the file is called so": is_called_so,
        }
        why = [said for said, is_so in told.items() if is_so]
        is_about_people = n_in or n_named == 2 or (is_called_so and n_named)
        if is_about_people and why and one.distinct_share >= other.distinct_share:
            found.append(_Pair(one.name, other.name, min(0.5 + 0.1 * len(why), 0.8), ", and ".join(why)))
    return max(found, default=None, key=lambda pair: pair.sureness)


def _is_id(column: ColumnProfile, log: ColumnProfile | None) -> bool:
    """Whether a column may hold identifiers of many people: short, no times, amounts, kinds, names or addresses."""
    if _are_in(log, column):
        return True
    is_short = 0 < column.mean_chars <= _MOST_CHARS and column.mean_words <= 1.0
    is_many = column.n_distinct > 2 and column.distinct_share > 0.1 and column.filled_share > 0.5
    others = (column.time_share, column.money_share, column.json_share, column.address_share, column.path_share)
    return is_short and is_many and max(others) < 0.5 and not column.is_yes_no and not names_people(column)


def names_people(column: ColumnProfile) -> bool:
    """Whether a column names people or leads to them: a name, an address, a telephone number."""
    name = folded_name(column.name)
    return any(part in name for part in LEADING_TO_PEOPLE) or any("@" in value for value in column.values[:20])


def _names_somebody(column: ColumnProfile) -> bool:
    return name_score(column.name, "user") >= LIKELY or folded_name(column.name) in SAME_AS


def _are_in(log: ColumnProfile | None, column: ColumnProfile) -> bool:
    """Whether a good part of the identifiers are users of the log, as far as the samples show."""
    if log is None or not column.all_values:
        return False
    shared = len(log.all_values & column.all_values)
    return shared >= _MEET * min(len(log.all_values), len(column.all_values))
