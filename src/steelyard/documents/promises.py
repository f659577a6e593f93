"""The record of promises: what was said of each configuration before it was served, and what was measured then."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

from steelyard.documents.encoding import Source, as_builtins, as_json, read_document

__all__ = [
    "FigureSummary",
    "PromiseRecord",
    "PromiseRow",
    "promises_builtins",
    "promises_json",
    "read_promises",
]


class PromiseRow(msgspec.Struct, frozen=True, kw_only=True):
    """One promise that was checked; errors are (found − promised) / promised, none where one of the two is unknown."""

    at: str
    """ISO time."""
    surface: str
    configuration: str
    rate_rps: float
    requests: int
    errors: int
    is_valid: bool
    """Whether the machine was quiet enough for latencies."""
    busy_share: float
    """Share of the processors that other programs used, in [0, 1]."""
    p99_promised_ms: float
    p99_measured_ms: float | None
    p99_error: float | None
    cpu_promised_ms: float
    cpu_measured_ms: float
    cpu_error: float | None
    machines_promised: Decimal | None
    """Monthly cost of the machines that serve, as it was priced before; none where it has no price."""
    machines_metered: Decimal | None
    """The same with the processor time that was metered."""
    machines_error: float | None


class FigureSummary(msgspec.Struct, frozen=True):
    """How near the promises of one figure came."""

    n: int
    """Rows that can be compared."""
    n_within: int
    """Of these, within the tolerance."""
    tolerance: float
    median: float | None
    """Of the relative differences, without their sign."""
    largest: float | None


class PromiseRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Every promise that was checked, oldest first."""

    format: int = 1
    rows: tuple[PromiseRow, ...] = ()
    summary: dict[str, FigureSummary] = {}
    """By figure: ``cpu``, ``p99``, ``machines``; empty in the artefact, whose readers count it anew."""
    currency: str = ""
    """Of the amounts; empty in the artefact."""


def read_promises(source: Source) -> PromiseRecord:
    """The record of a document, of any format.

    Args:
        source: JSON, or what was parsed from it.

    Returns:
        The record.

    Raises:
        ArtefactError: It is no such document, or of a later format.
    """
    return read_document(source, PromiseRecord, name="record of promises", migrations=(dict,))


def promises_builtins(record: PromiseRecord) -> dict[str, Any]:
    """The record as JSON's own types."""
    return as_builtins(record)


def promises_json(record: PromiseRecord) -> bytes:
    """The record as JSON."""
    return as_json(record)
