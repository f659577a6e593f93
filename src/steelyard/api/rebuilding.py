"""Has runs started when the changes of the catalogue call for another bundle, in a thread of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Self

from steelyard.api.changing import Changer
from steelyard.documents.progress import Progress
from steelyard.errors import SteelyardError
from steelyard.workflows.rebuilding import Rebuilds, RunFolder

__all__ = ["Rebuilder", "rebuilds_of"]

_log = logging.getLogger(__name__)
_SILENT = timedelta(seconds=90)
"""A run that has said nothing for so long is taken for a stopped one."""


class Rebuilder:
    """Looks every second or so whether a run is due, and how the one goes that it started, in the block of a ``with``.

    Args:
        rebuilds: Starts runs; None where this server starts none.
        every_s: From one look to the next.
    """

    def __init__(self, rebuilds: Rebuilds | None, *, every_s: float = 1.0) -> None:
        self._rebuilds, self._every_s = rebuilds, every_s
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="rebuild", daemon=True)

    def __enter__(self) -> Self:
        """Begin to look."""
        if self._rebuilds is not None:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Look no more, and end the run that goes on: the next one goes on where it stopped."""
        if self._rebuilds is None:
            return
        self._ended.set()
        self._thread.join()
        self._rebuilds.close()

    def _watch(self) -> None:
        told = ""
        assert self._rebuilds is not None
        while not self._ended.wait(self._every_s):
            try:
                self._rebuilds.step()
                told = ""
            except Exception as error:  # noqa: BLE001 - the edge: whatever becomes of runs, the server answers on
                if str(error) != told:
                    _log.error("event=rebuild_trouble error=%s", error, exc_info=not isinstance(error, SteelyardError))
                told = str(error)


def rebuilds_of(
    folder: RunFolder, changer: Changer, *, progress: Callable[[], Progress | None] | None, pause_s: float
) -> Rebuilds:
    """Starts runs as the catalogue changes, and has the changer tell how they go.

    Args:
        folder: What the servers of these bundles share.
        changer: Knows what stands beside the bundle that answers.
        progress: Gives what the shop's last run has said of itself; None where nobody knows.
        pause_s: Least time from the end of a run to the start of the next.

    Returns:
        Nothing is started yet.
    """

    def now() -> datetime:
        return datetime.now(UTC)

    def is_busy() -> bool:
        found = None
        if progress is not None:
            with suppress(SteelyardError):
                found = progress()
        return found is not None and not found.is_done and now() - found.updated_at < _SILENT

    rebuilds = Rebuilds(folder, changer.state, is_busy=is_busy, now=now, pause_s=pause_s)
    changer.rebuild = lambda: rebuilds.state
    return rebuilds
