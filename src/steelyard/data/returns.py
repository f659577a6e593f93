"""Returns and cancellations: which purchases they undo."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw

from steelyard.domain import EventKind

if TYPE_CHECKING:
    from steelyard.data.schema import Frame, SourcePort

__all__ = ["RETURN_WORDS", "mark_undone", "undone"]

RETURN_WORDS = (
    *("return", "returned", "refund", "refunded", "cancel", "canceled", "cancelled", "cancellation", "chargeback"),
    *("退货", "退款", "取消", "取消订单", "退换货", "返品", "キャンセル"),
)
"""Words of a kind column that mean a return or a cancellation."""

Step = tuple[int, float, bool]
"""Row number, pieces (above 0), and whether it is a return."""


def undone(steps: Iterable[Step]) -> Iterator[int]:
    """Rows of the purchases that later returns took back whole, of one user and item.

    A return takes back the latest pieces bought before it; one without a number of pieces (infinity) takes back the
    latest purchase. What was returned without having been bought takes back nothing.

    Args:
        steps: In order of time.

    Yields:
        Row numbers of purchases with no piece left.
    """
    left: list[list[float]] = []
    for row, pieces, is_return in steps:
        if not is_return:
            left.append([row, pieces])
            continue
        still = pieces
        while left and still > 0:
            taken = min(still, left[-1][1])
            left[-1][1] -= taken
            still = still - taken if pieces != float("inf") else 0.0
            if left[-1][1] <= 0:
                yield int(left.pop()[0])


def mark_undone(sources: SourcePort, frame: Frame) -> Frame:
    """The frame with ``_undone``: 1 for purchases that were returned or cancelled later, null for other rows.

    Args:
        sources: For intermediate tables.
        frame: Has ``row``, ``user``, ``item_id``, ``time``, ``quantity``, ``_kind`` and ``_is_first`` (null for a row
            that is there twice).

    Returns:
        All rows and columns. Only the pairs of user and item that have a return are held, one pair at a time.
    """
    is_purchase = nw.col("_kind") == nw.lit(EventKind.PURCHASE.value)
    is_return = (nw.col("_kind") == nw.lit(EventKind.RETURN.value)) | (is_purchase & (nw.col("quantity") < 0))
    whole = frame.filter(~nw.col("user").is_null() & ~nw.col("item_id").is_null() & ~nw.col("time").is_null())
    whole = whole.filter(~nw.col("_is_first").is_null())
    pairs = whole.filter(is_return).select("user", "item_id").unique()
    back = nw.when(is_return).then(nw.lit(1)).otherwise(nw.lit(0)).alias("_back")
    steps = whole.filter(is_purchase | is_return).join(pairs, on=["user", "item_id"], how="inner")
    steps = steps.with_columns(back).select("user", "item_id", "time", "row", "quantity", "_back")
    with sources.writing({"row": "int", "_undone": "int"}, name="undone") as rows:
        for batch in _rows_undone(sources, steps.sort("user", "item_id", "time", "_back", "row")):
            rows.write({"row": batch, "_undone": [1] * len(batch)})
    return frame.join(sources.table("undone"), on="row", how="left")


def _rows_undone(sources: SourcePort, steps: Frame) -> Iterator[list[int]]:
    def each() -> Iterator[tuple[Any, ...]]:
        for batch in sources.batches(steps):
            names = ("user", "item_id", "row", "quantity", "_back")
            yield from zip(*(batch[name] for name in names), strict=True)

    found: list[int] = []
    for _, group in groupby(each(), key=lambda step: step[:2]):
        found += undone((row, _pieces(quantity, bool(back)), bool(back)) for _, _, row, quantity, back in group)
        if len(found) >= 10_000:
            yield found
            found = []
    yield found


def _pieces(quantity: float | None, is_return: bool) -> float:
    if quantity is None or quantity == 0:
        return float("inf") if is_return else 1.0
    return abs(quantity)
