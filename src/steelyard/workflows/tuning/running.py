"""Runs a search: proposes, judges in rungs, gives up what is hopeless, and stops at the first end of its budget."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

import numpy as np

from steelyard.documents.search_journal import Closed, Opened, RungReached, Session
from steelyard.documents.tuning import StoppedBy
from steelyard.errors import SteelyardError
from steelyard.models.searching import Make, Search, inside
from steelyard.models.trials import Trial, TrialState
from steelyard.workflows.ports import Progress
from steelyard.workflows.stages import Meter, key_of
from steelyard.workflows.tuning.budget import Budget
from steelyard.workflows.tuning.remembered import Remembered, begun_line, ended_line, remembered
from steelyard.workflows.tuning.rungs import RungCases
from steelyard.workflows.tuning_ports import Crew, Proposals, SearchJournal

__all__ = ["Finished", "Kit", "SearchRun"]

_log = logging.getLogger(__name__)
_REPEATS = 20
"""So many proposals in a row that were tried before end a search: its space is used up."""


@dataclass(frozen=True, slots=True)
class Finished:
    """How a search ended."""

    trials: tuple[Trial, ...]
    """By number; those that the end of the budget cut short are still running."""
    stopped_by: StoppedBy
    """``minutes``, ``money`` or ``trials``, or ``space`` where nothing new is proposed."""
    seconds: float
    cpu_s: float
    """Of all sessions."""
    before: Remembered
    """What an earlier session had done."""
    cases: int


@dataclass(frozen=True, slots=True)
class Kit:
    """What a search is run with."""

    proposals: Proposals
    journal: SearchJournal
    crew: Crew
    meter: Meter
    """Reads clock and processor time."""
    progress: Progress
    """Told of every trial that ended."""


class SearchRun:
    """One session of a search.

    Args:
        search: What is searched.
        budget: Where it ends.
        kit: What it is run with.
        key: All that the trials depend on: a journal of another key is begun anew.
        seed: Orders the cases.
        workers: Trials at the same time.
    """

    def __init__(self, search: Search, budget: Budget, kit: Kit, *, key: str, seed: int, workers: int) -> None:
        self._search, self._budget, self._kit = search, budget, kit
        self._key, self._workers = key, workers
        self._cases = RungCases(search.cases, seed=seed)
        self._make: Make | None = None
        self._trials: list[Trial] = []
        self._again: list[Trial] = []
        self._repeats = 0
        self._stopped_by: StoppedBy = ""
        self._before = Remembered()
        self._began = kit.meter()

    def run(self) -> Finished:
        """Search until an end is reached.

        Returns:
            All trials, those of earlier sessions among them.

        Raises:
            ConfigError: The search has nothing to begin with for a name of its space.
        """
        inside(self._search.space, self._search.start)
        self._before = self._resumed()
        self._trials = list(self._before.trials)
        self._again = [trial for trial in self._trials if trial.state is TrialState.RUNNING]
        if self._cases.n and not self._end():
            self._make = self._search.prepare()
            self._kit.crew.work(self._work, workers=self._workers)
        seconds, cpu_s = self._spent()
        self._kit.journal.append(Closed(stopped_by=self._stopped_by, seconds=seconds, cpu_s=cpu_s))
        return Finished(tuple(self._trials), self._stopped_by, seconds, cpu_s, self._before, self._cases.n)

    def _resumed(self) -> Remembered:
        lines = self._kit.journal.read()
        if lines and isinstance(lines[0], Opened) and lines[0].key == self._key:
            before = remembered(lines)
        else:
            before = Remembered()
            self._kit.journal.begin(Opened(key=self._key))
        self._kit.journal.append(Session(workers=self._workers))
        return before

    def _spent(self) -> tuple[float, float]:
        """Seconds by the clock and of processors, earlier sessions included."""
        now = self._kit.meter()
        return (
            round(self._before.seconds + now.wall_s - self._began.wall_s, 3),
            round(self._before.cpu_s + now.cpu_s - self._began.cpu_s, 3),
        )

    def _end(self) -> bool:
        """Whether an end is reached; never before the values to begin with are handed out."""
        seconds, cpu_s = self._spent()
        begun = len(self._trials) - len(self._again)
        reached = self._budget.reached(trials=begun, seconds=seconds, cpu_s=cpu_s)
        is_begun = bool(self._trials) and self._trials[0] not in self._again
        if reached and is_begun:
            self._stopped_by = self._stopped_by or reached
        return bool(self._stopped_by)

    def _work(self) -> None:
        while (trial := self._next()) is not None:
            self._try(trial)

    def _next(self) -> Trial | None:
        """The next trial to be judged: first those that an interruption cut short, under their own numbers."""
        with self._kit.crew.lock:
            while not self._end():
                if self._again:
                    return self._again.pop(0)
                number = len(self._trials)
                values = self._search.start if not number else self._kit.proposals.propose(number, self._trials)
                trial = Trial(number, dict(values))
                self._trials.append(trial)
                self._kit.journal.append(begun_line(trial))
                twin = next((each for each in self._trials[:-1] if _is_like(each, trial)), None)
                if twin is None:
                    self._repeats = 0
                    return trial
                self._repeats += 1
                self._ended(replace(twin, number=number, values=trial.values))
                if self._repeats >= _REPEATS:
                    self._stopped_by = "space"
            return None

    def _try(self, trial: Trial) -> None:
        assert self._make is not None
        try:
            for values in self._cases.judged(self._make(trial.values)):
                if not np.isfinite(values).all():
                    raise ArithmeticError("its quality is no number")
                trial = replace(trial, rungs={**trial.rungs, len(values): float(values.mean())})
                if len(values) == self._cases.n:
                    per_case = values.astype(np.float32).astype(np.float64)
                    trial = replace(trial, state=TrialState.COMPLETE, per_case=per_case)
                elif self._is_over(trial):
                    return
                elif self._is_hopeless(trial):
                    trial = replace(trial, state=TrialState.PRUNED)
                    break
        except (ArithmeticError, ValueError, SteelyardError, np.linalg.LinAlgError) as error:
            _log.warning("trial %d of %s failed with %s: %s", trial.number, self._search.name, trial.values, error)
            trial = replace(trial, state=TrialState.FAILED, rungs={})
        with self._kit.crew.lock:
            self._ended(trial)

    def _is_over(self, trial: Trial) -> bool:
        """Whether the budget ends in the middle of a trial: another session with a larger one begins it again."""
        with self._kit.crew.lock:
            seconds, cpu_s = self._spent()
            self._kit.journal.append(RungReached(number=trial.number, seconds=seconds, cpu_s=cpu_s))
            reached: StoppedBy = ""
            if trial.number:
                reached = self._budget.reached(trials=0, seconds=seconds, cpu_s=cpu_s)
            self._stopped_by = self._stopped_by or reached
            return bool(reached)

    def _is_hopeless(self, trial: Trial) -> bool:
        if not trial.number:
            return False
        with self._kit.crew.lock:
            self._trials[trial.number] = trial
            return self._kit.proposals.is_hopeless(trial.number, self._trials)

    def _ended(self, trial: Trial) -> None:
        """Remember a trial; the lock is held."""
        seconds, cpu_s = self._spent()
        trial = replace(trial, seconds=seconds, cpu_s=cpu_s)
        self._trials[trial.number] = trial
        self._kit.journal.append(ended_line(trial))
        best = max((each.quality or 0.0 for each in self._trials if each.is_complete), default=0.0)
        told = f"{self._search.name}: trial {trial.number + 1}, best {best:.4f}"
        self._kit.progress(trial.number + 1, self._budget.trials or trial.number + 1, told)


def _is_like(one: Trial, other: Trial) -> bool:
    """Whether a trial that ended had the same values."""
    return one.state is not TrialState.RUNNING and key_of(dict(one.values)) == key_of(dict(other.values))
