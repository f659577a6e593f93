"""``price``: puts every measured configuration on machines and writes its monthly bill. Pure on given values."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from functools import partial

import numpy as np

from steelyard.config.schema import Config, SurfaceLoad
from steelyard.cost import (
    Hosting,
    Instance,
    Operation,
    PriceBook,
    Terms,
    UsageRecord,
    bill,
    egress_of_more,
    hosting_cost,
    training_instance,
    unit_cost,
)
from steelyard.cost.endpoints import EndpointUse, per_1000
from steelyard.cost.facts import exact
from steelyard.decision.capacity import size
from steelyard.decision.space import Demand, Load, Machine, MonthlyCost, Shortfall, Size, place
from steelyard.documents.choice import Promise
from steelyard.documents.machine import MachineFacts
from steelyard.domain import (
    Bilingual,
    Bill,
    Candidate,
    Capacity,
    Configuration,
    Fact,
    FactKind,
    FloatArray,
    Measurement,
    Surface,
    UnitCost,
)
from steelyard.errors import StageError
from steelyard.workflows.evidence.one_scale import one_scale
from steelyard.workflows.evidence.standing import Correction
from steelyard.workflows.pricing.endpoints import endpoint_use, waits_of
from steelyard.workflows.pricing.machines import architecture_measured, calibrated, usable_machines
from steelyard.workflows.pricing.replicas import replicas_fact
from steelyard.workflows.pricing.traffic import answer_of, surface_floor, surface_load

__all__ = [
    "SURFACES",
    "Evidence",
    "Priced",
    "Pricing",
    "monthly_cost",
    "operation_of",
    "price",
    "surface_floor",
    "surface_load",
]

SURFACES = (Surface.SEARCH, Surface.RECOMMEND)
_SHORTEST_S = 1e-6


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that was measured."""

    configurations: Sequence[Configuration]
    measurements: Mapping[Surface, Sequence[Measurement]]
    usage: UsageRecord
    machine: MachineFacts = field(default_factory=MachineFacts)
    """What everything was measured on."""
    http_overhead_cpu_s: float | None = None
    """Processor seconds a request costs over HTTP beyond those in process; ``None`` where not measured."""
    data_bytes: int = 0
    """Stored data and event log."""
    checks: Mapping[str, Promise] = field(default_factory=dict)
    """Runs over HTTP by configuration."""
    corrections: Mapping[str, Correction] = field(default_factory=dict)
    """What was found over HTTP, by configuration; it corrects processor times and simulated latencies."""
    corrections_said: Mapping[str, Bilingual] = field(default_factory=dict)
    """The same in sentences, of those that are corrected."""
    time_ratios: Mapping[str, Fact] = field(default_factory=dict)
    """Time of a core over that of one that measured, by name or family of instance types."""


@dataclass(frozen=True, slots=True)
class Priced:
    """A candidate with what its placement rests on."""

    candidate: Candidate
    load: Load
    shortfalls: tuple[Shortfall, ...]
    overhead_s: float = 0.0
    """Processor seconds of HTTP, in the load's service times."""
    is_p99_measured: bool = False
    requests_per_month: int = 0
    answer: Fact | None = None
    """Kilobytes of one answer."""


@dataclass(frozen=True, slots=True)
class Pricing:
    """Every configuration of every surface with its bill, and the terms of the bills."""

    evidence: Evidence
    terms: Terms
    machines: tuple[Instance, ...]
    """Instance types that were to be considered, those with accelerators included."""
    surfaces: Mapping[Surface, tuple[Priced, ...]]
    set_aside: tuple[Bilingual, ...] = ()
    """Why some of the book's machines were not considered."""


def price(
    config: Config, evidence: Evidence, *, book: PriceBook, now: datetime, size_with: Size | None = None
) -> Pricing:
    """Place and price every configuration that was measured.

    Args:
        config: Load, floors, settings of cost.
        evidence: What was measured.
        book: Prices, the shop's own laid over it.
        now: Day of the assumptions.
        size_with: Sizes machines; by simulation with the configuration's seed where left out.

    Returns:
        Surfaces without a measurement are left out.

    Raises:
        StageError: Nothing was measured, or a configuration was measured that nobody knows.
        PriceError: The book lacks an instance type that is asked for, or all of them; or none is of the architecture
            that was measured.
    """
    measured = {
        surface: one_scale(evidence.measurements.get(surface, ()), seed=config.seed, resamples=config.measure.bootstrap)
        for surface in SURFACES
    }
    present = [surface for surface, found in measured.items() if found]
    if not present:
        raise StageError("nothing was measured yet: run `steelyard measure` first")
    terms = _terms(config, evidence, book=book, present=present, on=now.date())
    machines, aside = usable_machines(book, config.cost.instances, measured_on=evidence.machine)
    machines = calibrated(machines, evidence.time_ratios)
    known = {each.name: each for each in evidence.configurations}
    surfaces: dict[Surface, tuple[Priced, ...]] = {}
    for surface in present:
        unknown = [each.configuration for each in measured[surface] if each.configuration not in known]
        if unknown:
            raise StageError(f"measured but not among the configurations: {unknown}; run `steelyard measure` again")
        desk = _Desk(config, evidence, terms, machines, surface)
        desk.size = size_with or desk.size
        surfaces[surface] = tuple(desk.priced(known[each.configuration], each) for each in measured[surface])
    return Pricing(evidence, terms, machines, surfaces, aside)


