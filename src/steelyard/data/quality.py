"""Checks with reason codes: every row is kept, merged or put in quarantine, and the counts must add up."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec
import narwhals.stable.v2 as nw

from steelyard.data.caught import CAUGHT, DROPPED, Tally, first_rows, is_caught, reason_of, tallied, with_marks
from steelyard.data.checks import Action, Check, Severity
from steelyard.documents.quality import ExpectationRow, FindingRow, QualityReport, RowCounts
from steelyard.documents.reasons import TABLE_REFUSED, effect_of, remedy_of
from steelyard.errors import DataError

if TYPE_CHECKING:
    from steelyard.data.schema import Frame, SourcePort

__all__ = [
    "LOSS_LIMIT",
    "Action",
    "Check",
    "Checked",
    "Finding",
    "Severity",
    "TableReport",
    "check_rows",
    "listed",
    "plain",
    "report",
    "unreadable",
    "with_findings",
]

LOSS_LIMIT = 0.10
"""A load that loses a larger share of a table for one reason stops and asks."""
_FEWEST_LOST = 3
"""One or two rows never stop a load, however small the table."""
LISTED_VALUES = 10
MAX_TIME_S = 2e11
_SHOWN = 80
"""Characters of a value in a message."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found."""

    table: str
    reason: str
    severity: Severity
    action: Action
    count: int
    share: float
    """Of the table's rows, in [0, 1]."""
    says: str
    samples: tuple[Mapping[str, Any], ...] = ()
    """First rows, with pseudonyms where people were named."""
    values: Mapping[str, int] = field(default_factory=dict)
    """The commonest values that were found, and in how many rows; empty where the check lists none."""
    is_loss: bool = False
    """Whether what was taken away is lost, as ``Check.is_loss``."""
    is_breach: bool = False
    """Whether it stops training however few rows it is about."""

    @property
    def asks(self) -> bool:
        """Whether nothing may be trained before the shop accepts it. One broken row alone never stops a load."""
        is_loss = self.is_loss and self.action != "flag"
        return self.is_breach or (is_loss and self.count >= _FEWEST_LOST and self.share > LOSS_LIMIT)

    def row(self, accepted: Collection[str] = ()) -> FindingRow:
        """The finding as a row of the report.

        Args:
            accepted: Reasons that stop nothing.

        Returns:
            With the keys of the sentences that explain it.
        """
        is_accepted = self.reason in accepted and self.reason != TABLE_REFUSED
        return FindingRow(
            table=self.table,
            reason=self.reason,
            severity=self.severity,
            action=self.action,
            count=self.count,
            share=self.share,
            says=self.says,
            samples=tuple(dict(sample) for sample in self.samples),
            values=dict(self.values),
            effect=effect_of(self.reason, self.action, table=self.table),
            remedy=remedy_of(self.reason),
            stops=self.asks and not is_accepted,
            is_accepted=self.asks and is_accepted,
        )


@dataclass(frozen=True, slots=True)
class TableReport:
    """The rows of one table: all of them are accounted for."""

    table: str
    n_in: int
    n_kept: int
    n_quarantined: int
    n_merged: int = 0
    """Rows of a log that became part of another row's item."""
    findings: tuple[Finding, ...] = field(default=())

    @property
    def is_balanced(self) -> bool:
        """Whether rows in = rows kept + rows quarantined + rows merged."""
        return self.n_in == self.n_kept + self.n_quarantined + self.n_merged

    def counts(self) -> RowCounts:
        """Where the rows went, as the report has it."""
        return RowCounts(
            n_in=self.n_in,
            n_kept=self.n_kept,
            n_quarantined=self.n_quarantined,
            n_merged=self.n_merged,
            is_balanced=self.is_balanced,
        )


@dataclass(frozen=True, slots=True)
class Checked:
    """A table after its checks."""

    kept: Frame
    quarantined: Frame
    """Original rows with ``reason``: the first check that caught each."""
    value_dropped: Frame
    """Copies of rows that were kept without one of their values, with ``reason``."""
    n_in: int
    n_quarantined: int
    n_value_dropped: int
    findings: tuple[Finding, ...]


def check_rows(
    sources: SourcePort, frame: Frame, checks: Sequence[Check], *, table: str, is_stored: bool = False
) -> Checked:
    """Apply checks in order; a row is quarantined for the first that catches it.

    Args:
        sources: Where what has to be stored is held for the length of the run.
        frame: Has a column ``row``; columns that start with ``_`` were added for the checks and leave with them.
        checks: Asked of every row that was not quarantined by an earlier one.
        table: Name in the findings.
        is_stored: Whether the frame is a stored table, with or without cheap expressions: then only the rows caught are
            stored, and those kept stay a view of it. Otherwise the marked table is stored, so that joins are done once.

    Returns:
        The rows kept, with the same columns, and what was found.
    """
    marked = with_marks(frame, checks)
    if not is_stored:
        marked = sources.keep(marked, f"{table}_marked")
    tally = tallied(sources, marked, checks)
    n_quarantined = sum(n for n, check in zip(tally.counts, checks, strict=True) if check.action == "quarantine")
    caught = marked.filter(~nw.col(CAUGHT).is_null() | ~nw.col(DROPPED).is_null())
    if is_stored and n_quarantined + tally.n_value_dropped:
        caught = sources.keep(caught, f"{table}_caught")
    public = [name for name in frame.collect_schema().names() if not name.startswith("_")]
    dropped = caught.filter(nw.col(CAUGHT).is_null() & ~nw.col(DROPPED).is_null())
    return Checked(
        kept=marked.filter(nw.col(CAUGHT).is_null()).drop(CAUGHT, DROPPED),
        quarantined=caught.filter(~nw.col(CAUGHT).is_null()).select(reason_of(CAUGHT, checks, "quarantine"), *public),
        value_dropped=dropped.select(reason_of(DROPPED, checks, "set_aside"), *public),
        n_in=tally.n_in,
        n_quarantined=n_quarantined,
        n_value_dropped=tally.n_value_dropped,
        findings=_findings(marked, caught, checks, tally=tally, table=table, columns=public),
    )


