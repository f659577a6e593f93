"""Relevance judged by people: checked, joined to texts, and divided into tuning and test queries."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw

from steelyard.config.data_tables import JudgementsSource
from steelyard.data.dividing.split import query_id
from steelyard.data.identifiers import WRITTEN, match_items, repairs_said
from steelyard.data.quality import Check, Checked, check_rows, listed, refuse_if_nothing_reads, unreadable
from steelyard.data.schema import Wanted
from steelyard.data.values.grades import GradeScale, likely_gains, scale_of_grades
from steelyard.errors import DataError

if TYPE_CHECKING:
    from steelyard.data.schema import Frame, SourcePort

__all__ = ["check_judgements", "gains_by_text", "queries_of"]

_MOST_GRADES = 1000


def check_judgements(
    sources: SourcePort, frame: Frame, wanted: Wanted, *, source: JudgementsSource, items: Frame
) -> Checked:
    """Check the judgements; of several for one query and item the highest gain is kept.

    Args:
        sources: For intermediate tables.
        frame: What ``scan`` gave, stored.
        wanted: The roles that were read.
        source: The judgements' section of the configuration.
        items: Has ``item_id``, ``item`` and ``text``.

    Returns:
        Kept rows have ``_query_id``, ``_item``, ``_text`` and ``_gain`` besides their own columns.

    Raises:
        DataError: No gain can be read, grades have no known meaning, or no judged item is in the catalogue.
    """
    role = wanted.role("gain")
    frame, scale = _with_grades(sources, frame, source)
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
        .with_columns((nw.col("gain") + nw.lit(source.gain_offset)).alias("_gain"))
    )
    pair = ["_query_id", "item_id"]
    highest = frame.group_by(*pair).agg(nw.col("_gain").max().alias("_highest"))
    best = frame.join(highest, on=pair, how="inner").filter(nw.col("_gain") == nw.col("_highest"))
    firsts = best.group_by(*pair).agg(nw.col("row").min()).select("row", nw.lit(1).alias("_is_first"))
    frame = frame.join(firsts, on="row", how="left")
    checked = check_rows(sources, frame, _checks(scale, repairs_said(sources, table="judgements")), table="judgements")
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


def _with_grades(sources: SourcePort, frame: Frame, source: JudgementsSource) -> tuple[Frame, GradeScale]:
    """The frame with gains for grades in letters or words, and what they mean; ``_grade`` is null for other gains.

    A word among numbers is of another scale: it is read only where the shop says what it means.
    """
    unread = unreadable("gain") if not source.grades else ~nw.col("gain_text").is_null()
    counted = (
        frame.filter(unread)
        .group_by("gain_text")
        .agg(nw.len().alias("_n"))
        .sort("_n", "gain_text", descending=[True, False])
    )
    rows = counted.head(_MOST_GRADES).collect()
    written = dict(zip(rows["gain_text"].to_list(), rows["_n"].to_list(), strict=True))
    has_numbers = len(frame.filter(~nw.col("gain").is_null()).head(1).collect()) > 0
    is_left = has_numbers and not source.grades
    scale = GradeScale({}) if is_left else scale_of_grades(written, grades=source.grades)
    unknown = {text: written[text] for text in scale.unknown if any(letter.isalpha() for letter in text)}
    if unknown:
        raise DataError(_unknown_grades(unknown, source))
    with sources.writing({"gain_text": "text", "_grade": "float"}, name="grades") as writer:
        writer.write({"gain_text": list(scale.gains), "_grade": [float(gain) for gain in scale.gains.values()]})
    frame = frame.join(sources.table("grades"), on="gain_text", how="left")
    return frame.with_columns(nw.coalesce(nw.col("_grade"), nw.col("gain")).alias("gain")), scale


def _unknown_grades(unknown: Mapping[str, int], source: JudgementsSource) -> str:
    commonest = sorted(unknown.items(), key=lambda pair: (-pair[1], pair[0]))[:10]
    listed = ", ".join(f"{grade!r} in {n:,} rows" for grade, n in commonest)
    column = source.columns.gain
    known = likely_gains([grade for grade, _ in commonest])
    example = ", ".join(f"{json.dumps(grade, ensure_ascii=False)} = {known.get(grade, '…')}" for grade, _ in commonest)
    return (
        f"[data.judgements] column {column!r} holds grades whose gain is not known: {listed}. Say what each means: "
        f"grades = {{ {example} }} in [data.judgements], with the gains that are right"
        + (" (… stands for those that no known scale has)" if len(known) < len(commonest) else "")
    )


def _write_query_ids(sources: SourcePort, frame: Frame) -> None:
    distinct = frame.filter(~nw.col("query").is_null()).select("query").unique()
    with sources.writing({"query": "text", "_query_id": "text"}, name="query_ids") as rows:
        for batch in sources.batches(distinct):
            rows.write({"query": batch["query"], "_query_id": [query_id(query) for query in batch["query"]]})


def _checks(scale: GradeScale, repairs: str) -> list[Check]:
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
            "gain_from_grade",
            "info" if scale.is_told else "warning",
            "flag",
            ~nw.col("_grade").is_null(),
            ("" if scale.is_told else "CHECK ")
            + f"the grade is a letter or a word; read as {scale.listed()}"
            + ("" if scale.is_told else ": if that is wrong, set grades in [data.judgements]"),
            values_of="gain_text",
        ),
        Check(
            "judged_item_repaired",
            "warning",
            "flag",
            ~nw.col(WRITTEN).is_null(),
            f"the item id was written otherwise than in the catalogue; read as the catalogue's ({repairs})",
            values_of=WRITTEN,
        ),
    ]


def _nothing_left(checked: Checked, judgements: Frame, items: Frame) -> str:
    found = listed(checked.findings)
    frames = ((judgements, "row"), (items, "item"))
    ids = [frame.sort(order).select("item_id").head(3).collect()["item_id"].to_list() for frame, order in frames]
    return (
        f"none of the {checked.n_in:,} rows of [data.judgements] can be used: {found}. "
        f"Judged item ids look like {ids[0]}, those of the catalogue like {ids[1]}: do the columns match?"
    )
