"""What the stages of a run used of the machine, as facts. The meters are read elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from steelyard.cost.facts import exact
from steelyard.domain import Fact, FactKind
from steelyard.errors import PriceError

__all__ = ["STAGES", "StepUsage", "Usage", "UsageRecord", "read_usage", "usage_record"]

STAGES = ("prepare", "train", "compress", "measure")


@dataclass(frozen=True, slots=True)
class Usage:
    """Core-seconds by stage, and by part where they were measured part by part."""

    stages: Mapping[str, Fact] = field(default_factory=dict)
    """``prepare``, ``train``, ``compress``, ``measure``; a stage that was not measured is absent, not zero."""
    parts: Mapping[str, Fact] = field(default_factory=dict)
    """Part name to what making it took, training and compression together."""
    needs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By configuration, everything it was made of, parents included; its own parts where it is not named."""
    others: Mapping[str, Fact] = field(default_factory=dict)
    """By configuration, what was made for the others of its surface and for none."""
    lasting: frozenset[str] = frozenset()
    """Parts that rest on nothing of the shop's data: doing the training again leaves them as they are."""
    peak_rss_bytes: int = 0
    """Largest resident set of any stage: the machine that repeats it must hold this."""

    def unattributed(self) -> Fact | None:
        """Core-seconds of training and compression that no part accounts for; ``None`` where neither was measured."""
        making = [self.stages[stage] for stage in ("train", "compress") if stage in self.stages]
        if not making:
            return None
        made = sum((fact.value for fact in making), Decimal(0))
        rest = made - sum((fact.value for fact in self.parts.values()), Decimal(0))
        oldest = min(fact.as_of for fact in making)
        rule = "train + compress, less what the parts account for"
        return Fact(max(rest, Decimal(0)), "core_second", FactKind.MEASURED, rule, oldest)


@dataclass(frozen=True, slots=True)
class StepUsage:
    """What one step of a run used of the machine."""

    cpu_s: Decimal
    peak_rss_bytes: int = 0
    """0 where it was not read."""


@dataclass(frozen=True, slots=True)
class UsageRecord:
    """What a run recorded of its use of the machine, exact core-seconds."""

    steps: Mapping[str, StepUsage] = field(default_factory=dict)
    """By stage; steps of one stage may be apart (``train/lexical``, ``train/ials``)."""
    parts: Mapping[str, Decimal] = field(default_factory=dict)
    """What making each part took."""
    needs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The parts of each configuration."""
    others: Mapping[str, Decimal] = field(default_factory=dict)
    """By configuration, what was not for it."""
    lasting: frozenset[str] = frozenset()
    """Parts that are not made again with new data."""

    def facts(self, *, on: date) -> Usage:
        """Core-seconds as measured facts, the steps of each stage summed.

        Args:
            on: Day of the run.

        Returns:
            A stage that was not recorded is absent, not zero; the peak is the largest of any stage, 0 where none was
            recorded.

        Raises:
            PriceError: A stage that is not known.
        """
        sums: dict[str, Decimal] = {}
        for name, step in self.steps.items():
            stage = name.split("/")[0]
            if stage not in STAGES:
                raise PriceError(f"usage of an unknown stage {name!r}; known: {', '.join(STAGES)}, parts")
            sums[stage] = sums.get(stage, Decimal(0)) + step.cpu_s
        return Usage(
            {stage: _measured(total, stage, on) for stage, total in sums.items()},
            {name: _measured(cpu_s, name, on) for name, cpu_s in self.parts.items()},
            self.needs,
            {name: _measured(cpu_s, "the others", on) for name, cpu_s in self.others.items()},
            self.lasting,
            peak_rss_bytes=max((step.peak_rss_bytes for step in self.steps.values()), default=0),
        )


def usage_record(document: Mapping[str, Any]) -> UsageRecord:
    """The record of a run from JSON.

    Args:
        document: Stage or step to ``{"cpu_s", "wall_s", "peak_rss_bytes"}``; under ``parts``, the same for each part;
            under ``needs``, the parts of each configuration; under ``others``, core-seconds that were not for it; under
            ``lasting``, the parts that are not made again with new data.

    Returns:
        With the digits that are written.

    Raises:
        PriceError: A record without ``cpu_s``, or one that is no number.
    """
    steps = {
        name: StepUsage(_cpu_s(name, record), int(record.get("peak_rss_bytes") or 0))
        for name, record in document.items()
        if name not in ("parts", "needs", "others", "lasting")
    }
    return UsageRecord(
        steps,
        {name: _cpu_s(name, record) for name, record in document.get("parts", {}).items()},
        {name: tuple(own) for name, own in document.get("needs", {}).items()},
        {name: exact(cpu_s) for name, cpu_s in document.get("others", {}).items()},
        frozenset(document.get("lasting", ())),
    )


def read_usage(document: Mapping[str, Any], *, on: date) -> Usage:
    """Usage from what a run recorded as JSON.

    Args:
        document: As ``usage_record`` reads it.
        on: Day of the run.

    Returns:
        Core-seconds as measured facts.

    Raises:
        PriceError: A stage that is not known, or a record without ``cpu_s``.
    """
    return usage_record(document).facts(on=on)


def _measured(cpu_s: Decimal, name: str, on: date) -> Fact:
    return Fact(cpu_s, "core_second", FactKind.MEASURED, f"processor time of {name} on the measuring machine", on)


def _cpu_s(name: str, record: Mapping[str, Any]) -> Decimal:
    if "cpu_s" not in record:
        raise PriceError(f"usage of {name!r} has no cpu_s; run the stage again so that its machine time is recorded")
    return exact(record["cpu_s"])
