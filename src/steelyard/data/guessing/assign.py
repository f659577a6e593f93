"""Which column of a table plays which role: the assignment that suits best as a whole, and how sure each part is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from steelyard.data.guessing.profiles import ColumnProfile, TableProfile
from steelyard.data.guessing.roles import fit, is_number_of_another, name_score
from steelyard.domain import FloatArray

__all__ = ["LIKELY", "SURE", "RoleGuess", "assign"]

SURE, LIKELY = 0.95, 0.5
_LEAST = 0.25
_SEVERAL = {"category": 3, "attributes": 6, "published": 2}
"""Roles that several columns can share, and how many."""
_SHARES_FROM = {"category": 0.6, "attributes": 0.5, "published": 0.6}
_NEEDED = frozenset(("item_id", "title", "user", "time", "query", "gain"))
"""Roles without which a table is nothing: they choose before the others."""
_BY_VALUES = {"time": 0.3, "kind": 0.35, "title": 0.2}
"""What the values alone may say where a name says nothing."""
_SLOPE, _MARGIN, _MIDDLE = 7.0, 5.0, 0.72


@dataclass(frozen=True, slots=True)
class RoleGuess:
    """Which column plays a role."""

    columns: tuple[str, ...]
    sureness: float
    """In [0, 1]: how often such a guess is right; 0.95 and more is sure, below a person must look."""
    alternatives: tuple[str, ...] = ()
    """Other columns that could play it, the likeliest first."""
    unread: tuple[str, ...] = ()
    """Values of the column that cannot be read in this role, three at most; a person must look at it then."""
    why: str = ""
    """What decided, where it was not the name and the values alone."""


def assign(table: TableProfile, roles: Sequence[str], *, is_log: bool) -> Mapping[str, RoleGuess]:
    """The roles that the columns of a table play, each column used once.

    Args:
        table: The table.
        roles: Roles to fill; those that no column suits are left out.
        is_log: Whether the table has many rows an item.

    Returns:
        By role the columns, with a sureness from how well they suit and how far they are ahead of the next.
    """
    columns = table.columns
    if not columns:
        return {}
    scores = np.array([[_score(column, role, is_log=is_log) for column in columns] for role in roles])
    scores[scores < _LEAST] = 0.0
    bonus = np.array([3.0 if role in _NEEDED else 1.0 for role in roles])[:, None]
    pairs = linear_sum_assignment(-np.where(scores > 0, scores * bonus + bonus, 0.0))
    chosen = sorted((int(row), int(at)) for row, at in zip(*pairs, strict=True) if scores[row, at] > 0)
    taken = {at: roles[row] for row, at in chosen}
    found: dict[str, RoleGuess] = {}
    for row, at in chosen:
        several = _shared(roles[row], scores[row], at, taken, columns)
        found[roles[row]] = _guess(scores[row], several, taken, columns)
    return _with_hints(table, roles, found)


def _with_hints(table: TableProfile, roles: Sequence[str], found: Mapping[str, RoleGuess]) -> Mapping[str, RoleGuess]:
    """The roles, those that no name fills by what the values of columns tell."""
    filled = dict(found)
    for role, hint in table.hints.items():
        if role not in roles or table.column(hint.column) is None:
            continue
        if hint.is_stronger:
            filled = {of: one for of, one in filled.items() if of != role and hint.column not in one.columns}
        used = {name for one in filled.values() for name in one.columns}
        free = [name for name in (hint.column, *hint.others) if name not in used and table.column(name)]
        if free and (role not in filled or filled[role].sureness < hint.sureness):
            filled[role] = RoleGuess((free[0],), hint.sureness, tuple(free[1:]), why=hint.why)
    return filled


def _score(column: ColumnProfile, role: str, *, is_log: bool) -> float:
    """How well a column suits a role, in [0, 1]."""
    suits, named = fit(column, role, is_log=is_log), name_score(column.name, role)
    if suits == 0:
        return 0.0
    if named == 0 and role == "time" and is_number_of_another(column):
        return 0.0
    if named == 0:
        return _BY_VALUES.get(role, 0.0) * (suits if suits > 0.8 else 0.0)
    return named * (0.4 + 0.6 * suits) if suits > 0.1 else 0.6 * named


def _shared(
    role: str, scores: FloatArray, at: int, taken: dict[int, str], columns: Sequence[ColumnProfile]
) -> list[int]:
    """The column, and those that share the role with it; a path in one column needs no others."""
    chosen = [at]
    if role == "category" and columns[at].path_share > 0.3:
        return chosen
    for other in sorted(range(len(columns)), key=lambda i: -scores[i]):
        if len(chosen) == _SEVERAL.get(role, 1):
            break
        is_level = role != "category" or (columns[other].path_share < 0.3 and columns[other].n_distinct > 1)
        if other not in taken and scores[other] >= _SHARES_FROM.get(role, 2.0) and is_level:
            chosen.append(other)
            taken[other] = role
    if role == "category":
        chosen.sort(key=lambda i: columns[i].n_distinct)
    else:
        chosen.sort()
    return chosen


def _guess(
    scores: FloatArray, several: Sequence[int], taken: Mapping[int, str], columns: Sequence[ColumnProfile]
) -> RoleGuess:
    best = float(max(scores[i] for i in several))
    others = sorted((i for i in range(len(columns)) if i not in several and scores[i] > 0), key=lambda i: -scores[i])
    free = [float(scores[i]) * (1.0 if i not in taken else 0.6) for i in others]
    margin = best - max(free, default=0.0)
    return RoleGuess(
        columns=tuple(columns[i].name for i in several),
        sureness=_sureness(best, margin),
        alternatives=tuple(columns[i].name for i in others[:3]),
    )


def _sureness(best: float, margin: float) -> float:
    """How often guesses of this score and lead are right, as measured on labelled layouts."""
    value = 1.0 / (1.0 + math.exp(-(_SLOPE * (best - _MIDDLE) + _MARGIN * (min(margin, 0.5) - 0.1) + 1.5)))
    return round(min(0.99, value if value >= SURE else 0.5 + 0.44 * value / SURE), 2)
