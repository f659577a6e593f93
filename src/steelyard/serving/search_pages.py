"""The way of every search: its few best items, or a page of its whole result with sizes, facets, the next cursor.

A question for a few items is answered from the head of the ranking; filters, facets, orders and pages need the whole
list. Both say the same of how the query was understood, and put items first whose number it is.
"""

from __future__ import annotations

import html
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Protocol, runtime_checkable

import msgspec
import numpy as np
from msgspec import UNSET

from steelyard.documents.explanation import SearchExplanation
from steelyard.domain import NONE, Reason, Request, Understood
from steelyard.errors import AskError, StageError
from steelyard.models.ranking.personal import PersonalWeights, Traits, taste_of
from steelyard.serving.answers import Answer
from steelyard.serving.arrange import by_size
from steelyard.serving.engine import BY_NUMBER, Engine, Option, Pipeline, SearchPipeline, Shown
from steelyard.serving.explaining import Explainer
from steelyard.serving.lists.curation import NO_RULES, Curation, InForce
from steelyard.serving.lists.cursors import shopper_of_cursor, written_cursor
from steelyard.serving.lists.facets import Facet
from steelyard.serving.lists.kept import Lists
from steelyard.serving.lists.listing import Checked, List, PriceAsked, Question, Unit, asked_of, checked
from steelyard.serving.lists.personal import Personal, traits_of
from steelyard.serving.lists.price_asked import PriceReader
from steelyard.serving.searches import SearchAnswer, understood_answer
from steelyard.serving.tastes import Known, Searcher, known_before
from steelyard.serving.timely import Timely, Told

__all__ = ["Marker", "Page", "SearchPages", "marked"]


