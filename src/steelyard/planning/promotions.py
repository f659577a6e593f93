"""Which days are promotions or holidays: dated, sourced calendars with rules for moving days, and a shop's own days.

A calendar says when, never how much: the effect of a day is learnt from the shop's history, or given by the shop and
then called assumed.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from steelyard.errors import DataError

__all__ = ["Calendar", "Promotion", "Rule", "combined", "easter_sunday", "own_days", "parse_calendar"]

_LARGEST_LIFT = Decimal(100)


@dataclass(frozen=True, slots=True)
class Promotion:
    """One named day. Days of one name are taken to have one effect."""

    day: date
    name: str
    source: str
    expected_lift: float | None = None
    """Change of the day's traffic, 0.4 for 40 % more, -1 for closed; as the shop assumes it, else ``None``."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A day that comes again every year."""

    name: str
    kind: str
    """``fixed`` (month, day), ``nth_weekday`` (month, weekday, nth), ``easter``, or ``dates`` (a list)."""
    source: str
    month: int = 0
    day: int = 0
    weekday: int = 0
    """0 is Monday."""
    nth: int = 0
    """1 is the first of the month, -1 the last."""
    dates: tuple[date, ...] = ()
    offsets: tuple[int, ...] = (0,)
    """Days counted from it that carry the name."""

    def anchors(self, year: int) -> list[date]:
        """The day, or days, of one year, offsets left out."""
        if self.kind == "dates":
            return [each for each in self.dates if each.year == year]
        if self.kind == "easter":
            return [easter_sunday(year)]
        if self.kind == "fixed":
            return [date(year, self.month, self.day)]
        in_month = [
            day
            for day in calendar.Calendar().itermonthdates(year, self.month)
            if day.month == self.month and day.weekday() == self.weekday
        ]
        return [in_month[self.nth - 1 if self.nth > 0 else self.nth]]


@dataclass(frozen=True, slots=True)
class Calendar:
    """A table of rules."""

    name: str
    as_of: date
    rules: tuple[Rule, ...]

    def days(self, first: date, last: date) -> list[Promotion]:
        """Every named day from ``first`` to ``last``, both included, in order of rule and date."""
        return [
            Promotion(day, rule.name, f"{self.name} calendar of {self.as_of}: {rule.source}")
            for rule in self.rules
            for year in range(first.year - 1, last.year + 2)
            for anchor in rule.anchors(year)
            for offset in rule.offsets
            if first <= (day := anchor + timedelta(days=offset)) <= last
        ]


def easter_sunday(year: int) -> date:
    """Western Easter of a year.

    Source:
        The anonymous Gregorian algorithm (Meeus, Astronomical Algorithms, 2nd ed., chapter 8).
    """
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    rest = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * rest) // 451
    month, day = divmod(h + rest - 7 * m + 114, 31)
    return date(year, month, day + 1)


def parse_calendar(document: Any, *, where: str) -> Calendar:
    """A calendar from what its file holds.

    Args:
        document: ``{"name", "as_of", "rows": [{"name", "rule", "source", "offsets", …}, …]}``, see ``Rule``.
        where: The file, for messages.

    Returns:
        The calendar.

    Raises:
        DataError: Rows are wrong; all problems at once.
    """
    if not isinstance(document, Mapping) or not isinstance(document.get("rows"), Sequence):
        raise DataError(f"{where}: not a calendar: it needs name, as_of and rows")
    rules: list[Rule] = []
    problems: list[str] = []
    for number, row in enumerate(document["rows"], start=1):
        try:
            rules.append(_rule(row))
        except (KeyError, TypeError, ValueError, IndexError) as error:
            problems.append(f"{where}: row {number}: {error or type(error).__name__}")
    if problems:
        raise DataError("\n".join(problems))
    return Calendar(str(document["name"]), date.fromisoformat(str(document["as_of"])), tuple(rules))


def own_days(rows: Iterable[Mapping[str | None, Any]], *, where: str) -> list[Promotion]:
    """A shop's own days, from the rows of its file.

    Args:
        rows: Each with ``date`` (2026-06-18), ``name``, and ``expected_lift`` (0.4 for 40 % more, -1 for closed;
            empty or left out where the shop assumes nothing).
        where: The file, for messages.

    Returns:
        In the order of the file.

    Raises:
        DataError: Dates that do not exist, a day given twice, no names, or lifts that are none; all at once.
    """
    found: list[Promotion] = []
    seen: dict[date, int] = {}
    problems: list[str] = []
    for number, row in enumerate(rows, start=2):
        try:
            each = _own(row, where)
        except ValueError as error:
            problems.append(f"{where}, line {number}: {error}")
            continue
        if each.day in seen:
            problems.append(f"{where}, line {number}: {each.day} is in line {seen[each.day]} already; keep one of them")
        seen.setdefault(each.day, number)
        found.append(each)
    if problems:
        raise DataError("\n".join(problems))
    return found


def combined(calendars: Iterable[Calendar], own: Sequence[Promotion], *, first: date, last: date) -> list[Promotion]:
    """One name for each day, from calendars and from the shop's own file, in order of date.

    Args:
        calendars: Of two names for a day, that of the earlier calendar and rule is taken.
        own: Wins over calendars: on its days, and by its names, whose other days are then only those it lists.
        first: First day.
        last: Last day, included.

    Returns:
        At most one promotion a day.
    """
    names = {each.name for each in own}
    found = {each.day: each for each in own if first <= each.day <= last}
    for each in (day for table in calendars for day in table.days(first, last)):
        if each.name not in names:
            found.setdefault(each.day, each)
    return [found[day] for day in sorted(found)]


def _rule(row: Mapping[str, Any]) -> Rule:
    dates = tuple(date.fromisoformat(each) for each in row.get("dates", ()))
    whole = {name: int(row.get(name, 0)) for name in ("month", "day", "weekday", "nth")}
    rule = Rule(row["name"], row["rule"], row["source"], dates=dates, offsets=tuple(row.get("offsets", (0,))), **whole)
    if rule.kind not in ("fixed", "nth_weekday", "easter", "dates") or not rule.name or not rule.source:
        raise ValueError(f"{row} needs a name, a source and a rule: fixed, nth_weekday, easter or dates")
    rule.anchors(2001)  # raises where there is no such day in a year that is not a leap year
    return rule


def _own(row: Mapping[str | None, Any], where: str) -> Promotion:
    name, written = str(row.get("name") or "").strip(), str(row.get("expected_lift") or "").strip()
    try:
        day = date.fromisoformat(str(row.get("date") or "").strip())
    except ValueError:
        raise ValueError(f"date is {row.get('date')!r}; write it as 2026-06-18") from None
    if not name:
        raise ValueError("name is empty; days of one name share one effect")
    if not written:
        return Promotion(day, name, where)
    try:
        lift = Decimal(written)
    except InvalidOperation:
        lift = Decimal("nan")
    if not lift.is_finite() or not -1 <= lift <= _LARGEST_LIFT:
        raise ValueError(f"expected_lift is {written!r}; write 0.4 for 40 % more, -1 for closed")
    return Promotion(day, name, where, float(lift))
