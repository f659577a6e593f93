"""Candidates of several recommenders side by side, and their scores on one scale.

Scores of two models cannot be compared: one sums cosines, the other is a logit. Each model's scores are put on a scale
of its own list of the same request first. An item outside a model's list stands below the lowest of that list.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from steelyard.domain import NONE, FloatArray, IntArray, Ranked, Request
from steelyard.errors import PluginError

__all__ = ["RAW", "SCALES", "Pool", "Scoring", "checked", "filled", "pooled", "scaled", "unit_of"]

RAW = "raw"
"""The scale that leaves scores as they are."""
_RANK_OFFSET = 10.0
"""Of rank fusion: the item at rank 11 counts half as much as the first."""
_BELOW = 0.5
"""Standard deviations that a missing item lies below the lowest of a list."""


@runtime_checkable
class Scoring(Protocol):
    """A recommender that can score items which its own list does not hold; it need not be able to."""

    def score_items(self, request: Request, items: IntArray) -> FloatArray:
        """Scores on the scale of its lists.

        Args:
            request: One question.
            items: Item numbers, ascending. Shape (n,).

        Returns:
            NaN for an item that it knows nothing of. Shape (n,).
        """
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """The union of some models' lists, request by request."""

    items: IntArray
    """Ascending within a row, ``NONE`` behind them. Shape (requests, width)."""
    scores: FloatArray
    """Of each model; NaN where it lists it not and does not tell. Shape (models, requests, width)."""

    @property
    def is_there(self) -> npt.NDArray[np.bool_]:
        """Where a row holds an item. Shape (requests, width)."""
        return np.asarray(self.items != NONE)

    def of(self, rows: IntArray) -> Pool:
        """The same of some requests."""
        return Pool(self.items[rows], self.scores[:, rows])

    def gains(self, relevant: Sequence[IntArray], gains: Sequence[FloatArray]) -> FloatArray:
        """What each candidate is worth.

        Args:
            relevant: Right items of each request.
            gains: Of these items, >= 0.

        Returns:
            0 for what is not right. Shape (requests, width).
        """
        found = np.zeros(self.items.shape)
        for row, (items, values) in enumerate(zip(relevant, gains, strict=True)):
            for item, value in zip(items.tolist(), values.tolist(), strict=True):
                found[row][self.items[row] == item] = value
        return found


def checked(name: str, ranked: Ranked) -> Ranked:
    """A model's lists, once they keep what every model promises.

    Args:
        name: Of the model.
        ranked: What it gave.

    Returns:
        The same.

    Raises:
        PluginError: A listed item has a score that is no finite number.
    """
    wrong = (ranked.items != NONE) & ~np.isfinite(ranked.scores)
    if wrong.any():
        row, place = (int(each[0]) for each in np.nonzero(wrong))
        raise PluginError(
            f"the recommender {name!r} gave item {ranked.items[row, place]} the score {ranked.scores[row, place]}, "
            "which cannot be fused: scores must be finite numbers; mend the model, or take it out of [models.fused] of"
        )
    return ranked


def pooled(lists: Sequence[Ranked]) -> Pool:
    """The union of several models' lists.

    Args:
        lists: Of each model, for the same requests; at least one model. Lengths may differ.

    Returns:
        As wide as the longest union; at least one place wide.
    """
    n_rows = len(lists[0].items)
    every = np.concatenate([each.items for each in lists], axis=1)
    owner = np.repeat(np.arange(len(lists)), [each.items.shape[1] for each in lists])
    scores = np.concatenate([each.scores for each in lists], axis=1)
    order = np.argsort(every, axis=1, kind="stable")
    ordered = np.take_along_axis(every, order, axis=1)
    is_item = ordered != NONE
    is_new = is_item.copy()
    is_new[:, 1:] &= ordered[:, 1:] != ordered[:, :-1]
    places = np.cumsum(is_new, axis=1) - 1
    width = max(int(places[:, -1].max(initial=0)) + 1, 1) if every.shape[1] else 1
    items = np.full((n_rows, width), NONE, np.int64)
    table = np.full((len(lists), n_rows, width), np.nan)
    rows, columns = np.nonzero(is_item)
    at, source = places[rows, columns], order[rows, columns]
    items[rows, at] = ordered[rows, columns]
    table[owner[source], rows, at] = scores[rows, source]
    return Pool(items, table)


