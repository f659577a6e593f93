"""Rows that a detector's conditions hold for, counted in one pass, with the first of each as samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw

from steelyard.data.quality import Check, Finding, plain

if TYPE_CHECKING:
    from steelyard.data.schema import Frame

__all__ = ["count_flags", "first_rows"]

_SAMPLES = 5
_LISTED = 10


def count_flags(frame: Frame, checks: Sequence[Check], *, table: str, n_in: int) -> list[Finding]:
    """A finding for each condition that holds anywhere.

    Args:
        frame: Has a column ``row``.
        checks: Conditions; a row may meet several.
        table: Name in the findings.
        n_in: Rows of the table, for shares.

    Returns:
        Counts, the first five rows, and the commonest values where a check names a column of them.
    """
    sums = [nw.when(c.when).then(nw.lit(1)).otherwise(nw.lit(0)).sum().alias(c.reason) for c in checks]
    counts = frame.select(*sums).collect().rows(named=True)[0]
    found = []
    for check in checks:
        if n := int(counts[check.reason] or 0):
            caught = frame.filter(check.when)
            values = _values(caught, check.values_of) if check.values_of else {}
            samples = first_rows(caught)
            found.append(Finding(table, check.reason, check.severity, "flag", n, n / n_in, check.says, samples, values))
    return found


def first_rows(caught: Frame) -> tuple[Mapping[str, Any], ...]:
    """The first five rows, without columns of the checks' own, empty values, and the ends of long texts."""
    public = [name for name in caught.collect_schema().names() if not name.startswith("_")]
    rows = caught.select(*public).sort("row").head(_SAMPLES).collect()
    return tuple({k: plain(k, v) for k, v in row.items() if v is not None} for row in rows.rows(named=True))


def _values(caught: Frame, column: str) -> dict[str, int]:
    counted = caught.filter(~nw.col(column).is_null()).group_by(column).agg(nw.len().alias("_n"))
    rows = counted.sort("_n", column, descending=[True, False]).head(_LISTED).collect()
    return {plain(column, row[column]): int(row["_n"]) for row in rows.rows(named=True)}
