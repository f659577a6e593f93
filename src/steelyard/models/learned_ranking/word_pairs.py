r"""Which words of queries go with which words of titles, as the shop's judgements have it.

.. math:: v_{q,t} = \ln \frac{1 + g_{q,t}}{1 + e_{q,t}}

where g is the gain of the candidates whose title holds t, of all queries that hold q, and e what it would be if each
query's gain lay upon its candidates by their places alone. So *fridge* goes with *refrigerator*, and goes against
*filter*; and a word that goes with itself is one that a title must hold.

A query that is learnt from is described by what the others say: see ``folds_of``. A word of fewer than five titles is
left out: it would stand for a product, and tell whether somebody judged it.

Trust: pairs that few queries hold are noise; the trees that look at them learn how far to trust them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from steelyard.domain import FloatArray, IntArray

__all__ = ["FEATURES", "Lesson", "WordPairs", "folds_of", "learn_pairs"]

FEATURES = ("pairs", "pairs_of_length", "best_pair", "worst_pair")
"""Names of the columns."""
_LEAST_TITLES = 5
_LEAST_VALUE = 0.1
_FADING = 40.0
"""Places after which a candidate is expected to have e times less of the gain."""
_FOLDS = 5


@dataclass(frozen=True, slots=True)
class WordPairs:
    """Values of pairs of words."""

    starts: IntArray
    """Where the pairs of each word of queries begin. Shape (terms + 1,)."""
    units: npt.NDArray[np.int32]
    """Word of titles of each pair. Shape (pairs,)."""
    values: npt.NDArray[np.float32]
    """Shape (pairs,)."""

    def features(self, words: IntArray, titles: npt.NDArray[np.int32]) -> list[FloatArray]:
        """Columns of ``FEATURES``.

        Args:
            words: Words of a query.
            titles: Units of each candidate's title, negative after its end. Shape (n, places).

        Returns:
            Sum of the values of all pairs, on average of the query's words, and of the title's; the highest and the
            lowest of them. Shape (n,) each.
        """
        n = len(titles)
        if not len(words):
            return [np.zeros(n) for _ in FEATURES]
        table = np.zeros((len(words), len(self.starts)), np.float32)  # the last column is that of no unit
        for row, word in enumerate(words.tolist()):
            part = slice(self.starts[word], self.starts[word + 1])
            table[row, self.units[part]] = self.values[part]
        values = table[:, np.maximum(titles, -1)]
        total = values.sum(axis=(0, 2), dtype=np.float64) / len(words)
        best, worst = values.max(axis=(0, 2)), values.min(axis=(0, 2))
        return [
            total,
            total / np.maximum((titles >= 0).sum(axis=1), 1),
            best.astype(np.float64),
            worst.astype(np.float64),
        ]


@dataclass(frozen=True, slots=True)
class Lesson:
    """A judged query."""

    words: IntArray
    """Units of the query that are words. Shape (words,)."""
    texts: IntArray
    """Candidates, best first. Shape (n,)."""
    gains: FloatArray
    """Of the candidates; 0 where nobody judged. Shape (n,)."""


def learn_pairs(lessons: Sequence[Lesson], titles: npt.NDArray[np.int32], *, n_terms: int) -> WordPairs:
    """What judged queries say of pairs of words.

    Args:
        lessons: Judged queries.
        titles: Units of all titles, negative after their ends. Shape (texts, places).
        n_terms: Of the catalogue.

    Returns:
        Pairs that were seen and are worth telling.
    """
    highest = max((float(lesson.gains.max(initial=0.0)) for lesson in lessons), default=0.0)
    useful = [lesson for lesson in lessons if len(lesson.words) and lesson.gains.any()]
    held = _presence(titles, n_terms)
    asked = _rows_of([lesson.words for lesson in useful], [np.ones(len(lesson.words)) for lesson in useful], n_terms)
    texts, n_texts = [lesson.texts for lesson in useful], len(titles)
    judged = _rows_of(texts, [lesson.gains / highest for lesson in useful], n_texts)
    expected = _rows_of(texts, [_expected(lesson.gains / highest) for lesson in useful], n_texts)
    hoped = sparse.csr_array(asked.T @ (expected @ held)).tocoo()
    got = sparse.csr_array(asked.T @ (judged @ held)).tocoo()
    keys = hoped.row.astype(np.int64) * n_terms + hoped.col
    gained = np.zeros(len(keys))
    order = np.argsort(keys)
    places = np.searchsorted(keys, got.row.astype(np.int64) * n_terms + got.col, sorter=order)
    gained[order[places]] = got.data
    values = np.log((1 + gained) / (1 + hoped.data))
    is_told = (np.abs(values) > _LEAST_VALUE) & (
        np.bincount(held.indices, minlength=n_terms)[hoped.col] >= _LEAST_TITLES
    )
    kept = order[is_told[order]]
    starts = np.searchsorted(hoped.row[kept], np.arange(n_terms + 1))
    return WordPairs(starts.astype(np.int64), hoped.col[kept].astype(np.int32), values[kept].astype(np.float32))


def folds_of(
    lessons: Sequence[Lesson],
    titles: npt.NDArray[np.int32],
    *,
    n_terms: int,
    seed: int,
    besides: Sequence[Lesson] = (),
) -> list[WordPairs]:
    """For each judged query what the queries of other folds say.

    Args:
        lessons: Judged queries.
        titles: As for ``learn_pairs``.
        n_terms: Of the catalogue.
        seed: Draws the folds.
        besides: Judged queries that tell of all the others, too.

    Returns:
        One for each query; queries of a fold share it.
    """
    folds = np.random.default_rng(seed).permutation(len(lessons)) % _FOLDS
    of_fold = [
        learn_pairs(
            [*(lesson for lesson, own in zip(lessons, folds, strict=True) if own != fold), *besides],
            titles,
            n_terms=n_terms,
        )
        for fold in range(_FOLDS)
    ]
    return [of_fold[fold] for fold in folds.tolist()]


def _presence(titles: npt.NDArray[np.int32], n_terms: int) -> sparse.csr_array:
    """Which title holds which unit. Shape (texts, terms), ones."""
    is_held = titles >= 0
    rows = np.repeat(np.arange(len(titles)), is_held.sum(axis=1))
    found = sparse.csr_array((np.ones(len(rows)), (rows, titles[is_held])), shape=(len(titles), n_terms))
    found.data[:] = 1.0
    return found


def _rows_of(columns: Sequence[IntArray], values: Sequence[FloatArray], width: int) -> sparse.csr_array:
    """A row for each query. Shape (queries, width)."""
    starts = np.concatenate([[0], np.cumsum([len(each) for each in columns])]).astype(np.int64)
    flat = np.concatenate([np.empty(0, np.int64), *columns])
    return sparse.csr_array((np.concatenate([np.empty(0), *values]), flat, starts), shape=(len(columns), width))


def _expected(gains: FloatArray) -> FloatArray:
    """The gain of a query upon its candidates by their places alone. Shape as given."""
    share = np.exp(-np.arange(len(gains)) / _FADING)
    return np.asarray(float(gains.sum()) * share / share.sum(), np.float64)
