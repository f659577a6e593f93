"""A search as its journal tells it: what was tried, what it took, and what was never booked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from steelyard.documents.search_journal import Begun, Closed, Ended, JournalLine, RungReached, Session
from steelyard.documents.tuning import TriedState
from steelyard.models.trials import Trial, TrialState

__all__ = ["STATES", "Remembered", "begun_line", "ended_line", "remembered"]

STATES: dict[TrialState, TriedState] = {
    TrialState.COMPLETE: "complete",
    TrialState.PRUNED: "pruned",
    TrialState.FAILED: "failed",
}
"""How a trial ended, as documents say it."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a search knew when its last session ended, however that one ended."""

    trials: tuple[Trial, ...] = ()
    """By number, each once. Those that did not end are running, with nothing of their rungs."""
    seconds: float = 0.0
    cpu_s: float = 0.0
    """Of all sessions, as far as the journal knows: what a killed one did after its last line is lost."""
    unbooked_s: float = 0.0
    """Processor seconds of sessions that were killed, so that nobody booked them."""
    sessions: int = 0


def begun_line(trial: Trial) -> Begun:
    """A trial that begins."""
    return Begun(number=trial.number, values=dict(trial.values))


def ended_line(trial: Trial) -> Ended:
    """A trial that ended."""
    return Ended(
        number=trial.number,
        state=STATES[trial.state],
        rungs=dict(trial.rungs),
        seconds=trial.seconds,
        cpu_s=trial.cpu_s,
        per_case=None if trial.per_case is None else trial.per_case.astype("<f4").tobytes(),
    )


def remembered(lines: Iterable[JournalLine]) -> Remembered:
    """What lines tell.

    Args:
        lines: In their order.

    Returns:
        All trials. Seconds are those of the search, since each session goes on from the one before.
    """
    trials: dict[int, Trial] = {}
    seconds = cpu_s = booked_s = 0.0
    sessions = 0
    for line in lines:
        if isinstance(line, RungReached | Ended | Closed):
            seconds, cpu_s = line.seconds, line.cpu_s
        if isinstance(line, Session):
            sessions += 1
        elif isinstance(line, Begun):
            trials[line.number] = Trial(line.number, line.values)
        elif isinstance(line, Ended):
            trials[line.number] = _ended(trials[line.number], line)
        elif isinstance(line, Closed):
            booked_s = cpu_s
    ordered = tuple(trials[number] for number in sorted(trials))
    return Remembered(ordered, seconds, cpu_s, cpu_s - booked_s, sessions)


def _ended(trial: Trial, line: Ended) -> Trial:
    per_case = None if line.per_case is None else np.frombuffer(line.per_case, "<f4").astype(np.float64)
    state = TrialState(line.state)
    return replace(trial, state=state, rungs=line.rungs, seconds=line.seconds, cpu_s=line.cpu_s, per_case=per_case)
