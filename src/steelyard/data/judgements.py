"""Relevance judged by people: checked, joined to texts, and divided into tuning and test queries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw

from steelyard.data.identifiers import WRITTEN, match_items
from steelyard.data.quality import Check, Checked, check_rows, listed, refuse_if_nothing_reads, unreadable
from steelyard.data.schema import Wanted
from steelyard.data.split import query_id
from steelyard.errors import DataError

if TYPE_CHECKING:
    from steelyard.data.schema import Frame, SourcePort

__all__ = ["check_judgements", "gains_by_text", "queries_of"]


def check_judgements(sources: SourcePort, frame: Frame, wanted: Wanted, *, gain_offset: float, items: Frame) -> Checked:
    """Check the judgements; of several for one query and item the highest gain is kept.

    Args:
        sources: For intermediate tables.
        frame: What ``scan`` gave, stored.
        wanted: The roles that were read.
        gain_offset: Added to every value.
        items: Has ``item_id``, ``item`` and ``text``.

    Returns:
        Kept rows have ``_query_id``, ``_item``, ``_text`` and ``_gain`` besides their own columns.

    Raises:
        DataError: No gain can be read, or no judged item is in the catalogue.
    """
    role = wanted.role("gain")
    refuse_if_nothing_reads(frame, table="judgements", column=role.columns[0] if role else "", name="gain")
    frame = match_items(sources, frame, items, table="judgements")
    _write_query_ids(sources, frame)
    frame = (
        frame.join(sources.table("query_ids"), on="query", how="left")
        .join(
            items.select("item_id", nw.col("item").alias("_item"), nw.col("text").alias("_text")),
            on="item_id",
            how="left",
        )
        .with_columns((nw.col("gain") + nw.lit(gain_offset)).alias("_gain"))
    )
    pair = ["_query_id", "item_id"]
    highest = frame.group_by(*pair).agg(nw.col("_gain").max().alias("_highest"))
    best = frame.join(highest, on=pair, how="inner").filter(nw.col("_gain") == nw.col("_highest"))
    firsts = best.group_by(*pair).agg(nw.col("row").min()).select("row", nw.lit(1).alias("_is_first"))
    frame = frame.join(firsts, on="row", how="left")
    checked = check_rows(sources, frame, _checks(), table="judgements")
    if checked.n_quarantined == checked.n_in:
        raise DataError(_nothing_left(checked, frame, items))
    return checked


def queries_of(kept: Frame) -> Frame:
    """The judged queries: ``_query_id`` and the ``query`` as it was first written, in order of appearance."""
    firsts = kept.group_by("_query_id").agg(nw.col("row").min())
    return kept.join(firsts, on=["_query_id", "row"], how="inner").select("_query_id", "query", "row").sort("row")


def gains_by_text(kept: Frame) -> Frame:
    """``query_id``, ``text`` and ``gain``: the highest of the items that share the text. Zeros stay."""
    found = kept.group_by("_query_id", "_text").agg(nw.col("_gain").max().alias("gain"))
    return found.select(nw.col("_query_id").alias("query_id"), nw.col("_text").alias("text"), "gain")


def _write_query_ids(sources: SourcePort, frame: Frame) -> None:
    distinct = frame.filter(~nw.col("query").is_null()).select("query").unique()
    with sources.writing({"query": "text", "_query_id": "text"}, name="query_ids") as rows:
        for batch in sources.batches(distinct):
            rows.write({"query": batch["query"], "_query_id": [query_id(query) for query in batch["query"]]})


def _checks() -> list[Check]:
    unknown = nw.col("_item").is_null()
    says = "the query and item were judged before, or elsewhere with a higher gain, which is kept"
    return [
        Check("query_missing", "error", "quarantine", nw.col("query").is_null(), "the row has no query"),
        Check("judged_item_missing", "error", "quarantine", nw.col("item_id").is_null(), "the row names no item"),
        Check(
            "query_judged_item_unknown",
            "error",
            "quarantine",
            unknown,
            "the judged item is not in the catalogue",
            values_of="item_id",
        ),
        Check(
            "gain_not_a_number",
            "error",
            "quarantine",
            unreadable("gain"),
            "the gain cannot be read",
            values_of="gain_text",
        ),
        Check("gain_missing", "error", "quarantine", nw.col("gain").is_null(), "the row has no gain"),
        Check(
            "gain_negative",
            "warning",
            "quarantine",
            nw.col("_gain") < 0,
            "the gain is negative after gain_offset was added",
        ),
        Check("judgement_duplicate", "warning", "quarantine", nw.col("_is_first").is_null(), says, is_loss=False),
        Check(
            "judged_item_repaired",
            "warning",
            "flag",
            ~nw.col(WRITTEN).is_null(),
            "the item id was written otherwise than in the catalogue; read as the catalogue's",
            values_of=WRITTEN,
        ),
    ]


def _nothing_left(checked: Checked, judgements: Frame, items: Frame) -> str:
    found = listed(checked.findings)
    ids = [frame.select("item_id").head(3).collect()["item_id"].to_list() for frame in (judgements, items)]
    return (
        f"none of the {checked.n_in:,} rows of [data.judgements] can be used: {found}. "
        f"Judged item ids look like {ids[0]}, those of the catalogue like {ids[1]}: do the columns match?"
    )
