"""Times of an export that has no dates: the days between a person's orders, added up from a day that is assumed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from steelyard.adapters.shop.join_keys import KeyHash
from steelyard.adapters.shop.number_sql import read_number
from steelyard.adapters.shop.source_sql import is_numeric, written_text
from steelyard.adapters.shop.sql_words import answered, literal, quoted
from steelyard.adapters.shop.time_sql import local_time
from steelyard.data.schema import Clock
from steelyard.errors import DataError

__all__ = ["Elapsed", "inputs", "with_times"]

_IN = ("_who", "_number", "_days", "_weekday", "_hour")


@dataclass(frozen=True, slots=True)
class Elapsed:
    """What was added up."""

    people: int
    orders: int
    longest: float
    """Most days between two orders."""
    n_longest: int
    """Gaps of that length: where the export cuts them off, they were longer."""
    n_skipped: int
    """People of whose numbers one is missing, so that their later times are too early."""


def inputs(clock: Clock, types: Mapping[str, str], keys: KeyHash) -> list[str]:
    """SQL for the columns that the times are added up from; people are hashed.

    Args:
        clock: Names the columns.
        types: The engine's type of each column.
        keys: Hashes people.

    Returns:
        Expressions with the aliases that ``with_times`` takes away again.
    """
    numbers = [clock.order, clock.days, clock.weekday, clock.hour]
    values = [keys.of(keys.text((clock.person,), types))]
    values += [_number(name, types[name]) if name else "0.0" for name in numbers]
    return [f"{value} AS {name}" for value, name in zip(values, _IN, strict=True)]


def _number(name: str, type_: str) -> str:
    if is_numeric(type_):
        return f"CAST({quoted(name)} AS DOUBLE)"
    return read_number(written_text(name, type_, "values"), is_comma=False)


def with_times(
    frame: duckdb.DuckDBPyRelation, clock: Clock, *, stored: str, file: str, timezone: str
) -> tuple[duckdb.DuckDBPyRelation, Elapsed]:
    """The rows with the role ``time``.

    Args:
        frame: Has the columns of ``inputs``.
        clock: What is added up.
        stored: Parquet file for the orders.
        file: In messages.
        timezone: Of the shop; UTC where empty.

    Returns:
        The rows with ``time`` in seconds since 1970 UTC, and null in ``time_text``; the time is null where a gap before
        it is not told. And what was added up.

    Raises:
        DataError: One order has two different gaps.
    """
    frame.project(", ".join(_IN)).filter("_who IS NOT NULL AND _number IS NOT NULL").distinct().write_parquet(stored)
    orders = f"read_parquet({literal(stored)})"
    source = frame.query("raw", f"SELECT * FROM {orders}")  # noqa: S608
    assert source is not None
    twice = answered(source, "SELECT _number FROM raw GROUP BY _who, _number HAVING count(*) > 1 ORDER BY 1 LIMIT 3")
    if twice:
        shown = ", ".join(f"{number:g}" for (number,) in twice)
        raise DataError(
            f"{file}: one person's order has two values of {clock.days} (for example number {shown}): relative_time "
            "needs one order with one number; look whether person and order name the right columns"
        )
    begins = f"TIMESTAMP {literal(clock.begins.isoformat())}"
    at = local_time(f"({begins} + to_seconds(s))", timezone)
    times = source.query("raw", f"SELECT _who AS _who_t, _number AS _number_t, {at} AS time FROM ({_SECONDS})")  # noqa: S608
    assert times is not None
    joined = frame.set_alias("rows_of_file").join(
        times.set_alias("times_of_orders"), "_who = _who_t AND _number = _number_t", how="left"
    )
    shown = ", ".join(quoted(name) for name in frame.columns if name not in _IN)
    return joined.project(f"{shown}, time, NULL::VARCHAR AS time_text"), _elapsed(source)


_SECONDS = """
SELECT _who, _number,
  CASE WHEN count(*) FILTER (k > 1 AND NOT coalesce(_days >= 0, false)) OVER p = 0
    AND _hour BETWEEN 0 AND 23 AND first_value(_weekday) OVER p BETWEEN 0 AND 6
  THEN 86400 * (first_value(_weekday) OVER p + sum(CASE WHEN k > 1 THEN _days ELSE 0 END) OVER p) + 3600 * _hour END s
FROM (SELECT *, row_number() OVER (PARTITION BY _who ORDER BY _number) AS k FROM raw)
WINDOW p AS (PARTITION BY _who ORDER BY _number ROWS UNBOUNDED PRECEDING)
"""


def _elapsed(orders: duckdb.DuckDBPyRelation) -> Elapsed:
    longest = answered(orders, "SELECT count(*), coalesce(max(_days), 0) FROM raw")[0]
    people = answered(
        orders,
        "SELECT count(*), count(*) FILTER (n <> spread) FROM "
        "(SELECT count(*) AS n, max(_number) - min(_number) + 1 AS spread FROM raw GROUP BY _who)",
    )[0]
    n = answered(orders, f"SELECT count(*) FROM raw WHERE _days = {longest[1]!r}")[0][0]  # noqa: S608
    return Elapsed(int(people[0]), int(longest[0]), float(longest[1]), int(n), int(people[1]))
