"""How alike the texts of items are: the nearest of each, and the cosine of any two; by words or by an encoder."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from steelyard.domain import CatalogueFacts, FloatArray, IntArray, VectorArray
from steelyard.models.retrieval.content import similar_rows
from steelyard.models.retrieval.links import capped

if TYPE_CHECKING:
    from scipy import sparse

__all__ = ["TextSpace"]

NEAREST = 50
"""Texts that a step may go to from a text."""
_ROWS = 512
_PAIRS = 200_000
"""Compared at a time: bounds memory to some 300 MB for vectors of 384 numbers."""


class TextSpace:
    """Vectors of the catalogue's texts, sparse or dense, as items see them.

    Args:
        vectors: Rows of length 1, or 0 where a text says nothing. Shape (n_texts, width).
        facts: Which item has which text.
    """

    def __init__(self, vectors: sparse.csr_array | VectorArray, facts: CatalogueFacts) -> None:
        self._vectors = vectors
        self._text_of_item = facts.text_of_item.astype(np.int64)
        self._representative = facts.representative.astype(np.int64)

    @property
    def n_items(self) -> int:
        """Size of the catalogue."""
        return len(self._text_of_item)

    def near(self, n: int = NEAREST) -> sparse.csr_array:
        """Cosines of each item with the items that stand for the texts most like its own; its own text's among them.

        Args:
            n: Other texts of each text, at most.

        Returns:
            Shape (n_items, n_items), above 0; an item is not near itself.
        """
        from scipy import sparse  # noqa: PLC0415 - only learning needs it; a server that loads it starts a second later

        n_texts, items = len(self._representative), np.arange(self.n_items)
        if not n_texts or not self.n_items:
            return sparse.csr_array((self.n_items, self.n_items))
        similar = sparse.vstack([*self._similar(n)], format="csr") + sparse.eye_array(n_texts, format="csr")
        has = sparse.csr_array((np.ones(self.n_items), (items, self._text_of_item)), shape=(self.n_items, n_texts))
        places = (np.arange(n_texts), self._representative)
        stands = sparse.csr_array((np.ones(n_texts), places), shape=(n_texts, self.n_items))
        found: sparse.csr_array = (has @ similar @ stands).tocsr()
        found.data[np.repeat(items, np.diff(found.indptr)) == found.indices] = 0.0
        found.eliminate_zeros()
        return found

    def cosines(self, first: IntArray, second: IntArray) -> FloatArray:
        """Cosine of pairs of items, 0 where it is below.

        Args:
            first: Item numbers. Shape (pairs,).
            second: Item numbers. Shape (pairs,).

        Returns:
            Shape (pairs,), in [0, 1].
        """
        found = np.empty(len(first))
        for low in range(0, len(first), _PAIRS):
            part = slice(low, low + _PAIRS)
            found[part] = self._products(self._text_of_item[first[part]], self._text_of_item[second[part]])
        return np.clip(found, 0.0, 1.0)

    def _products(self, first: IntArray, second: IntArray) -> Any:
        if isinstance(self._vectors, np.ndarray):
            return np.einsum("ij,ij->i", self._vectors[first], self._vectors[second])
        return np.asarray(self._vectors[first].multiply(self._vectors[second]).sum(axis=1)).ravel()

    def _similar(self, n: int) -> Iterator[sparse.csr_array]:
        """Blocks of rows of cosines between texts, the ``n`` highest of each, without the text itself."""
        if not isinstance(self._vectors, np.ndarray):
            for block in similar_rows(self._vectors):
                yield capped(block.astype(np.float64), n)
            return
        from scipy import sparse  # noqa: PLC0415 - only learning needs it; a server that loads it starts a second later

        for low in range(0, len(self._vectors), _ROWS):
            table = (self._vectors[low : low + _ROWS] @ self._vectors.T).astype(np.float64)
            rows = np.arange(len(table))
            table[rows, low + rows] = 0.0
            width = min(n, table.shape[1])
            cut = np.partition(table, table.shape[1] - width, axis=1)[:, [table.shape[1] - width]]
            yield capped(sparse.csr_array(np.where(table >= np.maximum(cut, 1e-9), table, 0.0)), n)
