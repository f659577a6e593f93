"""Features of items alone: bands of price, and how near two vectors of text or of pictures are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.sparse import csr_array

from steelyard.domain import FloatArray, IntArray, VectorArray
from steelyard.errors import DataError

__all__ = ["Encode", "PriceBands", "TfIdf", "cosine", "encoded"]

Encode = Callable[[Sequence[str]], VectorArray]
"""Texts to vectors: a static table, a transformer, whatever is handed in. Shape (texts, width)."""


@dataclass(frozen=True, slots=True)
class PriceBands:
    """Where a price lies among the items of its category, in bands of as many items each."""

    edges_: FloatArray
    """Shape (categories, bands − 1), ascending along a row; the last row is for categories that had no item."""

    @classmethod
    def fit(cls, prices: FloatArray, category: IntArray, *, n_categories: int, bands: int = 5) -> Self:
        """Learn the edges.

        Args:
            prices: Of the learning part's items; NaN where not known. Shape (items,).
            category: Number of each item's category, -1 for none.
            n_categories: How many there are.
            bands: How many bands, >= 2.

        Returns:
            To be stored with the model.

        Raises:
            DataError: No price is known.
        """
        known = prices[~np.isnan(prices)]
        if not len(known):
            raise DataError("bands of price are learnt from items with a price, and none has one: leave them out")
        shares = np.arange(1, bands) / bands
        overall = np.quantile(known, shares)
        edges = np.tile(overall, (n_categories + 1, 1))
        for number in np.unique(category[(category >= 0) & ~np.isnan(prices)]).tolist():
            of_it = prices[(category == number) & ~np.isnan(prices)]
            if len(of_it) >= bands:
                edges[number] = np.quantile(of_it, shares)
        return cls(edges)

    def value(self, prices: FloatArray, category: IntArray) -> FloatArray:
        """Band from 0 for the cheapest, as a share of the highest; .5 where the price is not known. Shape (items,)."""
        last = len(self.edges_) - 1
        edges = self.edges_[np.where((category >= 0) & (category < last), category, last)]
        band = (prices[:, None] > edges).sum(axis=1) / edges.shape[1]
        placed: FloatArray = np.where(np.isnan(prices), 0.5, band)
        return placed


@dataclass(frozen=True, slots=True)
class TfIdf:
    r"""Words weighed by how rare they are: :math:`(1 + \ln f) \ln\frac{1 + N}{1 + n_w}`, each text of length 1."""

    words_: tuple[str, ...]
    idf_: FloatArray
    """Shape (words,)."""

    @classmethod
    def fit(cls, texts: Sequence[Sequence[str]], *, max_words: int = 50_000) -> Self:
        """Learn which words there are, and how rare each is.

        Args:
            texts: Words of the learning part's texts, cut by the shop's own tokeniser.
            max_words: The commonest are kept.

        Returns:
            Words in order of frequency, then of the alphabet.
        """
        counts = Counter(word for text in texts for word in set(text))
        words = sorted(counts, key=lambda word: (-counts[word], word))[:max_words]
        frequency = np.array([counts[word] for word in words], np.float64)
        return cls(tuple(words), np.log((1 + len(texts)) / (1 + frequency)))

    def value(self, texts: Sequence[Sequence[str]]) -> csr_array:
        """Weights of each text; words that were not learnt are left out. Shape (texts, words)."""
        place = {word: number for number, word in enumerate(self.words_)}
        rows, columns, values = [], [], []
        for row, text in enumerate(texts):
            counts = Counter(place[word] for word in text if word in place)
            weights = {column: (1 + np.log(n)) * self.idf_[column] for column, n in counts.items()}
            length = float(np.sqrt(sum(weight**2 for weight in weights.values()))) or 1.0
            rows += [row] * len(weights)
            columns += list(weights)
            values += [weight / length for weight in weights.values()]
        return csr_array((values, (rows, columns)), shape=(len(texts), len(self.words_)))


def encoded(encode: Encode, texts: Sequence[str]) -> VectorArray:
    """Vectors of texts, each distinct text encoded once, so that equal texts have equal ones. Shape (texts, width)."""
    distinct = list(dict.fromkeys(texts))
    place = {text: number for number, text in enumerate(distinct)}
    return encode(distinct)[[place[text] for text in texts]]


def cosine(one: VectorArray, other: VectorArray) -> FloatArray:
    """Cosine of each pair of rows.

    Args:
        one: Vectors of texts or of pictures. Shape (rows, width).
        other: As many, of the same width.

    Returns:
        In [-1, 1]; 0 where one of them is all 0. Shape (rows,).
    """
    first, second = one.astype(np.float64), other.astype(np.float64)
    lengths = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    found = np.zeros(len(first))
    np.divide((first * second).sum(axis=1), lengths, out=found, where=lengths > 0)
    return found
