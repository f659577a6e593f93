"""Puts configurations on machines: for each, the instance type and number that carry the peak for least money.

What so many machines cost is handed in: the whole of the bill that hangs on them, never the price of an hour alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from typing import Protocol

import numpy as np

from steelyard.decision.capacity import Sizing, simulate_waits
from steelyard.domain import Capacity, FloatArray

__all__ = ["Demand", "Load", "Machine", "MonthlyCost", "Placement", "Shortfall", "Size", "by_the_hour", "least_cost",
           "memory_gb", "place", "place_together"]  # fmt: skip

MEMORY_MARGIN = 1.3
"""Peak resident set times this: room for growth. An assumption."""
SYSTEM_GB = 0.3
"""Memory of the operating system: an assumption."""
_NO_LIMIT_MS = 1e9
_ARRIVALS = 20_000
_MORE = 1.1
"""Steps in which replicas are added when shared machines are too slow for one of the surfaces."""
_TRIES = 40
_SLACK = 0.05
"""A mixture is drawn, so its mean time differs a little from that of the loads; a bound must stay below it."""


class Machine(Protocol):
    """What must be known of an instance type; ``steelyard.cost.prices.Instance`` is one."""

    @property
    def name(self) -> str:
        """Its name in the price book."""
        ...

    @property
    def cores(self) -> Decimal:
        """Cores that can be used without end."""
        ...

    @property
    def core_time(self) -> float:
        """How long one core takes for a second of one where times were measured, > 0."""
        ...

    @property
    def memory_gb(self) -> Decimal:
        """Memory in units of 10^9 bytes."""
        ...

    @property
    def hourly(self) -> Decimal:
        """Price of an hour."""
        ...

    @property
    def gpu(self) -> str:
        """Its accelerator; empty for none."""
        ...


class MonthlyCost(Protocol):
    """What so many machines of one type add to the bill."""

    def __call__(self, machine: Machine, replicas: int) -> Decimal:
        """Money a month, never less for more replicas."""
        ...


class Size(Protocol):
    """Sizing at a peak: ``steelyard.decision.capacity.size`` with its seed filled in."""

    def __call__(
        self,
        service_s: FloatArray,
        *,
        cores: float,
        peak_rps: float,
        max_p99_ms: float,
        max_utilisation: float,
        spare: int,
    ) -> Sizing | None:
        """Replicas that carry the peak; ``None`` where even an idle one is too slow."""
        ...


@dataclass(frozen=True, slots=True)
class Load:
    """One configuration's requests as the machines feel them."""

    service_s: FloatArray
    """Service time of one request on one core, HTTP included. Shape (timed,), > 0."""
    peak_rps: float
    max_p99_ms: float
    peak_rss_bytes: int
    latency_stretch: float = 1.0
    """Factor on service times where latency is judged, found over HTTP; utilisation is of the times as they are."""
    beside_s: float = 0.0
    """Of ``service_s``, what belongs to requests that come beside these: events, similar products."""
    elsewhere_ms: float = 0.0
    """99th percentile of the time that an answer waits for somebody else's machines, no processor of these held."""
    most_rps: float = math.inf
    """Highest rate at which one machine of any size gives whole answers, since so many may wait at once."""

    def on(self, machine: Machine) -> Load:
        """The same requests on the cores of a machine."""
        if machine.core_time == 1:
            return self
        return replace(self, service_s=self.service_s * machine.core_time, beside_s=self.beside_s * machine.core_time)


@dataclass(frozen=True, slots=True)
class Demand:
    """What is asked of every placement."""

    max_utilisation: float
    spare: int


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Something no machine could give."""

    what: str
    """``p99`` (milliseconds), ``memory`` (GB) or ``errors`` (requests)."""
    found: float
    wanted: float


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a configuration runs, or why it cannot."""

    capacity: Capacity | None
    """``None`` only where it fits in no machine's memory."""
    shortfalls: tuple[Shortfall, ...] = ()
    """Empty where all is well."""


def memory_gb(peak_rss_bytes: int) -> float:
    """Memory a machine needs: peak resident set × 1.3 plus 0.3 GB for the system."""
    return peak_rss_bytes / 1e9 * MEMORY_MARGIN + SYSTEM_GB


def by_the_hour(machine: Machine, replicas: int) -> Decimal:
    """Price of an hour times replicas: the cost where nothing else hangs on the machines."""
    return machine.hourly * replicas


