"""Which categories are bought again: what a rule on repeats is set by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steelyard.domain import CatalogueFacts, Interactions
from steelyard.models.companions.visits import visits

__all__ = ["RepeatShare", "repeat_shares"]


@dataclass(frozen=True, slots=True)
class RepeatShare:
    """How often an item of a category is taken again by who took it."""

    category: str
    """Path of the narrowest category; empty for items without one."""
    share: float
    """Of the pairs of user and item, those with events in two visits and more. In [0, 1]."""
    pairs: int
    """Of user and item."""


def repeat_shares(interactions: Interactions, facts: CatalogueFacts, *, least: int = 1) -> list[RepeatShare]:
    """Repeat share of each category: where it is high, ``[rules] repeat_categories`` pays.

    Args:
        interactions: What happened, of purchases best.
        facts: Category of each item.
        least: Categories with fewer pairs of user and item are left out: they say nothing.

    Returns:
        The highest share first, ties by name; none where nothing happened.
    """
    number, order = visits(interactions.users, interactions.times_s)
    width = max(interactions.n_items, 1)
    pairs = interactions.users[order].astype(np.int64) * width + interactions.items[order]
    by_pair = np.unique(np.stack([pairs, number]), axis=1)[0] if len(pairs) else np.empty(0, np.int64)
    found, visits_of = np.unique(by_pair, return_counts=True)
    category = facts.category[found % width] if len(found) else np.empty(0, np.int64)
    shares = []
    for one in np.unique(category).tolist():
        those = visits_of[category == one]
        if len(those) >= least:
            name = facts.categories[one] if one >= 0 else ""
            shares.append(RepeatShare(name, float((those > 1).mean()), len(those)))
    return sorted(shares, key=lambda each: (-each.share, each.category))