def filled(pool: Pool, names: Sequence[str], models: Sequence[object], requests: Sequence[Request]) -> Pool:
    """The same, with what models say of items that are only in the lists of others.

    Args:
        pool: Union of the lists.
        names: Of the models.
        models: Those that are ``Scoring`` are asked; of the others what is missing stays NaN.
        requests: Of the pool's rows.

    Returns:
        A new pool, if any model is asked.

    Raises:
        PluginError: A model gave a score that is no finite number, or not one for each item.
    """
    asked = [number for number, model in enumerate(models) if isinstance(model, Scoring)]
    if not asked:
        return pool
    table, is_there = pool.scores.copy(), pool.is_there
    for number in asked:
        model = models[number]
        assert isinstance(model, Scoring)
        for row, request in enumerate(requests):
            places = np.flatnonzero(is_there[row] & np.isnan(table[number, row]))
            found = model.score_items(request, pool.items[row, places])
            if found.shape != places.shape or np.isinf(found).any():
                raise PluginError(
                    f"the recommender {names[number]!r} was asked to score {len(places)} items and gave {found!r}: "
                    "score_items() gives one finite number for each, NaN where it knows nothing"
                )
            table[number, row, places] = found
    return Pool(pool.items, table)


def scaled(scores: FloatArray, scale: str, *, unit: float = 1.0) -> FloatArray:
    """Scores of one model on a scale that those of others can be added to.

    Args:
        scores: NaN where the list does not hold the item. Shape (requests, width).
        scale: One of ``SCALES``: ``raw`` leaves scores as they are, so that a model counts for more where it is surer,
            what is negative counting 0; ``max`` is a share of the highest score, above the lowest where that is
            negative; ``z`` counts standard deviations above the lowest; ``rank`` looks at places alone; ``exp`` is the
            exponential of the distance to the highest, for models whose scores are logits.
        unit: What counts 1 in the scale ``raw``, > 0; the others do not look at it.

    Returns:
        Within each request never against the order of ``scores``; >= 0, and 0 where the list does not hold the item.
        Shape (requests, width).
    """
    is_listed = ~np.isnan(scores)
    found = np.zeros(scores.shape)
    rows = np.flatnonzero(is_listed.any(axis=1))
    if len(rows):
        found[rows] = np.where(is_listed[rows], SCALES[scale](scores[rows]), 0.0)
    if scale == RAW:
        found /= unit
    return found


def unit_of(scores: FloatArray) -> float:
    """What a model's highest scores are on average.

    Args:
        scores: NaN where a list does not hold the item. Shape (requests, width).

    Returns:
        > 0; 1 where no score is above 0.
    """
    rows = scores[~np.isnan(scores).all(axis=1)]
    mean = float(np.maximum(np.nanmax(rows, axis=1), 0.0).mean()) if len(rows) else 0.0
    return mean if mean > 0 else 1.0


def _max(scores: FloatArray) -> FloatArray:
    low = np.minimum(np.nanmin(scores, axis=1, keepdims=True), 0.0)
    width = np.nanmax(scores, axis=1, keepdims=True) - low
    return np.asarray((scores - low) / np.where(width > 0, width, 1.0))


def _raw(scores: FloatArray) -> FloatArray:
    return np.asarray(np.maximum(scores, 0.0))


def _z(scores: FloatArray) -> FloatArray:
    spread = np.nanstd(scores, axis=1, keepdims=True)
    low = np.nanmin(scores, axis=1, keepdims=True)
    return np.asarray(_BELOW + (scores - low) / np.where(spread > 0, spread, 1.0))


def _rank(scores: FloatArray) -> FloatArray:
    order = np.argsort(-scores, axis=1, kind="stable")
    ranks = np.empty(scores.shape)
    np.put_along_axis(ranks, order, np.arange(scores.shape[1], dtype=np.float64)[None, :], axis=1)
    return np.asarray(_RANK_OFFSET / (_RANK_OFFSET + ranks))


def _exp(scores: FloatArray) -> FloatArray:
    return np.asarray(np.exp(scores - np.nanmax(scores, axis=1, keepdims=True)))


SCALES: dict[str, Callable[[FloatArray], FloatArray]] = {"max": _max, "z": _z, "rank": _rank, "exp": _exp, RAW: _raw}
"""How a model's scores can be put on a common scale."""
