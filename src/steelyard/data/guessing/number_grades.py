"""Which scale grades in numbers are on: what the lowest is worth, and whether a person must say which end is best."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from steelyard.data.guessing.profiles import ColumnProfile
from steelyard.data.guessing.words.folding import folded_name

__all__ = ["NumberGrades", "number_grades"]

_ONE_IS_BEST = frozenset(("schulnote", "schulnoten", "znamka", "platz", "platzierung"))
"""Names of grades, folded, of which 1 is the best."""
_WORST_MARK = 6
_SHORT, _LONG = 4, 10
"""Highest grade of the usual scales that begin at 0, and of those that count single steps; above it are points."""


@dataclass(frozen=True, slots=True)
class NumberGrades:
    """How grades in numbers are read."""

    says: str = ""
    offset: float = 0.0
    """Added to every grade."""
    grades: Mapping[str, float] = field(default_factory=dict)
    """What each grade is worth, where the best one is the lowest number."""
    is_usual: bool = False
    """Whether it is a scale of relevance as it is usually given, from 0 upwards in few steps."""


def number_grades(gain: ColumnProfile) -> NumberGrades:
    """The scale of a column of grades in numbers.

    Args:
        gain: The column.

    Returns:
        More is better except where the name says that 1 is the best; a scale that starts at 1 is moved to 0.
    """
    listed = ", ".join(sorted(gain.counts, key=_number)[:6])
    span = f"numbers from {gain.low:g} to {gain.high:g} ({listed})"
    if folded_name(gain.name) in _ONE_IS_BEST and 1 <= gain.low <= gain.high <= _WORST_MARK:
        worst = max(_WORST_MARK, gain.high)
        grades = {text: worst - _number(text) for text in sorted(gain.counts, key=_number)}
        return NumberGrades(f"{span}, of which 1 is the best by the name of {gain.name}", grades=grades)
    if gain.high > _LONG:
        return NumberGrades(f"{span}: read as points of 100, more is better; each counts as it stands")
    if gain.low < 0:
        return NumberGrades(f"{span}: the lowest is worth nothing (gain_offset = {-gain.low:g})", offset=-gain.low)
    if gain.low >= 1:
        offset = -1.0 if gain.whole_share == 1.0 else -gain.low
        says = f"{span}: more is better and {-offset:g} is worth nothing (gain_offset = {offset:g})"
        return NumberGrades(f"{says}; if 1 is the best, say so in grades", offset=offset)
    return NumberGrades(f"{span}: more is better, 0 is worth nothing", is_usual=gain.high <= _SHORT)


def _number(text: str) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return 0.0
