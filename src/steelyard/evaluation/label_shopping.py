"""Which judgements would settle the choice between two configurations, how many, and when to stop.

Two things can still turn the answer. Items that were shown and that nobody judged: ``label_bounds`` says how far they
can turn it. And the queries themselves, which are a sample: an interval that holds at any look says how far others
could turn it. A choice is settled for good when neither can.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from steelyard.domain import FloatArray
from steelyard.evaluation.abtest import always_valid
from steelyard.evaluation.label_bounds import Ends, Lists, difference, ends_of_mean, query_ends

__all__ = [
    "MOST_QUERIES",
    "Prior",
    "Rule",
    "State",
    "Verdict",
    "Wish",
    "differences_drawn",
    "gain_prior",
    "pairs_needed",
    "queries_needed",
    "verdict",
    "wishes",
]

MOST_QUERIES = 1_000_000
"""Beyond so many queries a choice is called one that judging does not settle."""
_LEAST_QUERIES = 10
"""Before so many an interval is not looked at."""
_PRIOR_QUERIES = 5
_USUAL_DEVIATION = 0.2
"""Differences of single queries usually deviate so far; weighs as much as ``_PRIOR_QUERIES`` queries."""
_PRIOR_STRENGTH = 10.0
"""What is common weighs as much as so many judged items."""
_CHECKS = 40
_TOP_LEVELS = 6


class Verdict(StrEnum):
    """What is known of a choice."""

    FIRST = "first"
    SECOND = "second"
    EQUAL = "equal"
    """Whatever the difference is, it is smaller than what matters."""
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Rule:
    """When a choice is settled; fixed before the first look."""

    smallest: float = 0.01
    """Smallest difference that matters, > 0."""
    confidence: float = 0.95
    share: float = 1.0
    """Part of the second's quality that the first has to keep."""

    def reach(self, standard_errors: FloatArray) -> FloatArray:
        """Half the width of the interval that holds at any look, for each standard error > 0."""
        mixing = 2 * self.smallest
        found = always_valid(
            np.zeros(len(standard_errors)), standard_errors, mixing_sd=mixing, confidence=self.confidence
        )
        return found.high


@dataclass(frozen=True, slots=True)
class State:
    """Where a choice stands."""

    mean: float
    """Mean difference with unjudged items at 0, as quality is measured."""
    low: float
    high: float
    """Ends of the interval that holds at any look, unjudged items at 0."""
    least: float
    greatest: float
    """Mean difference over these queries in the worst and in the best case of what is unjudged."""
    n_queries: int
    deviation: float
    """Of the differences of single queries."""
    now: Verdict
    """By the interval, unjudged items at 0."""
    for_good: Verdict
    """Whatever the unjudged items are, and whatever further queries say, at the confidence of the rule."""
    of_these: Verdict
    """Of these queries alone, for certain: no judgement can change its sign. Never ``EQUAL``."""


def verdict(lists: Sequence[Lists], levels: Sequence[float], rule: Rule) -> State:
    """Where a choice stands now.

    Args:
        lists: Every query with what is judged so far.
        levels: Gains a judge may give, ascending, 0 among them.
        rule: When it is settled.

    Returns:
        Its verdicts: now, for good, and of these queries alone.
    """
    ends = [query_ends(each, levels, share=rule.share) for each in lists]
    values = np.array([_as_measured(each) for each in lists])
    defined = values[~np.isnan(values)]
    least, greatest = ends_of_mean(ends)
    n = len(defined)
    mean = float(defined.mean()) if n else float("nan")
    deviation = float(defined.std(ddof=1)) if n > 1 else float("nan")
    error = _error(defined)
    if n < _LEAST_QUERIES:
        return State(mean, float("nan"), float("nan"), least, greatest, n, deviation, Verdict.OPEN, Verdict.OPEN,
                     _certain(least, greatest))  # fmt: skip
    reach = _reach(rule, error)
    worst = _reach(rule, max(error, *(_error_at(ends, end) for end in ("low", "high"))))
    now = _called(mean - reach, mean + reach, rule)
    for_good = _called(least - worst, greatest + worst, rule)
    of_these = _certain(least, greatest)
    return State(mean, mean - reach, mean + reach, least, greatest, n, deviation, now, for_good, of_these)


def _as_measured(lists: Lists) -> float:
    return float(difference(lists, np.nan_to_num(lists.gains)[None, :])[0])


def _error_at(ends: Sequence[Ends], end: str) -> float:
    found = np.array([getattr(each, end) for each in ends])
    found = found[~np.isnan(found)]
    return _error(found)


def _error(values: FloatArray) -> float:
    """Standard error of a mean; a few queries that happen to be alike do not make it small."""
    n = len(values)
    if n < 2:
        return float("inf")
    squares = float(((values - values.mean()) ** 2).sum()) + _PRIOR_QUERIES * _USUAL_DEVIATION**2
    return float(np.sqrt(squares / (n - 1 + _PRIOR_QUERIES) / n))


