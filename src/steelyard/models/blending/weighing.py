r"""Weights of fused recommenders, fitted on validation cases.

.. math:: s(u, i) = \sum_m w_m \, \hat{s}_m(u, i), \qquad w_m \ge 0, \quad \sum_m w_m = 1

The start is smooth: the weights that make what was held back most likely under a softmax over the candidates. From
there each weight in turn is moved as long as NDCG@10 gains. Whether it helps is for other users to say (``choosing``).

Source:
    Bruch, Gai & Ingber 2023, "An Analysis of Fusion Functions for Hybrid Retrieval", doi:10.1145/3596512.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from steelyard.domain import FloatArray, IntArray
from steelyard.models.blending.pool import Pool, scaled

__all__ = ["Judged", "Material", "Weighed", "equal_weights", "fit_weights", "material_of"]

K = 10
_STEPS = (0.0, 0.5, 0.75, 0.9, 1.1, 1.33, 2.0)
"""What a weight is multiplied by, in search of a better one."""
_MOST_PASSES = 6
_LEAST_GAIN = 1e-6
_NEXT_TO_NOTHING = 1e-3
_ATTEMPT = 0.1
"""A weight of next to nothing is tried at so much, times a step."""
_CONTENDERS = 256
"""Candidates of a request that are looked at while weights are moved: no other comes among the first ten."""
_ITERATIONS = 40
_PENALTY = 1e-3
"""On squared weights before they are made to sum to 1: without it separable cases would drive them to infinity."""


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Where the right candidates of some requests stand, and what they are worth."""

    rows: IntArray
    """Request of each right candidate, ascending. Shape (right,)."""
    columns: IntArray
    """Its place. Shape (right,)."""
    gains: FloatArray
    """> 0. Shape (right,)."""
    ideal: FloatArray
    """Discounted gain of each request's best possible list, > 0. Shape (requests,)."""

    @classmethod
    def of(cls, gains: FloatArray, ideal: FloatArray) -> Judged:
        """From a table of what each candidate is worth. Shape (requests, width)."""
        rows, columns = np.nonzero(gains)
        return cls(rows, columns, gains[rows, columns], ideal)

    def ndcg(self, scores: npt.NDArray[Any]) -> FloatArray:
        """NDCG@10 of each request.

        Args:
            scores: -inf in places without a candidate. Shape (requests, width).

        Returns:
            Ties go to the first place, which is the lower item number. Shape (requests,).
        """
        own = scores[self.rows, self.columns]
        n_others = scores.shape[1] - K
        least = np.partition(scores, n_others, axis=1)[:, n_others] if n_others > 0 else np.full(len(scores), -np.inf)
        near = np.flatnonzero(own >= least[self.rows])  # all others stand behind the first K
        lists, at, columns = scores[self.rows[near]], own[near][:, None], self.columns[near][:, None]
        is_first = np.arange(scores.shape[1])[None, :] < columns
        ranks = np.full(len(own), K)
        ranks[near] = np.count_nonzero((lists > at) | ((lists == at) & is_first), axis=1)
        values = np.where(ranks < K, self.gains / np.log2(ranks + 2.0), 0.0)
        return np.asarray(np.bincount(self.rows, values, minlength=len(scores)) / self.ideal)


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """What weights are fitted to: scaled scores of candidates, and what each is worth."""

    scores: npt.NDArray[np.float32]
    """Shape (models, requests, width), >= 0."""
    gains: FloatArray
    """Shape (requests, width), >= 0."""
    ideal: FloatArray
    """Discounted gain of each request's best possible list, > 0. Shape (requests,)."""
    is_there: npt.NDArray[np.float32]
    """0 where a row holds a candidate, else -inf. Shape (requests, width)."""

    def of(self, rows: IntArray) -> Material:
        """The same of some requests."""
        return Material(self.scores[:, rows], self.gains[rows], self.ideal[rows], self.is_there[rows])

    def contenders(self, fused: npt.NDArray[np.float32], *, most: int) -> Material:
        """The same of the candidates that stand highest, and of all that are worth anything as far as there is room.

        Args:
            fused: As ``fused`` gives it, with weights near those that are looked for. Shape (requests, width).
            most: Candidates of each request.

        Returns:
            In the order of their places.
        """
        if fused.shape[1] <= most:
            return self
        is_right = self.gains > 0
        order = np.where(is_right, fused + np.float32(2 * np.abs(fused[np.isfinite(fused)]).max(initial=1.0)), fused)
        places = np.sort(np.argpartition(-order, most - 1, axis=1)[:, :most], axis=1)
        scores = np.stack([np.take_along_axis(each, places, axis=1) for each in self.scores])
        gains = np.take_along_axis(self.gains, places, axis=1)
        return Material(scores, gains, self.ideal, np.take_along_axis(self.is_there, places, axis=1))

    def fused(self, weights: FloatArray) -> npt.NDArray[np.float32]:
        """Weighted sums; -inf in places without a candidate. Shape (requests, width)."""
        n, *shape = self.scores.shape
        sums = weights.astype(np.float32) @ self.scores.reshape(n, -1)
        return np.asarray(sums.reshape(shape) + self.is_there)

    def ndcg(self, weights: FloatArray) -> FloatArray:
        """NDCG@10 of each request under these weights; 0 where no candidate is worth anything. Shape (requests,)."""
        return Judged.of(self.gains, self.ideal).ndcg(self.fused(weights))


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """Fitted weights."""

    weights: FloatArray
    """Of each model, >= 0, their sum 1. Shape (models,)."""
    sharpness: float
    """Inverse temperature of the softmax at the start; 0 where nothing was fitted."""


