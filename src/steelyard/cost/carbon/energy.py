r"""Energy and carbon of running and making models: metered where there is a meter, else estimated; the two kept apart.

.. math:: \mathrm{gCO_2e} = \mathrm{kWh} \times \mathrm{PUE} \times \mathrm{g/kWh}

Location-based: the mix of the grid where the machine stands, whatever certificates its owner bought. An estimate is

.. math:: \mathrm{kWh} = h \left[\frac{v\,(w_{idle} + u\,(w_{busy} - w_{idle})) + w_{gpu}}{1000} + m \cdot c_m\right]

for *h* hours of a machine with *v* vCPUs, of which the share *u* is busy, and *m* GB of memory. Making the server is
spread over its life and its vCPUs. Disks, networks and what the shoppers' own devices draw are not counted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from steelyard.cost.carbon.emission_factors import Draw, Factors, Unknown
from steelyard.cost.facts import EXACT, derived
from steelyard.domain import Fact
from steelyard.errors import PriceError

__all__ = ["Machine", "busy_share", "embodied", "emissions", "energy", "total"]

_ACCELERATORS = re.compile(r"(\d+) x (\S+)")
_WATTS_PER_KW = Decimal(1000)
_GRAMS_PER_KG = Decimal(1000)


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine type, as a price book describes it."""

    name: str
    """``provider/region/type``."""
    vcpus: int
    memory_gb: Decimal
    gpu: str = ""
    """For example ``1 x T4 16 GB``; empty where there is none."""

    @property
    def provider(self) -> str:
        """Who runs the data centre: what stands before the first slash."""
        return self.name.split("/")[0]

    @property
    def region(self) -> str:
        """``provider/region``; empty where the name has no region."""
        return "/".join(self.name.split("/")[:2]) if self.name.count("/") >= 2 else ""


def emissions(kwh: Fact | Unknown, *, pue: Fact | Unknown, intensity: Fact | Unknown) -> Fact | Unknown:
    """Carbon of energy used: ``kWh × PUE × g/kWh``.

    Args:
        kwh: Of the machines alone; metered or estimated.
        pue: Energy of the data centre over that of its machines, >= 1.
        intensity: Grams for each kWh where the machines stand.

    Returns:
        Grams, with the corners of the intervals of what went in; unknown where any of them is.

    Raises:
        PriceError: A PUE below 1: a data centre uses at least what its machines use.
    """
    for each in (kwh, pue, intensity):
        if isinstance(each, Unknown):
            return each
    assert isinstance(kwh, Fact) and isinstance(pue, Fact) and isinstance(intensity, Fact)
    if pue.value < 1:
        raise PriceError(
            f"PUE is {pue.value} ({pue.source}): a data centre uses at least what its machines use; 1.1 to 2"
        )
    return _product("kWh x PUE x g/kWh", (kwh, pue, intensity), unit="gram")


def busy_share(core_s: Fact, hours: Fact, *, vcpus: int) -> Fact:
    """Share of the vCPUs' time that work took, at most 1.

    Args:
        core_s: Processor seconds of the work.
        hours: Of all machines together.
        vcpus: Of one machine.

    Returns:
        In [0, 1].

    Raises:
        PriceError: There are no hours.
    """
    if not hours.value > 0:
        raise PriceError(f"{hours.source}: no machine hours to spread {core_s.value} processor seconds over")
    share = EXACT.divide(core_s.value, hours.value * 3600 * vcpus)
    return derived(min(share, Decimal(1)), f"core_second / (hours x 3600 x {vcpus} vCPUs)", (core_s, hours), unit="1")


def energy(machine: Machine, hours: Fact, *, busy: Fact, factors: Factors) -> Fact | Unknown:
    """Estimated energy of a machine, without the data centre around it.

    Args:
        machine: Its type.
        hours: How long, of all machines of the type together.
        busy: Share of the vCPUs' time in use, in [0, 1]; accelerators are taken to be as busy.
        factors: Watts and what memory draws.

    Returns:
        kWh; an interval where the type runs on several processors. Unknown where no watts are known of it.

    Trust:
        Within a factor of two: watts are those of whole servers under a benchmark, shared out by vCPUs. The watts of
        a server hold some of its memory already, so memory is counted a little too high.
    """
    watts = _watts_of(machine, busy, factors)
    if isinstance(watts, Unknown):
        return watts
    memory = factors.constants["memory_kwh_per_gb_hour"]
    ends = [
        sum((EXACT.divide(n * end(each), _WATTS_PER_KW) for n, each in watts), machine.memory_gb * memory.value)
        for end in (_value, _low, _high)
    ]
    drawn = " + ".join(f"{n} x watts" for n, _ in watts)
    rule = f"hours x (({drawn}) / 1000 + {machine.memory_gb} GB x kWh/GB/hour)"
    made = derived(hours.value * ends[0], rule, (hours, *(each for _, each in watts), memory), unit="kWh")
    return _between(made, _low(hours) * ends[1], _high(hours) * ends[2])


