"""Trouble with times: dates where instants should be, hours and days that are missing, clocks that were moved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw
import numpy as np

from steelyard.data.detectors.paces import DAY_S, HOUR_S, resolution_of
from steelyard.data.quality import Finding, Severity
from steelyard.domain import IntArray

if TYPE_CHECKING:
    from steelyard.data.schema import Frame, SourcePort

__all__ = ["clock_findings", "long_sessions"]

_SPIKE, _LEAST_SPIKE = 10.0, 10
_ABOVE_HOURS, _HOURS_NEAR = 4.0, np.array([-3, -2, -1, 1, 2, 3])
"""How many times the users of the exact hours near it an exact hour has that holds dates; midnights of summer and
winter time stand side by side."""
_LONG_GAP_DAYS = 3
_STALE_DAYS = 30
_LEAST_EVENTS = 100
"""Fewer say nothing of a log's clocks."""
_SAYS = {
    "clock_dates_only": "the log knows days, not times: nothing is learnt from the order within a day",
    "clock_midnight": "far more events at this very second than around it: a date without a time",
    "clock_hours_missing": "an hour of the day with hardly any event between busy ones: a part of the log is missing",
    "clock_zone_shift": "for weeks the day's rhythm is moved by hours: a time zone or a clock was changed",
    "clock_summer_time": "times are local: an hour is missing in spring, and one is there twice in autumn",
    "clock_days_missing": "days without any event, on days of the week that have some: the shop was closed, or a part"
    " of the log is missing",
    "log_stale": "the latest event is more than a month old: what is popular now is not known",
}


