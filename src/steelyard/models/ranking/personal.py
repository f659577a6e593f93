"""Search results put in order for one shopper, within bounds: what was bought before, and what is like it, goes up.

Relevance stays in charge. The results of a list keep their tiers place by place (``exact_phrase``, ``all_words``, …):
a result changes places with results of its own tier only. And what a taste adds to a score is at most a share of what
separates the best of the tier from its last. A shopper without history has no taste, and their list is not touched.

Trust:
    Likeness by category, brand and price knows nothing of a need that ended with the purchase: who bought one ladder is
    offered ladders. Whether it helps is for the shop's own log to say (``personal_fit``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from steelyard.domain import NONE, FloatArray, IntArray

__all__ = ["WINDOW", "Liking", "PersonalWeights", "Taste", "Traits", "reordered", "taste_of"]

WINDOW = 100
"""So many of the first results may change places; those after them stay as they are."""
_HALF_LIFE = 10.0
"""An item counts half as much as one that came so many items later."""
_PRICE_SCALE = 0.5
"""Closeness in price falls to 1/e where the ratio to the category's median differs by a factor of e to this."""
_LEAST_PRICES = 3
"""A price band is known from so many items."""


@dataclass(frozen=True, slots=True)
class PersonalWeights:
    """How far a taste may move a result, as shares of what separates the best of a tier from its last."""

    repeat: float = 0.0
    """For an item that was bought before, in [0, 1]; at 1 it is level with the best of its tier, and before it where
    likeness counts nothing."""
    likeness: float = 0.0
    """For an item as like as can be, in [0, 1]."""

    def __bool__(self) -> bool:
        return self.repeat > 0 or self.likeness > 0


@dataclass(frozen=True, slots=True, eq=False)
class Traits:
    """What tastes are made of, of every item."""

    category: IntArray
    """Number of the narrowest category, ``NONE`` where it has none. Shape (n_items,)."""
    brand: IntArray
    """Likewise. Shape (n_items,)."""
    price_level: FloatArray
    """Logarithm of the price as a ratio to the median of its category; NaN where it is unknown. Shape (n_items,)."""

    @classmethod
    def of(cls, category: IntArray, brand: IntArray, price: FloatArray) -> Traits:
        """Traits from numbers and prices.

        Args:
            category: Number of each item's category, or ``NONE``. Shape (n_items,).
            brand: Likewise.
            price: NaN where it is unknown. Shape (n_items,).

        Returns:
            Prices as ratios to the median of the items in the same category, those without one among themselves.
        """
        level = np.full(len(price), np.nan)
        known = np.flatnonzero(np.isfinite(price) & (price > 0))
        order = known[np.lexsort((price[known], category[known]))]
        for group in np.split(order, np.flatnonzero(np.diff(category[order])) + 1):
            level[group] = np.log(price[group] / np.median(price[group])) if len(group) else np.nan
        return cls(category, brand, level)


@dataclass(frozen=True, slots=True, eq=False)
class Liking:
    """How well some items suit a taste. Each of shape (items,), in [0, 1]."""

    repeat: FloatArray
    """1 for what was bought last, falling to 0.5 for what was bought long ago; 0 for what was not bought."""
    category: FloatArray
    brand: FloatArray
    price: FloatArray

    @property
    def likeness(self) -> FloatArray:
        """The mean of category, brand and price."""
        return (self.category + self.brand + self.price) / 3

    def shares(self, weights: PersonalWeights) -> FloatArray:
        """What is added, as a share of the width of a tier: weighted and at most 1. Shape (items,)."""
        return np.minimum(1.0, weights.repeat * self.repeat + weights.likeness * self.likeness)

    def best_of(self, groups: IntArray, n: int) -> Liking:
        """The same of groups of items, each as good as the best of its items in every respect.

        Args:
            groups: Number of each item's group. Shape (items,).
            n: Groups.

        Returns:
            Of shape (n,).
        """
        found = [np.zeros(n) for _ in range(4)]
        for best, own in zip(found, (self.repeat, self.category, self.brand, self.price), strict=True):
            np.maximum.at(best, groups, own)
        return Liking(*found)


