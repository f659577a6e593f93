"""Runs configurations over HTTP in an open loop: the likely winners before the choice, the chosen one afterwards."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np

from steelyard import registry
from steelyard.config.schema import Config, Floor, SurfaceLoad
from steelyard.decision.capacity import rate_within, response_p99_s
from steelyard.domain import Cases, Configuration, FloatArray, Measurement, Surface
from steelyard.errors import MeasurementError
from steelyard.evaluation.latency import OpenLoopRun
from steelyard.workflows.ports import Progress
from steelyard.workflows.self_check import serve_argv

__all__ = ["HttpBench", "Reading", "best_few", "check_rows", "overhead_cpu_s"]

MAX_WARM_UP_S = 2.0
TRIES = 3
"""A run in which the generator itself was late is repeated so often before it is called invalid."""
MAX_OTHERS_SHARE = 0.1
"""Other programs may use so much of the machine's processors during a run over HTTP; more, and it is not judged."""
EXAMPLE_USERS = 100
_SHORTEST_S = 1e-6


@dataclass(frozen=True, slots=True)
class Reading:
    """What one open-loop run over HTTP saw of one configuration, with the server on one core."""

    configuration: str
    rate_rps: float
    p50_ms: float
    p99_ms: float
    cpu_s_per_request: float
    """Processor seconds of the whole server process, HTTP included."""
    requests: int
    errors: int
    peak_rss_bytes: int
    invalid_because: str

    def as_json(self) -> dict[str, Any]:
        """The reading as it is stored."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class HttpBench:
    """Serves a bundle on one core and asks it from another.

    Args:
        config: Rates, limits, length of a run.
        cases: Requests of each surface that occurs.
        state: Folder for what the server writes while it is checked.
        key: Key file of the pseudonyms.
        cores: Numbers of the cores that may be used; with fewer than two nothing is pinned.
    """

    config: Config
    cases: Mapping[Surface, Cases]
    state: Path
    key: Path
    cores: Sequence[int]

    def run(self, bundle: Path, configurations: Sequence[tuple[Configuration, float]]) -> list[Reading]:
        """Ask each configuration of the bundle at its rate, one after another, in one server.

        Args:
            bundle: Holds at most one configuration of each surface.
            configurations: What is asked, and at how many requests per second.

        Returns:
            One reading for each configuration, in order; one that may not be used says why in ``invalid_because``.
        """
        on, off = (self.cores[0], self.cores[1]) if len(self.cores) > 1 else (None, None)
        argv = [*serve_argv(bundle, self.state), "--key", str(self.key), "--example-users", str(EXAMPLE_USERS)]
        argv += ["--workers", "1", "--answer-within-ms", "2000"]
        process = registry.load("adapters", "server-process")
        with process(argv, cores=None if on is None else {on}) as server:
            return [self._ask(server, configuration, rate, core=off) for configuration, rate in configurations]

    def _ask(self, server: Any, configuration: Configuration, rate_rps: float, *, core: int | None) -> Reading:
        calls = self._calls(configuration.surface)
        load = registry.load("adapters", "http-load")()
        seconds = self.config.measure.http_seconds
        settings = {"seconds": seconds, "warm_up_s": min(MAX_WARM_UP_S, seconds / 2), "core": core}
        busy_s: Callable[[], float] = registry.load("adapters", "machine-busy")
        for turn in range(TRIES):
            began_s, machine_s, children_s, server_s = time.monotonic(), busy_s(), _children_s(), server.cpu_s()
            run = load.run(server.url, calls, rate_rps=rate_rps, seed=self.config.seed + turn, **settings)
            used_s, wall_s = server.cpu_s() - server_s, time.monotonic() - began_s
            others_s = busy_s() - machine_s - used_s - (_children_s() - children_s)
            why = run.invalid_because or _not_quiet(others_s / (wall_s * max(1, len(self.cores))))
            if not why:
                break
        return _reading(configuration.name, rate_rps, run, used_s, server.peak_rss_bytes(), why)

    def _calls(self, surface: Surface) -> list[Any]:
        call = registry.load("adapters", "http-call")
        k = self.config.measure.k
        if surface is Surface.SEARCH:
            queries = [request.query for request in self.cases[surface].requests]
            return [call(f"/v1/search?q={quote(query[:256])}&k={k}&explain=false") for query in queries]
        return [call(f"/v1/recommend?user=example-{n}&k={k}&explain=false") for n in range(1, EXAMPLE_USERS + 1)]


def _children_s() -> float:
    """Processor seconds of this process and its ended children: the load generator is one of them."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _not_quiet(load_share: float) -> str:
    """Why latencies may not be used on a machine that others kept so busy; empty when they may."""
    if load_share <= MAX_OTHERS_SHARE:
        return ""
    return f"{load_share:.0%} of the processors was busy with other things (limit {MAX_OTHERS_SHARE:.0%})"


def _reading(
    name: str, rate_rps: float, run: OpenLoopRun, used_s: float, peak_rss_bytes: int, invalid_because: str
) -> Reading:
    warm_up_s = min(MAX_WARM_UP_S, run.duration_s / 2)
    asked = len(run.latencies_s) * (1 + warm_up_s / run.duration_s) if run.duration_s else float("nan")
    return Reading(
        configuration=name,
        rate_rps=rate_rps,
        p50_ms=float(np.quantile(run.latencies_s, 0.5, method="higher")) * 1000,
        p99_ms=float(np.quantile(run.latencies_s, 0.99, method="higher")) * 1000,
        cpu_s_per_request=used_s / asked,
        requests=len(run.latencies_s),
        errors=int(run.is_miss.sum()),
        peak_rss_bytes=peak_rss_bytes,
        invalid_because=invalid_because,
    )


