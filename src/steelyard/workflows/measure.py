"""Measures every configuration on the same frozen requests: quality, processor time, memory, size.

Each configuration is measured in several rounds, one process a round, and the rounds of all are interleaved, so that
a slow quarter of an hour falls on all alike. What a round found is stored at once under ``measured/<configuration>``;
an interrupted run goes on where it stopped, and nothing is measured again whose parts, options, requests and machine
are the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, replace

import msgspec
import numpy as np

from steelyard.config.schema import Measure
from steelyard.documents.machine import MachineFacts, machine_builtins
from steelyard.documents.measurements import IntervalRow, MeasurementRow, measurement_builtins, read_measurement
from steelyard.domain import Cases, Configuration, IntArray, Measurement, State, Surface
from steelyard.errors import ArtefactError, DataError, MeasurementError
from steelyard.evaluation.compare import bootstrap_interval
from steelyard.evaluation.judge import judge_items, metric_names
from steelyard.evaluation.quiet import Surroundings, quietness
from steelyard.evaluation.readings import ProbeResult
from steelyard.workflows.asked_requests import asked_of, judged_on
from steelyard.workflows.measuring_ports import ProbePort
from steelyard.workflows.ports import Progress, Store
from steelyard.workflows.stages import key_of

__all__ = [
    "ROUNDS",
    "Measurer",
    "ProbePort",
    "check_cases",
    "load_measurements",
    "measure",
    "store_measurements",
]

ROUNDS = 3
"""Processes each configuration is measured in."""
_FORMAT = 1


def measure(
    configurations: Sequence[Configuration],
    cases_by_surface: Mapping[Surface, Cases],
    *,
    measurer: Measurer,
    progress: Progress,
    contenders: Collection[str] | None = None,
) -> list[Measurement]:
    """Measurement of every configuration, in their order; also stored as ``measurements/<surface>``.

    Args:
        configurations: What to measure, names distinct.
        cases_by_surface: For each surface that occurs, the frozen requests that every configuration answers.
        measurer: Measures and remembers.
        progress: Told after each round of each configuration.
        contenders: Names of those that are measured in all rounds; the others, which no timing can help, in one. All
            when left out.

    Returns:
        One measurement for each configuration.

    Raises:
        DataError: A surface has no requests.
        MeasurementError: Configurations failed; all others were measured and stored first, and the message has each
            failure.
    """
    check_cases([c.surface for c in configurations], cases_by_surface)
    failed: dict[str, str] = {}
    turns = [_of_turn(configurations, turn, contenders) for turn in range(ROUNDS)]
    total, done = sum(map(len, turns)), 0
    for turn, chosen in enumerate(turns):
        for configuration in chosen:
            if configuration.name not in failed:
                try:
                    measurer.turn(configuration, cases_by_surface[configuration.surface], turn)
                except MeasurementError as error:
                    failed[configuration.name] = str(error)
            done += 1
            progress(done, total, configuration.name)
    sound = [c for c in configurations if c.name not in failed]
    found = [measurer.measurement(c, cases_by_surface[c.surface]) for c in sound]
    for surface in dict.fromkeys(c.surface for c in sound):
        those = [m for c, m in zip(sound, found, strict=True) if c.surface is surface]
        store_measurements(measurer.store, surface, those, cases_by_surface[surface])
    if failed:
        raise MeasurementError(
            f"{len(failed)} of {len(configurations)} configurations could not be measured: "
            + "; ".join(failed.values())
            + ". Mend or leave them out and run again: the others are stored"
        )
    return found


def _of_turn(
    configurations: Sequence[Configuration], turn: int, contenders: Collection[str] | None
) -> list[Configuration]:
    """Configurations that are measured in a round: all of them in the first."""
    return [c for c in configurations if not turn or contenders is None or c.name in contenders]


class Measurer:
    """Measures in turns, and remembers each turn.

    Args:
        store: Holds the parts, and gets the results.
        probe: Asks a configuration in a process of its own.
        settings: Cut-off, number of timed requests, resamples.
        seed: Draws the timed requests and the resamples, the same for all.
        machine: Facts of this machine; on another everything is measured again.
    """

    def __init__(self, store: Store, probe: ProbePort, settings: Measure, seed: int, machine: MachineFacts) -> None:
        self.store, self._probe, self._settings, self._seed = store, probe, settings, seed
        self._machine = machine
        self._digests: dict[int, str] = {}

    def turn(self, configuration: Configuration, cases: Cases, turn: int) -> None:
        """Measure one round, unless it is there already.

        Args:
            configuration: Its parts are in the store.
            cases: The requests of its surface.
            turn: 0 for the first of ``ROUNDS``.
        """
        before = self._kept(configuration, cases)
        if before is not None and len(before.facts["rounds"]) > turn:
            return
        settings, asked = self._settings, asked_of(configuration, cases, seed=self._seed)
        whole = (*cases.requests, *(cases.beside.requests if cases.beside else ()))
        order = np.resize(asked.order, settings.timed_requests if asked.is_all else asked.most_timed(settings))
        found = self._probe.measure(
            configuration,
            self.store.root,
            asked.taken(whole),
            k=settings.k,
            timed=np.array_split(order, ROUNDS)[turn].tolist(),
            is_answering_all=before is None,
        )
        found = replace(found, items=asked.put_back(found.items, n=len(whole)))
        self.store.write_state(_name(configuration), self._joined(before, found, self.key(configuration, cases)))

    def measurement(self, configuration: Configuration, cases: Cases) -> Measurement:
        """All rounds together that were measured so far.

        Args:
            configuration: What was measured; every round of it is stored.
            cases: The requests it was measured with.

        Returns:
            Quality of every request, and processor time of all rounds, with their intervals; the largest peak of any
            round.

        Raises:
            MeasurementError: What was stored a moment ago is gone.
        """
        kept = self._kept(configuration, cases)
        if kept is None:
            raise MeasurementError(f"the readings of {configuration.name} disappeared from the store: run again")
        settings, rounds = self._settings, kept.facts["rounds"]
        items, n = kept.arrays["items"], len(cases.requests)
        asked = asked_of(configuration, cases, seed=self._seed)
        values = asked.without_unasked(judge_items(items[:n], cases, k=settings.k))
        intervals = {
            metric: bootstrap_interval(v, seed=self._seed, resamples=settings.bootstrap) for metric, v in values.items()
        }
        metric = metric_names(settings.k)["ndcg"]
        beside = None
        if cases.beside is not None and asked.is_all and any(len(each) for each in cases.beside.relevant):
            made = judge_items(items[n:], cases.beside, k=settings.k)[metric]
            beside = bootstrap_interval(made, seed=self._seed, resamples=settings.bootstrap)
        reasons = [reason for r in rounds for reason in quietness(Surroundings(**r["surroundings"])).reasons]
        by_part = {part: self.store.size(part) for part in sorted(set(configuration.parts.values()))}
        return Measurement(
            configuration=configuration.name,
            metric=metric,
            quality=intervals[metric],
            per_request=values[metric],
            cpu_s_per_request=bootstrap_interval(kept.arrays["cpu_s"], seed=self._seed, resamples=settings.bootstrap),
            service_s=kept.arrays["service_s"],
            peak_rss_bytes=max(r["peak_rss_bytes"] for r in rounds),
            disk_bytes=sum(by_part.values()),
            disk_bytes_by_part=by_part,
            load_s=float(np.median([r["load_s"] for r in rounds])),
            is_quiet=not reasons,
            is_synthetic=cases.is_synthetic,
            beside=beside,
            facts={
                "key": kept.facts["key"],
                "metrics": {name: msgspec.to_builtins(IntervalRow.of(each)) for name, each in intervals.items()},
                "k": settings.k,
                "seed": self._seed,
                "machine": machine_builtins(self._machine),
                "not_quiet_because": list(dict.fromkeys(reasons)),
                "rounds": rounds,
                "cpu_s": kept.arrays["cpu_s"].tolist(),
                **asked.facts(),
                "distinct_items_shown": int(np.unique(items[:n][items[:n] >= 0]).size),
            },
        )

    def _kept(self, configuration: Configuration, cases: Cases) -> State | None:
        if not self.store.has(_name(configuration)):
            return None
        try:
            state = self.store.read_state(_name(configuration))
        except ArtefactError:
            return None  # damaged on disk: measured again
        return state if state.facts.get("key") == self.key(configuration, cases) else None

    def key(self, configuration: Configuration, cases: Cases) -> str:
        """All that a measurement rests on, as a digest."""
        if id(cases) not in self._digests:
            self._digests[id(cases)] = _digest(cases)
        return key_of(
            _FORMAT,
            [configuration.name, configuration.kind, dict(configuration.options), *judged_on(configuration)],
            {role: [part, self.store.digest(part)] for role, part in configuration.parts.items()},
            self._digests[id(cases)],
            [self._settings.k, self._settings.timed_requests, self._seed, ROUNDS],
            machine_builtins(self._machine.without_commit()),
        )

    @staticmethod
    def _joined(before: State | None, found: ProbeResult, key: str) -> State:
        record = {
            "load_s": found.load_s,
            "rss_before_bytes": found.rss_before_bytes,
            "peak_rss_bytes": found.peak_rss_bytes,
            "surroundings": asdict(found.surroundings),
            **found.facts,
        }
        if before is None:
            arrays = {"items": found.items, "cpu_s": found.cpu_s, "service_s": found.service_s}
            return State(arrays, {"key": key, "rounds": [record]})
        arrays = {
            "items": before.arrays["items"],
            "cpu_s": np.concatenate([before.arrays["cpu_s"], found.cpu_s]),
            "service_s": np.concatenate([before.arrays["service_s"], found.service_s]),
        }
        return State(arrays, {"key": key, "rounds": [*before.facts["rounds"], record]})


def store_measurements(store: Store, surface: Surface, measurements: Sequence[Measurement], cases: Cases) -> None:
    """Store the measurements of one surface as ``measurements/<surface>``, with the names of the requests."""
    arrays = {}
    for i, measurement in enumerate(measurements):
        arrays[f"{i}.per_request"] = measurement.per_request
        arrays[f"{i}.service_s"] = measurement.service_s
    rows = [measurement_builtins(MeasurementRow.of(measurement)) for measurement in measurements]
    facts = {"surface": surface.value, "case_ids": list(cases.ids), "measurements": rows}
    store.write_state(f"measurements/{surface.value}", State(arrays, facts))


def load_measurements(store: Store, surface: Surface) -> list[Measurement]:
    """The measurements of one surface, as they were stored.

    Args:
        store: Where ``store_measurements`` put them.
        surface: Search or recommendations.

    Returns:
        In the order they were stored.

    Raises:
        ArtefactError: There are none, or they are damaged.
    """
    state = store.read_state(f"measurements/{surface.value}")
    return [
        read_measurement(row).measurement(
            per_request=state.arrays[f"{i}.per_request"], service_s=state.arrays[f"{i}.service_s"]
        )
        for i, row in enumerate(state.facts["measurements"])
    ]


def answered(store: Store, configuration: str) -> IntArray | None:
    """What a configuration answered.

    Args:
        store: Holds the readings.
        configuration: Its name.

    Returns:
        Item numbers of each request, those asked besides behind them, shape (requests, k); ``None`` where the readings
        are gone or damaged.
    """
    try:
        found: IntArray = store.read_state(f"measured/{configuration}").arrays["items"]
    except ArtefactError:
        return None
    return found


def _name(configuration: Configuration) -> str:
    return f"measured/{configuration.name}"


def check_cases(surfaces: Iterable[Surface], cases_by_surface: Mapping[Surface, Cases]) -> None:
    """Refuse to measure without requests.

    Args:
        surfaces: That are to be measured.
        cases_by_surface: The frozen requests there are.

    Raises:
        DataError: A surface has no requests.
    """
    for surface in dict.fromkeys(surfaces):
        if surface not in cases_by_surface or not cases_by_surface[surface].requests:
            raise DataError(
                f"no test requests for the surface {surface.value!r}, so its configurations cannot be measured: "
                "give judgements or more events, or leave its models out"
            )


def _digest(cases: Cases) -> str:
    sums = hashlib.sha256(key_of(cases.surface, list(cases.ids), [asdict(r) for r in cases.requests]).encode())
    for numbers, gains in zip(cases.relevant, cases.gains, strict=True):
        sums.update(_bytes(numbers))
        sums.update(np.ascontiguousarray(gains, dtype=np.float64).tobytes())
    if cases.beside is not None:
        sums.update(_digest(cases.beside).encode())
    return sums.hexdigest()


def _bytes(numbers: IntArray) -> bytes:
    return len(numbers).to_bytes(8, "little") + np.ascontiguousarray(numbers, dtype=np.int64).tobytes()
