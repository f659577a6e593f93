"""What a model may say of one answer beside the answer: how it read the query, what its scores are made of, and time.

A retriever that has the method of ``Deriving`` is explained in full; one that has not still answers, and its
explanation says that it does not tell. Nothing here is called for an answer that nobody asked to explain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol, runtime_checkable

from steelyard.documents.explanation import Derivation, StageTime
from steelyard.domain import IntArray, Request

__all__ = ["Deriving", "Stopwatch"]


class Stopwatch:
    """Times stages one after another.

    Args:
        clock_ns: A clock that only goes forward, in nanoseconds.
    """

    def __init__(self, clock_ns: Callable[[], int]) -> None:
        self._clock_ns = clock_ns
        self._ns: dict[str, int] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count what is done inside as one stage; times of the same name are added."""
        began = self._clock_ns()
        try:
            yield
        finally:
            self._ns[name] = self._ns.get(name, 0) + self._clock_ns() - began

    def take_away(self, name: str, part: str) -> None:
        """Take the time of one stage out of another that did it, too."""
        self._ns[name] = max(self._ns[name] - self._ns[part], 0)

    @property
    def stages(self) -> tuple[StageTime, ...]:
        """All stages in the order they were first timed."""
        return tuple(StageTime(name, round(ns / 1000, 1)) for name, ns in self._ns.items())


@runtime_checkable
class Deriving(Protocol):
    """A retriever that tells how it came to its scores."""

    def derivation(self, request: Request, items: IntArray, *, depth: int, watch: Stopwatch) -> Derivation:
        """How the scores of some candidates came about.

        Args:
            request: The question, as ``retrieve`` was given it.
            items: Numbers as ``retrieve`` gives them, in any order. Shape (n,).
            depth: The ``k`` that ``retrieve`` was asked for: a score may depend on what it is compared with.
            watch: Each stage is to be done once more under it, with nothing remembered.

        Returns:
            One score for each of ``items``, in their order, equal to that of ``retrieve``; its parts add up to it.
        """
        ...
