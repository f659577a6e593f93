"""From answers to figures: every ranking metric of every request, under a name that holds all its parameters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from steelyard.domain import NONE, Cases, FloatArray, IntArray, Ranked
from steelyard.evaluation import ranking

__all__ = ["judge", "judge_items", "metric_names", "shown_gains"]

_BY_RELEVANCE = {
    "recall": ranking.recall,
    "precision": ranking.precision,
    "map": ranking.average_precision,
    "mrr": ranking.reciprocal_rank,
    "hit_rate": ranking.hit_rate,
}


def metric_names(k: int) -> dict[str, str]:
    """Short name to full name of each metric; the first, ``ndcg``, is the one decisions rest on."""
    names = {"ndcg": f"ndcg@{k}(gain=linear,discount=log2,unjudged=0)"}
    return names | {short: f"{short}@{k}(relevant=gain>0,unjudged=0)" for short in _BY_RELEVANCE}


def judge(ranked: Ranked, cases: Cases, *, k: int) -> dict[str, FloatArray]:
    """Quality of each answer, metric by metric.

    Args:
        ranked: One answer a case, in the order of the cases: item numbers, best first.
        cases: The requests and their judged items.
        k: Cut-off rank, >= 1.

    Returns:
        Full metric name (see ``metric_names``) to values of shape (requests,), NaN where a request has nothing
        relevant. A repeated item counts at its first place only; an item nobody judged has gain 0.

    Raises:
        ValueError: ``k`` < 1, answers and cases differ in number, or a gain is negative.
    """
    return judge_items(ranked.items, cases, k=k)


def judge_items(items: IntArray, cases: Cases, *, k: int) -> dict[str, FloatArray]:
    """As ``judge``, from the item numbers alone; shape (requests, ranks)."""
    gains, ideal = shown_gains(items, cases.relevant, cases.gains)
    n_relevant = (ideal > 0).sum(axis=1)
    names = metric_names(k)
    found = {names["ndcg"]: ranking.ndcg(gains, ideal, k=k)}
    return found | {names[short]: metric(gains, n_relevant, k=k) for short, metric in _BY_RELEVANCE.items()}


def shown_gains(
    items: IntArray, relevant: Sequence[IntArray], judged: Sequence[FloatArray]
) -> tuple[FloatArray, FloatArray]:
    """Gain at each rank, and the best order there could have been.

    Args:
        items: Item numbers shown. Shape (requests, ranks), ``NONE`` in empty places.
        relevant: For each request, the judged item numbers; of one judged twice the higher gain holds.
        judged: Their gains, >= 0, aligned with ``relevant``.

    Returns:
        Gains shown, shape (requests, ranks), and gains of the distinct judged items sorted high to low, shape
        (requests, most judged); both padded with 0.

    Raises:
        ValueError: Answers and judgements differ in number, or a gain is negative.
    """
    if not len(items) == len(relevant) == len(judged):
        raise ValueError(f"{len(items)} answers, but {len(relevant)} requests were judged")
    gains = np.zeros(items.shape)
    ideals = []
    for row, (shown, numbers, values) in enumerate(zip(items, relevant, judged, strict=True)):
        if (values < 0).any():
            raise ValueError(f"request {row} has the gain {values.min()}: a gain is at least 0")
        distinct, best = _distinct(numbers, values)
        ideals.append(np.sort(best)[::-1])
        gains[row] = _gains_of(shown, distinct, best)
    ideal = np.zeros((len(items), max((len(values) for values in ideals), default=0)))
    for row, values in enumerate(ideals):
        ideal[row, : len(values)] = values
    return gains, ideal


def _distinct(numbers: IntArray, values: FloatArray) -> tuple[IntArray, FloatArray]:
    distinct, place = np.unique(numbers, return_inverse=True)
    best = np.zeros(len(distinct))
    np.maximum.at(best, place, values)
    return distinct, best


def _gains_of(shown: IntArray, distinct: IntArray, best: FloatArray) -> FloatArray:
    gains = np.zeros(len(shown))
    if distinct.size == 0:
        return gains
    _, first = np.unique(shown, return_index=True)
    first = first[shown[first] != NONE]
    place = np.minimum(np.searchsorted(distinct, shown[first]), len(distinct) - 1)
    is_judged = distinct[place] == shown[first]
    gains[first[is_judged]] = best[place[is_judged]]
    return gains
