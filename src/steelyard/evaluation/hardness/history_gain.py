"""How much a user's history adds to what the last visit alone says, by the cheapest model that can use either."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from steelyard.domain import Cases, FloatArray, IntArray, Interactions, Interval, Request
from steelyard.evaluation.judge import judge, metric_names
from steelyard.models.retrieval.neighbours import DECAYS, ItemNeighbours

__all__ = ["HistoryGain", "history_gain", "last_visit", "ratio_interval"]

_K = 10
_MAX_CASES = 4_000
_RESAMPLES = 1_000


@dataclass(frozen=True, slots=True)
class HistoryGain:
    """Item neighbours from the history against those from the last visit alone."""

    gain: Interval
    """nDCG@10 from the history over that from the last visit, less 1: .2 is a fifth better. NaN where the last visit
    finds nothing at all."""
    order: Interval
    """What counting older items less adds to counting all alike, likewise: 0 or less says that order tells nothing."""
    last: float
    """nDCG@10 from the last visit."""
    history: float
    """nDCG@10 from the history, its decay chosen on other users."""
    decay: float
    """Best for all users: near 0 the latest item alone counts, 1 the whole history alike."""


def history_gain(learn: Interactions, cases: Cases, *, exclude_seen: bool, seed: int) -> HistoryGain:
    """What the history adds over the last visit.

    The decay is chosen on one half of the users and judged on the other, and the other way round: chosen and judged on
    the same users it would flatter the history.

    Args:
        learn: What happened before the cases' targets.
        cases: Tuning cases of recommendation; at most 4,000 drawn with the seed are asked, one a user.
        exclude_seen: Whether what the user had before is no answer.
        seed: Draws cases, halves and intervals.

    Returns:
        All NaN where there is no case with a history and something to find.
    """
    able = [at for at, request in enumerate(cases.requests) if request.history and len(cases.relevant[at])]
    nothing = float("nan")
    if len(able) < 2:
        unknown = Interval(nothing, nothing, nothing, n=len(able))
        return HistoryGain(unknown, unknown, nothing, nothing, nothing)
    rng = np.random.default_rng(seed)
    places = rng.permutation(able)[:_MAX_CASES]
    asked = _some(cases, places, exclude_seen=exclude_seen)
    model = ItemNeighbours(1.0).fit(learn, seed=seed)
    alone = replace(asked, requests=tuple(replace(r, history=last_visit(r)) for r in asked.requests))
    last = _quality(model, alone, 1.0)
    tried = {decay: _quality(model, asked, decay) for decay in DECAYS}
    aged = {decay: values for decay, values in tried.items() if decay < 1}
    gain = ratio_interval(_chosen_elsewhere(tried), last, seed=seed)
    order = ratio_interval(_chosen_elsewhere(aged), tried[1.0], seed=seed)
    best = _best(tried, np.ones(len(places), bool))
    return HistoryGain(gain, order, float(last.mean()), float(_chosen_elsewhere(tried).mean()), best)


def last_visit(request: Request) -> tuple[int, ...]:
    """The items of a user's last visit: of the latest time, or the latest item where no times are known."""
    times_s, items = request.past.times_s, request.past.items
    if not items:
        return request.history[-1:]
    return tuple(dict.fromkeys(item for item, at in zip(items, times_s, strict=True) if at == times_s[-1]))


def ratio_interval(own: FloatArray, reference: FloatArray, *, seed: int) -> Interval:
    """Mean of ``own`` over that of ``reference``, less 1, with its paired bootstrap interval.

    Args:
        own: One value a user. Shape (users,).
        reference: The same users in the same order.
        seed: Of the resampling.

    Returns:
        NaN where the reference's mean is 0; the ends alone where a resample's can be.
    """
    n, base = len(own), float(reference.mean()) if len(reference) else 0.0
    if base <= 0:
        return Interval(float("nan"), float("nan"), float("nan"), n=n)
    rng = np.random.default_rng(seed)
    ratios = np.empty(_RESAMPLES)
    for at in range(_RESAMPLES):
        rows = rng.integers(0, n, n)
        below = float(reference[rows].sum())
        ratios[at] = float(own[rows].sum()) / below - 1 if below > 0 else float("nan")
    low, high = np.quantile(ratios, [0.025, 0.975])
    return Interval(float(own.mean()) / base - 1, float(low), float(high), n=n)


def _some(cases: Cases, places: IntArray, *, exclude_seen: bool) -> Cases:
    some = cases.at(places)
    if not exclude_seen:
        return some
    kept_away = (tuple(sorted(cases.kept_away(request))) for request in some.requests)
    pairs = zip(some.requests, kept_away, strict=True)
    return replace(some, requests=tuple(replace(r, exclude=(*r.exclude, *away)) for r, away in pairs))


def _quality(model: ItemNeighbours, cases: Cases, decay: float) -> FloatArray:
    model.decay = decay
    return judge(model.retrieve(cases.requests, k=_K), cases, k=_K)[metric_names(_K)["ndcg"]]


def _chosen_elsewhere(tried: Mapping[float, FloatArray]) -> FloatArray:
    """Of each user the value of the decay that is best for the users of the other half."""
    half = np.arange(len(next(iter(tried.values())))) % 2 == 0
    return np.where(half, tried[_best(tried, ~half)], tried[_best(tried, half)])


def _best(tried: Mapping[float, FloatArray], rows: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> float:
    """Of equals the smallest."""
    return max(sorted(tried), key=lambda decay: float(tried[decay][rows].mean()))
