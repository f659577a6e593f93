"""One bundle while it is served: its engine, what it says of itself, and each user's history in its item numbers.

The server may take up another bundle while it runs. What belongs to one bundle is held here together, so that a request
that began on one ends on the same one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial

from steelyard.domain import MAX_PAST, NONE, Event, EventKind, Request, Surface
from steelyard.models.ranking.personal import PersonalWeights
from steelyard.serving.answers import ExampleUser, Shop, ShopAnswer
from steelyard.serving.basics import Basics
from steelyard.serving.engine import BOUGHT_WITH, Engine
from steelyard.serving.events import EventLog
from steelyard.serving.history import MAX_SEEN, Histories, LoggedHistories
from steelyard.serving.lists.curation import Curation
from steelyard.serving.lists.listing import ALL_FACETS, Question, Sort
from steelyard.serving.pasts import LoggedPasts, Pasts
from steelyard.serving.pictures import PicturePort
from steelyard.serving.search_pages import SearchPages

__all__ = ["HISTORY_KINDS", "NO_PROMISES", "About", "Served"]

HISTORY_KINDS = tuple(
    kind.value
    for kind in (EventKind.VIEW, EventKind.CLICK, EventKind.ADD_TO_CART, EventKind.PURCHASE, EventKind.RATING)
)
"""Kinds of event that show a user's interest, where the bundle does not name its own."""
NO_PROMISES = b'{"rows": [], "summary": {}, "currency": ""}'
"""The record of promises before one was checked."""
FIVE_STARS = (5.0, 3.0)
"""Best rating, and what is not yet liking, where the bundle does not name its own scale."""
_WARMING = ("牛奶 商品", "1/2 in. x 12oz t-shirt", "xyzzyq", "the")
"""Questions of every kind: what loads on first use is loaded before the first shopper asks."""
_OPINIONS = frozenset(
    kind.value
    for kind in (EventKind.RETURN, EventKind.HIDE, EventKind.RATING, EventKind.PURCHASE, EventKind.ADD_TO_CART)
)
"""Kinds that say whether an item is liked, whatever a history is made of."""


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
    """What users interacted with in the log the models learnt from, by pseudonym."""
    reads_past: bool = False
    """Whether the model that recommends reads events with repeats and times."""
    pasts: LoggedPasts | None = None
    """Those of the log, by pseudonym; ``None`` where no model reads them."""
    basics: Basics | None = None
    """What the shop's table of users says of each, by pseudonym; ``None`` where no model reads it."""
    examples: tuple[str, ...] = ()
    """Pseudonyms of users anybody may ask for as ``example-1`` …: for demonstrations, none by default."""
    person_of: Mapping[str, str] = field(default_factory=dict)
    """From a pseudonym to the one that stands for the same person, of those who are known by several."""
    personal: PersonalWeights = field(default_factory=PersonalWeights)
    """How much what is known of a shopper counts in a search; nothing by default."""
    changes: str = ""
    """The moment of the journal up to which the bundle holds the changes of its catalogue; empty where of none."""
    configurations: Mapping[str, str] = field(default_factory=dict)
    """By surface, the name of the configuration that answers it."""

    def without(self, people: frozenset[str]) -> About:
        """The same, knowing nothing of some people; itself where it knows none of them."""
        logged = self.logged.without(people) if self.logged is not None and people else self.logged
        pasts = self.pasts.without(people) if self.pasts is not None and people else self.pasts
        basics = self.basics.without(people) if self.basics is not None and people else self.basics
        if logged is self.logged and pasts is self.pasts and basics is self.basics:
            return self
        examples = tuple(name for name in self.examples if name not in people)
        return replace(self, logged=logged, pasts=pasts, basics=basics, examples=examples)


class _LastWords:
    """The event log, without what users do not like.

    Args:
        events: ``None`` where nothing is stored.
        like_above: Ratings up to this one are negative.
    """

    def __init__(self, events: EventLog | None, like_above: float) -> None:
        self._events, self._like_above = events, like_above

    def history(self, user: str, *, kinds: Sequence[str]) -> Sequence[str]:
        """Items of events of these kinds, oldest first, without those that are disliked."""
        if self._events is None:
            return ()
        found = self._events.history(user, kinds=kinds, limit=MAX_SEEN, like_above=self._like_above)
        disliked = frozenset(self.negative(user)) if found else frozenset()
        return [item_id for item_id in found if item_id not in disliked]

    def past(self, user: str, *, kinds: Sequence[str]) -> Sequence[tuple[str, float]]:
        """Each event of these kinds with its time, oldest first, without items that are disliked."""
        if self._events is None:
            return ()
        found = self._events.past(user, kinds=kinds, limit=MAX_PAST, like_above=self._like_above)
        disliked = frozenset(self.negative(user)) if found else frozenset()
        return [event for event in found if event[0] not in disliked]

    def undone(self, user: str) -> Sequence[str]:
        """Items that no longer count in the log the models learnt from."""
        return [*self._events.returned(user), *self.negative(user)] if self._events else ()

    def negative(self, user: str) -> Sequence[str]:
        """Items whose last word is negative."""
        return self._events.last_words(user, like_above=self._like_above)[0] if self._events else ()

    def positive(self, user: str) -> Sequence[str]:
        """Items whose last word is positive: what the log said against them is taken back."""
        return self._events.last_words(user, like_above=self._like_above)[1] if self._events else ()


