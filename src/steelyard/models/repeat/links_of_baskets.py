"""Links between items that the same people buy, or that share baskets: sums over people, no row of one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from steelyard.domain import FloatArray
from steelyard.models.repeat.baskets import Baskets
from steelyard.models.repeat.habits import Decay
from steelyard.models.retrieval.links import Links, blocks, capped

if TYPE_CHECKING:
    from scipy import sparse

__all__ = ["links_in_baskets", "links_of_people"]

_BLOCK_PAIRS = 4_000_000
"""Pairs multiplied at a time: bounds memory to some 150 MB, whatever the log."""
_SHRINKAGE = 10.0
"""Added to the baskets that two items could share: pairs that are rare say little."""


def links_of_people(baskets: Baskets, *, decay: Decay, most_items: int, max_neighbours: int) -> Links:
    r"""What the vectors of all people, weighted by how alike they are, add up to.

    .. math:: L = \sum_{person} \frac{v v^T}{|v|^2}

    For a user with vector :math:`v_u` the row :math:`v_u L / |v_u|` is the sum of everybody's vectors (of length 1),
    each times its cosine with the user's: the neighbourhood of TIFU-KNN with everybody in it, summed beforehand.

    Args:
        baskets: Of the log.
        decay: Of the vectors.
        most_items: The heaviest so many items of a person count.
        max_neighbours: The strongest so many links of an item are kept.

    Returns:
        A row for each item; none to itself.
    """
    from scipy import sparse  # noqa: PLC0415 - only learning needs it; a server that loads it starts a second later

    cells = (decay.weights(baskets.ages), (baskets.users, baskets.items))
    vectors = sparse.coo_array(cells, shape=(baskets.n_users, baskets.n_items)).tocsr()
    vectors = capped(vectors, most_items)
    squares: FloatArray = np.asarray(vectors.multiply(vectors).sum(axis=1)).ravel()
    vectors.data = vectors.data / np.sqrt(np.repeat(squares, np.diff(vectors.indptr)))
    return Links.stack(capped(block, max_neighbours) for block, _ in _products(vectors))


def links_in_baskets(baskets: Baskets, *, most_items: int, max_neighbours: int) -> Links:
    r"""How much more often two items share a basket than their own numbers of baskets would make likely.

    .. math:: l_{ij} = \frac{c_{ij}}{\sqrt{n_i n_j} + 10}

    Args:
        baskets: Of the log.
        most_items: The first so many items of a basket count, by their number: a basket of thousands is no basket.
        max_neighbours: The strongest so many links of an item are kept.

    Returns:
        A row for each item; none to itself.
    """
    from scipy import sparse  # noqa: PLC0415 - only learning needs it; a server that loads it starts a second later

    n_baskets = int(baskets.numbers[-1]) + 1 if len(baskets.numbers) else 0
    ones = np.ones(len(baskets.items), np.float32)
    holds = sparse.csr_array((ones, (baskets.numbers, baskets.items)), shape=(n_baskets, baskets.n_items))
    roots = np.sqrt(np.bincount(baskets.items, minlength=baskets.n_items))
    return Links.stack(_shares(capped(holds, most_items), roots, max_neighbours))


def _shares(holds: sparse.csr_array, roots: FloatArray, most: int) -> Iterator[sparse.csr_array]:
    for block, low in _products(holds):
        rows = np.repeat(np.arange(low, low + block.shape[0]), np.diff(block.indptr))
        block.data = block.data / (roots[rows] * roots[block.indices] + _SHRINKAGE)
        yield capped(block, most)


def _products(rows: sparse.csr_array) -> Iterator[tuple[sparse.csr_array, int]]:
    """Blocks of rows of the matrix times itself, in order, and the first row of each; 0 from an item to itself."""
    columns = rows.tocsc()
    by_item = columns.T
    of_rows = np.repeat(np.diff(rows.indptr), np.diff(rows.indptr)).astype(np.float64)
    work = np.asarray(np.bincount(rows.indices, of_rows, rows.shape[1]), np.float64)
    for low, high in blocks(work, limit=_BLOCK_PAIRS):
        block = (by_item[low:high] @ rows).tocsr()
        at = np.repeat(np.arange(low, high), np.diff(block.indptr))
        block.data[block.indices == at] = 0.0
        yield block, low
