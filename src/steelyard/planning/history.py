"""Daily counts of the past, checked, and how a day's traffic spreads over its hours."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

import numpy as np

from steelyard.cost.facts import assumed, derived, exact
from steelyard.domain import Fact, FactKind, FloatArray
from steelyard.errors import DataError

__all__ = ["ASSUMED_PEAK_SHARE", "History", "checked_history", "peak_rate", "peak_share", "read_counts"]

ASSUMED_PEAK_SHARE = Decimal("0.1")
"""Share of a day's traffic in its busiest hour where no log says; a flat day would have 0.042."""
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class History:
    """One count a day, without a gap."""

    first: date
    counts: FloatArray
    """Shape (days,), >= 0."""

    @property
    def after(self) -> date:
        """The day after the last."""
        return self.first + timedelta(days=len(self.counts))


def checked_history(rows: Iterable[tuple[date, float]], *, where: str) -> History:
    """A history from its days, in any order.

    Args:
        rows: Day and count; a day without traffic has a row with 0.
        where: Their file or table, for messages.

    Returns:
        In order of date.

    Raises:
        DataError: No rows, days missing or given twice, counts below zero or not finite; all at once.
    """
    found: dict[date, float] = {}
    twice: list[date] = []
    problems: list[str] = []
    for day, count in rows:
        if day in found:
            twice.append(day)
        if not math.isfinite(count) or count < 0:
            problems.append(f"{where}: {day} has a count of {count}; counts are numbers from 0")
        found[day] = count
    if not found:
        raise DataError(f"{where}: there are no days in it; give a row for each day with its count")
    if twice:
        problems.append(f"{where}: {_some(twice)} given more than once; add the counts up and keep one row a day")
    first, last = min(found), max(found)
    missing = [day for at in range((last - first).days + 1) if (day := first + timedelta(days=at)) not in found]
    if missing:
        problems.append(f"{where}: {_some(missing)} missing between {first} and {last}; give closed days a count of 0")
    if problems:
        raise DataError("\n".join(problems))
    return History(first, np.array([found[day] for day in sorted(found)], dtype=np.float64))


def read_counts(rows: Iterable[Mapping[str | None, Any]], *, where: str) -> History:
    """A history from the rows of a file with the columns ``date`` and ``count``.

    Args:
        rows: Texts by column.
        where: The file, for messages.

    Returns:
        As ``checked_history``.

    Raises:
        DataError: As ``checked_history``, and for what is no date or no number.
    """
    found: list[tuple[date, float]] = []
    problems: list[str] = []
    for number, row in enumerate(rows, start=2):
        try:
            found.append(
                (date.fromisoformat(str(row.get("date")).strip()), float(Decimal(str(row.get("count")).strip())))
            )
        except (ValueError, InvalidOperation):
            problems.append(
                f"{where}, line {number}: date {row.get('date')!r}, count {row.get('count')!r}: "
                "write a line like 2026-06-18,1234 below the header date,count"
            )
    if problems:
        more = f"\nand {len(problems) - _SHOWN} more lines" if len(problems) > _SHOWN else ""
        raise DataError("\n".join(problems[:_SHOWN]) + more)
    return checked_history(found, where=where)


def peak_share(of_hour: FloatArray, *, as_of: date) -> Fact:
    """Share of a day's traffic in its busiest hour, as a log shows it.

    Args:
        of_hour: Shape (24,), events by hour of the shop's day, all days together; not all zero.
        as_of: Last day of the log.

    Returns:
        Measured, in [1/24, 1].
    """
    share = float(of_hour.max() / of_hour.sum())
    hour = int(of_hour.argmax())
    return Fact(exact(round(share, 6)), "1", FactKind.MEASURED, f"busiest hour of the log, from {hour}:00", as_of)


def peak_rate(day: Fact, share: Fact | None, *, on: date) -> Fact:
    """Requests a second in the busiest hour of a day; within that hour it is taken to be even.

    Args:
        day: Requests of the day.
        share: Share of its busiest hour; where it is ``None`` one tenth is assumed.
        on: Day of the assumption.

    Returns:
        Derived from both: bursts within the hour are above it.
    """
    known = share or assumed(ASSUMED_PEAK_SHARE, "1", source="no log: one tenth of a day in its busiest hour", as_of=on)
    rate = day.value * known.value / 3600
    return derived(
        rate, "requests of the day x share of its busiest hour / 3600", (day, known), unit="request_per_second"
    )


def _some(days: list[date]) -> str:
    shown = ", ".join(map(str, days[:_SHOWN]))
    more = f" and {len(days) - _SHOWN} more days" if len(days) > _SHOWN else ""
    return f"{shown}{more} {'are' if len(days) > 1 else 'is'}"
