"""Sums over a whole log at the moments of many rows, each of its own past only."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from steelyard.data.features.columns import EventColumns, Rows, TextArray
from steelyard.data.features.tallies import BUCKET_MS, Need, Tally, end_bucket, writes
from steelyard.domain import IntArray

__all__ = ["once", "sums_at"]


def once(events: EventColumns) -> EventColumns:
    """Each event once, by its id; of several the earliest."""
    order = np.lexsort((events.time_ms, events.event_id))
    ids = events.event_id[order]
    is_first = np.ones(len(ids), bool)
    is_first[1:] = ids[1:] != ids[:-1]
    return events.take(np.sort(order[is_first]))


def sums_at(
    tallies: Sequence[Tally], needs: Sequence[Need], events: EventColumns, rows: Rows, *, delay_ms: int = 0
) -> list[IntArray]:
    """What is needed, for each row at its moment.

    Args:
        tallies: Those that the needs name.
        needs: What is read.
        events: Distinct, in any order.
        rows: Whom and when.
        delay_ms: Rows see only what had happened so long before them.

    Returns:
        One array for each need. Shape (rows,).
    """
    found: list[IntArray] = [np.zeros(0, np.int64)] * len(needs)
    for tally in tallies:
        wanted = [(place, need) for place, need in enumerate(needs) if need.tally == tally.name]
        if wanted:
            sums = _Sums(tally, events, rows, delay_ms)
            for place, need in wanted:
                found[place] = sums.last() if need.is_last else sums.over(need.window_ms)
    return found


class _Sums:
    """A tally sorted by key and minute, with its running sum.

    Args:
        tally: What is added up.
        events: Distinct.
        rows: Whom and when.
        delay_ms: As of ``sums_at``.
    """

    def __init__(self, tally: Tally, events: EventColumns, rows: Rows, delay_ms: int) -> None:
        made = writes(tally, events)
        n = len(made.place)
        columns = [np.concatenate([events.by[name][made.place], rows.by[name]]) for name in tally.by]
        key = _numbered(columns, n + len(rows))
        is_known = np.ones(len(rows), bool)
        for name in tally.by:
            is_known &= rows.by[name] != ""
        order = np.lexsort((made.bucket, key[:n]))
        self._key, self._bucket = key[:n][order], made.bucket[order]
        self._running = np.concatenate([[0], np.cumsum(made.amount[order])]).astype(np.int64)
        self._asked = np.where(is_known, key[n:], -1)
        self._end = end_bucket(rows.time_ms, delay_ms)
        first = int(self._bucket.min()) if n else 0
        last = int(self._bucket.max()) if n else 0
        self._low, self._span = first, last - first + 2
        self._at = self._key * self._span + (self._bucket - first)

    def over(self, window_ms: int) -> IntArray:
        """Sum of the minutes of a window; 0 is all of the past."""
        begin = self._end - window_ms // BUCKET_MS if window_ms else np.full_like(self._end, self._low)
        sums: IntArray = self._running[self._place(self._end)] - self._running[self._place(begin)]
        return np.where(self._asked >= 0, sums, 0)

    def last(self) -> IntArray:
        """End of the last minute with an event, in milliseconds; -1 where there is none."""
        place = self._place(self._end) - 1
        if not len(self._key):
            return np.full(len(self._asked), -1, np.int64)
        is_there = (place >= 0) & (self._key[np.maximum(place, 0)] == self._asked)
        ends: IntArray = np.where(is_there, (self._bucket[np.maximum(place, 0)] + 1) * BUCKET_MS, -1)
        return ends

    def _place(self, bucket: IntArray) -> IntArray:
        """How many writes lie before the minute of each row's key."""
        inside = np.clip(bucket - self._low, 0, self._span - 1)
        place: IntArray = np.searchsorted(self._at, self._asked * self._span + inside, side="left").astype(np.int64)
        return place


def _numbered(columns: Sequence[TextArray], n: int) -> IntArray:
    """A number for each distinct combination of the columns' values."""
    key = np.zeros(n, np.int64)
    for column in columns:
        _, number = np.unique(column, return_inverse=True)
        _, key = np.unique(key * (int(number.max()) + 1 if n else 1) + number, return_inverse=True)
    return key.astype(np.int64)
