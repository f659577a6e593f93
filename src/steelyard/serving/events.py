"""Events as a shop sends them: checked, bounded in time, made pseudonymous; and what the store of them promises."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Protocol

import msgspec

from steelyard.data.privacy.patterns import HIDDEN, mentions, names_a_person
from steelyard.domain import Event, EventKind

__all__ = ["MAX_EVENTS", "Appended", "Checked", "EventIn", "EventLog", "Refusal", "check", "taken"]

MAX_EVENTS = 1000
"""Most events in one request."""
MAX_AHEAD = timedelta(minutes=5)
"""How far a client's clock may be ahead of ours."""
OLDEST = datetime(2000, 1, 1, tzinfo=UTC)
"""Earlier times are a client's mistake (seconds for milliseconds, an unset clock)."""
_MAX_QUANTITY = Decimal(1_000_000_000)

Name = Annotated[str, msgspec.Meta(max_length=256)]


class EventIn(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """One thing a shopper did, as sent to ``POST /v1/events``."""

    kind: EventKind
    """What was done."""
    item_id: Name = ""
    """The shop's identifier of the item; needed for every kind but ``search``."""
    user: Name = ""
    """The shop's identifier of the user; replaced by a keyed pseudonym before anything is stored."""
    session: Name = ""
    """The shop's identifier of the visit; replaced by a keyed pseudonym as well."""
    query: Name = ""
    """What was typed; needed for ``search``."""
    event_id: Annotated[str, msgspec.Meta(max_length=128)] = ""
    """Sent again with the same identifier an event counts once; other content under it is refused. Made by the server
    when absent."""
    time: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    """When it happened, with time zone; the server's clock when absent. At most five minutes ahead of it."""
    position: Annotated[int, msgspec.Meta(ge=1, le=100_000)] | None = None
    """Rank at which the item was shown, from 1."""
    quantity: Decimal = Decimal(1)
    """Pieces, above zero."""
    platform: Annotated[str, msgspec.Meta(max_length=64)] = ""
    """``web``, ``app`` …"""
    rating: Decimal | None = None
    """Value of a rating, on the shop's scale (five stars where its log has no ratings); needed for ``rating``."""
    request_id: Annotated[str, msgspec.Meta(max_length=128)] = ""
    """Of the answer that this follows, as ``explored`` of that answer names it; what was shown by chance is stored with
    its chance then."""
    personalise: bool = True
    """False: the event is stored without user, session, place and platform, its time cut to the hour."""


@dataclass(frozen=True, slots=True)
class Appended:
    """What became of one group of events: all of them are on the disk now."""

    stored: int
    duplicates: int
    """Events whose identifier was stored before, those of ``taken`` among them."""
    taken: tuple[int, ...] = ()
    """Places in the group of events whose identifier belongs to another event: not stored."""


class Refusal(msgspec.Struct, frozen=True):
    """An event that was not stored, and why."""

    index: int
    """Place in the list that was sent, from 0."""
    code: str
    """``time_in_future``, ``time_too_old``, ``missing_item``, ``missing_query``, ``bad_quantity``, ``missing_rating``,
    ``bad_rating``, ``event_id_taken``."""
    message: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A request's events, sorted into good and refused."""

    events: tuple[Event, ...]
    refused: tuple[Refusal, ...]
    places: tuple[int, ...]
    """Where each of ``events`` stood in the list that was sent, from 0."""


class EventLog(Protocol):
    """Durable store of events (``steelyard.adapters.sqlite_events.SqliteEvents``)."""

    @property
    def trouble(self) -> str:
        """Why nothing can be stored now; empty when all is well."""
        ...

    @property
    def stored(self) -> int:
        """Events stored since the start."""
        ...

    def append(self, events: Sequence[Event]) -> Future[Appended]:
        """Store events; the future is done only when they are on the disk.

        It ends with ``StorageError`` when they could not be stored: they may be sent again, with the same identifiers.
        """
        ...

    def history(self, user: str, *, kinds: Sequence[str], limit: int, like_above: float = float("-inf")) -> list[str]:
        """Identifiers of a user's latest distinct items, oldest first, from events of these kinds.

        Purchases that were sent back, and ratings up to ``like_above``, do not count.
        """
        ...

    def past(
        self, user: str, *, kinds: Sequence[str], limit: int, like_above: float = float("-inf")
    ) -> list[tuple[str, float]]:
        """A user's latest events of these kinds, repeats kept: item identifiers and seconds since 1970, oldest first.

        Purchases that were sent back, and ratings up to ``like_above``, do not count.
        """
        ...

    def returned(self, user: str) -> list[str]:
        """Identifiers of items that the user sent back more often than bought, as far as the store knows."""
        ...

    def last_words(self, user: str, *, like_above: float) -> tuple[list[str], list[str]]:
        """Identifiers of the items whose last word by the user is negative, and of those whose last word is positive.

        A hide, a return and a rating up to ``like_above`` are negative; a purchase, a cart and a better rating are
        positive.
        """
        ...

    def close(self) -> None:
        """Store what was accepted, then let go of the files."""
        ...


def check(
    sent: Sequence[EventIn],
    *,
    now: datetime,
    pseudonym: Callable[[str], str],
    rating_top: float = 5.0,
    knows: Callable[[str], bool] = lambda item_id: False,
) -> Checked:
    """Events ready to be stored, and the refused ones with their reasons.

    Args:
        sent: As parsed; types and lengths were checked already.
        now: The server's clock, with time zone.
        pseudonym: From a raw identifier to a keyed pseudonym; empty stays empty.
        rating_top: The best rating of the shop's scale.
        knows: Whether the catalogue has an item: an unknown one that looks like an address or number of a person is
            stored as ``***``.

    Returns:
        Both parts, each in the order they were sent.
    """
    events: list[Event] = []
    refused: list[Refusal] = []
    places: list[int] = []
    for index, one in enumerate(sent):
        problem = _problem(one, now) or _rating_problem(one, rating_top)
        if problem is None:
            places.append(index)
            event = _event(one, now, pseudonym)
            is_foreign = _is_personal(one, one.item_id) and not knows(one.item_id)
            events.append(replace(event, item_id=HIDDEN) if is_foreign else event)
        else:
            refused.append(Refusal(index, *problem))
    return Checked(tuple(events), tuple(refused), tuple(places))


def _problem(one: EventIn, now: datetime) -> tuple[str, str] | None:
    if one.time is not None and one.time > now + MAX_AHEAD:
        return "time_in_future", f"time {one.time.isoformat()} is more than 5 minutes ahead of {now.isoformat()}"
    if one.time is not None and one.time < OLDEST:
        return "time_too_old", f"time {one.time.isoformat()} is before {OLDEST.date()}: is the client's clock set?"
    if one.kind is EventKind.SEARCH:
        if not one.query.strip():
            return "missing_query", "an event of kind 'search' needs a query"
    elif not one.item_id:
        return "missing_item", f"an event of kind {one.kind.value!r} needs an item_id"
    if not one.quantity.is_finite() or not 0 < one.quantity <= _MAX_QUANTITY:
        return "bad_quantity", f"quantity {str(one.quantity)[:40]} is not between 0 and {_MAX_QUANTITY}"
    return None


def _rating_problem(one: EventIn, top: float) -> tuple[str, str] | None:
    if one.kind is EventKind.RATING and one.rating is None:
        return (
            "missing_rating",
            f"an event of kind 'rating' needs a rating between 0 and {top:g}: one star is not liking",
        )
    if one.rating is None:
        return None
    if one.kind is not EventKind.RATING:
        return "bad_rating", f"an event of kind {one.kind.value!r} has no rating: send it as an event of kind 'rating'"
    if not one.rating.is_finite() or not 0 <= one.rating <= Decimal(str(top)):
        found = str(one.rating)[:40]
        return "bad_rating", f"rating {found} is not between 0 and {top:g}, the scale of this shop"
    return None


def _event(one: EventIn, now: datetime, pseudonym: Callable[[str], str]) -> Event:
    """The event as it is stored: of somebody, or of nobody and told from no other of its hour."""
    user = pseudonym(one.user) if one.personalise else ""
    is_nobody = not one.personalise or (bool(one.user) and not user)
    time = one.time or now
    return Event(
        event_id=_name_of(one, pseudonym, is_nobody=is_nobody),
        kind=one.kind,
        time=time.replace(minute=0, second=0, microsecond=0) if is_nobody else time,
        user=user,
        session="" if is_nobody else pseudonym(one.session),
        item_id=one.item_id,
        query="" if _is_personal(one, one.query) else one.query.strip(),
        position=None if is_nobody else one.position,
        quantity=one.quantity,
        platform="" if is_nobody or _is_personal(one, one.platform) else one.platform,
        rating=one.rating,
        is_timed=one.time is not None,
        request_id="" if is_nobody or _is_personal(one, one.request_id) else one.request_id,
    )


def _name_of(one: EventIn, pseudonym: Callable[[str], str], *, is_nobody: bool) -> str:
    """The identifier under which an event counts once. It may name a person: then a pseudonym stands for it."""
    if not one.event_id:
        return uuid.uuid4().hex
    return pseudonym(one.event_id) if is_nobody or _is_personal(one, one.event_id) else one.event_id


def _is_personal(one: EventIn, text: str) -> bool:
    """Whether a text names a person: by an address or number, or by the event's own user or visit."""
    return bool(text) and (names_a_person(text) or mentions(text, one.user, one.session))


def taken(checked: Checked, place: int) -> Refusal:
    """Why an event whose identifier belongs to another one is refused."""
    name = checked.events[place].event_id
    says = f"event_id {name[:64]!r} belongs to another event that was stored before: give this one an id of its own"
    return Refusal(checked.places[place], "event_id_taken", says)
