"""One request from end to end: retrieve candidates, keep their order, and apply the rules of re-ranking.

Search retrievers think in texts, recommenders in items; from here on everything is items.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property, partial
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from steelyard.documents.explanation import Derivation, StepCount
from steelyard.domain import (
    NONE,
    CatalogueFacts,
    Configuration,
    FloatArray,
    IntArray,
    Match,
    Ranked,
    Reason,
    Request,
    State,
    Surface,
    Understood,
)
from steelyard.errors import ConfigError
from steelyard.models.deriving import Deriving, Stopwatch
from steelyard.models.ports import Parts, Retriever
from steelyard.models.ranking.list_facts import ListFacts
from steelyard.models.ranking.rearrange import POOL, Arranged, Rearranger
from steelyard.models.ranking.rules import Rules, Selection
from steelyard.models.recipe import find_recipe
from steelyard.models.retrieval.lexical import Lexical
from steelyard.models.retrieval.lexical_derivation import holding_all, tier_numbers
from steelyard.models.retrieval.popularity import Popularity
from steelyard.models.text.marks import marks
from steelyard.models.whole import Whole, WholeSearch

__all__ = ["Pipeline", "catalogue_from_state", "catalogue_state", "open_pipeline"]

OPTIONS = frozenset({"retriever", "rules", "candidates"})
"""What ``Configuration.options`` may hold."""
_DEPTH_GROWTH = 4
"""How much further to look when the rules left too few."""


class Pipeline:
    """Answers requests with items of the catalogue.

    Args:
        retriever: Where candidates come from.
        facts: Texts, stock and categories of the items.
        surface: ``search`` when the retriever returns text numbers.
        rules: What a list may hold.
        fallback: Fills recommendations that came out short, so that a new shopper gets something useful too;
            search and similar items stay short rather than show what does not belong.
        candidates: At least so many are retrieved before the rules apply; more when the rules leave too few.
        known: Words, brands and ages of the items; only some rules need them.
    """

    def __init__(
        self,
        retriever: Retriever,
        facts: CatalogueFacts,
        *,
        surface: Surface,
        rules: Rules | None = None,
        fallback: Retriever | None = None,
        candidates: int = 0,
        known: ListFacts | None = None,
    ) -> None:
        self.retriever = retriever
        self.facts = facts
        self.surface = surface
        self.rules = rules or Rules()
        self.fallback = fallback
        self.candidates = candidates
        self.known = known

    def answer(self, requests: Sequence[Request], *, k: int) -> Ranked:
        """The best ``k`` items for each request that the rules allow.

        Args:
            requests: A batch; equals its rows one by one.
            k: Length of each list, >= 1.

        Returns:
            Shape (requests, k), scores non-increasing; ``NONE`` and -inf where nothing is left to offer. Items
            the fallback added come after all others, with scores that continue downwards.

        Raises:
            ValueError: ``k`` < 1.
        """
        if k < 1:
            raise ValueError(f"k must be at least 1, got {k}")
        chosen = [self._listed(request, k) for request in requests] if self._is_rearranged else self._fill(requests, k)
        items = np.full((len(requests), k), NONE, dtype=np.int64)
        scores = np.full((len(requests), k), -np.inf)
        for row, selection in enumerate(chosen):
            items[row, : len(selection.items)] = selection.items
            scores[row, : len(selection.items)] = selection.scores
        return Ranked(items, scores)

    def explain(self, request: Request, items: IntArray) -> list[list[Reason]]:
        """Why each of ``items`` answers ``request``, strongest reason first.

        Args:
            request: What was asked.
            items: Item numbers. Shape (items,).

        Returns:
            For each item at most three reasons; none for ``NONE``, and for what neither the retriever nor the
            fallback would offer.
        """
        numbers = np.asarray(items, dtype=np.int64)
        places = np.flatnonzero(numbers != NONE)
        asked = self._asked(request)
        shown = self.facts.text_of_item[numbers[places]] if self._is_in_texts else numbers[places]
        reasons: list[list[Reason]] = [[] for _ in numbers]
        for place, found in zip(places.tolist(), self.retriever.explain(asked, shown), strict=True):
            reasons[place] = found
        if self.fallback is not None:
            bare = [place for place in places.tolist() if not reasons[place]]
            for place, found in zip(bare, self.fallback.explain(asked, numbers[bare]), strict=True):
                reasons[place] = found
        return reasons

    def moved(self, request: Request, *, k: int) -> dict[int, str]:
        """What the rules moved up in an answer: by item ``new_place``, ``fresh`` or ``varied``.

        Args:
            request: What was asked.
            k: Length of the list that was answered.

        Returns:
            Empty where no rule puts recommendations in another order.
        """
        made = self._listed(request, k) if self._is_rearranged else None
        return made.moved if isinstance(made, Arranged) else {}

    def whole(self, request: Request) -> Whole:
        """Every item that a search finds, not only the first page.

        Args:
            request: A question in words.

        Returns:
            The whole list; the same question gives the same list.
        """
        by_words = getattr(self.retriever, "by_words", None)
        return self._whole.ask(self.retriever, request, words=None if by_words is None else by_words())

    def marks(self, request: Request, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        """Where each of some texts holds the words of a query, stems and corrections included.

        Args:
            request: What was asked.
            texts: As they are shown.

        Returns:
            For each text begin and end of each place; none where this search looks at no words.
        """
        by_words = getattr(self.retriever, "by_words", None)
        words = None if by_words is None else by_words()
        if not isinstance(words, Lexical):
            return [[] for _ in texts]
        terms = words.read(request.query, verbatim=request.verbatim).terms
        language = str(words.state.facts["language"])
        return [marks(text, terms, language=language) for text in texts]

    def understand(self, request: Request, items: IntArray) -> Understood:
        """How a search understood its query; without a word where its model does not say.

        Args:
            request: What was asked.
            items: Item numbers of the answer, best first. Shape (items,).

        Returns:
            What the retriever says of the texts of these items.
        """
        understand = getattr(self.retriever, "understand", None)
        if understand is None:
            return Understood(Match.NOTHING if not len(items) else "", is_weak=not len(items))
        shown = self.facts.text_of_item[items] if self._is_in_texts else items
        found: Understood = understand(self._asked(request), shown)
        return found

    def derivation(self, request: Request, items: IntArray, *, k: int | None, watch: Stopwatch) -> Derivation | None:
        """How the scores of some items came about.

        Args:
            request: What was asked.
            items: Item numbers of the catalogue. Shape (n,).
            k: The length that ``answer`` was asked for; ``None`` where the answer is of the whole list.
            watch: Times each stage, which is done once more.

        Returns:
            As the retriever tells it, and how many of the items that it found are sold out; ``None`` where it does not
            tell.
        """
        if not isinstance(self.retriever, Deriving):
            return None
        asked, space = (
            self._asked(request),
            len(self.facts.representative if self._is_in_texts else self.facts.in_stock),
        )
        shown = self.facts.text_of_item[items] if self._is_in_texts else items
        depth = max(space, 1) if k is None else self._depth(k, space)
        told = self.retriever.derivation(asked, shown, depth=depth, watch=watch)
        if not self.rules.exclude_out_of_stock:
            return told
        found = self.retriever.retrieve([asked], k=max(1, space)).items[0]
        is_found = np.zeros(space, bool)
        is_found[found[found != NONE]] = True
        of_items = is_found[self.facts.text_of_item] if self._is_in_texts else is_found
        sold_out = int(np.count_nonzero(of_items & (self.facts.in_stock <= 0)))
        return msgspec.structs.replace(told, steps=(*told.steps, StepCount("sold_out", sold_out)))

    def holding(self, request: Request) -> IntArray:
        """Items whose text holds every word of a query; none where this search looks at no words."""
        by_words = getattr(self.retriever, "by_words", None)
        words = None if by_words is None else by_words()
        if not isinstance(words, Lexical):
            return np.empty(0, np.int64)
        texts = holding_all(words, words.read(request.query, verbatim=request.verbatim))
        return np.flatnonzero(np.isin(self.facts.text_of_item, texts))

    def tiers(self, request: Request, items: IntArray) -> IntArray:
        """Which tier of relevance each item is of: all words in order, all words, most, some, none.

        Args:
            request: What was asked.
            items: Item numbers. Shape (n,).

        Returns:
            The best tier 0; all of them 0 where this search looks at no words. Shape (n,).
        """
        by_words = getattr(self.retriever, "by_words", None)
        words = None if by_words is None else by_words()
        if not isinstance(words, Lexical) or not len(items):
            return np.zeros(len(items), np.int64)
        reading = words.read(request.query, verbatim=request.verbatim)
        return tier_numbers(words, reading, self.facts.text_of_item[items])

    def offers(self, item: int) -> bool:
        """Whether the rules allow an item at all: it is on sale and in stock, or stock does not matter."""
        return not self.rules.exclude_out_of_stock or bool(self.facts.in_stock[item] > 0)

    def by_words(self) -> Pipeline | None:
        """The part of a search that looks at words alone, sharing all that is loaded; ``None`` where there is none."""
        by_words = getattr(self.retriever, "by_words", None)
        if by_words is None:
            return None
        return Pipeline(by_words(), self.facts, surface=self.surface, rules=self.rules, candidates=self.candidates)

    @cached_property
    def _whole(self) -> WholeSearch:
        return WholeSearch(self.facts, self.rules)

    @property
    def _is_in_texts(self) -> bool:
        return self.surface is Surface.SEARCH

    def _asked(self, request: Request, out: frozenset[int] | None = None) -> Request:
        """The request as the retriever sees it: without items where it thinks in texts, else with all exclusions."""
        if self._is_in_texts:
            return Request(query=request.query, verbatim=request.verbatim, user=request.user)
        out = self.rules.excluded(request, self.facts) if out is None else out
        return replace(request, exclude=tuple(sorted(out)))

    @property
    def _is_rearranged(self) -> bool:
        return self.rules.rearranges and self.surface is Surface.RECOMMEND

    def _listed(self, request: Request, k: int) -> Arranged | Selection:
        """One list in the order of the rules: from more candidates where the caps leave too few."""
        if request.surface is not Surface.RECOMMEND:
            return self._fill([request], k)[0]
        space = max(len(self.facts.text_of_item), 1)
        arranger = Rearranger(self.rules, self.facts, self.known)
        out = self.rules.excluded(request, self.facts)
        depth, may_fall_back = min(max(POOL, 2 * k), space), False
        while True:
            found = self._fill([request], depth, is_pool=True, may_fall_back=may_fall_back)[0]
            pool = np.array(found.items, np.int64), np.array(found.scores, np.float64)
            made = arranger.arrange(*pool, request, k=k, out=out)
            if len(made.items) >= k or (may_fall_back and (depth >= space or not found.is_full)):
                return made
            depth, may_fall_back = (min(depth * _DEPTH_GROWTH, space) if may_fall_back else depth), True

    def _fill(
        self, requests: Sequence[Request], k: int, *, is_pool: bool = False, may_fall_back: bool = True
    ) -> list[Selection]:
        """The best of each request; a pool is without caps, for somebody else chooses from it."""
        outs = [self.rules.excluded(request, self.facts) for request in requests]
        asked = [self._asked(request, out) for request, out in zip(requests, outs, strict=True)]
        fresh = partial(Selection, rules=self.rules, facts=self.facts, k=k, is_capped=not is_pool)
        chosen = [fresh(request, out=out) for request, out in zip(requests, outs, strict=True)]
        space = len(self.facts.representative if self._is_in_texts else self.facts.text_of_item)
        waiting, depth = list(range(len(requests))), self._depth(k, space)
        while waiting:
            ranked = self.retriever.retrieve([asked[row] for row in waiting], k=depth)
            offered = self.rules.offered(self._as_items(ranked.items), self.facts).tolist()
            scores, has_more = ranked.scores.tolist(), (ranked.items[:, -1] != NONE).tolist()
            for place, row in enumerate(waiting):
                chosen[row].take(offered[place], scores[place])
            waiting = [row for place, row in enumerate(waiting) if has_more[place] and not chosen[row].is_full]
            waiting, depth = waiting if depth < space else [], min(depth * _DEPTH_GROWTH, space)
            for row in waiting:  # from the top again: an approximate retriever may order a longer list otherwise
                chosen[row] = fresh(requests[row], out=outs[row])
        for selection, request, question in zip(chosen, requests, asked, strict=True):
            is_short = request.surface is Surface.RECOMMEND and not selection.is_full
            if may_fall_back and self.fallback is not None and is_short:
                self._fall_back(selection, question, k)
        return chosen

    def _depth(self, k: int, space: int) -> int:
        """How many candidates are asked for at first."""
        return min(max(2 * k, self.candidates), max(space, 1))

    def _fall_back(self, selection: Selection, asked: Request, k: int) -> None:
        fallback, space, depth = self.fallback, len(self.facts.text_of_item), 4 * k
        below = selection.scores[-1] if selection.scores else None
        while fallback is not None and not selection.is_full:
            depth = min(depth, max(space, 1))
            ranked = fallback.retrieve([asked], k=depth)
            selection.offer(ranked.items[0], ranked.scores[0] if below is None else _continued(ranked.scores[0], below))
            if depth >= space or ranked.items[0, -1] == NONE:
                return
            depth *= _DEPTH_GROWTH

    def _as_items(self, found: IntArray) -> IntArray:
        if not self._is_in_texts:
            return found
        return np.where(found == NONE, NONE, self.facts.representative[found])


def open_pipeline(configuration: Configuration, parts: Parts) -> Pipeline:
    """The pipeline a configuration describes, from its stored parts.

    Args:
        configuration: Its ``kind`` names the recipe; options: ``retriever`` (tuned numbers that the recipe opens it
            with), ``rules`` (see ``Rules``), ``candidates``.
        parts: Opens the parts by role; ``catalogue`` is needed, ``fallback`` is used where there is one.

    Returns:
        Ready to answer.

    Raises:
        ConfigError: An option nobody knows.
    """
    unknown = sorted(set(configuration.options) - OPTIONS)
    if unknown:
        raise ConfigError(
            f"configuration {configuration.name!r} has unknown options {unknown}; known: {sorted(OPTIONS)}"
        )
    options = configuration.options
    fallback = configuration.parts.get("fallback")
    has_fallback = fallback is not None and fallback != configuration.parts.get("model")
    return Pipeline(
        find_recipe(configuration.kind).open(parts, options.get("retriever", {})),
        catalogue_from_state(parts.state("catalogue")),
        surface=configuration.surface,
        rules=Rules.from_options(options.get("rules", {})),
        fallback=Popularity.from_state(parts.state("fallback")) if has_fallback else None,
        candidates=int(options.get("candidates", 0)),
        known=ListFacts.from_state(parts.state("list_facts")) if "list_facts" in configuration.parts else None,
    )


def catalogue_state(facts: CatalogueFacts) -> State:
    """The facts of the catalogue, ready to be stored."""
    arrays: dict[str, npt.NDArray[Any]] = {
        "text_of_item": facts.text_of_item.astype(np.int32),
        "representative": facts.representative.astype(np.int32),
        "category": facts.category.astype(np.int32),
        "in_stock": facts.in_stock.astype(np.int8),
    }
    return State(arrays, {"categories": list(facts.categories), "untitled": sorted(facts.untitled)})


def catalogue_from_state(state: State) -> CatalogueFacts:
    """The facts of the catalogue back from what ``catalogue_state`` gave."""
    names = ("text_of_item", "representative", "category", "in_stock")
    text_of_item, representative, category, in_stock = (state.arrays[name].astype(np.int64) for name in names)
    untitled = frozenset(state.facts.get("untitled", ()))
    return CatalogueFacts(text_of_item, representative, category, in_stock, tuple(state.facts["categories"]), untitled)


def _continued(scores: FloatArray, below: float) -> FloatArray:
    """Scores of the fallback moved under those already given: ``below`` less 1, plus their share of their best."""
    best = float(scores[0])
    shares = np.where(np.isfinite(scores), scores, 0.0) / best if best > 0 else np.zeros_like(scores)
    return below - 1.0 + shares
