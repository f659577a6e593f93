"""Any search over a catalogue of which some texts are gone and others came.

What looks at words and at vectors is extended itself. Another model knows nothing of texts that it was not fitted on:
they get the place among its texts that their words give them, and are said to be there for their words.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from steelyard.domain import NONE, CatalogueFacts, FloatArray, IntArray, Ranked, Reason, Request, Understood
from steelyard.models.ports import Retriever
from steelyard.models.retrieval.changed_lexical import ChangedLexical, ChangedTexts, Numbered
from steelyard.models.retrieval.changed_vectors import Encoded
from steelyard.models.retrieval.dense import DenseRetriever
from steelyard.models.retrieval.hybrid import HybridRetriever
from steelyard.models.retrieval.lexical import Lexical
from steelyard.models.retrieval.shortlists import stacked

__all__ = ["ChangedSearch", "PlacedByWords", "WithoutGone", "placed"]


class ChangedSearch:
    """Makes searches over changed texts of those that were opened; what they share is made once.

    Args:
        facts: Of the catalogue.
    """

    def __init__(self, facts: CatalogueFacts) -> None:
        self._facts = facts
        self._numbered: dict[int, Numbered] = {}
        self._encoded: dict[int, Encoded] = {}
        self._made: dict[int, ChangedLexical] = {}
        self._texts: ChangedTexts | None = None

    @property
    def waiting(self) -> int:
        """Texts that have no vector yet: they are found by their words until they have."""
        return sum(one.waiting for one in self._encoded.values())

    def prepare(self, lexicals: Sequence[Lexical]) -> None:
        """Number the words of searches as they were opened: the first text that comes need not wait for it."""
        for lexical in lexicals:
            self._numbers_of(lexical)

    def of(self, retriever: Retriever, texts: ChangedTexts) -> Retriever:
        """A search over the texts as they are now.

        Args:
            retriever: Over the fitted ones.
            texts: What became of them.

        Returns:
            Another one, or itself where no text is gone and none came; it is left as it is.
        """
        if texts.are_same:  # only prices, stock, or which of its items stands for a text
            return retriever
        if type(retriever) is Lexical:
            return self.by_words(retriever, texts)
        if type(retriever) is HybridRetriever:
            lexical, dense = self.by_words(retriever.lexical, texts), self._dense(retriever.dense, texts)
            return HybridRetriever(lexical, dense, options=retriever.options)
        if type(retriever) is DenseRetriever:
            return self._dense(retriever, texts)
        by_words = getattr(retriever, "by_words", None)
        words = None if by_words is None else by_words()
        if not isinstance(words, Lexical):
            return WithoutGone(retriever, texts)
        return PlacedByWords(retriever, self.by_words(words, texts), texts)

    def by_words(self, lexical: Lexical, texts: ChangedTexts) -> ChangedLexical:
        """As ``of``, for a search by words; the same one for the same texts."""
        if texts is not self._texts:
            self._texts, self._made = texts, {}
        at = id(lexical)  # all of them live as long as the bundle that this is made for
        if at not in self._made:
            self._made[at] = self._numbers_of(lexical).changed(texts)
        return self._made[at]

    def _numbers_of(self, lexical: Lexical) -> Numbered:
        if id(lexical) not in self._numbered:
            self._numbered[id(lexical)] = Numbered(lexical, self._facts)
        return self._numbered[id(lexical)]

    def _dense(self, dense: DenseRetriever, texts: ChangedTexts) -> DenseRetriever:
        if id(dense) not in self._encoded:
            self._encoded[id(dense)] = Encoded(dense)
        return self._encoded[id(dense)].changed(texts)


class WithoutGone:
    """A search that does not say by which words it finds: without the texts that are gone.

    Args:
        base: Over the fitted texts.
        texts: What became of them.
    """

    def __init__(self, base: Retriever, texts: ChangedTexts) -> None:
        self._base, self._texts = base, texts
        self.is_by_meaning = bool(getattr(base, "is_by_meaning", False))

    def retrieve(self, requests: Sequence[Request], *, k: int) -> Ranked:
        """Best ``k`` texts for each request."""
        return stacked((self._left(request, k) for request in requests), k=k)

    def explain(self, request: Request, items: IntArray) -> list[list[Reason]]:
        """As the search explains them."""
        reasons: list[list[Reason]] = [[] for _ in items]
        places = np.flatnonzero(items < self._texts.n_before)
        for place, found in zip(places.tolist(), self._base.explain(request, items[places]), strict=True):
            reasons[place] = found
        return reasons

    def _left(self, request: Request, k: int) -> tuple[IntArray, FloatArray]:
        texts = self._texts
        depth = min(k + len(texts.gone), max(texts.n_before, 1))
        ranked = self._base.retrieve([request], k=depth)
        found, scores = ranked.items[0], ranked.scores[0]
        is_left = (found != NONE) & texts.left(found)
        return found[is_left][:k], scores[is_left][:k]


class PlacedByWords(WithoutGone):
    """A search of which the texts that came take the place that their words give them.

    Args:
        base: Over the fitted texts.
        words: By words, over the texts as they are now.
        texts: What became of them.
    """

    def __init__(self, base: Retriever, words: ChangedLexical, texts: ChangedTexts) -> None:
        super().__init__(base, texts)
        self._words = words

    def by_words(self) -> ChangedLexical:
        """The part that looks at words alone."""
        return self._words

    def explain(self, request: Request, items: IntArray) -> list[list[Reason]]:
        """As the search explains its own texts; of the others the words that they hold."""
        reasons = super().explain(request, items)
        places = np.flatnonzero(items >= self._texts.n_before)
        for place, found in zip(places.tolist(), self._words.explain(request, items[places]), strict=True):
            reasons[place] = found
        return reasons

    def understand(self, request: Request, items: IntArray) -> Understood:
        """As the search says it of its own texts, and as their words say it where others are among the first."""
        understand: Any = getattr(self._base, "understand", None)
        if understand is None or bool((items >= self._texts.n_before).any()):
            return self._words.understand(request, items)
        found: Understood = understand(request, items)
        return found

    def _left(self, request: Request, k: int) -> tuple[IntArray, FloatArray]:
        found, scores = super()._left(request, k)
        came, by_word = self._words.beside(request.query)
        if not len(came):
            return found, scores
        texts, scores = placed((found, scores, self._words.scores(request.query, found)), (came, by_word))
        return texts[:k], scores[:k]


def placed(
    ranked: tuple[IntArray, FloatArray, FloatArray], more: tuple[IntArray, FloatArray]
) -> tuple[IntArray, FloatArray]:
    """A ranking with others put into it, each before the first one that fits worse by words.

    Args:
        ranked: Numbers, scores and what their words say, best first.
        more: Numbers and what their words say.

    Returns:
        Numbers and scores, non-increasing; what comes last goes on below the last one.
    """
    numbers, scores, by_word = ranked
    order = np.lexsort((more[0], -more[1]))
    order = order[more[1][order] > 0]
    lowest = np.minimum.accumulate(by_word) if len(by_word) else by_word
    at = np.searchsorted(-lowest, -more[1][order], side="right")
    last = float(scores[-1]) - 1.0 if len(scores) else 1.0
    own = np.where(at < len(scores), np.append(scores, last)[at], last)
    return np.insert(numbers, at, more[0][order]), np.insert(scores, at, own)
