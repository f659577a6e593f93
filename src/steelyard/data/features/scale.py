"""Numbers on a common scale. The scale is learnt from the training rows alone and used on all others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from steelyard.domain import FloatArray
from steelyard.errors import DataError

__all__ = ["Standard"]


@dataclass(frozen=True, slots=True)
class Standard:
    """Mean and deviation of each column of the training rows."""

    mean_: FloatArray
    """Shape (columns,)."""
    deviation_: FloatArray
    """Shape (columns,), > 0; 1 where a column does not vary, so that it becomes 0."""

    @classmethod
    def fit(cls, training: FloatArray) -> Self:
        """Learn the scale.

        Args:
            training: Rows before the cut, see ``steelyard.data.dividing.split``. Shape (rows, columns).

        Returns:
            To be stored with the model.

        Raises:
            DataError: There is no row, or a value is not a number.
        """
        if not len(training) or not np.isfinite(training).all():
            raise DataError("a scale is learnt from training rows whose values are numbers: fill or drop the others")
        deviation = training.std(axis=0)
        return cls(training.mean(axis=0), np.where(deviation > 0, deviation, 1.0))

    def apply(self, rows: FloatArray) -> FloatArray:
        """Any rows on the training rows' scale. Shape (rows, columns)."""
        scaled: FloatArray = (rows - self.mean_) / self.deviation_
        return scaled
