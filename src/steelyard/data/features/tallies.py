"""What is added up: tallies, the writes that events become, and the sums that are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from steelyard.data.features.columns import EventColumns
from steelyard.domain import IntArray
from steelyard.errors import ConfigError

__all__ = ["BUCKET_MS", "Need", "Tally", "Writes", "end_bucket", "writes"]

BUCKET_MS = 60_000
"""Sums are kept by the minute: a row sees the minutes that had ended before its moment, never part of one."""


@dataclass(frozen=True, slots=True)
class Tally:
    """A sum over events, by something, kept by the minute."""

    name: str
    kinds: tuple[str, ...]
    """Kinds of events it adds up."""
    by: tuple[str, ...]
    """``("item",)``, ``("user", "item")`` …; none for all together. An event without one of them is not added."""
    amount: str = ""
    """Column of ``EventColumns.amounts``; one for each event where it is empty."""


@dataclass(frozen=True, slots=True)
class Need:
    """What a feature reads: a tally over a window, or when it last grew."""

    tally: str
    window_ms: int = 0
    """A multiple of ``BUCKET_MS``; 0 for all of the time before."""
    is_last: bool = False
    """Whether the end of the last minute with an event is wanted, in milliseconds since 1970; -1 without any."""

    def __post_init__(self) -> None:
        if self.window_ms < 0 or self.window_ms % BUCKET_MS:
            raise ConfigError(f"a window of {self.window_ms} ms over {self.tally}: give whole minutes")


@dataclass(frozen=True, slots=True)
class Writes:
    """What events add to a tally, as data. Shape (writes,) each."""

    place: IntArray
    """Which of the events each comes from."""
    bucket: IntArray
    """Number of the minute since 1970."""
    amount: IntArray


def writes(tally: Tally, events: EventColumns) -> Writes:
    """What events add to a tally.

    Args:
        tally: What it adds up.
        events: Any number of them, in any order.

    Returns:
        Nothing for events of other kinds, or without what the tally is kept by.
    """
    counts = np.isin(events.kind, tally.kinds)
    for name in tally.by:
        counts &= events.by[name] != ""
    place = np.flatnonzero(counts)
    amount = events.amounts[tally.amount][place] if tally.amount else np.ones(len(place), np.int64)
    return Writes(place, events.time_ms[place] // BUCKET_MS, amount)


def end_bucket(time_ms: IntArray, delay_ms: int) -> IntArray:
    """First minute that a row of this moment does not see."""
    return (time_ms - delay_ms) // BUCKET_MS


def check_needs(tallies: Sequence[Tally], needs: Sequence[Need]) -> None:
    """Refuse needs of a tally that is not there, and two tallies of one name.

    Args:
        tallies: Those there are.
        needs: What is read.

    Raises:
        ConfigError: A name is twice or unknown.
    """
    names = [tally.name for tally in tallies]
    twice = sorted({name for name in names if names.count(name) > 1})
    unknown = sorted({need.tally for need in needs} - set(names))
    if twice or unknown:
        raise ConfigError(f"tallies named twice: {twice}; needed and not there: {unknown}")
