"""The cheapest shop: every pair of configurations that keep their floors, on machines of their own or on shared ones.

Surfaces are chosen one by one on machines of their own, yet one process serves them all: the cheapest pair need not be
the pair of the cheapest. What is compared is the whole bill.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from itertools import product

from steelyard.config.schema import Config
from steelyard.cost import Hosting, Instance, hosting_lines, joint_bill
from steelyard.decision.space import MonthlyCost, least_cost, memory_gb, place_together
from steelyard.domain import Bill, Capacity, Fact, Money, Surface
from steelyard.workflows.pricing.price import Priced, Pricing, demand, monthly_cost, sizing
from steelyard.workflows.pricing.replicas import replicas_fact

__all__ = ["Shop", "cheapest_shop"]

_CENT = Decimal("0.01")
Pair = Mapping[Surface, Priced]


@dataclass(frozen=True, slots=True)
class Shop:
    """One configuration a surface, and what they cost together."""

    chosen: Mapping[Surface, Priced]
    bill: Bill
    shared: Capacity | None = None
    """Machines that all surfaces share; ``None`` where each is on its own."""
    apart: Money | None = None
    """What the same configurations cost on machines of their own."""
    together: Money | None = None
    """What they cost on shared machines; ``None`` where none carries them all."""
    instead: Capacity | None = None
    """Shared machines that were found dearer."""


def cheapest_shop(config: Config, pricing: Pricing, options: Mapping[Surface, Sequence[Priced]]) -> Shop | None:
    """The pair with the smallest bill.

    A pair is sized on shared machines only if, at full allowed utilisation, it could still be the cheapest: a bound
    from below, so nothing cheaper is passed over.

    Args:
        config: Load, demand, seed.
        pricing: Terms of the bills and machines to consider.
        options: For each surface the configurations that may be taken, the preferred one first.

    Returns:
        Of bills equal to the cent the one of better quality, then the preferred one; ``None`` where none has a total.
    """
    pairs = [dict(zip(options, each, strict=True)) for each in product(*options.values())]
    priced = [(pair, bill) for pair in pairs if (bill := _apart(pair)) is not None and bill.total is not None]
    if not priced:
        return None
    rank = {id(pair): number for number, (pair, _) in enumerate(priced)}

    def key(shop: Shop) -> tuple[Decimal, float, int]:
        return _cents(shop.bill), -_quality(shop.chosen, options), rank[id(shop.chosen)]

    best = min((Shop(pair, bill, apart=bill.total) for pair, bill in priced), key=key)
    if len(options) < 2:
        return best
    bounded = sorted(((_bound(config, pricing, pair, bill), rank[id(pair)], pair, bill) for pair, bill in priced),
                     key=lambda each: each[:2])  # fmt: skip
    for bound, _, pair, bill in bounded:
        if bound > _total(best.bill) + _CENT:
            break
        found = _shared(config, pricing, pair, bill)
        best = min((best, found), key=key) if found is not None else best
    return _with_both(config, pricing, best)


def _with_both(config: Config, pricing: Pricing, best: Shop) -> Shop:
    """The cheapest shop with what it would cost the other way."""
    if best.shared is not None:
        return best
    bill = _apart(best.chosen)
    assert bill is not None
    other = _shared(config, pricing, best.chosen, bill)
    if other is None:
        return best
    return Shop(best.chosen, best.bill, None, best.apart, together=other.bill.total, instead=other.shared)


def _apart(pair: Pair) -> Bill | None:
    bills = [each.candidate.bill for each in pair.values()]
    return joint_bill("all surfaces, apart", [each for each in bills if each]) if all(bills) else None


def _shared(config: Config, pricing: Pricing, pair: Pair, apart: Bill) -> Shop | None:
    """The pair on the shared machines that make its bill smallest; ``None`` where none carries it."""
    loads, cost = [each.load for each in pair.values()], _cost(pricing, pair)
    capacity = place_together(loads, pricing.machines, demand(config), size=sizing(config), seed=config.seed, cost=cost)
    if capacity is None:
        return None
    machine = next(each for each in pricing.machines if each.name == capacity.instance)
    overhead_s = pricing.evidence.http_overhead_cpu_s
    replicas = replicas_fact(capacity, loads, config, machine, overhead_s=overhead_s, on=pricing.terms.on)
    lines = hosting_lines(_hosting(pair, machine, replicas), pricing.terms)
    bills = [each.candidate.bill for each in pair.values() if each.candidate.bill]
    bill = joint_bill("all surfaces, together", bills, lines, is_shared=True)
    return Shop(pair, bill, capacity, apart.total, bill.total)


def _bound(config: Config, pricing: Pricing, pair: Pair, apart: Bill) -> Decimal:
    """No bill of the pair on shared machines is smaller."""
    loads, cost = [each.load for each in pair.values()], _cost(pricing, pair)
    need = memory_gb(sum(load.peak_rss_bytes for load in loads))
    fitting = [each for each in pricing.machines if not each.gpu and float(each.memory_gb) >= need]
    if not fitting:
        return Decimal("Infinity")
    bills = [each.candidate.bill for each in pair.values() if each.candidate.bill]
    rest = _total(joint_bill("without machines", bills, (), is_shared=True))
    return rest + min(least_cost(loads, machine, demand(config), cost=cost) for machine in fitting)


def _cost(pricing: Pricing, pair: Pair) -> MonthlyCost:
    return monthly_cost(pricing.machines, pricing.terms, partial(_hosting, pair))


def _hosting(pair: Pair, machine: Instance, replicas: Fact) -> Hosting:
    requests = [each.requests_per_month for each in pair.values()]
    traffic = sum(
        (each.answer.value * each.requests_per_month for each in pair.values() if each.answer is not None), Decimal(0)
    )
    return Hosting(machine, replicas, _disk_bytes(pair), sum(requests), traffic / 10**6)


def _disk_bytes(pair: Pair) -> int:
    """Bytes of all parts; one that several surfaces use lies there once."""
    by_part: dict[str, int] = {}
    apart = 0
    for each in pair.values():
        measured = each.candidate.measured
        by_part |= measured.disk_bytes_by_part
        apart += 0 if measured.disk_bytes_by_part else measured.disk_bytes
    return sum(by_part.values()) + apart


def _quality(pair: Pair, options: Mapping[Surface, Sequence[Priced]]) -> float:
    """Sum over the surfaces of quality as a share of the best option's."""
    return sum(
        each.candidate.measured.quality.mean / best
        for surface, each in pair.items()
        if (best := max(option.candidate.measured.quality.mean for option in options[surface])) > 0
    )


def _cents(bill: Bill) -> Decimal:
    total = bill.total
    return total.to_the_cent() if total is not None else Decimal("Infinity")


def _total(bill: Bill) -> Decimal:
    total = bill.total
    return total.amount if total is not None else Decimal("Infinity")
