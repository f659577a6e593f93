"""One decision for a column of times, from all of its values: order of its dates, zones, a spreadsheet's days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from steelyard.adapters.shop.source_sql import is_numeric, written_text
from steelyard.adapters.shop.sql_words import RawRows, answered
from steelyard.adapters.shop.time_sql import SERIALS, TimeReading, clock_changes, fields_read
from steelyard.data.remarks import Habits, Remark
from steelyard.data.schema import Wanted
from steelyard.data.values.number_forms import FormCount
from steelyard.data.values.time_forms import ORDERS, Order, TimeForms, forms_of
from steelyard.data.values.time_order import OrderCount, decide_order, refuse_turned
from steelyard.data.values.time_zones import settle_zones, zone_remarks
from steelyard.errors import DataError

__all__ = ["read_times", "typed_times"]

_LEAST_SERIALS = 0.9


_UNITS = (
    {n: "seconds" for n in (9, 10, 11)}
    | {13: "milliseconds"}
    | {n: "microseconds" for n in (15, 16, 17)}
    | {n: "nanoseconds" for n in (18, 19, 20)}
)
"""By how many digits; of eight, twelve and fourteen are dates without marks."""


def read_times(
    source: RawRows,
    column: str,
    types: Mapping[str, str],
    *,
    forms: Sequence[FormCount],
    wanted: Wanted,
) -> tuple[TimeReading, list[Remark]]:
    """How a column of written times is read.

    Args:
        source: The file's rows of raw texts.
        column: The one of the times.
        types: The engine's type of each column.
        forms: Its forms, digits written as 9.
        wanted: The table, and what the shop says of its habits.

    Returns:
        What was decided, and what is to be said of it.

    Raises:
        DataError: The column can be read in several ways, and nothing tells which.
    """
    known = forms_of(forms)
    habits = wanted.habits
    _check_zone(source, habits)
    text = written_text(column, types[column], "names")
    order, remarks = _order(source, text, known, wanted=wanted, column=column)
    has_serials, said = _serials(source, text, known, column=column, is_typed=is_numeric(types[column]))
    remarks += said
    regions = _regions(source, known)
    short = settle_zones(known.zones, habits, table=wanted.table, column=column)
    reading = TimeReading(known, order, habits.timezone, has_serials, regions, short)
    remarks += [*zone_remarks(known, habits, column=column), *_units(known, column=column)]
    return reading, [*remarks, *_changes(source, text, reading, column=column)]


def typed_times(source: RawRows, type_: str, *, habits: Habits) -> TimeReading:
    """How a column of the engine's own times is read: those without a zone are the shop's.

    Args:
        source: Any rows of the engine.
        type_: The engine's type of the column.
        habits: The shop's time zone.

    Returns:
        What was decided.

    Raises:
        DataError: There is no such zone.
    """
    _check_zone(source, habits)
    return TimeReading(timezone="" if "TIME ZONE" in type_ else habits.timezone)


def _order(source: RawRows, text: str, forms: TimeForms, *, wanted: Wanted, column: str) -> tuple[Order, list[Remark]]:
    if not forms.open:
        return "day-first", []
    if wanted.habits.dates:
        return wanted.habits.dates, []
    orders = [order for order in ORDERS if any(order in form.formats for _, form in forms.open)]
    counts = _order_counts(source, text, forms, orders=orders)
    n_iso, n_late = _iso_days(source, text) if forms.of_kind("iso") else (0, 0)
    if not n_late:
        refuse_turned(counts, n_early=n_iso, table=wanted.table, column=column)
    return decide_order(forms, counts, wanted.habits, table=wanted.table, column=column)


def _iso_days(source: RawRows, text: str) -> tuple[int, int]:
    """Dates written as 2024-03-05, and those of them with a day above 12."""
    late = "regexp_matches(x, '^\\d{4}-\\d{2}-(1[3-9]|2|3)')"
    found = answered(
        source,
        f"SELECT count(*), count(*) FILTER ({late}) FROM (SELECT {text} AS x FROM raw) "  # noqa: S608
        "WHERE regexp_matches(x, '^\\d{4}-\\d{2}-\\d{2}')",
    )[0]
    return int(found[0]), int(found[1])


def _order_counts(source: RawRows, text: str, forms: TimeForms, *, orders: Sequence[Order]) -> dict[Order, OrderCount]:
    open_forms = TimeForms(forms.open)
    times = ", ".join(f"{fields_read('x', open_forms, order)} AS t{i}" for i, order in enumerate(orders))
    n = range(len(orders))
    lags = ", ".join(f"lag(t{i}) OVER () AS p{i}" for i in n)
    differ = " OR ".join(f"t{i} <> t{j}" for i in n for j in range(i)) or "true"
    chosen = f"coalesce(min(x) FILTER ({differ}), min(x))"
    columns = []
    for i in n:
        others = " AND ".join([f"t{i} IS NOT NULL", *(f"t{j} IS NULL" for j in n if j != i)])
        first = f"coalesce(arg_min(t{i}, x) FILTER ({differ}), arg_min(t{i}, x))"
        columns += [
            f"count(t{i})",
            f"count(*) FILTER ({others})",
            f"strftime({first}, '%Y-%m-%d')",
            f"coalesce(epoch(min(t{i})), 0)",
            f"coalesce(epoch(max(t{i})), 0)",
            f"count(*) FILTER (t{i} < p{i})",
            f"count(*) FILTER (t{i} <> p{i})",
        ]
    row: tuple[Any, ...] = answered(
        source,
        f"SELECT {chosen}, {', '.join(columns)} FROM (SELECT *, {lags} FROM "  # noqa: S608
        f"(SELECT x, {times} FROM (SELECT {text} AS x FROM raw)) WHERE coalesce({', '.join(f't{i}' for i in n)}) "
        "IS NOT NULL)",
    )[0]
    each = [row[1 + 7 * i : 8 + 7 * i] for i in n]
    return {
        order: OrderCount(found[0], found[1], str(row[0]), str(found[2]), *found[3:])
        for order, found in zip(orders, each, strict=True)
    }


def _serials(source: RawRows, text: str, forms: TimeForms, *, column: str, is_typed: bool) -> tuple[bool, list[Remark]]:
    """Whether bare numbers are days as spreadsheets count them: where all but a few are in their range."""
    short = [each for each, form in forms.counted if form.kind == "number" and len(_whole(each.form)) <= 5]
    if not short:
        return False, []
    number = f"TRY_CAST(replace({text}, ',', '.') AS DOUBLE)"
    row = answered(
        source,
        f"SELECT count(*) FILTER (n BETWEEN {SERIALS[0]} AND {SERIALS[1]}), count(*) FILTER (n < 1e8), "  # noqa: S608
        f"min(x) FILTER (n BETWEEN {SERIALS[0]} AND {SERIALS[1]}) FROM (SELECT {number} AS n, {text} AS x FROM raw)",
    )[0]
    n_days, n_small, example = int(row[0]), int(row[1]), row[2]
    if not n_days or n_days < _LEAST_SERIALS * n_small:
        return False, []
    shown = _date_of_serial(float(str(example).replace(",", ".")))
    says = (
        f"column {column!r} holds the numbers a spreadsheet has for dates: {str(example)!r} was read as {shown}; if "
        "they are something else, give the right column"
    )
    return True, [Remark("times_are_serials", "warning", n_days, says)]


def _units(forms: TimeForms, *, column: str) -> list[Remark]:
    """Counts since 1970 in several units: each is read by its size, as one machine among others may write them."""
    found: dict[str, int] = {}
    for each, form in forms.counted:
        unit = _UNITS.get(len(_whole(each.form))) if form.kind == "number" else None
        if unit:
            found[unit] = found.get(unit, 0) + each.count
    if len(found) < 2:
        return []
    says = f"column {column!r} counts the time since 1970 in {' and '.join(found)}: each was read by its size"
    return [Remark("time_units_mixed", "warning", sum(found.values()) - max(found.values()), says, found)]


def _whole(form: str) -> str:
    return form.lstrip("-").replace(",", ".").split(".")[0]


def _date_of_serial(days: float) -> str:
    date = datetime(1899, 12, 30, tzinfo=UTC) + timedelta(seconds=round(days * 86_400))
    return date.strftime("%Y-%m-%d %H:%M")


def _changes(source: RawRows, text: str, reading: TimeReading, *, column: str) -> list[Remark]:
    """Local times that do not exist, or exist twice, where clocks are put forward and back."""
    has_clock = any(form.has_clock and not form.zone for _, form in reading.forms.counted)
    if reading.timezone in ("", "UTC") or not has_clock:
        return []
    counts = [f"count(*) FILTER ({change})" for change in clock_changes("x", reading)]
    row = answered(source, f"SELECT {', '.join(counts)} FROM (SELECT {text} AS x FROM raw)")[0]  # noqa: S608
    left_out = (
        f"times of column {column!r} fall into the hour that {reading.timezone} leaves out when clocks go forward; "
        "taken as an hour later"
    )
    twice = (
        f"times of column {column!r} fall into the hour that comes twice in {reading.timezone} when clocks go back; "
        "taken as the second of the two: write offsets to tell them apart"
    )
    found = (
        Remark("times_left_out_by_clock", "info", int(row[0]), left_out),
        Remark("times_twice_on_clock", "info", int(row[1]), twice),
    )
    return [each for each in found if each.count]


def _regions(source: RawRows, forms: TimeForms) -> tuple[str, ...]:
    """Names of regions (Europe/Berlin) among the zones, as the engine knows them."""
    named = {zone.lower() for zone in forms.zones if "/" in zone}
    if not named:
        return ()
    return tuple(name for name in _engine_zones(source) if name.lower() in named)


def _check_zone(source: RawRows, habits: Habits) -> None:
    if habits.timezone and habits.timezone not in _engine_zones(source):
        raise DataError(
            f"[shop] timezone {habits.timezone!r} is not known: write it as Europe/Berlin, America/New_York or UTC"
        )


def _engine_zones(source: RawRows) -> list[str]:
    rows = answered(source.limit(0), "SELECT name FROM pg_timezone_names() ORDER BY name")
    return [str(row[0]) for row in rows]
