"""Sizes the same configurations again and again, at other peaks, limits and speeds, without simulating each time.

The response of one replica depends on its load as a share of its capacity alone, once times are counted in mean service
times. So every simulation is kept, and what is asked next is mostly known from one that was harder or easier. The
answers are those of ``steelyard.decision.capacity.size``.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass, field

import numpy as np

from steelyard.decision.capacity import Sizing, response_p99_s
from steelyard.domain import FloatArray

__all__ = ["Resizer"]

_DIGITS = 12
"""Shapes of service times that agree so far are one."""


@dataclass(slots=True)
class Resizer:
    """Stands in for ``capacity.size`` with its seed filled in."""

    seed: int
    _shapes: dict[tuple[bytes, int], _Responses] = field(default_factory=dict)

    def __call__(
        self,
        service_s: FloatArray,
        *,
        cores: float,
        peak_rps: float,
        max_p99_ms: float,
        max_utilisation: float,
        spare: int,
    ) -> Sizing | None:
        """As ``capacity.size``, but for the p99, which is given as the limit that it keeps."""
        mean, slots = float(service_s.mean()), max(1, math.floor(cores))
        shape = np.round(service_s / mean, _DIGITS)
        key = (shape.tobytes(), slots)
        responses = self._shapes.setdefault(key, _Responses(shape, slots, self.seed))
        limit = max_p99_ms / 1000 / mean
        rate = responses.highest(limit, most=max_utilisation * min(cores, slots)) / mean
        if rate <= 0:
            return None
        working = max(1, math.ceil(peak_rps / rate - 1e-9))
        each = peak_rps / (working + spare)
        return Sizing(working, working + spare, rate, max_p99_ms, each * mean / cores)


@dataclass(slots=True)
class _Responses:
    """99th percentiles of one shape of service times, by the rate, both in units of the mean service time."""

    shape: FloatArray
    slots: int
    seed: int
    _rates: list[float] = field(default_factory=list)
    _p99: list[float] = field(default_factory=list)

    def highest(self, limit: float, *, most: float) -> float:
        """The bisection of ``capacity.rate_within``."""
        if not self._keeps(0.0, limit):
            return 0.0
        if self._keeps(most, limit):
            return most
        low, high = 0.0, most
        while high - low > 0.001 * high:
            middle = (low + high) / 2
            if self._keeps(middle, limit):
                low = middle
            else:
                high = middle
        return low

    def _keeps(self, rate: float, limit: float) -> bool:
        """Whether the p99 at a rate is within the limit; it never falls with the rate."""
        at = bisect_left(self._rates, rate)
        if at < len(self._rates) and self._p99[at] <= limit:
            return True
        if at > 0 and self._p99[at - 1] > limit:
            return False
        if at < len(self._rates) and self._rates[at] == rate:
            return False
        p99 = response_p99_s(self.shape, rate, slots=self.slots, seed=self.seed)
        self._rates.insert(at, rate)
        self._p99.insert(at, p99)
        return p99 <= limit
