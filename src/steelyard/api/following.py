"""Follows the bundles that are published: a better one is opened beside the one that answers, and takes its place."""

from __future__ import annotations

import ctypes
import gc
import logging
import math
import threading
import time
from collections.abc import Callable

from steelyard.errors import SteelyardError
from steelyard.serving.engine import Engine
from steelyard.serving.served import About

__all__ = ["Follower"]

_log = logging.getLogger(__name__)
Opened = tuple[Engine, About]


class Follower:
    """Looks for another bundle every second or so, in a thread of its own.

    Args:
        pointer: Tells the newest bundle from the one before, without opening it.
        opened: Opens the newest bundle; ``None`` where it is the one that answers already.
        take: Has the server answer from it.
        seen: What ``pointer`` gave before the bundle was opened that answers now.
        every_s: From one look to the next.
        settle_s: From taking a bundle to clearing away the one before: what was begun on it has ended by then.
    """

    def __init__(
        self,
        pointer: Callable[[], str],
        opened: Callable[[], Opened | None],
        take: Callable[[Engine, About], None],
        *,
        seen: str = "",
        every_s: float = 1.0,
        settle_s: float = 1.0,
    ) -> None:
        self._pointer, self._opened, self._take = pointer, opened, take
        self._every_s, self._settle_s = every_s, settle_s
        self._seen = seen
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="follow", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def close(self) -> None:
        """Look no more; a bundle that is being opened is not taken."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()

    def look(self) -> bool:
        """Take the newest bundle, should there be another one than at the last look.

        Returns:
            Whether another bundle answers now. One that cannot be opened is logged and left alone until the next is
            published: the bundle before goes on answering.
        """
        try:
            found = self._pointer()
            if found == self._seen:
                return False
            self._seen = found
            opened = self._opened()
            if opened is None or self._ended.is_set():
                return False
            self._take(*opened)
        except Exception as error:  # noqa: BLE001 - the edge: whatever a new bundle holds, the old one goes on answering
            _log.error("event=bundle_not_followed error=%s", error, exc_info=not isinstance(error, SteelyardError))
            return False
        _log.info("event=bundle_followed digest=%s", opened[1].digest)
        return True

    def _watch(self) -> None:
        due = math.inf
        while not self._ended.wait(self._every_s):
            if self.look():
                due = time.monotonic() + self._settle_s
            elif time.monotonic() >= due:
                _clear_away()
                due = math.inf


def _clear_away() -> None:
    """Give back the memory of the bundle before: what was frozen at the start is looked through once more."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc keeps what is free for itself until it is asked
    if trim is not None:
        trim(0)
