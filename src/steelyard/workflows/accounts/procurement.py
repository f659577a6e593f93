"""Ways to host one configuration: machines of one's own, on demand, reserved and spot, a managed service.

Each is a bill at any volume, so that options can be compared at the plan, and beyond it: bought for that volume, or,
for what is uncertain, bought for the plan before the volume was known. What is not bought differently stays on every
bill as it is: the data, and the people who would be there anyway.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Decimal
from typing import Protocol

import numpy as np

from steelyard.cost import Hosting, Instance, PriceBook, Terms, bill
from steelyard.cost.facts import EXACT, assumed, derived, exact
from steelyard.cost.lifecycle import Operation
from steelyard.cost.prices.managed import ManagedService, Volume
from steelyard.cost.prices.offers import Offer, Purchase, offers
from steelyard.decision.autoscale import Peak, Scaler, outcome, reactive, scheduled
from steelyard.decision.breakeven import hourly_rps, machines_needed
from steelyard.domain import Bill, CostLine, Fact, FactKind, FloatArray, LineKey, Stage

__all__ = ["Managed", "OnDemand", "OwnServer", "Plan", "ScenarioBasis", "SourcingOption"]

OWN = "own/"
"""Begins the names of rows that are machines of the shop's own."""
_MACHINES = (Stage.TRAINING, Stage.RETRAINING, Stage.SERVING, Stage.BANDWIDTH, Stage.DEPLOYMENT)
_PEOPLE = "person_hour"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be carried, and what is assumed about it."""

    requests_per_month: int
    peak_rps: float
    spare: int
    peak_hours: int
    """Hours of a month at the peak."""
    day: tuple[float, ...]
    """Traffic of the hours of a day, as shares of the busiest."""
    spot_share: Decimal
    """Highest share of the machines that may stand on spot."""
    own_people_hours: Decimal
    """People's hours a month for each machine of one's own."""
    managed_people_share: Decimal
    """Share of the upkeep by people that a managed service leaves."""
    n_users: int | None = None
    n_items: int | None = None
    reacts_s: float = 30.0
    """From the first sign of a peak to the launch of machines."""
    boots_s: float = 90.0
    """From the launch of a machine to its first answer."""


@dataclass(frozen=True, slots=True)
class ScenarioBasis:
    """One configuration, measured, with all that its bills rest on."""

    operation: Operation
    terms: Terms
    plan: Plan
    rates_rps: Mapping[tuple[Decimal, float], float]
    """Highest rate within the limits, by the power of a machine; none where even an idle one is too slow."""
    machines: tuple[Instance, ...]
    """Machines for hire that hold it, without accelerators."""
    own: tuple[Instance, ...]
    """Machines of the shop's own that hold it, without accelerators."""
    service_s: FloatArray
    """Measured service times, for requests that come while machines boot. Shape (n,), > 0."""
    max_p99_ms: float
    """A request that takes longer is late."""
    seed: int = 0

    @property
    def book(self) -> PriceBook:
        """Prices."""
        return self.terms.book

    def replicas(self, machine: Instance, scale: Decimal) -> Fact:
        """Machines that carry the peak of a volume, with the spare ones."""
        peak = assumed(exact(self.plan.peak_rps) * scale, "request_per_second", source="peak", as_of=self.terms.on)
        rate = Fact(
            exact(round(self.rates_rps[machine.power], 6)),
            "request_per_second",
            FactKind.MEASURED,
            f"highest rate of {machine.cores.normalize():f} cores within the limits, simulated on measured times",
            self.terms.on,
        )
        spare = assumed(self.plan.spare, "replica", source="[decide] spare_replicas", as_of=self.terms.on)
        working = max(Decimal(1), EXACT.divide(peak.value, rate.value).to_integral_value(ROUND_CEILING))
        rule = "peak / rate of one, rounded up, + spare"
        return derived(working + spare.value, rule, (peak, rate, spare), unit="replica")

    def hosting(self, machine: Instance, replicas: Fact, scale: Decimal) -> Hosting:
        """So many machines with what they hold and, at a volume, send."""
        operation, n = self.operation, self.requests(scale)
        kb = exact(operation.response_kb) if operation.answer is None else operation.answer.value
        return Hosting(machine, replicas, operation.hosting.bundle_bytes, n, kb * n / 10**6)

    def bill(self, name: str, machine: Instance, replicas: Fact, scale: Decimal) -> Bill:
        """The whole bill on so many machines of one type, at a volume."""
        operation = replace(
            self.operation,
            configuration=name,
            hosting=self.hosting(machine, replicas, scale),
            requests_per_month=self.requests(scale),
        )
        return bill(operation, replace(self.terms, account_gb=self.terms.account_gb * scale))

    def offers(self, machine: Instance) -> dict[Purchase, Offer]:
        """The cheapest offer of each kind; nothing is committed to for longer than a year or the shop's horizon."""
        longest = max(12, self.terms.cost.horizon_months)
        found: dict[Purchase, Offer] = {}
        for each in offers(self.book, machine.name):
            known = found.get(each.purchase)
            is_cheaper = known is None or each.price.per_unit.amount < known.price.per_unit.amount
            if is_cheaper and each.term_months <= longest:
                found[each.purchase] = each
        return found

    def needed(self, machine: Instance, scale: Decimal) -> list[int]:
        """Machines of each hour of a month, the hours at the peak first."""
        plan, peak_rps = self.plan, self.plan.peak_rps * float(scale)
        rps = hourly_rps(plan.requests_per_month * float(scale), peak_rps, peak_hours=plan.peak_hours, day=plan.day)
        rps[: plan.peak_hours] = peak_rps  # however short it is in its hours, it is carried
        return machines_needed(rps, self.rates_rps[machine.power], spare=plan.spare)

    def late_share(self, machine: Instance, reserved: int, *, is_scheduled: bool = False) -> float:
        """Late requests of the minutes around a peak that begins at once, with machines launched when it is noticed.

        Args:
            machine: The type.
            reserved: Machines that are there anyway.
            is_scheduled: Whether a calendar launches them instead, so that they are ready when the peak begins.

        Returns:
            Share of the requests of a minute before and ten minutes of the peak, simulated.
        """
        plan, most, needed = self.plan, int(self.replicas(machine, Decimal(1)).value), self.needed(machine, Decimal(1))
        ordinary = needed[plan.peak_hours :] or needed
        usual = min(most, max(reserved, round(sum(ordinary) / len(ordinary)), 1))
        mean_rps = min(plan.peak_rps, plan.requests_per_month / (730 * 3600))
        peak = Peak(mean_rps, plan.peak_rps, starts_s=60.0, lasts_s=600.0, window_s=660.0)
        if is_scheduled:
            scaled = scheduled(peak, usual=usual, most=most, before_s=plan.boots_s, after_s=0.0)
        else:
            scaled = reactive(peak, Scaler(plan.reacts_s, plan.boots_s), usual=usual, most=most)
        cores, service_s = float(machine.cores), self.service_s * machine.core_time
        found = outcome(
            peak, scaled, service_s=service_s / min(1.0, cores), slots=max(1, int(cores)),
            max_latency_s=max(self.max_p99_ms / 1000, _slowest_s(service_s, cores)), seed=self.seed,
        )  # fmt: skip
        return found.late_share

    def requests(self, scale: Decimal) -> int:
        """Requests a month at a volume."""
        return int(self.plan.requests_per_month * scale)

    def cheapest(self, scale: Decimal) -> tuple[Instance, Fact]:
        """The machine for hire that carries the peak for least money by the hour, and how many."""
        sized = [(each, self.replicas(each, scale)) for each in self.machines if each.power in self.rates_rps]
        return min(sized, key=lambda pair: (pair[0].hourly * pair[1].value, pair[1].value, pair[0].name))


