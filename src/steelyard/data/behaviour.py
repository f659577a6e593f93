"""The behaviour log: checked, numbered, weighed, and cut in time."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw

from steelyard.config.schema import EventsSource
from steelyard.data.currencies import OTHER_CURRENCY, currency_checks
from steelyard.data.disliked import HIDE_WORDS, disliked_check, with_dislikes
from steelyard.data.guessing.event_words import IGNORED
from steelyard.data.identifiers import LOST_DIGITS, WRITTEN, match_items, repairs_said
from steelyard.data.item_twins import twin_check, with_twins
from steelyard.data.orders import order_checks, with_orders
from steelyard.data.quality import Check, Checked, check_rows, listed, refuse_if_nothing_reads, unreadable
from steelyard.data.ranks import medians
from steelyard.data.rated import rating_checks, with_ratings
from steelyard.data.ratings import RatingScale
from steelyard.data.repeats import repeat_checks, with_repeats
from steelyard.data.returns import RETURN_WORDS, mark_undone
from steelyard.data.schema import Wanted
from steelyard.data.values.lower_case import lower_case, lower_word
from steelyard.domain import EventKind
from steelyard.errors import ConfigError, DataError

if TYPE_CHECKING:
    from steelyard.data.schema import Frame, SourcePort

__all__ = ["CLOCK_TOLERANCE", "check_events", "keep_paid", "kinds_of", "number_events"]

CLOCK_TOLERANCE = timedelta(days=1)
"""Times later than now by more than this are impossible. A day, because times without a zone are read as UTC."""
EARLIEST = datetime.fromisoformat("1990-01-01T00:00:00+00:00")
"""No shop has kept events from before; such times are zeros and other clock errors."""

_OPTIONAL: dict[str, type[nw.String] | type[nw.Float64]] = {
    "kind": nw.String,
    "session": nw.String,
    "query": nw.String,
    "platform": nw.String,
    "event_id": nw.String,
    "rating": nw.String,
    "position": nw.Float64,
    "quantity": nw.Float64,
    "price": nw.Float64,
}
_LEAST_PRICE = 0.0001
"""Prices keep four decimals: a median below the last of them is left unknown, since nothing is not a price."""


def kinds_of(source: EventsSource) -> dict[str, str]:
    """From the lower-cased value of the kind column to the event kind it stands for.

    Args:
        source: Its ``kinds`` maps the shop's words to event kinds; case does not count.

    Returns:
        Every event kind under its own name too, and the usual words for returns and hides, unless the shop gives a word
        another meaning.

    Raises:
        ConfigError: ``kinds`` maps to something that is not an event kind.
    """
    known = [kind.value for kind in EventKind]
    wrong = {name: kind for name, kind in source.kinds.items() if kind not in (*known, IGNORED)}
    if wrong:
        raise ConfigError(f"[data.events] kinds maps to unknown kinds {wrong}: use {', '.join((*known, IGNORED))}")
    returns = dict.fromkeys(RETURN_WORDS, EventKind.RETURN.value)
    hides = dict.fromkeys(HIDE_WORDS, EventKind.HIDE.value)
    return (
        returns
        | hides
        | {kind: kind for kind in known}
        | {lower_word(name): kind for name, kind in source.kinds.items()}
    )


def check_events(
    sources: SourcePort, frame: Frame, wanted: Wanted, *, source: EventsSource, items: Frame, now: datetime
) -> tuple[Checked, RatingScale | None]:
    """Check the rows of the log.

    Args:
        sources: For intermediate tables.
        frame: What ``scan`` gave, stored.
        wanted: The roles that were read.
        source: The log's section of the configuration.
        items: Has ``item_id`` and ``item``.
        now: With time zone; later events are impossible.

    Returns:
        Kept rows have ``_kind``, ``_item`` (null for a search), ``_grade`` (of a rating, in tenths of the best one) and
        ``_is_liking`` (0 for ratings that are not to be learnt from) besides their own columns; and the scale of the
        ratings, where there are some that tell it.

    Raises:
        DataError: No time can be read, or no event is of a known item.
    """
    time = wanted.role("time")
    refuse_if_nothing_reads(frame, table="events", column=time.columns[0] if time else "", name="time")
    present = frame.collect_schema().names()
    frame = frame.with_columns(
        nw.col("row"),  # a log may have all of them
        *(nw.lit(None, dtype=dtype()).alias(name) for name, dtype in _OPTIONAL.items() if name not in present),
    )
    frame = with_orders(sources, frame.with_columns(_kind(source)), wanted, words=source.status_words)
    frame, scale = with_ratings(sources, frame, source)
    frame = match_items(sources, frame, items, table="events")
    frame = with_twins(sources, frame, items, table="events")
    has_ids = "event_id" in present
    frame = with_repeats(sources, frame, source, has_event_ids=has_ids, timezone=wanted.habits.timezone)
    frame = with_dislikes(sources, mark_undone(sources, frame))
    numbers = items.select("item_id", nw.col("item").alias("_item"))
    frame = frame.join(numbers, on="item_id", how="left")
    checks = _checks(wanted, now, scale)
    checks += [*repeat_checks(source), *order_checks(wanted), *_returns(repairs_said(sources, table="events"))]
    checks += [twin_check(), disliked_check()]
    checked = check_rows(sources, frame, [*checks, *_prices(wanted)], table="events")
    if checked.n_quarantined == checked.n_in:
        raise DataError(_nothing_left(checked, frame, items))
    return checked, scale


def number_events(
    sources: SourcePort,
    kept: Frame,
    *,
    weights: Mapping[str, float],
    grades: Mapping[int, float] | None = None,
    left_out: Sequence[str] = (),
) -> Frame:
    """Events with numbers for users and items and a weight for their kind, in no order.

    Args:
        sources: Holds the numbers of the users afterwards.
        kept: What ``check_events`` kept.
        weights: How much one event of a kind says about interest; other kinds say nothing.
        grades: What a rating's weight is multiplied with, by its grade, tenths of the best rating; 1 where left out.
        left_out: Classes of ``traffic`` that say nothing either.

    Returns:
        ``item`` (-1 for a search), ``user_number`` (-1 where the user is unknown or never interacted with anything),
        ``weight`` (0 for kinds that are not learnt from), and the event's own columns.
    """
    weight = nw.coalesce(
        *(nw.when(nw.col("_kind") == nw.lit(kind)).then(nw.lit(float(w))) for kind, w in weights.items()), nw.lit(0.0)
    )
    for tenth, factor in (grades or {}).items():
        weight = nw.when(nw.col("_grade") == nw.lit(tenth)).then(weight * nw.lit(factor)).otherwise(weight)
    says_nothing = nw.col("_item").is_null() | (nw.col("_is_liking") == 0)
    if left_out:
        says_nothing = says_nothing | nw.col("traffic").is_in(left_out)
    kept = kept.with_columns(nw.when(says_nothing).then(nw.lit(0.0)).otherwise(weight).alias("weight"))
    positive = kept.filter(~nw.col("user").is_null() & (nw.col("weight") > 0))
    users = positive.group_by("user").agg(nw.col("time").min().alias("_at"))
    users = users.with_row_index("user_number", order_by=["_at", "user"])  # whatever the order of the rows
    users = sources.keep(users.select("user", "user_number"), "users")
    return kept.join(users, on="user", how="left").select(
        "row",
        "time",
        nw.coalesce(nw.col("_item"), nw.lit(-1)).cast(nw.Int64()).alias("item"),
        nw.coalesce(nw.col("user_number"), nw.lit(-1)).cast(nw.Int64()).alias("user_number"),
        nw.col("_kind").alias("kind"),
        "weight",
        *("user", "session", "query", "position", "quantity", "price", "platform", "traffic"),
    )


def keep_paid(sources: SourcePort, numbered: Frame, *, price_is_line_total: bool) -> None:
    """Store what was usually paid for one piece of each item as the scratch table ``paid``.

    Args:
        sources: Holds the table ``paid`` afterwards: ``item`` and ``price``, the median of the positive ones.
        numbered: What ``number_events`` gave.
        price_is_line_total: Whether a price is for all pieces of its row.
    """
    price = nw.col("price") / nw.col("quantity") if price_is_line_total else nw.col("price")
    bought = numbered.filter((nw.col("item") >= 0) & (nw.col("price") > 0))
    if price_is_line_total:
        bought = bought.filter(nw.col("quantity") > 0)
    paid = bought.select("item", price.alias("price"))
    found = sources.arrays(medians(sources, paid, "price", by="item", name="prices_paid"))
    with sources.writing({"item": "int", "price": "decimal"}, name="paid") as rows:
        known = found["price"] >= _LEAST_PRICE
        prices = [Decimal(f"{value:.{2 if value >= 1 else 4}f}") for value in found["price"][known]]
        rows.write({"item": found["item"][known], "price": prices})


def _kind(source: EventsSource) -> nw.Expr:
    written = lower_case(nw.col("kind"))
    known = (nw.when(written == nw.lit(name)).then(nw.lit(kind)) for name, kind in kinds_of(source).items())
    default = nw.when(nw.col("kind").is_null()).then(nw.lit(source.kind))
    return nw.coalesce(default, *known).alias("_kind")


def _checks(wanted: Wanted, now: datetime, scale: RatingScale | None) -> list[Check]:
    latest = (now + CLOCK_TOLERANCE).timestamp()
    time = nw.col("time")
    is_search = nw.col("_kind") == nw.lit(EventKind.SEARCH.value)
    is_return = nw.col("_kind") == nw.lit(EventKind.RETURN.value)
    item = nw.col("item_id")
    checks = [
        Check(
            "event_ignored",
            "info",
            "quarantine",
            nw.col("_kind") == nw.lit(IGNORED),
            "kinds says that the kind is to be ignored; not learnt from",
            values_of="kind",
            is_loss=False,
        ),
        Check(
            "event_kind_unknown",
            "error",
            "quarantine",
            nw.col("_kind").is_null(),
            "the kind is not known; map it in kinds",
            values_of="kind",
        ),
        _quarantine(
            "event_time_unreadable", time.is_null(), "the time is missing or cannot be read", values_of="time_text"
        ),
        _quarantine(
            "event_time_in_future",
            time > latest,
            "the event is more than a day later than now",
            values_of="time_text",
        ),
        _quarantine(
            "event_time_implausible",
            time < EARLIEST.timestamp(),
            "the event is from before 1990: a clock error",
            values_of="time_text",
        ),
        _quarantine("event_item_missing", item.is_null() & ~is_search, "the event names no item"),
        Check(
            "event_item_scientific",
            "error",
            "quarantine",
            nw.col("_item").is_null() & item.str.contains(LOST_DIGITS),
            "a spreadsheet has written the item id in powers of ten: its digits are lost; export the ids as text",
            values_of="item_id",
        ),
        Check(
            "event_item_unknown",
            "error",
            "quarantine",
            nw.col("_item").is_null() & ~item.is_null(),
            "the item is not in the catalogue",
            values_of="item_id",
        ),
        *rating_checks(scale),
    ]
    return checks + (_quantities(is_return) if wanted.role("quantity") else [])


def _prices(wanted: Wanted) -> list[Check]:
    if not wanted.role("price"):
        return []
    return [
        *currency_checks(wanted),
        Check(
            "price_not_a_number",
            "warning",
            "set_aside",
            unreadable("price") & (nw.col(OTHER_CURRENCY) == 0),
            "the price cannot be read",
            values_of="price_text",
        ),
        Check("price_not_positive", "info", "flag", nw.col("price") <= 0, "the price is zero or less"),
    ]


def _quantities(is_return: nw.Expr) -> list[Check]:
    says = "the quantity is zero or less: a cancellation or correction, which undoes the purchase before it"
    return [
        _quarantine(
            "quantity_not_a_number",
            unreadable("quantity"),
            "the quantity cannot be read",
            values_of="quantity_text",
        ),
        replace(_quarantine("quantity_not_positive", (nw.col("quantity") <= 0) & ~is_return, says), is_loss=False),
    ]


def _returns(repairs: str) -> list[Check]:
    is_return = nw.col("_kind") == nw.lit(EventKind.RETURN.value)
    return [
        Check(
            "event_return",
            "info",
            "quarantine",
            is_return,
            "a return or cancellation: undoes the purchase before it",
            is_loss=False,
        ),
        Check(
            "purchase_undone",
            "info",
            "quarantine",
            nw.col("_undone") == 1,
            "it was returned or cancelled later",
            is_loss=False,
        ),
        Check(
            "event_item_repaired",
            "warning",
            "flag",
            ~nw.col(WRITTEN).is_null(),
            f"the item id was written otherwise than in the catalogue; read as the catalogue's ({repairs})",
            values_of=WRITTEN,
        ),
        Check(
            "event_user_missing",
            "warning",
            "flag",
            nw.col("user").is_null(),
            "nobody is named: counted, not learnt from",
        ),
    ]


def _quarantine(reason: str, when: nw.Expr, says: str, *, values_of: str = "") -> Check:
    return Check(
        reason,
        "error" if reason.endswith(("unknown", "unreadable", "missing")) else "warning",
        "quarantine",
        when,
        says,
        values_of,
    )


def _nothing_left(checked: Checked, events: Frame, items: Frame) -> str:
    message = f"none of the {checked.n_in:,} rows of [data.events] can be used: {listed(checked.findings)}."
    if any(f.reason == "event_item_unknown" for f in checked.findings):
        ids = [_first_ids(events, "row"), _first_ids(items, "item")]
        message += (
            f" Item ids of the events look like {ids[0]}, those of the catalogue like {ids[1]}: do the columns match?"
        )
        parts = [part for part in re.split(r'[\[\]"|,;\s]+', str(ids[0][0])) if part] if ids[0] else []
        if len(parts) > 1 and len(items.filter(nw.col("item_id").is_in(parts)).collect()) > 1:
            message += " Each cell holds several of them: write one row for each."
    return f"{message} Mend the file, or name other columns or kinds in [data.events]"


def _first_ids(frame: Frame, order: str) -> list[str]:
    ids: list[str] = frame.select("item_id", order).sort(order).head(3).collect()["item_id"].to_list()
    return ids
