"""``verify``: serves configurations at the promised rate, before the choice and after it, until the choice was held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from steelyard.documents.choice import Promise
from steelyard.documents.decision import Decision
from steelyard.domain import Configuration, Surface
from steelyard.workflows.bundles.packaging import bundle_of_pair, feasible_choice, named_configurations, package_held
from steelyard.workflows.evidence.standing import Ruling, Standing
from steelyard.workflows.ports import Progress
from steelyard.workflows.promises.http_bench import Patience, best_few, check_pairs, load_and_floor
from steelyard.workflows.promises.promise_loop import keep_promises
from steelyard.workflows.promises.readings import READINGS, Asking, Readings, ask_over_http, patience_of
from steelyard.workflows.promises.record import (
    complete_records,
    machines_decided,
    machines_priced,
    note_promise,
    read_record,
)
from steelyard.workflows.session import Run
from steelyard.workflows.settle import decide_stage, priced
from steelyard.workflows.stored import stored_decision

__all__ = ["http_best", "verify_named", "verify_stage"]


def http_best(run: Run, configurations: list[Configuration], progress: Progress) -> None:
    """Run the likely winners of each surface over HTTP, before the choice."""
    measured, config = run.measured(), run.config
    if not config.measure.http_best:
        return
    known = {c.name: c for c in configurations}
    few = {
        surface: [known[m.configuration] for m in best_few(config, found, floor=floor, n=config.measure.http_best)]
        for surface, found in measured.items()
        for floor in [load_and_floor(config, surface)[1]]
    }
    names = {str(surface): [c.name for c in found] for surface, found in few.items()}
    digests = [run.store.digest(f"measurements/{surface}") for surface in measured]
    key = [names, digests, config.load.model_dump(), config.measure.model_dump()]

    def work() -> None:
        _serve(run, Readings(run), check_pairs(few), progress, patience_of(run), is_probe=True)
        run.store.write_json("http/best", {"asked": names})

    run.steps.once("measure/http", key, ["http/best"], work)


def _serve(
    run: Run,
    readings: Readings,
    pairs: Sequence[Mapping[Surface, Configuration]],
    progress: Progress,
    patience: Patience,
    *,
    share: float = 1.0,
    is_probe: bool = False,
) -> None:
    def make_bundle(pair: Mapping[Surface, Configuration], out: Path) -> Path:
        return bundle_of_pair(run, pair, out, decision=Decision())

    asking = Asking(make_bundle, patience, share, is_probe)
    ask_over_http(run, readings, pairs, asking=asking, progress=progress)


class _Desk:
    """The promise loop's tools over a run."""

    def __init__(self, run: Run, progress: Progress) -> None:
        self._run, self._progress = run, progress
        self.readings = Readings(run)
        self._patience = patience_of(run)

    def choose(self, *, is_final: bool) -> Mapping[Surface, Configuration]:
        may_ask = any(each.ruling is Ruling.ASK_LOWER for each in self.readings.standings().values())
        decision = decide_stage(self._run, self._progress, readings=self.readings, is_final=is_final or not may_ask)
        return feasible_choice(self._run, decision)

    def standing_of(self, configuration: Configuration) -> Standing:
        return self.readings.standings()[configuration.name]

    def rate_of(self, configuration: Configuration) -> float:
        return self.readings.promised(configuration).rate_rps

    def _machines(self) -> dict[str, Decimal | None]:
        return machines_decided(stored_decision(self._run.store))

    def ask(self, chosen: Mapping[Surface, Configuration], *, share: float = 1.0) -> None:
        """Serve these: as a probe where one was not served before, for what it promised was read off a loop only."""
        is_probe = any(self.standing_of(one).judged_by is None for one in chosen.values())
        how = [share, is_probe, self.readings.session, len(self.readings.judging())]
        key = [sorted(c.name for c in chosen.values()), *how]
        before = self._machines()

        def work() -> None:
            part = 1.0 if is_probe else share
            _serve(self._run, self.readings, [chosen], self._progress, self._patience, share=part, is_probe=is_probe)

        self._run.steps.once("verify", key, [READINGS], work)
        if not is_probe:
            for one in chosen.values():
                note_promise(self._run, self.readings, one, before)

    def probe(self, chosen: Mapping[Surface, Configuration]) -> None:
        """Serve those of these that were not served yet."""
        new = {surface: one for surface, one in chosen.items() if self.standing_of(one).judged_by is None}
        if new:
            self.ask(new)


def verify_stage(run: Run, progress: Progress, *, is_again: bool = False, is_asked: bool = False) -> list[str]:
    """The chosen configurations at the promised rate; the choice is made again where a promise was broken.

    Args:
        run: Configuration and everything open.
        progress: Told what is served.
        is_again: Set aside all that was read before, and ask anew at the rates of the simulation.
        is_asked: Whether somebody asks for the check: what an earlier run could judge by processor time only is
            asked again then.

    Returns:
        Where the bundle is, or why there is none; and for each surface what was promised and what was measured.
    """
    run.steps.require({"decision": "decide"})
    desk = _Desk(run, progress)
    if is_again:
        desk.readings.forget()
    earlier = () if is_asked or is_again else desk.readings.busy_before()
    now = run.tools.clock.monotonic_s
    outcome = keep_promises(desk, budget_s=run.config.measure.check_seconds, now=now, accepted=earlier)
    decision = stored_decision(run.store)
    complete_records(run, machines_decided(decision))
    lines = package_held(run, decision, progress)
    for surface, kept in outcome.chosen.items():
        row = decision.of(surface)
        lines.append(f"{surface}: {_kept(row.promise if row else None, kept.ruling)}")
    return lines


def verify_named(run: Run, names: Sequence[str], shares: Sequence[float], progress: Progress) -> list[str]:
    """Serve configurations by name, chosen or not, and keep what was read; nothing is decided.

    Args:
        run: Configuration and everything open.
        names: At most one of each surface.
        shares: Of the promised rate, each in (0, 1]; one run each.
        progress: Told what is served.

    Returns:
        A line for each run.

    Raises:
        StageError: A name is not known, or two are of one surface.
    """
    run.steps.require({"decision": "decide"})
    desk = _Desk(run, progress)
    named = named_configurations(run, names)
    lines = []
    desk.probe(named)
    for share in shares:
        desk.ask(named, share=share)
        complete_records(run, machines_priced(priced(run, desk.readings)))
        for one in named.values():
            row = [each for each in read_record(run) if each.configuration == one.name][-1]
            measured = f"{row.busy_share:.0%} busy" if row.p99_measured_ms is None else f"{row.p99_measured_ms:.1f} ms"
            lines.append(
                f"{one.name} at {row.rate_rps:g} rps: promised p99 {row.p99_promised_ms:.1f} ms, {measured}; "
                f"promised {row.cpu_promised_ms:.2f} CPU ms, {row.cpu_measured_ms:.2f}"
            )
    return lines


def _kept(promise: Promise | None, ruling: Ruling) -> str:
    if promise is None or ruling is Ruling.UNTRIED:
        return "not checked: the time for checks was used up; run `steelyard verify` again"
    if not promise.is_valid or promise.measured_p99_ms is None:
        return f"not checked by the clock: {promise.note}"
    return f"promised p99 {promise.promised_p99_ms:.1f} ms, measured {promise.measured_p99_ms:.1f} ms"
