"""What people judged for queries like this one: the shop's own answers, remembered.

A query is like another by the terms they share, weighed as lexical search weighs them (a cosine), or by their vectors.
A query that is being learnt from is never among the ones it is compared with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from steelyard.domain import Cases, FloatArray, IntArray, VectorArray
from steelyard.models.learned_ranking.title_features import z_scores
from steelyard.models.retrieval.query_plan import Reading

__all__ = ["FEATURES", "JUDGED_FEATURES", "JudgedMemory", "Recalled", "remember"]

_MOST = 12
_LEAST_BY_WORDS = 0.25
_LEAST_BY_MEANING = 0.45
_UNKNOWN = 30.0
"""What a word that the catalogue does not know adds to the squared length of a query."""
_POOR = 0.25
"""Share of the highest gain below which a judgement speaks against."""
_GOOD = 0.5
"""Share of the highest gain from which a text is a candidate for queries like the one it was judged for."""
_LIKE = 0.45
"""Likeness from which a query says so."""
_MOST_GOOD = 30
_ALIKE = 0.4
"""Cosine under which two products say nothing of each other."""

FEATURES = ("known_queries", "nearest_query", "judged_good", "judged_bad", "judged_kind")
"""Columns that need no vectors of products."""
JUDGED_FEATURES = ("near_good", "near_good_z", "near_one_z", "near_sum_z", "near_nearest_z")
"""Columns that need them."""


@dataclass(frozen=True, slots=True)
class Recalled:
    """Judgements of queries like one query."""

    texts: IntArray
    """Shape (judged,)."""
    gains: FloatArray
    """In [0, 1]: shares of the shop's highest gain. Shape (judged,)."""
    likeness: FloatArray
    """Of the query that each was judged for. Shape (judged,), descending."""
    n_of_nearest: int
    """How many of them are of the nearest query."""
    sum_of_likeness: float
    nearest: float

    def good(self) -> IntArray:
        """Texts that were judged good for a query that is much like this one: candidates, whatever words they hold."""
        is_good = (self.gains >= _GOOD) & (self.likeness >= _LIKE)
        return self.texts[is_good][:_MOST_GOOD]


