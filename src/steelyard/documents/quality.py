"""What was found in a shop's data, and where every row went: ``quality.json`` of the artefact ``data``."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from steelyard.documents.encoding import Source, as_builtins, read_document
from steelyard.documents.reasons import effect_of, remedy_of

__all__ = [
    "EventWeightRow",
    "ExpectationRow",
    "FindingRow",
    "QualityReport",
    "RowCounts",
    "Sample",
    "quality_builtins",
    "read_quality",
]

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
    effect: str = ""
    """Key of what it does to the models (``documents.reasons.Effect``)."""
    remedy: str = ""
    """Key of what to do about it."""
    stops: bool = False
    """Whether nothing may be trained on this load until the reason is accepted."""
    is_accepted: bool = False
    """Whether it would stop training, and the shop accepted it."""


class ExpectationRow(msgspec.Struct, frozen=True, kw_only=True):
    """One expectation of the shop's own, and whether the data meets it."""

    table: str
    column: str
    """As it was named in the configuration; empty where the whole table is meant."""
    kind: str
    """``min``, ``max``, ``unique``, ``in``, ``matches``, ``max_missing_share``, ``min_rows`` or ``max_age_days``."""
    wanted: str
    found: str
    """The figure that was found, as text; empty where there is none."""
    is_met: bool
    count: int = 0
    """Rows that break it."""
    share: float = 0.0
    """Of the table's rows, in [0, 1]."""
    values: dict[str, int] = {}
    """The commonest values that break it, and in how many rows; none of a column that names people."""


class EventWeightRow(msgspec.Struct, frozen=True, kw_only=True):
    """How much one event of a kind says about interest, or how much a rating of a grade does beside the others."""

    kind: str
    weight: float
    """Of a rating's grade: what the weight of the kind is multiplied with."""
    declared: float
    """What it would be without the log."""
    origin: str
    """``given`` by the configuration, ``usual`` (what counts where nothing is said), ``learnt`` or ``fitted``."""
    up_to: float | None = None
    """The best rating of the grade; ``None`` for a kind."""


class QualityReport(msgspec.Struct, frozen=True, kw_only=True):
    """The findings of all tables, what is to be mended first before the others."""

    format: int = 2
    rows: dict[str, RowCounts] = {}
    """By table."""
    findings: tuple[FindingRow, ...] = ()
    expectations: tuple[ExpectationRow, ...] = ()
    weights: tuple[EventWeightRow, ...] = ()
    """Of kinds and grades, where the configuration asks to make one from the log."""
    made_at: str = ""
    """When the data was read, in ISO form; empty in the artefact, which is the same for the same files."""

    @property
    def stopping(self) -> tuple[FindingRow, ...]:
        """Findings for which nothing may be trained."""
        return tuple(finding for finding in self.findings if finding.stops)

    @property
    def unmet(self) -> tuple[ExpectationRow, ...]:
        """Expectations that the data does not meet."""
        return tuple(row for row in self.expectations if not row.is_met)

    @property
    def is_stopped(self) -> bool:
        """Whether nothing may be trained on this load."""
        return bool(self.stopping or self.unmet)


def read_quality(source: Source) -> QualityReport:
    """The report of a document, of any format.

    Args:
        source: JSON, or what was parsed from it.

    Returns:
        The report.

    Raises:
        ArtefactError: It is no such document, or of a later format.
    """
    return read_document(source, QualityReport, name="report on the data", migrations=(dict, _with_keys))


def quality_builtins(report: QualityReport) -> dict[str, Any]:
    """The report as JSON's own types."""
    return as_builtins(report)


def _with_keys(written: dict[str, Any]) -> dict[str, Any]:
    """A document of format 1, with the keys of what each finding does and what to do about it."""
    findings = [
        {
            **row,
            "effect": effect_of(row["reason"], row["action"], table=row["table"]),
            "remedy": remedy_of(row["reason"]),
        }
        for row in written.get("findings", ())
    ]
    return {**written, "findings": findings}
