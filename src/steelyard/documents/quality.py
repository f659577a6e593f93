"""What was found in a shop's data, and where every row went: ``quality.json`` of the artefact ``data``."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from steelyard.documents.encoding import Source, as_builtins, read_document

__all__ = ["FindingRow", "QualityReport", "RowCounts", "Sample", "quality_builtins", "read_quality"]

Sample = dict[str, str | int | float | bool | None]
"""A row by column, with pseudonyms where people were named."""


class RowCounts(msgspec.Struct, frozen=True, kw_only=True):
    """Where the rows of one table went."""

    n_in: int = msgspec.field(name="in")
    n_kept: int = msgspec.field(name="kept")
    n_quarantined: int = msgspec.field(name="quarantined")
    n_merged: int = msgspec.field(name="merged")
    """Rows of a log that became part of another row's item."""
    is_balanced: bool = True
    """Whether they add up."""


class FindingRow(msgspec.Struct, frozen=True, kw_only=True):
    """What one check found."""

    table: str
    reason: str
    severity: Literal["error", "warning", "info"]
    action: Literal["quarantine", "set_aside", "flag"]
    count: int
    share: float
    """Of the table's rows, in [0, 1]."""
    says: str
    samples: tuple[Sample, ...] = ()
    """First rows."""
    values: dict[str, int] = {}
    """The commonest values that were found, and in how many rows."""


class QualityReport(msgspec.Struct, frozen=True, kw_only=True):
    """The findings of all tables, the worst first."""

    format: int = 1
    rows: dict[str, RowCounts] = {}
    """By table."""
    findings: tuple[FindingRow, ...] = ()


def read_quality(source: Source) -> QualityReport:
    """The report of a document, of any format.

    Args:
        source: JSON, or what was parsed from it.

    Returns:
        The report.

    Raises:
        ArtefactError: It is no such document, or of a later format.
    """
    return read_document(source, QualityReport, name="report on the data", migrations=(dict,))


def quality_builtins(report: QualityReport) -> dict[str, Any]:
    """The report as JSON's own types."""
    return as_builtins(report)
