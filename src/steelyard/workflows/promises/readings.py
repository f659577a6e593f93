"""Serves configurations of a run over HTTP, keeps every reading, and tells where each configuration stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from steelyard.documents.machine import machine_builtins
from steelyard.documents.readings import Reading, ReadingDocument, read_readings, readings_builtins
from steelyard.domain import Configuration, Measurement, Surface
from steelyard.workflows.build import load_configurations
from steelyard.workflows.evidence.promised import Promised
from steelyard.workflows.evidence.standing import Ruling, Standing, standing
from steelyard.workflows.ports import Progress
from steelyard.workflows.promises.http_bench import (
    HttpBench,
    Patience,
    Stamp,
    load_and_floor,
    promised,
    run_checks,
)
from steelyard.workflows.session import Run
from steelyard.workflows.stages import key_of

__all__ = ["READINGS", "Asking", "Readings", "ask_over_http", "patience_of"]

READINGS = "http/readings"
"""Artefact with every reading that was ever made, oldest first."""
CHECK_LENGTHS = 3
"""A promise is checked for so many times ``[measure] http_seconds``: a p99 of more requests strays less."""
SINCE = "http/since"
"""Artefact with the moment from which readings judge; earlier ones are kept and judge nothing."""


class Readings:
    """All readings of a run, and what they say.

    Args:
        run: Configuration and everything open.
        session: Marks the readings that are added.
    """

    def __init__(self, run: Run, session: str = "") -> None:
        self._run = run
        self.session = session or f"{run.now:%Y%m%dT%H%M%S}"
        self._measured = {m.configuration: (surface, m) for surface, found in run.measured().items() for m in found}
        self._known = {c.name: c for c in load_configurations(run.store) if c.name in self._measured}
        self._machine = machine_builtins(run.tools.measuring.machine().without_commit())
        self._standings: dict[str, Standing] | None = None

    def stamp(self, configuration: Configuration) -> Stamp:
        """The mark of a reading made now."""
        return Stamp(self.identity(configuration), self.session, self._now())

    def identity(self, configuration: Configuration) -> str:
        """Digest of the parts and options served and of the machine they are served on."""
        parts = {role: self._run.store.digest(part) for role, part in configuration.parts.items()}
        return key_of(parts, dict(configuration.options), self._machine)[:16]

    def judging(self) -> list[Reading]:
        """Those that judge: of parts as they are now, since the last time everything was asked again."""
        since = self._run.store.read_json(SINCE)["at"] if self._run.store.has(SINCE) else ""
        identities = {name: self.identity(one) for name, one in self._known.items()}
        rows = self._all()
        return [row for row in rows if identities.get(row.configuration) == row.identity and row.at >= since]

    def add(self, readings: Sequence[Reading]) -> None:
        """Keep these as well."""
        document = ReadingDocument(readings=(*self._all(), *readings))
        self._run.store.write_json(READINGS, readings_builtins(document))
        self._standings = None

    def forget(self) -> None:
        """Let no reading made so far judge any more; all are kept."""
        self._run.store.write_json(SINCE, {"at": self._now()})
        self._standings = None

    def _now(self) -> str:
        return self._run.tools.clock.now().isoformat(timespec="seconds")

    def _all(self) -> tuple[Reading, ...]:
        store = self._run.store
        return read_readings(store.read_json(READINGS)).readings if store.has(READINGS) else ()

    def limits_ms(self) -> dict[str, float]:
        """Limit on p99 by configuration."""
        config = self._run.config
        return {name: load_and_floor(config, surface)[1].max_p99_ms for name, (surface, _) in self._measured.items()}

    def standings(self) -> Mapping[str, Standing]:
        """Where every measured configuration stands."""
        if self._standings is None:
            self._standings = standing(
                self.judging(),
                list(self._known.values()),
                self.measured(),
                limits_ms=self.limits_ms(),
                seed=self._run.config.seed,
            )
        return self._standings

    def busy_before(self) -> list[str]:
        """Configurations for which an earlier session found no quiet moment."""
        return [
            name
            for name, found in self.standings().items()
            if found.ruling is Ruling.BY_PROCESSOR_TIME
            and found.judged_by is not None
            and found.judged_by.session != self.session
        ]

    def measured(self) -> dict[str, Measurement]:
        """Measurement by configuration."""
        return {name: found for name, (_, found) in self._measured.items() if name in self._known}

    def promised(self, configuration: Configuration, *, share: float = 1.0) -> Promised:
        """What is promised of one core of a configuration now, at this share of the rate it is sized with."""
        surface, found = self._measured[configuration.name]
        correction = self.standings()[configuration.name].correction
        return promised(self._run.config, surface, found, correction, share=share)


@dataclass(frozen=True, slots=True)
class Asking:
    """How configurations are asked."""

    make_bundle: Callable[[Mapping[Surface, Configuration], Path], Path]
    """Writes a bundle of a pair into a folder."""
    patience: Patience
    share: float = 1.0
    """Of the promised rate, in (0, 1]."""
    is_probe: bool = False
    """Before the choice: shorter, and holds no promise."""


def ask_over_http(
    run: Run,
    readings: Readings,
    pairs: Sequence[Mapping[Surface, Configuration]],
    *,
    asking: Asking,
    progress: Progress,
) -> None:
    """Serve each pair from a bundle made for the purpose and deleted afterwards, and keep what was read.

    Args:
        run: Configuration and everything open.
        readings: Takes what was read.
        pairs: Configurations served together, at most one of each surface.
        asking: How they are asked.
        progress: Told before each pair is served.
    """
    bundles = run.work / "verify"
    bench = HttpBench(
        run.config,
        run.cases(),
        state=bundles / "state",
        key=run.work / "secret.key",
        measuring=run.tools.measuring,
        patience=asking.patience,
        stamp=lambda one: replace(readings.stamp(one), is_probe=asking.is_probe),
        seconds=run.config.measure.http_seconds * (1 if asking.is_probe else CHECK_LENGTHS),
    )
    try:
        found = run_checks(
            bench,
            pairs,
            make_bundle=lambda pair: asking.make_bundle(pair, bundles),
            promise=lambda one: readings.promised(one, share=asking.share),
            progress=progress,
        )
    finally:
        run.tools.files.remove(bundles)
    readings.add(found)


def patience_of(run: Run) -> Patience:
    """Patience for one stage, with the run's budget and this machine's meters."""
    measuring, clock = run.tools.measuring, run.tools.clock
    cores = max(1, len(measuring.cores()))
    return Patience(run.config.measure.quiet_wait_s, measuring.busy_s, cores, clock.monotonic_s, clock.sleep)
