"""``run``: every stage in its order, each skipped while nothing it rests on has changed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from steelyard.reporting.report import report
from steelyard.workflows.build import build, load_configurations
from steelyard.workflows.building.left_out import left_out_words
from steelyard.workflows.checking import check_stage, http_best
from steelyard.workflows.measure import measure, same_machine
from steelyard.workflows.packaging import package_stage
from steelyard.workflows.ports import Progress
from steelyard.workflows.prepare import prepare
from steelyard.workflows.session import Run
from steelyard.workflows.settle import decide_stage

__all__ = ["STAGES", "Run", "bundle_of", "do", "run_all", "write_report"]

STAGES = ("prepare", "build", "measure", "decide", "check", "report")
"""In order. ``price`` and ``decide`` are one step: prices and choice change together. ``check`` packages too."""


def do(run: Run, stage: str, progress: Progress) -> Any:
    """Do one stage.

    Args:
        run: Configuration and everything open.
        stage: One of ``STAGES``, or ``price`` or ``package``.
        progress: Told how far it has come.

    Returns:
        What the stage is asked for: the quality report, the decision, or lines that say what was made.

    Raises:
        StageError: An earlier stage was not run.
    """
    return _STAGES[stage](run, progress)


def run_all(run: Run, shown: Callable[[str], AbstractContextManager[Progress]]) -> dict[str, Any]:
    """Do every stage in order.

    Args:
        run: Configuration and everything open.
        shown: Gives a progress bar for a stage.

    Returns:
        The decision, the promise checked.
    """
    for stage in STAGES:
        with shown(stage) as progress:
            do(run, stage, progress)
    run.store.sweep()
    decision: dict[str, Any] = run.store.read_json("decision")
    return decision


def bundle_of(run: Run) -> Path | None:
    """The bundle that was packaged last; ``None`` where no configuration kept its floors."""
    return run.work / run.store.read_json("bundle")["path"] if run.store.has("bundle") else None


def prepare_stage(run: Run, progress: Progress) -> dict[str, Any]:
    """Tables, checked and divided; the quality report."""
    config = run.config
    with run.tools.shop.sources(
        run.base,
        scratch=run.work / "tmp",
        max_memory_gb=config.data.max_memory_gb,
        max_columns=config.data.max_columns,
        threads=run.threads,
    ) as sources:

        def work() -> None:
            prepare(config, sources=sources, store=run.store, key=run.key, now=run.now, progress=progress)

        digest = run.tools.files.digest
        given = (config.data.items, config.data.events, config.data.judgements)
        files = [digest(sources.look(source.path).path) for source in given if source is not None]
        key: list[Any] = [files, config.data.model_dump(), config.split.model_dump(), config.shop.language]
        key += [digest(run.work / "secret.key")]
        key += [config.rules.exclude_seen, config.rules.exclude_out_of_stock, config.seed]
        run.steps.once("prepare", key, ["data"], work)
    return run.quality()


def build_stage(run: Run, progress: Progress) -> list[str]:
    """Every part of every configuration made."""
    built = build(run.bench, run.steps, progress=progress)
    used = run.steps.usage()
    lines = [f"{name:<36} {each.wall_s:7.1f} s" for name, each in used.items() if name.split("/")[0] in _BUILDING]
    lines += [f"{each.model} is left out: {left_out_words(each.why).en}" for each in built.left_out]
    return [*lines, f"{len(built.configurations)} configurations to measure"]


def measure_stage(run: Run, progress: Progress) -> list[str]:
    """Every configuration measured, the best few over HTTP as well."""
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
        same_machine(machine),
    ]
    outputs = [f"measurements/{surface}" for surface in dict.fromkeys(c.surface for c in configurations)]

    def work() -> None:
        measure(
            configurations,
            run.cases(),
            store=run.store,
            probe=run.tools.measuring.probe(),
            config_measure=run.config.measure,
            seed=run.config.seed,
            machine=machine,
            progress=progress,
        )

    run.steps.once("measure", key, outputs, work)
    http_best(run, configurations, progress)
    return [f"{m.configuration:<28} {m.quality.mean:.4f}" for found in run.measured().values() for m in found]


def report_stage(run: Run, progress: Progress) -> list[str]:
    """The report as a page."""
    return [f"report {write_report(run)}"]


def write_report(run: Run, *, out: Path | None = None, language: str = "en") -> Path:
    """Write the report, and give its path."""
    run.steps.require({"decision": "decide", "data": "prepare"})
    target = out or run.work / "report" / "index.html"
    run.tools.files.save_text(target, report(run.store.read_json("decision"), run.quality(), language=language))
    return target


_BUILDING = ("train", "compress")
"""Heads under which the making of parts is booked."""
_STAGES: dict[str, Callable[[Run, Progress], Any]] = {
    "prepare": prepare_stage,
    "build": build_stage,
    "measure": measure_stage,
    "price": decide_stage,
    "decide": decide_stage,
    "package": package_stage,
    "check": check_stage,
    "report": report_stage,
}
