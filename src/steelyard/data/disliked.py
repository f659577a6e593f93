"""Negative feedback: items whose last word by a user is a low rating, a return of all that was bought, or a hide.

A purchase that the buyer rated with one star is a purchase and no liking. The last word counts: who hid an item and put
it into the cart later has come round.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw

from steelyard.data.quality import Check
from steelyard.domain import EventKind

if TYPE_CHECKING:
    from steelyard.data.schema import Frame, SourcePort, StoredType

__all__ = [
    "DISLIKED",
    "DISLIKED_COLUMNS",
    "HIDE_WORDS",
    "disliked_check",
    "with_dislikes",
    "write_disliked",
]

DISLIKED = "disliked.parquet"
"""File of the artefact ``data``: items to be kept away from a user, and since when."""
DISLIKED_COLUMNS: dict[str, StoredType] = {"user": "text", "user_number": "int", "item": "int", "time": "float"}
HIDE_WORDS = (
    *("hide", "hidden", "hid", "not_interested", "not interested", "notinterested", "dislike", "disliked"),
    *("thumbs_down", "thumbsdown", "downvote", "block", "blocked", "dismiss", "dismissed", "不感兴趣", "不喜欢"),
    *("隐藏", "屏蔽", "踩", "興味なし", "非表示", "kein interesse", "ausblenden", "pas intéressé", "masquer"),
)
"""Words of a kind column that mean a hide."""
_PAIR = ["user", "item_id"]
_TABLE = "events_disliked"
_SINCE = "_disliked_s"


def with_dislikes(sources: SourcePort, frame: Frame) -> Frame:
    """The frame in which nothing of a pair of user and item is liking whose last word is negative.

    A low rating and a hide are opinions; a return is one where no purchase of the pair is left. A purchase, a cart or a
    good rating after them takes them back.

    Args:
        sources: For intermediate tables; only pairs with something negative are looked at again.
        frame: Has ``user``, ``item_id``, ``time``, ``quantity``, ``_kind``, ``_rating_state``, ``_is_liking``,
            ``_is_first`` and ``_undone``.

    Returns:
        All rows, with ``_disliked_s``: since when the pair is disliked, null for others; ``_is_liking`` is 0 for it.

    Trust:
        What is disliked in the judging period is not learnt from before it either, as with returns: the test is of the
        log as it stands.
    """
    kind, state, time = nw.col("_kind"), nw.col("_rating_state"), nw.col("time")
    is_bought = kind == nw.lit(EventKind.PURCHASE.value)
    is_opinion = (kind == nw.lit(EventKind.HIDE.value)) | (state == nw.lit("not_liked"))
    is_sent_back = (kind == nw.lit(EventKind.RETURN.value)) | (is_bought & (nw.col("quantity") < 0))
    whole = frame.filter(~nw.any_horizontal(*(nw.col(n).is_null() for n in (*_PAIR, "time")), ignore_nulls=True))
    whole = whole.filter(~nw.col("_is_first").is_null())
    is_kept = is_bought & nw.col("_undone").is_null() & nw.coalesce(nw.col("quantity") > 0, nw.lit(value=True))
    is_strong = is_kept | (kind == nw.lit(EventKind.ADD_TO_CART.value)) | (state == nw.lit("liked"))
    told = whole.select(
        *_PAIR,
        nw.when(is_opinion).then(time).alias("_opinion"),
        nw.when(is_sent_back).then(time).alias("_back"),
        nw.when(is_strong).then(time).alias("_strong"),
        nw.when(is_kept).then(nw.lit(1)).alias("_kept"),
    )
    negative = told.filter(~nw.col("_opinion").is_null() | ~nw.col("_back").is_null()).select(*_PAIR).unique()
    pairs = told.join(sources.keep(negative, "events_negative"), on=_PAIR, how="semi").group_by(*_PAIR)
    last = pairs.agg(*(nw.col(name).max() for name in ("_opinion", "_back", "_strong", "_kept")))
    back = nw.when(nw.col("_kept").is_null()).then(nw.col("_back"))
    last = last.with_columns(nw.max_horizontal(nw.col("_opinion"), back).alias(_SINCE))
    is_last = nw.col("_strong").is_null() | (nw.col(_SINCE) >= nw.col("_strong"))
    disliked = last.filter(~nw.col(_SINCE).is_null() & is_last).select(*_PAIR, _SINCE)
    frame = frame.join(sources.keep(disliked, _TABLE), on=_PAIR, how="left")
    is_liking = nw.when(nw.col(_SINCE).is_null()).then(nw.col("_is_liking")).otherwise(nw.lit(0))
    return frame.with_columns(is_liking.alias("_is_liking"))


def disliked_check() -> Check:
    """What is said of events of a pair that is disliked, the negative ones aside, which are said already."""
    is_other = ~nw.col("_kind").is_in([EventKind.HIDE.value, EventKind.RETURN.value])
    is_other = is_other & nw.coalesce(nw.col("_rating_state") != nw.lit("not_liked"), nw.lit(value=True))
    says = (
        "the user's last word on the item is a low rating, a return or a hide: not learnt from, and the item is kept "
        "away from that user"
    )
    return Check("event_disliked", "info", "flag", is_other & ~nw.col(_SINCE).is_null(), says)


def write_disliked(sources: SourcePort, *, items: Frame, target: str) -> None:
    """Store who is to be shown what no more.

    Args:
        sources: Holds what ``with_dislikes`` found and the numbers of the users.
        items: Has ``item_id`` and ``item``.
        target: The file.
    """
    numbers = items.select("item_id", nw.col("item"))
    pairs = sources.table(_TABLE).join(numbers, on="item_id", how="inner")
    pairs = pairs.join(sources.table("users"), on="user", how="left")
    number = nw.coalesce(nw.col("user_number"), nw.lit(-1)).cast(nw.Int64()).alias("user_number")
    rows = pairs.select("user", number, "item", nw.col(_SINCE).alias("time"))
    sources.write(rows.sort("time", "user", "item"), target)
