"""The catalogue's stock column: read value by value, and checked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw

from steelyard.data.quality import Check
from steelyard.data.values.stock import Stock, read_stock
from steelyard.errors import DataError

if TYPE_CHECKING:
    from steelyard.data.schema import Frame, SourcePort

__all__ = ["stock_checks", "with_stock"]


def stock_checks() -> list[Check]:
    """Checks of what ``with_stock`` found."""
    meaning = nw.col("_stock")
    unread = "the stock cannot be read; the item is hidden: say in stock_words what the value means"
    ordered = "the item can be ordered but not sent yet; hidden unless stock_words says otherwise"
    return [
        Check("stock_unreadable", "warning", "set_aside", meaning == nw.lit("unread"), unread, values_of="stock"),
        Check(
            "stock_negative",
            "warning",
            "flag",
            meaning == nw.lit("negative"),
            "the stock is below zero; taken as none",
        ),
        Check("stock_on_order", "info", "flag", meaning == nw.lit("on_order"), ordered, values_of="stock"),
        Check("stock_missing", "info", "flag", meaning.is_null(), "no stock is given; offered as available"),
    ]


def with_stock(sources: SourcePort, frame: Frame, *, column: str, words: Mapping[str, bool]) -> Frame:
    """The frame with what each stock says.

    Args:
        sources: For an intermediate table.
        frame: Has ``stock`` as it is written.
        column: The source's name of the column, for the message.
        words: The shop's own words, and whether each means that the item can be had.

    Returns:
        The frame with ``_stock``: ``read``, ``unread``, ``negative``, ``on_order``, or null where nothing is said.

    Raises:
        DataError: Not one value can be read.
    """
    counted = frame.filter(~nw.col("stock").is_null()).group_by("stock").agg(nw.len().alias("_n"))
    examples: list[str] = []
    n_said = 0
    with sources.writing({"stock": "text", "_stock": "text"}, name="stock_values") as rows:
        for batch in sources.batches(counted.sort("_n", "stock", descending=[True, False])):
            meanings = [_meaning(read_stock(value, words=words)) for value in batch["stock"]]
            rows.write({"stock": batch["stock"], "_stock": meanings})
            n_said += sum(meaning != "unread" for meaning in meanings)
            unread = [value for value, meaning in zip(batch["stock"], meanings, strict=True) if meaning == "unread"]
            examples += unread[: 3 - len(examples)]
    if examples and not n_said:
        raise DataError(
            f"[data.items] not one value of column {column!r} can be read as stock, for example {examples}: give the "
            "right column in [data.items.columns], or say what the words mean: "
            f"stock_words = {{ {json.dumps(examples[0], ensure_ascii=False)} = true }} in [data.items]"
        )
    return frame.join(sources.table("stock_values"), on="stock", how="left")


def _meaning(stock: Stock) -> str | None:
    if not stock.is_read:
        return "unread"
    if stock.is_on_order or stock.is_negative:
        return "on_order" if stock.is_on_order else "negative"
    return None if stock.is_available is None else "read"