class SourcingOption(Protocol):
    """One way to host a configuration."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def what(self) -> str:
        """What is bought, in words, at the plan's volume."""
        ...

    def bill(self, scale: Decimal) -> Bill:
        """A month at a multiple of the plan's volume, bought for it; an unknown price leaves it without a total."""
        ...

    def drawn(self, scale: Decimal) -> Bill:
        """A month whose volume nobody knew: what was committed to was committed to for the plan."""
        ...

    def bought(self, line: CostLine) -> Purchase | None:
        """How the machines of a line are bought; ``None`` of other lines, and of machines of the shop's own."""
        ...


@dataclass(frozen=True, slots=True)
class OnDemand:
    """Machines by the hour, as many as the peak needs, all month: what ``decide`` prices."""

    basis: ScenarioBasis
    name: str = "on-demand"

    @property
    def what(self) -> str:
        """What is bought."""
        machine, replicas = self.basis.cheapest(Decimal(1))
        return f"{replicas.value} x {machine.name}, all month"

    def bill(self, scale: Decimal) -> Bill:
        """As ``SourcingOption.bill``."""
        return self.basis.bill(self.name, *self.basis.cheapest(scale), scale)

    def drawn(self, scale: Decimal) -> Bill:
        """As ``SourcingOption.drawn``: nothing is committed to."""
        return self.bill(scale)

    def bought(self, line: CostLine) -> Purchase | None:
        """As ``SourcingOption.bought``."""
        return Purchase.ON_DEMAND if line.stage is Stage.SERVING else None


