r"""Factors by weighted least squares, many rows at a time, exactly: one half of an alternation, and new users' factors.

For a row with the columns S of confidences c, against the factors Y of all columns,

.. math:: x = (Y^T Y + \lambda I + Y_S^T D Y_S)^{-1} Y_S^T c, \quad D = diag(c - 1)

With the eigenvectors Q of :math:`Y^T Y` as axes :math:`A = Y^T Y + \lambda I` is diagonal, and by Woodbury's identity

.. math:: x = A^{-1} Y_S^T w, \quad (I + D Y_S A^{-1} Y_S^T) w = c

which is a system as large as the row is long, not as wide as the factors. Rows longer than the width are solved as they
stand. Rows of about one length are solved together, padded with columns of zeros, which change nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from steelyard.domain import FloatArray, IntArray

__all__ = ["Rows", "Solver"]

_NUMBERS_AT_ONCE = 2_000_000
"""Numbers in the largest array of one batch of rows: some 8 MB."""
_GROWTH = 1.2
"""Rows are padded by so much at most."""


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Columns of each row, with confidences, in compressed rows."""

    starts: IntArray
    """Shape (rows + 1,): row i is [starts[i], starts[i + 1])."""
    columns: IntArray
    """Shape (cells,)."""
    confidences: npt.NDArray[np.float32]
    """Shape (cells,), >= 1."""

    @property
    def lengths(self) -> IntArray:
        """Columns of each row. Shape (rows,)."""
        return np.asarray(np.diff(self.starts), np.int64)


class Solver:
    """Solves rows against the factors of the columns.

    Args:
        factors: Of the columns. Shape (columns, width), float32.
    """

    def __init__(self, factors: npt.NDArray[np.float32]) -> None:
        gram = (factors.T @ factors).astype(np.float64)
        sizes, axes = np.linalg.eigh(gram)
        self._sizes = np.maximum(sizes, 0.0)
        self._axes = axes
        turned = (factors @ axes).astype(np.float32)
        self._turned = np.vstack([turned, np.zeros((1, turned.shape[1]), np.float32)])

    def solve(self, rows: Rows, ridges: FloatArray) -> npt.NDArray[np.float32]:
        r"""Factors of many rows.

        Args:
            rows: What is known of each.
            ridges: :math:`\lambda` of each, > 0. Shape (rows,).

        Returns:
            Shape (rows, width); zeros for a row without columns.
        """
        width = self._turned.shape[1]
        solved = np.zeros((len(ridges), width), np.float32)
        for places, length in _alike(rows.lengths, width):
            columns, confidences = self._padded(rows, places, length)
            systems = (self._sizes + ridges[places][:, None]).astype(np.float32)
            known = self._turned[columns]
            found = _short(known, confidences, systems) if length <= width else _long(known, confidences, systems)
            solved[places] = found
        return np.asarray(solved @ self._axes.T.astype(np.float32), np.float32)

    def solve_one(self, columns: IntArray, confidences: FloatArray, *, ridge: float) -> FloatArray:
        """Factors of one row, in 64 bits: the same whatever else is asked at the time.

        Args:
            columns: Each once. Shape (columns,), at least one.
            confidences: Shape (columns,), >= 1.
            ridge: > 0.

        Returns:
            Shape (width,).
        """
        known = self._turned[columns].astype(np.float64)
        system = self._sizes + ridge
        if len(columns) <= len(system):
            through = known / system
            inner = (confidences - 1)[:, None] * (through @ known.T)
            inner[np.diag_indices_from(inner)] += 1.0
            found = np.linalg.solve(inner, confidences) @ through
        else:
            whole = (known * (confidences - 1)[:, None]).T @ known
            whole[np.diag_indices_from(whole)] += system
            found = np.linalg.solve(whole, confidences @ known)
        return np.asarray(self._axes @ found, np.float64)

    def _padded(self, rows: Rows, places: IntArray, length: int) -> tuple[IntArray, npt.NDArray[np.float32]]:
        within = np.arange(length)
        is_cell = within < rows.lengths[places][:, None]
        cells = np.where(is_cell, rows.starts[places][:, None] + within, 0)
        columns = np.where(is_cell, rows.columns[cells], len(self._turned) - 1)
        return columns, np.where(is_cell, rows.confidences[cells], np.float32(1.0))


def _short(
    known: npt.NDArray[np.float32], confidences: npt.NDArray[np.float32], systems: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    through = known / systems[:, None, :]
    inner = through @ known.transpose(0, 2, 1)
    inner *= (confidences - 1)[:, :, None]
    diagonal = np.arange(inner.shape[1])
    inner[:, diagonal, diagonal] += 1
    weights = np.linalg.solve(inner, confidences[:, :, None])
    return np.asarray((weights.transpose(0, 2, 1) @ through)[:, 0], np.float32)


def _long(
    known: npt.NDArray[np.float32], confidences: npt.NDArray[np.float32], systems: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    whole = known.transpose(0, 2, 1) @ (known * (confidences - 1)[:, :, None])
    diagonal = np.arange(whole.shape[1])
    whole[:, diagonal, diagonal] += systems
    wanted = (confidences[:, None, :] @ known)[:, 0]
    return np.asarray(np.linalg.solve(whole, wanted[:, :, None])[:, :, 0], np.float32)


def _alike(lengths: IntArray, width: int) -> Iterator[tuple[IntArray, int]]:
    """Rows of about one length, some at a time, and the length they are padded to; without rows that have no column."""
    longest, bounds = int(lengths.max(initial=0)), [1]
    while bounds[-1] < longest:
        bounds.append(max(bounds[-1] + 1, int(bounds[-1] * _GROWTH)))
    group = np.searchsorted(bounds, lengths)
    order = np.argsort(group, kind="stable")
    order = order[lengths[order] > 0]
    ends = np.searchsorted(group[order], np.arange(len(bounds)), side="right")
    begin = 0
    for bound, end in zip(bounds, ends.tolist(), strict=True):
        step = max(1, _NUMBERS_AT_ONCE // (bound * width + min(bound, width) ** 2))
        for low in range(begin, end, step):
            yield order[low : min(low + step, end)], bound
        begin = max(begin, end)
