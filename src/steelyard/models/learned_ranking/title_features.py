"""What a candidate's title says of a query, and how it stands among the other candidates.

All numbers come from what lexical search holds already: the units of each title in order, the score of the first
phase, and what most of the best candidates have in common, which tells what kind of thing is meant.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from steelyard.domain import FloatArray, IntArray
from steelyard.models.retrieval.lexical import Lexical
from steelyard.models.retrieval.lexical_fit import unpack
from steelyard.models.retrieval.lexical_scoring import Postings, ceiling
from steelyard.models.retrieval.query_plan import Reading
from steelyard.models.retrieval.shortlists import distinct_numbers
from steelyard.models.text.segment import FUNCTION_WORDS, MEASURES

__all__ = ["FEATURES", "Candidates", "Titles", "z_scores"]

_LONGEST = 32
_PADDING = -9
_FAR = 40
"""Place of a unit that a title does not hold."""
_HEADS = (10, 40)
"""So many of the best candidates say what is meant."""
_TEMPERATURE = 0.1

FEATURES = (
    "score",
    "score_of_best",
    "score_z",
    "score_of_ceiling",
    "place",
    "exact",
    "popularity",
    "popular",
    "units_in_title",
    "title_order",
    "weight_in_title",
    "heaviest_missing",
    "first_unit",
    "words_held",
    "numbers_held",
    "mean_place",
    "last_place",
    "weight_of_title",
    "title_length",
    "brand_among_10",
    "kind_among_10",
    "like_best_10",
    "new_like_best_10",
    "brand_among_40",
    "kind_among_40",
    "like_best_40",
    "new_like_best_40",
    "query_spread",
    "query_best",
    "query_ceiling",
    "query_rarest",
    "query_units",
)
"""Names of the columns."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Candidates of one query, best first by the first phase."""

    texts: IntArray
    """Shape (n,)."""
    scores: FloatArray
    """Of lexical search, non-increasing. Shape (n,)."""
    is_exact: npt.NDArray[np.bool_]
    """Whether the title holds all needed units. Shape (n,)."""
    ceiling: float
    """What no score by words exceeds, > 0."""

    @classmethod
    def of(cls, lexical: Lexical, reading: Reading, *, k: int, near: IntArray | None = None) -> Candidates:
        """The ``k`` best that hold something of the query by the score of lexical search, ties to the lower number.

        Args:
            lexical: Finds them.
            reading: Of the query.
            k: >= 1.
            near: Texts that come in beside them, whatever they hold, where there is any that holds something.

        Returns:
            Best first.
        """
        texts = lexical.candidates(reading, k=k)
        scored = lexical.score(reading, texts)
        order = np.argsort(-scored.scores, kind="stable")[: min(k, np.count_nonzero(scored.scores > 0))]
        if near is not None and len(near) and len(order):
            texts = distinct_numbers(np.concatenate([texts[order], near]))
            scored = lexical.score(reading, texts)
            order = np.argsort(-scored.scores, kind="stable")
        highest = max(ceiling(reading.plan, lexical.options), 1e-6)
        return cls(texts[order], scored.scores[order], scored.is_exact[order], highest)


def z_scores(values: FloatArray) -> FloatArray:
    """Values of one query's candidates, their mean taken away, in standard deviations. Shape as given."""
    off = values - values.sum() / max(len(values), 1)
    spread = float(np.sqrt(off @ off / max(len(values), 1)))  # a third of the time that numpy's own std takes
    return np.asarray(off / spread if spread > 1e-9 else np.zeros(len(values)), np.float64)


