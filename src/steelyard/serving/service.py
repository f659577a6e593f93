"""One running shop: takes questions and events, gives answers. All that HTTP adds is parsing and headers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import msgspec

from steelyard.domain import NONE, Event, EventKind, Request, Surface
from steelyard.errors import StageError, StorageError
from steelyard.serving.admission import Admission, Limits
from steelyard.serving.cards import Card
from steelyard.serving.engine import Engine, Shown
from steelyard.serving.events import Checked, EventIn, EventLog, Refusal, check
from steelyard.serving.history import MAX_SEEN, Histories, LoggedHistories

__all__ = ["HISTORY_KINDS", "About", "Answer", "EventsAnswer", "ExampleUser", "Health", "Service", "Shop", "ShopAnswer"]

HISTORY_KINDS = tuple(
    kind.value
    for kind in (EventKind.VIEW, EventKind.CLICK, EventKind.ADD_TO_CART, EventKind.PURCHASE, EventKind.RATING)
)
"""Kinds of event that say what a user took an interest in, where the bundle does not name its own."""
FIVE_STARS = (5.0, 3.0)
"""Best rating, and what is not yet liking, where the bundle does not name its own scale."""


class Shop(msgspec.Struct, frozen=True):
    """Who the shop is."""

    name: str = ""
    currency: str = ""
    """ISO 4217 code of the prices."""
    language: str = ""


@dataclass(frozen=True, slots=True)
class About:
    """What a bundle says of itself."""

    digest: str
    made_at: str = ""
    shop: Shop = field(default_factory=Shop)
    query_examples: tuple[str, ...] = ()
    decision: bytes = b"{}"
    """The decision, as JSON."""
    bills: bytes = b""
    """The bills behind the decision, as JSON; empty where the bundle has none."""
    max_history: int = 50
    history_kinds: tuple[str, ...] = HISTORY_KINDS
    logged: LoggedHistories | None = None
    """What users took in the log the models learnt from, by pseudonym."""
    examples: tuple[str, ...] = ()
    """Pseudonyms of users anybody may ask for as ``example-1`` …: for demonstrations, none by default."""


class Answer(msgspec.Struct, frozen=True):
    """A list of items."""

    items: list[Shown]
    degraded: bool
    """True when there was no time for a full answer and popular items were sent instead."""
    degraded_reason: str
    """``queue_full``, ``queue_delay``, ``too_slow``, ``failed``, ``closed``; empty when not degraded."""
    bundle: str
    """Digest of the bundle that answered."""
    took_ms: float
    """From arrival to answer inside the server, waiting included."""


class EventsAnswer(msgspec.Struct, frozen=True):
    """What became of the events of one request. Those not refused are on the disk."""

    ids: list[str]
    """Identifiers of the stored events, duplicates among them, in the order they were sent."""
    stored: int
    duplicates: int
    """Events that were stored before under the same identifier; they count once."""
    unknown_items: int
    """Stored events whose item this bundle's catalogue does not have."""
    refused: list[Refusal]


class ExampleUser(msgspec.Struct, frozen=True):
    """A user of the log to try the recommendations with."""

    user: str
    """Name to ask with: ``example-1`` …"""
    n_items: int
    """Distinct items taken so far."""
    latest: list[str]
    """Titles of what was taken last, newest first."""


class ShopAnswer(msgspec.Struct, frozen=True):
    """What a store front must know before the first question."""

    name: str
    currency: str
    """ISO 4217 code of the prices."""
    language: str
    surfaces: tuple[str, ...]
    """What this bundle answers: ``search``, ``recommend``, ``similar``."""
    n_items: int
    query_examples: tuple[str, ...]
    users: list[ExampleUser]
    """Empty unless the server was told to show some."""
    bundle: str
    made_at: str


class Health(msgspec.Struct, frozen=True):
    """Whether the server is well."""

    status: str
    """``ok``, or ``read_only`` when events cannot be stored (answers go on)."""
    read_only: bool
    why: str
    """What is wrong with the event store; empty when nothing is."""
    bundle: str
    surfaces: tuple[str, ...]
    n_items: int
    waiting: int
    """Requests in the scoring queue."""
    degraded: int
    """Requests since the start that got popular items for want of time."""
    events_stored: int
    """Since the start."""