@dataclass(frozen=True, slots=True)
class OwnServer:
    """Machines of the shop's own: depreciation and energy by the hour, and somebody who looks after them."""

    basis: ScenarioBasis
    machine: Instance

    @property
    def name(self) -> str:
        """Its name."""
        return f"own server ({self.machine.name.removeprefix(OWN)})"

    @property
    def what(self) -> str:
        """What is bought."""
        return f"{self.basis.replicas(self.machine, Decimal(1)).value} x {self.machine.name}"

    def drawn(self, scale: Decimal) -> Bill:
        """As ``SourcingOption.drawn``: those bought for the plan stay, and more are bought where it takes more."""
        made = self.bill(max(scale, Decimal(1)))
        asked = self.bill(scale)
        kept = [line for line in made.lines if line.stage is not Stage.BANDWIDTH]
        return replace(made, lines=(*kept, *(line for line in asked.lines if line.stage is Stage.BANDWIDTH)))

    def bought(self, line: CostLine) -> Purchase | None:
        """As ``SourcingOption.bought``."""
        del line
        return None

    def bill(self, scale: Decimal) -> Bill:
        """As ``SourcingOption.bill``."""
        basis, replicas = self.basis, self.basis.replicas(self.machine, scale)
        made = basis.bill(self.name, self.machine, replicas, scale)
        each = assumed(basis.plan.own_people_hours, _PEOPLE, source="people's hours a machine", as_of=basis.terms.on)
        hours = derived(each.value * replicas.value, "hours x machines", (each, replicas), unit=_PEOPLE)
        price = basis.book.person(basis.terms.cost.people.role)
        line = CostLine(Stage.MAINTENANCE, LineKey.MACHINE_UPKEEP, hours, price)
        return replace(made, lines=(*made.lines, line))


@dataclass(frozen=True, slots=True)
class Managed:
    """Somebody else's service instead of models and machines of one's own."""

    basis: ScenarioBasis
    service: ManagedService

    @property
    def name(self) -> str:
        """Its name."""
        return self.service.name

    @property
    def what(self) -> str:
        """What is bought."""
        return "a managed service; its quality was not measured"

    def drawn(self, scale: Decimal) -> Bill:
        """As ``SourcingOption.drawn``: it is paid by use."""
        return self.bill(scale)

    def bought(self, line: CostLine) -> Purchase | None:
        """As ``SourcingOption.bought``."""
        del line
        return None

    def bill(self, scale: Decimal) -> Bill:
        """As ``SourcingOption.bill``."""
        basis, plan = self.basis, self.basis.plan
        volume = Volume(
            basis.requests(scale),
            exact(plan.peak_rps) * scale,
            plan.n_users,
            plan.n_items,
            exact(basis.terms.cost.retrainings_per_month),
        )
        base = basis.bill(self.name, *basis.cheapest(Decimal(1)), scale)
        kept = [_left(line, plan.managed_people_share) for line in base.lines if _stays(line)]
        return replace(base, lines=(*self.service.lines(volume, on=basis.terms.on), *kept))


def _stays(line: CostLine) -> bool:
    """Whether a line is there with a managed service too: the data, and people; not what makes and runs models."""
    is_machine = line.quantity.unit == "hour" and line.stage is Stage.TUNING
    return line.stage not in _MACHINES and not is_machine and line.key is not LineKey.SERVING_DISKS


def _left(line: CostLine, share: Decimal) -> CostLine:
    """A line of people's upkeep, less what the service takes over."""
    if line.quantity.unit != _PEOPLE or line.stage is not Stage.MAINTENANCE:
        return line
    left = assumed(share, "1", source="share of the upkeep that a managed service leaves", as_of=line.quantity.as_of)
    hours = derived(line.quantity.value * share, "hours x share", (line.quantity, left), unit=_PEOPLE)
    return replace(line, quantity=hours)


def _slowest_s(service_s: FloatArray, cores: float) -> float:
    """What the slowest requests take on a burstable machine that has used up its credits: not late by itself."""
    return float(np.quantile(service_s, 0.99)) / min(1.0, cores)
