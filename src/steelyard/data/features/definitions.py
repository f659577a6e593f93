"""Features: each names the sums it needs, and is a pure function of them and of the row's moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from steelyard.data.features.tallies import Need
from steelyard.domain import FloatArray, IntArray

__all__ = ["Count", "Feature", "Mean", "Rate", "Recency", "Shift"]

_DAY_MS = 86_400_000


class Feature(Protocol):
    """A number for each row. Frozen data: its fields are all it depends on."""

    @property
    def name(self) -> str:
        """Distinct within a set."""
        ...

    @property
    def needs(self) -> tuple[Need, ...]:
        """What it reads."""
        ...

    def value(self, sums: Sequence[IntArray], time_ms: IntArray) -> FloatArray:
        """Its value.

        Args:
            sums: Of each of its needs, in their order. Shape (rows,) each.
            time_ms: Moment of each row.

        Returns:
            Shape (rows,), every one finite.
        """
        ...


@dataclass(frozen=True, slots=True)
class Count:
    r"""How many, or how much: :math:`\log(1 + s)`."""

    name: str
    tally: str
    window_ms: int = 0

    @property
    def needs(self) -> tuple[Need, ...]:
        """The sum."""
        return (Need(self.tally, self.window_ms),)

    def value(self, sums: Sequence[IntArray], time_ms: IntArray) -> FloatArray:
        """At least 0 where nothing was taken back."""
        del time_ms
        counted: FloatArray = np.log1p(np.maximum(sums[0], 0).astype(np.float64))
        return counted


@dataclass(frozen=True, slots=True)
class Rate:
    r"""A share drawn towards the usual one: :math:`(s + a p) / (n + a)`."""

    name: str
    above: str
    """Tally of the successes."""
    below: str
    """Tally of the trials."""
    usual: float
    """:math:`p`: the share over all, learnt from the learning part alone."""
    strength: float = 20.0
    """:math:`a`, > 0: trials that the usual share weighs as much as."""
    window_ms: int = 0

    @property
    def needs(self) -> tuple[Need, ...]:
        """Successes and trials."""
        return (Need(self.above, self.window_ms), Need(self.below, self.window_ms))

    def value(self, sums: Sequence[IntArray], time_ms: IntArray) -> FloatArray:
        """The usual share where nothing was tried; may pass 1 where a trial has several successes."""
        del time_ms
        above, below = (each.astype(np.float64) for each in sums)
        smoothed: FloatArray = (above + self.strength * self.usual) / (below + self.strength)
        return smoothed


@dataclass(frozen=True, slots=True)
class Mean:
    r"""Mean amount of an event, drawn towards the usual one: :math:`(s + a m) / (n + a)`. Dwell, price paid."""

    name: str
    amount: str
    """Tally of the amounts."""
    count: str
    """Tally of the events."""
    usual: float
    strength: float = 5.0
    window_ms: int = 0

    @property
    def needs(self) -> tuple[Need, ...]:
        """Amount and number."""
        return (Need(self.amount, self.window_ms), Need(self.count, self.window_ms))

    def value(self, sums: Sequence[IntArray], time_ms: IntArray) -> FloatArray:
        """The usual amount where there was no event."""
        del time_ms
        amount, count = (each.astype(np.float64) for each in sums)
        smoothed: FloatArray = (amount + self.strength * self.usual) / (count + self.strength)
        return smoothed


@dataclass(frozen=True, slots=True)
class Recency:
    r"""How fresh the last event is: :math:`2^{-\text{age} / \text{half-life}}`; 0 where there was none."""

    name: str
    tally: str
    half_life_days: float = 7.0

    @property
    def needs(self) -> tuple[Need, ...]:
        """When it last grew."""
        return (Need(self.tally, is_last=True),)

    def value(self, sums: Sequence[IntArray], time_ms: IntArray) -> FloatArray:
        """In [0, 1]."""
        age = np.maximum(time_ms - sums[0], 0).astype(np.float64) / (self.half_life_days * _DAY_MS)
        fresh: FloatArray = np.where(sums[0] >= 0, np.exp2(-age), 0.0)
        return fresh


@dataclass(frozen=True, slots=True)
class Shift:
    r"""Whether there is more of late than before: smoothed rate a day in the short window over that in the long one."""

    name: str
    tally: str
    short_ms: int
    long_ms: int
    strength: float = 1.0

    @property
    def needs(self) -> tuple[Need, ...]:
        """The sum over both windows."""
        return (Need(self.tally, self.short_ms), Need(self.tally, self.long_ms))

    def value(self, sums: Sequence[IntArray], time_ms: IntArray) -> FloatArray:
        """Logarithm of the ratio; 0 where the two are alike or nothing happened."""
        del time_ms
        share = self.short_ms / self.long_ms
        short, long = (np.maximum(each, 0).astype(np.float64) for each in sums)
        shifted: FloatArray = np.log((short + self.strength) / (long * share + self.strength))
        return shifted
