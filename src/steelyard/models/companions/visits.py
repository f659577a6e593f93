"""Visits and baskets of a log: which events of a shopper belong together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from steelyard.domain import FloatArray, IntArray, Interactions

__all__ = ["MAX_BASKET", "VISIT_GAP_S", "Baskets", "visits", "when"]

VISIT_GAP_S = 1800.0
"""Events of one user that are further apart than this belong to two visits."""
MAX_BASKET = 200
"""A basket of more products says nothing of what goes together: it is a wholesaler's, or its times are not known."""


@dataclass(frozen=True, slots=True)
class Baskets:
    """The distinct products of each visit, those of one user in the order of time, users ascending."""

    starts: IntArray
    """Basket i is [starts[i], starts[i + 1]). Shape (baskets + 1,)."""
    products: IntArray
    """Numbers of products, ascending within a basket. Shape (cells,)."""
    users: IntArray
    """Shape (baskets,)."""
    times_s: FloatArray
    """When each began. Shape (baskets,)."""

    @classmethod
    def of(cls, interactions: Interactions, product_of_item: IntArray) -> Self:
        """The baskets of a log; those of more than ``MAX_BASKET`` products are left out.

        Args:
            interactions: What happened; each of its events counts as bought.
            product_of_item: Product of each item, >= 0. Shape (n_items,).

        Returns:
            None where nothing happened. Events of equal times, and days without an hour, are one visit each.
        """
        number, order = visits(interactions.users, interactions.times_s)
        users, times_s = interactions.users[order], interactions.times_s[order]
        products = product_of_item[interactions.items[order]].astype(np.int64)
        width = int(product_of_item.max(initial=0)) + 1
        cells = np.unique(number * width + products)
        of_visit, products = cells // width, cells % width
        first = np.searchsorted(number, np.arange(int(number.max(initial=-1)) + 1))
        sizes = np.bincount(of_visit, minlength=len(first))
        kept = sizes <= MAX_BASKET
        starts = np.concatenate([[0], np.cumsum(sizes[kept])]).astype(np.int64)
        return cls(starts, products[kept[of_visit]], users[first][kept], times_s[first][kept])

    @property
    def sizes(self) -> IntArray:
        """Products of each. Shape (baskets,)."""
        return np.diff(self.starts)

    def __len__(self) -> int:
        return len(self.users)


def visits(users: IntArray, times_s: FloatArray, *, gap_s: float = VISIT_GAP_S) -> tuple[IntArray, IntArray]:
    """Number of the visit of each event, users ascending, within a user oldest first.

    Args:
        users: Of each event. Shape (events,).
        times_s: Likewise, in seconds. Shape (events,).
        gap_s: A longer pause begins another visit.

    Returns:
        Numbers from 0, non-decreasing, and the places of the events in that order. Shapes (events,).
    """
    order = np.lexsort((times_s, users))
    those, at = users[order], times_s[order]
    begins = np.ones(len(order), np.bool_)
    begins[1:] = (those[1:] != those[:-1]) | (at[1:] - at[:-1] > gap_s)
    return np.cumsum(begins) - 1, order


def when(interactions: Interactions, is_kept: npt.NDArray[np.bool_] | None) -> Interactions:
    """The events that are marked; all of them where nobody knows which are.

    Args:
        interactions: What happened.
        is_kept: Of each event, and of events after them. Shape (>= events,).

    Returns:
        In their order.
    """
    if is_kept is None:
        return interactions
    kept = is_kept[: len(interactions.items)]
    return Interactions(
        interactions.users[kept],
        interactions.items[kept],
        interactions.times_s[kept],
        interactions.weights[kept],
        interactions.n_users,
        interactions.n_items,
    )