def _terms(config: Config, evidence: Evidence, *, book: PriceBook, present: Sequence[Surface], on: date) -> Terms:
    usage = evidence.usage.facts(on=on)
    loads = [surface_load(config, surface) for surface in present]
    answers = [_answer(config, evidence, surface, on).value for surface in present]
    account_gb = (
        sum((kb * load.requests_per_month for kb, load in zip(answers, loads, strict=True)), Decimal(0)) / 10**6
    )
    return Terms(
        book=book,
        cost=config.cost,
        usage=usage,
        training_on=training_instance(
            book,
            peak_rss_bytes=usage.peak_rss_bytes,
            names=config.cost.instances,
            architecture=architecture_measured(evidence.machine),
        ),
        on=on,
        n_surfaces=len(present),
        account_gb=account_gb,
        data_bytes=evidence.data_bytes,
    )


def _answer(config: Config, evidence: Evidence, surface: Surface, on: date) -> Fact:
    load = surface_load(config, surface)
    return answer_of(load, surface, evidence.configurations, checks=evidence.checks, on=on)


def sizing(config: Config) -> Size:
    """Sizing by simulation, with the configuration's seed."""
    return partial(size, seed=config.seed)


def demand(config: Config) -> Demand:
    """What is asked of every placement."""
    return Demand(config.decide.max_utilisation, config.decide.spare_replicas)


def _first(*values: float | None) -> float:
    """The first that is known; 0 for none."""
    return next((value for value in values if value is not None), 0.0)


