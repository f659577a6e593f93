"""Answers in time: the whole one, else the part of it that takes little, else what is ready."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from steelyard.models.allowance import Allowance, allowed
from steelyard.serving.admission import Admission, Limits

__all__ = ["Timely", "Told"]

T = TypeVar("T")
_WORDS_SHARE = 0.2
"""Share of the time for an answer that is kept for the words alone, should the whole search not be done by then."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of an answer besides what it holds."""

    degraded: bool
    reason: str
    """Why there is less than a full answer; empty when there is one."""
    took_ms: float
    instead: str
    """What was sent instead: ``first_stage``, ``words`` or ``popular``; empty for a full answer."""


class Timely:
    """Work in threads, within the time for an answer.

    Args:
        limits: Threads, queue, time.
    """

    def __init__(self, limits: Limits) -> None:
        self._admission = Admission(limits)
        self._words = Admission(replace(limits, workers=1))
        self._within_s, self._fell_back = limits.answer_within_s, 0

    @property
    def waiting(self) -> int:
        """Requests in the queue now."""
        return self._admission.waiting

    @property
    def refused(self) -> int:
        """Requests that were not given a full answer, since the start."""
        return self._admission.refused + self._fell_back

    async def run(
        self, work: Callable[[], T], *, words: Callable[[], T] | None, ready: Callable[[], T]
    ) -> tuple[T, Told]:
        """What was asked for, or what there is time for.

        Args:
            work: The full answer.
            words: An answer from the words alone, where there is one.
            ready: An answer that takes no time.

        Returns:
            The answer, and what is said of it.
        """
        started = time.perf_counter()
        share = 1.0 if words is None else 1 - _WORDS_SHARE
        allowance = Allowance(time.monotonic() + self._within_s * share, time.monotonic)
        outcome = await self._admission.run(partial(_allowed, allowance, work), share=share)
        if allowance.fell_back and not outcome.refused:
            self._fell_back += 1
            took_ms = round((time.perf_counter() - started) * 1000, 3)
            return outcome.value, Told(True, f"model_{allowance.fell_back}", took_ms, "first_stage")
        found, instead = outcome.value, ""
        if outcome.refused and words is not None:
            second = await self._words.run(words, share=_WORDS_SHARE)
            found, instead = second.value, "" if second.refused else "words"
        if outcome.refused and not instead:
            found, instead = ready(), "popular"
        took_ms = round((time.perf_counter() - started) * 1000, 3)
        return found, Told(bool(outcome.refused), outcome.refused, took_ms, instead)

    def close(self) -> None:
        """Finish what was begun; afterwards nothing is answered in full."""
        self._admission.close()
        self._words.close()


def _allowed(allowance: Allowance, work: Callable[[], T]) -> T:
    """The work, told how much time there is for it."""
    with allowed(allowance):
        return work()
