"""What a linear model is solved from: how often items occur together, and which of them comes first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from steelyard.domain import IntArray, Interactions
from steelyard.models.retrieval.links import blocks
from steelyard.models.retrieval.neighbours import latest_events

if TYPE_CHECKING:
    from scipy import sparse  # only learning needs it, and it takes a server a second to load

__all__ = ["FADE", "MAX_PAIRS", "REACH", "Counts", "counted"]

FADE = 0.7
"""An item counts so much less towards another with each step between them."""
REACH = 20
"""Steps after which an item no longer counts towards a later one: 0.7 to the power of 20 is under a thousandth."""
MAX_PAIRS = 40_000_000
"""Pairs of items of one user, of all users together: counted twice, in two directions, 8 bytes each."""
_BLOCK_PAIRS = 4_000_000
"""Pairs of events multiplied at a time: bounds memory to some 100 MB, whatever the log."""


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """Users' items, counted. All matrices have a row and a column for each item."""

    together: sparse.csr_array
    """Users who interacted with both; on the diagonal users of the item. float32, symmetric."""
    ahead: sparse.csc_array
    """Sum over users of ``FADE`` to the power of the steps between, from the row's item to the column's after it."""


def counted(interactions: Interactions, *, max_events: int) -> Counts:
    """Count a log.

    Args:
        interactions: Oldest first; a user counts once for an item, at the last time.
        max_events: Latest distinct items of a user that count: bounds the pairs of one user.

    Returns:
        The counts. Where the pairs of items would be more than ``MAX_PAIRS``, fewer of each user's latest items count,
        so that memory is bounded whatever the log: some 500 MB.
    """
    users, items = latest_events(interactions, at_most=max_events)
    reach = _that_fits(np.bincount(users, minlength=1), max_events)
    if reach < max_events:
        users, items = latest_events(interactions, at_most=reach)
    shape = (interactions.n_users, interactions.n_items)
    return Counts(_together(users, items, shape), _ahead(users, items, n_items=shape[1]))


def _that_fits(lengths: IntArray, max_events: int) -> int:
    """Latest items of a user that may count, so that all users together have at most ``MAX_PAIRS`` pairs."""
    reach = max_events
    while reach > 1 and int((np.minimum(lengths, reach).astype(np.int64) ** 2).sum()) > MAX_PAIRS:
        reach = reach * 9 // 10
    return reach


def _together(users: npt.NDArray[np.int32], items: npt.NDArray[np.int32], shape: tuple[int, int]) -> sparse.csr_array:
    from scipy import sparse  # noqa: PLC0415 - only learning needs it; a server that loads it starts a second later

    columns = sparse.csc_array((np.ones(len(users), np.float32), (users, items)), shape=shape)
    by_item = columns.T  # the same arrays, read as rows
    work = np.asarray(by_item @ np.bincount(users, minlength=shape[0]).astype(np.float64), np.float64)

    def rows() -> Iterator[sparse.csr_array]:
        for low, high in blocks(work, limit=_BLOCK_PAIRS):
            block = (by_item[low:high] @ columns).tocsr()
            block.sort_indices()
            yield block

    stacked: sparse.csr_array = sparse.vstack(
        [sparse.csr_array((0, shape[1]), dtype=np.float32), *rows()], format="csr"
    )
    return stacked


def _ahead(users: npt.NDArray[np.int32], items: npt.NDArray[np.int32], *, n_items: int) -> sparse.csc_array:
    from scipy import sparse  # noqa: PLC0415 - only learning needs it; a server that loads it starts a second later

    total = sparse.csc_array((n_items, n_items), dtype=np.float32)
    waiting: list[tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], float]] = []
    for gap in range(1, REACH + 1):
        places = np.flatnonzero(users[gap:] == users[:-gap])
        if not len(places):
            break
        waiting.append((items[places], items[places + gap], FADE ** (gap - 1)))
        if sum(len(source) for source, _, _ in waiting) > _BLOCK_PAIRS:
            total, waiting = total + _summed(waiting, n_items), []
    return total + _summed(waiting, n_items) if waiting else total


def _summed(pairs: list[tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], float]], n_items: int) -> sparse.csc_array:
    from scipy import sparse  # noqa: PLC0415 - only learning needs it; a server that loads it starts a second later

    sources, targets = (np.concatenate([pair[side] for pair in pairs]) for side in (0, 1))
    values = np.concatenate([np.full(len(source), value, np.float32) for source, _, value in pairs])
    return sparse.csc_array((values, (sources, targets)), shape=(n_items, n_items))
