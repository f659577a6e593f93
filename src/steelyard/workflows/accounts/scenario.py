"""``scenario``: the sourcing options of one configuration, side by side, at the plan and far from it.

For each option a month's bill at the plan; over a hundredfold range of volumes which is the cheapest and where they
pass one another, each bought for that volume; and, with everything uncertain drawn together, how often each is the
cheapest when it was bought for the plan: nobody reserves machines for traffic that is not known yet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np

from steelyard.cost.facts import EXACT
from steelyard.cost.prices.managed import managed_services
from steelyard.cost.prices.offers import Offer, Purchase
from steelyard.decision.breakeven import cheapest_ranges
from steelyard.decision.sensitivity import Driver, cheapest_shares, draw
from steelyard.documents.line_words import line_said
from steelyard.documents.scenario import BreakEven, CheapestRange, OptionRow, Scenario, ScenarioPlan, Swing
from steelyard.domain import Bill, CostLine, FloatArray, LineKey, Money, Stage
from steelyard.errors import StageError
from steelyard.workflows.accounts.hourly import AutoscalingGroup
from steelyard.workflows.accounts.procurement import Managed, OnDemand, OwnServer, ScenarioBasis, SourcingOption
from steelyard.workflows.pricing.bill_rows import amount_shown, bill_rows, plain_shown

__all__ = ["Comparison", "Uncertain", "compare", "document", "sourcing_options"]

POINTS = 61
"""Volumes at which every option is priced, from a tenth of the smallest asked about to ten times the largest."""
_BOUGHT = {Purchase.ON_DEMAND: "on demand", Purchase.RESERVED: "reserved", Purchase.SPOT: "spot"}
_MACHINES = (*_BOUGHT.values(), "own")
_SERVICE_KEYS = (LineKey.SERVICE_CHARGE, LineKey.SERVICE_ABOVE_TIERS)
_GROUPS = (*_MACHINES, "people", "traffic", "service", "rest")


@dataclass(frozen=True, slots=True)
class Uncertain:
    """How far the figures may be off, as multiples of the plan's; each is an assumption unless measured."""

    requests: tuple[float, float] = (0.5, 2.0)
    """Traffic."""
    request_time: tuple[float, float] = (0.95, 1.05)
    """Processor time of a request: the ends of the measured interval over its middle."""
    people_hours: tuple[float, float] = (0.5, 2.0)
    own: tuple[float, float] = (0.8, 1.3)
    """Cost of machines of one's own: price, power, tariff, years of life."""
    on_demand: tuple[float, float] = (0.95, 1.05)
    """Price of machines on demand."""
    reserved: tuple[float, float] = (0.95, 1.05)
    """Price of reserved machines: the range of the offer, where the price book knows one."""
    spot: tuple[float, float] = (0.8, 1.25)
    """Price of spot machines, which moves from day to day: the range of the offer, where the price book knows one."""
    service: tuple[float, float] = (0.8, 1.25)
    """Price of managed services, which is often agreed on."""
    draws: int = 10_000
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """The compared options."""

    requests_per_month: int
    names: tuple[str, ...]
    bills: tuple[Bill, ...]
    """At the plan's volume."""
    volumes: FloatArray
    """Requests a month. Shape (points,)."""
    costs: FloatArray
    """A month's cost, infinite where a price is missing. Shape (options, points)."""
    low: FloatArray
    """5th percentile of the draws. Shape (options,)."""
    high: FloatArray
    """95th percentile."""
    p_cheapest: FloatArray
    """Share of the draws in which each is the cheapest; sums to 1."""
    swings: tuple[tuple[str, float, float], ...]
    """Of the cheapest at the plan: each driver alone at its ends, and the cost there; widest first."""


def sourcing_options(basis: ScenarioBasis, *, surface: str) -> list[SourcingOption]:
    """Every option the price book knows.

    Args:
        basis: The configuration.
        surface: What a managed service would have to serve.

    Returns:
        Autoscaled first: what others are held against is what somebody would leave on, hour by hour.

    Raises:
        StageError: No machine of the book carries it within the limits.
    """
    if not any(each.power in basis.rates_rps for each in basis.machines):
        raise StageError(
            f"{basis.operation.configuration}: no machine of {basis.book.name} keeps the latency limit: "
            "there is nothing to compare; see `steelyard decide`"
        )
    own = [each for each in basis.own if each.power in basis.rates_rps]
    services = [each for each in managed_services(basis.book) if surface in each.surfaces]
    found: list[SourcingOption] = [
        AutoscalingGroup(basis),
        OnDemand(basis),
        AutoscalingGroup(basis, "reserved + spot", has_offers=True),
    ]
    found += [OwnServer(basis, machine) for machine in own]
    found += [Managed(basis, service) for service in services]
    return found


