"""``recommend --all``: the lists of all users of the log, as they would be served, in one file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

import msgspec

from steelyard.domain import NONE
from steelyard.serving.batch import Lists

__all__ = ["BatchDone", "ListsWriter", "recommend_all"]


class ListsWriter(Protocol):
    """Where lists are written (``steelyard.adapters.batch_lists.ListsFile``)."""

    def write(self, lists: Lists) -> int:
        """Write the lists of some users; says how many rows they made."""
        ...


class BatchDone(msgspec.Struct, frozen=True, kw_only=True):
    """What was written."""

    users: int
    """Users who have a list."""
    rows: int
    """Items of all lists."""
    short: int
    """Users whose list is shorter than was asked: the rules left no more."""
    empty: int
    """Users for whom nothing was left: they have no row."""


def recommend_all(parts: Iterable[Lists], writer: ListsWriter, *, told: Callable[[int], None]) -> BatchDone:
    """Write lists as they are made.

    Args:
        parts: Lists of some users at a time.
        writer: Where they go.
        told: Is told how many users are done.

    Returns:
        What was written.
    """
    users = rows = short = empty = 0
    for lists in parts:
        rows += writer.write(lists)
        lengths = (lists.items != NONE).sum(axis=1)
        n_empty = int((lengths == 0).sum())
        short += int((lengths < lists.items.shape[1]).sum()) - n_empty
        empty += n_empty
        users += len(lists.users) - n_empty
        told(users + empty)
    return BatchDone(users=users, rows=rows, short=short, empty=empty)