def place(
    load: Load, machines: Sequence[Machine], demand: Demand, *, size: Size, cost: MonthlyCost = by_the_hour
) -> Placement:
    """The cheapest machines that hold the configuration and carry its peak within the limit.

    Machines with an accelerator are passed over: no time was measured on one.

    Args:
        load: What arrives and how long each request takes.
        machines: Instance types to consider.
        demand: Utilisation limit and spare replicas.
        size: Sizes one instance type.
        cost: What so many of one type add to the bill; this is what is minimised.

    Returns:
        Least cost; ties go to fewer replicas, then to the name. Where no machine keeps the
        latency limit, the one with the lowest p99, and the shortfall. Where none has the memory, no capacity.
    """
    usable = [machine for machine in machines if not machine.gpu]
    need = memory_gb(load.peak_rss_bytes)
    fitting = [machine for machine in usable if float(machine.memory_gb) >= need]
    if not fitting:
        largest = max((float(machine.memory_gb) for machine in usable), default=0.0)
        return Placement(None, (Shortfall("memory", need, largest),))
    best = _cheapest(load, fitting, demand, lambda _: size, cost)
    if best is not None:
        return Placement(best)
    slow = _fastest(load, fitting, demand, size, cost)
    return Placement(slow, (Shortfall("p99", slow.p99_ms, load.max_p99_ms),) if slow else ())


def _cheapest(
    load: Load, machines: Sequence[Machine], demand: Demand, size_on: Callable[[Machine], Size], cost: MonthlyCost
) -> Capacity | None:
    """Branch and bound: a machine is sized only if, at full allowed utilisation, it could still be the cheapest."""
    bound = {machine.name: least_cost([load], machine, demand, cost=cost) for machine in machines}
    best: tuple[Decimal, int, str] | None = None
    found: Capacity | None = None
    for machine in sorted(machines, key=lambda each: (bound[each.name], each.name)):
        if best is not None and bound[machine.name] > best[0]:
            break
        sizing = _sized(load, machine, demand, size_on(machine), load.max_p99_ms)
        if sizing is None:
            continue
        key = (cost(machine, sizing.replicas), sizing.replicas, machine.name)
        if best is None or key < best:
            best, found = key, _capacity(machine, sizing)
    return found


def least_cost(loads: Sequence[Load], machine: Machine, demand: Demand, *, cost: MonthlyCost = by_the_hour) -> Decimal:
    """A bound from below on what machines of one type cost that carry these loads together.

    Args:
        loads: One or several configurations.
        machine: The instance type.
        demand: Utilisation limit and spare replicas.
        cost: As ``place``.

    Returns:
        The cost of as many replicas as the utilisation limit alone asks for: no sizing comes out with fewer.
    """
    busy = sum(load.peak_rps * float(load.service_s.mean()) for load in loads) * machine.core_time
    working = max(1, math.ceil(busy * (1 - _SLACK) / (float(machine.cores) * demand.max_utilisation) - 1e-9))
    return cost(machine, working + demand.spare)


def _fastest(load: Load, machines: Sequence[Machine], demand: Demand, size: Size, cost: MonthlyCost) -> Capacity | None:
    tried: list[tuple[float, Decimal, str, Capacity]] = []
    for power in sorted({(machine.cores, machine.core_time) for machine in machines}):
        alike = [machine for machine in machines if (machine.cores, machine.core_time) == power]
        machine = min(alike, key=lambda each: (cost(each, 1), each.name))
        sizing = _sized(load, machine, demand, size, _NO_LIMIT_MS)
        if sizing is not None:
            capacity = _capacity(machine, sizing)
            tried.append((round(sizing.p99_ms, 3), cost(machine, sizing.replicas), machine.name, capacity))
    return min(tried, key=lambda each: each[:3])[3] if tried else None


def _sized(load: Load, machine: Machine, demand: Demand, size: Size, max_p99_ms: float) -> Sizing | None:
    stretch = load.latency_stretch
    if max_p99_ms <= load.elsewhere_ms:
        return None
    sizing = size(
        load.on(machine).service_s * stretch,
        cores=float(machine.cores),
        peak_rps=load.peak_rps,
        max_p99_ms=max_p99_ms - load.elsewhere_ms,
        max_utilisation=min(1.0, demand.max_utilisation * stretch),
        spare=demand.spare,
    )
    if sizing is None:
        return None
    found = replace(sizing, utilisation=sizing.utilisation / stretch, p99_ms=sizing.p99_ms + load.elsewhere_ms)
    return found if found.rate_per_replica_rps <= load.most_rps else _held_back(found, load, demand.spare)


def _held_back(sizing: Sizing, load: Load, spare: int) -> Sizing:
    """With more machines than their processors ask for, since each has only so many answers waiting at once."""
    working = max(sizing.working, math.ceil(load.peak_rps / load.most_rps - 1e-9))
    replicas = working + spare
    utilisation = sizing.utilisation * sizing.replicas / replicas
    return Sizing(working, replicas, load.most_rps, sizing.p99_ms, utilisation)