class _Desk:
    """Prices the configurations of one surface."""

    def __init__(
        self, config: Config, evidence: Evidence, terms: Terms, machines: Sequence[Instance], surface: Surface
    ) -> None:
        self._config, self._evidence, self._terms, self._surface = config, evidence, terms, surface
        self._machines = {machine.name: machine for machine in machines}
        self._traffic = surface_load(config, surface)
        self._answer = _answer(config, evidence, surface, terms.on)
        self.size = sizing(config)

    def priced(self, configuration: Configuration, measured: Measurement) -> Priced:
        correction = self._evidence.corrections.get(configuration.name) or Correction(None)
        overhead_s = _first(correction.overhead_s, self._evidence.http_overhead_cpu_s)
        beside_s = self._config.load.beside.seconds(overhead_s)
        waits = waits_of(configuration, measured)
        own_s = _service_s(measured) if waits is None else np.asarray(measured.facts["cpu_s"], np.float64)
        load = Load(
            np.maximum(own_s, _SHORTEST_S) + overhead_s + beside_s,
            self._traffic.peak_rps,
            surface_floor(self._config, self._surface).max_p99_ms,
            measured.peak_rss_bytes,
            correction.stretch,
            beside_s,
            0.0 if waits is None else waits.p99_ms,
            math.inf if waits is None else waits.most_rps(configuration, self._config.serve.workers),
        )
        machines = list(self._machines.values())
        monthly = monthly_cost(machines, self._terms, partial(self._hosting, measured))
        placement = place(load, machines, demand(self._config), size=self.size, cost=monthly)
        capacity, is_measured = self._checked(configuration.name, placement.capacity)
        shortfalls = (*placement.shortfalls, *self._failed(configuration.name))
        if capacity is None:
            nowhere = Candidate(configuration, measured, None, None, None)
            return Priced(nowhere, load, shortfalls, overhead_s)
        made = self._bill(configuration, measured, capacity, load=load, overhead_s=overhead_s)
        machine = self._machines[capacity.instance]
        cpu_s = (exact(measured.cpu_s_per_request.mean) + exact(overhead_s)) * exact(machine.core_time)
        cost = unit_cost(
            made,
            per_hour=machine.price.per_unit,
            cores=machine.cores,
            cpu_s=cpu_s,
            rate_rps=exact(capacity.rate_per_replica_rps),
            requests_per_month=self._traffic.requests_per_month,
            egress=egress_of_more(self._terms, self._answer.value),
        )
        asking = self._with_endpoint(cost, configuration, measured)
        candidate = Candidate(configuration, measured, capacity, made, asking)
        requests = self._traffic.requests_per_month
        return Priced(candidate, load, shortfalls, overhead_s, is_measured, requests, answer=self._answer)

    def _with_endpoint(self, cost: UnitCost, configuration: Configuration, measured: Measurement) -> UnitCost | None:
        """The unit costs with what each request more asks of a model behind an address; none where that is unknown."""
        use = self._asks(configuration, measured)
        if use is None:
            return cost
        more = per_1000(use, self._terms.book, self._terms.on, self._traffic.requests_per_month)
        if more is None:
            return None
        return replace(cost, marginal=cost.marginal + more, at_capacity=cost.at_capacity + more)

    def _asks(self, configuration: Configuration, measured: Measurement) -> EndpointUse | None:
        return endpoint_use(configuration, measured, self._traffic, config=self._config, on=self._terms.on)

    def _failed(self, name: str) -> tuple[Shortfall, ...]:
        """Requests without a good answer in the run that judges it, whatever the p99 of the others."""
        check = self._evidence.checks.get(name)
        if check is None or check.ruling != "missed" or not check.errors:
            return ()
        return (Shortfall("errors", float(check.errors), 0.0),)

    def _checked(self, name: str, capacity: Capacity | None) -> tuple[Capacity | None, bool]:
        """The capacity with the p99 that judges it, where a valid run over HTTP found one.

        A miss that may still be mended by a lower rate does not judge: the sizing is corrected by it already.
        """
        check = self._evidence.checks.get(name)
        if capacity is None or check is None or check.ruling not in ("kept", "missed") or check.measured_p99_ms is None:
            return capacity, False
        if self._machines[capacity.instance].core_time != 1:  # what was read holds for the cores that it was read on
            return capacity, False
        return replace(capacity, p99_ms=check.measured_p99_ms), True

    def _hosting(self, measured: Measurement, machine: Instance, replicas: Fact) -> Hosting:
        requests = self._traffic.requests_per_month
        return Hosting(machine, replicas, measured.disk_bytes, requests, self._answer.value * requests / 10**6)

    def _bill(
        self, configuration: Configuration, measured: Measurement, capacity: Capacity, *, load: Load, overhead_s: float
    ) -> Bill:
        machine = self._machines[capacity.instance]
        replicas = replicas_fact(
            capacity, [load], self._config, machine, overhead_s=overhead_s or None, on=self._terms.on
        )
        hosting = self._hosting(measured, machine, replicas)
        operation = operation_of(configuration, self._traffic, hosting)
        operation = replace(operation, answer=self._answer, asks=self._asks(configuration, measured))
        return bill(operation, self._terms)


def monthly_cost(
    machines: Sequence[Instance], terms: Terms, hosting: Callable[[Instance, Fact], Hosting]
) -> MonthlyCost:
    """What so many machines add to the bill, disks and all that stands around them included.

    Args:
        machines: Those that are considered.
        terms: Of the bill.
        hosting: The machines with what they hold and serve.

    Returns:
        What placement minimises: the very lines that the bill will show.
    """
    known = {machine.name: machine for machine in machines}

    def cost(machine: Machine, replicas: int) -> Decimal:
        tried = Fact(Decimal(replicas), "replica", FactKind.DERIVED, "tried", terms.on)
        return hosting_cost(hosting(known[machine.name], tried), terms)

    return cost


def operation_of(configuration: Configuration, traffic: SurfaceLoad, hosting: Hosting) -> Operation:
    """A configuration at work on a surface's traffic."""
    return Operation(
        configuration.name,
        tuple(configuration.parts.values()),
        configuration.upkeep.has_transformer,
        hosting,
        traffic.requests_per_month,
        traffic.response_kb,
        upkeep_hours=configuration.upkeep.hours_per_month,
        label_hours=configuration.upkeep.label_hours,
    )


def _service_s(measured: Measurement) -> FloatArray:
    """Wall seconds of each request; its processor seconds where the machine was too busy for wall times."""
    cpu_s = measured.facts.get("cpu_s")
    if measured.is_quiet or not cpu_s:
        return measured.service_s
    return np.asarray(cpu_s, dtype=np.float64)
