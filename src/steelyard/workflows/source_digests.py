"""Which files a shop's tables are read from, and whether they are still the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from steelyard.config import Config
from steelyard.data.schema import reading_of
from steelyard.workflows.ports import Sources

__all__ = ["source_digests"]


def source_digests(config: Config, sources: Sources, digest: Callable[[Path], str]) -> list[list[str]]:
    """What every configured table's files hold.

    Args:
        config: Names the tables.
        sources: Finds their files.
        digest: Of one file's content.

    Returns:
        For each table and each file that is joined to it, in one order, the digests of its files in their order; a new
        daily file changes them.

    Raises:
        SourceError: A file is not there or cannot be read.
    """
    data = config.data
    tables = (data.items, data.events, data.judgements, data.users, data.same_users, data.answers)
    named = [one for table in tables if table is not None for one in (table, *table.join)]
    found = [sources.look(one.path, reading_of(one)) for one in named]
    return [[digest(part.path) for part in facts.parts or (facts,)] for facts in found]
