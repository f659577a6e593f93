"""A folder for what a run does not keep: nobody else may read it, and it goes even where the run was killed.

Whoever made a folder holds a lock on it, which the system takes away with the process. So the next start can tell the
folders of dead runs, which it removes, from those of runs beside it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from pathlib import Path

__all__ = ["SPILL", "Scratch"]

_PREFIX = "steelyard-tables-"
SPILL = "spill"
"""Name of the folder in it for what the engine cannot hold in memory."""


class Scratch:
    """A new folder of mode 0700, held until it is closed; what dead runs left beside it is removed.

    Args:
        parent: Where it is made; itself made if need be. ``None`` takes the system's folder for temporary files.
    """

    def __init__(self, parent: Path | None) -> None:
        self.parent = Path(tempfile.gettempdir()) if parent is None else parent
        self.parent.mkdir(parents=True, exist_ok=True)
        _sweep(self.parent)
        self.path, self._lock = _made(self.parent)
        (self.path / SPILL).mkdir(mode=0o700)

    def close(self) -> None:
        """Remove the folder and all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


def _made(parent: Path) -> tuple[Path, int]:
    """A folder and the lock on it; another start may take it for a dead one before it is locked, so it is made anew."""
    while True:
        path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
        try:
            lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        except FileNotFoundError:
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            continue
        except OSError:
            return path, lock  # a file system without locks: no start can lock it either, so none removes it
        if path.exists():
            return path, lock
        os.close(lock)


def _sweep(parent: Path) -> None:
    """Remove the folders whose makers are gone. One that cannot be locked is another run's, or another person's."""
    for path in parent.glob(f"{_PREFIX}*"):
        try:
            lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:
            continue
        try:
            if os.fstat(lock).st_uid == os.getuid():
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path, ignore_errors=True)
        except OSError:
            continue
        finally:
            os.close(lock)
