"""``run``: every stage in its order, each skipped while nothing it rests on has changed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any

from steelyard.documents.decision import Decision, ShopRow
from steelyard.documents.hardness import Hardness
from steelyard.documents.machine import machine_builtins
from steelyard.documents.progress import Action, Step
from steelyard.documents.quality import QualityReport
from steelyard.domain import Configuration, Surface
from steelyard.errors import SteelyardError
from steelyard.reporting.report import report
from steelyard.workflows.asked_requests import sample_of
from steelyard.workflows.build import build, load_configurations
from steelyard.workflows.building.builder import Builder
from steelyard.workflows.building.first_wave import ahead_of_tables
from steelyard.workflows.building.left_out import left_out_words
from steelyard.workflows.bundles.packaging import bundle_of_pair, package_stage
from steelyard.workflows.changing import catalogue_changes
from steelyard.workflows.deciding.rule_costs import LISTS, store_lists
from steelyard.workflows.deciding.slicing import SLICES, store_slices
from steelyard.workflows.hardness import hardness_stage, stored_hardness
from steelyard.workflows.live import LiveRun
from steelyard.workflows.measure import Measurer, measure
from steelyard.workflows.ports import Progress
from steelyard.workflows.prepare import N_STEPS, prepare
from steelyard.workflows.searches import stored_searches
from steelyard.workflows.session import Run
from steelyard.workflows.settle import decide_stage
from steelyard.workflows.source_digests import source_digests
from steelyard.workflows.stored import stored_decision, stored_quality
from steelyard.workflows.verifying import http_best, verify_stage
from steelyard.workflows.weighing import weigh

__all__ = ["STAGES", "Run", "bundle_of", "do", "run_all", "write_report"]

STAGES = ("prepare", "build", "measure", "decide", "verify", "report")
"""In order. ``price`` and ``decide`` are one step: prices and choice change together. ``verify`` packages too."""


def do(run: Run, stage: str, progress: Progress) -> Any:
    """Do one stage.

    Args:
        run: Configuration and everything open.
        stage: One of ``STAGES``, or ``price`` or ``package``.
        progress: Called with the steps done and to do.

    Returns:
        What the stage is asked for: the quality report, the decision, or lines that say what was made.

    Raises:
        StageError: An earlier stage was not run.
    """
    return _STAGES[stage](run, progress)


def _unheard(milestone: str) -> None:
    """Nobody is told."""


def _unseen(found: Hardness) -> None:
    """Nobody is shown it."""


def run_all(
    run: Run,
    shown: Callable[[str], AbstractContextManager[Progress]],
    *,
    live: LiveRun,
    doors: Callable[[], None] | None = None,
    reached: Callable[[str], None] = _unheard,
    is_hard: Callable[[Hardness], None] = _unseen,
    is_everything: bool = False,
) -> Decision:
    """Do every stage in order; dear configurations are built only while they can win.

    Args:
        run: Configuration and everything open.
        shown: Gives a progress bar for a stage.
        live: Told what is being done, for whoever watches.
        doors: Called as soon as there is a bundle to serve: that of an earlier run at once; else the first cheap models
            are packaged as soon as they stand, and whatever is better after them, for a server that follows.
        reached: Told each milestone: every better choice that is served, and the decision before it is checked.
        is_hard: Shown how hard the data is, before anything is trained on it.
        is_everything: Build and measure every configuration, whatever it costs.

    Returns:
        The decision, the promise checked.
    """
    serve = _doors(run, doors, reached) if doors is not None and bundle_of(run) is None else _nobody
    if doors is not None and bundle_of(run) is not None:
        doors()
    try:
        _begin_early(run)
        with _staged("prepare", shown, live) as progress, live.step(Step("prepare", Action.PREPARE)):
            prepare_stage(run, progress)
            found = hardness_stage(run, _unshown)
        if found is not None:
            is_hard(found)
        with _staged("build", shown, live) as progress:
            contenders = weigh(run, live, progress, serve=serve, is_everything=is_everything)
    finally:
        run.ahead.close()
    for stage, action in _AFTER.items():
        live.plan([Step(stage, action)])
    for stage, action in _AFTER.items():
        with _staged(stage, shown, live) as progress, live.step(Step(stage, action)):
            if stage == "measure":
                measure_stage(run, progress, contenders=None if is_everything else contenders)
            else:
                do(run, stage, progress)
        if stage == "decide":
            reached("decided, its promises still to be checked,")
    live.finish()
    run.store.sweep()
    return stored_decision(run.store)


def _unshown(done: int, total: int, what: str) -> None:
    """A part of another step, which shows how far it is."""


def _begin_early(run: Run) -> None:
    """Have made what needs none of the shop's files, while they are read; what is wrong with it is said in its turn."""
    with suppress(SteelyardError):
        Builder(run.bench, run.steps, ahead=run.ahead).begin_ahead(ahead_of_tables(run.config))


@contextmanager
def _staged(stage: str, shown: Callable[[str], AbstractContextManager[Progress]], live: LiveRun) -> Iterator[Progress]:
    live.stage(stage)
    with shown(stage) as progress:

        def told(done: int, total: int, what: str) -> None:
            progress(done, total, what)
            live.told(done, total, what)

        yield told


def _nobody(found: Mapping[Surface, Configuration]) -> None:
    """Nobody waits for a bundle."""


