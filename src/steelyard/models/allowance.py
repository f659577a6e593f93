"""Time that one answer may take, as far as a model that waits for others must know it, and what came of the wait.

Whoever answers a shopper sets it around the work; a model that asks a service looks at what is left, and says here
when it gave less than its whole answer. Without one there is no end: so it is while models are made and measured.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

__all__ = ["Allowance", "allowed", "fell_back", "time_left"]


@dataclass(slots=True)
class Allowance:
    """Of one answer.

    Args:
        ends_s: When it must be given, by the clock.
        clock: Seconds that never go back.
    """

    ends_s: float
    clock: Callable[[], float]
    fell_back: str = ""
    """Why a model gave less than its whole answer; empty where it did not."""

    @property
    def left_s(self) -> float:
        """Seconds that are left; negative once it is too late."""
        return self.ends_s - self.clock()


_ALLOWANCE: ContextVar[Allowance | None] = ContextVar("allowance", default=None)


@contextmanager
def allowed(allowance: Allowance) -> Iterator[None]:
    """Within the block, in this thread, answers have so much time."""
    token = _ALLOWANCE.set(allowance)
    try:
        yield
    finally:
        _ALLOWANCE.reset(token)


def time_left() -> float | None:
    """Seconds for the answer that is being given; None where nobody waits for it."""
    allowance = _ALLOWANCE.get()
    return None if allowance is None else allowance.left_s


def fell_back(why: str) -> None:
    """Say that an answer is less than the whole one.

    Args:
        why: A name, not a sentence.
    """
    allowance = _ALLOWANCE.get()
    if allowance is not None:
        allowance.fell_back = why
