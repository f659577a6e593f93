"""Sums kept up as events come: each counts once, in whatever order it comes within the window of lateness."""

from __future__ import annotations

import heapq
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from steelyard.data.features.columns import EventColumns, Rows, keys_of
from steelyard.data.features.tallies import BUCKET_MS, Need, Tally, check_needs, end_bucket, writes
from steelyard.domain import IntArray

__all__ = ["Arrivals", "OnlineSums"]

_HOUR_MS = 3_600_000
_FOLDS = 8
"""So many times while a window passes, minutes beyond it are put together."""


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What became of the events that came; they add up to all that came."""

    counted: int = 0
    again: int = 0
    """Sent before."""
    late: int = 0
    """Older than the window of lateness when they came."""
    ahead: int = 0
    """Later than the clock allows."""

    def __add__(self, other: Arrivals) -> Arrivals:
        return Arrivals(
            self.counted + other.counted, self.again + other.again, self.late + other.late, self.ahead + other.ahead
        )


class _Key:
    """Sums of one key by the minute; what lies before every window is one number."""

    __slots__ = ("before", "last_before", "minutes")

    def __init__(self) -> None:
        self.minutes: dict[int, int] = {}
        self.before = 0
        self.last_before = -1

    def over(self, begin: int | None, end: int) -> int:
        """Sum of the minutes from ``begin`` (``None``: from the first on) up to before ``end``."""
        inside = sum(
            amount for bucket, amount in self.minutes.items() if (begin is None or bucket >= begin) and bucket < end
        )
        return inside + self.before if begin is None else inside

    def last(self, end: int) -> int:
        """Last minute before ``end`` with an event; -1 where there is none."""
        return max((bucket for bucket in self.minutes if bucket < end), default=self.last_before)

    def fold(self, before: int) -> None:
        """Put the minutes before one into one number."""
        for bucket in [bucket for bucket in self.minutes if bucket < before]:
            self.before += self.minutes.pop(bucket)
            self.last_before = max(self.last_before, bucket)


class OnlineSums:
    """The sums of a shop, as its events come; several threads may add and read.

    Args:
        tallies: What is added up.
        needs: What will be read: minutes that no window reaches are put together.
        late_ms: An event may come so long after a later one.
        delay_ms: As of ``offline.sums_at``; at least ``late_ms`` where values must not change once they were read.
        ahead_ms: How far an event's time may be ahead of the clock; only where a clock is given.

    Raises:
        ConfigError: A need names a tally that is not there, or two have one name.
    """

    def __init__(
        self,
        tallies: Sequence[Tally],
        needs: Sequence[Need],
        *,
        late_ms: int = _HOUR_MS,
        delay_ms: int = 0,
        ahead_ms: int = 300_000,
    ) -> None:
        check_needs(tallies, needs)
        self._tallies = {tally.name: tally for tally in tallies}
        self._needs, self._late_ms, self._ahead_ms = tuple(needs), late_ms, ahead_ms
        self._delay_ms = delay_ms
        self._reach_ms = max((need.window_ms for need in needs), default=0) + late_ms + delay_ms
        self._sums: dict[str, dict[tuple[str, ...], _Key]] = {tally.name: {} for tally in tallies}
        self._seen: set[str] = set()
        self._oldest: list[tuple[int, str]] = []
        self._newest_ms: int | None = None
        self._folded = -1
        self._lock = threading.Lock()
        self.arrivals = Arrivals()
        """Of all events so far."""

    def add(self, events: EventColumns, *, now_ms: int | None = None) -> Arrivals:
        """Count events in the order in which they came.

        Args:
            events: One or many.
            now_ms: The clock; without it no event is ahead.

        Returns:
            What became of these.
        """
        with self._lock:
            fates = list(self._fates(events, now_ms))
            self._write(events.take(np.array([fate == "counted" for fate in fates], bool)))
            found = Arrivals(*(fates.count(fate) for fate in ("counted", "again", "late", "ahead")))
            self.arrivals = self.arrivals + found
            self._fold()
        return found

    def read(self, rows: Rows) -> list[IntArray]:
        """What is needed, for each row at its moment.

        Args:
            rows: Whom and when; a moment before the newest event less the window of lateness gives what is known of it
                now.

        Returns:
            One array for each need. Shape (rows,).
        """
        ends = end_bucket(rows.time_ms, self._delay_ms).tolist()
        with self._lock:
            return [np.array(list(self._values(need, rows, ends)), np.int64) for need in self._needs]

    def _values(self, need: Need, rows: Rows, ends: Sequence[int]) -> Iterator[int]:
        sums = self._sums[need.tally]
        for key, end in zip(keys_of(rows.by, self._tallies[need.tally].by, len(rows)), ends, strict=True):
            found = sums.get(key)
            if found is None:
                yield -1 if need.is_last else 0
            elif need.is_last:
                last = found.last(end)
                yield (last + 1) * BUCKET_MS if last >= 0 else -1
            else:
                yield found.over(end - need.window_ms // BUCKET_MS if need.window_ms else None, end)

    def _fates(self, events: EventColumns, now_ms: int | None) -> Iterator[str]:
        for event_id, time_ms in zip(events.event_id.tolist(), events.time_ms.tolist(), strict=True):
            if now_ms is not None and time_ms > now_ms + self._ahead_ms:
                yield "ahead"
            elif self._newest_ms is not None and time_ms < self._newest_ms - self._late_ms:
                yield "late"
            elif event_id in self._seen:
                yield "again"
            else:
                self._seen.add(event_id)
                heapq.heappush(self._oldest, (time_ms, event_id))
                self._newest_ms = time_ms if self._newest_ms is None else max(self._newest_ms, time_ms)
                yield "counted"
            self._forget_ids()

    def _forget_ids(self) -> None:
        """An id is remembered as long as its event is not late: afterwards it is refused for its time."""
        while self._newest_ms is not None and self._oldest and self._oldest[0][0] < self._newest_ms - self._late_ms:
            self._seen.discard(heapq.heappop(self._oldest)[1])

    def _write(self, events: EventColumns) -> None:
        for name, tally in self._tallies.items():
            made = writes(tally, events)
            kept, sums = events.take(made.place), self._sums[name]
            keys = keys_of(kept.by, tally.by, len(kept))
            for key, bucket, amount in zip(keys, made.bucket.tolist(), made.amount.tolist(), strict=True):
                minutes = sums.setdefault(key, _Key()).minutes
                minutes[bucket] = minutes.get(bucket, 0) + amount

    def _fold(self) -> None:
        """Now and then: put together what no window reaches any more."""
        if self._newest_ms is None:
            return
        before = (self._newest_ms - self._reach_ms) // BUCKET_MS
        if before - self._folded < self._reach_ms // BUCKET_MS // _FOLDS:
            return
        self._folded = before
        for sums in self._sums.values():
            for key in sums.values():
                key.fold(before)