def _doors(
    run: Run, opened: Callable[[], None], reached: Callable[[str], None]
) -> Callable[[Mapping[Surface, Configuration]], None]:
    """Packages what is best so far, for a server that follows; there is no decision yet."""
    waiting = [opened]

    def serve(found: Mapping[Surface, Configuration]) -> None:
        shop = run.config.shop
        made_at = run.tools.clock.now().isoformat(timespec="seconds")
        undecided = Decision(shop=ShopRow(shop.name, shop.currency, shop.language), made_at=made_at)
        bundle_of_pair(run, found, run.work / "bundles", decision=undecided)
        if waiting:
            waiting.pop()()
        else:
            reached(f"best so far, and served: {' + '.join(one.name for one in found.values())},")

    return serve


def bundle_of(run: Run) -> Path | None:
    """The bundle that was packaged last; ``None`` where no configuration kept its floors."""
    return run.work / run.store.read_json("bundle")["path"] if run.store.has("bundle") else None


def prepare_stage(run: Run, progress: Progress) -> QualityReport:
    """Tables, checked and divided; the quality report."""
    config, changes = run.config, catalogue_changes(run)
    with run.sources(told=lambda said: progress(1, N_STEPS, said)) as sources:

        def work() -> None:
            prepare(
                config,
                sources=sources,
                store=run.store,
                key=run.key,
                now=run.now,
                progress=progress,
                erased=run.erased,
                changes=changes,
            )

        digest = run.tools.files.digest
        key: list[Any] = [
            source_digests(config, sources, digest),
            config.data.model_dump(exclude={"accept", "incremental"}),
            config.split.model_dump(),
            config.shop.language,
            config.shop.timezone,
            config.shop.currency,
        ]
        key += [digest(run.work / "secret.key")]
        key += [config.rules.exclude_seen, config.rules.exclude_out_of_stock, config.seed]
        key += [list(config.rules.repeat_categories)] if config.rules.repeat_categories else []
        key += [sorted(run.erased), config.privacy.keep_days, config.privacy.least_people]
        key += [config.labels.purchase_days] if config.data.event_weights == "learnt" else []
        key += [changes.token] if changes.token else []
        run.steps.once("prepare", key, ["data"], work)
    return stored_quality(run.store)


def build_stage(run: Run, progress: Progress) -> list[str]:
    """Every part of every configuration made."""
    built = build(run.bench, run.steps, progress=progress)
    used = run.steps.usage()
    lines = [f"{name:<36} {each.wall_s:7.1f} s" for name, each in used.items() if name.split("/")[0] in _BUILDING]
    lines += [left_out_words(each).en for each in built.left_out]
    return [*lines, f"{len(built.configurations)} configurations to measure"]


def measure_stage(run: Run, progress: Progress, *, contenders: Collection[str] | None = None) -> list[str]:
    """Every configuration measured, the best few over HTTP as well.

    Args:
        run: Configuration and everything open.
        progress: Told which is measured.
        contenders: Those that can still be chosen; the others keep their first reading. All when left out.

    Returns:
        A line for each configuration.
    """
    run.steps.require({"configurations": "build"})
    configurations = load_configurations(run.store)
    machine = run.tools.measuring.machine()
    settings = run.config.measure.model_dump()
    parts = {part: run.store.digest(part) for c in configurations for part in c.parts.values()}
    key = [
        run.store.digest("configurations"),
        parts,
        run.store.digest("data"),
        settings,
        run.config.seed,
        machine_builtins(machine.without_commit()),
        sorted(contenders) if contenders is not None else None,
    ]
    outputs = [f"measurements/{surface}" for surface in dict.fromkeys(c.surface for c in configurations)]

    def work() -> None:
        measure(
            configurations,
            run.cases(),
            measurer=Measurer(run.store, run.tools.measuring.probe(), run.config.measure, run.config.seed, machine),
            progress=progress,
            contenders=contenders,
        )
        store_slices(run)
        store_lists(run)

    run.steps.once("measure", key, [*outputs, SLICES, LISTS], work)
    http_best(run, configurations, progress)
    return [f"{m.configuration:<28} {m.quality.mean:.4f}{sample_of(m)}" for f in run.measured().values() for m in f]


def report_stage(run: Run, progress: Progress) -> list[str]:
    """The report as a page."""
    return [f"report {write_report(run)}"]


def write_report(run: Run, *, out: Path | None = None, language: str = "en") -> Path:
    """Write the report, and give its path."""
    run.steps.require({"decision": "decide", "data": "prepare"})
    target = out or run.work / "report" / "index.html"
    found = stored_hardness(run)
    decided, quality, searches = stored_decision(run.store), stored_quality(run.store), stored_searches(run)
    text = report(decided, quality, language=language, hardness=found, searches=searches)
    run.tools.files.save_text(target, text)
    return target


_AFTER = {"measure": Action.MEASURE, "decide": Action.DECIDE, "verify": Action.VERIFY, "report": Action.REPORT}
"""Stages after the building, and what they do."""
_BUILDING = ("train", "compress")
"""Heads under which the making of parts is booked."""
_STAGES: dict[str, Callable[[Run, Progress], Any]] = {
    "prepare": prepare_stage,
    "build": build_stage,
    "measure": measure_stage,
    "price": decide_stage,
    "decide": decide_stage,
    "package": package_stage,
    "verify": verify_stage,
    "report": report_stage,
}
