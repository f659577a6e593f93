"""Scores of all items as inner products with one vector; items may be kept in 8 bits with a scale each."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from steelyard.domain import FloatArray, VectorArray

__all__ = ["item_products"]

_AT_ONCE = 8_192
"""Items of 8 bits that are widened at a time: bounds memory to some megabytes, whatever the catalogue."""


def item_products(rows: npt.NDArray[Any], scales: npt.NDArray[np.float32] | None, wanted: VectorArray) -> FloatArray:
    """Inner product of each item with a vector.

    Args:
        rows: A vector of each item; whole numbers where there are scales. Shape (items, width).
        scales: What each item's numbers are multiplied by; None where they are floats already. Shape (items,).
        wanted: Shape (width,).

    Returns:
        Shape (items,).
    """
    if scales is None:
        return np.asarray(rows @ wanted, np.float64)
    found = np.empty(len(rows), np.float32)
    for start in range(0, len(found), _AT_ONCE):
        some = slice(start, start + _AT_ONCE)
        np.matmul(rows[some].astype(np.float32), wanted, out=found[some])
    found *= scales
    return found.astype(np.float64)
