"""What of a model may be searched with a budget: ranges and choices that its recipe declares, and how a trial is made.

The search itself is run by ``workflows.tuning``: it needs a clock, prices and a journal. Here nothing is searched.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from steelyard.domain import Cases
from steelyard.errors import ConfigError
from steelyard.models.ports import Retriever

__all__ = ["Choice", "Dimension", "Make", "Real", "Search", "SearchSpace", "Whole", "described", "inside"]


@dataclass(frozen=True, slots=True)
class Real:
    """Numbers from ``low`` to ``high``, both ends included.

    Raises:
        ConfigError: The range is empty, not finite, or logarithmic from 0 or below.
    """

    low: float
    high: float
    is_log: bool = False
    """Whether 1 to 10 is as wide as 10 to 100."""

    def __post_init__(self) -> None:
        _check_range(self.low, self.high, is_log=self.is_log)

    def nearest(self, value: Any) -> float:
        """The number of the range that is nearest to a value."""
        return min(max(float(value), self.low), self.high)


@dataclass(frozen=True, slots=True)
class Whole:
    """Whole numbers from ``low`` to ``high``, both ends included.

    Raises:
        ConfigError: As ``Real``.
    """

    low: int
    high: int
    is_log: bool = False
    """Whether 1 to 10 is as wide as 10 to 100."""

    def __post_init__(self) -> None:
        _check_range(self.low, self.high, is_log=self.is_log)

    def nearest(self, value: Any) -> int:
        """The number of the range that is nearest to a value."""
        return min(max(round(float(value)), self.low), self.high)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some values that have no order.

    Raises:
        ConfigError: There are fewer than two, or one stands twice.
    """

    values: tuple[str | int | float | bool, ...]

    def __post_init__(self) -> None:
        if len(self.values) < 2 or len(set(self.values)) < len(self.values):
            raise ConfigError(f"a choice among {self.values!r}: give at least two different values")

    def nearest(self, value: Any) -> str | int | float | bool:
        """The value itself where it is one of them, else the first."""
        return value if value in self.values else self.values[0]


Dimension = Real | Whole | Choice
SearchSpace = Mapping[str, Dimension]
"""What may be tried, by the name of the option."""
Make = Callable[[Mapping[str, Any]], Retriever]
"""From a value for each name of a space to the model, fitted on what came before the validation cases' targets. Called
from several threads where the search has several workers: what it shares between calls it must not change."""


@dataclass(frozen=True, slots=True)
class Search:
    """One search: what it varies, where it begins, and how a trial's model is made and judged."""

    name: str
    """Of the part that holds the tuned values, such as ``tuned/item-knn``."""
    space: SearchSpace
    start: Mapping[str, Any]
    """What the recipe's own tuning found, or the options' defaults: the first trial. Names of ``space``."""
    cases: Cases
    """Of the validation period: nothing else is looked at."""
    prepare: Callable[[], Make]
    """Called once, where there is a search: does what all trials share."""
    settings: Any = None
    """All else that a trial depends on, beside the shop's tables and the seed; JSON-able."""


def inside(space: SearchSpace, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a space that are nearest to some.

    Args:
        space: What may be tried.
        values: At least the names of ``space``.

    Returns:
        A value for each name of ``space``; what lies outside is moved to the nearer end.

    Raises:
        ConfigError: A name has no value.
    """
    lacking = sorted(space.keys() - values.keys())
    if lacking:
        raise ConfigError(
            f"the search has nothing to begin with for {', '.join(lacking)}: a recipe that lists a name in its space "
            "has to give a value of it, by `tune` or as the default of the option of that name"
        )
    return {name: dimension.nearest(values[name]) for name, dimension in space.items()}


def described(space: SearchSpace) -> dict[str, list[Any]]:
    """The space as JSON holds it, by name: its kind, then what bounds it."""
    found: dict[str, list[Any]] = {}
    for name, dimension in space.items():
        if isinstance(dimension, Choice):
            found[name] = ["choice", *dimension.values]
        else:
            kind = "real" if isinstance(dimension, Real) else "whole"
            found[name] = [kind, dimension.low, dimension.high, dimension.is_log]
    return found


def _check_range(low: float, high: float, *, is_log: bool) -> None:
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ConfigError(f"a range from {low} to {high}: give two finite ends, the lower one first")
    if is_log and low <= 0:
        raise ConfigError(f"a logarithmic range from {low}: let it begin above 0")
