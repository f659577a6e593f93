"""Columns that play no role and prices that do not read: said in one line, with a value that decided."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from steelyard.data.guessing.assign import RoleGuess
from steelyard.data.guessing.columns_by_values import DIGIT, share_of
from steelyard.data.guessing.headless import is_among_kinds
from steelyard.data.guessing.profiles import ColumnProfile, TableProfile
from steelyard.data.guessing.roles import ROLE_NAMES, folded_name, name_score
from steelyard.data.quality import LOSS_LIMIT

__all__ = ["ACCEPTED_BY", "loses_prices", "no_kind", "unread_line", "why_no_price", "without_role"]

ACCEPTED_BY = "price_not_a_number"
"""The reason by which a shop accepts prices that cannot be read."""
_SHOWN = 6
_NEAR = 0.25
"""Score of a name from which a column might have played the role."""
_CLOCK = re.compile(r"^(?:[01]?\d|2[0-3])(?:[:.h]?[0-5]\d){0,2}(?:\s*[ap]\.?m\.?)?$", re.IGNORECASE)
_OF_DAY = re.compile(r"time|hour|clock|uhr|zeit|stunde|heure|hora|ora$|tijd|uur|godzin|час|врем|时间|时刻|小时|時")
"""Values that are times of day, and names of their columns, folded."""
_RANGE = re.compile(r"\d\D{0,3}\s*(?:[-–—~～至]|\b(?:to|bis|до|do|a|à|til|until)\b)\s*\D{0,3}\d")
_PER_UNIT = re.compile(r"/\s*\d*\s*\w+\.?$|\b(?:per|pro|je|за|par|por|al)\s+\w+$", re.IGNORECASE)


def without_role(table: TableProfile, roles: Mapping[str, RoleGuess], *, said: Collection[str] = ()) -> str:
    """The columns that play no role.

    Args:
        table: The table.
        roles: Its roles.
        said: Columns of which another line tells.

    Returns:
        One line with a value of each of the first six; empty where all play one.
    """
    used = {name for one in roles.values() for name in one.columns}
    used |= {name for one in table.joins for name in one.key} | set(said)
    left = [column for column in table.columns if column.name not in used]
    if not left:
        return ""
    shown = ", ".join(f"{one.name} ({_seen(one)}{_instead(one, roles)})" for one in left[:_SHOWN])
    more = f" and {len(left) - _SHOWN} more" if len(left) > _SHOWN else ""
    return f"{table.path}: columns that play no role: {shown}{more}"


def _seen(column: ColumnProfile) -> str:
    return repr(column.values[0][:24]) if column.values else "empty"


def _instead(column: ColumnProfile, roles: Mapping[str, RoleGuess]) -> str:
    """Which other column was taken for what this one might be."""
    near = [role for role, one in roles.items() if column.name in one.alternatives]
    if (
        "time" in roles
        and column.values
        and share_of(column, _CLOCK) == 1.0
        and _OF_DAY.search(folded_name(column.name))
    ):
        return (
            f"; a time of day: write it behind {roles['time'].columns[0]} into one column, else all events of a day "
            "are at midnight"
        )
    near = near or [role for role in roles if role in ROLE_NAMES and name_score(column.name, role) >= _NEAR]
    return f"; {near[0]} is {'+'.join(roles[near[0]].columns)}" if near else ""


def loses_prices(table: TableProfile | None, price: RoleGuess | None) -> bool:
    """Whether more prices cannot be read than a load may lose."""
    column = table.column(price.columns[0]) if table and price and len(price.columns) == 1 else None
    return column is not None and 1 - column.numeric_share > LOSS_LIMIT


def unread_line(table: TableProfile, role: str, guessed: RoleGuess) -> str:
    """What to do about values that cannot be read.

    Args:
        table: The table.
        role: The role of their column.
        guessed: Has the values.

    Returns:
        One line with the values, and how to go on.
    """
    listed = ", ".join(map(repr, guessed.unread))
    says = f"{role} = {guessed.columns[0]}: values that cannot be read: {listed}"
    if role != "price":
        return says
    says += why_no_price(guessed.unread[0])
    if not loses_prices(table, guessed):
        return f"{says}; these items are kept without a price"
    return (
        f"{says}; above {LOSS_LIMIT:.0%} of them `prepare` stops and asks: write one price into the export, or go on "
        f"without these prices by `--accept {ACCEPTED_BY}`"
    )


def why_no_price(value: str) -> str:
    """Why a value is not one price, in brackets; empty where nothing tells."""
    if value[:1] in ("{", "["):
        return (
            " (the cells hold JSON: export the table as JSON lines, in which objects are read, or write the amount "
            "alone into the column)"
        )
    if _RANGE.search(value):
        return " (a range is not one price)"
    return " (a price per unit is not that of the item)" if _PER_UNIT.search(value) else ""


def no_kind(table: TableProfile, roles: Mapping[str, RoleGuess], kind: str) -> str:
    """That no column says what happened, and what every row is taken for.

    Args:
        table: The behaviour log.
        roles: Its roles.
        kind: What every event is taken for.

    Returns:
        One line, with the columns of few values that may say it.
    """
    used = {name for one in roles.values() for name in one.columns}
    few = [
        one
        for one in table.columns
        if one.name not in used
        and 1 < one.n_distinct <= 12
        and one.distinct_share < 0.2
        and one.numeric_share < 0.5
        and one.address_share < 0.5
        and share_of(one, DIGIT) < 0.5
    ]
    others = ", ".join(f"{one.name} ({', '.join(list(one.counts)[:3])})" for one in few if not is_among_kinds(one))
    may = f"; if one of these says it, set kind and kinds: {others}" if others else ""
    return f"kind = {kind} for every row of {table.path}: no column says what happened{may}"
