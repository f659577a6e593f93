"""Queries held back from training: when to stop, and whether what was learnt pays.

A held-back query is asked among a pool of texts: what was judged, what words and the encoder as it was found, and texts
drawn at random, of all held-back queries together. Its list is ordered as hybrid search would, by words and meaning
added up, with the weight of meaning that suits these queries best: an encoder that only finds what words find anyway
gains nothing here.

Trust:
    The pool is smaller than the catalogue and holds what the encoder found before it learnt: a gain is somewhat
    flattered. The figures that decide are those of the judging queries, over the whole catalogue.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from steelyard.domain import Cases, FloatArray, IntArray, VectorArray
from steelyard.models.retrieval.shortlists import Shortlist, best_places

__all__ = ["CERTAIN_ERRORS", "Gain", "HeldOut", "gain_of", "held_out"]

K = 10
CERTAIN_ERRORS = 2.0
"""What was learnt is kept where it gains more than so many standard errors."""
_WEIGHTS = tuple(round(0.1 * step, 1) for step in range(1, 10))


@dataclass(frozen=True, slots=True)
class Gain:
    """How much better a model is than another on the same queries."""

    mean: float
    error: float
    """Standard error of the mean."""
    n: int
    """Queries."""

    @property
    def is_certain(self) -> bool:
        """Whether it is clearly above nothing."""
        return self.n > 1 and self.mean > CERTAIN_ERRORS * self.error


@dataclass(frozen=True, slots=True, eq=False)
class HeldOut:
    """Queries with a pool of texts, all that is known of them beforehand."""

    queries: tuple[str, ...]
    texts: IntArray
    """Text numbers of the pool, ascending. Shape (pool,)."""
    gains: FloatArray
    """0 where nobody judged. Shape (queries, pool)."""
    ideal: FloatArray
    """Gain of the best possible list, discounted. Shape (queries,)."""
    by_words: FloatArray
    """Score by words, the highest of a query 1. Shape (queries, pool)."""

    def ndcg(self, queries: VectorArray, texts: VectorArray) -> FloatArray:
        """nDCG@10 of each query by words and meaning, at the weight of meaning that suits all of them best.

        Args:
            queries: Vectors of the queries. Shape (queries, width).
            texts: Vectors of the pool. Shape (pool, width).

        Returns:
            Shape (queries,), in [0, 1]; linear gain, what nobody judged counting 0.
        """
        cosines = np.asarray(queries @ texts.T, np.float64)
        tried = [self._at(cosines, weight) for weight in _WEIGHTS]
        return max(tried, key=lambda values: float(values.mean()) if len(values) else 0.0)

    def ndcg_by_meaning(self, queries: VectorArray, texts: VectorArray) -> FloatArray:
        """nDCG@10 of each query by meaning alone.

        Args:
            queries: Vectors of the queries. Shape (queries, width).
            texts: Vectors of the pool. Shape (pool, width).

        Returns:
            Shape (queries,), in [0, 1]; as ``ndcg``.
        """
        return self._at(np.asarray(queries @ texts.T, np.float64), 1.0)

    def _at(self, cosines: FloatArray, weight: float) -> FloatArray:
        scores = (1 - weight) * self.by_words + weight * cosines
        k = min(K, scores.shape[1])
        shown = np.take_along_axis(self.gains, best_places(scores, k=k), axis=1)
        return np.asarray(shown @ _discounts(k) / self.ideal)


def held_out(
    cases: Cases, by_words: Sequence[Shortlist], by_meaning: Sequence[IntArray], *, drawn: IntArray, each: int = 15
) -> HeldOut:
    """Held-back queries with their pool.

    Args:
        cases: Each with at least one relevant text; ``relevant`` are text numbers.
        by_words: For each case, texts and scores by words, best first.
        by_meaning: For each case, texts that the encoder finds as it is, best first.
        drawn: Further texts.
        each: Texts of either list that come into the pool.

    Returns:
        The queries.
    """
    lists = [*cases.relevant, *(found[:each] for found, _ in by_words), *(found[:each] for found in by_meaning)]
    texts = np.unique(np.concatenate([*lists, drawn])).astype(np.int64)
    gains, words = np.zeros((len(cases.ids), len(texts))), np.zeros((len(cases.ids), len(texts)))
    for row, (relevant, values, (found, scores)) in enumerate(zip(cases.relevant, cases.gains, by_words, strict=True)):
        np.maximum.at(gains[row], np.searchsorted(texts, relevant), values)
        places = np.minimum(np.searchsorted(texts, found), len(texts) - 1)
        is_there = texts[places] == found
        words[row, places[is_there]] = scores[is_there] / max(float(scores.max(initial=0.0)), 1e-9)
    best = -np.sort(-gains, axis=1)[:, :K]
    ideal = best @ _discounts(best.shape[1])
    return HeldOut(tuple(request.query for request in cases.requests), texts, gains, ideal, words)


def gain_of(after: FloatArray, before: FloatArray) -> Gain:
    """The gain of one model over another, query by query.

    Args:
        after: nDCG of each query. Shape (queries,).
        before: The same of the other model.

    Returns:
        Mean and standard error; of fewer than two queries nothing can be said.
    """
    if len(after) < 2:
        return Gain(0.0, 0.0, len(after))
    difference = after - before
    return Gain(float(difference.mean()), float(difference.std(ddof=1) / np.sqrt(len(difference))), len(difference))


def _discounts(n: int) -> FloatArray:
    return np.asarray(1.0 / np.log2(np.arange(2, n + 2)), np.float64)
