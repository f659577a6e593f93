"""Weak rules: each looks at one thing of a pair of query and item, and says relevant, not relevant, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from steelyard.data.labels.agreement import MISSING
from steelyard.domain import IntArray

__all__ = ["NO", "RULES", "SILENT", "YES", "Pair", "Rule", "votes"]

YES: Literal[1] = 1
NO: Literal[0] = 0
SILENT: Literal[-1] = -1
assert SILENT == MISSING

Vote = Literal[1, 0, -1]


@dataclass(frozen=True, slots=True)
class Pair:
    """What the rules may look at; words are cut as the shop's search cuts them."""

    query: frozenset[str]
    title: frozenset[str]
    category: frozenset[str]
    brand: frozenset[str]
    """Empty where the item has none."""
    brands_in_query: frozenset[str]
    """Words of the query that are a brand of this shop."""
    shown: float = 0.0
    """How often it was shown for the query and looked at; 0 where the log does not say."""
    clicked: float = 0.0
    bought: float = 0.0


@dataclass(frozen=True, slots=True)
class Rule:
    """A labelling function."""

    name: str
    says: str
    """What it says when, in a line."""
    vote: Callable[[Pair], Vote]


def _words(pair: Pair) -> Vote:
    if not pair.query:
        return SILENT
    share = len(pair.query & pair.title) / len(pair.query)
    return YES if share == 1 else NO if share == 0 else SILENT


def _half_words(pair: Pair) -> Vote:
    known = pair.title | pair.category | pair.brand
    if not pair.query:
        return SILENT
    share = len(pair.query & known) / len(pair.query)
    return YES if share > 0.5 else NO if share < 0.5 else SILENT


def _category(pair: Pair) -> Vote:
    return YES if pair.query & pair.category else SILENT


def _brand(pair: Pair) -> Vote:
    if not pair.brands_in_query or not pair.brand:
        return SILENT
    return YES if pair.brands_in_query & pair.brand else NO


def _bought(pair: Pair) -> Vote:
    return YES if pair.bought else SILENT


_LEAST_SHOWN = 20.0
_LEAST_CLICKED = 3.0


def _clicked(pair: Pair) -> Vote:
    if pair.clicked >= _LEAST_CLICKED:
        return YES
    return NO if pair.shown >= _LEAST_SHOWN and not pair.clicked else SILENT


RULES: tuple[Rule, ...] = (
    Rule("title-words", "the title has all words of the query: relevant; none: not", _words),
    Rule("most-words", "title, category and brand have most words: relevant; few: not", _half_words),
    Rule("category", "a word of the query is in the category: relevant", _category),
    Rule("brand", "the query names a brand: of it relevant, of another not", _brand),
    Rule("bought", "bought after the query: relevant", _bought),
    Rule("clicked", "clicked three times: relevant; looked at 20 times and never clicked: not", _clicked),
)
"""Built in; any function of a pair can stand beside them."""


def votes(pairs: Sequence[Pair], rules: Sequence[Rule] = RULES) -> IntArray:
    """What each rule says of each pair.

    Args:
        pairs: Pairs of query and item.
        rules: Labelling functions.

    Returns:
        ``YES``, ``NO`` or ``SILENT``. Shape (pairs, rules).
    """
    return np.array([[rule.vote(pair) for rule in rules] for pair in pairs], np.int64).reshape(len(pairs), len(rules))
