"""Numbers that options take: between two ends, and never NaN, which compares with neither."""

from __future__ import annotations

import math
from typing import Any

import click

__all__ = ["Quantity"]


class Quantity(click.FloatRange):
    """A number between two ends.

    Args:
        low: The lower end.
        high: The upper end, included.
        low_open: True where the lower end itself is too little.
    """

    def __init__(self, low: float, high: float, *, low_open: bool = False) -> None:
        super().__init__(low, high, min_open=low_open)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number, or a usage error that names the ends."""
        number: float = super().convert(value, param, ctx)
        if math.isnan(number):
            self.fail(f"{value} is not in the range {self._describe_range()}.", param, ctx)
        return number
