"""What is known of one trial of a search."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from steelyard.documents.tuning import Value
from steelyard.domain import FloatArray

__all__ = ["Trial", "TrialState"]


class TrialState(StrEnum):
    """How a trial stands."""

    RUNNING = "running"
    """Begun and not ended; in a search that was interrupted, to be tried again."""
    COMPLETE = "complete"
    """It was judged on all cases."""
    PRUNED = "pruned"
    """It was given up after some of them."""
    FAILED = "failed"
    """The model could not be made, or its quality is no number."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One trial."""

    number: int
    """From 0, the values to begin with."""
    values: Mapping[str, Value]
    state: TrialState = TrialState.RUNNING
    rungs: Mapping[int, float] = field(default_factory=dict)
    """Mean quality by number of cases, as far as it was judged."""
    seconds: float = 0.0
    """From the beginning of the search to the end of the trial, interruptions left out."""
    cpu_s: float = 0.0
    """Processor seconds of the search up to there."""
    per_case: FloatArray | None = None
    """Quality of each case of a complete trial, in the order of the rungs. Shape (cases,)."""

    @property
    def quality(self) -> float | None:
        """Mean over the cases that were looked at last; ``None`` before the first rung."""
        return self.rungs[max(self.rungs)] if self.rungs else None

    @property
    def is_complete(self) -> bool:
        """Whether it was judged on all cases."""
        return self.state is TrialState.COMPLETE
