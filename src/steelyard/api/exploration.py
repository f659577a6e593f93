"""Keeps what a place that explores has learnt: read at the start, written each second in which something was learnt."""

from __future__ import annotations

import logging
import threading
from typing import Protocol, Self

from steelyard.documents.exploration import Exploration
from steelyard.errors import ArtefactError, StorageError
from steelyard.serving.exploring import Explorer

__all__ = ["ExplorationKeeper", "ExplorationPort", "resume"]

_log = logging.getLogger(__name__)
_PERIOD_S = 1.0


class ExplorationPort(Protocol):
    """Where it is kept (``steelyard.adapters.exploration_file.ExplorationFile``)."""

    def read(self) -> Exploration | None:
        """What was kept; ``None`` where nothing was."""
        ...

    def write(self, learnt: Exploration) -> None:
        """Keep it, on the disk when this returns."""
        ...


def resume(explorer: Explorer, kept: ExplorationPort) -> None:
    """Go on with what was kept; where it cannot be used the explorer begins anew, and the log says why.

    Args:
        explorer: Has learnt nothing yet.
        kept: What an earlier process wrote.
    """
    try:
        learnt = kept.read()
    except (ArtefactError, StorageError) as error:
        _log.warning("event=exploration_anew why=%s", error)
        return
    if learnt is None:
        return
    why = explorer.resume(learnt)
    if why:
        _log.warning("event=exploration_anew why=%s n_shown_before=%d", why, learnt.n_shown)
    else:
        _log.info("event=exploration_resumed n_shown=%d", learnt.n_shown)


class ExplorationKeeper:
    """Writes what is new once a second, in a thread of its own, and a last time at the end of the block.

    Args:
        explorer: ``None`` where nothing is explored: nothing is written then.
        kept: Where to.
        every_s: Seconds from one look to the next.
    """

    def __init__(self, explorer: Explorer | None, kept: ExplorationPort, *, every_s: float = _PERIOD_S) -> None:
        self._explorer, self._kept, self._every_s = explorer, kept, every_s
        self._written = explorer.n_changes if explorer else 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="exploration", daemon=True)

    def __enter__(self) -> Self:
        if self._explorer is not None:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()
        self.write()

    def write(self) -> None:
        """Write what is new; a disk that refuses costs no shopper an answer, and the next second tries again."""
        if self._explorer is None or self._explorer.n_changes == self._written:
            return
        n_changes, learnt = self._explorer.learnt()
        try:
            self._kept.write(learnt)
        except StorageError as error:
            _log.warning("event=exploration_not_kept error=%s", error)
            return
        self._written = n_changes

    def _watch(self) -> None:
        while not self._ended.wait(self._every_s):
            self.write()
