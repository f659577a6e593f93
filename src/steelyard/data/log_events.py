"""The whole log as columns: what was shown and what followed, also the kinds that say nothing of interest."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from steelyard.domain import FloatArray, IntArray

__all__ = ["LogEvents"]


@dataclass(frozen=True, slots=True)
class LogEvents:
    """Events of the prepared log, oldest first; those of hostile robots are left out. Shape (events,) each."""

    visitors: IntArray
    """Number of the user, or of the visit where no user is named; -1 where neither is."""
    items: IntArray
    """In [0, n_items)."""
    times_s: FloatArray
    """Seconds since 1970 UTC, non-decreasing."""
    kinds: IntArray
    """Places in ``names``."""
    positions: IntArray
    """Rank at which the item was shown, from 1; 0 where it is not known."""
    n_items: int
    names: tuple[str, ...] = ()
    """Kinds that occur."""
    validation_s: float = field(default=float("inf"))
    """Where the validation period begins; infinite where nothing is held out."""
    test_s: float = field(default=float("inf"))
    """Where the judging period begins: nothing from it on may be learnt from."""

    def __len__(self) -> int:
        return len(self.items)

    def until(self, cut_s: float) -> LogEvents:
        """The events before an instant."""
        n = int(np.searchsorted(self.times_s, cut_s, side="left"))
        columns = (self.visitors[:n], self.items[:n], self.times_s[:n], self.kinds[:n], self.positions[:n])
        return LogEvents(*columns, self.n_items, self.names, self.validation_s, self.test_s)

    def is_of(self, kinds: frozenset[str]) -> IntArray:
        """Places of the events of some kinds. Shape (<= events,)."""
        wanted = [place for place, name in enumerate(self.names) if name in kinds]
        return np.flatnonzero(np.isin(self.kinds, wanted))
