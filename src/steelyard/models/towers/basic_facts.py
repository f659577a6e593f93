"""What a tower reads of shoppers besides what they did: the basic information that the shop's table of users has.

Only what may be read comes here: the columns that the model's options name, and of these the values that enough people
share (``Request.basics``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from steelyard.domain import IntArray

__all__ = ["NO_BASICS", "BasicFacts", "basic_facts"]


@dataclass(frozen=True, slots=True, eq=False)
class BasicFacts:
    """What is known of the users that are learnt from."""

    names: tuple[str, ...]
    """Different facts, as ``age band=25-34``, in order; a fact's number is its place and 1."""
    rows: IntArray
    """Numbers of what is known of each user, 0 for nothing. Shape (users, facts)."""

    def numbers(self, facts: Iterable[str]) -> list[int]:
        """Numbers of facts, ascending; those that were not learnt are left out."""
        wanted = {fact: number for number, fact in enumerate(self.names, start=1)} if facts else {}
        return sorted(wanted[fact] for fact in facts if fact in wanted)

    def padded(self, numbers: Sequence[Sequence[int]]) -> IntArray:
        """As one array, filled up with 0. Shape (lists, longest or 1)."""
        found = np.zeros((len(numbers), max((len(each) for each in numbers), default=0) or 1), np.int64)
        for row, each in enumerate(numbers):
            found[row, : len(each)] = each
        return found

    def of_users(self, users: IntArray) -> IntArray:
        """Numbers of what is known of some users, 0 for nothing. Shape (users, facts or 1)."""
        if not self.names:
            return np.zeros((len(users), 1), np.int64)
        return self.rows[users]


NO_BASICS = BasicFacts((), np.zeros((0, 1), np.int64))
"""Of a shop that tells nothing about its users."""


def basic_facts(basics: Sequence[Sequence[str]], *, columns: Sequence[str] | None, learnt: IntArray) -> BasicFacts:
    """What may be read of each user.

    Args:
        basics: Of each user number, as ``column=value``; empty where the shop tells nothing.
        columns: Columns that are read; None for all.
        learnt: Numbers of users whose events are learnt from: a fact that none of them has is left out.

    Returns:
        Facts with numbers.
    """
    kept = [[fact for fact in facts if columns is None or fact.split("=", 1)[0] in columns] for facts in basics]
    those = np.unique(learnt[learnt < len(kept)]).tolist()
    names = tuple(sorted({fact for user in those for fact in kept[user]}))
    if not names:
        return NO_BASICS
    bare = BasicFacts(names, NO_BASICS.rows)
    return BasicFacts(names, bare.padded([bare.numbers(facts) for facts in kept]))
