r"""Spectral factors: what a network's item vectors start from, and what it reads of words, each in few numbers.

The links of item neighbours, made symmetric, are factorised: with the truncated singular value decomposition
:math:`(W + W^T)/2 \approx U \Sigma V^T` an item's factors are its row of :math:`U \Sigma^{1/2}`. Two items agree as
much as they are linked to the same others, whether they are linked to each other or not. Of words the same is done with
TF-IDF: two texts agree as much as they share rare words, or words that go together.

Source: Halko, Martinsson & Tropp 2011, doi:10.1137/090771806.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from steelyard.domain import FloatArray, Interactions, VectorArray
from steelyard.models.retrieval.neighbours import ItemNeighbours

if TYPE_CHECKING:
    from scipy import sparse

__all__ = ["spectral_factors", "word_factors"]

_MORE = 16
"""Directions that are worked on besides, so that the last ones wanted are good too."""
_ROUNDS = 6
_NOTHING = 1e-9


def spectral_factors(interactions: Interactions, *, width: int, seed: int) -> VectorArray:
    """Factors of each item from which items occur together and one after another, by randomised subspace iteration.

    Args:
        interactions: What happened.
        width: Of the factors, >= 1.
        seed: Of the first random directions.

    Returns:
        Shape (n_items, width), float32, rows that are not zero of length 1; zero for items without links, and in
        the columns for which there are no more directions.
    """
    from scipy import sparse  # noqa: PLC0415 - only learning needs it; a server that loads it starts a second later

    links = ItemNeighbours().fit(interactions, seed=seed).links_
    n = links.n_rows
    one_way = sparse.csr_array((links.strengths.astype(np.float64), links.neighbours, links.starts), shape=(n, n))
    both = ((one_way + one_way.T) / 2).tocsr()
    found = np.random.default_rng([seed, 0]).standard_normal((n, min(width + _MORE, n)))
    for _ in range(_ROUNDS):
        found, _ = np.linalg.qr(both @ found)
    values, turned = np.linalg.eigh(found.T @ (both @ found))
    chosen = np.argsort(-np.abs(values), kind="stable")[:width]
    factors = _signed(found @ turned[:, chosen]) * np.sqrt(np.abs(values[chosen]))
    return _rows_of_length_1(factors, is_there=np.diff(both.indptr) > 0, width=width)


def word_factors(matrix: sparse.csr_array, *, width: int, seed: int) -> VectorArray:
    """Factors of each text from its words, by randomised subspace iteration.

    Args:
        matrix: Weights of the words of each text, such as TF-IDF. Shape (texts, words).
        width: Of the factors, >= 1.
        seed: Of the first random directions.

    Returns:
        Shape (texts, width), float32, rows that are not zero of length 1; zero for texts without words, and in the
        columns for which there are no more directions.
    """
    n, n_words = matrix.shape
    found = np.random.default_rng([seed, 1]).standard_normal((n, min(width + _MORE, n, n_words)))
    for _ in range(_ROUNDS):
        found, _ = np.linalg.qr(matrix @ (matrix.T @ found))
    side = (matrix.T @ found).T
    values, turned = np.linalg.eigh(side @ side.T)
    chosen = np.argsort(-values, kind="stable")[:width]
    factors = _signed(found @ turned[:, chosen]) * np.sqrt(np.maximum(values[chosen], 0.0))
    return _rows_of_length_1(factors, is_there=np.diff(matrix.indptr) > 0, width=width)


def _signed(directions: FloatArray) -> FloatArray:
    """The largest number of each direction is above 0: which way a direction points is chance."""
    if not directions.size:
        return directions
    largest = directions[np.abs(directions).argmax(axis=0), np.arange(directions.shape[1])]
    return np.asarray(directions * np.where(largest < 0, -1.0, 1.0), np.float64)


def _rows_of_length_1(factors: FloatArray, *, is_there: npt.NDArray[np.bool_], width: int) -> VectorArray:
    factors = np.where(is_there[:, None], factors, 0.0)
    lengths = np.linalg.norm(factors, axis=1, keepdims=True)
    whole = np.zeros((len(factors), width), np.float32)
    whole[:, : factors.shape[1]] = factors / np.where(lengths > _NOTHING, lengths, np.inf)
    return whole
