"""Sample rows of findings without what tells people apart: a row is found in the shop's file by its number."""

from __future__ import annotations

from msgspec.structs import replace

from steelyard.documents.quality import QualityReport, Sample

__all__ = ["PERSONAL_COLUMNS", "without_names"]

PERSONAL_COLUMNS = ("user", "session", "event_id")
"""Columns of the tables that hold pseudonyms."""
_LEFT_OUT = frozenset({*PERSONAL_COLUMNS, "query"})
"""What one person typed is theirs, too."""


def without_names(report: QualityReport) -> QualityReport:
    """The report with samples of the log that name nobody, not even by pseudonym, and quote no query.

    Args:
        report: Of all tables.

    Returns:
        The same findings.
    """
    findings = (
        replace(
            finding,
            samples=tuple(
                {name: value for name, value in row.items() if name not in _LEFT_OUT} for row in finding.samples
            ),
        )
        if finding.table == "events"
        else finding
        for finding in report.findings
    )
    return replace(report, findings=tuple(findings))


def _public(row: Sample) -> Sample:
    return {name: value for name, value in row.items() if name not in _LEFT_OUT}
