"""A search as its journal tells it: what was tried, what it took, and what was never booked."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from steelyard.models.trials import Trial, TrialState

__all__ = ["Remembered", "begun_line", "ended_line", "remembered", "rung_line"]


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


def begun_line(trial: Trial) -> dict[str, Any]:
    """A trial that begins."""
    return {"begun": trial.number, "values": dict(trial.values)}


def rung_line(trial: Trial, *, seconds: float, cpu_s: float) -> dict[str, Any]:
    """A rung that was reached; it only says what was spent until then: an interrupted trial is judged again."""
    return {"rung": trial.number, "seconds": seconds, "cpu_s": cpu_s}


def ended_line(trial: Trial) -> dict[str, Any]:
    """A trial that ended."""
    line: dict[str, Any] = {"ended": trial.number, "state": str(trial.state)}
    line |= {"rungs": [[n, mean] for n, mean in trial.rungs.items()]}
    line |= {"seconds": trial.seconds, "cpu_s": trial.cpu_s}
    if trial.per_case is not None:
        line["per_case"] = base64.b64encode(trial.per_case.astype("<f4").tobytes()).decode("ascii")
    return line


def remembered(lines: Iterable[Mapping[str, Any]]) -> Remembered:
    """What lines tell.

    Args:
        lines: In their order; those of other kinds are passed over.

    Returns:
        All trials. Of several sessions the seconds are those of the search, since each goes on from the one before.
    """
    trials: dict[int, Trial] = {}
    seconds = cpu_s = booked_s = 0.0
    sessions = 0
    for line in lines:
        sessions += "session" in line
        seconds, cpu_s = line.get("seconds", seconds), line.get("cpu_s", cpu_s)
        if "closed" in line:
            booked_s = cpu_s
        elif "begun" in line:
            trials[line["begun"]] = Trial(line["begun"], line["values"])
        elif "ended" in line:
            trials[line["ended"]] = _ended(trials[line["ended"]], line)
    ordered = tuple(trials[number] for number in sorted(trials))
    return Remembered(ordered, seconds, cpu_s, cpu_s - booked_s, sessions)


def _ended(trial: Trial, line: Mapping[str, Any]) -> Trial:
    written = line.get("per_case")
    per_case = None
    if written is not None:
        per_case = np.frombuffer(base64.b64decode(written), "<f4").astype(np.float64)
    rungs = {int(n): float(mean) for n, mean in line["rungs"]}
    state = TrialState(line["state"])
    return replace(trial, state=state, rungs=rungs, seconds=line["seconds"], cpu_s=line["cpu_s"], per_case=per_case)