@dataclass(frozen=True, slots=True, eq=False)
class Taste:
    """What is known of a shopper."""

    history: tuple[int, ...]
    """Items they interacted with, oldest first."""
    bought: Mapping[int, float] = field(default_factory=dict)
    """Items they bought, each with what it counts as a repeat."""
    category: Mapping[int, float] = field(default_factory=dict)
    """Their categories, the one met most 1."""
    brand: Mapping[int, float] = field(default_factory=dict)
    """Their brands, the one met most 1."""
    price_level: float = np.nan
    """Mean of the logarithms of what they take, as ratios to the medians; NaN where too few prices are known."""

    def liking(self, items: IntArray, traits: Traits) -> Liking:
        """How well items suit this shopper.

        Args:
            items: Item numbers. Shape (items,).
            traits: Of the catalogue.

        Returns:
            0 for what is not known.
        """
        gap = np.abs(traits.price_level[items] - self.price_level)
        return Liking(
            _of_each(items, self.bought),
            _of_each(traits.category[items], self.category),
            _of_each(traits.brand[items], self.brand),
            np.nan_to_num(np.exp(-gap / _PRICE_SCALE), nan=0.0),
        )


def taste_of(history: tuple[int, ...], bought: tuple[int, ...], traits: Traits) -> Taste | None:
    """The taste of a shopper.

    Args:
        history: Items they interacted with, each once, oldest first.
        bought: Items they are known to have bought, each once, oldest first.
        traits: Of the catalogue.

    Returns:
        ``None`` where nothing is known of them.
    """
    if not (history or bought):
        return None
    items = np.array(history, np.int64)
    weights = _fading(len(items))
    levels = traits.price_level[items]
    known = np.isfinite(levels)
    level = float(np.average(levels[known], weights=weights[known])) if known.sum() >= _LEAST_PRICES else np.nan
    repeats = 0.5 + 0.5 * _fading(len(bought))
    return Taste(
        history,
        dict(zip(bought, repeats.tolist(), strict=True)),
        _met(traits.category[items], weights),
        _met(traits.brand[items], weights),
        level,
    )


def reordered(
    scores: FloatArray, tiers: IntArray, shares: FloatArray, *, fixed: npt.NDArray[np.bool_] | None = None
) -> tuple[IntArray, FloatArray]:
    """The order of a list for one shopper.

    Within a tier that spreads from a lowest score to a highest one, a result of score ``s`` and share ``a`` counts as
    ``s + a * (highest - lowest)``. Results of one tier are sorted by that, equal ones by their share and then as they
    were, into the places that results of this tier had: place by place the tiers stay as they were.

    Args:
        scores: Of the results, in the order of the list; where they rise against it, the lower one before counts. Shape
            (results,).
        tiers: Number of each result's tier. Shape (results,).
        shares: What the taste adds, in [0, 1]. Shape (results,).
        fixed: Results that keep their places; none where it is left out. Shape (results,).

    Returns:
        Places in the old list, in the new order; and what was added to the score of each result of the old list.
    """
    order, added = np.arange(len(scores)), np.zeros(len(scores))
    free = np.ones(len(scores), bool) if fixed is None else ~fixed
    for tier in np.unique(tiers[free]).tolist():
        places = np.flatnonzero(free & (tiers == tier))
        base, own = np.minimum.accumulate(scores[places]), shares[places]
        added[places] = own * (base[0] - base[-1])
        order[places] = places[np.lexsort((places, -own, -(base + added[places])))]
    return order, added


def _fading(n: int) -> FloatArray:
    """Weights of n items, oldest first, the last 1."""
    return np.asarray(0.5 ** (np.arange(n - 1, -1, -1) / _HALF_LIFE), np.float64)


def _met(numbers: IntArray, weights: FloatArray) -> dict[int, float]:
    found: dict[int, float] = {}
    for number, weight in zip(numbers.tolist(), weights.tolist(), strict=True):
        if number != NONE:
            found[number] = found.get(number, 0.0) + weight
    most = max(found.values(), default=1.0)
    return {number: weight / most for number, weight in found.items()}


def _of_each(numbers: IntArray, values: Mapping[int, float]) -> FloatArray:
    return np.array([values.get(number, 0.0) for number in numbers.tolist()], np.float64)
