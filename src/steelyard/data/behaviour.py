"""The behaviour log: checked, numbered, weighed, and cut in time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw

from steelyard.config.schema import EventsSource
from steelyard.data.quality import Check, Sifted, refuse_if_nothing_reads, sift, unreadable
from steelyard.data.schema import Wanted
from steelyard.domain import EventKind
from steelyard.errors import ConfigError, DataError

if TYPE_CHECKING:
    from steelyard.data.schema import Frame, SourcePort

__all__ = ["CLOCK_TOLERANCE", "keep_paid", "kinds_of", "number_events", "sift_events"]

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
    "position": nw.Float64,
    "quantity": nw.Float64,
    "price": nw.Float64,
}
_LEAST_PRICE = 0.01
"""A median below a cent is left unknown: it would round to nothing, and nothing is not a price."""


def kinds_of(source: EventsSource) -> dict[str, str]:
    """From the lower-cased value of the kind column to the event kind it stands for.

    Args:
        source: Its ``kinds`` maps the shop's words to event kinds; case does not count.

    Returns:
        Every event kind under its own name too, unless the shop gives that word another meaning.

    Raises:
        ConfigError: ``kinds`` maps to something that is not an event kind.
    """
    known = [kind.value for kind in EventKind]
    wrong = {name: kind for name, kind in source.kinds.items() if kind not in known}
    if wrong:
        raise ConfigError(f"[data.events] kinds maps to unknown kinds {wrong}: use {', '.join(known)}")
    return {kind: kind for kind in known} | {name.lower(): kind for name, kind in source.kinds.items()}


def sift_events(
    sources: SourcePort, frame: Frame, wanted: Wanted, *, source: EventsSource, items: Frame, now: datetime
) -> Sifted:
    """Check the rows of the log.

    Args:
        sources: For intermediate tables.
        frame: What ``scan`` gave, stored.
        wanted: The roles that were read.
        source: The log's section of the configuration.
        items: Has ``item_id`` and ``item``.
        now: With time zone; later events are impossible.

    Returns:
        Kept rows have ``_kind`` and ``_item`` (null for a search) besides their own columns.

    Raises:
        DataError: No time can be read, or no event is of a known item.
    """
    time = wanted.role("time")
    refuse_if_nothing_reads(frame, table="events", column=time.columns[0] if time else "", name="time")
    present = frame.collect_schema().names()
    frame = frame.with_columns(
        *(nw.lit(None, dtype=dtype()).alias(name) for name, dtype in _OPTIONAL.items() if name not in present),
    )
    frame = frame.with_columns(_kind(source))
    same = ["user", "item_id", "time", "session", "_kind", "query", "position", "quantity", "price", "event_id"]
    firsts = frame.group_by(*same).agg(nw.col("row").min()).with_columns(nw.lit(1).alias("_is_first"))
    frame = frame.join(firsts.select("row", "_is_first"), on="row", how="left")
    if "event_id" in present:
        of_id = frame.filter(~nw.col("event_id").is_null()).group_by("event_id")
        frame = frame.join(of_id.agg(nw.col("row").min().alias("_first_of_id")), on="event_id", how="left")
    else:
        frame = frame.with_columns(nw.col("row").alias("_first_of_id"))
    numbers = items.select("item_id", nw.col("item").alias("_item"))
    frame = frame.join(numbers, on="item_id", how="left")
    sifted = sift(sources, frame, _checks(wanted, now), table="events")
    if sifted.n_quarantined == sifted.n_in:
        raise DataError(_nothing_left(sifted, frame, items))
    return sifted


def number_events(sources: SourcePort, kept: Frame, *, weights: Mapping[str, float]) -> Frame:
    """Events with numbers for users and items and a weight for their kind, in no order.

    Args:
        sources: Holds the numbers of the users afterwards.
        kept: What ``sift_events`` kept.
        weights: How much one event of a kind says about interest; other kinds say nothing.

    Returns:
        ``item`` (-1 for a search), ``user_number`` (-1 where the user is unknown or never took anything),
        ``weight`` (0 for kinds that are not learnt from), and the event's own columns.
    """
    weight = nw.coalesce(
        *(nw.when(nw.col("_kind") == nw.lit(kind)).then(nw.lit(float(w))) for kind, w in weights.items()), nw.lit(0.0)
    )
    kept = kept.with_columns(nw.when(nw.col("_item").is_null()).then(nw.lit(0.0)).otherwise(weight).alias("weight"))
    positive = kept.filter(~nw.col("user").is_null() & (nw.col("weight") > 0))
    users = (
        positive.group_by("user").agg(nw.col("row").min().alias("_at")).with_row_index("user_number", order_by="_at")
    )
    users = sources.keep(users.select("user", "user_number"), "users")
    return kept.join(users, on="user", how="left").select(
        "row",
        "time",
        nw.coalesce(nw.col("_item"), nw.lit(-1)).cast(nw.Int64()).alias("item"),
        nw.coalesce(nw.col("user_number"), nw.lit(-1)).cast(nw.Int64()).alias("user_number"),
        nw.col("_kind").alias("kind"),
        "weight",
        *("user", "session", "query", "position", "quantity", "price", "platform"),
    )


def keep_paid(sources: SourcePort, numbered: Frame, *, is_price_of_line: bool) -> None:
    """Store what was usually paid for one piece of each item as the scratch table ``paid``.

    Args:
        sources: Holds the table ``paid`` afterwards: ``item`` and ``price``, the median of the positive ones.
        numbered: What ``number_events`` gave.
        is_price_of_line: Whether a price is for all pieces of its row.
    """
    price = nw.col("price") / nw.col("quantity") if is_price_of_line else nw.col("price")
    bought = numbered.filter((nw.col("item") >= 0) & (nw.col("price") > 0))
    if is_price_of_line:
        bought = bought.filter(nw.col("quantity") > 0)
    found = sources.arrays(bought.select("item", price.alias("price")).group_by("item").agg(nw.col("price").median()))
    with sources.writing({"item": "int", "price": "decimal"}, name="paid") as rows:
        known = found["price"] >= _LEAST_PRICE  # of goods sold by weight the quantity counts grams: no price of a piece
        prices = [Decimal(f"{value:.2f}") for value in found["price"][known]]
        rows.write({"item": found["item"][known], "price": prices})


def _kind(source: EventsSource) -> nw.Expr:
    written = nw.col("kind").str.to_lowercase()
    known = (nw.when(written == nw.lit(name)).then(nw.lit(kind)) for name, kind in kinds_of(source).items())
    default = nw.when(nw.col("kind").is_null()).then(nw.lit(source.kind))
    return nw.coalesce(default, *known).alias("_kind")


def _checks(wanted: Wanted, now: datetime) -> list[Check]:
    latest = (now + CLOCK_TOLERANCE).timestamp()
    time = nw.col("time")
    is_search = nw.col("_kind") == nw.lit(EventKind.SEARCH.value)
    item = nw.col("item_id")
    checks = [
        _quarantine("event_kind_unknown", nw.col("_kind").is_null(), "the kind is not known; map it in kinds"),
        _quarantine("event_time_unreadable", time.is_null(), "the time is missing or cannot be read"),
        _quarantine("event_time_in_future", time > latest, "the event is more than a day later than now"),
        _quarantine(
            "event_time_implausible", time < EARLIEST.timestamp(), "the event is from before 1990: a clock error"
        ),
        _quarantine("event_item_missing", item.is_null() & ~is_search, "the event names no item"),
        _quarantine(
            "event_item_unknown", nw.col("_item").is_null() & ~item.is_null(), "the item is not in the catalogue"
        ),
    ]
    if wanted.role("quantity"):
        says = "the quantity is zero or less: a cancellation or correction, not a sign of interest"
        checks += [
            _quarantine("quantity_not_a_number", unreadable("quantity"), "the quantity cannot be read"),
            _quarantine("quantity_not_positive", nw.col("quantity") <= 0, says),
        ]
    says = "an earlier row is equal in user, item, time, session, kind, quantity and price"
    checks += [
        _quarantine("event_duplicate", nw.col("_is_first").is_null(), says),
        _quarantine(
            "event_id_duplicate", nw.col("row") != nw.col("_first_of_id"), "an earlier row has the same event id"
        ),
        Check(
            "event_user_missing",
            "warning",
            "flag",
            nw.col("user").is_null(),
            "nobody is named: counted, not learnt from",
        ),
    ]
    if wanted.role("price"):
        checks += [
            Check("price_not_a_number", "warning", "set_aside", unreadable("price"), "the price cannot be read"),
            Check("price_not_positive", "info", "flag", nw.col("price") <= 0, "the price is zero or less"),
        ]
    return checks


def _quarantine(reason: str, when: nw.Expr, says: str) -> Check:
    return Check(
        reason,
        "error" if reason.endswith(("unknown", "unreadable", "missing")) else "warning",
        "quarantine",
        when,
        says,
    )


def _nothing_left(sifted: Sifted, events: Frame, items: Frame) -> str:
    found = ", ".join(f"{f.reason} {f.count:,}" for f in sifted.findings)
    message = f"none of the {sifted.n_in:,} rows of [data.events] can be used: {found}."
    if any(f.reason == "event_item_unknown" for f in sifted.findings):
        ids = [frame.select("item_id").head(3).collect()["item_id"].to_list() for frame in (events, items)]
        message += (
            f" Item ids of the events look like {ids[0]}, those of the catalogue like {ids[1]}: do the columns match?"
        )
    return f"{message} Mend the file, or name other columns or kinds in [data.events]"