def _reach(rule: Rule, error: float) -> float:
    return float(rule.reach(np.array([error]))[0])


def _called(low: float, high: float, rule: Rule) -> Verdict:
    if low > 0:
        return Verdict.FIRST
    if high < 0:
        return Verdict.SECOND
    return Verdict.EQUAL if -rule.smallest < low and high < rule.smallest else Verdict.OPEN


def _certain(least: float, greatest: float) -> Verdict:
    if least > 0:
        return Verdict.FIRST
    return Verdict.SECOND if greatest < 0 else Verdict.OPEN


@dataclass(frozen=True, slots=True)
class Prior:
    """What unjudged items are expected to be, from those judged at the same rank that the same of the two showed."""

    levels: tuple[float, ...]
    """Ascending, 0 the first."""
    shares: FloatArray
    """Share of each level by side and rank. Shape (3, ranks, levels); sums to 1 over the levels."""
    n_judged: int
    """Judged items it rests on; 0 means that it is an assumption."""

    def deviation(self, lists: Lists) -> FloatArray:
        """Standard deviation of the gain of each unjudged item. Shape (unjudged,)."""
        shares, levels = self._of(lists), np.array(self.levels)
        mean = shares @ levels
        spread: FloatArray = np.sqrt(np.maximum(shares @ levels**2 - mean**2, 0))
        return spread

    def draw(self, lists: Lists, generator: np.random.Generator) -> FloatArray:
        """One gain for each unjudged item. Shape (unjudged,)."""
        ends = self._of(lists).cumsum(axis=1)
        place = (generator.random(len(ends))[:, None] > ends).sum(axis=1)
        drawn: FloatArray = np.array(self.levels)[np.minimum(place, len(self.levels) - 1)]
        return drawn

    def _of(self, lists: Lists) -> FloatArray:
        free = lists.unjudged
        found: FloatArray = self.shares[lists.sides[free], lists.ranks[free] - 1]
        return found


def gain_prior(lists: Sequence[Lists], *, k: int) -> Prior:
    """What judges said of the items at each rank, apart for those that one alone showed, drawn towards what is common.

    Args:
        lists: Every query.
        k: Cut-off rank.

    Returns:
        Levels are the gains that occur; without any, 0 and 1 are taken to be as likely.
    """
    gains, ranks, sides = (_all(lists, name) for name in ("gains", "ranks", "sides"))
    levels = np.unique(np.concatenate([gains[~np.isnan(gains)], _all(lists, "others"), [0.0]]))
    if len(levels) < 2:
        levels = np.array([0.0, 1.0])
    elif len(levels) > _TOP_LEVELS:
        levels = np.unique(np.concatenate([[0.0], np.quantile(levels, np.linspace(0, 1, _TOP_LEVELS))]))
    is_judged = ~np.isnan(gains)
    place = np.abs(gains[is_judged][:, None] - levels[None, :]).argmin(axis=1)
    counts = np.zeros((3, k, len(levels)))
    np.add.at(counts, (sides[is_judged].astype(int), ranks[is_judged].astype(int) - 1, place), 1.0)
    overall = (counts.sum(axis=(0, 1)) + 1) / (counts.sum() + len(levels))
    of_rank = _drawn_towards(counts.sum(axis=0), overall)
    return Prior(tuple(levels.tolist()), _drawn_towards(counts, of_rank[None]), int(is_judged.sum()))


def _all(lists: Sequence[Lists], name: str) -> FloatArray:
    return np.concatenate([np.empty(0), *(getattr(each, name) for each in lists)])


def _drawn_towards(counts: FloatArray, shares: FloatArray) -> FloatArray:
    smoothed: FloatArray = counts + _PRIOR_STRENGTH * shares
    shares_of: FloatArray = smoothed / smoothed.sum(axis=-1, keepdims=True)
    return shares_of


@dataclass(frozen=True, slots=True)
class Wish:
    """An item that is worth judging."""

    query: int
    """Place of the query."""
    item: int
    rank: int
    worth: float
    """Standard deviation that its gain gives to the mean difference."""


def wishes(lists: Sequence[Lists], prior: Prior) -> list[Wish]:
    """The unjudged items, what moves the answer most first.

    Args:
        lists: Every query.
        prior: What unjudged items are expected to be.

    Returns:
        Each shown item that nobody judged.
    """
    found = []
    n = max(len(lists), 1)
    for query, each in enumerate(lists):
        free = each.unjudged
        if not len(free):
            continue
        spread = prior.deviation(each)
        expected = np.nan_to_num(each.gains)
        ideal = -np.sort(-np.concatenate([expected, each.others]))[: each.k]
        below = max(float(ideal @ (1 / np.log2(np.arange(2, len(ideal) + 2)))), prior.levels[-1])
        now = abs(np.nan_to_num(_as_measured(each)))
        moved = np.maximum(np.abs(each.weights[free]), now / np.log2(each.k + 1))
        found += [
            Wish(query, int(each.items[i]), int(each.ranks[i]), float(worth))
            for i, worth in zip(free, spread * moved / below / n, strict=True)
        ]
    return sorted(found, key=lambda wish: (-wish.worth, wish.query, wish.rank, wish.item))


