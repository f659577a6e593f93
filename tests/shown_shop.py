"""A bench over the toy shop with a log of what was shown: clicks are likely within the shopper's segment."""

from functools import cache

import numpy as np

from steelyard.data.log_events import LogEvents
from steelyard.testing.memory_bench import MemoryBench, toy_tables
from steelyard.testing.toy_shop import toy_shop

_HOUR_S = 3600.0


def shown_log(shop, *, seed=0, n=4000):
    """Impressions of random items to random users; a click follows seven times in ten within the own segment."""
    random = np.random.default_rng(seed)
    n_items = len(shop.segment_of_item)
    users = random.integers(len(shop.segment_of_user), size=n)
    items = random.integers(n_items, size=n)
    begin = float(shop.interactions.times_s.min())
    times = begin + np.sort(random.random(n)) * 40 * 24 * _HOUR_S
    chance = np.where(shop.segment_of_user[users] == shop.segment_of_item[items], 0.7, 0.05)
    clicked, bought = random.random(n) < chance, random.random(n) < 0.4
    rows = [
        np.concatenate(columns)
        for columns in (
            (users, users[clicked], users[clicked & bought]),
            (items, items[clicked], items[clicked & bought]),
            (times, times[clicked] + 60, times[clicked & bought] + 120),
            (np.zeros(n), np.ones(clicked.sum()), np.full((clicked & bought).sum(), 2)),
        )
    ]
    order = np.lexsort((rows[3], rows[2]))
    who, what, when, kind = (column[order] for column in rows)
    names = ("impression", "click", "purchase")
    cut = begin + 36 * 24 * _HOUR_S
    return LogEvents(
        who, what, when, kind.astype(np.int64), np.zeros(len(who), np.int64), n_items, names, cut, float("inf")
    )


@cache
def shown_bench():
    """One for all tests that only read."""
    shop = toy_shop(seed=11)
    return MemoryBench(toy_tables(shop), seed=11, log=shown_log(shop))
