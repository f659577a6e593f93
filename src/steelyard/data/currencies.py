"""Prices of another currency than the shop's, told by a column of currencies: they are set aside, never added up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw

from steelyard.data.checks import Check
from steelyard.data.values.amounts import codes_of

if TYPE_CHECKING:
    from steelyard.data.schema import Frame, SourcePort, Wanted

__all__ = ["OTHER_CURRENCY", "currency_checks", "with_currency"]

OTHER_CURRENCY = "_other_currency"
"""1 where the row's price is of another currency and was emptied."""


def with_currency(sources: SourcePort, frame: Frame, wanted: Wanted) -> Frame:
    """The frame in which only prices of the shop's currency are left.

    The shop's currency is ``[shop] currency``; where that is not set, the one that most rows name.

    Args:
        sources: For intermediate tables.
        frame: Has ``price``, and ``currency`` where one is read.
        wanted: The roles that were read.

    Returns:
        All rows, with ``OTHER_CURRENCY``. A row that names no currency keeps its price.
    """
    if not wanted.role("currency") or not wanted.role("price"):
        return frame.with_columns(nw.lit(0).alias(OTHER_CURRENCY))
    counted = frame.filter(~nw.col("currency").is_null() & ~nw.col("price").is_null())
    counted = counted.group_by("currency").agg(nw.len().alias("n")).sort("n", "currency", descending=[True, False])
    written = [name for batch in sources.batches(counted) for name in batch["currency"]]
    own = wanted.habits.currency or (next(iter(codes_of(written[0])), "") if written else "")
    others = [name for name in written if own not in codes_of(name)]
    if not others:
        return frame.with_columns(nw.lit(0).alias(OTHER_CURRENCY))
    is_other = ~nw.col("price").is_null() & nw.coalesce(nw.col("currency"), nw.lit("")).is_in(others)
    frame = frame.with_columns(nw.when(is_other).then(nw.lit(1)).otherwise(nw.lit(0)).alias(OTHER_CURRENCY))
    return frame.with_columns(nw.when(nw.col(OTHER_CURRENCY) == 0).then(nw.col("price")).alias("price"))


def currency_checks(wanted: Wanted) -> list[Check]:
    """What is said of currencies.

    Args:
        wanted: The roles that were read.

    Returns:
        A check of a frame that ``with_currency`` gave; none where no column names currencies.
    """
    if not wanted.role("currency") or not wanted.role("price"):
        return []
    says = "the price is in another currency than the shop's; it is emptied: convert it before export"
    is_other = nw.col(OTHER_CURRENCY) == 1
    return [Check("price_other_currency", "warning", "set_aside", is_other, says, values_of="currency")]
