"""Weighted links from each item to its neighbours, in compressed rows: how neighbour models are stored and read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt

from steelyard.domain import FloatArray, IntArray, State

if TYPE_CHECKING:
    from scipy import sparse  # only learning needs it, and it takes a server a second to load

__all__ = ["Links", "blocks", "capped", "strongest"]


_SUMMED_WHOLE = 16


@dataclass(frozen=True, slots=True)
class Links:
    """Neighbours of each item, row by row; within a row the neighbours' numbers ascend."""

    starts: npt.NDArray[Any]
    """Shape (rows + 1,), integers: row i is [starts[i], starts[i + 1])."""
    neighbours: npt.NDArray[Any]
    """Shape (links,), item numbers, of any integer type that holds them."""
    strengths: npt.NDArray[Any]
    """Shape (links,): float32, or 8-bit codes to be multiplied by the row's scale."""
    scales: npt.NDArray[np.float32]
    """Shape (rows,); 1 where strengths are stored as they are."""

    @property
    def n_rows(self) -> int:
        """How many items have a row."""
        return len(self.starts) - 1

    def parts(self, sources: IntArray, weights: FloatArray) -> tuple[npt.NDArray[Any], FloatArray, IntArray]:
        """Rows of the sources end to end, each times its weight.

        Args:
            sources: Row numbers; one may occur several times. Shape (sources,).
            weights: Shape (sources,).

        Returns:
            Neighbours and weighted strengths, shapes (links,), and the length of each source's row, shape (sources,).
        """
        begins = self.starts[sources].astype(np.int64)
        lengths = self.starts[sources + 1] - begins
        ends = np.cumsum(lengths)
        total = int(ends[-1]) if len(ends) else 0
        places = np.arange(total) + np.repeat(begins - ends + lengths, lengths)
        factors = np.repeat(weights * self.scales[sources], lengths)
        return self.neighbours[places], self.strengths[places] * factors, lengths

    def totals(self, sources: IntArray, weights: FloatArray) -> tuple[IntArray, FloatArray]:
        """Sum of the weighted rows; work and memory grow with the links read, not with the catalogue.

        Args:
            sources: As for ``parts``.
            weights: As for ``parts``.

        Returns:
            Neighbours, ascending, each once, and their sums. Shapes (neighbours,).
        """
        ids, values, _ = self.parts(sources, weights)
        if not len(ids):
            return np.empty(0, np.int64), np.empty(0)
        if self.n_rows <= _SUMMED_WHOLE * len(ids):
            # Of as many links as a good part of the catalogue the sums of all items are made sooner than a sorted list.
            # Each is added up in the same order, so that both ways give the same bits.
            sums = np.bincount(ids, weights=values, minlength=self.n_rows)
            reached = np.zeros(len(sums), np.bool_)
            reached[ids] = True
            found = np.flatnonzero(reached)
            return found, np.asarray(sums[found], np.float64)
        # Sorting number and place packed in one integer is four times as fast as a stable argsort.
        packed: IntArray = (ids.astype(np.int64) << 32) | np.arange(len(ids))
        packed.sort()
        found, places = packed >> 32, packed & 0xFFFFFFFF
        is_first = np.concatenate(([True], found[1:] != found[:-1]))
        sums = np.bincount(np.cumsum(is_first) - 1, weights=values[places])
        return found[is_first], np.asarray(sums, dtype=np.float64)

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """The arrays by name, for a ``State``."""
        return {
            "starts": self.starts,
            "neighbours": self.neighbours,
            "strengths": self.strengths,
            "scales": self.scales,
        }

    @classmethod
    def from_state(cls, state: State) -> Self:
        """Back from the arrays of a ``State``."""
        arrays = state.arrays
        return cls(arrays["starts"], arrays["neighbours"], arrays["strengths"], arrays["scales"])

    @classmethod
    def stack(cls, rows: Iterator[sparse.csr_array]) -> Self:
        """Blocks of rows, one under the other, as float32."""
        starts, neighbours, strengths = [np.zeros(1, np.int64)], [np.empty(0, np.int32)], [np.empty(0, np.float32)]
        for block in rows:
            starts.append(block.indptr[1:].astype(np.int64) + starts[-1][-1])
            neighbours.append(block.indices.astype(np.int32))
            strengths.append(block.data.astype(np.float32))
        ends, numbers = np.concatenate(starts), np.concatenate(neighbours)
        neighbours.clear()  # before the next are joined, so that only one array is held twice
        return cls(ends, numbers, np.concatenate(strengths), np.ones(len(ends) - 1, np.float32))


def strongest(values: npt.NDArray[Any], n: int) -> npt.NDArray[np.bool_]:
    """Marks the ``n`` largest of a row; of equal values the first ones are kept. Shape (values,)."""
    if len(values) <= n:
        return np.ones(len(values), np.bool_)
    cut = np.partition(values, len(values) - n)[len(values) - n]
    kept: npt.NDArray[np.bool_] = values > cut
    kept[np.flatnonzero(values == cut)[: n - int(kept.sum())]] = True
    return kept


def capped(rows: sparse.csr_array, n: int | None) -> sparse.csr_array:
    """The strongest ``n`` positive values of each row, in ascending order of column; changes ``rows`` in place.

    Args:
        rows: Values >= 0; zeros are dropped.
        n: ``None`` keeps all.

    Returns:
        ``rows``.
    """
    rows.sort_indices()
    if n is not None:
        for row in np.flatnonzero(np.diff(rows.indptr) > n).tolist():
            values = rows.data[rows.indptr[row] : rows.indptr[row + 1]]
            values[~strongest(values, n)] = 0.0
    rows.eliminate_zeros()
    return rows


def blocks(work: FloatArray, *, limit: int) -> list[tuple[int, int]]:
    """Runs of rows to be computed at a time.

    Args:
        work: Cost of each row. Shape (rows,), >= 0.
        limit: A run's rows cost about so much together; a dearer row has a run of its own at most with its
            neighbours.

    Returns:
        First row and end of each run, in order, covering all rows.
    """
    steps = (np.cumsum(work) // limit).astype(np.int64)
    bounds = [0, *(np.flatnonzero(np.diff(steps)) + 1).tolist(), len(work)]
    return [(low, high) for low, high in pairwise(bounds) if high > low]
