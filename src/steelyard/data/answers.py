"""Pairs of question and answer: checked, cleaned, and joined to the products they are about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw

from steelyard.data.identifiers import WRITTEN, match_items
from steelyard.data.quality import Check, Checked, check_rows
from steelyard.data.schema import StoredType, Wanted
from steelyard.data.values.normalise import clean
from steelyard.errors import DataError

if TYPE_CHECKING:
    from steelyard.data.schema import Frame, SourcePort

__all__ = ["ANSWER_COLUMNS", "check_answers", "write_answers"]

ANSWER_COLUMNS: dict[str, StoredType] = {"question": "text", "answer": "text", "item": "int"}
"""Columns of ``answers.parquet``; ``item`` is -1 where the answer is about no single product."""


def check_answers(sources: SourcePort, frame: Frame, wanted: Wanted, *, items: Frame) -> Checked:
    """Check the rows.

    Args:
        sources: For intermediate tables.
        frame: What ``scan`` gave, stored.
        wanted: The roles that were read.
        items: Has ``item_id`` and ``item``.

    Returns:
        Kept rows have ``_item`` besides their own columns, null where no product is named.

    Raises:
        DataError: No row can be used.
    """
    has_items = wanted.role("item_id") is not None
    if has_items:
        frame = match_items(sources, frame, items, table="answers")
        frame = frame.join(items.select("item_id", nw.col("item").alias("_item")), on="item_id", how="left")
    else:
        nothing = nw.lit(None, dtype=nw.String())
        frame = frame.with_columns(nothing.alias("item_id"), nw.lit(None, dtype=nw.Int64()).alias("_item"))
        frame = frame.with_columns(nothing.alias(WRITTEN))
    same = ["question", "answer", "item_id"]
    firsts = frame.group_by(*same).agg(nw.col("row").min()).select("row", nw.lit(1).alias("_is_first"))
    frame = frame.join(firsts, on="row", how="left")
    checked = check_rows(sources, frame, _checks(), table="answers")
    if checked.n_quarantined == checked.n_in:
        found = ", ".join(f"{finding.reason} {finding.count:,}" for finding in checked.findings)
        raise DataError(
            f"none of the {checked.n_in:,} rows of [data.answers] can be used: {found}. "
            "Name other columns in [data.answers.columns]"
        )
    return checked


def write_answers(sources: SourcePort, kept: Frame, *, target: str) -> None:
    """Store the pairs as ``answers.parquet``, in the order of the rows.

    Args:
        sources: Writes the file.
        kept: What ``check_answers`` kept.
        target: The file.
    """
    with sources.writing(ANSWER_COLUMNS, target=target) as rows:
        for batch in sources.batches(kept.sort("row")):
            rows.write(
                {
                    "question": [clean(text) for text in batch["question"]],
                    "answer": [clean(text) for text in batch["answer"]],
                    "item": [-1 if item is None else item for item in batch["_item"]],
                }
            )


def _checks() -> list[Check]:
    return [
        Check("question_missing", "error", "quarantine", nw.col("question").is_null(), "the row has no question"),
        Check("answer_missing", "error", "quarantine", nw.col("answer").is_null(), "the row has no answer"),
        Check(
            "answered_item_unknown",
            "error",
            "quarantine",
            nw.col("_item").is_null() & ~nw.col("item_id").is_null(),
            "the product it is about is not in the catalogue",
            values_of="item_id",
        ),
        Check(
            "answer_duplicate",
            "warning",
            "quarantine",
            nw.col("_is_first").is_null(),
            "an earlier row has the same question, answer and product",
        ),
        Check(
            "answered_item_repaired",
            "warning",
            "flag",
            ~nw.col(WRITTEN).is_null(),
            "the item id was written otherwise than in the catalogue; read as the catalogue's",
            values_of=WRITTEN,
        ),
    ]
