r"""Spectral item factors: what a network's item vectors start from.

The links of item neighbours, made symmetric, are factorised: with the truncated singular value decomposition
:math:`(W + W^T)/2 \approx U \Sigma V^T` an item's factors are its row of :math:`U \Sigma^{1/2}`. Two items agree as
much as they are linked to the same others, whether they are linked to each other or not.
"""

from __future__ import annotations

import numpy as np

from steelyard.domain import Interactions, VectorArray
from steelyard.models.retrieval.neighbours import ItemNeighbours

__all__ = ["spectral_factors"]

_MORE = 16
"""Directions that are worked on besides, so that the last ones wanted are good too."""
_ROUNDS = 6


def spectral_factors(interactions: Interactions, *, width: int, seed: int) -> VectorArray:
    """Factors of each item from which items occur together and one after another, by randomised subspace iteration.

    Args:
        interactions: What happened.
        width: Of the factors, >= 1.
        seed: Of the first random directions.

    Returns:
        Shape (n_items, width), float32, rows that are not zero of length 1; zero for items without links, and in
        the columns for which there are no more directions.

    Source:
        Halko, Martinsson & Tropp 2011, doi:10.1137/090771806.
    """
    from scipy import sparse  # noqa: PLC0415 - only learning needs it; a server that loads it starts a second later

    links = ItemNeighbours().fit(interactions, seed=seed).links_
    n = links.n_rows
    shape = (n, n)
    one_way = sparse.csr_array((links.strengths.astype(np.float64), links.neighbours, links.starts), shape=shape)
    both = ((one_way + one_way.T) / 2).tocsr()
    found = np.random.default_rng([seed, 0]).standard_normal((n, min(width + _MORE, n)))
    for _ in range(_ROUNDS):
        found, _ = np.linalg.qr(both @ found)
    values, turned = np.linalg.eigh(found.T @ (both @ found))
    chosen = np.argsort(-np.abs(values), kind="stable")[:width]
    directions = found @ turned[:, chosen]
    directions *= np.where(directions[np.abs(directions).argmax(axis=0), np.arange(len(chosen))] < 0, -1.0, 1.0)
    factors = directions * np.sqrt(np.abs(values[chosen]))
    factors[np.diff(both.indptr) == 0] = 0.0
    lengths = np.linalg.norm(factors, axis=1, keepdims=True)
    whole = np.zeros((n, width), np.float32)
    whole[:, : len(chosen)] = factors / np.where(lengths > 1e-12, lengths, np.inf)
    return whole
