"""What promotions and closed days do to traffic: learnt from the history, or assumed by the shop, never invented.

The effect of a named day is its traffic over what the same weekday had in the weeks around it. An effect that cannot be
told from the noise is none, and one that can is drawn towards none by how noisy it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

import numpy as np

from steelyard.domain import FloatArray, IntArray
from steelyard.planning.promotions import Promotion
from steelyard.planning.smoothing import WEEK

__all__ = ["Applied", "Basis", "Cleaned", "Effect", "clean"]

_NEIGHBOURS = (-21, -14, -7, 7, 14, 21)
_CERTAIN = 2.0
"""Standard errors that an effect must be away from none."""
_NEVER_ZERO = 10.0
"""A weekday with a median of so many does not have none by chance: the shop was closed."""
_MOSTLY_ZERO = 0.3


class Basis(StrEnum):
    """Where the effect of a promotion comes from."""

    LEARNT = "learnt"
    """From its days in the history."""
    ASSUMED = "assumed"
    """The shop gave it."""
    NONE_FOUND = "none found"
    """It was in the history and cannot be told from the noise."""
    UNKNOWN = "unknown"
    """It was never in the history and nobody gave an effect: none is applied."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What days of one name do."""

    lift: float
    """Change of the day's traffic: 0.4 for 40 % more, -1 for closed."""
    error: float
    """Standard error; 0 where it was assumed; of an unknown effect, how much days of other names moved traffic."""
    basis: Basis
    n_days: int
    """Days of the history it was learnt from."""


