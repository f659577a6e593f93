"""Quantiles of a column larger than memory, and medians of its groups: exact, by counting instead of sorting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw
import numpy as np

if TYPE_CHECKING:
    from steelyard.data.schema import Frame, SourcePort

__all__ = ["medians", "quantiles"]

_BUCKETS = 1 << 16
_HELD = 1_000_000


def quantiles(
    sources: SourcePort, frame: Frame, column: str, shares: Sequence[float], *, held: int = _HELD
) -> list[float]:
    """Quantiles between the two nearest values, as ``numpy.quantile`` gives them.

    The values are counted in equal bands; the band that a quantile falls in is counted again, until it is small enough
    to be held and sorted.

    Args:
        sources: Works the frame out.
        frame: Has the column; no value is null.
        column: Of numbers.
        shares: In [0, 1].
        held: Most values that are held.

    Returns:
        One for each share; empty where there is no value.
    """
    n = int(sources.arrays(frame.select(nw.len().alias("n")))["n"][0])
    if not n:
        return []
    found = []
    for share in shares:
        at = (n - 1) * share
        low, high = _neighbours(sources, frame.select(nw.col(column).alias("x")), int(np.floor(at)), held=held)
        found.append(float(np.quantile([low, high], at - np.floor(at), method="linear")))
    return found


def _neighbours(sources: SourcePort, frame: Frame, rank: int, *, held: int) -> tuple[float, float]:
    """The value at a rank, and the one after it (the same where it is the last)."""
    x = nw.col("x")
    ends = sources.arrays(frame.select(nw.len().alias("n"), x.min().alias("low"), x.max().alias("high")))
    n, low, high, last = int(ends["n"][0]), float(ends["low"][0]), float(ends["high"][0]), float(ends["high"][0])
    while n > held and high > low:
        band = ((x - low) / ((high - low) / _BUCKETS)).cast(nw.Int64()).alias("band")
        within = frame.filter((x >= low) & (x <= high)).select("x", band).group_by("band")
        counted = within.agg(nw.len().alias("n"), x.min().alias("low"), x.max().alias("high")).sort("band")
        bands = sources.arrays(counted)
        stops = np.cumsum(bands["n"])
        which = int(np.searchsorted(stops, rank, side="right"))
        rank -= int(stops[which - 1]) if which else 0
        n, low, high = int(bands["n"][which]), float(bands["low"][which]), float(bands["high"][which])
    if n > held:  # all alike
        value, follows = low, low if rank + 1 < n else None
    else:
        values = np.sort(sources.arrays(frame.filter((x >= low) & (x <= high)))["x"])
        value, follows = float(values[rank]), float(values[rank + 1]) if rank + 1 < n else None
    if follows is None and high < last:
        follows = float(sources.arrays(frame.filter(x > high).select(x.min().alias("x")))["x"][0])
    return value, value if follows is None else follows


def medians(sources: SourcePort, frame: Frame, column: str, *, by: str, name: str) -> Frame:
    """The median of each group, without holding any group's values: those that are alike are counted first.

    Args:
        sources: Holds the scratch table ``name`` afterwards, of values and their counts.
        frame: Has both columns; what is null in ``column`` does not count.
        column: Of numbers.
        by: What is grouped.
        name: Of the scratch table.

    Returns:
        A row for each group with a value: ``by`` and, in ``column``, the mean of the two values in the middle.
    """
    alike = frame.filter(~nw.col(column).is_null()).group_by(by, column).agg(nw.len().alias("_alike"))
    alike = sources.keep(alike, name)
    count, until = nw.col("_alike"), nw.col("_until")
    reached = alike.with_columns(
        count.cum_sum().over(by, order_by=column).alias("_until"), count.sum().over(by).alias("_all")
    )
    lower, upper = ((nw.col("_all") + 1) // 2, nw.col("_all") // 2 + 1)  # places of the two, from 1
    is_middle = ((until >= lower) & (until - count < lower)) | ((until >= upper) & (until - count < upper))
    ends = reached.filter(is_middle).group_by(by)
    middle = ends.agg(nw.col(column).min().alias("_low"), nw.col(column).max().alias("_high"))
    return middle.select(by, ((nw.col("_low") + nw.col("_high")) / 2).alias(column))
