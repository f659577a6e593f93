r"""Which assumed figure decides: how far each must move, alone, before another candidate would be chosen.

The cost of every candidate is a function of one figure at a time, handed in. Where costs are affine in it, the value at
which the choice changes is exact: with :math:`c_i(v) = a_i + b_i v` the chosen one meets another at
:math:`v = (a_j - a_w) / (b_w - b_j)`. Where they go in steps (machines), it is found by bisection.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from steelyard.errors import ConfigError

__all__ = ["Assumption", "Break", "Costs", "Shape", "breaks", "costs_as_lines"]

Costs = Mapping[str, Decimal]
"""Cost a month of every candidate that may be chosen; one that breaks a floor, or has no price, is absent."""

_CENT = Decimal("0.01")
_ROUNDS = 10
"""Halvings of a stretch that holds a step: to a thousandth of it."""


class Shape(StrEnum):
    """How costs follow a figure."""

    LINE = "line"
    """Affine: the value of a change is exact."""
    STEPS = "steps"
    """Machines come whole: it is searched."""
    WHOLE = "whole"
    """The figure itself comes whole: months, spare machines."""


@dataclass(frozen=True, slots=True)
class Assumption:
    """A figure nobody measured, with the range in which it may well lie.

    Raises:
        ConfigError: The range does not hold what is assumed now.
    """

    name: str
    now: Decimal
    low: Decimal
    high: Decimal
    shape: Shape = Shape.LINE
    points: int = 12
    """Looked at on either side, where costs do not follow a line."""

    def __post_init__(self) -> None:
        if not self.low <= self.now <= self.high or self.points < 1:
            raise ConfigError(f"{self.name}: {self.now} does not lie in [{self.low}, {self.high}]")


@dataclass(frozen=True, slots=True)
class Break:
    """Where the choice changes on one side of what is assumed now."""

    direction: str
    """``up`` or ``down``."""
    at: Decimal
    """Beyond it another one is chosen; of a whole figure, the first value at which it is."""
    winner: str | None
    """Who is chosen then; ``None`` where nothing keeps every floor."""


def breaks(assumption: Assumption, priced: Callable[[Decimal], Costs], *, chosen: str) -> tuple[Break, ...]:
    """The nearest change of the choice on either side.

    Args:
        assumption: The figure and its range.
        priced: Costs of all candidates that may be chosen, with the figure at a value.
        chosen: Who is chosen now.

    Returns:
        At most one a side, down first; empty where nothing within the range changes the choice. The chosen one stays
        until another is cheaper by a cent or it breaks a floor.

    Trust:
        Between two points of a figure that works in steps, a change that goes back again is not seen.
    """
    found = []
    for direction, end in (("down", assumption.low), ("up", assumption.high)):
        if end != assumption.now:
            at = _one_side(assumption, priced, end, chosen=chosen)
            if at is not None:
                found.append(Break(direction, at[0], at[1]))
    return tuple(found)


def costs_as_lines(one: Costs, other: Costs, *, at: tuple[Decimal, Decimal]) -> Callable[[Decimal], Costs]:
    """Costs at any value, from those at two, for a figure they are affine in.

    Args:
        one: Costs at the first value.
        other: Costs at the second.
        at: The two values, distinct.

    Returns:
        A function of the value; only candidates that have a cost at both.
    """
    first, second = at
    slopes = {name: (other[name] - cost) / (second - first) for name, cost in one.items() if name in other}
    return lambda value: {name: one[name] + slope * (value - first) for name, slope in slopes.items()}


def _one_side(
    assumption: Assumption, priced: Callable[[Decimal], Costs], end: Decimal, *, chosen: str
) -> tuple[Decimal, str | None] | None:
    before = assumption.now
    for value in _values(assumption, end):
        winner = _taken_over(priced(value), chosen)
        if winner == chosen:
            before = value
            continue
        if assumption.shape is Shape.WHOLE:
            return value, winner
        if assumption.shape is Shape.LINE:
            return _met(priced, (before, value), chosen=chosen)
        return _stepped(priced, (before, value), chosen=chosen)
    return None


def _values(assumption: Assumption, end: Decimal) -> list[Decimal]:
    now = assumption.now
    if assumption.shape is Shape.LINE:
        return [end]
    if assumption.shape is Shape.WHOLE:
        step = 1 if end > now else -1
        return [Decimal(value) for value in range(int(now) + step, int(end) + step, step)]
    return [now + (end - now) * k / assumption.points for k in range(1, assumption.points + 1)]


def _taken_over(costs: Costs, chosen: str) -> str | None:
    """Who is chosen: the present one unless it is out or another costs at least a cent less."""
    if not costs:
        return None
    best = min(costs, key=lambda name: (costs[name], name))
    if chosen in costs and costs[chosen] - costs[best] < _CENT:
        return chosen
    return best


def _met(
    priced: Callable[[Decimal], Costs], ends: tuple[Decimal, Decimal], *, chosen: str
) -> tuple[Decimal, str | None]:
    """Where the line of the chosen one meets the lower edge of the others: from outside in, line by line."""
    near, far = ends
    here, there = priced(near), priced(far)
    if chosen not in here or chosen not in there:
        return far, _taken_over(there, chosen)
    at = costs_as_lines(here, there, at=ends)
    value, winner = far, _taken_over(there, chosen)
    for _ in range(len(there)):
        if winner is None or winner not in here:
            break
        gap_near, gap_far = here[chosen] - here[winner], there[chosen] - there[winner]
        if gap_near == gap_far:
            break  # the two lines run beside each other and never meet
        edge = _CENT if gap_near >= 0 else Decimal(0)  # a tie to the cent changes when it is one no more
        value = near + (far - near) * (edge - gap_near) / (gap_far - gap_near)
        costs = at(value)
        other = min(costs, key=lambda name: (costs[name], name != winner, name))
        if costs[winner] - costs[other] <= 0 or other == chosen:
            break
        winner = other
    return value, winner


def _stepped(
    priced: Callable[[Decimal], Costs], ends: tuple[Decimal, Decimal], *, chosen: str
) -> tuple[Decimal, str | None]:
    """The edge of the step at which the choice changes, by halving."""
    near, far = ends
    winner = _taken_over(priced(far), chosen)
    for _ in range(_ROUNDS):
        middle = (near + far) / 2
        found = _taken_over(priced(middle), chosen)
        if found == chosen:
            near = middle
        else:
            far, winner = middle, found
    return far, winner
