"""The whole result of a search: every item of every text that the retriever finds, not only the first page of them.

Facets are counted, filters hold, and pages are cut on this one list, so that none of them depends on the retriever.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from steelyard.domain import NONE, CatalogueFacts, FloatArray, IntArray, Request
from steelyard.models.ports import Retriever
from steelyard.models.ranking.rules import Rules

__all__ = ["FIRST_BY_MEANING", "Whole", "WholeSearch", "with_first"]

FIRST_BY_MEANING = 100
"""Nearness has no end: of a retriever by meaning so many of its first count as the result, beside what holds words."""


@dataclass(frozen=True, slots=True)
class Whole:
    """All items that a search finds, best text first; within a text the one that stands for it, then the others."""

    items: IntArray
    """Each item once. Shape (n,)."""
    units: IntArray
    """What counts as one result: the number of the item's text. Shape (n,)."""
    scores: FloatArray
    """Score of the item's text, non-increasing within what matches and within the rest. Shape (n,)."""
    n_matched: int
    """The first so many are found; the others, after them, are merely near enough: they hold no word of the query and
    are not among the first by meaning. What is below the retriever's floor is not here at all."""


class WholeSearch:
    """Asks a retriever for all it finds.

    Args:
        facts: Texts and stock of the items.
        rules: What may be offered.
    """

    def __init__(self, facts: CatalogueFacts, rules: Rules) -> None:
        n_items, n_texts = len(facts.text_of_item), len(facts.representative)
        is_shown = facts.in_stock > 0 if rules.exclude_out_of_stock else np.ones(n_items, bool)
        is_other = np.ones(n_items, bool)
        is_other[facts.representative] = False
        order = np.lexsort((np.arange(n_items), is_other, facts.text_of_item))
        order = order[is_shown[order]]
        self._items = order.astype(np.int32)
        self._starts = np.searchsorted(facts.text_of_item[order], np.arange(n_texts + 1)).astype(np.int32)
        self._n_texts = n_texts

    def ask(self, retriever: Retriever, request: Request, *, words: Retriever | None = None) -> Whole:
        """Everything the retriever finds for a question.

        Args:
            retriever: Gives text numbers.
            request: What was asked; the items it excludes are left out.
            words: Finds the same texts by words alone, where there is such a part; the retriever itself where it looks
                at nothing else.

        Returns:
            Items that may be offered.
        """
        asked = Request(query=request.query, verbatim=request.verbatim)
        ranked = retriever.retrieve([asked], k=max(self._n_texts, 1))
        texts, scores = ranked.items[0], ranked.scores[0]
        n_found = int(np.count_nonzero(texts != NONE))
        texts, scores = texts[:n_found], scores[:n_found]
        is_matched = self._matched(retriever, words, asked, texts)
        order = np.argsort(~is_matched, kind="stable")
        texts, scores = texts[order], scores[order]
        n_of = self._starts[texts + 1] - self._starts[texts]
        at = np.repeat(self._starts[texts] - np.concatenate([[0], np.cumsum(n_of)[:-1]]), n_of)
        items = self._items[at + np.arange(len(at))]
        n_matched = int(n_of[: int(is_matched.sum())].sum())
        return _without(
            Whole(items, np.repeat(texts.astype(np.int32), n_of), np.repeat(scores, n_of), n_matched), request.exclude
        )

    def _matched(
        self, retriever: Retriever, words: Retriever | None, asked: Request, texts: IntArray
    ) -> npt.NDArray[np.bool_]:
        """Which of the texts that were found, the best first, are the result. Shape (texts,)."""
        is_open_ended = words is not None or len(texts) == self._n_texts or getattr(retriever, "is_by_meaning", False)
        if words is retriever or not is_open_ended or len(texts) <= FIRST_BY_MEANING:
            return np.ones(len(texts), bool)
        is_matched = np.arange(len(texts)) < FIRST_BY_MEANING
        if words is not None:
            is_matched |= np.isin(texts, words.retrieve([asked], k=self._n_texts).items[0])
        return is_matched


def with_first(whole: Whole, items: Sequence[int]) -> Whole:
    """The list with some items before all others.

    Args:
        whole: A list.
        items: Numbers, each once; what the list does not hold is a result of its own.

    Returns:
        The list itself where there are none.
    """
    if not items:
        return whole
    first = np.array(items, np.int64)
    at = {item: n for n, item in enumerate(whole.items.tolist()) if item in set(items)}
    further = int(whole.units.max(initial=-1)) + 1
    units = np.array([whole.units[at[item]] if item in at else further + item for item in items], np.int64)
    rest = ~np.isin(whole.items, first)
    n_matched = len(first) + int(rest[: whole.n_matched].sum())
    return Whole(
        np.concatenate([first, whole.items[rest]]),
        np.concatenate([units, whole.units[rest]]),
        np.concatenate([np.full(len(first), whole.scores.max(initial=0.0)), whole.scores[rest]]),
        n_matched,
    )


def _without(whole: Whole, excluded: tuple[int, ...]) -> Whole:
    if not excluded:
        return whole
    kept = ~np.isin(whole.items, excluded)
    n_matched = int(kept[: whole.n_matched].sum())
    return Whole(whole.items[kept], whole.units[kept], whole.scores[kept], n_matched)
