"""The graph that is walked: edges of what follows what, texts that are alike, and where a few steps lead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from steelyard.domain import FloatArray, Interactions
from steelyard.models.graph.text_space import TextSpace
from steelyard.models.retrieval.links import blocks, capped
from steelyard.models.retrieval.neighbours import directed_counts, latest_events

if TYPE_CHECKING:
    from scipy import sparse

__all__ = ["Graph", "follows", "graph_of", "walked"]

MAX_EDGES = 100
"""Edges of an item that are looked at, the strongest."""
_BRANCHES = 20
"""Items that a step goes on from, the strongest."""
_BLOCK_LINKS = 2_000_000


@dataclass(frozen=True, slots=True)
class Graph:
    """Pairs of items that an edge joins or whose texts are alike, and how much either says."""

    pairs: sparse.csr_array
    """Which pairs; the values are of no use. Shape (n_items, n_items), sorted, without a loop."""
    edges: FloatArray
    """Of each pair half of log(1 + edge) over the largest of its row, in [0, 1/2]. Shape (pairs,)."""
    cosines: FloatArray
    """Of each pair how alike the texts are, times what likeness counts for the second item. Shape (pairs,), >= 0."""


def follows(interactions: Interactions, *, max_events: int) -> sparse.csr_array:
    """How often each item came after each other one: 1/gap for each person who came to it at most five steps later.

    Args:
        interactions: Oldest first.
        max_events: Latest distinct items of a user that count.

    Returns:
        Shape (n_items, n_items), float64; no item comes after itself.
    """
    users, items = latest_events(interactions, at_most=max_events)
    n_items = interactions.n_items
    return directed_counts(users, items, rows=(0, n_items), n_items=n_items)


def graph_of(
    ahead: sparse.csr_array, space: TextSpace, near: sparse.csr_array, *, back: float, lift: FloatArray
) -> Graph:
    """The graph of a shop.

    Args:
        ahead: From ``follows``.
        space: Of the same items.
        near: From ``TextSpace.near``.
        back: What an edge counts against its direction, in [0, 1]: 0 walks what follows only, 1 what goes together.
        lift: What the likeness of its text counts for each item. Shape (n_items,), >= 0.

    Returns:
        All edges, and all pairs that are near by their texts.
    """
    both = capped((ahead + back * ahead.T).tocsr() if back else ahead.copy(), MAX_EDGES)
    both.data = np.log1p(both.data)
    filled = np.diff(both.indptr) > 0
    largest = np.ones(both.shape[0])
    if filled.any():
        largest[filled] = np.maximum.reduceat(both.data, both.indptr[:-1][filled])
    both.data = 0.5 * both.data / np.repeat(largest, np.diff(both.indptr))
    marks = near.copy()
    marks.data = np.ones_like(marks.data)
    pairs = (both + marks).tocsr()  # an edge is at most 1/2, so none of the sums is 0
    pairs.sort_indices()
    rows = np.repeat(np.arange(pairs.shape[0]), np.diff(pairs.indptr))
    is_near = pairs.data >= 1.0
    edges = np.where(is_near, pairs.data - 1.0, pairs.data)
    cosines = space.cosines(rows, pairs.indices.astype(np.int64)) * lift[pairs.indices]
    return Graph(pairs, edges, cosines)


def walked(graph: Graph, *, text: float, steps: int, further: float, n: int) -> sparse.csr_array:
    r"""Where walks from each item lead, and how strongly.

    .. math:: R_1 = G, \quad R_{t} = G + further \cdot P R_{t-1}, \quad G = edges + text \cdot cosines

    :math:`P` holds the strongest branches of :math:`G`, each row's as shares of 1.

    Args:
        graph: Of the shop.
        text: What the likeness of texts counts against edges, >= 0.
        steps: Of a walk at most, >= 1.
        further: What each further step counts against the one before, in [0, 1].
        n: The strongest so many of each item are kept.

    Returns:
        Shape (n_items, n_items), sorted, values > 0, without a loop.
    """
    from scipy import sparse  # noqa: PLC0415 - only learning needs it; a server that loads it starts a second later

    strengths = graph.edges + text * graph.cosines
    shape = graph.pairs.shape
    whole = sparse.csr_array((strengths, graph.pairs.indices.copy(), graph.pairs.indptr.copy()), shape=shape)
    found = capped(whole.copy(), n)
    if steps == 1 or not further or not found.nnz:
        return found
    branches = capped(whole.copy(), _BRANCHES)
    sums = np.asarray(branches.sum(axis=1)).ravel()
    branches.data = further * branches.data / np.repeat(np.where(sums > 0, sums, 1.0), np.diff(branches.indptr))
    for _ in range(steps - 1):
        found = sparse.vstack([*_stepped(whole, branches, found, n)], format="csr")
    return found


def _stepped(
    whole: sparse.csr_array, branches: sparse.csr_array, found: sparse.csr_array, n: int
) -> Iterator[sparse.csr_array]:
    """Blocks of rows of ``whole + branches @ found``, the ``n`` strongest of each row, without loops."""
    from scipy import sparse  # noqa: PLC0415 - only learning needs it; a server that loads it starts a second later

    work = np.asarray(sparse.csr_array(branches > 0) @ np.diff(found.indptr).astype(np.float64))
    for low, high in blocks(work, limit=_BLOCK_LINKS):
        block = (whole[low:high] + branches[low:high] @ found).tocsr()
        block.data[np.repeat(np.arange(low, high), np.diff(block.indptr)) == block.indices] = 0.0
        block.eliminate_zeros()
        yield capped(block, n)
