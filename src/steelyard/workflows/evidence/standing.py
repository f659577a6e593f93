"""Where each configuration stands after all that was read of it over HTTP: what it keeps, and what corrects it.

Every reading is kept. The latest valid one of a configuration judges it; those of its kind correct what the
simulation says of configurations that were not served. Nothing here touches the outside.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial

import numpy as np

from steelyard.decision.capacity import rate_within, response_p99_s
from steelyard.documents.readings import Reading
from steelyard.domain import Configuration, FloatArray, Measurement
from steelyard.workflows.evidence.overheads import Overheads

__all__ = ["Correction", "Ruling", "Standing", "carried_rps", "latency_stretch", "served_service_s", "standing"]

BUSY_MARGIN = 1.25
"""A promise judged by processor time alone must hold with service times so many times as long."""
MAX_MISSES = 4
"""A configuration that missed its limit at so many rates, each lower than the last, loses."""
LEAST_MISSES = 2
"""After so many it loses as well where its rate would not fall any further: one miss alone may be a hiccup."""
LOWER = 0.85
"""After a miss the next rate is at most this share of the one that was missed."""
STRETCHES = (0.7, 8.0)
"""Service times are corrected by a factor within these."""
_LIKE_RATE = 0.15
_REMEMBERED = 9
"""What is promised rests on so many of the latest valid readings."""
_ALIKE = 0.05
"""A factor so near to 1 is noise and corrects nothing."""
_SHORTEST_S = 1e-6
_STEPS = 14


class Ruling(StrEnum):
    """What the readings say of a configuration."""

    UNTRIED = "untried"
    KEPT = "kept"
    ASK_LOWER = "ask_lower"
    """It missed its limit, and may keep it at a lower rate: not judged yet."""
    MISSED = "missed"
    BY_PROCESSOR_TIME = "by_processor_time"
    """No quiet moment was found: judged by processor time, with a wider margin."""


@dataclass(frozen=True, slots=True)
class Correction:
    """What a configuration's simulated service times are corrected by."""

    overhead_s: float | None
    """Processor seconds that HTTP adds to a request; ``None`` where nothing was served."""
    stretch: float = 1.0
    """Factor on service times where latency is judged, the largest that was read; processor times are not stretched."""
    basis: str = ""
    """``own`` reading, others of the same ``kind``, or empty for neither."""
    expected: float = 1.0
    """The same factor as it was read most often: for what is promised, where the largest is for what is bought."""
    near: tuple[tuple[float, float], ...] = ()
    """The factors of own readings with the rate that each was read at, at parts of the promised rate as well."""
    idle_s: float = 0.0
    """Processor seconds that a request takes more on an idle server than on a full one, >= 0: waking up costs."""
    utilisation: float = 1.0
    """Share of a core that was in use where ``overhead_s`` holds; ``idle_s`` is counted from there."""

    def waking_s(self, utilisation: float) -> float:
        """Processor seconds that a request takes more than ``overhead_s`` says, with this share of a core in use."""
        return self.idle_s * max(0.0, self.utilisation - utilisation)

    def expected_at(self, rate_rps: float) -> float:
        """The factor to expect at a rate: the median of own readings at rates like it, else of all.

        Args:
            rate_rps: Requests per second on one core.

        Returns:
            Within ``STRETCHES``.
        """
        alike = [factor for rate, factor in self.near if abs(rate - rate_rps) <= _LIKE_RATE * rate_rps]
        return statistics.median(alike) if alike else self.expected


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one configuration stands."""

    ruling: Ruling
    judged_by: Reading | None
    """The latest valid reading, or the latest of all where no moment was quiet."""
    correction: Correction
    held_rps: float = 0.0
    """Highest rate at which it kept its limit, 0 for none."""


def standing(
    readings: Sequence[Reading],
    configurations: Sequence[Configuration],
    measured: Mapping[str, Measurement],
    *,
    limits_ms: Mapping[str, float],
    seed: int,
) -> dict[str, Standing]:
    """Where every configuration stands.

    Args:
        readings: All readings of these configurations as they are now, oldest first.
        configurations: All that were measured.
        measured: Measurement by name.
        limits_ms: Limit on p99 by name.
        seed: Of the simulations.

    Returns:
        By name. Own readings correct a configuration; the median of its kind corrects one without.
    """
    every = {each.name: [r for r in readings if r.configuration == each.name] for each in configurations}
    own = {name: [r for r in rows if r.judges(limits_ms[name])] for name, rows in every.items()}
    overheads = Overheads(every, {each.name: each.kind for each in configurations}, measured)
    stretches = {
        name: _own_stretch(rows, measured[name], overheads.of(name) or 0.0, limits_ms[name], seed)
        for name, rows in own.items()
        if rows
    }
    found = {}
    for each in configurations:
        alike = [stretches[c.name] for c in configurations if c.kind == each.kind and c.name in stretches]
        basis = "own" if each.name in stretches else "kind" if alike else ""
        kind = [_settled(statistics.median(pair)) for pair in zip(*alike, strict=True)] or [1.0, 1.0]
        most, often = stretches.get(each.name, kind)
        correction = Correction(
            overheads.of(each.name),
            most,
            basis,
            often,
            idle_s=overheads.idle_s,
            utilisation=overheads.utilisation_of(each.name),
        )
        near = _near(every[each.name], measured[each.name], correction, seed)
        next_rps = partial(_next_rps, measured[each.name], correction, limits_ms[each.name], seed)
        corrected = replace(correction, near=near)
        found[each.name] = _standing(own[each.name], corrected, limits_ms[each.name], next_rps)
    return found


def _near(
    rows: Sequence[Reading], measured: Measurement, correction: Correction, seed: int
) -> tuple[tuple[float, float], ...]:
    valid = [row for row in rows if not row.invalid_because][-_REMEMBERED:]
    service_s = served_service_s(measured, correction.overhead_s or 0.0)
    return tuple(
        (row.rate_rps, latency_stretch(service_s + waking_s, row.rate_rps, row.p99_ms, seed=seed))
        for row in valid
        for waking_s in [correction.waking_s(row.rate_rps * row.cpu_s_per_request)]
    )


def _next_rps(measured: Measurement, correction: Correction, limit_ms: float, seed: int) -> float:
    """The rate that one core would be asked at next, whatever the peak is."""
    service_s = served_service_s(measured, correction.overhead_s or 0.0) * correction.stretch
    return carried_rps(service_s, max_p99_ms=limit_ms, max_utilisation=1, seed=seed)


def _standing(
    rows: Sequence[Reading], correction: Correction, limit_ms: float, next_rps: Callable[[], float]
) -> Standing:
    if not rows:
        return Standing(Ruling.UNTRIED, None, correction)
    valid = [row for row in rows if not row.invalid_because]
    if not valid:
        return Standing(Ruling.BY_PROCESSOR_TIME, rows[-1], correction)
    last = valid[-1]
    recent = _latest_session(valid)
    held = max((row.rate_rps for row in recent if row.keeps(limit_ms) and not row.is_probe), default=0.0)
    if last.keeps(limit_ms):
        return Standing(Ruling.KEPT, last, correction, held)
    missed = [row.rate_rps for row in recent if not row.keeps(limit_ms)]
    may_ask = len(missed) < LEAST_MISSES or (len(missed) < MAX_MISSES and next_rps() <= LOWER * min(missed))
    may_ask = may_ask and rows[-1] is last  # asked lower since, and no quiet moment was found: it loses
    return Standing(Ruling.ASK_LOWER if may_ask else Ruling.MISSED, last, correction, held)


def _latest_session(rows: Sequence[Reading]) -> list[Reading]:
    return [row for row in rows if row.session == rows[-1].session]


def _own_stretch(
    rows: Sequence[Reading], measured: Measurement, overhead_s: float, limit_ms: float, seed: int
) -> tuple[float, float]:
    """The largest factor that a reading of the latest session asks for, low enough a rate after a miss; the median."""
    service_s = served_service_s(measured, overhead_s)
    valid = [row for row in rows if not row.invalid_because]
    if not valid:
        margin = max(1.0, rows[-1].cpu_s_per_request / max(rows[-1].promised_cpu_s, _SHORTEST_S)) * BUSY_MARGIN
        return margin, margin
    asked = [latency_stretch(service_s, row.rate_rps, row.p99_ms, seed=seed) for row in valid[-_REMEMBERED:]]
    recent = _latest_session(valid)
    most, often = max(asked[-len(recent) :]), _settled(statistics.median(asked))
    missed = [row.rate_rps for row in recent if not row.keeps(limit_ms)]
    if missed:
        return _until_below(service_s, max(most, 1.0), LOWER * min(missed), limit_ms, seed), often
    return _settled(most), often


def _settled(stretch: float) -> float:
    return 1.0 if abs(stretch - 1) <= _ALIKE else stretch


def _until_below(service_s: FloatArray, stretch: float, rate_rps: float, limit_ms: float, seed: int) -> float:
    """The first factor from this one on, in steps of a twentieth, with which the limit allows no higher rate."""
    while stretch < STRETCHES[1]:
        allowed = rate_within(service_s * stretch, cores=1, max_p99_ms=limit_ms, max_utilisation=1, seed=seed, slots=1)
        if allowed <= rate_rps:
            break
        stretch *= 1.05
    return min(stretch, STRETCHES[1])


def latency_stretch(service_s: FloatArray, rate_rps: float, p99_ms: float, *, seed: int) -> float:
    """The factor on all service times with which one core at this rate has this p99, simulated.

    Args:
        service_s: Service times, HTTP included. Shape (n,), > 0.
        rate_rps: Requests per second, > 0.
        p99_ms: What was read.
        seed: Of the simulation.

    Returns:
        Within ``STRETCHES``, by bisection.
    """
    low, high = STRETCHES
    for _ in range(_STEPS):
        middle = (low * high) ** 0.5
        if response_p99_s(service_s * middle, rate_rps, slots=1, seed=seed) * 1000 < p99_ms:
            low = middle
        else:
            high = middle
    return float((low * high) ** 0.5)


def carried_rps(service_s: FloatArray, *, max_p99_ms: float, max_utilisation: float, seed: int) -> float:
    """The rate at which one core is asked: what it carries within the limit, or half of what would keep it busy.

    Args:
        service_s: Service times, HTTP and correction included. Shape (n,), > 0.
        max_p99_ms: Limit on p99.
        max_utilisation: Highest share of the core in use, in (0, 1].
        seed: Of the simulation.

    Returns:
        Requests per second, > 0: the half where the limit is missed at any rate, so that a reading can tell.
    """
    carried = rate_within(
        service_s, cores=1, max_p99_ms=max_p99_ms, max_utilisation=max_utilisation, seed=seed, slots=1
    )
    return carried if carried > 0 else 0.5 / float(service_s.mean())


def served_service_s(measured: Measurement, overhead_s: float) -> FloatArray:
    """Service times with HTTP in them; processor times where the machine was too busy for wall times.

    Args:
        measured: What was measured in process.
        overhead_s: Processor seconds that HTTP adds to a request, >= 0.

    Returns:
        Seconds. Shape (timed,), > 0.
    """
    cpu_s = measured.facts.get("cpu_s")
    own = measured.service_s if measured.is_quiet or not cpu_s else np.asarray(cpu_s, dtype=np.float64)
    service_s: FloatArray = np.maximum(own, _SHORTEST_S) + overhead_s
    return service_s
