"""How far a run has come: its steps, the time left, and the configurations measured so far.

A run writes it while it works, a server shows it to whoever waits. It holds no sentence: what is shown in a browser or
in a terminal is worded there, in the reader's language.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

import msgspec

from steelyard.domain import Surface
from steelyard.errors import ArtefactError

__all__ = ["FORMAT", "Action", "Point", "Progress", "Step", "StepState", "progress_content", "read_progress"]

FORMAT = 2
Count = Annotated[int, msgspec.Meta(ge=0)]
Length = Annotated[float, msgspec.Meta(ge=0)]
"""Of time, in seconds or milliseconds."""


class Action(StrEnum):
    """What a step does."""

    PREPARE = "prepare"
    LABEL = "label"
    TRAIN = "train"
    ENCODE = "encode"
    COMPRESS = "compress"
    MEASURE = "measure"
    PRICE = "price"
    DECIDE = "decide"
    VERIFY = "verify"
    PACKAGE = "package"
    REPORT = "report"


class StepState(StrEnum):
    """How a step stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    SKIPPED = "skipped"


class Step(msgspec.Struct, frozen=True):
    """One piece of work of a run."""

    key: str
    """Tells it from the other steps of the run."""
    action: Action
    state: StepState = StepState.WAITING
    name: str = ""
    """Of the configuration or part it works on; empty where it works on the whole shop."""
    kind: str = ""
    """Kind of that configuration or part, as the recipe is called: ``item-knn``, ``dense`` …"""
    surface: Surface | None = None
    reason: str = ""
    """Key of the reason why it was skipped: ``unchanged``, ``too_slow``, ``no_time`` …; empty otherwise."""
    done: Count | None = None
    """Rows worked through so far; null where it does not count them."""
    total: Count | None = None
    """Rows there are; null where that is not known."""
    rows_per_s: Length | None = None
    """Null as long as it is not known; that is not zero."""
    seconds: Length | None = None
    """Taken so far, or altogether once it is done; null before it began."""


class Point(msgspec.Struct, frozen=True):
    """One configuration that was measured."""

    surface: Surface
    name: str
    metric: str
    """What the quality is: ``ndcg@10`` …"""
    quality: float | None
    """Mean over the judged requests; null where there are none."""
    low: float | None = None
    """Lower end of its 95 % interval."""
    high: float | None = None
    monthly: Decimal | None = None
    """Monthly bill in the currency of the document; null before it was priced, and where a price is missing."""
    cpu_ms: Length | None = None
    """Processor time of one request."""
    p99_ms: Length | None = None
    is_on_frontier: bool = False
    """Whether nothing that was measured so far is cheaper and better."""
    is_chosen: bool = False


class Progress(msgspec.Struct, frozen=True):
    """A run that is under way, or has ended."""

    shop: str
    """Name of the shop."""
    started_at: datetime
    updated_at: datetime
    """Written anew at least every half minute: a run without news for longer is taken for a stopped one."""
    is_done: bool = False
    """Whether the run has ended, well or not."""
    failure: str = ""
    """Why it ended before its end, as the terminal says it; empty where it did not."""
    stage: str = ""
    """Stage of the run, as its verb is called: ``train``, ``measure`` …"""
    seconds_left: Length | None = None
    """An estimate, to be shown as one; null while nothing is known to estimate it from: that is not zero."""
    currency: str = ""
    """ISO 4217 code of the bills; empty where none is known."""
    steps: tuple[Step, ...] = ()
    """In the order they are done."""
    points: tuple[Point, ...] = ()
    """In the order they were measured."""
    format: int = FORMAT

    @property
    def running(self) -> Step | None:
        """The step that is being done, the first of several; ``None`` between two steps."""
        return next((step for step in self.steps if step.state is StepState.RUNNING), None)

    @property
    def share(self) -> float | None:
        """Part of the run that is done, in [0, 1]: by time where the time left is known, else by steps; or ``None``."""
        if self.is_done and not self.failure:
            return 1.0
        taken_s = max(0.0, (self.updated_at - self.started_at).total_seconds())
        if not self.failure and self.seconds_left is not None and taken_s + self.seconds_left > 0:
            return taken_s / (taken_s + self.seconds_left)
        return sum(map(_share_of, self.steps)) / len(self.steps) if self.steps else None

    def place_of(self, step: Step) -> tuple[int, int]:
        """Which of the steps with the same action it is, and how many there are: ``(12, 18)``."""
        keys = [each.key for each in self.steps if each.action is step.action]
        return keys.index(step.key) + 1, len(keys)


def progress_content(progress: Progress) -> bytes:
    """The document as JSON.

    Args:
        progress: Its times have a time zone.

    Returns:
        What ``read_progress`` reads.

    Raises:
        ValueError: A time has no time zone: a reader elsewhere would take it for another.
    """
    if progress.started_at.tzinfo is None or progress.updated_at.tzinfo is None:
        raise ValueError("the times of a progress document need a time zone")
    return msgspec.json.encode(progress)


def read_progress(content: bytes) -> Progress:
    """The document of its JSON.

    Args:
        content: What ``progress_content`` made.

    Returns:
        Checked against the types above.

    Raises:
        ArtefactError: It is of another format, or none.
    """
    try:
        found = msgspec.json.decode(content, type=_Versioned).format
        if found == FORMAT:
            return msgspec.json.decode(content, type=Progress)
        if found == 1:
            return msgspec.convert(_since_verify(msgspec.json.decode(content)), type=Progress)
    except (msgspec.DecodeError, UnicodeDecodeError, AttributeError, TypeError) as error:
        raise ArtefactError(f"this is no progress document ({error}): the next run writes a new one") from error
    raise ArtefactError(f"progress document of format {found}; this version reads {FORMAT}: run it again")


class _Versioned(msgspec.Struct, frozen=True):
    format: int


def _since_verify(written: dict[str, Any]) -> dict[str, Any]:
    """A document of format 1, in which the stage ``verify`` was called ``check``."""
    steps = [
        {**step, "action": Action.VERIFY.value} if step.get("action") == "check" else step
        for step in written.get("steps", ())
    ]
    stage = "verify" if written.get("stage") == "check" else written.get("stage", "")
    return {**written, "format": FORMAT, "stage": stage, "steps": steps}


def _share_of(step: Step) -> float:
    if step.state in (StepState.DONE, StepState.SKIPPED):
        return 1.0
    if step.state is StepState.RUNNING and step.done is not None and step.total:
        return min(step.done / step.total, 1.0)
    return 0.0
