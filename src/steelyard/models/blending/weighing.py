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

import numpy as np
import numpy.typing as npt

from steelyard.domain import FloatArray, IntArray
from steelyard.models.blending.pool import Pool, scaled
from steelyard.models.retrieval.shortlists import best_places

__all__ = ["Material", "Weighed", "equal_weights", "fit_weights", "material_of"]

K = 10
_STEPS = (0.0, 0.5, 0.75, 0.9, 1.1, 1.33, 2.0)
"""What a weight is multiplied by, in search of a better one."""
_MOST_PASSES = 6
_LEAST_GAIN = 1e-6
_PENALTY = 1e-3
"""On squared weights before they are made to sum to 1: without it separable cases would drive them to infinity."""


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """What weights are fitted to: scaled scores of candidates, and what each is worth."""

    scores: npt.NDArray[np.float32]
    """Shape (requests, width, models), >= 0."""
    gains: FloatArray
    """Shape (requests, width), >= 0."""
    ideal: FloatArray
    """Discounted gain of each request's best possible list, > 0. Shape (requests,)."""
    is_there: FloatArray
    """0 where a row holds a candidate, else -inf. Shape (requests, width)."""

    def of(self, rows: IntArray) -> Material:
        """The same of some requests."""
        return Material(self.scores[rows], self.gains[rows], self.ideal[rows], self.is_there[rows])

    def ndcg(self, weights: FloatArray) -> FloatArray:
        """NDCG@10 of each request under these weights; 0 where no candidate is worth anything. Shape (requests,)."""
        return ndcg_of(self.scores @ weights + self.is_there, self.gains, self.ideal)


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """Fitted weights."""

    weights: FloatArray
    """Of each model, >= 0, their sum 1. Shape (models,)."""
    sharpness: float
    """Inverse temperature of the softmax at the start; 0 where nothing was fitted."""


def material_of(pool: Pool, scales: Sequence[str], gains: FloatArray, ideal: FloatArray) -> Material:
    """What weights are fitted to.

    Args:
        pool: Candidates.
        scales: Of each model.
        gains: Of each candidate. Shape (requests, width).
        ideal: Of each request, > 0. Shape (requests,).

    Returns:
        The scores scaled.
    """
    columns = [scaled(scores, scale) for scores, scale in zip(pool.scores, scales, strict=True)]
    is_there = np.where(pool.is_there, 0.0, -np.inf)
    return Material(np.stack(columns, axis=2).astype(np.float32), gains, ideal, is_there)


def ndcg_of(scores: FloatArray, gains: FloatArray, ideal: FloatArray) -> FloatArray:
    """NDCG@10 of each request.

    Args:
        scores: -inf in places without a candidate. Shape (requests, width).
        gains: 0 in places without a candidate. Shape (requests, width).
        ideal: Discounted gain of the best possible list, > 0. Shape (requests,).

    Returns:
        Ties go to the first place, which is the lower item number. Shape (requests,).
    """
    values = np.zeros(len(scores))
    useful = np.flatnonzero(gains.any(axis=1))
    if len(useful):
        k = min(K, scores.shape[1])
        top = best_places(scores[useful], k=k)
        shown = np.take_along_axis(gains[useful], top, axis=1)
        values[useful] = shown @ (1 / np.log2(np.arange(2, k + 2))) / ideal[useful]
    return values


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
    n = material.scores.shape[2]
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

    n = material.scores.shape[2]
    targets = material.gains / material.gains.sum(axis=1, keepdims=True)
    wanted = np.einsum("rw,rwm->m", targets, material.scores)

    def loss(weights: FloatArray) -> tuple[float, FloatArray]:
        scores = material.scores @ weights + material.is_there
        highest = scores.max(axis=1, keepdims=True)
        shares = np.exp(scores - highest)
        sums = shares.sum(axis=1, keepdims=True)
        value = float((np.log(sums) + highest).sum() - wanted @ weights)
        slope = np.einsum("rw,rwm->m", shares / sums, material.scores) - wanted
        rows = len(targets)
        return value / rows + _PENALTY * float(weights @ weights), slope / rows + 2 * _PENALTY * weights

    found = minimize(loss, np.ones(n), jac=True, method="L-BFGS-B", bounds=[(0.0, None)] * n, options={"maxiter": 60})
    return np.asarray(found.x, np.float64)


def _climbed(material: Material, weights: FloatArray) -> FloatArray:
    """From these weights, each in turn moved as long as mean NDCG@10 gains."""
    best = float(material.ndcg(weights).mean())
    for _ in range(_MOST_PASSES):
        before = best
        for model in range(len(weights)):
            for step in _STEPS:
                tried = _moved(weights, model, step)
                if tried is None:
                    continue
                value = float(material.ndcg(tried).mean())
                if value > best + _LEAST_GAIN:
                    best, weights = value, tried
        if best <= before:
            break
    return weights


def _moved(weights: FloatArray, model: int, step: float) -> FloatArray | None:
    """Weights with one multiplied, their sum 1 again; one of next to nothing is tried at a tenth."""
    tried = weights.copy()
    tried[model] = step * weights[model] if weights[model] > 1e-3 else 0.1 * step
    total = float(tried.sum())
    return tried / total if total > 0 else None