class Titles:
    """The titles of a shop, ready to be compared with queries.

    Args:
        postings: Of lexical search.
        starts: Where the units of each title begin. Shape (texts + 1,).
        units: Units of all titles. Shape (units,).
        terms: As ``fit_lexical`` packed them.
        brands: Number of each text's brand. Shape (texts,).
        kinds: Number of each text's kind of thing. Shape (texts,).
    """

    def __init__(
        self,
        postings: Postings,
        *,
        starts: IntArray,
        units: npt.NDArray[np.int32],
        terms: npt.NDArray[np.uint8],
        brands: npt.NDArray[np.int32],
        kinds: npt.NDArray[np.int32],
    ) -> None:
        names = unpack(terms)
        self._idf = np.append(postings.idf, 0.0).astype(np.float32)
        self._is_number = np.array([name[0].isdigit() for name in names], bool)
        self._is_word = np.array([_is_word(name) for name in names], bool)
        lengths = np.minimum(np.diff(starts), _LONGEST)
        self._units = np.full((len(lengths), _LONGEST), _PADDING, np.int32)
        for place in range(_LONGEST):
            has = np.flatnonzero(lengths > place)
            self._units[has, place] = units[starts[has] + place]
        self._lengths = lengths
        self._brands, self._kinds = brands, kinds
        self._popularity = np.zeros(len(lengths), np.float32) if postings.popularity is None else postings.popularity

    @property
    def units(self) -> npt.NDArray[np.int32]:
        """Units of all titles, negative after their ends. Shape (texts, places)."""
        return self._units

    @property
    def n_terms(self) -> int:
        """Of the catalogue."""
        return len(self._idf) - 1

    def words_of(self, reading: Reading) -> IntArray:
        """Units of a query that are wishes in words, not numbers, each once, ascending."""
        plan = reading.plan
        needed = distinct_numbers(plan.units[plan.is_needed & (plan.units >= 0)])
        return np.asarray(needed[~self._is_number[needed]], np.int64)

    def features(self, reading: Reading, candidates: Candidates) -> list[FloatArray]:
        """Columns of ``FEATURES``.

        Args:
            reading: Of the query.
            candidates: At least one.

        Returns:
            One array for each feature. Shape (n,) each.
        """
        plan = reading.plan
        needed = plan.units[plan.is_needed & (plan.units >= 0)]
        titles = self._units[candidates.texts]
        weights = np.where(titles >= 0, self._idf[titles], np.float32(0))
        return [
            *_of_scores(candidates),
            *self._of_titles(needed, titles, weights, candidates.texts),
            *self._of_best(needed, titles, weights, candidates),
            *_of_query(candidates, float(self._idf[needed].max(initial=0.0)), len(plan.units)),
        ]

    def _of_titles(
        self, needed: IntArray, titles: npt.NDArray[np.int32], weights: npt.NDArray[np.float32], texts: IntArray
    ) -> list[FloatArray]:
        """Which units of the query each title holds, and where."""
        n, popularity = len(texts), self._popularity[texts].astype(np.float64)
        if not len(needed):
            return [popularity, *(np.zeros(n) for _ in range(11)), self._lengths[texts].astype(np.float64)]
        at = titles[None] == needed[:, None, None].astype(np.int32)
        holds = at.any(axis=2)
        places = np.where(holds, at.argmax(axis=2), _FAR)
        idf = self._idf[needed]
        held = holds.sum(axis=0)
        share = held / len(needed)
        return [
            popularity,
            popularity * np.square(share),
            share,
            (np.diff(places, axis=0) == 1).sum(axis=0) / max(len(needed) - 1, 1),
            (idf / idf.sum()) @ holds,
            np.where(holds, 0, idf[:, None]).max(axis=0),
            holds[0].astype(np.float64),
            _share(holds, self._is_word[needed]),
            _share(holds, self._is_number[needed]),
            np.where(holds, places, 0).sum(axis=0) / np.maximum(held, 1),
            np.where(holds, places, -1).max(axis=0).astype(np.float64),
            (weights * at.any(axis=0)).sum(axis=1) / np.maximum(weights.sum(axis=1), 1e-6),
            self._lengths[texts].astype(np.float64),
        ]

    def _of_best(
        self,
        needed: IntArray,
        titles: npt.NDArray[np.int32],
        weights: npt.NDArray[np.float32],
        candidates: Candidates,
    ) -> list[FloatArray]:
        """What each candidate shares with the best ones: brand, kind, and units, weighed by their scores."""
        trust = np.exp((candidates.scores - candidates.scores[0]) / (_TEMPERATURE * candidates.ceiling))
        norm = np.sqrt(np.square(weights).sum(axis=1) + 1e-6)
        brands, kinds = self._brands[candidates.texts], self._kinds[candidates.texts]
        held = np.maximum(titles, -1)
        columns: list[FloatArray] = []
        for n in _HEADS:
            share = (trust[:n] / trust[:n].sum()).astype(np.float32)
            common = np.zeros(len(self._idf), np.float32)  # the last one is that of no unit
            np.add.at(common, held[:n], share[:, None])
            known = weights * np.minimum(common[held], np.float32(1))
            common[needed] = 0
            new = weights * np.minimum(common[held], np.float32(1))
            columns += [
                _agreement(brands, share),
                _agreement(kinds, share),
                known.sum(axis=1) / norm,
                new.sum(axis=1) / np.maximum(self._lengths[candidates.texts], 1),
            ]
        return columns


def _of_scores(candidates: Candidates) -> list[FloatArray]:
    scores = candidates.scores
    return [
        scores,
        scores / max(float(scores[0]), 1e-9),
        z_scores(scores),
        scores / candidates.ceiling,
        np.arange(len(scores), dtype=np.float64),
        candidates.is_exact.astype(np.float64),
    ]


def _of_query(candidates: Candidates, rarest: float, n_units: int) -> list[FloatArray]:
    scores, n = candidates.scores, len(candidates.scores)
    spread = float(scores[:10].mean() - scores.mean()) / candidates.ceiling
    values = (spread, float(scores[0]) / candidates.ceiling, candidates.ceiling, rarest, float(n_units))
    return [np.full(n, value) for value in values]


def _agreement(numbers: npt.NDArray[np.int32], share: FloatArray) -> FloatArray:
    """Share of the best candidates that have the same number. Shape (n,)."""
    same = numbers[:, None] == numbers[None, : len(share)]
    return np.asarray(same @ share, np.float64)


def _share(holds: npt.NDArray[np.bool_], is_of: npt.NDArray[np.bool_]) -> FloatArray:
    """Share of these units that each title holds; -1 where the query has none of them."""
    n = int(is_of.sum())
    return holds[is_of].sum(axis=0) / n if n else np.full(holds.shape[1], -1.0)


def _is_word(term: str) -> bool:
    return term.isalpha() and term not in FUNCTION_WORDS and term not in MEASURES
