"""From a request to weighted items, and from scored items to the lists that retrievers return.

Shared by the recommenders. Holds no model and touches nothing but arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from steelyard.domain import NONE, Cases, FloatArray, IntArray, Ranked, Request
from steelyard.models.ports import Retriever

__all__ = [
    "MIN_WEIGHT",
    "best",
    "best_places",
    "distinct_numbers",
    "excluded_items",
    "interest",
    "is_clearly_worse",
    "mean_ndcg",
    "ndcg_of",
    "nearest_level",
    "nearest_to_default",
    "some_cases",
    "stacked",
    "to_find",
]

MIN_WEIGHT = 1e-4
"""Weight under which an item of the history no longer counts (with decay .6 from the 19th latest on)."""

_TUNING_CASES = 2_000
"""Cases that are looked at where each takes its time: further ones would hardly tell more."""

Value = TypeVar("Value", bound=float)
Shortlist = tuple[IntArray, FloatArray]
"""Item numbers and their scores, best first."""


def distinct_numbers(numbers: IntArray) -> IntArray:
    """The numbers ascending, each once; for short lists half as long as ``numpy.unique``."""
    ordered = np.sort(numbers)
    is_new = np.ones(len(ordered), bool)
    np.not_equal(ordered[1:], ordered[:-1], out=is_new[1:])
    return ordered[is_new]


def interest(request: Request, *, decay: float, n_items: int) -> Shortlist:
    """Items that say what the shopper wants, and how much each of them says.

    The items asked about (product page, basket) weigh 1 each and win over the history; without them the
    latest item of the history weighs 1, and each one before it ``decay`` times as much as the one after.

    Args:
        request: One question.
        decay: In (0, 1].
        n_items: Numbers outside [0, n_items) are not known to the model; they keep their place in the
            order but are left out.

    Returns:
        Item numbers and weights, aligned, the latest first. Shape (<= items in the request,), weights
        >= ``MIN_WEIGHT``; empty for a new user.
    """
    if request.items:
        items = np.asarray(request.items, dtype=np.int64)
        weights = np.ones(len(items))
    else:
        reach = len(request.history) if decay >= 1 else 1 + int(np.log(MIN_WEIGHT) / np.log(decay))
        items = np.asarray(request.history[-reach:][::-1], dtype=np.int64)
        weights = decay ** np.arange(len(items), dtype=np.float64)
    known = (items >= 0) & (items < n_items)
    return (items, weights) if known.all() else (items[known], weights[known])


def excluded_items(request: Request) -> frozenset[int]:
    """Items that must not come back whatever the rules: those asked about and those excluded by name."""
    return frozenset(request.items).union(request.exclude)


def best(ids: npt.NDArray[Any], scores: FloatArray, *, k: int, without: frozenset[int]) -> Shortlist:
    """The ``k`` best items that are not excluded; ties go to the lower number.

    Args:
        ids: Item numbers, ascending, each once. Shape (candidates,).
        scores: Shape (candidates,).
        k: Length of the list, >= 1.
        without: Items to leave out.

    Returns:
        Numbers and scores, best first. Shape (<= k,).
    """
    wanted = k + len(without)
    if len(scores) > wanted:
        cut = np.partition(scores, len(scores) - wanted)[len(scores) - wanted]
        inside = np.flatnonzero(scores >= cut)
        ids, scores = ids[inside], scores[inside]
    order = np.argsort(-scores, kind="stable")
    ids, scores = ids[order], scores[order]
    if without:
        kept = [place for place, item in enumerate(ids.tolist()) if item not in without]
        ids, scores = ids[kept], scores[kept]
    return ids[:k].astype(np.int64), scores[:k]


def best_places(table: FloatArray, *, k: int) -> IntArray:
    """Where the highest values of each row stand, of equal ones the first: a stable sort of the few that may be there.

    Args:
        table: Shape (rows, columns), columns >= k; no NaN.
        k: Places wanted.

    Returns:
        Column numbers, highest value first. Shape (rows, k).
    """
    n_rows, width = table.shape
    cut = np.partition(table, width - k, axis=1)[:, width - k]
    rows, columns = np.nonzero(table >= cut[:, None])
    order = np.lexsort((-table[rows, columns], rows))
    rows, columns = rows[order], columns[order]
    ranks = np.arange(len(rows)) - np.searchsorted(rows, np.arange(n_rows))[rows]
    return np.asarray(columns[ranks < k].reshape(n_rows, k), np.int64)


def stacked(lists: Iterable[Shortlist], *, k: int) -> Ranked:
    """Short lists of any length as one batch, padded.

    Args:
        lists: One for each request, at most ``k`` long.
        k: Length of the rows.

    Returns:
        Shape (lists, k); ``NONE`` and -inf where a list is shorter.
    """
    rows = list(lists)
    items = np.full((len(rows), k), NONE, dtype=np.int64)
    scores = np.full((len(rows), k), -np.inf)
    for row, (ids, values) in enumerate(rows):
        items[row, : len(ids)] = ids
        scores[row, : len(ids)] = values
    return Ranked(items, scores)


def mean_ndcg(retriever: Retriever, cases: Cases, *, k: int = 10) -> float:
    """Mean nDCG of a retriever on tuning cases; used to tune, never to report.

    Linear gain, log2(rank + 1), ideal from the judged items. Where the cases exclude what was seen, it is neither
    offered nor to be found, and a request left without any judged item counts for nothing; elsewhere repeats count, and
    so do those of items that may come again.

    Args:
        retriever: What is tuned; asked one request at a time.
        cases: Tuning cases.
        k: Cut-off rank, >= 1.

    Returns:
        In [0, 1]; 0 where no case has a judged item left.
    """
    values = _ndcgs(retriever, cases, k)
    return float(values.mean()) if len(values) else 0.0


def some_cases(cases: Cases) -> Cases:
    """Of more than 2,000 tuning cases every so-manieth, for models that take their time to answer."""
    step = -(-len(cases.requests) // _TUNING_CASES)
    return cases if step <= 1 else cases.at(range(0, len(cases.requests), step))


def nearest_to_default(
    retriever_of: Callable[[float], Retriever], values: Sequence[float], cases: Cases, *, at: float
) -> float:
    """Of the values of an option that the best one does not clearly beat, the nearest to the default.

    Tuning cases are few and alike: what they cannot tell apart is left as it was.

    Args:
        retriever_of: The retriever with a value of the option.
        values: What to try.
        cases: Tuning cases; judged as ``mean_ndcg`` does.
        at: The default.

    Returns:
        One of ``values``; ``at`` where no case has anything to find.
    """
    return nearest_level({value: _ndcgs(retriever_of(value), cases, 10) for value in values}, at=at)


def nearest_level(
    found: Mapping[Value, FloatArray], *, at: Value, distance: Callable[[Value, Value], float] = lambda a, b: abs(a - b)
) -> Value:
    """Of values that were tried, those that the best one does not clearly beat, and of these the nearest to a default.

    Args:
        found: By value, the nDCG of each case. Shape (cases,) each, the same cases in the same order.
        at: The default.
        distance: Between two values; their difference where left out.

    Returns:
        One of ``found``, of equally near ones the better; ``at`` where no case has anything to find.
    """
    leader = max(found.values(), key=lambda each: float(each.sum()))
    if not leader.any():
        return at
    level = [value for value, each in found.items() if not is_clearly_worse(each, leader)]
    return min(level, key=lambda value: (distance(value, at), -float(found[value].sum())))


def is_clearly_worse(values: FloatArray, leader: FloatArray) -> bool:
    """Whether the mean of ``leader - values``, case by case, is more than one of its standard errors."""
    difference = leader - values
    error = float(difference.std(ddof=1)) / np.sqrt(len(difference)) if len(difference) > 1 else 0.0
    return bool(float(difference.mean()) > error)


def ndcg_of(items: IntArray, gain: Mapping[int, float], *, k: int = 10) -> float:
    """The nDCG of one list: linear gain, log2(rank + 1), ideal from ``gain``.

    Args:
        items: Item numbers, best first. Shape (<= k,) or more; what is no item gains nothing.
        gain: Gains > 0 by item; not empty.
        k: Cut-off rank.

    Returns:
        In [0, 1].
    """
    discount = 1 / np.log2(np.arange(2, k + 2))
    shown = np.array([gain.get(item, 0.0) for item in items[:k].tolist()])
    ideal = np.sort(np.array(list(gain.values())))[::-1][:k]
    return float(shown @ discount[: len(shown)]) / float(ideal @ discount[: len(ideal)])


def to_find(cases: Cases) -> list[tuple[Request, dict[int, float]]]:
    """Tuning cases as the shop will judge them: what each request is asked without, and what is to be found.

    Args:
        cases: Where they say that seen items are not offered again, these are excluded and are not to be found, but for
            those that may come again.

    Returns:
        Requests that have something to find, in order, with gains > 0 by item.
    """
    found = []
    for request, relevant, gains in zip(cases.requests, cases.relevant, cases.gains, strict=True):
        seen = cases.kept_away(request)
        pairs = zip(relevant.tolist(), gains.tolist(), strict=True)
        gain = {item: gain for item, gain in pairs if gain > 0 and item not in seen}
        if gain:
            asked = replace(request, exclude=(*request.exclude, *sorted(seen))) if seen else request
            found.append((asked, gain))
    return found


def _ndcgs(retriever: Retriever, cases: Cases, k: int) -> FloatArray:
    """Of every case that has a judged item left, its nDCG. Shape (<= cases,)."""
    return np.array([ndcg_of(retriever.retrieve([r], k=k).items[0], gain, k=k) for r, gain in to_find(cases)])
