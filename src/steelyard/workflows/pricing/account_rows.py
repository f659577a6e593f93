"""Every row of a table accounted for: kept, merged, or in quarantine with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from steelyard.data.quality import Checked, Finding, TableReport
from steelyard.data.remarks import Remark
from steelyard.data.schema import CuttingNote, SourcePort, Wanted

__all__ = ["account_rows"]

ROWS_OF_NOTHING = ("row_trailer", "row_header", "row_blank")
"""Lines that are no rows, so that nothing is lost with them."""
MALFORMED = "the line cannot be cut into columns; only its number is kept, since it may name people"


def account_rows(
    sources: SourcePort,
    folder: Path,
    wanted: Wanted,
    checked: Checked,
    *,
    n_merged: int = 0,
    more: Sequence[Finding] = (),
    left_out: Sequence[Finding] = (),
) -> TableReport:
    """Store what was put in quarantine, and count every row.

    Args:
        sources: Counts the file's rows anew, so that rows lost or doubled while reading would show.
        folder: Its folder ``quarantine`` gets the rows.
        wanted: The table that was read.
        checked: What its checks found.
        n_merged: Rows that became part of another row's item.
        more: Findings of other origin.
        left_out: Findings of rows that were taken away before the checks: counted among those in quarantine, and stored
            nowhere.

    Returns:
        Counts and findings of the table.
    """
    table, quarantine = wanted.table, folder / "quarantine"
    if checked.n_quarantined:
        sources.write(checked.quarantined.sort("row"), str(quarantine / f"{table}.parquet"))
    if checked.n_value_dropped:
        sources.write(checked.value_dropped.sort("row"), str(quarantine / f"{table}_values.parquet"))
    malformed = sources.malformed(table)
    n_in = sources.count(wanted) + len(malformed)
    findings = [*checked.findings, *more, *left_out]
    findings += [_remarked(remark, table, n_in) for remark in sources.remarks(table)]
    notes = sources.cutting_notes(table)
    findings += [_finding(table, note, n_in) for note in (*notes, *_untold(malformed, notes))]
    if malformed:
        with sources.writing({"line": "int"}, target=str(quarantine / f"{table}_malformed.parquet")) as rows:
            rows.write({"line": list(malformed)})
    n_kept = checked.n_in - checked.n_quarantined - n_merged
    n_out = checked.n_quarantined + len(malformed) + sum(finding.count for finding in left_out)
    return TableReport(table, n_in, n_kept, n_out, n_merged, tuple(findings))


def _untold(malformed: Sequence[int], notes: Sequence[CuttingNote]) -> list[CuttingNote]:
    """A note for malformed lines that the source gives no reason for."""
    n = len(malformed) - sum(note.count for note in notes if note.action == "quarantine")
    return [CuttingNote("row_malformed", "error", "quarantine", n, MALFORMED, tuple(malformed[:5]))] if n > 0 else []


def _finding(table: str, note: CuttingNote, n_in: int) -> Finding:
    samples = tuple({"line": line} for line in note.lines)
    share = min(1.0, note.count / max(n_in, 1))
    is_loss = note.action == "quarantine" and note.reason not in ROWS_OF_NOTHING
    return Finding(
        *(table, note.reason, note.severity, note.action, note.count, share, note.says, samples),
        values=dict(note.values),
        is_loss=is_loss,
    )


def _remarked(remark: Remark, table: str, n_in: int) -> Finding:
    share = min(remark.count / n_in, 1.0) if n_in else 0.0
    return Finding(
        table, remark.reason, remark.severity, "flag", remark.count, share, remark.says, values=remark.values
    )
