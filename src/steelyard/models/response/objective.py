r"""What a list is put in order by: a chance, the gross profit to expect, or a weighted sum of these.

.. math:: E = P(\text{click}) \, P(\text{buy} \mid \text{click}) \cdot m

with :math:`m` the margin of the item. An item whose price or margin is not known has no expected profit. It is not
worth nothing either: it keeps the place that it has by its chance of being bought, and the others are put round it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from steelyard.domain import FloatArray, IntArray

__all__ = ["Goal", "Objective", "Ordered", "margins", "ordered"]

Goal = Literal["click", "cart", "buy", "profit", "weighted"]


@dataclass(frozen=True, slots=True)
class Objective:
    """What is to be large."""

    goal: Goal = "buy"
    weights: Mapping[str, float] = field(default_factory=dict)
    """Of ``click``, ``cart``, ``buy`` and ``profit``, where the goal is ``weighted``."""

    @property
    def terms(self) -> Mapping[str, float]:
        """What is added up, and how much each counts."""
        if self.goal == "weighted":
            return {name: weight for name, weight in self.weights.items() if weight}
        return {self.goal: 1.0}

    def needed(self) -> frozenset[str]:
        """Stages that it reads."""
        return frozenset("buy" if name == "profit" else name for name in self.terms)


@dataclass(frozen=True, slots=True)
class Ordered:
    """Candidates in order."""

    order: IntArray
    """Places of the candidates, best first. Shape (n,)."""
    is_by_chance: npt.NDArray[np.bool_]
    """Of each candidate, whether it stands by its chance alone, its margin not being known. Shape (n,)."""
    value: FloatArray
    """Of each candidate what the objective is; NaN where it is not known. Shape (n,)."""


def margins(
    price: FloatArray, categories: Sequence[str], *, share: float | None, of_category: Mapping[str, float]
) -> FloatArray:
    """Gross profit of a piece of each item.

    Args:
        price: NaN where it is not known. Shape (items,).
        categories: Path of each item's category, ``wide > narrow``; empty where it has none. Length items.
        share: Of the price, for items of no category in ``of_category``; None where it is not known.
        of_category: Share of the price by category path; the narrowest that is there counts.

    Returns:
        NaN where price or share is not known. Shape (items,).
    """
    found = {path: _share_of(path, of_category, share) for path in set(categories)}
    return price * np.array([found[path] for path in categories], np.float64)


def _share_of(path: str, of_category: Mapping[str, float], share: float | None) -> float:
    steps = path.split(" > ")
    for length in range(len(steps), 0, -1):
        part = " > ".join(steps[:length])
        if part in of_category:
            return of_category[part]
    return float("nan") if share is None else share


def ordered(objective: Objective, chances: Mapping[str, FloatArray], margin: FloatArray) -> Ordered:
    """Candidates by an objective.

    Args:
        objective: What is to be large.
        chances: Of each stage, for something shown: ``buy`` is the chance that what is shown is bought in the end.
            Shape (n,) each.
        margin: Of each candidate; NaN where it is not known. Shape (n,).

    Returns:
        Of equal ones the first stays first. Where a profit is wanted, what has none keeps its place by ``buy``.
    """
    value = np.zeros(len(margin))
    for name, weight in objective.terms.items():
        value = value + weight * (chances["buy"] * margin if name == "profit" else chances[name])
    is_unknown = np.isnan(value)
    if not is_unknown.any():
        return Ordered(np.argsort(-value, kind="stable"), is_unknown, value)
    by_chance = np.argsort(-chances["buy"], kind="stable")
    known = np.flatnonzero(~is_unknown)
    order = by_chance.copy()
    order[~is_unknown[by_chance]] = known[np.argsort(-value[known], kind="stable")]
    return Ordered(order, is_unknown, value)