def embodied(machine: Machine, hours: Fact, *, factors: Factors) -> Fact | Unknown:
    """Share of the carbon of making the server, by vCPUs and hours of its life.

    Args:
        machine: Its type.
        hours: How long, of all machines of the type together.
        factors: Carbon of servers and their life.

    Returns:
        Grams; unknown where the server is.
    """
    family = factors.family(machine.name)
    if isinstance(family, Unknown):
        return family
    life = factors.constants["server_life_hours"]
    share = EXACT.divide(machine.vcpus * hours.value, family.platform_vcpus.value * life.value)
    rule = f"kg x 1000 x {machine.vcpus} vCPUs / vCPUs of the server x hours / hours of its life"
    inputs = (family.platform_kg, family.platform_vcpus, hours, life)
    return derived(family.platform_kg.value * _GRAMS_PER_KG * share, rule, inputs, unit="gram")


def total(parts: Sequence[Fact | Unknown], formula: str, *, unit: str) -> Fact | Unknown:
    """Sum of facts of one unit; unknown where any is: a partial sum would read as a cleaner model.

    Args:
        parts: At least one.
        formula: What the sum is of.
        unit: Of all of them.

    Returns:
        With the sums of the ends as its interval.

    Raises:
        PriceError: A part is in another unit.
    """
    known: list[Fact] = []
    for part in parts:
        if isinstance(part, Unknown):
            return part
        if part.unit != unit:
            raise PriceError(f"{formula}: {part.value} {part.unit} cannot be added to {unit}")
        known.append(part)
    ends = [sum((end(each) for each in known), Decimal(0)) for end in (_value, _low, _high)]
    return _between(derived(ends[0], formula, tuple(known), unit=unit), ends[1], ends[2])


def _watts_of(machine: Machine, busy: Fact, factors: Factors) -> list[tuple[int, Fact]] | Unknown:
    """How many threads and accelerators there are, and the watts of one of each."""
    family = factors.family(machine.name)
    if isinstance(family, Unknown):
        return family
    draws = {each: factors.processors.get((machine.provider, each)) for each in family.processors}
    lacking = ", ".join(each for each, draw in draws.items() if draw is None)
    if lacking:
        return Unknown(f"watts of {lacking}", f"no watts are known of {lacking} at {machine.provider}; meter it")
    known = [_watts(draw, busy, "one vCPU") for draw in draws.values() if draw is not None]
    watts = [(machine.vcpus, _spread(known, f"mean of {', '.join(draws)}"))]
    if machine.gpu:
        named = _ACCELERATORS.match(machine.gpu)
        if named is None or named[2] not in factors.accelerators:
            return Unknown(f"watts of {machine.gpu}", f"no watts are known of the accelerator {machine.gpu}; meter it")
        watts.append((int(named[1]), _watts(factors.accelerators[named[2]], busy, "one accelerator")))
    return watts


def _watts(draw: Draw, busy: Fact, what: str) -> Fact:
    value = draw.idle.value + busy.value * (draw.busy.value - draw.idle.value)
    return derived(value, f"{what}: idle + share busy x (busy - idle)", (draw.idle, draw.busy, busy), unit="watt")


def _spread(watts: Sequence[Fact], formula: str) -> Fact:
    if len(watts) == 1:
        return watts[0]
    values = [each.value for each in watts]
    made = derived(EXACT.divide(sum(values, Decimal(0)), Decimal(len(values))), formula, tuple(watts), unit="watt")
    return _between(made, min(values), max(values))


def _product(formula: str, facts: Sequence[Fact], *, unit: str) -> Fact:
    ends = [Decimal(1)] * 3
    for fact in facts:
        ends = [end * each for end, each in zip(ends, (fact.value, _low(fact), _high(fact)), strict=True)]
    return _between(derived(ends[0], formula, tuple(facts), unit=unit), ends[1], ends[2])


def _between(fact: Fact, low: Decimal, high: Decimal) -> Fact:
    if low == high:
        return fact
    return Fact(fact.value, fact.unit, fact.kind, fact.source, fact.as_of, low, high, fact.inputs)


def _value(fact: Fact) -> Decimal:
    return fact.value


def _low(fact: Fact) -> Decimal:
    return fact.value if fact.low is None else fact.low


def _high(fact: Fact) -> Decimal:
    return fact.value if fact.high is None else fact.high
