"""What trees look at of an item, whoever asks: popularity in windows of time, age, repeats, price and category."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from steelyard.data.tables import ShopTables
from steelyard.domain import NONE, FloatArray, IntArray, Interactions, State
from steelyard.models.ranking.personal import Traits

__all__ = ["WINDOWS_DAYS", "ItemTraits", "traits_of"]

WINDOWS_DAYS = (7.0, 30.0, 90.0, None)
"""Before the last event of the log; None is all of it."""
_DAY_S = 86_400.0
_NEVER_DAYS = 3_650.0
"""Stands for the age of an item that nobody interacted with."""
_PRIOR_PAIRS = 5.0
"""Pairs of a user and an item at the shop's own repeat share that an item's is drawn to."""
NAMES = (
    *(f"popularity_{'all' if days is None else f'{days:.0f}d'}" for days in WINDOWS_DAYS),
    "days_since_last",
    "age_days",
    "repeat_share",
    "log_price",
    "price_level",
)
"""Columns of ``ItemTraits.table``."""


@dataclass(frozen=True, slots=True, eq=False)
class ItemTraits:
    """Figures of every item."""

    table: npt.NDArray[np.float32]
    """Columns ``NAMES``; finite. Shape (n_items, columns)."""
    category: IntArray
    """Number of the narrowest category, ``NONE`` where an item has none. Shape (n_items,)."""

    def state(self) -> State:
        """Ready to be stored."""
        return State({"table": self.table, "category": self.category.astype(np.int32)})

    @classmethod
    def from_state(cls, state: State) -> ItemTraits:
        """The traits back."""
        return cls(state.arrays["table"], state.arrays["category"].astype(np.int64))


def traits_of(shop: ShopTables) -> ItemTraits:
    """Figures of every item from all that is learnt from.

    Args:
        shop: Its ``learn_all`` tells popularity and age.

    Returns:
        Popularity is the logarithm of people in the window as a share of the most popular item's; prices are
        logarithms, and a level is the one above the median of the category; 0 where a price is not known.
    """
    log, n_items = shop.learn_all, len(shop.facts.text_of_item)
    category = np.asarray(shop.facts.category, np.int64)
    columns = [_popularity(log, days, n_items) for days in WINDOWS_DAYS]
    last, first = np.full(n_items, _NEVER_DAYS), np.full(n_items, _NEVER_DAYS)
    if len(log.items):
        days = (log.times_s[-1] - log.times_s) / _DAY_S
        np.minimum.at(last, log.items, days)
        first[np.unique(log.items)] = 0.0
        np.maximum.at(first, log.items, days)
    price = np.full(n_items, np.nan) if shop.price is None else shop.price.astype(np.float64)
    is_known = np.isfinite(price) & (price > 0)
    level = Traits.of(category, np.full(n_items, NONE), price).price_level
    logs = np.where(is_known, np.log1p(np.where(is_known, price, 0.0)), 0.0)
    columns += [last, first, _repeats(log, n_items), logs, np.nan_to_num(level)]
    return ItemTraits(np.stack(columns, axis=1).astype(np.float32), category)


def _popularity(log: Interactions, days: float | None, n_items: int) -> FloatArray:
    """People who interacted with each item in the window, on a scale of logarithms. Shape (n_items,), in [0, 1]."""
    if not len(log.items):
        return np.zeros(n_items)
    starts = 0 if days is None else int(np.searchsorted(log.times_s, log.times_s[-1] - days * _DAY_S))
    pairs = np.unique(log.users[starts:].astype(np.int64) * n_items + log.items[starts:])
    people = np.log1p(np.bincount(pairs % n_items, minlength=n_items))
    return np.asarray(people / max(float(people.max()), 1e-9))


def _repeats(log: Interactions, n_items: int) -> FloatArray:
    """Of people who interacted with an item, the share that did more than once, drawn to the shop's own share."""
    if not len(log.items):
        return np.zeros(n_items)
    pairs, times = np.unique(log.users.astype(np.int64) * n_items + log.items, return_counts=True)
    people = np.bincount(pairs % n_items, minlength=n_items)
    again = np.bincount(pairs[times > 1] % n_items, minlength=n_items)
    share = float((times > 1).mean())
    return np.asarray((again + _PRIOR_PAIRS * share) / (people + _PRIOR_PAIRS))
