"""How far the difference of two answers can still go: best and worst case over the items that nobody judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations_with_replacement
from math import comb

import numpy as np

from steelyard.domain import NONE, Cases, FloatArray, IntArray

__all__ = ["Ends", "Lists", "difference", "ends_of_mean", "query_ends", "shown_lists"]

_MOST_CASES = 4000
"""Assignments of gains that are tried one by one; beyond it a wider bound is taken."""


@dataclass(frozen=True, slots=True)
class Lists:
    """What two configurations showed for one query. Shape (shown,) each: the items of either."""

    items: IntArray
    weights: FloatArray
    """Discount of the first's rank − share × discount of the second's; 0 where it did not show the item."""
    gains: FloatArray
    """Judged gain; NaN where nobody judged it."""
    ranks: IntArray
    """Best rank in either, 1 for the first."""
    sides: IntArray
    """0 where both showed it, 1 where the first alone, 2 where the second alone."""
    others: FloatArray
    """Gains of judged items that neither showed. Shape (judged elsewhere,)."""
    k: int

    @property
    def unjudged(self) -> IntArray:
        """Places of the items nobody judged."""
        return np.flatnonzero(np.isnan(self.gains))


@dataclass(frozen=True, slots=True)
class Ends:
    """Least and greatest difference of one query."""

    low: float
    high: float
    """Both NaN where the query stays without anything relevant."""
    may_be_undefined: bool = False
    """Whether it may turn out that nothing is relevant, so that the query does not count."""


def shown_lists(own: IntArray, other: IntArray, cases: Cases, *, k: int, share: float = 1.0) -> list[Lists]:
    """The two answers of every query with what is known of their items.

    Args:
        own: Items of the first configuration. Shape (requests, ranks), ``NONE`` in empty places.
        other: Items of the second for the same requests.
        cases: The requests with their judgements; a judged gain may be 0.
        k: Cut-off rank.
        share: Part of the second's quality that the first has to keep.

    Returns:
        One for each request.

    Raises:
        ValueError: The answers are not of these requests.
    """
    if not len(own) == len(other) == len(cases.requests):
        raise ValueError(f"{len(own)} and {len(other)} answers for {len(cases.requests)} requests")
    rows = zip(own, other, cases.relevant, cases.gains, strict=True)
    return [
        _lists(one[:k], two[:k], dict(_best(numbers, gains)), k=k, share=share) for one, two, numbers, gains in rows
    ]


def _best(numbers: IntArray, gains: FloatArray) -> list[tuple[int, float]]:
    order = np.argsort(gains, kind="stable")
    return [(int(numbers[i]), float(gains[i])) for i in order]  # of one judged twice the higher gain is last, and holds


def _lists(own: IntArray, other: IntArray, judged: dict[int, float], *, k: int, share: float) -> Lists:
    weights: dict[int, float] = {}
    ranks: dict[int, int] = {}
    sides: dict[int, int] = {}
    for side, (shown, factor) in enumerate(((own, 1.0), (other, -share)), 1):
        is_new: set[int] = set()
        for rank, item in enumerate(shown.tolist(), 1):
            if item == NONE or item in is_new:
                continue
            is_new.add(item)
            weights[item] = weights.get(item, 0.0) + factor / np.log2(rank + 1)
            ranks[item] = min(rank, ranks.get(item, rank))
            sides[item] = 0 if sides.get(item, side) != side else side
    return Lists(
        items=np.array(list(weights), np.int64),
        weights=np.array(list(weights.values())),
        gains=np.array([judged.get(item, np.nan) for item in weights]),
        ranks=np.array(list(ranks.values()), np.int64),
        sides=np.array(list(sides.values()), np.int64),
        others=np.array([gain for item, gain in judged.items() if item not in weights]),
        k=k,
    )


def difference(lists: Lists, gains: FloatArray) -> FloatArray:
    r"""NDCG of the first − share × nDCG of the second, for several assignments of gains.

    .. math:: d = \sum_i w_i g_i \Big/ \sum_{i=1}^{k} g^*_i / \log_2(i+1)

    Args:
        lists: One query.
        gains: Gain of every shown item. Shape (assignments, shown), >= 0.

    Returns:
        Shape (assignments,); NaN where nothing is relevant.
    """
    known = np.broadcast_to(lists.others, (len(gains), len(lists.others)))
    ideal = -np.sort(-np.concatenate([gains, known], axis=1), axis=1)[:, : lists.k]
    best = ideal @ (1.0 / np.log2(np.arange(2, ideal.shape[1] + 2)))
    result = np.full(len(gains), np.nan)
    np.divide(gains @ lists.weights, best, out=result, where=best > 0)
    return result


def query_ends(lists: Lists, levels: Sequence[float], *, share: float = 1.0) -> Ends:
    """Least and greatest difference of one query, whatever the gains of its unjudged items are.

    Args:
        lists: One query.
        levels: Gains that a judge may give, 0 among them, ascending.
        share: As in ``shown_lists``.

    Returns:
        Exact where there are few assignments; never narrower than the truth.
    """
    if not len(lists.unjudged):
        (only,) = difference(lists, lists.gains[None, :])
        return Ends(float(only), float(only))
    highest = _high(lists, levels, most=1.0)
    mirrored = replace(lists, weights=-lists.weights)
    lowest = -_high(mirrored, levels, most=share)
    is_defined = bool((lists.others > 0).any() or (np.nan_to_num(lists.gains) > 0).any())
    return Ends(lowest, highest, not is_defined)


def _high(lists: Lists, levels: Sequence[float], *, most: float) -> float:
    """Greatest ratio. With a numerator >= 0 items of weight <= 0 are best at 0, and larger gains at larger weights."""
    free = lists.unjudged
    helping = free[lists.weights[free] > 0]
    helping = helping[np.argsort(-lists.weights[helping], kind="stable")]
    base = np.nan_to_num(lists.gains)
    if comb(len(helping) + len(levels) - 1, len(levels) - 1) <= _MOST_CASES:
        cases = _descending(len(helping), tuple(levels))
        gains = np.repeat(base[None, :], len(cases), axis=0)
        gains[:, helping] = cases
        found = difference(lists, gains)
        best = float(np.nanmax(found)) if not np.isnan(found).all() else 0.0
        if best >= 0:
            return best
    top = base.copy()
    top[helping] = levels[-1]
    above = float(top @ lists.weights)
    full = base.copy()
    full[free] = levels[-1]
    below = _ideal(lists, full) if above < 0 else _ideal(lists, base)
    return min(above / below, most) if below > 0 else most


def _ideal(lists: Lists, gains: FloatArray) -> float:
    every = -np.sort(-np.concatenate([gains, lists.others]))[: lists.k]
    return float(every @ (1.0 / np.log2(np.arange(2, len(every) + 2))))


@lru_cache(maxsize=256)
def _descending(n: int, levels: tuple[float, ...]) -> FloatArray:
    """Every way to give n items gains that never rise. Shape (ways, n)."""
    ways = list(combinations_with_replacement(levels[::-1], n))
    return np.array(ways, np.float64).reshape(len(ways), n)


def ends_of_mean(ends: Sequence[Ends]) -> tuple[float, float]:
    """Least and greatest mean difference over the queries that count.

    Args:
        ends: Of every query.

    Returns:
        Both NaN where no query can count.
    """
    counting = [each for each in ends if not np.isnan(each.low)]
    least = -_greatest([(-each.low, each.may_be_undefined) for each in counting])
    return least, _greatest([(each.high, each.may_be_undefined) for each in counting])


def _greatest(values: Sequence[tuple[float, bool]]) -> float:
    """Greatest mean where some may be left out: those are taken in from the best on while they raise it."""
    fixed = [value for value, may in values if not may]
    free = sorted((value for value, may in values if may), reverse=True)
    total, n = sum(fixed), len(fixed)
    for value in free:
        if n and value <= total / n:
            break
        total, n = total + value, n + 1
    return total / n if n else float("nan")
