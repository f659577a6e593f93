r"""A static encoder: one vector for each token, no network left. A text's vector is the mean of its tokens'.

It starts from the full encoder's output for every token alone, on principal axes, common tokens weighed down, and
mapped so that means of tokens come near the full encoder's vectors of the same texts. Then the token vectors
themselves are fitted, still in closed form: with B the share of each token in each text,

.. math:: \min_W \; \lVert B (E + W) + b - Y \rVert^2 + \lambda \lVert W \rVert^2

so a token seen often in the shop's texts gets the meaning it has there, and one never seen keeps the general one.
The result answers in the full encoder's space, and its queries are asked among the full encoder's product vectors.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from steelyard.compression.prune import fit_projection
from steelyard.domain import IntArray, State, VectorArray
from steelyard.models.text.encode import normalised, sif_weights

__all__ = ["RIDGE", "SMOOTHING", "fit_static", "fitted_tokens", "principal"]

SMOOTHING = 1e-3
"""Constant of smooth inverse frequency."""
RIDGE = 0.2
"""Weight of a token's general meaning: that of one text of two tokens seen about once."""
_STEPS = 15
_ENOUGH = 1e-4


def principal(vectors: VectorArray, *, width: int) -> VectorArray:
    """Vectors on their first principal axes, centred.

    Args:
        vectors: Shape (rows, full width).
        width: Axes to keep; no more than the full width.

    Returns:
        Shape (rows, min(width, full width)), float32. The sign of an axis is such that its largest part is positive.
    """
    centred = np.asarray(vectors, np.float64) - vectors.mean(axis=0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    axes = axes[:, ::-1][:, :width]
    largest = axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])]
    return np.asarray(centred @ (axes * np.sign(largest)), np.float32)


def fit_static(
    token_vectors: VectorArray,
    counts: IntArray,
    *,
    ids: Sequence[Sequence[int]],
    target: VectorArray,
    width: int,
    seed: int,
) -> State:
    """A static encoder whose vectors live in the full encoder's space.

    Args:
        token_vectors: The full encoder's output for every token alone. Shape (tokens, full width).
        counts: Occurrences of each token in the catalogue. Shape (tokens,).
        ids: Token numbers of the texts to fit on, without marks.
        target: The full encoder's vectors of these texts. Shape (texts, full width).
        width: Principal axes of the token vectors that are kept before the map.
        seed: Of the held-out texts that choose the map's ridge.

    Returns:
        Arrays ``tokens`` (tokens, full width) in 16 bits and ``bias`` (full width,). Facts: ``smoothing``, ``ridge``,
        ``axes``, ``width``, and how many texts it was fitted on.
    """
    weights = sif_weights(counts, smoothing=SMOOTHING)[:, None]
    start = np.asarray(principal(normalised(token_vectors), width=width) * weights, np.float32)
    bags = _bags(ids, n_tokens=len(start))
    projection, _ = fit_projection(np.asarray(bags @ start, np.float32), target, seed=seed)
    tokens = fitted_tokens(start @ projection.matrix, bags, target=target - projection.bias, ridge=RIDGE)
    arrays: dict[str, npt.NDArray[Any]] = {"tokens": np.asarray(tokens, np.float16), "bias": projection.bias}
    facts = {"smoothing": SMOOTHING, "ridge": RIDGE, "axes": int(start.shape[1]), "n_fitted_on": len(ids)}
    return State(arrays, {**facts, "width": int(target.shape[1])})


def fitted_tokens(start: VectorArray, bags: sparse.csr_array, *, target: VectorArray, ridge: float) -> VectorArray:
    """Token vectors whose means are near the target, and which are near where they started: the module's formula.

    Solved by conjugate gradients, all columns at once, preconditioned with the diagonal.

    Args:
        start: Shape (tokens, width).
        bags: Share of each token in each text, rows adding up to 1 (to 0 for a text without tokens). Shape
            (texts, tokens).
        target: Shape (texts, width).
        ridge: The λ of the formula, > 0.

    Returns:
        Shape (tokens, width), float32; tokens that no text holds are as they were.
    """
    used = np.flatnonzero(np.bincount(bags.indices[bags.data != 0], minlength=bags.shape[1]))
    part = bags[:, used].tocsr().astype(np.float32)
    back = part.T.tocsr()
    diagonal = np.asarray(part.multiply(part).sum(axis=0)).ravel()[:, None] + np.float32(ridge)
    residual = back @ np.asarray(target - bags @ start, np.float32)
    goal = float(np.linalg.norm(residual)) * _ENOUGH
    change = np.zeros_like(residual)
    scaled = residual / diagonal
    direction = scaled
    energy = np.sum(residual * scaled, axis=0)
    for _ in range(_STEPS):
        if float(np.linalg.norm(residual)) <= goal:
            break
        moved = back @ (part @ direction) + np.float32(ridge) * direction
        step = _ratio(energy, np.sum(direction * moved, axis=0))
        change = change + step * direction
        residual = residual - step * moved
        scaled = residual / diagonal
        before, energy = energy, np.sum(residual * scaled, axis=0)
        direction = scaled + _ratio(energy, before) * direction
    result = np.array(start, np.float32)
    result[used] += change
    return result


def _bags(ids: Sequence[Sequence[int]], *, n_tokens: int) -> sparse.csr_array:
    lengths = np.array([len(row) for row in ids], np.int64)
    columns = np.concatenate([np.asarray(row, np.int64) for row in ids]) if len(ids) else np.empty(0, np.int64)
    shares = np.repeat(1.0 / np.maximum(lengths, 1), lengths).astype(np.float32)
    rows = np.repeat(np.arange(len(ids)), lengths)
    return sparse.csr_array((shares, (rows, columns)), shape=(len(ids), n_tokens))


def _ratio(above: npt.NDArray[np.float32], below: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Quotient of each column, 0 where a column is solved already."""
    return np.asarray(np.where(below > 0, above / np.where(below > 0, below, 1), 0), np.float32)
