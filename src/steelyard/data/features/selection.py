"""Fewer columns: those that an L1 penalty leaves, or the directions in which the learning part varies most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from steelyard.domain import FloatArray, IntArray
from steelyard.errors import DataError

__all__ = ["Principal", "Selected", "select_l1"]

_STEPS = 2000
_TOLERANCE = 1e-7


@dataclass(frozen=True, slots=True)
class Selected:
    """What an L1 penalty left."""

    places: IntArray
    """Columns that are kept, in their order."""
    weights: FloatArray
    """Of all columns, on the scale that was given. Shape (columns,)."""
    strength: float


def select_l1(rows: FloatArray, target: FloatArray, *, strength: float) -> Selected:
    r"""Columns whose weight in a penalised logistic regression is not 0.

    .. math:: \min_{w, b} \frac{1}{n} \sum_i \ln(1 + e^{-(2 y_i - 1)(w \cdot x_i + b)}) + \lambda \lVert w \rVert_1

    Args:
        rows: The learning part on the scale of ``Standard``. Shape (rows, columns).
        target: 1 for yes, 0 for no. Shape (rows,).
        strength: :math:`\lambda`, >= 0, as a share of the smallest that leaves no column: 0 keeps all, 1 none.

    Returns:
        Deterministic: an accelerated proximal gradient from 0.

    Raises:
        DataError: There are no rows of one of the two, or a value is not a number.

    Source:
        Beck & Teboulle 2009, doi:10.1137/080716542.

    Trust:
        Of columns that say the same it keeps one, and which one is chance: what is left out is not without meaning.
    """
    if not np.isfinite(rows).all() or len(rows) == 0 or not 0 < target.mean() < 1:
        raise DataError(
            "columns are selected by rows of both outcomes whose values are numbers: fill or drop the others"
        )
    n, share = len(rows), float(target.mean())
    penalty = strength * float(np.abs(rows.T @ (target - share)).max()) / n * (1 + 1e-9)  # 1 leaves none
    rate = 4 * n / max(float(np.linalg.norm(rows, 2)) ** 2 + n, 1e-12)
    weights, bias = np.zeros(rows.shape[1]), float(np.log(share / (1 - share)))
    ahead, ahead_bias, pace = weights, bias, 1.0
    for _ in range(_STEPS):
        error = 1 / (1 + np.exp(-np.clip(rows @ ahead + ahead_bias, -500, 500))) - target
        stepped = ahead - rate * (rows.T @ error) / n
        fresh = np.sign(stepped) * np.maximum(np.abs(stepped) - rate * penalty, 0)
        fresh_bias = ahead_bias - rate * float(error.mean())
        next_pace = (1 + np.sqrt(1 + 4 * pace**2)) / 2
        push = (pace - 1) / next_pace
        ahead, ahead_bias = fresh + push * (fresh - weights), fresh_bias + push * (fresh_bias - bias)
        moved = max(float(np.abs(fresh - weights).max(initial=0)), abs(fresh_bias - bias))
        weights, bias, pace = fresh, fresh_bias, next_pace
        if moved < _TOLERANCE:
            break
    return Selected(np.flatnonzero(weights), weights, strength)


@dataclass(frozen=True, slots=True)
class Principal:
    """The directions in which the learning part varies most."""

    mean_: FloatArray
    """Shape (columns,)."""
    directions_: FloatArray
    """Shape (kept, columns), of length 1, the largest part of each positive."""
    explained_: FloatArray
    """Share of the variance of each. Shape (kept,)."""

    @classmethod
    def fit(cls, training: FloatArray, *, share: float = 0.95) -> Self:
        """Learn the directions.

        Args:
            training: Rows before the cut. Shape (rows, columns).
            share: So much of the variance is kept, in (0, 1].

        Returns:
            As few directions as explain the share; none where nothing varies.

        Raises:
            DataError: There is no row, or a value is not a number.
        """
        if not len(training) or not np.isfinite(training).all():
            raise DataError(
                "directions are learnt from training rows whose values are numbers: fill or drop the others"
            )
        mean = training.mean(axis=0)
        _, spread, directions = np.linalg.svd(training - mean, full_matrices=False)
        total = float((spread**2).sum())
        explained = spread**2 / total if total > 0 else np.zeros(0)
        n = int(np.searchsorted(explained.cumsum(), share - 1e-12) + 1) if total > 0 else 0
        kept = directions[:n]
        largest = np.abs(kept).argmax(axis=1) if n else np.zeros(0, np.int64)
        signs = np.sign(kept[np.arange(n), largest])
        return cls(mean, kept * signs[:, None], explained[:n])

    def apply(self, rows: FloatArray) -> FloatArray:
        """Any rows in these directions. Shape (rows, kept)."""
        turned: FloatArray = (rows - self.mean_) @ self.directions_.T
        return turned