@dataclass(frozen=True, slots=True)
class JudgedMemory:
    """Judged queries by their terms and vectors."""

    term_starts: IntArray
    """Where the queries of each term begin. Shape (terms + 1,)."""
    term_queries: npt.NDArray[np.int32]
    term_weights: npt.NDArray[np.float32]
    """Share of the query's length."""
    starts: IntArray
    """Where the judgements of each query begin. Shape (queries + 1,)."""
    texts: npt.NDArray[np.int32]
    gains: npt.NDArray[np.float32]
    """In [0, 1]."""
    kinds: npt.NDArray[np.int32]
    """Number of the kind of each text of the shop."""
    vectors: VectorArray | None = None
    """Of each query, projected. Shape (queries, width)."""

    @property
    def n(self) -> int:
        """Queries remembered."""
        return len(self.starts) - 1

    def by_words(self, reading: Reading, *, without: int = -1) -> Recalled:
        """Judgements of the queries whose terms are most like these.

        Args:
            reading: Of the query.
            without: Number of a query to leave out.

        Returns:
            Of at most twelve queries.
        """
        terms, weights = _weights(reading)
        found = np.zeros(self.n)
        for term, weight in zip(terms.tolist(), weights.tolist(), strict=True):
            first, last = self.term_starts[term], self.term_starts[term + 1]
            found[self.term_queries[first:last]] += weight * self.term_weights[first:last]
        return self._recall(found, _LEAST_BY_WORDS, without)

    def by_meaning(self, query: VectorArray, *, without: int = -1) -> Recalled:
        """Judgements of the queries whose vectors are nearest.

        Args:
            query: Projected. Shape (width,).
            without: Number of a query to leave out.

        Returns:
            Of at most twelve queries; of none without vectors.
        """
        if self.vectors is None:
            return self._recall(np.zeros(self.n), _LEAST_BY_MEANING, without)
        return self._recall((self.vectors @ query).astype(np.float64), _LEAST_BY_MEANING, without)

    def features(self, recalled: Recalled, texts: IntArray) -> list[FloatArray]:
        """Columns of ``FEATURES``.

        Args:
            recalled: For the query.
            texts: Candidates. Shape (n,).

        Returns:
            Shape (n,) each.
        """
        n = len(texts)
        known = [np.full(n, recalled.sum_of_likeness), np.full(n, recalled.nearest)]
        if not len(recalled.texts):
            return [*known, *(np.zeros(n) for _ in range(3))]
        is_same = texts[:, None] == recalled.texts[None]
        weights = recalled.likeness**3 * np.maximum(recalled.gains - _POOR, 0.0)
        is_kind = self.kinds[texts][:, None] == self.kinds[recalled.texts][None]
        return [
            *known,
            is_same @ (recalled.likeness * recalled.gains),
            is_same @ (recalled.likeness * (1 - recalled.gains)),
            is_kind @ weights / max(float(weights.sum()), 1e-6),
        ]

    @staticmethod
    def judged_features(recalled: Recalled, vectors: VectorArray, judged: VectorArray) -> list[FloatArray]:
        """Columns of ``JUDGED_FEATURES``: how near each candidate is to what was judged.

        Args:
            recalled: For the query.
            vectors: Of the candidates. Shape (n, width).
            judged: Of ``recalled.texts``. Shape (judged, width).

        Returns:
            Shape (n,) each.
        """
        if not len(recalled.texts):
            return [np.zeros(len(vectors)) for _ in JUDGED_FEATURES]
        near = (vectors @ judged.T).astype(np.float64)
        trust, gains = recalled.likeness**3, recalled.gains
        good = trust * np.maximum(gains - _POOR, 0.0)
        to_good = near @ good / max(float(good.sum()), 1e-6)
        one = (near * (recalled.likeness * gains)).max(axis=1)
        summed = np.maximum(near - _ALIKE, 0.0) @ (trust * (gains - _POOR - 0.1))
        n = recalled.n_of_nearest
        nearest = near[:, :n] @ gains[:n] / max(float(gains[:n].sum()), 1e-6)
        return [to_good, z_scores(to_good), z_scores(one), z_scores(summed), z_scores(nearest)]

    def _recall(self, likeness: FloatArray, least: float, without: int) -> Recalled:
        if without >= 0:
            likeness[without] = 0.0
        found = np.flatnonzero(likeness > least)
        if len(found) > _MOST:
            found = found[np.argpartition(-likeness[found], _MOST)[:_MOST]]
        found = found[np.argsort(-likeness[found], kind="stable")]
        like = likeness[found]
        if not len(found):
            return Recalled(np.empty(0, np.int64), np.empty(0), np.empty(0), 0, 0.0, 0.0)
        sizes = self.starts[found + 1] - self.starts[found]
        places = np.concatenate([np.arange(self.starts[one], self.starts[one + 1]) for one in found.tolist()])
        return Recalled(
            self.texts[places].astype(np.int64),
            self.gains[places].astype(np.float64),
            np.repeat(like, sizes),
            int(sizes[0]),
            float(like.sum()),
            float(like[0]),
        )


def remember(
    cases: Cases,
    readings: Sequence[Reading],
    *,
    n_terms: int,
    kinds: npt.NDArray[np.int32],
    vectors: VectorArray | None,
) -> JudgedMemory:
    """The memory of judged queries.

    Args:
        cases: Judged queries; ``relevant`` are text numbers.
        readings: Of each query.
        n_terms: Terms of the catalogue.
        kinds: Of each text.
        vectors: Of each query, projected, where there is an encoder.

    Returns:
        All queries, numbered as in ``cases``.
    """
    highest = max((float(gains.max(initial=0.0)) for gains in cases.gains), default=0.0) or 1.0
    pairs = [_weights(reading) for reading in readings]
    terms = np.concatenate([terms for terms, _ in pairs]) if pairs else np.empty(0, np.int64)
    queries = np.repeat(np.arange(len(pairs)), [len(terms) for terms, _ in pairs])
    weights = np.concatenate([weights for _, weights in pairs]) if pairs else np.empty(0)
    order = np.argsort(terms, kind="stable")
    sizes = [len(texts) for texts in cases.relevant]
    return JudgedMemory(
        term_starts=np.searchsorted(terms[order], np.arange(n_terms + 1)).astype(np.int64),
        term_queries=queries[order].astype(np.int32),
        term_weights=weights[order].astype(np.float32),
        starts=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        texts=np.concatenate([*cases.relevant, np.empty(0, np.int64)]).astype(np.int32),
        gains=(np.concatenate([*cases.gains, np.empty(0)]) / highest).astype(np.float32),
        kinds=kinds,
        vectors=vectors,
    )


def _weights(reading: Reading) -> tuple[IntArray, FloatArray]:
    """Terms of a query and their weights, as shares of its length."""
    plan = reading.plan
    is_own = (plan.terms >= 0) & ~plan.is_extra
    terms, where = np.unique(plan.terms[is_own], return_inverse=True)
    weights = np.bincount(where, plan.weights[is_own], len(terms))
    length = float(np.sqrt(np.square(weights).sum() + _UNKNOWN * len(reading.unknown)))
    return terms, weights / max(length, 1e-9)
