"""The progress of a run as a file: replaced whole by the run, read over and over by a server."""

from __future__ import annotations

import os
from pathlib import Path

from steelyard.documents.progress import Progress, progress_content, read_progress
from steelyard.errors import StorageError

__all__ = ["ProgressFile"]


class ProgressFile:
    """Writes and reads one progress document.

    Args:
        path: The file; its folder is made when the first document is written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: tuple[tuple[int, int, int], Progress] | None = None

    def exists(self) -> bool:
        """Whether a run wrote one before."""
        return self._path.is_file()

    def write(self, progress: Progress) -> None:
        """Replace the document; a reader finds the one before or this one, never a part.

        Args:
            progress: The run as it stands.

        Raises:
            StorageError: The disk refuses.
        """
        fresh = self._path.with_name(f".{self._path.name}.tmp")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_bytes(progress_content(progress))
            fresh.replace(self._path)
        except OSError as error:
            raise StorageError(f"{self._path} cannot be written ({error}): free space, or mend its rights") from error

    def read(self) -> Progress | None:
        """The document as it stands; read again only where the file has changed.

        Returns:
            ``None`` where there is no file.

        Raises:
            ArtefactError: What is there is no progress document.
            StorageError: It cannot be read.
        """
        try:
            with self._path.open("rb") as file:
                found = _stamp(file.fileno())
                known = self._known
                if known is not None and known[0] == found:
                    return known[1]
                content = file.read()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StorageError(f"{self._path} cannot be read: {error}") from error
        progress = read_progress(content)
        self._known = (found, progress)
        return progress


def _stamp(handle: int) -> tuple[int, int, int]:
    found = os.fstat(handle)
    return found.st_ino, found.st_mtime_ns, found.st_size
