"""What a reader of a decision must know of the figures it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from steelyard.config.schema import Config
from steelyard.cost.lifecycle import SYSTEM_DISK_GB
from steelyard.decision.space import MEMORY_MARGIN, SYSTEM_GB
from steelyard.domain import Surface
from steelyard.workflows.price import Priced, Pricing

__all__ = ["warnings"]


def warnings(config: Config, pricing: Pricing, chosen: Mapping[Surface, Priced]) -> list[str]:
    """Sentences on old prices, assumptions and what was not measured; the weightiest first."""
    return [
        *_machines(pricing, chosen),
        *_measurements(pricing),
        *pricing.terms.book.stale(pricing.terms.on, after_days=config.cost.stale_after_days),
        *_loads(config, pricing),
        *_assumptions(pricing),
    ]


def _machines(pricing: Pricing, chosen: Mapping[Surface, Priced]) -> Iterator[str]:
    here = str(pricing.evidence.machine.get("cpu") or pricing.evidence.machine.get("cpu_model") or "this machine")
    yield (
        f"times were measured on {here}; one core of it is taken for one core of the instances: "
        "calibrate there before relying on the number of machines"
    )
    without = [machine.name.rsplit("/", 1)[-1] for machine in pricing.machines if machine.gpu]
    if without:
        yield f"{', '.join(without)}: not considered: no GPU measurement on this machine"
    machines = {machine.name: machine for machine in pricing.machines}
    for surface, each in chosen.items():
        capacity = each.candidate.capacity
        machine = machines.get(capacity.instance) if capacity else None
        if machine is not None and machine.baseline_share < 1:
            yield (
                f"{surface}: {machine.name} is burstable; it was sized by the {machine.cores.normalize():f} cores "
                f"it can use without end, not by its {machine.vcpus} vCPUs"
            )


def _measurements(pricing: Pricing) -> Iterator[str]:
    if pricing.evidence.http_overhead_cpu_s is None:
        yield "the processor time of HTTP itself was not measured: latencies and unit costs leave it out"
    for surface, priced in pricing.surfaces.items():
        busy = [each.candidate.name for each in priced if not each.candidate.measured.is_quiet]
        if busy:
            yield (
                f"{surface}: the machine was too busy for wall times ({len(busy)} of {len(priced)} configurations): "
                "machines are sized by processor times there, and latencies are rough"
            )
        if any(each.candidate.measured.is_synthetic for each in priced):
            yield f"{surface}: quality was measured on requests made from the catalogue, not on observed ones"


def _loads(config: Config, pricing: Pricing) -> Iterator[str]:
    for surface in pricing.surfaces:
        if "load" not in config.model_fields_set or str(surface) not in config.load.model_fields_set:
            yield f"{surface}: the load is a default, not the shop's: set [load.{surface}]"


def _assumptions(pricing: Pricing) -> Iterator[str]:
    yield from pricing.terms.book.assumptions()
    yield (
        f"each machine is given memory for {MEMORY_MARGIN} times the peak measured and {SYSTEM_GB} GB for the system, "
        f"and a disk of {SYSTEM_DISK_GB} GB beside the models: assumptions"
    )
    training = pricing.terms.training_on
    yield (
        f"core-seconds of preparing, training and measuring are priced on {training.name} with all its "
        f"{training.cores.normalize():f} cores busy"
    )
