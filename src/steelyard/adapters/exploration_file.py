"""What a place that explores has learnt, as one small sealed file that is replaced as a whole."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from steelyard.data.privacy.sealing import is_sealed, seal_of
from steelyard.documents.exploration import Exploration, exploration_builtins, read_exploration
from steelyard.errors import ArtefactError, StorageError

__all__ = ["FILE", "ExplorationFile"]

FILE = "exploration.json"
_MOST_BYTES = 1_000_000


class ExplorationFile:
    """The file in a server's state folder; the lock of its event log keeps other servers away.

    Args:
        folder: The state folder.
        keys: Gives the shop's key, and the one before while it is kept.
    """

    def __init__(self, folder: Path, keys: Callable[[], Sequence[bytes]]) -> None:
        self._path, self._keys = folder / FILE, keys

    def read(self) -> Exploration | None:
        """What was kept.

        Returns:
            ``None`` where nothing was.

        Raises:
            ArtefactError: It is not as it was written, or it was sealed with another shop's key.
            StorageError: It cannot be read.
        """
        try:
            with self._path.open("rb") as file:
                content = file.read(_MOST_BYTES + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StorageError(f"cannot read {self._path}: {error.strerror}") from error
        try:
            values = json.loads(content)
        except ValueError as error:
            raise ArtefactError(f"{self._path} is damaged: {error}") from error
        if not isinstance(values, dict) or not any(is_sealed(values, key) for key in self._keys()):
            raise ArtefactError(f"{self._path} is damaged, or was sealed with another key")
        return read_exploration(values)

    def write(self, learnt: Exploration) -> None:
        """Keep it, on the disk when this returns; the file is the old or the new one whenever this is interrupted.

        Args:
            learnt: What was learnt.

        Raises:
            StorageError: The disk refuses; what was kept before still is.
        """
        values = exploration_builtins(learnt)
        content = json.dumps({**values, "seal": seal_of(values, self._keys()[0])}).encode()
        fresh = self._path.with_suffix(".tmp")
        try:
            with fresh.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self._path)
            handle = os.open(self._path.parent, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
        except OSError as error:
            with suppress(OSError):
                fresh.unlink(missing_ok=True)
            raise StorageError(f"cannot write {self._path}: {error.strerror}") from error
