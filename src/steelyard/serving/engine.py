"""Answers of one bundle: pipelines rank item numbers, cards turn them into what a page shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from math import isfinite

import msgspec
import numpy as np

from steelyard.domain import NONE, Match, Reason, Request, Surface, Understood
from steelyard.errors import StageError
from steelyard.serving.arrange import Layout, Place, arrange, briefs_of, product_of
from steelyard.serving.browse import Browse, Order, shelf_state
from steelyard.serving.cards import Brief, Card, Cards, ItemIds
from steelyard.serving.inside import Beside, Inside
from steelyard.serving.list_rules import moved_up
from steelyard.serving.lists.field_state import fields_state
from steelyard.serving.lists.fields import Fields
from steelyard.serving.lists.listing import LOOKED_AT
from steelyard.serving.named import Named
from steelyard.serving.pipelines import Pipeline, SearchPipeline
from steelyard.serving.shown import Option, Shown, Why
from steelyard.serving.suggest import Suggestion

__all__ = [
    "BOUGHT_WITH",
    "BY_NUMBER",
    "MAX_K",
    "Beside",
    "Engine",
    "Found",
    "Option",
    "Pipeline",
    "SearchPipeline",
    "Shown",
    "Why",
]

MAX_K = 100
"""Longest list that is ever asked for."""
BOUGHT_WITH = "bought_with"
"""Name of the shelf of what is often bought with an item."""
BY_NUMBER = Understood(Match.ITEM_NUMBER)
_DEPTH_GROWTH = 5
"""A list that is laid out is chosen from so many times its length."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found, and how it understood the query."""

    items: list[Shown]
    understood: Understood = field(default_factory=Understood)


