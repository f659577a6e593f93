"""A list put in order for one shopper: within its tiers, by a bounded share, and with what was done to each result."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from steelyard.documents.explanation import ScorePart
from steelyard.domain import NONE, FloatArray, IntArray
from steelyard.models.ranking.personal import Liking, PersonalWeights, Taste, Traits, reordered
from steelyard.serving.lists.field_state import BRAND, CATEGORY
from steelyard.serving.lists.fields import Fields

__all__ = ["Ordered", "Personal", "PersonalPart", "Shown", "in_order_of", "traits_of"]

_LIKE = 0.5
"""An item is said to be like another where category or brand count at least so much."""


@dataclass(frozen=True, slots=True, eq=False)
class Personal:
    """What is known of who asks, and how much it counts."""

    tag: str
    """Tells this history from others of the same shopper."""
    taste: Taste
    weights: PersonalWeights
    traits: Traits
    tiers: Callable[[IntArray], IntArray]
    """From item numbers to the tier of each, for the query that is asked."""


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """The first results of a list."""

    items: IntArray
    """The item that stands for each result. Shape (results,)."""
    scores: FloatArray
    of_units: IntArray
    """All items of these results. Shape (items,)."""
    unit: IntArray
    """The result that each of them belongs to. Shape (items,)."""


@dataclass(frozen=True, slots=True)
class PersonalPart:
    """What a taste did to one result."""

    added: float
    """To its score."""
    repeat: float
    """Of that, for having been bought before."""
    category: float
    brand: float
    price: float
    has_risen: bool
    """Whether it stands further up than without."""
    was_bought: bool
    alike: int
    """The latest item of the shopper's that has its brand or else its category; ``NONE`` where there is none."""

    @property
    def part(self) -> ScorePart:
        """As an explanation tells it."""
        of = (("repeat", self.repeat), ("category", self.category), ("brand", self.brand), ("price", self.price))
        parts = tuple(ScorePart(f"personal_{kind}", value) for kind, value in of if value)
        return ScorePart("personal", self.added, parts=parts)


def traits_of(fields: Fields) -> Traits:
    """What tastes are made of, from the fields of a catalogue."""
    category, brand = (_rarest(fields, fields.names.index(name)) for name in (CATEGORY, BRAND))
    return Traits.of(category, brand, fields.price)


@dataclass(frozen=True, slots=True, eq=False)
class Ordered:
    """The order of results for one shopper. All arrays of shape (results,), in the order of the list before."""

    order: IntArray
    """Places in the list before, in the new order."""
    added: FloatArray
    """To the score of each."""
    liking: Liking
    shown: Shown
    personal: Personal

    def parts(self, items: Iterable[int]) -> dict[int, PersonalPart]:
        """What was done to some of the results, each named by the item that stands for it; unknown ones left out."""
        at = {item: place for place, item in enumerate(self.shown.items.tolist())}
        return {item: self._part(item, at[item]) for item in items if item in at}

    def _part(self, item: int, at: int) -> PersonalPart:
        weights, liking, added = self.personal.weights, self.liking, float(self.added[at])
        kinds = (liking.category, liking.brand, liking.price)
        raw = [weights.repeat * float(liking.repeat[at]), *(weights.likeness * float(kind[at]) / 3 for kind in kinds)]
        scale = added / sum(raw) if sum(raw) else 0.0
        repeat, category, brand, price = (scale * value for value in raw)
        is_alike = max(float(liking.category[at]), float(liking.brand[at])) >= _LIKE
        has_risen, was_bought = int(np.flatnonzero(self.order == at)[0]) < at, float(liking.repeat[at]) > 0
        alike = _alike(self.personal, item) if is_alike else NONE
        return PersonalPart(added, repeat, category, brand, price, has_risen, was_bought, alike)


def in_order_of(personal: Personal, shown: Shown, *, fixed: npt.NDArray[np.bool_]) -> Ordered:
    """The order of results for one shopper.

    Args:
        personal: What is known of them.
        shown: The results in the order of the list.
        fixed: Results that keep their places. Shape (results,).

    Returns:
        The order, and what it was made of.
    """
    liking = personal.taste.liking(shown.of_units, personal.traits).best_of(shown.unit, len(shown.items))
    shares = liking.shares(personal.weights)
    order, added = reordered(shown.scores, personal.tiers(shown.items), shares, fixed=fixed)
    return Ordered(order, added, liking, shown, personal)


def _alike(personal: Personal, item: int) -> int:
    latest = np.array(personal.taste.history[::-1], np.int64)
    for trait in (personal.traits.brand, personal.traits.category):
        same = latest[(trait[latest] == trait[item]) & (trait[item] != NONE)]
        if len(same):
            return int(same[0])
    return NONE


def _rarest(fields: Fields, number: int) -> IntArray:
    """Of each item the value of a field that the fewest items have: of a category's path its end."""
    begin, end = fields.starts[number : number + 2]
    items, values = fields.items[begin:end].astype(np.int64), fields.values[begin:end].astype(np.int64)
    counts = np.bincount(values, minlength=max(fields.n_values(number), 1))
    order = np.lexsort((np.arange(len(items)), -counts[values]))
    found = np.full(fields.n_items, NONE, np.int64)
    found[items[order]] = values[order]
    return found
