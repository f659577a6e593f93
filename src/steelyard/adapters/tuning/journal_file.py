"""The journal of a search: a JSON object a line, on the disk before anybody goes on."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from steelyard.errors import ArtefactError

__all__ = ["JournalFile"]


class JournalFile:
    """A journal in a file.

    Args:
        path: Need not be there; folders that lead to it are made with the first line.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> list[Mapping[str, Any]]:
        """All whole lines. What was being written when the process ended is cut off.

        Raises:
            ArtefactError: A line before the last is damaged.
        """
        if not self._path.is_file():
            return []
        content = self._path.read_bytes()
        whole = content[: content.rfind(b"\n") + 1]
        if len(whole) < len(content):
            os.truncate(self._path, len(whole))
        try:
            return [json.loads(line) for line in whole.splitlines()]
        except ValueError as error:
            raise ArtefactError(f"{self._path} is damaged ({error}): delete it, and the search begins anew") from error

    def append(self, line: Mapping[str, Any]) -> None:
        """Add a line."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("ab") as file:
            file.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def begin(self, line: Mapping[str, Any]) -> None:
        """Begin anew with this line."""
        self._path.unlink(missing_ok=True)
        self.append(line)