def compare(
    found: Sequence[SourcingOption], uncertain: Uncertain, *, requests_per_month: int, people: tuple[float, float]
) -> Comparison:
    """Price every option over a range of volumes, and with what is uncertain.

    Args:
        found: Sourcing options.
        uncertain: How far figures may be off.
        requests_per_month: The plan's volume.
        people: Low and high of the price of people's time, as multiples of the book's.

    Returns:
        Options in the order given.
    """
    span = (min(0.01, uncertain.requests[0] / 10), max(100.0, uncertain.requests[1] * 10))
    scales = np.unique(np.append(np.geomspace(*span, POINTS), 1.0))
    exact_scales = [Decimal(repr(float(scale))) for scale in scales]
    costs = np.array([[sum(_parts(option, option.bill(scale))) for scale in exact_scales] for option in found])
    parts = np.array([[_parts(option, option.drawn(scale)) for scale in exact_scales] for option in found])
    drivers = _drivers(_from_offers(uncertain, found), people)
    model = _Model(np.log(scales), parts, tuple(driver.name for driver in drivers))
    totals = model.totals(draw(drivers, n=uncertain.draws, seed=uncertain.seed))
    at_plan = int(np.searchsorted(scales, 1.0))
    best = int(np.argmin(costs[:, at_plan]))
    return Comparison(
        requests_per_month,
        tuple(option.name for option in found),
        tuple(option.bill(Decimal(1)) for option in found),
        scales * requests_per_month,
        costs,
        np.quantile(totals, 0.05, axis=0, method="inverted_cdf"),
        np.quantile(totals, 0.95, axis=0, method="inverted_cdf"),
        cheapest_shares(totals),
        _swings(model, drivers, best),
    )


def document(compared: Comparison, found: Sequence[SourcingOption], *, plan: ScenarioPlan) -> Scenario:
    """The comparison as it is stored.

    Args:
        compared: The compared options.
        found: The options, in the same order.
        plan: What was assumed, as it shall be shown.

    Returns:
        Break-even volumes are those at which each option is cheaper than the first.
    """
    costs, first = dict(zip(compared.names, compared.costs, strict=True)), compared.names[0]
    ranges = cheapest_ranges(compared.volumes, costs) if np.isfinite(compared.costs).any() else ()
    return Scenario(
        plan=plan,
        options=tuple(_option_row(compared, at, option) for at, option in enumerate(found)),
        cheapest=tuple(CheapestRange(round(each.low), round(each.high), each.name) for each in ranges),
        break_even=tuple(
            BreakEven(name, first, _cheaper(compared.volumes, costs, name, first))
            for name in compared.names[1:]
            if np.isfinite(costs[name]).all()
        ),
        swings=tuple(Swing(name, low, high) for name, low, high in compared.swings),
    )


def _cheaper(
    volumes: FloatArray, costs: Mapping[str, FloatArray], name: str, against: str
) -> tuple[tuple[int, int], ...]:
    """From which volume to which one option costs less than another; of equal costs neither does."""
    ranges = cheapest_ranges(volumes, {against: costs[against], name: costs[name]})
    return tuple((round(each.low), round(each.high)) for each in ranges if each.name == name)


def _option_row(compared: Comparison, at: int, option: SourcingOption) -> OptionRow:
    made = compared.bills[at]
    total = made.total
    per_1000 = EXACT.divide(total.amount * 1000, Decimal(compared.requests_per_month)) if total else None
    same, late, late_if_scheduled = _by_the_hour(option)
    return OptionRow(
        name=compared.names[at],
        what=option.what,
        monthly=amount_shown(total.amount) if total else None,
        currency=made.currency,
        unpriced=tuple(line_said(line).en for line in made.unpriced),
        per_1000=plain_shown(per_1000, digits=4) if per_1000 is not None else None,
        same_hours_on_demand=amount_shown(same.amount) if same else None,
        late_at_peak=late,
        late_if_scheduled=late_if_scheduled,
        low=_end(compared.low[at]),
        high=_end(compared.high[at]),
        p_cheapest=round(float(compared.p_cheapest[at]), 4),
        lines=bill_rows(made.lines),
    )


def _by_the_hour(option: SourcingOption) -> tuple[Money | None, float | None, float | None]:
    """What the same hours cost with nothing committed to; the late share at a peak that is noticed, or foreseen."""
    if not isinstance(option, AutoscalingGroup) or (same := option.same_hours().total) is None:
        return None, None, None
    return same, round(option.late_share, 4), round(option.late_share_scheduled, 4)


def _end(value: float) -> float | None:
    """An end of the draws; ``None`` where it lies beyond what has a price."""
    return round(float(value), 2) if np.isfinite(value) else None