def pairs_needed(
    lists: Sequence[Lists], prior: Prior, rule: Rule, *, draws: int = 100, seed: int = 0
) -> tuple[float, float]:
    """How many of the ``wishes``, in their order, settle these queries for certain.

    Args:
        lists: Every query.
        prior: What unjudged items are expected to be.
        rule: When it is settled.
        draws: Simulated outcomes.
        seed: Of the outcomes.

    Returns:
        Median, and what suffices in nine of ten outcomes; (0, 0) where they are settled.
    """
    order = wishes(lists, prior)
    if not order or verdict(lists, prior.levels, rule).of_these is not Verdict.OPEN:
        return 0.0, 0.0
    generator = np.random.default_rng(seed)
    needed = [_needed(lists, order, _drawn(lists, prior, generator), prior.levels, rule) for _ in range(draws)]
    return float(np.median(needed)), float(np.quantile(needed, 0.9))


def _drawn(lists: Sequence[Lists], prior: Prior, generator: np.random.Generator) -> list[FloatArray]:
    """Full gains of every query in one outcome."""
    found = []
    for each in lists:
        gains = each.gains.copy()
        free = each.unjudged
        gains[free] = prior.draw(each, generator)
        found.append(gains)
    return found


def _needed(
    lists: Sequence[Lists], order: Sequence[Wish], truth: Sequence[FloatArray], levels: Sequence[float], rule: Rule
) -> int:
    """How far down the list the sign of the mean is certain, by halving: what is certain stays certain."""
    step = max(1, len(order) // _CHECKS)
    low, high = 0, -(-len(order) // step)
    while low < high:
        middle = (low + high) // 2
        judged = _judged(lists, order[: middle * step], truth)
        least, greatest = ends_of_mean([query_ends(each, levels, share=rule.share) for each in judged])
        low, high = (low, middle) if _certain(least, greatest) is not Verdict.OPEN else (middle + 1, high)
    return min(low * step, len(order))


def _judged(lists: Sequence[Lists], chosen: Sequence[Wish], truth: Sequence[FloatArray]) -> list[Lists]:
    found = list(lists)
    by_query: dict[int, set[int]] = {}
    for wish in chosen:
        by_query.setdefault(wish.query, set()).add(wish.item)
    for query, items in by_query.items():
        each = lists[query]
        is_chosen = np.isin(each.items, list(items))
        gains = np.where(is_chosen, truth[query], each.gains)
        found[query] = replace(each, gains=gains)
    return found


def differences_drawn(lists: Sequence[Lists], prior: Prior, *, draws: int = 200, seed: int = 0) -> FloatArray:
    """Mean difference over all queries there are, once every item is judged: outcomes that are as likely.

    Args:
        lists: Every query.
        prior: What unjudged items are expected to be.
        draws: How many outcomes.
        seed: Of the outcomes and of the queries, which are drawn again in each.

    Returns:
        Shape (draws,); outcomes in which no query counts are left out.
    """
    generator = np.random.default_rng(seed)
    found = []
    for _ in range(draws):
        truth = _drawn(lists, prior, generator)
        values = np.array([float(difference(e, g[None, :])[0]) for e, g in zip(lists, truth, strict=True)])
        values = values[~np.isnan(values)]
        if len(values):
            found.append(values[generator.integers(0, len(values), len(values))].mean())
    return np.array(found)


def queries_needed(differences: FloatArray, *, deviation: float, rule: Rule) -> FloatArray:
    """Fully judged queries, those there are included, after which the choice is settled for all queries.

    Args:
        differences: True mean differences that are as likely, see ``differences_drawn``. Shape (draws,).
        deviation: Of the differences of single queries, >= 0.
        rule: When it is settled.

    Returns:
        For each, expected number; infinite where more than ``MOST_QUERIES`` would be needed.

    Trust:
        A plan, not a promise: it rests on the deviation seen so far, and on an interval of average luck.
    """
    if not deviation > 0:
        return np.full(len(differences), float(_LEAST_QUERIES))
    numbers = np.unique(np.geomspace(_LEAST_QUERIES, MOST_QUERIES, 400).astype(np.int64))
    reach = rule.reach(deviation / np.sqrt(numbers))
    away = np.abs(differences)[:, None]
    is_settled = (reach[None, :] < away) | (reach[None, :] + away < rule.smallest)
    first = is_settled.argmax(axis=1)
    needed: FloatArray = np.where(is_settled.any(axis=1), numbers[first].astype(np.float64), np.inf)
    return needed
