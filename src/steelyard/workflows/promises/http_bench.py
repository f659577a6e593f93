"""Runs configurations over HTTP in an open loop: the likely winners before the choice, the chosen one afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from steelyard.config.schema import Config, Floor, SurfaceLoad
from steelyard.decision.capacity import response_p99_s
from steelyard.documents.readings import Reading
from steelyard.domain import Cases, Configuration, Measurement, Surface
from steelyard.errors import MeasurementError
from steelyard.evaluation.latency import OpenLoopRun
from steelyard.workflows.evidence.promised import Promised
from steelyard.workflows.evidence.standing import Correction, carried_rps, served_service_s
from steelyard.workflows.measuring_ports import Call, Measuring, Server
from steelyard.workflows.ports import Progress
from steelyard.workflows.promises.self_check import serve_argv

__all__ = ["HttpBench", "Patience", "Stamp", "best_few", "check_pairs", "load_and_floor", "promised", "run_checks"]

MAX_WARM_UP_S = 0.5
WARMING_S = 4.0
"""A fresh server is asked for so long before it is read."""
TRIES = 3
"""A run that was disturbed is made so often before it is called invalid, while there is patience."""
MAX_OTHERS_SHARE = 0.1
"""Other programs may use so much of the machine's processors during a run over HTTP; more, and it is not judged."""
UNKNOWN_OVERHEAD_S = 0.001
"""Processor seconds of HTTP before anything was served: an assumption, for the rate of the first run only."""
EXAMPLE_USERS = 100
_SHORTEST_S = 1e-6
_LOOK_S = 2.0


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a reading is marked with."""

    identity: str
    session: str
    at: str
    is_probe: bool = False


@dataclass
class Patience:
    """Waits for a quiet moment, within a budget of seconds that all runs of a stage share.

    Args:
        budget_s: Seconds that may be waited in all, >= 0.
        busy_s: Processor seconds used by all programs of the machine so far.
        cores: Processors of the machine, >= 1.
        now: A clock, in seconds.
        sleep: Waits so many seconds.
    """

    budget_s: float
    busy_s: Callable[[], float]
    cores: int
    now: Callable[[], float]
    sleep: Callable[[float], None]

    def wait(self) -> bool:
        """Wait until other programs leave the machine quiet.

        Returns:
            False where the budget was used up before.
        """
        while self.budget_s > 0:
            began_s, before_s = self.now(), self.busy_s()
            self.sleep(min(_LOOK_S, self.budget_s))
            took_s = max(self.now() - began_s, _SHORTEST_S)
            self.budget_s -= took_s
            if (self.busy_s() - before_s) / (took_s * self.cores) <= MAX_OTHERS_SHARE:
                return True
        return False


@dataclass(frozen=True, slots=True)
class HttpBench:
    """Serves a bundle on one core and asks it from another.

    Args:
        config: Rates, limits.
        cases: Requests of each surface that occurs.
        state: Folder for what the server writes while it is checked.
        key: Key file of the pseudonyms.
        measuring: Starts servers and asks them. Where fewer than two cores may be used, nothing is pinned.
        patience: Waits between two tries of one run; has the clock and the machine's meter.
        stamp: Identity of what is served, by configuration; session; and the time now.
        seconds: Length of a run, warm-up not counted, > 0.
    """

    config: Config
    cases: Mapping[Surface, Cases]
    state: Path
    key: Path
    measuring: Measuring
    patience: Patience
    stamp: Callable[[Configuration], Stamp]
    seconds: float

    def run(self, bundle: Path, configurations: Sequence[tuple[Configuration, Promised]]) -> list[Reading]:
        """Ask each configuration of the bundle at its rate, one after another, in one server.

        Args:
            bundle: Holds at most one configuration of each surface.
            configurations: What is asked, and what was promised of it at which rate.

        Returns:
            One reading for each configuration, in order; one that may not be used says why in ``invalid_because``.
        """
        cores = self.measuring.cores()
        on, off = (cores[0], cores[1]) if len(cores) > 1 else (None, None)
        argv = [*serve_argv(bundle, self.state), "--key", str(self.key), "--example-users", str(EXAMPLE_USERS)]
        argv += ["--workers", "1", "--answer-within-ms", "2000"]
        with self.measuring.serve(argv, cores=None if on is None else {on}) as server:
            return [self._ask(server, one, promised, core=off) for one, promised in configurations]

    def _ask(self, server: Server, configuration: Configuration, promised: Promised, *, core: int | None) -> Reading:
        """Ask until a run is valid or patience ends; of invalid runs the least disturbed is kept.

        What a fresh server does once (pages read in, caches filled) is over before: a month has no share of it.
        """
        self.measuring.load(
            server.url,
            self._calls(configuration.surface),
            rate_rps=promised.rate_rps,
            seconds=min(WARMING_S, self.seconds / 2),
            warm_up_s=_SHORTEST_S,
            seed=self.config.seed,
            core=core,
        )
        found = self._once(server, configuration, promised, core=core, turn=0)
        for turn in range(1, TRIES):
            if not found.invalid_because or not self.patience.wait():
                break
            reading = self._once(server, configuration, promised, core=core, turn=turn)
            if not reading.invalid_because or reading.busy_share < found.busy_share:
                found = reading
        return found

    def _once(
        self, server: Server, configuration: Configuration, promised: Promised, *, core: int | None, turn: int
    ) -> Reading:
        now, busy_s, own_s = self.patience.now, self.patience.busy_s, self.measuring.own_cpu_s
        began_s, machine_s, before_s, server_s = now(), busy_s(), own_s(), server.cpu_s()
        run = self.measuring.load(
            server.url,
            self._calls(configuration.surface),
            rate_rps=promised.rate_rps,
            seconds=self.seconds,
            warm_up_s=min(MAX_WARM_UP_S, self.seconds / 2),
            seed=self.config.seed + turn,
            core=core,
        )
        used_s, wall_s = server.cpu_s() - server_s, now() - began_s
        others_s = busy_s() - machine_s - used_s - (own_s() - before_s)  # the load generator is a child of this process
        share = max(0.0, others_s / (wall_s * self.patience.cores))
        return _reading(
            configuration.name,
            promised,
            self.stamp(configuration),
            run=run,
            server=(used_s, server.peak_rss_bytes()),
            busy_share=share,
        )

    def _calls(self, surface: Surface) -> list[Call]:
        shown: dict[str, str | int] = {"k": self.config.measure.k, "explain": "false"}
        if surface is Surface.SEARCH:
            queries = [request.query for request in self.cases[surface].requests]
            return [Call("/v1/search", {"q": query[:256], **shown}) for query in queries]
        return [Call("/v1/recommend", {"user": f"example-{n}", **shown}) for n in range(1, EXAMPLE_USERS + 1)]


def _reading(
    name: str,
    promised: Promised,
    stamp: Stamp,
    *,
    run: OpenLoopRun,
    server: tuple[float, int],
    busy_share: float,
) -> Reading:
    warm_up_s = min(MAX_WARM_UP_S, run.duration_s / 2)
    asked = len(run.latencies_s) * (1 + warm_up_s / run.duration_s) if run.duration_s else float("nan")
    used_s, peak_rss_bytes = server
    why = "" if busy_share <= MAX_OTHERS_SHARE else "busy"
    return Reading(
        configuration=name,
        identity=stamp.identity,
        session=stamp.session,
        at=stamp.at,
        rate_rps=promised.rate_rps,
        p50_ms=float(np.quantile(run.latencies_s, 0.5, method="higher")) * 1000,
        p99_ms=float(np.quantile(run.latencies_s, 0.99, method="higher")) * 1000,
        cpu_s_per_request=used_s / asked,
        requests=len(run.latencies_s),
        errors=int(run.is_miss.sum()),
        peak_rss_bytes=peak_rss_bytes,
        promised_p99_ms=promised.p99_ms,
        promised_cpu_s=promised.cpu_s,
        response_bytes=run.response_bytes,
        busy_share=busy_share,
        invalid_because=why or run.invalid_because,
        share=promised.share,
        is_probe=stamp.is_probe,
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


def promised(
    config: Config, surface: Surface, measured: Measurement, correction: Correction, *, share: float = 1.0
) -> Promised:
    """What is promised of one core: the peak, or what it carries within the limit where that is less.

    Args:
        config: Load, floors, seed.
        surface: The configuration's.
        measured: What was measured of it in process.
        correction: What readings over HTTP correct it by.
        share: Of that rate, in (0, 1].

    Returns:
        Rate, p99 at that rate, and processor seconds of a request.
    """
    load, floor = load_and_floor(config, surface)
    overhead_s = correction.overhead_s or UNKNOWN_OVERHEAD_S
    service_s = served_service_s(measured, overhead_s)
    stretched = service_s * correction.stretch
    carried = carried_rps(
        stretched,
        max_p99_ms=floor.max_p99_ms,
        max_utilisation=min(1.0, config.decide.max_utilisation * correction.stretch),
        seed=config.seed,
    )
    rate_rps = share * min(load.peak_rps, carried)
    cpu_s = measured.cpu_s_per_request.mean + overhead_s
    waking_s = correction.waking_s(rate_rps * cpu_s)
    expected = (service_s + waking_s) * correction.expected_at(rate_rps)
    p99_ms = response_p99_s(expected, rate_rps, slots=1, seed=config.seed) * 1000
    return Promised(rate_rps, p99_ms, cpu_s + waking_s, share)


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
    promise: Callable[[Configuration], Promised],
    progress: Progress,
) -> list[Reading]:
    """Readings of every configuration of ``pairs``.

    Args:
        bench: Serves and asks.
        pairs: Configurations served together, at most one of each surface.
        make_bundle: Gives the folder that serves a pair.
        promise: What is promised of a configuration, and at which rate it is asked.
        progress: Told before each pair is served.

    Returns:
        Of each configuration, in the order of ``pairs``.

    Raises:
        MeasurementError: A server did not start.
    """
    found: list[Reading] = []
    for done, pair in enumerate(pairs):
        progress(done, len(pairs), " + ".join(c.name for c in pair.values()))
        try:
            readings = bench.run(make_bundle(pair), [(c, promise(c)) for c in pair.values()])
        except MeasurementError as error:
            names = ", ".join(c.name for c in pair.values())
            raise MeasurementError(f"{names} could not be served: {error}") from error
        found += readings
    return found
