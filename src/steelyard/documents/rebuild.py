"""How the last run that a server started has gone: kept beside the bundles, read by every server of the same folder."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from steelyard.documents.encoding import read_document

__all__ = ["FORMAT", "Outcome", "RebuildRecord", "read_rebuild", "rebuild_content"]

FORMAT = 1


class Outcome(StrEnum):
    """How a run has ended."""

    RUNNING = "running"
    """Not yet; or it was cut off together with whoever would have said so."""
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"
    """Because the server ended, or by hand: the next run goes on where it stopped."""


class RebuildRecord(msgspec.Struct, frozen=True):
    """The last run that a server started."""

    began: datetime
    outcome: Outcome = Outcome.RUNNING
    ended: datetime | None = None
    """None while it runs."""
    failures: int = 0
    """Runs in a row, this one among them, that failed or left the changes where they were."""
    trouble: str = ""
    """Why the last of these failed; empty where none did."""
    last_lines: tuple[str, ...] = ()
    """What that one said last."""
    format: int = FORMAT


def rebuild_content(record: RebuildRecord) -> bytes:
    """The record as JSON.

    Args:
        record: Its times have a time zone.

    Returns:
        What ``read_rebuild`` reads.
    """
    return msgspec.json.encode(record)


def read_rebuild(content: bytes) -> RebuildRecord:
    """The record of its JSON.

    Args:
        content: What ``rebuild_content`` made.

    Returns:
        The record.

    Raises:
        ArtefactError: It is of another format, or none.
    """
    return read_document(content, RebuildRecord, name="record of rebuilds", migrations=[lambda found: found])