@runtime_checkable
class Marker(Protocol):
    """A search that knows where texts hold its words."""

    def marks(self, request: Request, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        """For each text begin and end of each place."""
        ...


def marked(text: str, places: Sequence[tuple[int, int]]) -> str:
    """A text as HTML, every letter of it escaped, with ``<mark>`` round some places that do not overlap."""
    parts, at = [], 0
    for begin, end in places:
        parts += [html.escape(text[at:begin]), "<mark>", html.escape(text[begin:end]), "</mark>"]
        at = end
    return "".join([*parts, html.escape(text[at:])])


@dataclass(frozen=True, slots=True)
class Page:
    """What a search found, as far as it was asked for."""

    items: list[Shown] = field(default_factory=list)
    understood: Understood = field(default_factory=Understood)
    counts: tuple[int, int] | None = None
    """Results of the whole list, and those that match; ``None`` where only its head is known."""
    next: str | None = None
    facets: list[Facet] = field(default_factory=list)
    is_narrowed: bool = False
    """Whether the query finds more than its filters let through."""
    price: PriceAsked | None = None
    """A price that the words ask for."""
    rules: InForce = NO_RULES
    """What merchandisers want of such a search."""
    explanation: SearchExplanation | None = None

    def answer(self, told: Told, question: Question, *, bundle: str) -> SearchAnswer:
        """The page as it is sent.

        Args:
            told: What is said of it.
            question: What was asked.
            bundle: Digest of the bundle that answered.

        Returns:
            Without what was not asked for.
        """
        answer = Answer(self.items, told.degraded, told.reason, bundle, told.took_ms, told.instead)
        understood = understood_answer(answer, self.understood)
        if self.price is not None:
            understood = msgspec.structs.replace(understood, price=self.price)
        if self.rules.ids:
            understood = msgspec.structs.replace(understood, rules=self.rules.ids)
        if self.rules.redirect:
            understood = msgspec.structs.replace(understood, redirect=self.rules.redirect)
        if self.explanation is not None:
            understood = msgspec.structs.replace(understood, explanation=self.explanation)
        if not question.needs_whole:
            return understood
        n_results, n_matched = self.counts or (0, 0)
        return msgspec.structs.replace(
            understood,
            n_results=n_results,
            n_matched=n_matched,
            next=self.next,
            facets=self.facets if question.facets else UNSET,
        )


class SearchPages:
    """Searches of one bundle, page by page.

    Args:
        engine: What the bundle answers with.
        bundle: Its digest: cursors are bound to it.
        currency: ISO code of its prices; without it no price is read from a query.
        curation: Rules of merchandisers.
        model: Name of the configuration that answers.
        weights: How much what is known of a shopper counts; nothing where they are left out.
    """

    def __init__(
        self,
        engine: Engine,
        bundle: str,
        *,
        currency: str = "",
        curation: Curation | None = None,
        model: str = "",
        weights: PersonalWeights | None = None,
    ) -> None:
        self._weights = weights or PersonalWeights()
        self._model = model
        self._curation = curation
        self._engine = engine
        self._bundle = bundle
        self._prices = PriceReader(engine.fields, currency)
        self._search = self._lists(engine.require_search())
        self._words = None if engine.words is None else self._lists(engine.words)

    @cached_property
    def _explainer(self) -> Explainer:
        return Explainer(self._engine, self._search, curation=self._curation, model=self._model)

    @cached_property
    def _traits(self) -> Traits:
        return traits_of(self._engine.fields)

    async def find(self, question: Question, timely: Timely, *, searcher: Searcher | None = None) -> tuple[Page, Told]:
        """A page in time.

        Args:
            question: What was asked.
            timely: Says for what there is time.
            searcher: Who asks, where their history may be looked at: a first page reads it, the others keep to what it
                was then.

        Returns:
            The page; without time for the first one what the words find, without time for a later one nothing and its
            own cursor, to be asked again.

        Raises:
            AskError: It cannot be answered as it was asked.
        """
        asked = self.check(question)
        tag = shopper_of_cursor(question.cursor) if question.cursor else ""
        if tag:
            asked = replace(asked, personal=self._personal(asked, known_before(searcher, tag)))
        words = partial(self.by_words, asked) if self._words is not None and not asked.start else None
        ready = partial(Page, next=question.cursor) if asked.start else partial(self.popular, asked)
        searcher = None if question.cursor or not self._weights else searcher
        return await timely.run(partial(self.page, asked, searcher), words=words, ready=ready)

    def check(self, question: Question) -> Checked:
        """A question as the catalogue understands it.

        Args:
            question: What was asked.

        Returns:
            Ready to be answered.

        Raises:
            AskError: It cannot be answered as it was asked.
        """
        narrowed, price = self._prices.narrowed(question)
        if price is None:
            return self._checked(question)
        try:
            return replace(self._checked(narrowed), price=price, typed=question)
        except AskError:
            if not question.cursor:
                raise
        # The page before found nothing at that price, and did without it.
        return replace(self._checked(question), price=msgspec.structs.replace(price, applied=False))

    def _checked(self, question: Question) -> Checked:
        engine = self._engine
        found = checked(question, fields=engine.fields, has_sold=engine.sold is not None, bundle=self._bundle)
        if self._curation is None:
            return found
        rules = self._curation.of(question.query, audience=question.audience)
        return replace(found, rules=rules)

    def page(self, asked: Checked, searcher: Searcher | None = None) -> Page:
        """What the search that was chosen finds, at the price that the words ask for where there is anything."""
        began = time.perf_counter_ns() if asked.question.is_explained else 0
        known = None if searcher is None else searcher.now()
        if known is not None:
            asked = replace(asked, personal=self._personal(asked, known))
        page = replace(self._found(asked), price=asked.price, rules=asked.rules)
        if not (page.items or asked.start or asked.price is None or asked.typed is None):
            price = msgspec.structs.replace(asked.price, applied=False)
            asked = replace(self._checked(asked.typed), personal=asked.personal)
            page = replace(self._found(asked), rules=asked.rules, price=price)
        if not asked.question.is_explained:
            return page
        took_ns = time.perf_counter_ns() - began
        return replace(page, explanation=self._explainer.of(asked, page.items, price=page.price, took_ns=took_ns))

    def _personal(self, asked: Checked, known: Known) -> Personal | None:
        taste = taste_of(known.history, known.bought, self._traits)
        tiers = partial(self._search.tiers, asked.question.request)
        return None if taste is None else Personal(known.tag, taste, self._weights, self._traits, tiers)

    def _found(self, asked: Checked) -> Page:
        question = asked.question
        if asked.needs_whole:
            return self._page(self._search, self._engine.require_search(), asked)
        how = {"explain": question.explain, "diversify": question.diversify}
        found = self._engine.search(question.request, k=question.k, **how)
        return Page(found.items, found.understood)

    def by_words(self, asked: Checked) -> Page:
        """What the words alone find.

        Args:
            asked: What was asked.

        Returns:
            Without a cursor: its order is not that of the other pages.

        Raises:
            StageError: The bundle has no search by words.
        """
        if self._words is None or self._engine.words is None:
            raise StageError("this bundle has no search by words alone: package it again")
        question = asked.question
        if not (question.needs_whole or asked.rules):
            found = self._engine.by_words(question.request, k=question.k, explain=question.explain)
            return Page(found.items, found.understood)
        return replace(self._page(self._words, self._engine.words, asked), next=None)

    def popular(self, asked: Checked) -> Page:
        """Popular items that the filters let through: no answer to the question, and never against its filters."""
        engine = self._engine
        found = engine.popular(k=10**6)
        masks = [engine.fields.mask(one) for one in asked.filters]
        kept = [shown for shown in found if all(mask[engine.number(shown.id)] for mask in masks)]
        if self._curation is not None and asked.rules:
            kept = [shown for shown in kept if not self._curation.hides(asked.rules, engine.number(shown.id))]
        items = kept[: asked.question.k]
        return Page(items, counts=(len(items), 0))

    def _lists(self, pipeline: SearchPipeline) -> Lists:
        engine = self._engine
        named = partial(engine.named, pipeline)
        return Lists(pipeline, engine.fields, sold=engine.sold, named=named, curation=self._curation)

    def _page(self, lists: Lists, pipeline: SearchPipeline, asked: Checked) -> Page:
        found, question = lists.ask(asked), asked.question
        shopper = asked.personal.tag if asked.personal is not None else ""
        end = asked.start + len(found.units)
        is_last = end >= found.n_results or not found.units
        best = np.array(found.best, np.int64)
        is_named = bool(found.best) and found.best[0] in found.of.named
        return Page(
            self._shown(found, pipeline, asked),
            BY_NUMBER if is_named else pipeline.understand(question.request, best),
            (found.n_results, found.n_matched),
            None if is_last else written_cursor(self._bundle, asked_of(question, asked.filters), end, shopper),
            found.facets,
            is_narrowed=bool(asked.filters) and len(found.of.whole.items) > 0,
        )

    def _shown(self, found: List, pipeline: SearchPipeline, asked: Checked) -> list[Shown]:
        question, named = asked.question, found.of.named
        items = np.array([unit.item for unit in found.units], np.int64)
        why: list[list[Reason]] = [[] for _ in items]
        if question.explain and len(items):
            why = pipeline.explain(question.request, items)
        why = [
            [Reason("item_number", 1.0, words=(named[item],))] if item in named else told
            for item, told in zip(items.tolist(), why, strict=True)
        ]
        if question.explain:
            why = [[*_personal_reasons(found, item), *told] for item, told in zip(items.tolist(), why, strict=True)]
        shown = [self._engine.shown(u.item, u.score, r) for u, r in zip(found.units, why, strict=True)]
        if question.highlight:
            shown = self._marked(shown, pipeline, question.request)
        if not question.diversify:
            return shown
        sizes = [
            unit.others if unit.item not in named else self._of_product(unit, pipeline, asked) for unit in found.units
        ]
        return [self._with_sizes(one, items) for one, items in zip(shown, sizes, strict=True)]

    def _of_product(self, unit: Unit, pipeline: SearchPipeline, asked: Checked) -> tuple[int, ...]:
        """All items of a product, itself first: of one that its number finds the words do not find the others."""
        fields = self._engine.fields
        same = np.flatnonzero(fields.product == fields.product[unit.item])
        for one in asked.filters:
            same = same[fields.mask(one)[same]]
        return (*unit.others, *(item for item in same.tolist() if item not in unit.others and pipeline.offers(item)))

    def _marked(self, shown: list[Shown], pipeline: Pipeline, request: Request) -> list[Shown]:
        """With the titles in which the words of the query are marked, by a search that knows where they are."""
        for marker in (pipeline, self._engine.words):
            if isinstance(marker, Marker):
                places = marker.marks(request, [one.title for one in shown])
                texts = (marked(one.title, found) for one, found in zip(shown, places, strict=True))
                return [msgspec.structs.replace(one, highlight=text) for one, text in zip(shown, texts, strict=True)]
        return shown

    def _with_sizes(self, shown: Shown, items: Sequence[int]) -> Shown:
        """With the sizes that items of one product have, where there is a choice."""
        fields = self._engine.fields
        sizes: dict[str, int] = {}
        for item in items:
            sizes.setdefault(fields.sizes[fields.size[item]], item)
        if len(sizes) < 2:
            return shown
        briefs = {size: self._engine.brief(item) for size, item in sizes.items()}
        options = [Option(briefs[size].item_id, size, briefs[size].price) for size in sorted(sizes, key=by_size)]
        return msgspec.structs.replace(shown, options=options)


def _personal_reasons(found: List, item: int) -> list[Reason]:
    """That a shopper bought it before, or what of theirs it is like where it rose by that."""
    done = found.personal.get(item)
    if done is None:
        return []
    if done.was_bought:
        return [Reason("bought_before", done.repeat)]
    return (
        [Reason("like_what_you_looked_at", done.added, item=done.alike)]
        if done.has_risen and done.alike != NONE
        else []
    )