class Served:
    """A bundle that is served, or is about to be.

    Args:
        engine: Answers.
        about: What the bundle says of itself.
        events: Where events are stored; ``None`` where only answers are served.
        curated: Makes the rules of merchandisers for its catalogue; ``None`` where there are none.
    """

    def __init__(
        self,
        engine: Engine,
        about: About,
        *,
        events: EventLog | None,
        curated: Callable[[Engine], Curation] | None = None,
    ) -> None:
        self.curation = None if curated is None else curated(engine)
        """Rules of merchandisers; ``None`` where there are none."""
        self.engine = engine
        self.about = about
        self.aliases = {f"example-{n}": name for n, name in enumerate(about.examples, start=1)}
        kinds = tuple(about.history_kinds)
        self._kinds = frozenset(kinds) | _OPINIONS
        scale = about.logged.facts.get("rating", {}) if about.logged else {}
        self.rating_top = float(scale.get("top", FIVE_STARS[0]))
        liked = float(scale.get("like_above", FIVE_STARS[1]))
        words = _LastWords(events, liked)
        of_engine = partial(Pasts, returned=words.undone, number=engine.number)
        self.pasts = of_engine(about.pasts, read=partial(words.past, kinds=kinds)) if about.reads_past else None
        """Events with repeats and times; ``None`` where the model that recommends does not read them."""
        of_bundle = partial(Histories, number=engine.number)
        of_liked = partial(of_bundle, returned=words.undone, max_history=about.max_history)
        self.histories = of_liked(about.logged, read=partial(words.history, kinds=kinds))
        disliked = about.logged.disliked if about.logged else None
        self.disliked = of_bundle(disliked, read=words.negative, returned=words.positive, max_history=MAX_SEEN)
        """What each user is shown no more: their last word on it was a low rating, a return or a hide."""
        logged = about.logged if about.log_kind == EventKind.PURCHASE.value else None
        self.bought = of_liked(logged, read=partial(words.history, kinds=(EventKind.PURCHASE.value,)))
        """Of those of ``histories`` what is known to have been bought; of a log with several kinds only what was bought
        since."""

    @cached_property
    def pages(self) -> SearchPages:
        """Searches page by page, and the lists that are kept for the next page."""
        return SearchPages(
            self.engine,
            self.about.digest,
            currency=self.about.shop.currency,
            curation=self.curation,
            model=self.about.configurations.get(Surface.SEARCH.value, ""),
            weights=self.about.personal,
        )

    def request(self, pseudonym: str, before: str, *, now_s: float) -> Request:
        """What is known of somebody, as it was asked when the model was measured.

        Args:
            pseudonym: Under today's key; nobody where it is empty.
            before: Under the key before; empty where there is none.
            now_s: When it is asked, in seconds since 1970 UTC.

        Returns:
            A request with repeats and times, and with basic information, where the model that recommends reads them.
        """
        history, seen = self.histories.split(pseudonym, before=before)
        hidden, hidden_before = self.disliked.split(pseudonym, before=before)
        basics = self.about.basics.of(pseudonym, before=before) if self.about.basics is not None else ()
        known = Request(history=history, seen=seen, basics=basics, exclude=(*hidden_before, *hidden))
        if self.pasts is None:
            return known
        return replace(known, past=self.pasts.of(pseudonym, before=before), asked_s=now_s)

    def changed(self, person: str) -> None:
        """Tell that events of somebody were stored."""
        self.histories.changed(person)
        self.bought.changed(person)
        if self.pasts is not None:
            self.pasts.changed(person)
        self.disliked.changed(person)

    def knows(self, item_id: str) -> bool:
        """Whether the catalogue has an item."""
        return self.engine.number(item_id) != NONE

    def remember(self, events: Sequence[Event]) -> int:
        """Let stored events change the next answers.

        Args:
            events: On the disk already.

        Returns:
            How many of their items this bundle's catalogue does not have.
        """
        for user in {event.user for event in events if event.user and event.kind.value in self._kinds}:
            self.changed(user)
        items = (event.item_id for event in events if event.item_id)
        return sum(self.engine.number(item_id) == NONE for item_id in items)

    def shop(self) -> ShopAnswer:
        """What a store front must know before the first question."""
        about = self.about
        return ShopAnswer(
            name=about.shop.name,
            currency=about.shop.currency,
            language=about.shop.language,
            surfaces=self.engine.shelves,
            n_items=self.engine.n_items,
            sorts=tuple(sort.value for sort in Sort if sort is not Sort.BEST_SELLING or self.engine.sold is not None),
            departments=self.engine.browse.departments,
            query_examples=about.query_examples,
            pictures=about.pictures,
            picture_sources=about.picture_sources,
            log_kind=about.log_kind,
            users=[self._example(user) for user in self.aliases],
            bundle=about.digest,
            made_at=about.made_at,
            is_search_personal=bool(about.personal),
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
                if surface is Surface.SEARCH:
                    self.engine.search(request, k=10, explain=False)
        if Surface.SEARCH.value in self.engine.surfaces:
            for query in queries[:2]:
                question = Question(query, facets=(ALL_FACETS,), diversify=True)
                self.pages.page(self.pages.check(question))
        if BOUGHT_WITH in self.engine.shelves:
            self.engine.bought_with([0], k=10, explain=True)

    def _example(self, user: str) -> ExampleUser:
        history, older = self.histories.split(self.aliases[user])
        latest = [self.engine.card(number).title for number in reversed(history[-3:])]
        return ExampleUser(user, len(history) + len(older), latest)
