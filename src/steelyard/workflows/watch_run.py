"""``progress``: how the run of a shop stands, and each change of it until it has ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from steelyard.documents.progress import Progress
from steelyard.errors import StageError
from steelyard.workflows.ports import Clock

__all__ = ["SILENT_S", "Standing", "follow", "standing"]

SILENT_S = 90.0
"""A run without news for longer is taken for a stopped one, as the pages do; it writes every ten seconds."""
EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class Standing:
    """A run as it stands."""

    progress: Progress
    is_silent: bool
    """Whether it has not ended, and nothing was heard of it for long."""

    @property
    def is_over(self) -> bool:
        """Whether nothing more is expected of it."""
        return self.progress.is_done or self.is_silent


def standing(read: Callable[[], Progress | None], clock: Clock) -> Standing:
    """How the run stands now.

    Args:
        read: The progress document; ``None`` where there is none.
        clock: Tells how old it is.

    Returns:
        The newest document.

    Raises:
        StageError: No run was made.
        ArtefactError: What is there is no progress document.
    """
    progress = read()
    if progress is None:
        raise StageError(
            "no run has written its progress here: `steelyard run` starts one, and writes once it has read the files"
        )
    age_s = (clock.now() - progress.updated_at).total_seconds()
    return Standing(progress, not progress.is_done and age_s > SILENT_S)


def follow(read: Callable[[], Progress | None], clock: Clock, *, every_s: float = EVERY_S) -> Iterator[Standing]:
    """The run as it stands, and again at each change.

    Args:
        read: The progress document; ``None`` where there is none.
        clock: Waits between two looks.
        every_s: Between two looks.

    Yields:
        The last one is over.

    Raises:
        StageError: No run was made.
        ArtefactError: What is there is no progress document.
    """
    before = None
    while True:
        found = standing(read, clock)
        if found != before:
            yield found
        if found.is_over:
            return
        before = found
        clock.sleep(every_s)