class Engine:
    """Search, recommendation and similar items of one bundle. Thread-safe: nothing changes after it was built.

    Args:
        search: Answers queries; ``None`` where the bundle has no search.
        recommend: Answers histories; ``None`` where there is no behaviour to learn from.
        similar: Answers an item; ``None`` where there is neither behaviour nor text.
        cards: What is shown of each item.
        ids: From the shop's identifiers to item numbers.
        beside: What else the bundle answers.
    """

    def __init__(
        self,
        *,
        search: SearchPipeline | None,
        recommend: Pipeline | None,
        similar: Pipeline | None,
        cards: Cards,
        ids: ItemIds,
        beside: Beside | None = None,
    ) -> None:
        self._search = search
        self._pipelines: dict[Surface, Pipeline] = {
            surface: pipeline
            for surface, pipeline in (
                (Surface.SEARCH, search),
                (Surface.RECOMMEND, recommend),
                (Surface.SIMILAR, similar),
            )
            if pipeline is not None
        }
        self._cards = cards
        self._ids = ids
        beside = beside or Beside()
        self.inside = Inside(search, recommend, similar, cards, ids, beside)
        """What it is made of."""
        self._bought_with = beside.bought_with
        self.words = beside.words
        """Search by words alone; ``None`` where there is none."""
        self._sentences = beside.sentences
        self._named_items = Named(cards, ids, beside.numbers)
        self.browse = beside.browse or Browse(shelf_state(cards))
        """The catalogue without a question."""
        self.fields = beside.fields or Fields(fields_state(cards))
        """What is filtered by and counted."""
        self.sold = beside.sold
        """How often each item was bought; ``None`` where nobody knows."""
        self._suggestions = beside.suggestions
        self._popular = self._find_popular()

    @property
    def surfaces(self) -> tuple[str, ...]:
        """Names of what this bundle answers."""
        return tuple(surface.value for surface in self._pipelines)

    @property
    def shelves(self) -> tuple[str, ...]:
        """``surfaces``, and ``bought_with`` where the bundle knows what is bought together."""
        return (*self.surfaces, *((BOUGHT_WITH,) if self._bought_with is not None else ()))

    @property
    def has_words(self) -> bool:
        """Whether there is a search by words alone."""
        return self.words is not None

    @property
    def n_items(self) -> int:
        """Items in the catalogue."""
        return len(self._cards) - self.inside.beside.n_gone

    def number(self, item_id: str) -> int:
        """Number of the item, ``NONE`` when the catalogue does not have it."""
        return self._ids.number(item_id)

    def card(self, number: int) -> Card:
        """All that is known of an item."""
        return self._cards.card(number)

    def brief(self, number: int) -> Brief:
        """What a list shows of an item."""
        return self._cards.brief(number)

    def popular(self, *, k: int) -> list[Shown]:
        """What most shoppers bought or viewed, ready since the start: the answer when time runs out."""
        return self._popular[:k]

    def require(self, surface: Surface) -> Pipeline:
        """The pipeline of a surface.

        Args:
            surface: What is to be answered.

        Returns:
            Its pipeline.

        Raises:
            StageError: The bundle does not serve it.
        """
        if surface not in self._pipelines:
            has = ", ".join(self.surfaces) or "nothing"
            raise StageError(f"this bundle does not serve {surface.value!r}; it serves {has}. Package it again with it")
        return self._pipelines[surface]

    def require_search(self) -> SearchPipeline:
        """The pipeline of the search; ``StageError`` where the bundle does not serve it."""
        self.require(Surface.SEARCH)
        assert self._search is not None
        return self._search

    def require_bought_with(self) -> Pipeline:
        """The pipeline of what is bought with an item.

        Returns:
            Its pipeline.

        Raises:
            StageError: The bundle does not know what is bought together.
        """
        if self._bought_with is None:
            raise StageError(f"this bundle does not serve {BOUGHT_WITH!r}: there were no purchases to learn it from")
        return self._bought_with

    def depth(self, k: int, *, is_laid_out: bool) -> int:
        """How many items the search is asked for to show ``k`` of them."""
        return min(_DEPTH_GROWTH * k, max(MAX_K, k)) if is_laid_out else k

    def suggest(self, typed: str, *, k: int) -> list[Suggestion]:
        """What the search box may propose.

        Args:
            typed: So far.
            k: At most so many.

        Returns:
            The likeliest first.

        Raises:
            StageError: The bundle was made by an earlier version, which stored no proposals.
        """
        if self._suggestions is None:
            raise StageError("this bundle proposes nothing, an earlier version made it: run `steelyard package` again")
        return self._suggestions.of(typed, k=k)

    def answer(
        self, surface: Surface, request: Request, *, k: int, explain: bool, diversify: bool = False
    ) -> list[Shown]:
        """The best items for one request.

        Args:
            surface: Whose pipeline answers.
            request: Item numbers inside it must be of this catalogue.
            k: Length of the list, in [1, ``MAX_K``].
            explain: Whether reasons are worked out; they cost processor time.
            diversify: Whether the list is laid out for shoppers: one card a product, and in recommendations not more
                than three of a category among the first ten. Similar items are one card a product in any case.

        Returns:
            At most ``k`` items, best first. Similar items never hold the product itself under another number.
        """
        pipeline = self.require(surface)
        if surface is Surface.SIMILAR:
            return self._laid_out(pipeline, request, self._layout(request, k=k, cap=False), explain=explain)
        if diversify:
            layout = Layout(k) if surface is Surface.RECOMMEND else Layout(k, max_of_category=None)
            return self._laid_out(pipeline, request, layout, explain=explain)
        return self._listed(pipeline, request, k=k, explain=explain)

    def search(self, request: Request, *, k: int, explain: bool, diversify: bool = False) -> Found:
        """As ``answer`` for a query, the item whose number it is first; with how the query was understood.

        Args:
            request: Its query is what the shopper typed.
            k: Length of the list, in [1, ``MAX_K``].
            explain: Whether reasons are worked out; they cost processor time.
            diversify: Whether the list is laid out for shoppers.

        Returns:
            At most ``k`` items, best first.
        """
        items = self.answer(Surface.SEARCH, request, k=k, explain=explain, diversify=diversify)
        return self._found(self.require_search(), request, items, k=k)

    def by_words(self, request: Request, *, k: int, explain: bool) -> Found:
        """What the words of a query find, without anything that takes long.

        Args:
            request: Its query is what the shopper typed.
            k: Length of the list.
            explain: Whether reasons are worked out.

        Returns:
            At most ``k`` items, best first.

        Raises:
            StageError: The bundle has no search by words.
        """
        if self.words is None:
            raise StageError("this bundle has no search by words alone: package it again")
        return self._found(self.words, request, self._listed(self.words, request, k=k, explain=explain), k=k)

    def bought_with(self, numbers: Sequence[int], *, k: int, explain: bool) -> list[Shown]:
        """What is often bought with an item, or goes with a basket: other products in whatever size.

        Beside a single item nothing of its own category comes, which could be bought instead, unless it is bought with
        nothing else. Of one category at most three come among the first ten.

        Args:
            numbers: The item, or those of the basket, each once; at least one.
            k: Length of the list.
            explain: Whether reasons are worked out.

        Returns:
            At most ``k`` items, best first.

        Raises:
            StageError: The bundle does not know what is bought together.
        """
        pipeline = self.require_bought_with()
        request = Request(items=tuple(numbers), exclude=tuple(numbers))
        layout = self._layout(request, k=k, cap=True)
        found = self._laid_out(pipeline, request, layout, explain=explain)
        if found or not layout.without_category:
            return found
        return self._laid_out(pipeline, request, replace(layout, without_category=()), explain=explain)

    def shelf(self, department: str, order: Order, *, k: int) -> list[Shown]:
        """The catalogue without a question, one card a product.

        Args:
            department: Widest category; empty means all of them.
            order: In which order.
            k: Length of the list.

        Returns:
            At most ``k`` items.
        """
        numbers = self.browse.items(department, order, k=min(_DEPTH_GROWTH * k, MAX_K * _DEPTH_GROWTH))
        briefs = [self._cards.brief(number) for number in numbers]
        cap = None if department else Layout(k).max_of_category
        places = arrange(briefs, Layout(k, max_of_category=cap if order is Order.LATEST else None))
        return [self._card_of(numbers, briefs, place, 0.0, ()) for place in places]

    def _found(self, pipeline: SearchPipeline, request: Request, items: list[Shown], *, k: int) -> Found:
        named = self._named(pipeline, request.query)
        if named:
            ids = {shown.id for shown in named}
            return Found([*named, *(shown for shown in items if shown.id not in ids)][:k], BY_NUMBER)
        numbers = np.array([self._ids.number(shown.id) for shown in items[:LOOKED_AT]], np.int64)
        return Found(items, pipeline.understand(request, numbers))

    def _named(self, pipeline: SearchPipeline, query: str) -> list[Shown]:
        """Items whose number the query is, as lists show them."""
        return [
            self.shown(item, 0.0, [Reason("item_number", 1.0, words=(name,))])
            for item, name in self.named(pipeline, query).items()
        ]

    def named(self, pipeline: SearchPipeline, query: str) -> dict[int, str]:
        """Items whose number the query is, each with the identifier that was meant."""
        return self._named_items.of(pipeline, query)

    def _listed(self, pipeline: Pipeline, request: Request, *, k: int, explain: bool) -> list[Shown]:
        ranked = pipeline.answer([request], k=k)
        row = ranked.items[0]
        kept = row[row != NONE]
        reasons = pipeline.explain(request, kept) if explain and len(kept) else [[] for _ in kept]
        moved = moved_up(pipeline, request, k=k) if explain else {}
        scores = ranked.scores[0].tolist()
        shown = [self.shown(n, s, why) for n, s, why in zip(kept.tolist(), scores, reasons, strict=False)]
        return [_with(each, moved.get(n)) for n, each in zip(kept.tolist(), shown, strict=True)] if moved else shown

    def _layout(self, request: Request, *, k: int, cap: bool) -> Layout:
        """Without the products asked about; of what goes with a single one, without its category too."""
        briefs = [self._cards.brief(number) for number in request.items]
        without = frozenset(product_of(brief)[0] for brief in briefs)
        if not cap:
            return Layout(k, max_of_category=None, without=without)
        return Layout(k, without=without, without_category=briefs[0].category if len(briefs) == 1 else ())

    def _laid_out(self, pipeline: Pipeline, request: Request, layout: Layout, *, explain: bool) -> list[Shown]:
        depth = self.depth(layout.k, is_laid_out=True)
        ranked = pipeline.answer([request], k=depth)
        kept = ranked.items[0][ranked.items[0] != NONE]
        numbers, scores = kept.tolist(), ranked.scores[0].tolist()
        briefs = briefs_of(numbers, self._cards)
        places = arrange(briefs, layout)
        shown = kept[[place.at for place in places]] if places else kept[:0]
        reasons = pipeline.explain(request, shown) if explain and len(shown) else [[] for _ in shown]
        moved = moved_up(pipeline, request, k=depth) if explain else {}
        return [
            _with(self._card_of(numbers, briefs, place, scores[place.at], why), moved.get(numbers[place.at]))
            for place, why in zip(places, reasons, strict=True)
        ]

    def _card_of(
        self, numbers: Sequence[int], briefs: Sequence[Brief], place: Place, score: float, reasons: Sequence[Reason]
    ) -> Shown:
        shown = self.shown(numbers[place.at], score, reasons)
        if not place.options:
            return shown
        options = [Option(briefs[at].item_id, size, briefs[at].price) for at, size in place.options]
        return msgspec.structs.replace(shown, options=options)

    def shown(self, number: int, score: float, reasons: Sequence[Reason]) -> Shown:
        """An item as lists show it."""
        brief = self._cards.brief(number)
        why = [self._why(reason) for reason in reasons]
        score = score if isfinite(score) else 0.0
        return Shown(brief.item_id, brief.title, brief.price, brief.brand, brief.category, brief.image, score, why)

    def _why(self, reason: Reason) -> Why:
        share = round(float(reason.contribution), 4)
        brief = None if reason.item == NONE else self._cards.brief(reason.item)
        why = Why(reason.kind, share, brief.item_id if brief else "", brief.title if brief else "", reason.words)
        said = self._sentences.get(reason.kind)
        if said is None:
            return why
        words = {"item": why.title, "words": ", ".join(why.words)}
        told = said.filled(**words)
        return msgspec.structs.replace(why, text=told.en, text_zh=told.zh)

    def _find_popular(self) -> list[Shown]:
        k = min(MAX_K, max(1, len(self._cards)))
        if Surface.RECOMMEND in self._pipelines:
            found = self.answer(Surface.RECOMMEND, Request(), k=k, explain=False)
            if found:
                return [msgspec.structs.replace(shown, reasons=[Why("popular", 1.0)]) for shown in found]
        offered = (number for number in range(len(self._cards)) if self._search is None or self._search.offers(number))
        first = (self.shown(number, 0.0, ()) for number in offered)
        return list(islice((one for one in first if self.number(one.id) != NONE), k))


def _with(shown: Shown, why: Why | None) -> Shown:
    """An item with one reason more."""
    return shown if why is None else msgspec.structs.replace(shown, reasons=[*shown.reasons, why])
