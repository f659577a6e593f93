"""The behaviour log's ratings: read by the scale of their column, and checked."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw

from steelyard.config.schema import EventsSource
from steelyard.data.quality import Check, Finding
from steelyard.data.ratings import RATING_NAMES, RatingScale, read_rating, scale_of
from steelyard.domain import EventKind

if TYPE_CHECKING:
    from steelyard.data.schema import Frame, SourcePort

__all__ = ["rating_checks", "scale_read", "tenth_of", "with_rating_column", "with_ratings"]

_STATE = "_rating_state"


def with_ratings(sources: SourcePort, frame: Frame, source: EventsSource) -> tuple[Frame, RatingScale | None]:
    """The frame with what each rating says.

    Args:
        sources: For intermediate tables.
        frame: Has ``rating`` (written) and ``_kind``.
        source: The log's section of the configuration.

    Returns:
        The frame with ``_rating_state`` (``liked``, ``not_liked``, ``missing``, ``unread``, ``outside``, ``no_scale``,
        ``no_column``; null for other kinds), ``_grade`` (tenths of the best rating, rounded up; null where it has none)
        and ``_is_liking`` (0 where a rating is not to be learnt from), and the scale; ``None`` where there is no rating
        to tell it from.
    """
    is_rating = nw.col("_kind") == nw.lit(EventKind.RATING.value)
    ratings = frame.filter(is_rating & ~nw.col("rating").is_null())
    counted = sources.keep(ratings.group_by("rating").agg(nw.len().alias("_n")), "ratings_counted")
    rows = [pair for batch in sources.batches(counted) for pair in zip(batch["rating"], batch["_n"], strict=True)]
    scale = scale_of(rows, top=source.rating_top, like_above=source.like_above) if rows else None
    with sources.writing({"rating": "text", _STATE: "text", "_grade": "int"}, name="ratings_read") as writer:
        values = [text for text, _ in rows]
        grades = [tenth_of(text, scale) for text in values]
        writer.write({"rating": values, _STATE: [_state(text, scale) for text in values], "_grade": grades})
    blank = "missing" if source.columns.rating else "no_column"
    frame = frame.join(sources.table("ratings_read"), on="rating", how="left")
    state = nw.when(is_rating).then(nw.coalesce(nw.col(_STATE), nw.lit(blank)))
    grade = nw.when(is_rating & (nw.col("_grade") > 0)).then(nw.col("_grade"))
    frame = frame.with_columns(state.alias(_STATE), grade.alias("_grade"))
    learnt = nw.col(_STATE).is_null() | nw.col(_STATE).is_in(["liked", "no_column"])
    return frame.with_columns(nw.when(learnt).then(nw.lit(1)).otherwise(nw.lit(0)).alias("_is_liking")), scale


def with_rating_column(source: EventsSource, columns: Sequence[str]) -> tuple[EventsSource, list[Finding]]:
    """The log's section with the column of the ratings' values.

    Args:
        source: As configured.
        columns: Names of the file's columns.

    Returns:
        As given where it names the column, or where the log has no ratings; else with the one column whose name can
        mean nothing else, and a finding that says so.
    """
    c = source.columns
    is_rated = source.kind == EventKind.RATING.value if c.kind is None else True
    named = [name for name in columns if re.sub(r"[\W_]+", "", name).lower() in RATING_NAMES]
    if c.rating or not is_rated or len(named) != 1 or named[0] in (c.kind, c.quantity, c.price, c.position):
        return source, []
    says = f"the ratings are read from column {named[0]!r}, which [data.events.columns] does not name: set rating"
    found = Finding("events", "rating_column_found", "info", "flag", 0, 0.0, says)
    return source.model_copy(update={"columns": c.model_copy(update={"rating": named[0]})}), [found]


def rating_checks(scale: RatingScale | None) -> list[Check]:
    """Checks of what ``with_ratings`` found.

    Args:
        scale: As it gave it.

    Returns:
        Ratings that cannot be on the scale go to quarantine; those that are not liking are kept and not learnt from.
    """
    found = nw.col(_STATE)
    limits = f"{scale.like_above:g} of {scale.top:g}" if scale else "the limit"
    ignored = f"the rating is at most {limits}: kept, not learnt from (like_above in [data.events])"
    unknown = (
        "the scale of the ratings cannot be told from the column: none is learnt from; set rating_top in [data.events]"
    )
    unvalued = (
        "no column gives the value of the ratings: one star counts like five; set rating in [data.events.columns]"
    )
    outside = f"the rating is not between 0 and {scale.top:g}" if scale else "the rating is outside its scale"
    return [
        Check(
            "rating_unreadable", "error", "quarantine", found == nw.lit("unread"), "the rating cannot be read", "rating"
        ),
        Check("rating_out_of_range", "error", "quarantine", found == nw.lit("outside"), outside, values_of="rating"),
        Check("rating_scale_unknown", "error", "flag", found == nw.lit("no_scale"), unknown, values_of="rating"),
        Check("rating_values_not_read", "warning", "flag", found == nw.lit("no_column"), unvalued),
        Check(
            "rating_missing", "warning", "flag", found == nw.lit("missing"), "the rating has no value: not learnt from"
        ),
        Check("rating_not_liking", "info", "flag", found == nw.lit("not_liked"), ignored, values_of="rating"),
    ]


def scale_read(scale: RatingScale | None, source: EventsSource | None) -> RatingScale:
    """The scale a running shop takes ratings on: the log's, else the configuration's, else five stars."""
    if scale is not None:
        return scale
    top = source.rating_top if source and source.rating_top else RatingScale().top
    told = scale_of((), top=top, like_above=source.like_above if source else None)
    return told or RatingScale()


def tenth_of(text: str, scale: RatingScale | None) -> int:
    """The grade of a written rating: tenths of the best one, rounded up, 1 to 10; 0 where it has none."""
    read = read_rating(text)
    if read is None or scale is None:
        return 0
    share = read[0] if read[1] else read[0] / scale.top
    return max(1, math.ceil(round(10 * share, 6))) if 0 <= share <= 1 else 0


def _state(text: str, scale: RatingScale | None) -> str:
    read = read_rating(text)
    if read is None:
        return "unread"
    if scale is None:
        return "no_scale"
    value = read[0] * scale.top if read[1] else read[0]
    if not 0 <= value <= scale.top:
        return "outside"
    return "liked" if scale.is_liking(value) else "not_liked"
