"""``cost carbon``: energy and carbon of a month of every configuration, from its bill's machine hours or a meter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from steelyard.cost.carbon.emission_factors import Factors, Unknown
from steelyard.cost.carbon.energy import Machine, busy_share, embodied, emissions, energy, total
from steelyard.cost.facts import EXACT, derived, exact
from steelyard.cost.prices.prices import Instance
from steelyard.documents.bills import BillEntry, BillRow
from steelyard.documents.decision import Decision
from steelyard.domain import Fact, FactKind, Stage
from steelyard.errors import ConfigError

__all__ = ["Footprint", "Place", "footprints"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where machines stand, as far as it was said."""

    region: str = ""
    """Of the grid; the machine's own cloud region where it is empty."""
    pue: Fact | None = None
    """The provider's where it is not given."""


@dataclass(frozen=True, slots=True)
class Footprint:
    """A month of one part of a configuration's life."""

    surface: str
    configuration: str
    part: str
    """``serving``, ``making`` (data, training, tuning, retraining) or ``both``."""
    way: str
    """``metered`` or ``estimated``; never added together."""
    region: str
    kwh: Fact | Unknown
    """Of the machines."""
    use_g: Fact | Unknown
    """Carbon of the energy, the data centre's overhead in it."""
    embodied_g: Fact | Unknown | None
    """Share of making the servers; ``None`` beside a meter, which does not know."""


def footprints(
    surfaces: Mapping[str, Sequence[BillEntry]],
    decided: Decision,
    *,
    machines: Sequence[Instance],
    factors: Factors,
    place: Place,
    metered: Mapping[str, Fact],
) -> list[Footprint]:
    """Energy and carbon of every configuration that was placed.

    Args:
        surfaces: The stored bills, by surface.
        decided: The stored decision, which holds the processor time of a request and the requests of a month.
        machines: Types of the price book.
        factors: Watts, grids, servers.
        place: What was said of region and PUE.
        metered: A month's kWh by configuration, where there is a meter.

    Returns:
        Three rows a configuration (serving, making, both), estimated; one more where it was metered.

    Raises:
        ConfigError: A meter names a configuration that nobody knows.
    """
    known = {each.name: Machine(each.name, each.vcpus, each.memory_gb, each.gpu) for each in machines}
    day = date.fromisoformat(decided.made_at[:10])
    desk = _Desk(known, {each.name: each.baseline_share for each in machines}, factors, place, day)
    names = [entry.name for entries in surfaces.values() for entry in entries]
    unknown = sorted(set(metered) - set(names))
    if unknown:
        raise ConfigError(
            f"metered, but no configuration: {', '.join(unknown)}; known: {', '.join(sorted(set(names)))}"
        )
    found: list[Footprint] = []
    for surface, entries in surfaces.items():
        work = _work(decided, surface, day)
        for entry in entries:
            if entry.instance is None:
                continue
            found += desk.estimated(surface, entry, work.get(entry.name))
            if entry.name in metered:
                found.append(desk.metered(surface, entry, metered[entry.name]))
    return found


def _work(decided: Decision, surface: str, day: date) -> dict[str, Fact]:
    """Processor seconds of a month's requests, by configuration."""
    made: dict[str, Fact] = {}
    each = decided.of(surface)
    if each is None:
        return made
    requests = Fact(exact(each.requests_per_month), "request", FactKind.ASSUMED, "[load] requests_per_month", day)
    for candidate in each.candidates:
        if candidate.cpu_ms.mean is None:
            continue
        mean_s = EXACT.divide(exact(candidate.cpu_ms.mean), Decimal(1000))
        mean = Fact(mean_s, "core_second/request", FactKind.MEASURED, f"requests of {candidate.name}", day)
        made[candidate.name] = derived(
            mean_s * requests.value, "core_second/request x requests", (mean, requests), unit="core_second"
        )
    return made


