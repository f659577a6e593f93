"""Every reading over HTTP that was ever made, oldest first: artefact ``http/readings``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from steelyard.documents.encoding import Source, as_builtins, read_document

__all__ = ["Reading", "ReadingDocument", "read_readings", "readings_builtins"]


@dataclass(frozen=True, slots=True)
class Reading:
    """What one open-loop run over HTTP saw of one configuration, with the server on one core."""

    configuration: str
    identity: str
    """Digest of the parts served and of the machine: readings of other parts or machines judge nothing."""
    session: str
    """Readings of one run of ``check``, or of one ``measure``."""
    at: str
    """ISO time of its end, with time zone."""
    rate_rps: float
    p50_ms: float
    p99_ms: float
    cpu_s_per_request: float
    """Processor seconds of the whole server process, HTTP included."""
    requests: int
    errors: int
    peak_rss_bytes: int
    promised_p99_ms: float
    promised_cpu_s: float
    response_bytes: float | None = None
    """Mean bytes of an answer's body; ``None`` where not counted."""
    busy_share: float = 0.0
    """Share of the machine's processors that other programs used meanwhile, in [0, 1]."""
    invalid_because: str = ""
    """Why latencies may not be used; empty when they may. Processor times hold either way."""
    share: float = 1.0
    """Of the rate that it is sized with, in (0, 1]."""
    is_probe: bool = False
    """Whether it was made before the choice, to correct what is promised: it holds no promise, and breaks one."""

    def keeps(self, max_p99_ms: float) -> bool:
        """Whether it is valid, without an error, and within the limit."""
        return not self.invalid_because and self.errors == 0 and self.p99_ms <= max_p99_ms

    def judges(self, max_p99_ms: float) -> bool:
        """Whether it says anything of the whole rate: at a part of it, only a miss does."""
        return self.share >= 1 or not (self.invalid_because or self.keeps(max_p99_ms))


class ReadingDocument(msgspec.Struct, frozen=True, kw_only=True):
    """All readings."""

    format: int = 1
    readings: tuple[Reading, ...] = ()


def read_readings(source: Source) -> ReadingDocument:
    """The readings of a document, of any format.

    Args:
        source: JSON, or what was parsed from it.

    Returns:
        The readings.

    Raises:
        ArtefactError: It is no such document, or of a later format.
    """
    return read_document(source, ReadingDocument, name="document of readings", migrations=(dict,))


def readings_builtins(document: ReadingDocument) -> dict[str, Any]:
    """The document as JSON's own types."""
    return as_builtins(document)
