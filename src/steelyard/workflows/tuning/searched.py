"""Searches one model's values on a bench, and stores what was tried."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from steelyard import __version__
from steelyard.config import Config
from steelyard.documents.tuning import TriedRow, TuningReport, tuning_builtins
from steelyard.domain import FloatArray
from steelyard.errors import PriceError
from steelyard.evaluation.selection import split_optimism
from steelyard.models.building import Values
from steelyard.models.searching import Search, described
from steelyard.models.trials import Trial
from steelyard.workflows.ports import Progress, Store, Tools
from steelyard.workflows.stages import Besides, Meter, key_of
from steelyard.workflows.tuning.budget import Budget, budget_of, core_second
from steelyard.workflows.tuning.remembered import STATES
from steelyard.workflows.tuning.running import Finished, Kit, SearchRun

__all__ = ["PREFIX", "SearchDesk", "report_of", "searched"]

PREFIX = "tuning/"
"""Artefacts: the document of ``documents.tuning`` of each model."""


class SearchDesk(Protocol):
    """What a search needs of the bench (``workflows.building.bench.ShopBench``)."""

    @property
    def config(self) -> Config:
        """The shop's settings."""
        ...

    @property
    def store(self) -> Store:
        """Where the report and the journal lie."""
        ...

    @property
    def base(self) -> Any:
        """Folder of the configuration file."""
        ...

    @property
    def tools(self) -> Tools:
        """Prices, and what a search is run with."""
        ...

    @property
    def meter(self) -> Meter:
        """Reads clock and processor time."""
        ...

    @property
    def progress(self) -> Progress:
        """Told of every trial."""
        ...


def searched(desk: SearchDesk, search: Search, *, searches: int) -> tuple[Values, Besides]:
    """The values that a search finds, as far as its share of the budget goes.

    Args:
        desk: The bench.
        search: What is searched.
        searches: How many share the budget.

    Returns:
        A value for each name of the space, and what sessions before this one spent. The report is stored as
        ``tuning/<model>``.

    Raises:
        ConfigError: The budget is in money, and machine time has no price.
        MissingExtra: Optuna is not installed.
    """
    config, tune = desk.config, desk.config.tune
    name = search.name.removeprefix("tuned/")
    budget = _budget(desk, searches=max(searches, 1))
    kit = Kit(
        desk.tools.tuning.proposals(search.space, seed=tune.seed, pruning=tune.pruning),
        desk.tools.tuning.journal(desk.store.root / "unfinished" / "tuning" / f"{name}.jsonl"),
        desk.tools.tuning.crew(),
        desk.meter,
        desk.progress,
    )
    tables = [desk.store.digest("data"), config.models.max_history, config.data.event_weights]
    start = [described(search.space), dict(search.start), search.settings]
    key = key_of(__version__, search.name, start, tables, config.seed, tune.seed, tune.pruning)
    run = SearchRun(search, budget, kit, key=key, seed=config.seed, workers=tune.workers)
    finished = run.run()
    made_at = desk.tools.clock.now().isoformat(timespec="seconds")
    report = report_of(search, finished, budget, made_at=made_at, workers=tune.workers, seed=tune.seed)
    desk.store.write_json(f"{PREFIX}{name}", tuning_builtins(report))
    before = finished.before
    return dict(report.chosen), Besides(before.cpu_s - before.unbooked_s, before.unbooked_s)


def _budget(desk: SearchDesk, *, searches: int) -> Budget:
    cost, tune = desk.config.cost, desk.config.tune
    try:
        book = desk.tools.prices.books(desk.base).load(cost.book, overrides=cost.overrides)
        price = core_second(book, cost)
    except PriceError:
        if tune.money is not None:
            raise
        price = None  # minutes and trials need none; the report says that there is no price
    return budget_of(tune, per_core_second=price, searches=searches)


def report_of(
    search: Search, finished: Finished, budget: Budget, *, made_at: str, workers: int, seed: int
) -> TuningReport:
    """What was tried, and what is taken of it.

    Args:
        search: What was searched.
        finished: How it ended.
        budget: Prices the processor time.
        made_at: When.
        workers: Trials at the same time.
        seed: Of the trials.

    Returns:
        The best complete trial is taken where it gains more over the start than choosing among so many flatters it by;
        of equal ones the first.
    """
    complete = [trial for trial in finished.trials if trial.is_complete]
    start = next((trial for trial in complete if not trial.number), None)
    best = max(complete, key=lambda trial: (trial.quality or 0.0, -trial.number), default=None)
    flattered, error = _flattered(complete, seed=seed), None
    is_adopted = start is None and best is not None
    if start is not None and best is not None and best is not start:
        gain = _of_cases(best) - _of_cases(start)
        error = float(gain.std(ddof=1) / np.sqrt(len(gain))) if len(gain) > 1 else None
        is_adopted = bool(gain.mean() > flattered)
    price = budget.per_core_second
    return TuningReport(
        model=search.name.removeprefix("tuned/"),
        made_at=made_at,
        cases=finished.cases,
        trials=_rows(finished.trials, budget),
        start=dict(search.start),
        chosen=dict(best.values) if best is not None and is_adopted else dict(search.start),
        start_quality=start.quality if start is not None else None,
        best_quality=best.quality if best is not None else None,
        gain_error=error,
        flattered=flattered if len(complete) > 1 else None,
        is_adopted=is_adopted,
        stopped_by=finished.stopped_by,
        workers=workers,
        seed=seed,
        sessions=finished.before.sessions + 1,
        currency="" if price is None else price.currency,
        space=described(search.space),
    )


def _rows(trials: Sequence[Trial], budget: Budget) -> tuple[TriedRow, ...]:
    rows, best = [], None
    ended = [trial for trial in trials if trial.state in STATES]
    for trial in sorted(ended, key=lambda each: (each.cpu_s, each.number)):
        if trial.is_complete and trial.quality is not None:
            best = max(trial.quality, best or 0.0)
        cost = budget.cost(trial.cpu_s)
        rows.append(
            TriedRow(
                number=trial.number,
                state=STATES[trial.state],
                quality=trial.quality,
                cases=max(trial.rungs, default=0),
                best=best,
                seconds=trial.seconds,
                cpu_s=trial.cpu_s,
                money=None if cost is None else round(cost.amount, 9),
                values=dict(trial.values),
            )
        )
    return tuple(rows)


def _flattered(complete: Sequence[Trial], *, seed: int) -> float:
    """By how much the best one's mean is too high; values that were tried twice count once."""
    different = {key_of(dict(trial.values)): _of_cases(trial) for trial in complete}
    if len(different) < 2:
        return 0.0
    return split_optimism(np.stack(list(different.values())), seed=seed)


def _of_cases(trial: Trial) -> FloatArray:
    assert trial.per_case is not None  # it is complete
    return trial.per_case
