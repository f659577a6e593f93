"""Users and the items they interacted with, each pair once; in runs of users, so that a long log fits in memory."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from steelyard.domain import IntArray
from steelyard.models.retrieval.links import blocks

__all__ = ["last_of_pairs", "latest_of_users", "runs_of_users"]

_RUN_EVENTS = 2_000_000
"""Bounds what a run needs to some 150 MB."""


def runs_of_users(users: IntArray, *, at_most: int = _RUN_EVENTS) -> Iterator[IntArray]:
    """Places of the events of some users at a time.

    Args:
        users: Of each event, numbers >= 0. Shape (events,).
        at_most: Events of a run, about; a user with more is not cut in two.

    Yields:
        Places, ascending. Users ascend from run to run; all events of one are in one run.
    """
    for low, high in blocks(np.bincount(users).astype(np.float64), limit=at_most):
        yield np.flatnonzero((users >= low) & (users < high))


def last_of_pairs(users: IntArray, items: IntArray, *, n_items: int) -> Iterator[IntArray]:
    """Places of each user's last event with each item.

    Args:
        users: Of each event, oldest first. Shape (events,).
        items: Likewise, in [0, n_items).
        n_items: Size of the catalogue.

    Yields:
        Places by run of users: users ascending, and within a user oldest first.
    """
    for places in runs_of_users(users):
        pairs = users[places].astype(np.int64) * max(n_items, 1) + items[places]
        last = places[np.sort(len(pairs) - 1 - np.unique(pairs[::-1], return_index=True)[1])]
        yield last[np.argsort(users[last], kind="stable")]


def latest_of_users(users: IntArray, items: IntArray, *, n_items: int, at_most: int) -> Iterator[IntArray]:
    """Places of the latest items of each user: the last event with each of them.

    Args:
        users: Of each event, oldest first. Shape (events,).
        items: Likewise, in [0, n_items).
        n_items: Size of the catalogue.
        at_most: Items of a user.

    Yields:
        Places by run of users: users ascending, and within a user oldest first.
    """
    for last in last_of_pairs(users, items, n_items=n_items):
        those = users[last]
        from_end = np.searchsorted(those, those, side="right") - np.arange(len(those))
        yield last[from_end <= at_most]
