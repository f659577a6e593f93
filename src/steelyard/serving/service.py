"""One running shop: takes questions and events, gives answers. All that HTTP adds is parsing and headers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from steelyard.domain import NONE, Event, EventKind, Request, Surface
from steelyard.errors import StageError, StorageError
from steelyard.serving.admission import Admission, Limits
from steelyard.serving.answers import Answer, EventsAnswer, ExampleUser, Health, Shop, ShopAnswer
from steelyard.serving.browse import Order
from steelyard.serving.cards import Card
from steelyard.serving.engine import BOUGHT_WITH, Engine, Shown
from steelyard.serving.events import Checked, EventIn, EventLog, Refusal, check
from steelyard.serving.history import MAX_SEEN, Histories, LoggedHistories
from steelyard.serving.pictures import Picture, PicturePort

__all__ = [
    "HISTORY_KINDS",
    "NO_PROMISES",
    "About",
    "Answer",
    "EventsAnswer",
    "ExampleUser",
    "Health",
    "Service",
    "Shop",
    "ShopAnswer",
]

HISTORY_KINDS = tuple(
    kind.value
    for kind in (EventKind.VIEW, EventKind.CLICK, EventKind.ADD_TO_CART, EventKind.PURCHASE, EventKind.RATING)
)
"""Kinds of event that say what a user took an interest in, where the bundle does not name its own."""
NO_PROMISES = b'{"rows": [], "summary": {}, "currency": ""}'
"""The record of promises before one was checked."""
FIVE_STARS = (5.0, 3.0)
"""Best rating, and what is not yet liking, where the bundle does not name its own scale."""
_WORDS_SHARE = 0.2
"""Share of the time for an answer that is kept for the words alone, should the whole search not be done by then."""
_WARMING = ("牛奶 商品", "1/2 in. x 12oz t-shirt", "xyzzyq", "the")
"""Questions of every kind: what loads on first use is loaded before the first shopper asks."""


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
    promises: bytes = NO_PROMISES
    """The record of promises, as JSON."""
    max_history: int = 50
    history_kinds: tuple[str, ...] = HISTORY_KINDS
    log_kind: str = ""
    """The kind of event of a log that holds one kind only."""
    pictures: str = ""
    """Where the pictures lie that items name without a host."""
    picture_sources: tuple[str, ...] = ()
    """Hosts that pages may load pictures from."""
    picture_folder: PicturePort | None = None
    """Reads the pictures that lie in a folder."""
    logged: LoggedHistories | None = None
    """What users took in the log the models learnt from, by pseudonym."""
    examples: tuple[str, ...] = ()
    """Pseudonyms of users anybody may ask for as ``example-1`` …: for demonstrations, none by default."""


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
        limits = limits or Limits()
        self._words: Admission | None = None
        if engine.has_words:
            rest_s = limits.answer_within_s * _WORDS_SHARE
            self._words = Admission(replace(limits, workers=1, answer_within_s=rest_s))
            limits = replace(limits, answer_within_s=limits.answer_within_s - rest_s)
        self._admission = Admission(limits)
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

    async def search(self, query: str, *, k: int, explain: bool = True, diversify: bool = False) -> Answer:
        """Items for what was typed. Nobody's history is looked at.

        Args:
            query: Any text.
            k: Length of the list.
            explain: Whether reasons are worked out.
            diversify: One card a product, with its sizes.

        Returns:
            At most ``k`` items; none where nothing matches. Without time for the whole search, what its words find.

        Raises:
            StageError: The bundle has no search.
        """
        self.engine.require(Surface.SEARCH)
        request = Request(query=query)

        def work() -> list[Shown]:
            return self.engine.answer(Surface.SEARCH, request, k=k, explain=explain, diversify=diversify)

        return await self._answer(work, k=k, words=lambda: self.engine.by_words(query, k=k, explain=explain))

    async def recommend(
        self, user: str, *, k: int, personalise: bool = True, explain: bool = True, diversify: bool = False
    ) -> Answer:
        """Items for a user.

        Args:
            user: The shop's own identifier; empty or unknown gets what is popular.
            k: Length of the list.
            personalise: False: no history is read, and everybody gets the same list.
            explain: Whether reasons are worked out.
            diversify: One card a product, and not many of one category among the first.

        Returns:
            At most ``k`` items.

        Raises:
            StageError: The bundle has no recommendation.
        """
        self.engine.require(Surface.RECOMMEND)

        def work() -> list[Shown]:
            history, seen = self._histories.split(self._pseudonym(user)) if personalise and user else ((), ())
            request = Request(history=history, seen=seen)
            return self.engine.answer(Surface.RECOMMEND, request, k=k, explain=explain, diversify=diversify)

        return await self._answer(work, k=k)

    async def similar(self, item_id: str, *, k: int, explain: bool = True) -> Answer | None:
        """Items that could be taken instead of this one; the same product under another number is none of them.

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

    async def bought_with(self, item_id: str, *, k: int, explain: bool = True) -> Answer | None:
        """Items that are often bought with this one, what everybody buys anyway moved down.

        Args:
            item_id: The shop's own identifier.
            k: Length of the list.
            explain: Whether reasons are worked out.

        Returns:
            At most ``k`` items; ``None`` when the catalogue does not have the item.

        Raises:
            StageError: The bundle does not know what is bought together.
        """
        self.engine.require_bought_with()
        number = self.engine.number(item_id)
        if number == NONE:
            return None
        return await self._answer(lambda: self.engine.bought_with(number, k=k, explain=explain), k=k)

    async def browse(self, department: str, order: Order, *, k: int) -> Answer:
        """The catalogue without a question.

        Args:
            department: Widest category; empty means all of them.
            order: In which order.
            k: Length of the list.

        Returns:
            At most ``k`` items.
        """
        return await self._answer(lambda: self.engine.shelf(department, order, k=k), k=k)

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

    async def picture(self, name: str, *, known: str = "") -> Picture | None:
        """A picture of the shop's folder.

        Args:
            name: As the item gives it.
            known: Tag of the one that the asker has.

        Returns:
            ``None`` when there is none.
        """
        folder = self.about.picture_folder
        return None if folder is None else await asyncio.to_thread(folder.read, name, known=known)

    def shop(self) -> ShopAnswer:
        """What a store front must know before the first question."""
        about = self.about
        return ShopAnswer(
            name=about.shop.name,
            currency=about.shop.currency,
            language=about.shop.language,
            surfaces=self.engine.shelves,
            n_items=self.engine.n_items,
            departments=self.engine.browse.departments,
            query_examples=about.query_examples,
            pictures=about.pictures,
            picture_sources=about.picture_sources,
            log_kind=about.log_kind,
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
        """Ask each surface, in every language and way it can be asked, so that no shopper pays for lazy loading."""
        if not self.engine.n_items:
            return
        title = self.engine.card(0).title
        queries = [query for query in (*self.about.query_examples[:2], title, title[1:], *_WARMING) if query.strip()]
        requests = {
            Surface.SEARCH: [Request(query=query) for query in queries],
            Surface.RECOMMEND: [Request(history=(0,)), Request()],
            Surface.SIMILAR: [Request(items=(0,))],
        }
        for surface in map(Surface, self.engine.surfaces):
            for request in requests[surface]:
                self.engine.answer(surface, request, k=10, explain=True, diversify=True)
        if BOUGHT_WITH in self.engine.shelves:
            self.engine.bought_with(0, k=10, explain=True)

    def close(self) -> None:
        """Finish what was begun; afterwards nothing is answered."""
        self._admission.close()
        if self._words is not None:
            self._words.close()
        if self._events is not None:
            self._events.close()

    async def _answer(
        self, work: Callable[[], list[Shown]], *, k: int, words: Callable[[], list[Shown]] | None = None
    ) -> Answer:
        started = time.perf_counter()
        outcome = await self._admission.run(work)
        items, instead = outcome.value, ""
        if outcome.refused:
            items, instead = await self._instead(words, k=k)
        took_ms = round((time.perf_counter() - started) * 1000, 3)
        return Answer(items, bool(outcome.refused), outcome.refused, self.about.digest, took_ms, instead)

    async def _instead(self, words: Callable[[], list[Shown]] | None, *, k: int) -> tuple[list[Shown], str]:
        """What is sent for want of time, and what that is."""
        if words is not None and self._words is not None:
            outcome = await self._words.run(words)
            if not outcome.refused:
                return outcome.value, "words"
        return self.engine.popular(k=k), "popular"

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