def load_and_floor(config: Config, surface: Surface) -> tuple[SurfaceLoad, Floor]:
    """Traffic and floors of a surface."""
    if surface is Surface.SEARCH:
        return config.load.search, config.decide.search
    return config.load.recommend, config.decide.recommend


def best_few(config: Config, measured: Sequence[Measurement], *, floor: Floor, n: int) -> list[Measurement]:
    """The ``n`` configurations that use least processor time among those whose mean quality keeps the floor.

    They are the ones the choice will fall on; the exact judgement, by intervals, comes with the decision.
    """
    best = max((m.quality.mean for m in measured), default=0.0)
    wanted = floor.min_quality if floor.min_quality is not None else (floor.min_quality_share or 0.0) * best
    good = [m for m in measured if m.quality.mean >= wanted] or list(measured)
    return sorted(good, key=lambda m: m.cpu_s_per_request.mean)[:n]


def one_core_rate(config: Config, surface: Surface, service_s: FloatArray) -> float:
    """The promised peak, or what one core carries within the limit where that is less; in requests per second."""
    load, floor = load_and_floor(config, surface)
    carried = rate_within(
        service_s,
        cores=1,
        max_p99_ms=floor.max_p99_ms,
        max_utilisation=config.decide.max_utilisation,
        seed=config.seed,
        slots=1,
    )
    return min(load.peak_rps, carried) if carried > 0 else min(load.peak_rps, 0.5 / float(service_s.mean()))


def overhead_cpu_s(readings: Sequence[Mapping[str, Any]], measured: Mapping[str, Measurement]) -> float | None:
    """Processor seconds that HTTP adds to a request: median over the runs of (server − in process), never below 0."""
    found = [
        reading["cpu_s_per_request"] - measured[reading["configuration"]].cpu_s_per_request.mean
        for reading in readings
        if reading["configuration"] in measured and reading["requests"]
    ]
    return max(0.0, statistics.median(found)) if found else None


def check_rows(
    config: Config, readings: Sequence[Mapping[str, Any]], measured: Mapping[str, tuple[Surface, Measurement]]
) -> dict[str, dict[str, Any]]:
    """For each configuration that was run over HTTP, what was promised for that rate on one core, and what came."""
    overhead = overhead_cpu_s(readings, {name: m for name, (_, m) in measured.items()}) or 0.0
    rows = {}
    for reading in readings:
        surface, found = measured[reading["configuration"]]
        service_s = served_service_s(found, overhead)
        promised_ms = response_p99_s(service_s, reading["rate_rps"], slots=1, seed=config.seed) * 1000
        limit_ms = load_and_floor(config, surface)[1].max_p99_ms
        why = reading["invalid_because"]
        rows[reading["configuration"]] = {
            "rate_rps": round(reading["rate_rps"], 3),
            "promised_p99_ms": round(promised_ms, 3),
            "measured_p99_ms": round(reading["p99_ms"], 3),
            "promised_cpu_ms": round((found.cpu_s_per_request.mean + overhead) * 1000, 4),
            "measured_cpu_ms": round(reading["cpu_s_per_request"] * 1000, 4),
            "requests": reading["requests"],
            "errors": reading["errors"],
            "is_valid": not why,
            "is_kept": not why and reading["errors"] == 0 and reading["p99_ms"] <= limit_ms,
            "note": why or f"server on one core, limit {limit_ms:g} ms",
        }
    return rows


def served_service_s(measured: Measurement, overhead_s: float) -> FloatArray:
    """Service times with HTTP in them; processor times where the machine was too busy for wall times."""
    cpu_s = measured.facts.get("cpu_s")
    own = measured.service_s if measured.is_quiet or not cpu_s else np.asarray(cpu_s, dtype=np.float64)
    service_s: FloatArray = np.maximum(own, _SHORTEST_S) + overhead_s
    return service_s


def check_pairs(
    few: Mapping[Surface, Sequence[Configuration]],
) -> list[dict[Surface, Configuration]]:
    """Bundles to make so that each configuration is served once: the first of every surface together, and so on."""
    rounds = max((len(found) for found in few.values()), default=0)
    return [{surface: found[i] for surface, found in few.items() if i < len(found)} for i in range(rounds)]


def run_checks(
    bench: HttpBench,
    pairs: Sequence[Mapping[Surface, Configuration]],
    *,
    make_bundle: Callable[[Mapping[Surface, Configuration]], Path],
    rate: Callable[[Configuration], float],
    progress: Progress,
) -> list[dict[str, Any]]:
    """Readings of every configuration of ``pairs``.

    Args:
        bench: Serves and asks.
        pairs: Configurations served together, at most one of each surface.
        make_bundle: Gives the folder that serves a pair.
        rate: Requests per second at which a configuration is asked, > 0.
        progress: Told before each pair is served.

    Returns:
        ``Reading.as_json`` of each configuration, in the order of ``pairs``.

    Raises:
        MeasurementError: A server did not start.
    """
    found: list[dict[str, Any]] = []
    for done, pair in enumerate(pairs):
        progress(done, len(pairs), " + ".join(c.name for c in pair.values()))
        try:
            readings = bench.run(make_bundle(pair), [(c, rate(c)) for c in pair.values()])
        except MeasurementError as error:
            names = ", ".join(c.name for c in pair.values())
            raise MeasurementError(f"{names} could not be served: {error}") from error
        found += [reading.as_json() for reading in readings]
    return found
