"""What a source tells of a file before it is read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

__all__ = ["FileFacts"]


class FileFacts(Protocol):
    """What was found of a file before it was read."""

    @property
    def path(self) -> Path:
        """Where it is; of a table of several files the first."""
        ...

    @property
    def parts(self) -> Sequence[FileFacts]:
        """The files of a table that has several, in their order; none where it is one file."""
        ...
