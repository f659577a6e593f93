"""The number of machines as a fact, with all it was worked out from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from steelyard.config.schema import Config
from steelyard.cost import Instance, derived
from steelyard.cost.facts import assumed, exact
from steelyard.decision.space import Load
from steelyard.domain import Capacity, Fact, FactKind

__all__ = ["replicas_fact"]


def replicas_fact(
    capacity: Capacity, loads: Sequence[Load], config: Config, machine: Instance, *, overhead_s: float | None, on: date
) -> Fact:
    """The number of machines, with all it was worked out from."""
    inputs: list[Fact] = []
    for load in loads:
        n, mean = len(load.service_s), round(float(load.service_s.mean()) - load.beside_s, 9)
        inputs.append(
            Fact(exact(mean), "second", FactKind.MEASURED, f"mean service time of {n} requests, HTTP in it", on)
        )
        if load.beside_s:
            source = "[load.beside]: events and similar products that come with each request"
            inputs.append(assumed(round(load.beside_s, 9), "second", source=source, as_of=on))
        if load.latency_stretch != 1:
            source = "service times served over HTTP ÷ those measured in a loop, found by the check"
            inputs.append(Fact(exact(round(load.latency_stretch, 4)), "1", FactKind.MEASURED, source, on))
    if overhead_s is not None:
        source = "processor time over HTTP less that in process, in the service times above"
        inputs.append(Fact(exact(overhead_s), "core_second", FactKind.MEASURED, source, on))
    if machine.time_ratio is not None:
        inputs.append(machine.time_ratio)
    limit = min(load.max_p99_ms for load in loads)
    inputs.append(assumed(limit, "millisecond", source="[decide] max_p99_ms", as_of=on))
    inputs.append(assumed(config.decide.max_utilisation, "1", source="[decide] max_utilisation", as_of=on))
    found = exact(round(capacity.rate_per_replica_rps, 6))
    rate = derived(
        found, "highest rate of one machine within the limits, simulated", tuple(inputs), unit="request_per_second"
    )
    peak = sum(load.peak_rps for load in loads)
    given = assumed(peak, "request_per_second", source="[load] peak_rps", as_of=on)
    spare = assumed(config.decide.spare_replicas, "replica", source="[decide] spare_replicas", as_of=on)
    rule = "peak / rate of one, rounded up, + spare"
    return derived(Decimal(capacity.replicas), rule, (given, rate, spare), unit="replica")
