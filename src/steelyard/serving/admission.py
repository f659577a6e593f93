"""Scoring off the event loop, and only as much of it as can be answered in time.

A request that would wait too long is not scored at all: it gets the answer that is ready (popular items), so
an overloaded server goes on answering everybody, and gives full answers at the rate it can. Two limits hold:
the number waiting, and the delay, both the expected one (before waiting) and the real one (after waiting).
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any

__all__ = ["Admission", "Limits", "Outcome"]

_log = logging.getLogger(__name__)
_SMOOTHING = 0.1
_WAIT_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may wait, and for how long."""

    workers: int = 2
    """Threads that score."""
    max_queue: int = 64
    """Requests waiting to be scored."""
    answer_within_s: float = 0.25
    """From arrival to answer, waiting and scoring together; after it the ready answer is sent. At most half of it is
    spent in the queue, so that there is time left to score."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one piece of work."""

    value: Any = None
    refused: str = ""
    """Why there is no value: ``queue_full``, ``queue_delay``, ``too_slow``, ``failed``, ``closed``; empty when done."""


@dataclass(slots=True)
class _Job:
    work: Callable[[], Any]
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Outcome]
    arrived: float
    max_wait_s: float


class Admission:
    """A few threads with a short queue before them.

    Args:
        limits: Threads, queue, time.
        clock: Seconds that never go back.
    """

    def __init__(self, limits: Limits, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._clock = clock
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._service_s = 0.0
        self._closed = False
        self.refused = 0
        """Requests that were not given a full answer, since the start."""
        self._threads = [
            threading.Thread(target=self._run, name=f"score-{n}", daemon=True) for n in range(limits.workers)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def waiting(self) -> int:
        """Requests in the queue now."""
        return self._jobs.qsize()

    async def run(self, work: Callable[[], Any], *, share: float = 1.0) -> Outcome:
        """Have ``work`` done by a thread, if there is time for it.

        Args:
            work: Called once or not at all, in another thread. What it raises is logged and refused as ``failed``.
            share: Part of ``answer_within_s`` that it may take, in (0, 1].

        Returns:
            Its value, or why there is none. Never later than that part of ``answer_within_s``.
        """
        within_s = self._limits.answer_within_s * share
        refusal = self._refusal(within_s * _WAIT_SHARE)
        if refusal:
            self.refused += 1
            return Outcome(refused=refusal)
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Outcome] = loop.create_future()
        timer = loop.call_later(within_s, _settle, future, Outcome(refused="too_slow"))
        self._jobs.put(_Job(work, loop, future, self._clock(), within_s * _WAIT_SHARE))
        try:
            outcome = await future
        finally:
            timer.cancel()
        self.refused += bool(outcome.refused)
        return outcome

    def close(self) -> None:
        """Refuse new work and end the threads after what they are doing."""
        self._closed = True
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join(timeout=5)

    def _refusal(self, max_wait_s: float) -> str:
        waiting = self._jobs.qsize()
        if self._closed:
            return "closed"
        if waiting >= self._limits.max_queue:
            return "queue_full"
        if waiting * self._service_s / self._limits.workers > max_wait_s:
            return "queue_delay"
        return ""

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            outcome = self._do(job)
            try:
                job.loop.call_soon_threadsafe(_settle, job.future, outcome)
            except RuntimeError:
                _log.info("event=answer_dropped reason=loop_closed")

    def _do(self, job: _Job) -> Outcome:
        if job.future.done():
            return Outcome(refused="too_slow")
        started = self._clock()
        if started - job.arrived > job.max_wait_s:
            return Outcome(refused="queue_delay")
        try:
            value = job.work()
        except Exception:  # noqa: BLE001 - one bad request must not end the thread that serves all others
            _log.exception("event=scoring_failed")
            return Outcome(refused="failed")
        took = self._clock() - started
        self._service_s += _SMOOTHING * (took - self._service_s)
        return Outcome(value)


def _settle(future: asyncio.Future[Outcome], outcome: Outcome) -> None:
    if not future.done():
        future.set_result(outcome)
