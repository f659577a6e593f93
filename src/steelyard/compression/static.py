"""A static encoder: one vector for each token, no network left. A text's vector is the weighted mean of its tokens'.

The token vectors come from running the full encoder once over its vocabulary; tokens that the catalogue repeats
everywhere weigh less; a linear map then brings the means near the full encoder's vectors of the same texts. So its
queries are asked among the full encoder's product vectors, which retrieved better than means asked among means.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from steelyard.compression.prune import fit_projection
from steelyard.domain import IntArray, State, VectorArray
from steelyard.models.text.encode import bag_means, normalised, sif_weights

__all__ = ["SMOOTHING", "fit_static", "principal"]

SMOOTHING = 1e-3
"""Constant of smooth inverse frequency."""


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
        seed: Of the held-out texts.

    Returns:
        Arrays ``tokens`` (tokens, full width) in 16 bits, weights and map multiplied in, and ``bias`` (full width,).
        Facts: ``smoothing``, ``axes``, ``width``.
    """
    weights = sif_weights(counts, smoothing=SMOOTHING)[:, None]
    tokens = np.asarray(principal(normalised(token_vectors), width=width) * weights, np.float32)
    projection, _ = fit_projection(bag_means(tokens, ids), target, seed=seed)
    arrays: dict[str, npt.NDArray[Any]] = {
        "tokens": np.asarray(tokens @ projection.matrix, np.float16),
        "bias": projection.bias,
    }
    return State(arrays, {"smoothing": SMOOTHING, "axes": int(tokens.shape[1]), "width": int(target.shape[1])})
