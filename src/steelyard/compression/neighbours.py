"""Item neighbours made small: fewer neighbours, 8-bit strengths, item numbers as short as they can be."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from steelyard.domain import State
from steelyard.models.retrieval.links import Links, strongest

__all__ = ["prune_neighbours"]

_LARGEST_CODE = 255


def prune_neighbours(state: State, *, n: int, bits: int) -> State:
    """The strongest ``n`` neighbours of each item, with strengths as 8-bit shares of the row's strongest.

    Args:
        state: What ``ItemNeighbours.state`` gave, whole or pruned before.
        n: Neighbours kept, >= 1; of equally strong ones those with the lower number.
        bits: 8. A strength becomes round(255 x strength / strongest), at least 1, and is read back with an
            error of at most 1/510 of the row's strongest (1/255 for the faintest).

    Returns:
        A state that ``ItemNeighbours.from_state`` reads; item numbers take 2 bytes up to 65,536 items, else 4.

    Raises:
        ValueError: ``n`` < 1, or ``bits`` is not 8.
    """
    if n < 1:
        raise ValueError(f"n must be at least 1, got {n}: without neighbours nothing can be recommended")
    if bits != 8:
        raise ValueError(f"bits must be 8, got {bits}: strengths are stored as bytes")
    links = Links.from_state(state)
    values = _values(links)
    kept = np.flatnonzero(_kept(values, links, n))
    starts = np.searchsorted(kept, links.starts).astype(np.int64)
    values = values[kept]
    scales = _largest(values, starts) / _LARGEST_CODE
    codes = np.rint(values / np.repeat(scales, starts[1:] - starts[:-1]))
    small = Links(
        starts.astype(np.int32),
        links.neighbours[kept].astype(np.uint16 if links.n_rows <= 1 << 16 else np.int32),
        np.clip(codes, 1, _LARGEST_CODE).astype(np.uint8),
        scales.astype(np.float32),
    )
    return State(small.arrays(), {**state.facts, "max_neighbours": n, "bits": bits})


def _values(links: Links) -> npt.NDArray[np.float32]:
    """Strengths times the scales of their rows; the strengths themselves where they are stored as they are."""
    if (links.scales == 1).all():
        return links.strengths
    return np.asarray(links.strengths * np.repeat(links.scales, links.starts[1:] - links.starts[:-1]), np.float32)


def _kept(values: npt.NDArray[np.float32], links: Links, n: int) -> npt.NDArray[np.bool_]:
    kept = np.ones(len(values), np.bool_)
    for row in np.flatnonzero(np.diff(links.starts) > n).tolist():
        inside = slice(int(links.starts[row]), int(links.starts[row + 1]))
        kept[inside] = strongest(values[inside], n)
    return kept


def _largest(values: npt.NDArray[np.float32], starts: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
    """Largest value of each row; 1 for an empty row. Shape (rows,)."""
    largest = np.ones(len(starts) - 1, np.float32)
    is_filled = np.diff(starts) > 0
    if is_filled.any():
        largest[is_filled] = np.maximum.reduceat(values, starts[:-1][is_filled])
    return largest