@dataclass(frozen=True, slots=True)
class Applied:
    """A promotion of the forecast, with its effect."""

    promotion: Promotion
    effect: Effect


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A history as methods may learn from it."""

    values: FloatArray
    """Shape (days,): NaN on promotions and on days the shop was closed."""
    first: date
    closed_weekdays: frozenset[int]
    """0 is Monday."""
    is_intermittent: bool
    learnt: Mapping[str, Effect]

    def effect(self, promotion: Promotion) -> Effect:
        """Of one day: closed if the shop says so; what was learnt; what the shop assumes; none found; unknown."""
        known, given = self.learnt.get(promotion.name), promotion.expected_lift
        is_learnt = known is not None and known.basis is Basis.LEARNT
        if given is not None and (given == -1 or not is_learnt):
            return Effect(given, 0.0, Basis.ASSUMED, 0)
        return self.learnt.get(promotion.name, Effect(0.0, self._spread(), Basis.UNKNOWN, 0))

    def _spread(self) -> float:
        """How much days of other names moved traffic, as a root mean square: what an unknown one may do."""
        lifts = [each.lift for each in self.learnt.values() if each.lift > -1]
        return float(np.sqrt(np.mean(np.square(lifts)))) if lifts else 0.0

    def factors(self, promotions: Sequence[Promotion], *, horizon: int) -> tuple[FloatArray, FloatArray]:
        """What the days after the history are multiplied with, and the standard error of that.

        Args:
            promotions: Those of other days are passed over.
            horizon: Days.

        Returns:
            Two of shape (horizon,): 0 on closed days, 1 on ordinary ones.
        """
        start = self.first + timedelta(days=len(self.values))
        factors, errors = np.ones(horizon), np.zeros(horizon)
        for at in range(horizon):
            if (start + timedelta(days=at)).weekday() in self.closed_weekdays:
                factors[at] = 0.0
        for each in promotions:
            at = (each.day - start).days
            if 0 <= at < horizon:
                effect = self.effect(each)
                factors[at] *= 1 + effect.lift
                errors[at] = effect.error
        return factors, errors


def clean(counts: FloatArray, *, first: date, promotions: Sequence[Promotion]) -> Cleaned:
    """Learn the effects of named days, find closed ones, and take both out.

    Args:
        counts: Shape (days,), >= 0, every day.
        first: The day of the first count.
        promotions: Named days; those outside the history teach nothing.

    Returns:
        What is learnt from these days only.
    """
    n = len(counts)
    named = {(each.day - first).days: each for each in promotions}
    named = {at: each for at, each in named.items() if 0 <= at < n}
    closed_weekdays = _closed_weekdays(counts, first)
    weekday = (np.arange(n) + first.weekday()) % WEEK
    is_closed_weekday = np.isin(weekday, list(closed_weekdays))
    open_counts = counts[~is_closed_weekday]
    is_intermittent = bool(open_counts.size) and float((open_counts == 0).mean()) > _MOSTLY_ZERO
    values = counts.astype(np.float64).copy()
    values[is_closed_weekday] = np.nan
    if not is_intermittent:
        values[_unannounced(counts, weekday)] = np.nan
    values[list(named)] = np.nan
    learnt = {} if is_intermittent else _effects(counts, values, named, is_closed_weekday)
    return Cleaned(values, first, closed_weekdays, is_intermittent, learnt)


def _closed_weekdays(counts: FloatArray, first: date) -> frozenset[int]:
    """Weekdays with nothing in the last eight weeks, where the others have enough that this is no chance."""
    recent = counts[-8 * WEEK :]
    start = len(counts) - len(recent) + first.weekday()
    by_weekday = {phase: recent[(np.arange(len(recent)) + start) % WEEK == phase] for phase in range(WEEK)}
    busy = [float(np.median(each)) for each in by_weekday.values() if each.size and each.max() > 0]
    if not busy or float(np.median(busy)) < 2.0:
        return frozenset()
    return frozenset(phase for phase, each in by_weekday.items() if each.size >= 4 and each.max() == 0)


def _unannounced(counts: FloatArray, weekday: IntArray) -> Any:
    """Where the count is zero on a weekday that never has zero by chance."""
    medians = np.array(
        [np.median(counts[weekday == phase]) if (weekday == phase).any() else 0 for phase in range(WEEK)]
    )
    return (counts == 0) & (medians[weekday] >= _NEVER_ZERO)


def _effects(
    counts: FloatArray, values: FloatArray, named: Mapping[int, Promotion], is_closed_weekday: Any
) -> dict[str, Effect]:
    usual = _around(values)
    ratios: dict[str, list[float]] = {}
    for at, each in named.items():
        if usual[at] > 0 and not is_closed_weekday[at]:
            ratios.setdefault(each.name, []).append(float(counts[at] / usual[at]))
    is_ordinary = ~np.isnan(values) & (usual > 0)
    ordinary = values[is_ordinary] / usual[is_ordinary]
    noise = 1.4826 * float(np.median(np.abs(ordinary - np.median(ordinary)))) if ordinary.size else 0.0
    return {name: _effect(found, noise) for name, found in ratios.items()}


def _around(values: FloatArray) -> FloatArray:
    """Median of the same weekday in the weeks around each day; 0 where none is known."""
    n = len(values)
    near = np.full((len(_NEIGHBOURS), n), np.nan)
    for row, step in zip(near, _NEIGHBOURS, strict=True):
        low, high = max(0, -step), min(n, n - step)
        if low < high:
            row[low:high] = values[low + step : high + step]
    near.sort(axis=0)  # unknown ones last
    known = (~np.isnan(near)).sum(axis=0)
    at = np.arange(n)
    middle = (near[np.maximum(known - 1, 0) // 2, at] + near[known // 2 * (known > 0), at]) / 2
    found: FloatArray = np.where(known > 0, middle, 0.0)
    return found


def _effect(ratios: Sequence[float], noise: float) -> Effect:
    lift, n = float(np.mean(ratios)) - 1, len(ratios)
    if max(ratios) == 0:
        return Effect(-1.0, 0.0, Basis.LEARNT, n)
    own = float(np.std(ratios, ddof=1)) if n > 1 else 0.0
    error = max(noise, own) / float(np.sqrt(n))
    if abs(lift) <= _CERTAIN * error:
        return Effect(0.0, error, Basis.NONE_FOUND, n)
    return Effect(lift * (1 - (error / lift) ** 2), error, Basis.LEARNT, n)
