"""Parts that a second process makes ahead, while this one goes on with something else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext

from steelyard.workflows.ports import PartWorker, Progress

__all__ = ["Ahead", "StartWorker"]

StartWorker = Callable[[], PartWorker | None]
"""Starts the second process; ``None`` where the machine has no room for one."""


def _nobody() -> None:
    """No second process."""


class Ahead:
    """A second process, started when there is something for it to make.

    Args:
        start: Starts it; without it every part is made here.
    """

    def __init__(self, start: StartWorker = _nobody) -> None:
        self._start = start
        self._worker: PartWorker | None = None
        self._asked: set[str] = set()

    def begin(self, names: Sequence[str]) -> None:
        """Have parts made, in this order.

        Args:
            names: Of the parts; nothing is started for none.
        """
        if names and self._worker is None:
            self._worker = self._start()
        if self._worker is not None:
            self._worker.ask(names)
            self._asked.update(names)

    def has(self, name: str) -> bool:
        """Whether a part was asked for and not waited for yet."""
        return name in self._asked

    def wait(self, name: str, progress: Progress) -> bool:
        """Wait for a part that was asked for.

        Args:
            name: Its name.
            progress: Told how many of its rows are done.

        Returns:
            Whether it was made.
        """
        self._asked.discard(name)
        return self._worker is not None and self._worker.wait(name, progress) is not None

    def paused(self) -> AbstractContextManager[None]:
        """Something is timed while the block runs: the second process stands still."""
        return self._worker.paused() if self._worker is not None else nullcontext()

    def close(self) -> None:
        """End the second process; what was asked for and not waited for is made here."""
        if self._worker is not None:
            self._worker.close()
        self._worker = None
        self._asked.clear()
