"""What a run tells of itself while it works: steps done and to come, the time left, the configurations measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import msgspec

from steelyard.documents.progress import Action, Point, Progress, Step, StepState

__all__ = ["LiveRun", "Publish", "left_s"]

Publish = Callable[[Progress], None]
"""Takes the document as it stands; handed in."""
EVERY_S = 0.5
"""The document is written at most so often while a step goes on."""
_WEIGHTS: Mapping[Action, float] = {
    Action.PREPARE: 20.0,
    Action.TRAIN: 8.0,
    Action.ENCODE: 90.0,
    Action.COMPRESS: 20.0,
    Action.MEASURE: 10.0,
    Action.DECIDE: 8.0,
    Action.VERIFY: 80.0,
}
"""How long steps take beside each other, in about seconds; an assumption that only the estimate rests on."""
_OTHER = 1.0
_SOON = 3
"""Before so many steps are done nothing is estimated."""


class Now(Protocol):
    """A clock (``workflows.ports.Clock``)."""

    def now(self) -> datetime:
        """This moment, in UTC."""
        ...

    def monotonic_s(self) -> float:
        """Seconds since some moment; never goes back."""
        ...


def left_s(steps: Sequence[Step]) -> float | None:
    """Seconds until a run is done, told from the pace so far.

    Args:
        steps: Done, running and to come; what is done has its seconds.

    Returns:
        An estimate: weights of what is left at the pace of what was done, and for a running step that counts its rows,
        the rows left at their rate. None as long as less than three steps are done.
    """
    done = [step for step in steps if step.state is StepState.DONE and step.seconds is not None]
    if len(done) < _SOON:
        return None
    taken = sum(step.seconds or 0.0 for step in done)
    pace = taken / sum(_weight(step) for step in done)
    left = 0.0
    for step in steps:
        if step.state is StepState.WAITING:
            left += pace * _weight(step)
        elif step.state is StepState.RUNNING:
            left += _rest(step, pace)
    return left


def _weight(step: Step) -> float:
    return _WEIGHTS.get(step.action, _OTHER)


def _rest(step: Step, pace: float) -> float:
    if step.rows_per_s and step.done is not None and step.total is not None:
        return (step.total - step.done) / step.rows_per_s
    return max(pace * _weight(step) - (step.seconds or 0.0), 0.0)


@dataclass
class LiveRun:
    """Keeps the document of one run and publishes it as it changes.

    Args:
        shop: Name of the shop.
        clock: Tells the time.
        publish: Takes the document.
    """

    shop: str
    clock: Now
    publish: Publish
    _document: Progress = field(init=False)
    _told_s: float = field(init=False, default=float("-inf"))
    _began_s: dict[str, float] = field(init=False, default_factory=dict)
    _first: dict[str, tuple[int, float]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        now = self.clock.now()
        self._document = Progress(self.shop, now, now)

    @property
    def document(self) -> Progress:
        """As it stands."""
        return self._document

    def plan(self, steps: Sequence[Step]) -> None:
        """Say what is to come; steps that are known already stay as they are, in their place.

        Args:
            steps: In the order in which they are done.
        """
        known = {step.key for step in self._document.steps}
        self._set(steps=(*self._document.steps, *(step for step in steps if step.key not in known)))

    def stage(self, name: str) -> None:
        """A stage begins."""
        self._set(stage=name)

    @contextmanager
    def step(self, step: Step, *, is_awaited: bool = False) -> Iterator[None]:
        """A step is being done while the block runs.

        Args:
            step: Planned, or new.
            is_awaited: Whether a second process does it, and has perhaps begun long ago: how long it was waited for
                says nothing of the pace.

        Yields:
            Nothing.
        """
        self.plan([step])
        self._began_s[step.key] = self.clock.monotonic_s()
        self._first.pop(step.key, None)
        self._change(step.key, state=StepState.RUNNING)
        yield
        self._change(step.key, state=StepState.DONE, seconds=None if is_awaited else self._taken_s(step.key))

    def skip(self, key: str, reason: str) -> None:
        """A planned step is not done; nothing is said of one that was done already in this run.

        Args:
            key: Of the step.
            reason: Key of the reason.
        """
        if any(step.key == key and step.state is StepState.WAITING for step in self._document.steps):
            self._change(key, state=StepState.SKIPPED, reason=reason)

    def told(self, done: int, total: int, what: str) -> None:
        """A running step has come so far; written at most twice a second.

        Args:
            done: Rows worked through.
            total: Rows there are.
            what: Not shown: the step says what it is.
        """
        running = self._document.running
        now_s = self.clock.monotonic_s()
        if running is None or now_s - self._told_s < EVERY_S:
            return
        self._told_s = now_s
        taken_s = self._taken_s(running.key)
        had, since_s = self._counted_from(running.key, done)
        rate = (done - had) / (taken_s - since_s) if taken_s > since_s and done > had else None
        self._change(running.key, done=done, total=total, rows_per_s=rate, seconds=taken_s)

    def points(self, points: Sequence[Point], *, currency: str) -> None:
        """The configurations measured so far.

        Args:
            points: In the order in which they were measured.
            currency: Of their bills.
        """
        self._set(points=tuple(points), currency=currency)

    def finish(self, failure: str = "") -> None:
        """The run has ended.

        Args:
            failure: Why before its end; empty where it did not.
        """
        self._set(is_done=True, failure=failure, seconds_left=None if failure else 0.0)

    def _counted_from(self, key: str, done: int) -> tuple[int, float]:
        """Rows and seconds of the step from which its pace is counted: a second process may be far into it already."""
        taken_s = self._taken_s(key)
        is_early = taken_s < 2 * EVERY_S
        return self._first.setdefault(key, (done, taken_s) if is_early else (0, 0.0))

    def _taken_s(self, key: str) -> float:
        return max(self.clock.monotonic_s() - self._began_s[key], 0.0)

    def _change(self, key: str, **values: object) -> None:
        changed = (msgspec.structs.replace(s, **values) if s.key == key else s for s in self._document.steps)
        self._set(steps=tuple(changed))

    def _set(self, **values: object) -> None:
        document = msgspec.structs.replace(self._document, **values, updated_at=self.clock.now())
        if not document.is_done:
            document = msgspec.structs.replace(document, seconds_left=left_s(document.steps))
        self._document = document
        self.publish(document)
