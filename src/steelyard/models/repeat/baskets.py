"""Baskets of a whole log: which item was in which, how long ago, and what that says of every item."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steelyard.domain import FloatArray, IntArray, Interactions

__all__ = ["Baskets", "Items"]

_SHRINKAGE = 10.0
"""Buyers of an average item that are added to each item's own: three buyers say little."""


@dataclass(frozen=True, slots=True)
class Items:
    """What all baskets say of each item."""

    popularity: FloatArray
    """Baskets that hold it over those of the item that most of them hold. Shape (n_items,), in [0, 1]."""
    repeat: FloatArray
    """Share of its buyers who bought it again, over the share of all items. Shape (n_items,), > 0; 1 where nothing is
    known or nobody buys anything again."""
    cycle_s: FloatArray
    """Mean time between two purchases of one person. Shape (n_items,); NaN where nobody bought it again."""


@dataclass(frozen=True, slots=True)
class Baskets:
    """Items in baskets, each pair once; users ascending, and within a user oldest first."""

    users: IntArray
    items: IntArray
    numbers: IntArray
    """Of the basket, ascending."""
    ages: IntArray
    """How many baskets of this user came later."""
    times_s: FloatArray
    n_users: int
    n_items: int

    @classmethod
    def of(cls, interactions: Interactions, *, at_most: int) -> Baskets:
        """Events of one user at one time are a basket.

        Args:
            interactions: Oldest first.
            at_most: Latest events of each user that count.

        Returns:
            All baskets of all users.
        """
        order = np.argsort(interactions.users, kind="stable")
        users = interactions.users[order]
        from_end = np.searchsorted(users, users, side="right") - np.arange(len(users))
        order = order[from_end <= at_most]
        users, items, times_s = interactions.users[order], interactions.items[order], interactions.times_s[order]
        is_first = np.ones(len(users), bool)
        is_first[1:] = (users[1:] != users[:-1]) | (times_s[1:] != times_s[:-1])
        numbers = np.cumsum(is_first) - 1
        found = np.unique(numbers * max(interactions.n_items, 1) + items, return_index=True)[1]
        users, items, numbers, times_s = users[found], items[found], numbers[found], times_s[found]
        last = numbers[np.searchsorted(users, users, side="right") - 1] if len(users) else numbers
        return cls(users, items, numbers, last - numbers, times_s, interactions.n_users, interactions.n_items)

    def about_items(self) -> Items:
        """What they say of every item."""
        in_baskets = np.bincount(self.items, minlength=self.n_items).astype(np.float64)
        popularity = in_baskets / max(float(in_baskets.max(initial=0.0)), 1.0)
        order = np.lexsort((self.numbers, self.users * max(self.n_items, 1) + self.items))
        users, items, times_s = self.users[order], self.items[order], self.times_s[order]
        is_again = np.zeros(len(order), bool)
        is_again[1:] = (users[1:] == users[:-1]) & (items[1:] == items[:-1])
        later = np.flatnonzero(is_again)
        gaps = np.bincount(items[later], weights=times_s[later] - times_s[later - 1], minlength=self.n_items)
        n_gaps = np.bincount(items[later], minlength=self.n_items)
        is_second = is_again.copy()
        is_second[1:] &= ~is_again[:-1]
        buyers = np.bincount(items[~is_again], minlength=self.n_items).astype(np.float64)
        repeaters = np.bincount(items[is_second], minlength=self.n_items).astype(np.float64)
        mean = float(repeaters.sum()) / max(float(buyers.sum()), 1.0)
        repeat = np.ones(self.n_items)
        if mean > 0:
            repeat = (repeaters + _SHRINKAGE * mean) / (buyers + _SHRINKAGE) / mean
        cycle_s = np.divide(gaps, n_gaps, out=np.full(self.n_items, np.nan), where=n_gaps > 0)
        return Items(popularity, repeat, cycle_s)