class _Desk:
    """Works out one configuration after the other."""

    def __init__(
        self,
        machines: Mapping[str, Machine],
        baselines: Mapping[str, Decimal],
        factors: Factors,
        place: Place,
        day: date,
    ) -> None:
        self._machines, self._baselines, self._factors, self._place = machines, baselines, factors, place
        self._day = day

    def estimated(self, surface: str, entry: BillEntry, work: Fact | None) -> list[Footprint]:
        by_part: dict[str, list[tuple[Machine, Fact]]] = {"serving": [], "making": []}
        lost: dict[str, Unknown] = {}
        for line in entry.lines:
            if line.unit != "hour":  # machine hours; people's are person_hour
                continue
            part = "serving" if line.stage is Stage.SERVING else "making"
            machine = self._machines.get(line.price_name)
            if machine is None:
                why = f"{line.item} is on no machine of the price book; run `steelyard decide` again"
                lost.setdefault(part, Unknown(line.item, why))
            else:
                by_part[part].append((machine, _hours(line, self._day)))
        made = [
            Footprint(surface, entry.name, part, "estimated", self._place.region, *[lost[part]] * 3)
            if part in lost
            else self._part(surface, entry.name, part, lines, work)
            for part, lines in by_part.items()
            if lines or part in lost
        ]
        if len(made) < 2:
            return made
        both = [
            total([getattr(each, field) for each in made], "serving + making", unit=unit) for field, unit in _FIELDS
        ]
        regions = " + ".join(dict.fromkeys(each.region for each in made if each.region))
        return [*made, Footprint(surface, entry.name, "both", "estimated", regions, *both)]

    def metered(self, surface: str, entry: BillEntry, kwh: Fact) -> Footprint:
        name = entry.instance or ""
        machine = self._machines.get(name) or Machine(name, 1, Decimal(0))
        region = self._place.region or machine.region
        used = emissions(kwh, pue=self._pue(machine), intensity=self._factors.intensity(region))
        return Footprint(surface, entry.name, "serving", "metered", region, kwh, used, None)

    def _part(
        self, surface: str, name: str, part: str, lines: Sequence[tuple[Machine, Fact]], work: Fact | None
    ) -> Footprint:
        kwhs, used, built = [], [], []
        machines = list(dict.fromkeys(machine for machine, _ in lines))
        for machine in machines:
            hours = _sum([each for of, each in lines if of == machine], f"hours of {machine.name}, {part}", "hour")
            assert isinstance(hours, Fact)
            kwh = self._energy(machine, hours, part=part, work=work)
            intensity = self._factors.intensity(self._place.region or machine.region)
            kwhs.append(kwh)
            used.append(emissions(kwh, pue=self._pue(machine), intensity=intensity))
            built.append(embodied(machine, hours, factors=self._factors))
        regions = " + ".join(dict.fromkeys(self._place.region or machine.region for machine in machines))
        sums = [
            _sum(each, f"{part}, all machines", unit)
            for each, (_, unit) in zip((kwhs, used, built), _FIELDS, strict=True)
        ]
        return Footprint(surface, name, part, "estimated", regions, *sums)

    def _energy(self, machine: Machine, hours: Fact, *, part: str, work: Fact | None) -> Fact | Unknown:
        if part == "making":  # its hours were worked out from processor seconds, so all of them are work
            share = self._baselines[machine.name]
            busy = Fact(
                share, "1", FactKind.DERIVED, "hours of work only: the sustained share", hours.as_of, inputs=(hours,)
            )
        elif work is None:
            return Unknown("processor time of a request", "nothing was measured of it: run `steelyard measure`")
        else:
            busy = busy_share(work, hours, vcpus=machine.vcpus)
        return energy(machine, hours, busy=busy, factors=self._factors)

    def _pue(self, machine: Machine) -> Fact | Unknown:
        return self._place.pue or self._factors.overhead(machine.provider)


_FIELDS = (("kwh", "kWh"), ("use_g", "gram"), ("embodied_g", "gram"))


def _sum(parts: Sequence[Fact | Unknown], formula: str, unit: str) -> Fact | Unknown:
    return parts[0] if len(parts) == 1 else total(parts, formula, unit=unit)


def _hours(line: BillRow, day: date) -> Fact:
    source = f"bill, {line.stage}: {line.item} ({line.quantity_source})"
    return Fact(line.quantity, "hour", line.quantity_kind, source, day)
