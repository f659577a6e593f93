r"""How much capacity to reserve, to rent by the hour, and to take on the spot market: a small integer programme.

.. math::
    \min_{R,\,o_t,\,s_t} \sum_t (p_r R + p_o o_t + p_s s_t)
    \quad \text{s.t.} \quad R + o_t + s_t \ge d_t, \quad s_t \le \lfloor \sigma d_t \rfloor
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from steelyard.domain import Money
from steelyard.errors import PriceError

__all__ = ["Offers", "PurchaseMix", "committed", "purchase_mix"]


@dataclass(frozen=True, slots=True)
class Offers:
    """Prices of one instance for an hour; an offer that does not exist is ``None``, never zero."""

    on_demand: Money
    reserved: Money | None = None
    """Paid for every hour of the period, used or not."""
    spot: Money | None = None
    spot_share: Decimal = Decimal(0)
    """Highest share of an hour's demand that may stand on machines which can be taken away, in [0, 1]."""


@dataclass(frozen=True, slots=True)
class PurchaseMix:
    """The cheapest way to carry a period."""

    reserved: int
    """Instances reserved for the whole period."""
    on_demand_hours: int
    spot_hours: int
    cost: Money
    all_on_demand: Money
    """What the same period costs without reserving anything."""
    peak_reserved: Money | None
    """What it costs to reserve for the highest hour; ``None`` without such an offer."""


def committed(demand: Sequence[int], reserved: int, offers: Offers) -> PurchaseMix:
    """A period carried with instances that were reserved before it was known what it would need.

    Args:
        demand: Instances needed in each hour, >= 0.
        reserved: Instances that are paid for whether they are needed or not, >= 0.
        offers: What the rest can be bought as.

    Returns:
        The cheapest way to carry what the reserved ones do not.

    Raises:
        PriceError: No hours, a negative demand or reservation, or instances reserved that nobody offers.
    """
    if not demand or min(demand) < 0 or reserved < 0 or (reserved and offers.reserved is None):
        raise PriceError("a commitment needs at least one hour, no demand below zero, and an offer to commit to")
    on_demand = spot = 0
    is_spot_cheaper = offers.spot is not None and offers.spot.amount < offers.on_demand.amount
    for needed, n_hours in Counter(demand).items():
        rest = max(0, needed - reserved)
        taken = min(rest, int(offers.spot_share * needed)) if is_spot_cheaper else 0
        spot += taken * n_hours
        on_demand += (rest - taken) * n_hours
    base = offers.on_demand
    cost = base * on_demand
    if offers.reserved is not None:
        cost += offers.reserved * (reserved * len(demand))
    if offers.spot is not None:
        cost += offers.spot * spot
    peak = offers.reserved * (max(demand) * len(demand)) if offers.reserved is not None else None
    return PurchaseMix(reserved, on_demand, spot, cost, base * sum(demand), peak)


def purchase_mix(demand: Sequence[int], offers: Offers) -> PurchaseMix:
    """The cheapest mix for a period.

    Args:
        demand: Instances needed in each hour, >= 0.
        offers: What can be bought.

    Returns:
        The optimum; hours of equal demand are served alike.

    Raises:
        PriceError: No hours, a negative demand, a share outside [0, 1], or offers in two currencies.
    """
    if not demand or min(demand) < 0 or not 0 <= offers.spot_share <= 1:
        raise PriceError("a purchase needs at least one hour, no demand below zero, and a spot share in [0, 1]")
    levels = sorted(Counter(demand).items())
    reserved, on_demand, spot = _solve(levels, offers, n_hours=len(demand))
    base = offers.on_demand
    cost = base * on_demand
    if offers.reserved is not None:
        cost += offers.reserved * (reserved * len(demand))
    if offers.spot is not None:
        cost += offers.spot * spot
    peak = offers.reserved * (max(demand) * len(demand)) if offers.reserved is not None else None
    return PurchaseMix(reserved, on_demand, spot, cost, base * sum(demand), peak)


def _solve(levels: list[tuple[int, int]], offers: Offers, *, n_hours: int) -> tuple[int, int, int]:
    """Reserved instances, hours on demand, spot hours. Variables: R, then on demand by level, then spot by level."""
    wanted = np.array([level for level, _ in levels], np.float64)
    hours = np.array([count for _, count in levels], np.float64)
    n = len(levels)
    most_spot = np.array([int(offers.spot_share * level) if offers.spot else 0 for level, _ in levels], np.float64)
    prices = np.concatenate(
        [
            [float(offers.reserved.amount) * n_hours if offers.reserved else 0.0],
            float(offers.on_demand.amount) * hours,
            (float(offers.spot.amount) if offers.spot else 0.0) * hours,
        ]
    )
    highest = np.concatenate([[wanted.max() if offers.reserved else 0.0], np.full(n, np.inf), most_spot])
    covered = LinearConstraint(np.hstack([np.ones((n, 1)), np.eye(n), np.eye(n)]), lb=wanted)
    found = milp(prices, constraints=covered, integrality=np.ones(2 * n + 1, np.int64), bounds=Bounds(0, highest))
    if found.x is None:
        raise PriceError(f"no mix carries the demand: {found.message}")
    counts = np.rint(found.x)
    return int(counts[0]), int(counts[1 : n + 1] @ hours), int(counts[n + 1 :] @ hours)
