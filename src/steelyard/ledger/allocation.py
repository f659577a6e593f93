"""Spreads money over months and over those who caused it, so that the parts always sum to the whole.

Depreciation and commitments fall evenly on the months they serve; idle machines and overhead are allocated by a stated
weight. Parts are rounded by the largest remainder: none is more than one unit of rounding away from its exact share.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from itertools import pairwise

from steelyard.cost.facts import EXACT
from steelyard.domain import Money
from steelyard.errors import PriceError

__all__ = ["Use", "allocate", "split_use", "straight_line"]


@dataclass(frozen=True, slots=True)
class Use:
    """What became of a commitment or a machine that was paid for. The parts sum to what was paid."""

    workload: Mapping[str, Money]
    """By who used it."""
    idle: Money
    """Paid and used by nobody."""


def allocate(total: Money, weights: Mapping[str, Decimal], *, places: int = 2) -> dict[str, Money]:
    """Shares of an amount in proportion to weights, rounded, summing to it exactly.

    Args:
        total: What is allocated, above or below zero, with at most ``places`` decimals.
        weights: By name, >= 0, not all zero.
        places: Decimals of the shares.

    Returns:
        A share for each name, in the order of ``weights``. Each is within one unit of the last decimal of the exact
        share; the units left over go to the largest remainders, of equal ones to the first name.

    Raises:
        PriceError: No weight is above zero, one is below, or the total has more decimals than the shares.
    """
    whole = sum(weights.values(), Decimal(0))
    negative = [name for name, weight in weights.items() if not weight >= 0]
    if negative or whole <= 0:
        wrong = f"the weight of {negative[0]} is {weights[negative[0]]}" if negative else "no weight is above zero"
        raise PriceError(f"{total} cannot be allocated: {wrong}; state by what it is shared, or book it as overhead")
    unit = Decimal(1).scaleb(-places)
    units = total.amount / unit
    if units != units.to_integral_value():
        raise PriceError(f"{total.amount} {total.currency} has more than {places} decimals: share it with more places")
    exact = {name: EXACT.divide(EXACT.multiply(units, weight), whole) for name, weight in weights.items()}
    floors = {name: share.to_integral_value(ROUND_FLOOR) for name, share in exact.items()}
    left = int(units - sum(floors.values(), Decimal(0)))
    order = sorted(exact, key=lambda name: (floors[name] - exact[name], name))
    for name in order[:left]:
        floors[name] += 1
    return {name: Money(floors[name] * unit, total.currency) for name in weights}


def straight_line(purchase: Money, *, residual: Money, months: int, places: int = 2) -> list[Money]:
    """What each month bears of something bought once: a machine, a commitment paid in advance.

    Args:
        purchase: Paid at the beginning, >= the residual.
        residual: What it is worth at the end; zero for a commitment.
        months: Months it serves, >= 1.
        places: Decimals of each month's part.

    Returns:
        One part a month, differing by one unit of the last decimal at most; they sum to ``purchase − residual``.

    Raises:
        PriceError: No months, a residual above the price or below zero, or two currencies.
    """
    borne = purchase - residual
    if months < 1 or borne.amount < 0 or residual.amount < 0:
        raise PriceError(
            f"{purchase} with a residual of {residual} cannot be spread over {months} months: "
            "give at least one month and a residual between zero and the price"
        )
    unit = Decimal(1).scaleb(-places)
    reached = [EXACT.divide(borne.amount * month, Decimal(months)).quantize(unit) for month in range(months)]
    ends = [*reached, borne.amount]
    return [Money(later - earlier, borne.currency) for earlier, later in pairwise(ends)]


def split_use(paid: Money, *, capacity: Decimal, used: Mapping[str, Decimal], places: int = 2) -> Use:
    """What each user of a machine or a commitment bears, and what stood idle.

    Args:
        paid: For all of its capacity.
        capacity: Hours, or another unit, that were paid for, > 0.
        used: By user, in the same unit; together at most ``capacity``.
        places: Decimals of the parts.

    Returns:
        Parts that sum to ``paid`` exactly.

    Raises:
        PriceError: More was used than there was: the meter or the capacity is wrong.
    """
    together = sum(used.values(), Decimal(0))
    if not 0 < capacity or together > capacity:
        raise PriceError(f"{together} was used of {capacity}: look at the meter, or at what was bought")
    shares = allocate(
        paid, {**{f"used/{name}": each for name, each in used.items()}, "idle": capacity - together}, places=places
    )
    return Use({name: shares[f"used/{name}"] for name in used}, shares["idle"])
