"""Rows of the log that are there again: the same row twice, one more piece, or one more item of a basket."""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw

from steelyard.config.schema import EventsSource
from steelyard.data.quality import Check
from steelyard.domain import EventKind

if TYPE_CHECKING:
    from steelyard.data.schema import Frame, SourcePort

__all__ = ["repeat_checks", "with_repeats"]

_SAME = (
    *("user", "item_id", "time", "session", "_kind", "query", "position", "quantity", "price", "event_id", "rating"),
)
_IS_PURCHASE = nw.col("_kind") == nw.lit(EventKind.PURCHASE.value)
_DAY_S = 86_400.0
_SAME_TIME_S = 1.0
_CLOCKS_OF_MIDNIGHT = 2
"""Midnight of a zone is two times of day in UTC, in summer and in winter."""
_FEW = 3


def with_repeats(
    sources: SourcePort, frame: Frame, source: EventsSource, *, has_event_ids: bool, timezone: str
) -> Frame:
    """The frame with what its repeated rows are.

    Most rows are alike in nothing, so few columns are grouped, and only the rows that are alike in them are compared in
    all and joined: a log of any length needs little memory.

    Args:
        sources: For intermediate tables.
        frame: Has the columns of every event, and ``_kind``.
        source: The log's section of the configuration.
        has_event_ids: Whether a column names events.
        timezone: Of times without a zone; empty where it is UTC.

    Returns:
        All rows, with ``_is_first`` (null for a row that is there twice), ``_is_piece`` (1 for a purchase that is
        another piece of an earlier equal row), ``_first_of_id`` (the row that has the event id) and ``_is_basket``
        (1 where the event id is one of a basket: of one user and time, and of several items).
    """
    texts = [nw.col(name).fill_null("").alias(f"_{name}") for name in ("user", "item_id")]
    narrow = ["_user", "_item_id", "time"]
    alike = frame.select(*texts, "time").group_by(*narrow).agg(nw.len().alias("_n")).filter(nw.col("_n") > 1)
    rows = frame.with_columns(*texts).join(alike, on=narrow, how="semi").select("row", *_SAME)
    rows = rows.with_columns(nw.col("row").min().over(*_SAME).alias("_first")).filter(nw.col("row") != nw.col("_first"))
    repeats = sources.keep(rows.select("row", "_first", "_kind"), "events_repeated")
    are_pieces = _are_pieces(frame, repeats, source, timezone=timezone)
    frame = frame.join(repeats.select("row", nw.lit(1).alias("_repeats")), on="row", how="left")
    frame = _with_baskets(sources, frame, has_ids=has_event_ids)
    is_unnamed = nw.col("event_id").is_null() | (nw.col("_is_basket") == 1)
    is_piece = (nw.col("_repeats") == 1) & _IS_PURCHASE & is_unnamed & nw.lit(are_pieces)
    is_first = nw.when(nw.col("_repeats").is_null() | is_piece).then(nw.lit(1))
    return frame.with_columns(_flag(is_piece).alias("_is_piece"), is_first.alias("_is_first")).drop("_repeats")


def _with_baskets(sources: SourcePort, frame: Frame, *, has_ids: bool) -> Frame:
    if not has_ids:
        return frame.with_columns(nw.col("row").alias("_first_of_id"), nw.lit(0).alias("_is_basket"))
    ids = frame.filter(~nw.col("event_id").is_null()).group_by("event_id")
    firsts = ids.agg(nw.col("row").min().alias("_first_of_id"), nw.len().alias("_n")).filter(nw.col("_n") > 1)
    firsts = sources.keep(firsts.drop("_n"), "events_of_taken_ids")
    user, time, item = nw.col("user"), nw.col("time"), nw.col("item_id")
    of_id = frame.select("event_id", "user", "time", "item_id").join(firsts, on="event_id", how="inner")
    of_id = of_id.group_by("event_id").agg(
        nw.col("_first_of_id").min(),
        user.min().alias("_least_user"),
        user.max().alias("_most_user"),
        (time.max() - time.min()).alias("_lasts_s"),
        item.min().alias("_least_item"),
        item.max().alias("_most_item"),
    )
    is_one_user = nw.col("_least_user").is_null() | (nw.col("_least_user") == nw.col("_most_user"))
    is_basket = is_one_user & (nw.col("_lasts_s") <= _SAME_TIME_S) & (nw.col("_least_item") != nw.col("_most_item"))
    of_id = of_id.select("event_id", "_first_of_id", _flag(is_basket).alias("_is_basket"))
    return frame.join(sources.keep(of_id, "events_of_baskets"), on="event_id", how="left")


def _flag(when: nw.Expr) -> nw.Expr:
    return nw.when(when).then(nw.lit(1)).otherwise(nw.lit(0))


def repeat_checks(source: EventsSource) -> list[Check]:
    """Checks of what ``with_repeats`` found.

    Args:
        source: The log's section of the configuration.

    Returns:
        Rows that are there twice go to quarantine; pieces and rows of a basket are kept and counted.
    """
    says = "an earlier row is equal in user, item, time, session, kind, quantity, price and rating"
    hint = "" if source.repeats else '; if each is one more piece, set repeats = "pieces" in [data.events]'
    taken = (
        "an earlier row of other content has the event id; if the column numbers no single events, take event_id out "
        "of [data.events.columns]"
    )
    pieces = "an equal row of the same day"
    if not source.repeats:
        pieces += ': the log has no clock, so it is one more piece; else set repeats = "duplicates" in [data.events]'
    basket = "rows of one user and time share the event id: it names a basket, and is used together with the item"
    is_taken = (nw.col("row") != nw.col("_first_of_id")) & (nw.col("_is_basket") == 0)
    return [
        Check("event_duplicate", "warning", "quarantine", nw.col("_is_first").is_null(), says + hint),
        Check("event_id_taken", "warning", "quarantine", is_taken, taken),
        Check("event_piece", "info", "flag", nw.col("_is_piece") == 1, pieces),
        Check("event_id_of_basket", "info", "flag", nw.col("_is_basket") == 1, basket),
    ]


def _are_pieces(frame: Frame, repeats: Frame, source: EventsSource, *, timezone: str) -> bool:
    """Whether a purchase that is there again is another piece.

    That is where the log says the day alone and no quantity, but for a log in which every row is there several times:
    that one was exported twice.
    """
    if source.repeats:
        return source.repeats == "pieces"
    if source.columns.quantity:
        return False
    times = frame.filter(~nw.col("time").is_null()).select((nw.col("time") % _DAY_S).alias("_clock")).unique()
    clocks = times.head(_CLOCKS_OF_MIDNIGHT + 1).collect()["_clock"].to_list()
    if clocks != [0.0] and not (timezone and len(clocks) <= _CLOCKS_OF_MIDNIGHT):
        return False
    n_bought = int(frame.filter(_IS_PURCHASE).select(nw.len().alias("_n")).collect()["_n"][0])
    again = repeats.filter(_IS_PURCHASE).select(nw.len().alias("_n"), nw.col("_first").n_unique().alias("_firsts"))
    counted = again.collect()
    n_again, n_firsts = (int(counted[name][0] or 0) for name in ("_n", "_firsts"))
    return n_firsts < max(n_bought - n_again, _FEW)
