r"""From which volume on one way of buying is cheaper than another, and how many machines each hour of a month needs.

A month is 730 hours: most of them ordinary days with a daily curve, a few at the peak the shop must survive, so that

.. math:: \sum_h 3600\, \lambda_h = \text{requests a month}, \qquad \max_h \lambda_h = \text{peak}.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from steelyard.domain import FloatArray
from steelyard.errors import ConfigError

__all__ = ["DAY", "HOURS", "Range", "cheapest_ranges", "crossings", "hourly_rps", "machines_needed"]

HOURS = 730
DAY = tuple(round(1 - 0.75 * (1 - math.cos(2 * math.pi * (hour - 18) / 24)) / 2, 6) for hour in range(24))
"""Traffic of the hours of a day as shares of the busiest, where no log tells: highest at 18:00, a quarter of that at
6:00. An assumption."""


@dataclass(frozen=True, slots=True)
class Range:
    """Volumes over which one choice is the cheapest."""

    low: float
    high: float
    name: str


def hourly_rps(
    requests_per_month: float, peak_rps: float, *, peak_hours: int, day: Sequence[float] = DAY
) -> FloatArray:
    """Requests a second in each hour of a month.

    Args:
        requests_per_month: Sum over the month, > 0.
        peak_rps: Busiest hour, > 0.
        peak_hours: Hours at the peak, in [0, 730): promotions, say. Fewer where those alone would bring more than the
            whole month does.
        day: Shares of the busiest hour, one for each hour of the day, >= 0, not all 0.

    Returns:
        Shape (730,), hours at the peak first; the sum over the month is kept, and no hour is above the peak.

    Raises:
        ConfigError: The peak is below the mean rate, so that no month looks like that.
    """
    mean = requests_per_month / (HOURS * 3600)
    if not 0 < mean <= peak_rps or not 0 <= peak_hours < HOURS:
        raise ConfigError(
            f"{requests_per_month:g} requests a month are {mean:.3g} a second on average, more than a peak of "
            f"{peak_rps:g}: correct [load] peak_rps or requests_per_month"
        )
    n = min(peak_hours, int(mean * HOURS / peak_rps))
    curve = np.resize(np.asarray(day, np.float64), HOURS - n)
    wanted = max(0.0, mean * HOURS - n * peak_rps)
    ordinary = _filled(curve / curve.sum() * wanted, peak_rps)
    return np.concatenate([np.full(n, peak_rps), ordinary])


def machines_needed(rps: FloatArray, rate_rps: float, *, spare: int) -> list[int]:
    """Machines of each hour: enough for its rate, at least one, and the spare ones."""
    working = np.maximum(1, np.ceil(rps / rate_rps - 1e-9))
    return [int(n) + spare for n in working]


def crossings(volumes: FloatArray, one: FloatArray, other: FloatArray) -> list[float]:
    """Volumes at which one cost passes the other, between neighbouring points on a logarithmic scale.

    Args:
        volumes: Rising, > 0. Shape (points,).
        one: A cost at each volume, infinite where it cannot be had. Shape (points,).
        other: The other cost. Shape (points,).

    Returns:
        Rising; empty where one is never passed. A step (one more machine) may pass back and forth.
    """
    with np.errstate(invalid="ignore"):
        gap = one - other
    found: list[float] = []
    for at in range(len(gap) - 1):
        left, right = float(gap[at]), float(gap[at + 1])
        if left == 0 or not math.isfinite(left) or not math.isfinite(right) or left * right >= 0:
            continue
        share = left / (left - right)
        low, high = math.log(volumes[at]), math.log(volumes[at + 1])
        found.append(math.exp(low + share * (high - low)))
    return found


def cheapest_ranges(volumes: FloatArray, costs: Mapping[str, FloatArray]) -> list[Range]:
    """Who is the cheapest from where to where.

    Args:
        volumes: Rising, > 0. Shape (points,).
        costs: By name, at each volume; infinite where it cannot be had.

    Returns:
        Ranges that cover all volumes without a gap; neighbours differ in name. Ties go to the first name.
    """
    names = list(costs)
    best = np.argmin(np.stack([costs[name] for name in names]), axis=0)
    ranges: list[Range] = []
    start = float(volumes[0])
    for at in range(1, len(volumes) + 1):
        if at < len(volumes) and best[at] == best[at - 1]:
            continue
        name = names[int(best[at - 1])]
        end = float(volumes[-1])
        if at < len(volumes):
            pair, later = slice(at - 1, at + 1), names[int(best[at])]
            passed = crossings(volumes[pair], costs[name][pair], costs[later][pair])
            known_to = at if math.isfinite(costs[name][at]) else at - 1
            end = passed[0] if passed else float(volumes[known_to])
        ranges.append(Range(start, end, name))
        start = end
    return ranges


def _filled(curve: FloatArray, ceiling: float) -> FloatArray:
    """The curve with what stands above the ceiling spread over the hours below it."""
    found = curve.copy()
    for _ in range(len(curve)):
        over = float(np.maximum(found - ceiling, 0).sum())
        if over <= 1e-12 * ceiling:
            break
        found = np.minimum(found, ceiling)
        room = ceiling - found
        found += room * (over / room.sum())
    return np.minimum(found, ceiling)