def clock_findings(acts: Frame, *, n_in: int, now: datetime) -> list[Finding]:
    """What the times of a log tell of its clocks.

    Args:
        acts: Distinct instants of users, with ``time`` and ``n`` events.
        n_in: Rows of the log, for shares.
        now: With time zone.

    Returns:
        A finding for each trouble; its count is that of the events concerned.
    """
    hours, counts = _by_hour(acts)
    n = int(counts.sum())
    if n < _LEAST_EVENTS:
        return []
    step = resolution_of(acts)
    found: list[tuple[str, Severity, int, Mapping[str, int]]] = []
    if step >= DAY_S:
        found.append(("clock_dates_only", "info", n, {}))
    else:
        found += _spikes(acts, step)
        found += _missing_hours(hours, counts) + _shifts(hours, counts) + _summer_time(hours, counts)
    found += _missing_days(hours, counts)
    days_old = int((now.timestamp() - hours[-1] * HOUR_S) // DAY_S)
    if days_old > _STALE_DAYS:
        found.append(("log_stale", "info", n, {"days": days_old}))
    return [
        Finding("events", reason, severity, "flag", count, min(count / n_in, 1.0), _SAYS[reason], values=values)
        for reason, severity, count, values in found
    ]


def long_sessions(sources: SourcePort, kept: Frame, *, n_in: int) -> list[Finding]:
    """Visits that last longer than a day, and visits of two users: identifiers used again.

    Args:
        sources: Holds a scratch table.
        kept: Events with ``session``, ``user`` and ``time``.
        n_in: Rows of the log, for shares.

    Returns:
        At most two findings, with the longest visits as samples.
    """
    known = kept.filter(~nw.col("session").is_null())
    visits = known.group_by("session").agg(
        nw.len().alias("n"),
        (nw.col("time").max() - nw.col("time").min()).alias("seconds"),
        nw.col("user").min().alias("_one"),
        nw.col("user").max().alias("_other"),
    )
    odd = sources.keep(visits.filter((nw.col("seconds") > DAY_S) | (nw.col("_one") != nw.col("_other"))), "odd_visits")
    found = []
    for reason, when, says in (
        ("session_too_long", nw.col("seconds") > DAY_S, "a visit longer than a day: its events are not of one purpose"),
        ("session_shared", nw.col("_one") != nw.col("_other"), "a visit of several users: its identifier is not one"),
    ):
        rows = odd.filter(when)
        total = rows.select(nw.len().alias("visits"), nw.col("n").sum().alias("n")).collect()
        if n_visits := int(total["visits"][0]):
            first = rows.sort("n", "session", descending=[True, False]).head(5).select("session", "n", "seconds")
            samples, n = tuple(first.collect().rows(named=True)), int(total["n"][0])
            values = {"sessions": n_visits}
            found.append(Finding("events", reason, "warning", "flag", n, n / n_in, says, samples, values))
    return found


def _by_hour(acts: Frame) -> tuple[IntArray, IntArray]:
    """Hours since 1970 with an event, ascending, and how many there are: bounded by the length of the log."""
    hour = (nw.col("time") / HOUR_S).floor().alias("hour")
    rows = acts.group_by(hour).agg(nw.col("n").sum().alias("n")).sort("hour").collect()
    return np.array(rows["hour"].to_list(), np.int64), np.array(rows["n"].to_list(), np.int64)


def _spikes(acts: Frame, step: float) -> list[tuple[str, Severity, int, Mapping[str, int]]]:
    """Exact hours of the day at which far more users act than within half an hour around, and at other exact hours.

    Where times are whole hours, or a part of them is, every exact hour has many: only one that has far more than those
    near it holds dates without a time.
    """
    second = (nw.col("time") % DAY_S).floor().alias("second")
    rows = acts.group_by(second).agg(nw.len().alias("users"), nw.col("n").sum().alias("n")).collect()
    users, events = np.zeros(int(DAY_S)), np.zeros(int(DAY_S), np.int64)
    at = np.array(rows["second"].to_list(), np.int64)
    users[at], events[at] = rows["users"].to_list(), rows["n"].to_list()
    on_hours = users[:: int(HOUR_S)]
    found: dict[str, int] = {}
    for hour in range(24):
        exact = hour * int(HOUR_S)
        around = np.arange(exact - 1800, exact + 1801) % int(DAY_S)
        usual = (users[around].sum() - users[exact]) / (HOUR_S / step)
        near = float(np.median(on_hours[(hour + _HOURS_NEAR) % 24]))
        is_high = users[exact] >= _LEAST_SPIKE and users[exact] > max(_SPIKE * usual, _ABOVE_HOURS * near)
        if is_high:
            found[f"{hour:02d}:00:00"] = int(events[exact])
    return [("clock_midnight", "warning", sum(found.values()), found)] if found else []


def _missing_hours(hours: IntArray, counts: IntArray) -> list[tuple[str, Severity, int, Mapping[str, int]]]:
    of_day = np.bincount(hours % 24, weights=counts, minlength=24).astype(np.float64)
    least = np.minimum(np.roll(of_day, 1), np.roll(of_day, -1))
    missing = np.flatnonzero((least >= 0.02 * of_day.sum()) & (of_day < 0.05 * least))
    values = {f"{hour:02d}:00": int(of_day[hour]) for hour in missing.tolist()}
    return [("clock_hours_missing", "warning", int(least[missing].sum()), values)] if values else []


def _missing_days(hours: IntArray, counts: IntArray) -> list[tuple[str, Severity, int, Mapping[str, int]]]:
    """Runs of days without an event, on weekdays that usually have some."""
    day = hours // 24
    n = np.bincount(day - day[0], weights=counts)
    if len(n) < 14 or np.median(n[n > 0]) < 20:
        return []
    weekday = (np.arange(len(n)) + day[0]) % 7
    is_open = np.array(
        [np.mean(n[weekday == one] > 0) >= 0.75 if (weekday == one).any() else False for one in range(7)]
    )
    empty = np.flatnonzero((n == 0) & is_open[weekday])
    if not len(empty):
        return []
    runs = np.split(empty, np.flatnonzero(np.diff(empty) > 2) + 1)
    values = {_day(int(run[0] + day[0])): int(run[-1] - run[0] + 1) for run in runs}
    longest = max(values.values())
    top = dict(sorted(values.items(), key=lambda each: -each[1])[:10])
    lost = int(np.median(n[n > 0]) * len(empty))
    return [("clock_days_missing", "warning" if longest >= _LONG_GAP_DAYS else "info", lost, top)]


def _shifts(hours: IntArray, counts: IntArray) -> list[tuple[str, Severity, int, Mapping[str, int]]]:
    """Weeks whose rhythm is that of the others, moved by two hours or more."""
    week = (hours // 24 + 3) // 7
    grid = np.zeros((int(week[-1] - week[0]) + 1, 24))
    np.add.at(grid, (week - week[0], hours % 24), counts)
    sizes = grid.sum(axis=1)
    full = np.flatnonzero(sizes >= max(200, 0.2 * float(np.median(sizes[sizes > 0]))))
    if len(full) < 4:
        return []
    shapes = grid[full] / sizes[full, None]
    usual = np.median(shapes, axis=0)
    fits = np.array([[np.corrcoef(np.roll(usual, shift), shape)[0, 1] for shift in range(24)] for shape in shapes])
    best = fits.argmax(axis=1)
    shift = np.where(best > 12, best - 24, best)
    rows = np.arange(len(full))
    is_moved = (np.abs(shift) >= 2) & (fits[rows, best] >= 0.9) & (fits[rows, best] - fits[:, 0] >= 0.15)
    moved = full[is_moved]
    if not len(moved):
        return []
    values = {
        f"{_day(int((week[0] + w) * 7 - 3))} {s:+d} h": int(sizes[w])
        for w, s in zip(moved, shift[is_moved], strict=True)
    }
    return [("clock_zone_shift", "warning", int(sizes[moved].sum()), dict(list(values.items())[:10]))]


def _summer_time(hours: IntArray, counts: IntArray) -> list[tuple[str, Severity, int, Mapping[str, int]]]:
    """Sundays of March without the hour from 1, 2 or 3 o'clock on, where other Sundays have it."""
    by_hour = dict(zip(hours.tolist(), counts.tolist(), strict=True))
    first, last = int(hours[0] // 24), int(hours[-1] // 24)
    sundays = [day for day in range(first + 1, last) if (day + 3) % 7 == 6]
    found: dict[str, int] = {}
    for clock in (1, 2, 3):
        usual = float(np.median([by_hour.get(day * 24 + clock, 0) for day in sundays])) if len(sundays) >= 8 else 0.0
        if usual < 20:
            continue
        for day in sundays:
            is_march = (datetime.fromtimestamp(0, UTC) + timedelta(days=day)).month == 3
            if is_march and by_hour.get(day * 24 + clock, 0) < 0.05 * usual:
                found[f"{_day(day)} {clock:02d}:00"] = int(usual)
    return [("clock_summer_time", "info", sum(found.values()), found)] if found else []


def _day(number: int) -> str:
    return (datetime.fromtimestamp(0, UTC) + timedelta(days=number)).date().isoformat()
