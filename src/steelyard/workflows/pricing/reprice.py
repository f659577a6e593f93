"""Prices a surface again with one figure changed, by the same placing and the same bills as the decision's."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any

import numpy as np

from steelyard.config.schema import Config
from steelyard.cost import PriceBook
from steelyard.decision.assumptions import Costs
from steelyard.decision.choose import Choice
from steelyard.decision.resizing import Resizer
from steelyard.domain import Measurement, Money, Surface
from steelyard.workflows.pricing.price import Evidence, Priced, Pricing, price, surface_floor

__all__ = ["Repricer", "quality_is_kept", "total", "with_setting"]

_QUALITY = ("quality", "quality_share")


@dataclass(frozen=True, slots=True)
class Repricer:
    """One surface of a decision, to be priced again; machines are simulated once and then interpolated."""

    config: Config
    pricing: Pricing
    surface: Surface
    names: frozenset[str]
    """Configurations to price; the others are left out."""
    size: Resizer = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "size", Resizer(self.config.seed))

    def priced(
        self, *, config: Config | None = None, book: PriceBook | None = None, speed: float = 1.0
    ) -> tuple[Priced, ...]:
        """Those that can be had and keep their latency.

        Args:
            config: With a setting changed.
            book: With a price changed.
            speed: Of a core, as a multiple of the one that was measured on.

        Returns:
            In the order of the measurements; all have a capacity and a bill with a total.
        """
        given = config or self.config
        found = price(
            given,
            self._evidence(speed),
            book=book or self.pricing.terms.book,
            now=datetime.combine(self.pricing.terms.on, time(12), UTC),
            size_with=self.size,
        )
        limit = surface_floor(given, self.surface).max_p99_ms
        return tuple(each for each in found.surfaces[self.surface] if _is_possible(each, limit))

    def costs(self, **changed: Any) -> Costs:
        """Cost a month of those of ``priced``, by name."""
        return {each.candidate.name: total(each).amount for each in self.priced(**changed)}

    def _evidence(self, speed: float) -> Evidence:
        """Only what is asked about; of another surface one configuration, because surfaces share some costs."""
        evidence = self.pricing.evidence
        kept = {
            surface: [each for each in found if each.configuration in self.names]
            if surface is self.surface
            else found[:1]
            for surface, found in evidence.measurements.items()
        }
        if speed == 1.0:
            return replace(evidence, measurements=kept)
        overhead = evidence.http_overhead_cpu_s
        return replace(
            evidence,
            measurements={surface: [_faster(each, speed) for each in found] for surface, found in kept.items()},
            http_overhead_cpu_s=None if overhead is None else overhead / speed,
        )


def quality_is_kept(priced: Sequence[Priced], choice: Choice) -> frozenset[str]:
    """Configurations that no figure of cost or load keeps from being chosen: their quality keeps every floor."""
    return frozenset(
        each.candidate.name
        for each, judged in zip(priced, choice.judged, strict=True)
        if not any(violation.what in _QUALITY for violation in judged.violations)
        and not math.isnan(each.candidate.measured.quality.mean)
    )


def total(priced: Priced) -> Money:
    """A month's bill of a configuration that is known to have one."""
    found = priced.candidate.bill.total if priced.candidate.bill else None
    assert found is not None
    return found


def with_setting(config: Config, path: str, value: Decimal | float) -> Config:
    """The configuration with one setting changed, named by its path: ``cost.people.encoder_hours_per_month``."""
    changed: Config = _changed(config, path.split("."), value)
    return changed


def _changed(section: Any, path: Sequence[str], value: Decimal | float) -> Any:
    name, *rest = path
    inner = getattr(section, name)
    return section.model_copy(update={name: _changed(inner, rest, value) if rest else type(inner)(value)})


def _is_possible(each: Priced, max_p99_ms: float) -> bool:
    candidate = each.candidate
    if candidate.bill is None or candidate.bill.total is None or each.shortfalls:
        return False
    return candidate.capacity is not None and candidate.capacity.p99_ms <= max_p99_ms


def _faster(measured: Measurement, speed: float) -> Measurement:
    facts: Mapping[str, Any] = measured.facts
    if facts.get("cpu_s"):
        facts = {**facts, "cpu_s": (np.asarray(facts["cpu_s"], np.float64) / speed).tolist()}
    cpu = measured.cpu_s_per_request
    return replace(
        measured,
        service_s=measured.service_s / speed,
        cpu_s_per_request=replace(cpu, mean=cpu.mean / speed, low=cpu.low / speed, high=cpu.high / speed),
        facts=facts,
    )
