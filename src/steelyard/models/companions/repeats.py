"""Which categories are bought again: what a rule on repeats is set by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from steelyard.domain import CatalogueFacts, IntArray, Interactions
from steelyard.models.companions.visits import visits

__all__ = ["Pairs", "RepeatShare", "pairs_of", "repeat_shares"]


@dataclass(frozen=True, slots=True)
class RepeatShare:
    """How often an item of a category is taken again by who took it."""

    category: str
    """Path of the narrowest category; empty for items without one."""
    share: float
    """Of the pairs of user and item, those with events in two visits and more. In [0, 1]."""
    pairs: int
    """Of user and item."""


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Who took which item, and whether they came back for it."""

    users: IntArray
    """Shape (pairs,)."""
    items: IntArray
    """Shape (pairs,)."""
    is_again: npt.NDArray[np.bool_]
    """Whether the user took the item in two visits and more. Shape (pairs,)."""


def pairs_of(interactions: Interactions) -> Pairs:
    """Every pair of user and item once, ascending.

    Args:
        interactions: What happened, of purchases best.

    Returns:
        Two events of one visit are no coming back.
    """
    number, order = visits(interactions.users, interactions.times_s)
    width = max(interactions.n_items, 1)
    items = interactions.items[order].astype(np.int64)
    of_visit = np.unique(number * width + items)
    user_of = np.zeros(int(number.max(initial=0)) + 1, np.int64)
    user_of[number] = interactions.users[order]
    found, n_visits = np.unique(user_of[of_visit // width] * width + of_visit % width, return_counts=True)
    return Pairs(found // width, found % width, n_visits > 1)


def repeat_shares(interactions: Interactions, facts: CatalogueFacts, *, least: int = 1) -> list[RepeatShare]:
    """Repeat share of each category: where it is high, ``[rules] repeat_categories`` pays.

    Args:
        interactions: What happened, of purchases best.
        facts: Category of each item.
        least: Categories with fewer pairs of user and item are left out: they say nothing.

    Returns:
        The highest share first, ties by name; none where nothing happened.
    """
    pairs = pairs_of(interactions)
    category = facts.category[pairs.items] if len(pairs.items) else np.empty(0, np.int64)
    shares = []
    for one in np.unique(category).tolist():
        those = pairs.is_again[category == one]
        if len(those) >= least:
            name = facts.categories[one] if one >= 0 else ""
            shares.append(RepeatShare(name, float(those.mean()), len(those)))
    return sorted(shares, key=lambda each: (-each.share, each.category))
