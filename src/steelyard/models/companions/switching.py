"""What shoppers weigh against each other: taken instead of one another, or looked at in one visit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steelyard.domain import FloatArray, IntArray, Interactions
from steelyard.models.companions.visits import Baskets, visits

__all__ = ["MAX_OF_CATEGORY", "Pairs", "looked_at_together", "switches"]

MAX_OF_CATEGORY = 3
"""Who takes more of one category in one visit stocks up: nothing is taken instead of anything."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of products, from the one to the other."""

    sources: IntArray
    """Shape (pairs,)."""
    targets: IntArray
    """Shape (pairs,)."""
    times_s: FloatArray
    """When the second was chosen. Shape (pairs,)."""

    def before(self, time_s: float) -> Pairs:
        """Those of before an instant."""
        kept = self.times_s < time_s
        return Pairs(self.sources[kept], self.targets[kept], self.times_s[kept])

    def since(self, time_s: float) -> Pairs:
        """Those from an instant on."""
        kept = self.times_s >= time_s
        return Pairs(self.sources[kept], self.targets[kept], self.times_s[kept])


def switches(baskets: Baskets, category_of: IntArray) -> Pairs:
    """What was bought of a category where the time before something else of it was.

    The next visit of the same user that takes anything of the category counts; a product that both hold was bought
    again, and nothing instead of it.

    Args:
        baskets: What was bought in each visit.
        category_of: Narrowest category of each product, -1 where it has none: such products are left out.
            Shape (n_products,).

    Returns:
        Each product of the earlier visit with each of the later, where both hold at most ``MAX_OF_CATEGORY`` of it.
    """
    of_cell = np.repeat(np.arange(len(baskets)), baskets.sizes)
    category = category_of[baskets.products]
    cells = np.flatnonzero(category >= 0)
    order = cells[np.lexsort((of_cell[cells], category[cells], baskets.users[of_cell[cells]]))]
    basket, category, products = of_cell[order], category[order], baskets.products[order]
    users = baskets.users[basket]
    begins = np.ones(len(order), np.bool_)
    begins[1:] = (users[1:] != users[:-1]) | (category[1:] != category[:-1]) | (basket[1:] != basket[:-1])
    starts = np.concatenate([np.flatnonzero(begins), [len(order)]]).astype(np.int64)
    first, sizes = starts[:-1], np.diff(starts)
    one, two = np.arange(max(len(first) - 1, 0)), np.arange(1, len(first))
    is_next = (users[first[one]] == users[first[two]]) & (category[first[one]] == category[first[two]])
    is_next &= (sizes[one] <= MAX_OF_CATEGORY) & (sizes[two] <= MAX_OF_CATEGORY)
    one, two = one[is_next], two[is_next]
    sources, targets, pair = _crossed(products, (first[one], sizes[one]), (first[two], sizes[two]))
    again = np.bincount(pair[sources == targets], minlength=len(one)) > 0
    kept = ~again[pair]
    return Pairs(sources[kept], targets[kept], baskets.times_s[basket[first[two]]][pair[kept]])


def looked_at_together(events: Interactions, product_of_item: IntArray, category_of: IntArray) -> Pairs:
    """What was looked at one after the other in one visit, both of one category.

    Args:
        events: What was looked at; what was bought is not among it.
        product_of_item: Shape (n_items,).
        category_of: Narrowest category of each product, -1 where it has none. Shape (n_products,).

    Returns:
        Each pair of neighbours in both directions; what was looked at twice in a row counts once.
    """
    visit, order = visits(events.users, events.times_s)
    products, times_s = product_of_item[events.items[order]].astype(np.int64), events.times_s[order]
    one, two = products[:-1], products[1:]
    is_pair = (visit[1:] == visit[:-1]) & (one != two)
    is_pair &= (category_of[one] == category_of[two]) & (category_of[one] >= 0)
    one, two, at = one[is_pair], two[is_pair], times_s[1:][is_pair]
    return Pairs(np.concatenate([one, two]), np.concatenate([two, one]), np.concatenate([at, at]))


def _crossed(
    products: IntArray, earlier: tuple[IntArray, IntArray], later: tuple[IntArray, IntArray]
) -> tuple[IntArray, IntArray, IntArray]:
    """Every product of the earlier run with every one of the later: both, and which pair of runs. Shapes (pairs,)."""
    (begin, size), (then, width) = earlier, later
    pair = np.repeat(np.arange(len(begin)), size * width)
    place = np.arange(len(pair)) - np.repeat(np.cumsum(size * width) - size * width, size * width)
    return products[begin[pair] + place // width[pair]], products[then[pair] + place % width[pair]], pair
