"""The journal of a search in a file: each line is on the disk before anybody goes on."""

from __future__ import annotations

import os
from pathlib import Path

from steelyard.documents.search_journal import JournalLine, journal_json, read_journal
from steelyard.errors import ArtefactError

__all__ = ["JournalFile"]


class JournalFile:
    """A journal in a file.

    Args:
        path: Need not be there; folders that lead to it are made with the first line.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> list[JournalLine]:
        """All whole lines. What was being written when the process ended is cut off.

        Returns:
            Empty where there is no file.

        Raises:
            ArtefactError: A whole line is damaged.
        """
        if not self._path.is_file():
            return []
        content = self._path.read_bytes()
        whole = content[: content.rfind(b"\n") + 1]
        if len(whole) < len(content):
            os.truncate(self._path, len(whole))
        try:
            return read_journal(whole.splitlines())
        except ArtefactError as error:
            raise ArtefactError(f"{self._path}: {error}. Delete it, and the search begins anew") from error

    def append(self, line: JournalLine) -> None:
        """Add a line."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("ab") as file:
            file.write(journal_json(line))
            file.flush()
            os.fsync(file.fileno())

    def begin(self, line: JournalLine) -> None:
        """Begin anew with this line."""
        self._path.unlink(missing_ok=True)
        self.append(line)