@dataclass(frozen=True, slots=True)
class _Model:
    """Cost of every option as a function of the drivers."""

    log_scales: FloatArray
    parts: FloatArray
    """Shape (options, points, groups)."""
    drivers: tuple[str, ...]

    def totals(self, draws: FloatArray) -> FloatArray:
        """Cost of every option in every draw. Shape (draws, options)."""
        value = {name: draws[:, at] for at, name in enumerate(self.drivers)}
        asked, worked = np.log(value[_REQUESTS]), np.log(value[_REQUESTS] * value[_TIME])
        moved = {group: value[driver] for group, driver in _MOVES.items()}
        moved["people"] = value[_HOURS] * value[_PEOPLE]
        found = np.zeros((len(draws), len(self.parts)))
        for at, parts in enumerate(self.parts):
            for column, group in enumerate(_GROUPS):
                scale = worked if group in _MACHINES else asked
                found[:, at] += self._at(parts[:, column], scale) * moved.get(group, 1.0)
        return found

    def _at(self, costs: FloatArray, log_scale: FloatArray) -> FloatArray:
        """Between two volumes of which one has no price there is none either."""
        with np.errstate(invalid="ignore"):
            return np.nan_to_num(np.interp(log_scale, self.log_scales, costs), nan=np.inf, posinf=np.inf)


_REQUESTS, _TIME = "requests a month, and the peak with them", "processor time of a request"
_HOURS, _PEOPLE = "people's hours", "price of people's time"
_OWN, _SERVICE = "cost of own machines", "price of managed services"
_ON_DEMAND, _RESERVED, _SPOT = "price on demand", "price of reserved machines", "price of spot machines"
_MOVES = {"on demand": _ON_DEMAND, "reserved": _RESERVED, "spot": _SPOT, "own": _OWN, "service": _SERVICE}
"""What moves each group of lines."""


def _drivers(uncertain: Uncertain, people: tuple[float, float]) -> list[Driver]:
    return [
        Driver(name, 1.0, *ends)
        for name, ends in (
            (_REQUESTS, uncertain.requests),
            (_TIME, uncertain.request_time),
            (_HOURS, uncertain.people_hours),
            (_PEOPLE, people),
            (_OWN, uncertain.own),
            (_ON_DEMAND, uncertain.on_demand),
            (_RESERVED, uncertain.reserved),
            (_SPOT, uncertain.spot),
            (_SERVICE, uncertain.service),
        )
    ]


def _from_offers(uncertain: Uncertain, found: Sequence[SourcingOption]) -> Uncertain:
    """With the ranges that the price book gives to the offers that the plan takes."""
    for option in found:
        if isinstance(option, AutoscalingGroup) and option.has_offers:
            reserved, spot = option.offer(Purchase.RESERVED), option.offer(Purchase.SPOT)
            return replace(
                uncertain,
                reserved=_ends(reserved) or uncertain.reserved,
                spot=_ends(spot) or uncertain.spot,
            )
    return uncertain


def _ends(offer: Offer | None) -> tuple[float, float] | None:
    """An offer's range as multiples of its price; ``None`` where it has none."""
    price = offer.price.per_unit.amount if offer else Decimal(0)
    if offer is None or offer.low is None or offer.high is None or not price:
        return None
    return min(1.0, float(offer.low / price)), max(1.0, float(offer.high / price))


def _parts(option: SourcingOption, made: Bill) -> list[float]:
    """Cost by group; all infinite where a price is missing, so that it is never the cheapest."""
    if made.total is None:
        return [np.inf] * len(_GROUPS)
    sums = dict.fromkeys(_GROUPS, Decimal(0))
    for line in made.lines:
        if line.cost is not None:
            sums[_group(option, line)] += line.cost.amount
    return [float(sums[group]) for group in _GROUPS]


def _group(option: SourcingOption, line: CostLine) -> str:
    bought = option.bought(line)
    if bought is not None:
        return _BOUGHT[bought]
    if line.key in _SERVICE_KEYS:
        return "service"
    if line.quantity.unit == "person_hour":
        return "people"
    if line.stage is Stage.BANDWIDTH:
        return "traffic"
    if line.stage is Stage.SERVING:
        return "own" if isinstance(option, OwnServer) else "service"
    return "rest"


def _swings(model: _Model, drivers: Sequence[Driver], best: int) -> tuple[tuple[str, float, float], ...]:
    """The cost of the cheapest with each driver alone at its ends; those that move nothing are left out."""
    found = []
    for at, driver in enumerate(drivers):
        ends = np.ones((2, len(drivers)))
        ends[:, at] = driver.low, driver.high
        low, high = (float(each) for each in model.totals(ends)[:, best])
        if np.isfinite([low, high]).all() and abs(high - low) >= 0.005:
            found.append((driver.name, round(low, 2), round(high, 2)))
    return tuple(sorted(found, key=lambda each: -abs(each[2] - each[1])))