class Service:
    """Questions and events of one bundle.

    Args:
        engine: Answers.
        about: What the bundle says of itself.
        events: Where events are stored; ``None`` serves answers only.
        pseudonym: From a raw user identifier to its keyed pseudonym.
        now: The server's clock, with time zone.
        limits: Threads, queue, time.
    """

    def __init__(
        self,
        engine: Engine,
        about: About,
        *,
        events: EventLog | None,
        pseudonym: Callable[[str], str],
        now: Callable[[], datetime],
        limits: Limits | None = None,
    ) -> None:
        self.engine = engine
        self.about = about
        self._events = events
        self._raw_pseudonym = pseudonym
        self._aliases = {f"example-{n}": name for n, name in enumerate(about.examples, start=1)}
        self._now = now
        self._admission = Admission(limits or Limits())
        kinds = tuple(about.history_kinds)
        self._kinds = frozenset(kinds)
        scale = about.logged.facts.get("rating", {}) if about.logged else {}
        self._rating_top = float(scale.get("top", FIVE_STARS[0]))
        liked = float(scale.get("like_above", FIVE_STARS[1]))
        read = partial(events.history, kinds=kinds, limit=MAX_SEEN, like_above=liked) if events else _nothing
        self._histories = Histories(
            about.logged,
            read=read,
            returned=events.returned if events else _nothing,
            number=engine.number,
            max_history=about.max_history,
        )

    async def search(self, query: str, *, k: int, explain: bool = True) -> Answer:
        """Items for what was typed. Nobody's history is looked at.

        Args:
            query: Any text.
            k: Length of the list.
            explain: Whether reasons are worked out.

        Returns:
            At most ``k`` items; none where nothing matches.

        Raises:
            StageError: The bundle has no search.
        """
        self.engine.require(Surface.SEARCH)
        request = Request(query=query)
        return await self._answer(lambda: self.engine.answer(Surface.SEARCH, request, k=k, explain=explain), k=k)

    async def recommend(self, user: str, *, k: int, personalise: bool = True, explain: bool = True) -> Answer:
        """Items for a user.

        Args:
            user: The shop's own identifier; empty or unknown gets what is popular.
            k: Length of the list.
            personalise: False: no history is read, and everybody gets the same list.
            explain: Whether reasons are worked out.

        Returns:
            At most ``k`` items.

        Raises:
            StageError: The bundle has no recommendation.
        """
        self.engine.require(Surface.RECOMMEND)

        def work() -> list[Shown]:
            history, seen = self._histories.split(self._pseudonym(user)) if personalise and user else ((), ())
            request = Request(history=history, seen=seen)
            return self.engine.answer(Surface.RECOMMEND, request, k=k, explain=explain)

        return await self._answer(work, k=k)

    async def similar(self, item_id: str, *, k: int, explain: bool = True) -> Answer | None:
        """Items like this one.

        Args:
            item_id: The shop's own identifier.
            k: Length of the list.
            explain: Whether reasons are worked out.

        Returns:
            At most ``k`` items; ``None`` when the catalogue does not have the item.

        Raises:
            StageError: The bundle serves no similar items.
        """
        self.engine.require(Surface.SIMILAR)
        number = self.engine.number(item_id)
        if number == NONE:
            return None
        request = Request(items=(number,), exclude=(number,))
        return await self._answer(lambda: self.engine.answer(Surface.SIMILAR, request, k=k, explain=explain), k=k)

    def card(self, item_id: str) -> Card | None:
        """All that is known of an item, ``None`` when the catalogue does not have it."""
        number = self.engine.number(item_id)
        return None if number == NONE else self.engine.card(number)

    async def take(self, sent: Sequence[EventIn]) -> EventsAnswer:
        """Store events and let them change the next answers.

        Args:
            sent: Parsed; times and items are checked here.

        Returns:
            Only after the good ones are on the disk.

        Raises:
            StageError: This server stores no events.
            StorageError: They could not be stored; nothing was acknowledged and they may be sent again.
        """
        if self._events is None:
            raise StageError("this server was started without an event store: give it a state folder")
        if self._events.trouble:
            raise StorageError(self._events.trouble)
        checked = check(sent, now=self._now(), pseudonym=self._pseudonym, rating_top=self._rating_top)
        if not checked.events:
            return EventsAnswer([], 0, 0, 0, list(checked.refused))
        appended = await asyncio.wrap_future(self._events.append(checked.events))
        taken = set(appended.taken)
        kept = [event for place, event in enumerate(checked.events) if place not in taken]
        refused = [*checked.refused, *(_taken(checked, place) for place in appended.taken)]
        unknown = self._remember(kept)
        ids = [event.event_id for event in kept]
        refused.sort(key=lambda refusal: refusal.index)
        return EventsAnswer(ids, appended.stored, appended.duplicates - len(taken), unknown, refused)

    def shop(self) -> ShopAnswer:
        """What a store front must know before the first question."""
        about = self.about
        return ShopAnswer(
            name=about.shop.name,
            currency=about.shop.currency,
            language=about.shop.language,
            surfaces=self.engine.surfaces,
            n_items=self.engine.n_items,
            query_examples=about.query_examples,
            users=[self._example(user) for user in self._aliases],
            bundle=about.digest,
            made_at=about.made_at,
        )

    def is_example(self, user: str) -> bool:
        """Whether anybody may ask and tell under this name: it is one of the users to try."""
        return user in self._aliases

    def health(self) -> Health:
        """How the server is; never waits."""
        trouble = self._events.trouble if self._events else "no event store: this server only answers"
        return Health(
            status="read_only" if trouble else "ok",
            read_only=bool(trouble),
            why=trouble,
            bundle=self.about.digest,
            surfaces=self.engine.surfaces,
            n_items=self.engine.n_items,
            waiting=self._admission.waiting,
            degraded=self._admission.refused,
            events_stored=self._events.stored if self._events else 0,
        )

    def warm_up(self) -> None:
        """Ask each surface once, so that the first shopper does not pay for lazy loading."""
        query = (self.about.query_examples or ("a",))[0]
        requests = {
            Surface.SEARCH: Request(query=query),
            Surface.RECOMMEND: Request(history=(0,)),
            Surface.SIMILAR: Request(items=(0,)),
        }
        if self.engine.n_items:
            for surface in self.engine.surfaces:
                self.engine.answer(Surface(surface), requests[Surface(surface)], k=10, explain=True)

    def close(self) -> None:
        """Finish what was begun; afterwards nothing is answered."""
        self._admission.close()
        if self._events is not None:
            self._events.close()

    async def _answer(self, work: Callable[[], list[Shown]], *, k: int) -> Answer:
        started = time.perf_counter()
        outcome = await self._admission.run(work)
        items = self.engine.popular(k=k) if outcome.refused else outcome.value
        took_ms = round((time.perf_counter() - started) * 1000, 3)
        return Answer(items, bool(outcome.refused), outcome.refused, self.about.digest, took_ms)

    def _pseudonym(self, user: str) -> str:
        return self._aliases.get(user) or self._raw_pseudonym(user)

    def _example(self, user: str) -> ExampleUser:
        history, older = self._histories.split(self._aliases[user])
        latest = [self.engine.card(number).title for number in reversed(history[-3:])]
        return ExampleUser(user, len(history) + len(older), latest)

    def _remember(self, events: Sequence[Event]) -> int:
        kinds = self._kinds | {EventKind.RETURN.value}
        for user in {event.user for event in events if event.user and event.kind.value in kinds}:
            self._histories.changed(user)
        items = (event.item_id for event in events if event.item_id)
        return sum(self.engine.number(item_id) == NONE for item_id in items)


def _taken(checked: Checked, place: int) -> Refusal:
    name = checked.events[place].event_id
    says = f"event_id {name[:64]!r} belongs to another event that was stored before: give this one an id of its own"
    return Refusal(checked.places[place], "event_id_taken", says)


def _nothing(pseudonym: str) -> list[str]:
    return []
