"""Machines as each hour of a month needs them: on demand, or partly reserved and on spot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from steelyard.cost import Instance, hosting_lines, joint_bill
from steelyard.cost.facts import assumed, derived
from steelyard.cost.prices.offers import Offer, Purchase
from steelyard.decision.purchase import Offers, PurchaseMix, committed, purchase_mix
from steelyard.domain import Bill, CostLine, Fact, LineKey, Money, Stage
from steelyard.workflows.accounts.procurement import ScenarioBasis

__all__ = ["AutoscalingGroup"]

_CANDIDATES = 3
"""Machines, cheapest at the peak first, that are bought by the hour for comparison."""


@dataclass(frozen=True, slots=True)
class AutoscalingGroup:
    """As many machines as each hour of the month needs: on demand, or with some reserved and some on spot."""

    basis: ScenarioBasis
    name: str = "autoscaled"
    has_offers: bool = False
    """Whether machines are reserved and taken on spot, where that is cheaper."""
    _best: dict[Decimal, tuple[Instance, PurchaseMix]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def what(self) -> str:
        """What is bought."""
        machine, mix = self._planned(Decimal(1))
        found = self.basis.offers(machine).get(Purchase.RESERVED)
        parts = (
            (mix.reserved, f"reserved for {_terms(found)}" if found else "reserved"),
            (mix.on_demand_hours, "hours on demand"),
            (mix.spot_hours, "hours spot"),
        )
        return f"{machine.name}: {', '.join(f'{n} {what}' for n, what in parts if n) or 'nothing'}"

    @property
    def late_share(self) -> float:
        """Late requests of the first minutes of a peak, see ``ScenarioBasis.late_share``."""
        machine, mix = self._planned(Decimal(1))
        return self.basis.late_share(machine, mix.reserved)

    @property
    def late_share_scheduled(self) -> float:
        """The same where a calendar launches the machines before the peak."""
        machine, mix = self._planned(Decimal(1))
        return self.basis.late_share(machine, mix.reserved, is_scheduled=True)

    def bill(self, scale: Decimal) -> Bill:
        """As ``SourcingOption.bill``."""
        machine, mix = self._planned(scale)
        return self._bill(machine, mix, scale)

    def drawn(self, scale: Decimal) -> Bill:
        """As ``SourcingOption.drawn``: machine and reservations are those of the plan, the rest follows the hours."""
        machine, planned = self._planned(Decimal(1))
        needed = self.basis.needed(machine, scale)
        return self._bill(machine, committed(needed, planned.reserved, self._offers(machine)), scale)

    def same_hours(self) -> Bill:
        """The plan's hours on the same machines, all on demand and nothing reserved."""
        machine, _ = self._planned(Decimal(1))
        price = self.basis.offers(machine)[Purchase.ON_DEMAND].price.per_unit
        needed = self.basis.needed(machine, Decimal(1))
        return self._bill(machine, committed(needed, 0, Offers(price)), Decimal(1))

    def bought(self, line: CostLine) -> Purchase | None:
        """As ``SourcingOption.bought``."""
        if line.stage is not Stage.SERVING:
            return None
        offered = (each for machine in self.basis.machines for each in self.basis.offers(machine).values())
        return next((each.purchase for each in offered if each.price == line.price), None)

    def offer(self, purchase: Purchase) -> Offer | None:
        """What the plan buys of one kind."""
        return self.basis.offers(self._planned(Decimal(1))[0]).get(purchase)

    def _bill(self, machine: Instance, mix: PurchaseMix, scale: Decimal) -> Bill:
        basis, replicas = self.basis, self.basis.replicas(machine, scale)
        whole = basis.bill(self.name, machine, replicas, scale)
        lines_of = hosting_lines(basis.hosting(machine, replicas, scale), basis.terms)
        disks = [line for line in lines_of if line.stage is Stage.STORAGE]
        found = basis.offers(machine)
        bought = (
            (
                mix.reserved * 730,
                found.get(Purchase.RESERVED),
                LineKey.RESERVED_MACHINES,
                f"{mix.reserved} x {machine.name}",
            ),
            (mix.on_demand_hours, found[Purchase.ON_DEMAND], LineKey.ON_DEMAND_MACHINES, machine.name),
            (mix.spot_hours, found.get(Purchase.SPOT), LineKey.SPOT_MACHINES, machine.name),
        )
        lines = [
            CostLine(Stage.SERVING, key, self._hours(n, replicas), offer.price, detail=detail)
            for n, offer, key, detail in bought
            if n and offer is not None
        ]
        return joint_bill(self.name, [whole], [*lines, *disks])

    def _hours(self, n: int, replicas: Fact) -> Fact:
        plan, on = self.basis.plan, self.basis.terms.on
        hours = assumed(plan.peak_hours, "hour", source="hours of the month at the peak; the rest by the day", as_of=on)
        return derived(Decimal(n), "machines of each hour, over the month", (replicas, hours), unit="hour")

    def _offers(self, machine: Instance) -> Offers:
        found = self.basis.offers(machine)
        if self.has_offers:
            return _offers(found, self.basis.plan.spot_share)
        return Offers(found[Purchase.ON_DEMAND].price.per_unit)

    def _planned(self, scale: Decimal) -> tuple[Instance, PurchaseMix]:
        """Machine and mix that are cheapest for a volume that is known."""
        if scale not in self._best:
            basis = self.basis
            candidates = sorted(
                (each for each in basis.machines if each.power in basis.rates_rps),
                key=lambda each: each.hourly * basis.replicas(each, scale).value,
            )[:_CANDIDATES]
            mixes = [(each, self._mix(each, scale)) for each in candidates]
            self._best[scale] = min(mixes, key=lambda pair: (pair[1].cost.amount, pair[0].name))
        return self._best[scale]

    def _mix(self, machine: Instance, scale: Decimal) -> PurchaseMix:
        needed, found = self.basis.needed(machine, scale), self._offers(machine)
        return purchase_mix(needed, found) if self.has_offers else committed(needed, 0, found)


def _terms(offer: Offer) -> str:
    """The commitment in words."""
    if offer.upfront_share == 0:
        paid = "nothing upfront"
    elif offer.upfront_share == 1:
        paid = "all upfront"
    else:
        paid = f"{offer.upfront_share:.0%} upfront"
    return f"{offer.term_months} months, {paid}"


def _offers(found: Mapping[Purchase, Offer], spot_share: Decimal) -> Offers:
    def price(purchase: Purchase) -> Money | None:
        return found[purchase].price.per_unit if purchase in found else None

    return Offers(found[Purchase.ON_DEMAND].price.per_unit, price(Purchase.RESERVED), price(Purchase.SPOT), spot_share)
