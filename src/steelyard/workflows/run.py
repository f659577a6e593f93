"""``run``: every stage in its order, each skipped while nothing it rests on has changed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from steelyard import registry
from steelyard.documents.decision import Decision
from steelyard.documents.quality import QualityReport
from steelyard.reporting.report import report
from steelyard.workflows.checking import check_stage, http_best
from steelyard.workflows.compress import compress, load_configurations
from steelyard.workflows.measure import measure, same_machine
from steelyard.workflows.packaging import package_stage
from steelyard.workflows.ports import Progress
from steelyard.workflows.prepare import prepare
from steelyard.workflows.session import Run
from steelyard.workflows.settle import decide_stage
from steelyard.workflows.stored import stored_decision, stored_quality
from steelyard.workflows.train import train

__all__ = ["STAGES", "Run", "bundle_of", "do", "run_all", "write_report"]

STAGES = ("prepare", "train", "compress", "measure", "decide", "check", "report")
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


def run_all(run: Run, shown: Callable[[str], AbstractContextManager[Progress]]) -> Decision:
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
    return stored_decision(run.store)


def bundle_of(run: Run) -> Path | None:
    """The bundle that was packaged last; ``None`` where no configuration kept its floors."""
    return run.work / run.store.read_json("bundle")["path"] if run.store.has("bundle") else None


def prepare_stage(run: Run, progress: Progress) -> QualityReport:
    """Tables, checked and divided; the quality report."""
    config = run.config
    with registry.load("adapters", "sources")(
        run.base,
        scratch=run.work / "tmp",
        max_memory_gb=config.data.max_memory_gb,
        max_columns=config.data.max_columns,
        threads=run.threads,
    ) as sources:

        def work() -> None:
            prepare(config, sources=sources, store=run.store, key=run.key, now=run.now, progress=progress)

        digest = registry.load("adapters", "digest")
        given = (config.data.items, config.data.events, config.data.judgements)
        files = [digest(sources.look(source.path).path) for source in given if source is not None]
        key: list[Any] = [files, config.data.model_dump(), config.split.model_dump(), config.shop.language]
        key += [digest(run.work / "secret.key")]
        key += [config.rules.exclude_seen, config.rules.exclude_out_of_stock, config.seed]
        run.steps.once("prepare", key, ["data"], work)
    return stored_quality(run.store)


def train_stage(run: Run, progress: Progress) -> list[str]:
    """Every model trained."""
    train(run.training, progress=progress)
    return _used(run, "train")


def compress_stage(run: Run, progress: Progress) -> list[str]:
    """Every variant made."""
    configurations = compress(run.training, progress=progress)
    return [*_used(run, "compress"), f"{len(configurations)} configurations to measure"]


def measure_stage(run: Run, progress: Progress) -> list[str]:
    """Every configuration measured, the best few over HTTP as well."""
    run.steps.require({"configurations": "compress"})
    configurations = load_configurations(run.store)
    machine = registry.load("adapters", "machine")()
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
            probe=registry.load("adapters", "probe")(),
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
    text = report(stored_decision(run.store), stored_quality(run.store), language=language)
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f".tmp-{target.name}")
    fresh.write_text(text, "utf-8")
    fresh.replace(target)
    return target


def _used(run: Run, stage: str) -> list[str]:
    return [f"{name:<28} {used.wall_s:7.1f} s" for name, used in run.steps.usage(f"{stage}/").items()]


_STAGES: dict[str, Callable[[Run, Progress], Any]] = {
    "prepare": prepare_stage,
    "train": train_stage,
    "compress": compress_stage,
    "measure": measure_stage,
    "price": decide_stage,
    "decide": decide_stage,
    "package": package_stage,
    "check": check_stage,
    "report": report_stage,
}
