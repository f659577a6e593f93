"""One running shop: takes questions and events, gives answers. All that HTTP adds is parsing and headers."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

import msgspec

from steelyard.config.curation import CurationRule
from steelyard.domain import NONE, Request, Surface
from steelyard.errors import StageError, StorageError
from steelyard.serving.admission import Limits
from steelyard.serving.answers import Answer, ChangesState, EventsAnswer, Health, Shop, ShopAnswer, SuggestAnswer
from steelyard.serving.browse import Order
from steelyard.serving.cards import Card
from steelyard.serving.engine import BOUGHT_WITH, Engine, Shown
from steelyard.serving.events import EventIn, EventLog, check, taken
from steelyard.serving.exploring import Explorer, Turn
from steelyard.serving.history import Histories
from steelyard.serving.known_as import KnownAs
from steelyard.serving.list_rules import rules_applied
from steelyard.serving.lists.curation import Curation, Trouble
from steelyard.serving.lists.listing import Question
from steelyard.serving.pictures import Picture
from steelyard.serving.searches import SearchAnswer, Searches
from steelyard.serving.served import HISTORY_KINDS, NO_PROMISES, About, Served
from steelyard.serving.tastes import KeptHistories, Searcher
from steelyard.serving.timely import Timely

__all__ = [
    "HISTORY_KINDS",
    "NO_PROMISES",
    "About",
    "Answer",
    "EventsAnswer",
    "Health",
    "Question",
    "SearchAnswer",
    "Service",
    "Shop",
    "ShopAnswer",
    "SuggestAnswer",
]


class Service:
    """Questions and events of the bundle that is served; another may take its place while requests come in.

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
        self._curated: Callable[[Engine], Curation] | None = None
        self._replacing = threading.Lock()
        self.explorer: Explorer | None = None
        """Fills a place in recommendations by chance; ``None`` where nothing is explored."""
        self.changes: Callable[[], ChangesState] | None = None
        """Says what of the catalogue was changed since the bundle; ``None`` where this server takes no changes."""
        self._served = Served(engine, about, events=events)
        self._events = events
        self._known_as = KnownAs(pseudonym)
        self._known_as.join(about.person_of)
        self._now = now
        self._timely = Timely(limits or Limits())
        self._searches = Searches()
        self._kept = KeptHistories()

    @property
    def served(self) -> Served:
        """The bundle that answers now. What asks it twice keeps it: the next look may find another."""
        return self._served

    @property
    def engine(self) -> Engine:
        """What answers now."""
        return self._served.engine

    @property
    def about(self) -> About:
        """What the bundle that answers now says of itself."""
        return self._served.about

    def swap(self, engine: Engine, about: About) -> None:
        """Answer from another bundle from now on; what was begun ends on the one before.

        Args:
            engine: Asked once on each surface before the first shopper asks it; all of this in the caller's thread.
            about: What the bundle says of itself.
        """
        with self._replacing:
            served = Served(engine, about.without(self._known_as.erased), events=self._events, curated=self._curated)
            served.warm_up()
            if self.explorer is not None:
                self.explorer.begin_anew(about.digest)
            self._known_as.join(about.person_of)
            self._served = served

    def change(self, engine: Engine) -> None:
        """Answer from another engine of the same bundle from now on: its catalogue was changed."""
        with self._replacing:
            self._served = Served(engine, self.about, events=self._events, curated=self._curated)

    def forget(self, people: frozenset[str]) -> None:
        """Know nothing of erased people from the next request on: neither their history nor what they do from now on.

        Args:
            people: Pseudonyms of everybody who was erased; who is no longer among them may be known again.
        """
        with self._replacing:
            self._known_as.erased = people
            self._kept.forget()
            about = self.about.without(people)
            self._served = Served(self.engine, about, events=self._events, curated=self._curated)

    def curate(self, rules: Sequence[CurationRule], *, timezone: str = "") -> list[Trouble]:
        """Answer searches under these rules from now on, whichever bundle answers.

        Args:
            rules: In place of those before.
            timezone: In which their days begin; UTC where it is empty.

        Returns:
            What of them cannot be done over the catalogue that answers now.
        """

        def curated(engine: Engine) -> Curation:
            return Curation(rules, fields=engine.fields, number=engine.number, now=self._now, timezone=timezone)

        with self._replacing:
            self._curated = curated if rules else None
            self._served = Served(self.engine, self.about, events=self._events, curated=self._curated)
            made = self._served.curation
        return [] if made is None else made.troubles

    def rekey(self, pseudonym: Callable[[str], str], before: Callable[[str], str] | None) -> None:
        """Go on under another key of the pseudonyms.

        Args:
            pseudonym: Of the new key.
            before: Of the key before, while it is kept: what is known under it counts too.
        """
        self._known_as.rekey(pseudonym, before)

    def carried(self) -> dict[str, str]:
        """People who came since the last call, by their pseudonym under the key before: that of today."""
        return self._known_as.carried()

    def moved(self, people: Sequence[str]) -> None:
        """Tell that stored events have other pseudonyms now."""
        for name in people:
            self._served.changed(name)

    async def search(self, question: Question) -> SearchAnswer:
        """Items for what was typed; where the bundle's search is personal and a user is named, in their order.

        Args:
            question: What was asked.

        Returns:
            At most ``question.k`` results; none where nothing matches. In want of time as ``SearchPages.find`` says.

        Raises:
            StageError: The bundle has no search.
            AskError: It cannot be answered as it was asked.
        """
        served = self._served
        page, told = await served.pages.find(question, self._timely, searcher=self._searcher(served, question.user))
        if not (question.cursor or told.degraded):
            self._searches.count(n_shown=len(page.items), is_weak=page.understood.is_weak, is_narrowed=page.is_narrowed)
        return page.answer(told, question, bundle=served.about.digest)

    async def recommend(
        self, user: str, *, k: int, personalise: bool = True, request_id: str = "", **how: bool
    ) -> Answer:
        """Items for a user.

        Args:
            user: The shop's own identifier; empty or unknown gets what is popular.
            k: Length of the list.
            personalise: False: no history is read, nothing is explored, and everybody gets the same list.
            request_id: Decides with the explorer's seed whether and how is explored; made where it is empty.
            **how: ``explain``: whether reasons are worked out; ``diversify``: one card a product, and not many of one
                category among the first.

        Returns:
            At most ``k`` items; StageError where the bundle has no recommendation.
        """
        served = self._served
        served.engine.require(Surface.RECOMMEND)
        turn = Turn.of(self.explorer if personalise else None, request_id, k=k, **how)

        def work() -> list[Shown]:
            request = self._request(served, user) if personalise and user else Request()
            return turn.answer(served.engine, request)

        told = Surface.RECOMMEND.value if how.get("explain", True) else ""
        return turn.told(await self._answer(served, work, k=k, told=told))

    async def similar(self, item_id: str, *, k: int, explain: bool = True) -> Answer | None:
        """Items that could be bought instead of this one; the same product under another number is none of them.

        Args:
            item_id: The shop's own identifier.
            k: Length of the list.
            explain: Whether reasons are worked out.

        Returns:
            At most ``k`` items; ``None`` when the catalogue does not have the item.

        Raises:
            StageError: The bundle serves no similar items.
        """
        served = self._served
        served.engine.require(Surface.SIMILAR)
        if (number := served.engine.number(item_id)) == NONE:
            return None
        request = Request(items=(number,), exclude=(number,))
        work = partial(served.engine.answer, Surface.SIMILAR, request, k=k, explain=explain)
        return await self._answer(served, work, k=k, told=Surface.SIMILAR.value if explain else "")

    async def bought_with(self, item_ids: Sequence[str], *, k: int, explain: bool = True) -> Answer | None:
        """Items that are often bought with this one or go with this basket, what everybody buys anyway moved down.

        Args:
            item_ids: The shop's own, of one item or of a basket; what the catalogue does not have is passed over.
            k: Length of the list.
            explain: Whether reasons are worked out.

        Returns:
            At most ``k`` items, none of them of the basket; ``None`` when the catalogue has none of the items.

        Raises:
            StageError: The bundle does not know what is bought together.
        """
        served = self._served
        served.engine.require_bought_with()
        numbers = [n for n in dict.fromkeys(map(served.engine.number, item_ids)) if n != NONE]
        if not numbers:
            return None
        work = partial(served.engine.bought_with, numbers, k=k, explain=explain)
        return await self._answer(served, work, k=k, told=BOUGHT_WITH if explain else "")

    async def browse(self, department: str, order: Order, *, k: int) -> Answer:
        """The catalogue without a question.

        Args:
            department: Widest category; empty means all of them.
            order: In which order.
            k: Length of the list.

        Returns:
            At most ``k`` items.
        """
        served = self._served
        return await self._answer(served, partial(served.engine.shelf, department, order, k=k), k=k)

    def suggest(self, typed: str, *, k: int) -> SuggestAnswer:
        """What the search box may propose; ``StageError`` where the bundle is of a version without."""
        return SuggestAnswer(self.engine.suggest(typed, k=k), self.about.digest)

    def card(self, item_id: str) -> Card | None:
        """All that is known of an item, ``None`` when the catalogue does not have it."""
        engine = self.engine
        number = engine.number(item_id)
        return None if number == NONE else engine.card(number)

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
        served = self._served
        pseudonym = partial(self._known_as.now, aliases=served.aliases)
        checked = check(sent, now=self._now(), pseudonym=pseudonym, rating_top=served.rating_top, knows=served.knows)
        if not checked.events:
            return EventsAnswer([], 0, 0, 0, list(checked.refused))
        events = checked.events if self.explorer is None else self.explorer.marked(checked.events)
        appended = await asyncio.wrap_future(self._events.append(events))
        before = set(appended.taken)
        kept = [event for place, event in enumerate(checked.events) if place not in before]
        refused = [*checked.refused, *(taken(checked, place) for place in appended.taken)]
        unknown = self._served.remember(kept)  # of the bundle that answers by now
        if self.explorer is not None:
            self.explorer.learn(kept)
        places = (place for index, place in enumerate(checked.places) if index not in before)
        ids = [sent[place].event_id or event.event_id for place, event in zip(places, kept, strict=True)]
        refused.sort(key=lambda refusal: refusal.index)
        return EventsAnswer(ids, appended.stored, appended.duplicates - len(before), unknown, refused)

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
        return self._served.shop()

    def is_example(self, user: str) -> bool:
        """Whether anybody may ask and tell under this name: it is one of the users to try."""
        return user in self._served.aliases

    def health(self) -> Health:
        """How the server is; never waits."""
        served = self._served
        trouble = self._events.trouble if self._events else "no event store: this server only answers"
        return Health(
            status="read_only" if trouble else "ok",
            read_only=bool(trouble),
            why=trouble,
            bundle=served.about.digest,
            surfaces=served.engine.surfaces,
            n_items=served.engine.n_items,
            waiting=self._timely.waiting,
            degraded=self._timely.refused,
            events_stored=self._events.stored if self._events else 0,
            searches=self._searches.n,
            searches_without_result=self._searches.n_without_result,
            searches_weak=self._searches.n_weak,
            changes=None if self.changes is None else self.changes(),
        )

    def warm_up(self) -> None:
        """Ask each surface, in every language and way it can be asked, so that no shopper pays for lazy loading."""
        self._served.warm_up()

    def close(self) -> None:
        """Finish what was begun; afterwards nothing is answered."""
        self._timely.close()
        if self._events is not None:
            self._events.close()

    async def _answer(self, served: Served, work: Callable[[], list[Shown]], *, k: int, told: str = "") -> Answer:
        """With the rules of the shelf ``told``, unless it is empty or popular items stand in."""
        items, how = await self._timely.run(work, words=None, ready=partial(served.engine.popular, k=k))
        rules = rules_applied(served.engine.inside, told) if told and not how.degraded else msgspec.UNSET
        digest = served.about.digest
        return Answer(items, how.degraded, how.reason, digest, how.took_ms, how.instead, rules_applied=rules)

    def _searcher(self, served: Served, user: str) -> Searcher | None:
        """Who searches, where their history counts."""
        if not (user and served.about.personal):
            return None
        history, bought = (partial(self._history, served, of, user) for of in (served.histories, served.bought))
        return Searcher(self._known_as.now(user, served.aliases), history, bought, self._kept)

    def _history(self, served: Served, of: Histories, user: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """What the models look at of a user, and all before it."""
        return of.split(self._known_as.now(user, served.aliases), before=self._known_as.before(user, served.aliases))

    def _request(self, served: Served, user: str) -> Request:
        names = self._known_as.now(user, served.aliases), self._known_as.before(user, served.aliases)
        return served.request(*names, now_s=self._now().timestamp())
