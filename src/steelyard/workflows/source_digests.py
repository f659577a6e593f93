"""Which files a shop's tables are read from, and whether they are still the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from steelyard.config import Config
from steelyard.data.schema import reading_of

if TYPE_CHECKING:
    from steelyard.workflows.ports import Sources

__all__ = ["FileFacts", "source_digests"]


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


def source_digests(config: Config, sources: Sources, digest: Callable[[Path], str]) -> list[list[str]]:
    """What every configured table's files hold.

    Args:
        config: Names the tables.
        sources: Finds their files.
        digest: Of one file's content.

    Returns:
        For each table, in one order, the digests of its files in their order; a new daily file changes them.

    Raises:
        SourceError: A file is not there or cannot be read.
    """
    data = config.data
    tables = (data.items, data.events, data.judgements, data.users, data.answers)
    found = [sources.look(table.path, reading_of(table)) for table in tables if table is not None]
    return [[digest(part.path) for part in facts.parts or (facts,)] for facts in found]