def unreadable(name: str) -> nw.Expr:
    """True where a number or time was written but could not be read."""
    return nw.col(name).is_null() & ~nw.col(f"{name}_text").is_null()


_OF_JSON = (
    ". The cells hold JSON: export the table as JSON lines, in which objects are read, or write the value alone into "
    "the column"
)


def refuse_if_nothing_reads(frame: Frame, *, table: str, column: str, name: str) -> None:
    """Stop where a column was given a role that none of its values can play.

    Args:
        frame: Has ``name`` and ``<name>_text``.
        table: Section of the configuration, for the message.
        column: The source's name of the column, for the message.
        name: The role.

    Raises:
        DataError: There are values, and not one could be read; the message shows three.
    """
    texts = frame.filter(~nw.col(f"{name}_text").is_null())
    if len(texts.filter(~nw.col(name).is_null()).head(1).collect()) or not len(texts.head(1).collect()):
        return
    examples = texts.sort("row").select(f"{name}_text").head(3).collect()[f"{name}_text"].to_list()
    examples = [text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…" for text in map(str, examples)]
    raise DataError(
        f"[data.{table}] not one value of column {column!r} can be read as {name}, for example {examples}: "
        f"give the right column in [data.{table}.columns], or write the values plainly (12.50, 2024-05-31 18:00)"
        + (_OF_JSON if all(text[:1] in "{[" for text in examples) else "")
        + (f"; to go on without any, take {name} out of [data.{table}.columns]" if name == "price" else "")
    )


def listed(findings: Sequence[Finding]) -> str:
    """Reasons with their counts, and the commonest values of each, for the message that nothing is left."""
    return ", ".join(
        f"{found.reason} {found.count:,}"
        + (f" ({', '.join(f'{value!r} {n:,}' for value, n in found.values.items())})" if found.values else "")
        for found in findings
    )


def report(
    tables: Sequence[TableReport],
    *,
    accepted: Collection[str] = (),
    expectations: Sequence[ExpectationRow] = (),
    made_at: str = "",
) -> QualityReport:
    """The quality report.

    Args:
        tables: One for each table that was read.
        accepted: Reasons that may lose as much as they do.
        expectations: What came of the shop's own.
        made_at: When the data was read, in ISO form.

    Returns:
        Findings of all tables: those that stop training first, then errors, warnings and notes, each of these by
        falling count.

    Raises:
        DataError: The rows of a table do not add up: some were lost, which must never happen.
    """
    for table in tables:
        if not table.is_balanced:
            raise DataError(f"rows of {table.table} were lost: {table.counts()}; nothing was stored. This is a defect")
    findings = [finding.row(accepted) for table in tables for finding in table.findings]
    findings.sort(key=_worst_first)
    return QualityReport(
        rows={table.table: table.counts() for table in tables},
        findings=tuple(findings),
        expectations=tuple(sorted(expectations, key=lambda row: row.is_met)),
        made_at=made_at,
    )


def with_findings(quality: QualityReport, more: Sequence[Finding]) -> QualityReport:
    """The report with what was found later, which stops nothing; the worst first as before."""
    rows = sorted((*quality.findings, *(finding.row() for finding in more)), key=_worst_first)
    return msgspec.structs.replace(quality, findings=tuple(rows))


def _worst_first(row: FindingRow) -> tuple[bool, int, int]:
    return not row.stops, {"error": 0, "warning": 1, "info": 2}[row.severity], -row.count


def _findings(
    marked: Frame, caught: Frame, checks: Sequence[Check], *, tally: Tally, table: str, columns: Sequence[str]
) -> tuple[Finding, ...]:
    first = first_rows(marked, checks, tally, columns=columns)
    found = []
    for at, rows in first.items():
        check, count = checks[at], tally.counts[at]
        samples = tuple({k: plain(k, v) for k, v in row.items() if v is not None} for row in rows)
        all_rows = (caught if check.action == "quarantine" else marked).filter(is_caught(checks, at))
        values = _values(all_rows, check.values_of) if check.values_of else {}
        share = count / tally.n_in
        facts = (table, check.reason, check.severity, check.action, count, share, check.says, samples, values)
        found.append(Finding(*facts, is_loss=check.is_loss))
    return tuple(found)


def _values(caught: Frame, column: str) -> dict[str, int]:
    counted = caught.filter(~nw.col(column).is_null()).group_by(column).agg(nw.len().alias("_n"))
    rows = counted.sort("_n", column, descending=[True, False]).head(LISTED_VALUES).collect()
    return {plain(column, row[column]): int(row["_n"]) for row in rows.rows(named=True)}


def plain(name: str, value: Any) -> Any:
    """A value as a sample shows it: times of the column ``time`` in ISO form, long texts cut."""
    if name == "time":
        return datetime.fromtimestamp(value, UTC).isoformat() if abs(value) < MAX_TIME_S else value
    if isinstance(value, str):
        return value if len(value) <= 200 else value[:200] + "…"
    return value if isinstance(value, int | float | bool) else str(value)
