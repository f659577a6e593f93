"""Vectors of products and queries on their first principal axes, and what they say of candidates.

Products that answer one query are alike. So what the best candidates by words have in common says which of the others
belong to them, and that asks for no encoder when a query comes: all vectors in question are the products' own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from steelyard.domain import FloatArray, IntArray, VectorArray
from steelyard.models.learned_ranking.title_features import Candidates, z_scores
from steelyard.models.text.encode import normalised

__all__ = ["AXES", "FEATURES", "QUERY_FEATURES", "Space", "fit_space"]

AXES = 128
"""At most so many."""
_FITTED_ON = 20_000
_HEADS = (5, 20)
_TEMPERATURE = 0.1

FEATURES = ("near_best_5", "near_best_5_z", "near_best_20", "near_best_20_z", "near_all", "near_all_z")
"""Columns that need no query vector."""
QUERY_FEATURES = ("cosine", "cosine_z", "cosine_below_best")
"""Columns that need one."""


@dataclass(frozen=True, slots=True)
class Space:
    """The shop's products in a space of few axes."""

    centre: VectorArray
    """Mean of the full vectors. Shape (full width,)."""
    axes: VectorArray
    """Shape (full width, width)."""
    vectors: npt.NDArray[np.float16]
    """Of each text, of length 1. Shape (texts, width)."""

    def project(self, vectors: VectorArray) -> VectorArray:
        """Full vectors on these axes, of length 1. Shape (rows, width)."""
        return normalised((vectors - self.centre) @ self.axes)

    def of(self, texts: IntArray) -> VectorArray:
        """Vectors of these texts. Shape (n, width), float32."""
        return self.vectors[texts].astype(np.float32)

    def features(self, candidates: Candidates, vectors: VectorArray) -> list[FloatArray]:
        """Columns of ``FEATURES``: how near each candidate is to the best ones, itself left out, and to all.

        Args:
            candidates: At least one.
            vectors: Theirs. Shape (n, width).

        Returns:
            Shape (n,) each.
        """
        trust = np.exp((candidates.scores - candidates.scores[0]) / (_TEMPERATURE * candidates.ceiling))
        columns: list[FloatArray] = []
        for n in _HEADS:
            share = np.zeros(len(trust))
            share[:n] = trust[:n] / trust[:n].sum()
            near = vectors @ (share[:n].astype(np.float32) @ vectors[:n])
            near = np.where(share < 0.999, (near - share) / np.maximum(1 - share, 1e-3), 0.0)
            columns += [near, z_scores(near)]
        overall = (vectors @ vectors.mean(axis=0)).astype(np.float64)
        return [*columns, overall, z_scores(overall)]

    @staticmethod
    def query_features(vectors: VectorArray, query: VectorArray) -> list[FloatArray]:
        """Columns of ``QUERY_FEATURES``.

        Args:
            vectors: Of the candidates. Shape (n, width), n >= 1.
            query: Shape (width,), projected.

        Returns:
            Shape (n,) each.
        """
        cosines = (vectors @ query).astype(np.float64)
        return [cosines, z_scores(cosines), cosines - cosines.max()]


def fit_space(vectors: VectorArray, *, width: int = AXES) -> Space:
    """The space of a shop's products.

    Args:
        vectors: By the full encoder. Shape (texts, full width), at least one row.
        width: Axes at most.

    Returns:
        With so many axes, or as many as the vectors have.
    """
    sample = vectors[:: max(1, len(vectors) // _FITTED_ON)].astype(np.float64)
    centre = sample.mean(axis=0)
    _, axes = np.linalg.eigh((sample - centre).T @ (sample - centre))
    axes = axes[:, ::-1][:, :width]
    largest = axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])]
    axes = (axes * np.where(largest < 0, -1.0, 1.0)).astype(np.float32)
    bare = Space(centre.astype(np.float32), axes, np.empty((0, axes.shape[1]), np.float16))
    return Space(bare.centre, bare.axes, bare.project(vectors).astype(np.float16))