def material_of(
    pool: Pool, scales: Sequence[str], gains: FloatArray, ideal: FloatArray, *, units: Sequence[float]
) -> Material:
    """What weights are fitted to.

    Args:
        pool: Candidates.
        scales: Of each model.
        gains: Of each candidate. Shape (requests, width).
        ideal: Of each request, > 0. Shape (requests,).
        units: Of each model, as ``unit_of`` gives them.

    Returns:
        The scores scaled.
    """
    pairs = zip(pool.scores, scales, units, strict=True)
    columns = [scaled(scores, scale, unit=unit) for scores, scale, unit in pairs]
    is_there = np.where(pool.is_there, 0.0, -np.inf).astype(np.float32)
    return Material(np.stack(columns).astype(np.float32), gains, ideal, is_there)


def equal_weights(n: int) -> FloatArray:
    """The same weight for each of ``n`` models."""
    return np.full(n, 1 / max(n, 1))


def fit_weights(material: Material) -> Weighed:
    """The weights with the best NDCG@10 that is found from a smooth start.

    Args:
        material: At least one model.

    Returns:
        Equal weights where no candidate is worth anything.
    """
    n = len(material.scores)
    useful = material.of(np.flatnonzero(material.gains.any(axis=1)))
    if not len(useful.ideal):
        return Weighed(equal_weights(n), 0.0)
    start = _smooth(useful)
    total = float(start.sum())
    weights = start / total if total > 0 else equal_weights(n)
    return Weighed(_climbed(useful, weights), total)


def _smooth(material: Material) -> FloatArray:
    """Weights, not summing to 1, under which the right candidates are most likely."""
    from scipy.optimize import minimize  # noqa: PLC0415 - only fitting needs it; a server that loads it starts later

    n = len(material.scores)
    flat = material.scores.reshape(n, -1)
    targets = material.gains / material.gains.sum(axis=1, keepdims=True)
    wanted = (flat @ targets.ravel().astype(np.float32)).astype(np.float64)

    def loss(weights: FloatArray) -> tuple[float, FloatArray]:
        scores = material.fused(weights)
        highest = scores.max(axis=1, keepdims=True)
        shares = np.exp(scores - highest)
        sums = shares.sum(axis=1, keepdims=True)
        value = float((np.log(sums) + highest).sum(dtype=np.float64) - wanted @ weights)
        slope = (flat @ (shares / sums).ravel()).astype(np.float64) - wanted
        rows = len(targets)
        return value / rows + _PENALTY * float(weights @ weights), slope / rows + 2 * _PENALTY * weights

    start, bounds = np.ones(n), [(0.0, None)] * n
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": _ITERATIONS})
    return np.asarray(found.x, np.float64)


def _climbed(material: Material, weights: FloatArray) -> FloatArray:
    """From these weights, each in turn moved as long as mean NDCG@10 gains."""
    material = material.contenders(material.fused(weights), most=_CONTENDERS)
    judged, found, fused = Judged.of(material.gains, material.ideal), weights.copy(), material.fused(weights)
    best = float(judged.ndcg(fused).mean())
    for _ in range(_MOST_PASSES):
        before = best
        for model, step in product(range(len(found)), _STEPS):
            moved = step * found[model] if found[model] > _NEXT_TO_NOTHING else _ATTEMPT * step
            tried = fused + np.float32(moved - found[model]) * material.scores[model]
            value = float(judged.ndcg(tried).mean())
            if value > best + _LEAST_GAIN and (moved > 0 or np.count_nonzero(found) > 1):
                best, fused, found[model] = value, tried, moved
        if best <= before:
            break
    return np.asarray(found / found.sum())
