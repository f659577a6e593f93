"""Periods of the log: where it is cut, what is learnt from, and whose next items are to be guessed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steelyard.documents.split import HeldOutCounts, SplitDocument
from steelyard.domain import FloatArray, IntArray

__all__ = ["NEW_USERS", "TAKEN_AGAIN", "Cuts", "Events", "HeldOut", "Period"]

NEW_USERS = "new_users"
"""Part of ``targets.parquet``: what users wanted who came for the first time in the judging period."""
TAKEN_AGAIN = "test_taken_again"
"""Part of ``targets.parquet``: what the users of the judging period took again that the rules do not offer again."""


@dataclass(frozen=True, slots=True)
class Cuts:
    """Instants that divide the log; ``inf`` where nothing is held out."""

    validation_s: float
    test_s: float

    @classmethod
    def of(cls, split: SplitDocument) -> Cuts:
        """The cuts of a stored division, which holds none where nothing is held out."""
        cuts = (split.cut_validation_s, split.cut_test_s)
        return cls(*(float("inf") if cut is None else cut for cut in cuts))


@dataclass(frozen=True, slots=True)
class Events:
    """Positive events of known users, oldest first."""

    users: IntArray
    items: IntArray
    times_s: FloatArray
    weights: FloatArray

    def until(self, cut_s: float) -> Events:
        """The events before an instant."""
        n = int(np.searchsorted(self.times_s, cut_s, side="left"))
        return Events(self.users[:n], self.items[:n], self.times_s[:n], self.weights[:n])


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Users of one period whose next items are to be guessed from what they interacted with before it."""

    users: IntArray
    """Those drawn, ascending. Shape (cases,)."""
    targets: tuple[IntArray, ...]
    """For each, the items interacted with in the period, ascending."""
    counts: HeldOutCounts | None = None
    """Of the period; ``None`` where its cases were stored and are back."""
    left_out: tuple[IntArray, ...] = ()
    """For each, what they interacted with in the period and is no target, since they knew it, ascending; none where
    everything is a target."""


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time whose events are to be guessed."""

    name: str
    """``tuning`` or ``test``."""
    begins_s: float
    """Earlier events are history."""
    ends_s: float
    """Not included."""