def _capacity(machine: Machine, sizing: Sizing) -> Capacity:
    return Capacity(machine.name, sizing.replicas, sizing.rate_per_replica_rps, sizing.p99_ms, sizing.utilisation)


def place_together(
    loads: Sequence[Load],
    machines: Sequence[Machine],
    demand: Demand,
    *,
    size: Size,
    seed: int,
    cost: MonthlyCost = by_the_hour,
) -> Capacity | None:
    """The cheapest machines on which several configurations share processes and processors.

    Memories and rates add up. The mixture is sized at the strictest limit; then each surface's own p99 is simulated
    in the mixture, and replicas are added until each keeps its own.

    Args:
        loads: One for each surface, at least one.
        machines: Instance types to consider.
        demand: Utilisation limit and spare replicas.
        size: Sizes one instance type.
        seed: Of the mixture and of the simulation.
        cost: As ``place``.

    Returns:
        As ``place``, with ``p99_ms`` of all requests together; ``None`` where nothing carries them all in time.
    """
    mixture = Load(
        _mixed(loads, seed),
        sum(load.peak_rps for load in loads),
        min(load.max_p99_ms - load.elsewhere_ms for load in loads),
        sum(load.peak_rss_bytes for load in loads),
        _stretch_of(loads),
        most_rps=min(load.most_rps * sum(each.peak_rps for each in loads) / load.peak_rps for load in loads),
    )
    if mixture.max_p99_ms <= 0:
        return None
    need = memory_gb(mixture.peak_rss_bytes)
    fitting = [machine for machine in machines if not machine.gpu and float(machine.memory_gb) >= need]

    def size_each(
        there: Sequence[Load],
        service_s: FloatArray,
        *,
        cores: float,
        peak_rps: float,
        max_p99_ms: float,
        max_utilisation: float,
        spare: int,
    ) -> Sizing | None:
        sizing = size(
            service_s,
            cores=cores,
            peak_rps=peak_rps,
            max_p99_ms=max_p99_ms,
            max_utilisation=max_utilisation,
            spare=spare,
        )
        return sizing and _until_each_is_kept(sizing, there, cores=cores, spare=spare, seed=seed)

    def size_on(machine: Machine) -> Size:
        return partial(size_each, [load.on(machine) for load in loads])

    return _cheapest(mixture, fitting, demand, size_on, cost)


def _until_each_is_kept(sizing: Sizing, loads: Sequence[Load], *, cores: float, spare: int, seed: int) -> Sizing | None:
    """The sizing, with replicas added until every surface keeps its own limit; ``None`` if that never happens."""
    total = sum(load.peak_rps for load in loads)
    working = sizing.working
    for _ in range(_TRIES):
        replicas = working + spare
        if _each_is_kept(loads, total / replicas, cores=cores, seed=seed):
            rate = min(sizing.rate_per_replica_rps, total / working)
            return Sizing(working, replicas, rate, sizing.p99_ms, sizing.utilisation * sizing.replicas / replicas)
        working = max(working + 1, math.ceil(working * _MORE))
    return None


def _each_is_kept(loads: Sequence[Load], rate_rps: float, *, cores: float, seed: int) -> bool:
    generator = np.random.default_rng(seed)
    labels, drawn = _draw(loads, _ARRIVALS, generator, stretched=True)
    arrivals = generator.exponential(1 / rate_rps, _ARRIVALS).cumsum()
    response = drawn + simulate_waits(arrivals, drawn, servers=max(1, math.floor(cores)))
    return all(
        not (labels == number).any()
        or float(np.quantile(response[labels == number], 0.99, method="inverted_cdf")) * 1000
        <= load.max_p99_ms - load.elsewhere_ms
        for number, load in enumerate(loads)
    )


def _mixed(loads: Sequence[Load], seed: int) -> FloatArray:
    """Service times of all surfaces, each as often as its requests come."""
    return _draw(loads, _ARRIVALS, np.random.default_rng(seed), stretched=False)[1]


def _stretch_of(loads: Sequence[Load]) -> float:
    """The factor of the mixture: that of each surface, as long as its requests take the processor."""
    busy = [load.peak_rps * float(load.service_s.mean()) for load in loads]
    return sum(each * load.latency_stretch for each, load in zip(busy, loads, strict=True)) / sum(busy)


def _draw(
    loads: Sequence[Load], n: int, generator: np.random.Generator, *, stretched: bool
) -> tuple[FloatArray, FloatArray]:
    rates = np.array([load.peak_rps for load in loads])
    labels = generator.choice(len(loads), n, p=rates / rates.sum())
    drawn = np.empty(n)
    for number, load in enumerate(loads):
        mine = labels == number
        drawn[mine] = generator.choice(load.service_s, int(mine.sum())) * (load.latency_stretch if stretched else 1.0)
    return labels.astype(np.float64), drawn
