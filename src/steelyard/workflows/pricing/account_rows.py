"""Every row of a table accounted for: kept, merged, or in quarantine with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from steelyard.data.quality import Checked, Finding, TableReport
from steelyard.data.schema import CuttingNote, SourcePort, Wanted

__all__ = ["account_rows"]

MALFORMED = "the line cannot be cut into columns; only its number is kept, since it may name people"


def account_rows(
    sources: SourcePort,
    folder: Path,
    wanted: Wanted,
    checked: Checked,
    *,
    n_merged: int = 0,
    more: Sequence[Finding] = (),
) -> TableReport:
    """Store what was put in quarantine, and count every row.

    Args:
        sources: Counts the file's rows anew, so that rows lost or doubled while reading would show.
        folder: Its folder ``quarantine`` gets the rows.
        wanted: The table that was read.
        checked: What its checks found.
        n_merged: Rows that became part of another row's item.
        more: Findings of other origin.

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
    findings = [*checked.findings, *more]
    unfloated = sources.unfloated(table)
    if unfloated:
        n, says = max(unfloated.values()), "whole numbers were written as 7.0 by a table tool; read as 7"
        findings.append(Finding(table, "ids_as_floats", "warning", "flag", n, n / n_in, says, values=unfloated))
    notes = sources.cutting_notes(table)
    findings += [_finding(table, note, n_in) for note in (*notes, *_untold(malformed, notes))]
    if malformed:
        with sources.writing({"line": "int"}, target=str(quarantine / f"{table}_malformed.parquet")) as rows:
            rows.write({"line": list(malformed)})
    n_kept = checked.n_in - checked.n_quarantined - n_merged
    return TableReport(table, n_in, n_kept, checked.n_quarantined + len(malformed), n_merged, tuple(findings))


def _untold(malformed: Sequence[int], notes: Sequence[CuttingNote]) -> list[CuttingNote]:
    """A note for malformed lines that the source gives no reason for."""
    n = len(malformed) - sum(note.count for note in notes if note.action == "quarantine")
    return [CuttingNote("row_malformed", "error", "quarantine", n, MALFORMED, tuple(malformed[:5]))] if n > 0 else []


def _finding(table: str, note: CuttingNote, n_in: int) -> Finding:
    samples = tuple({"line": line} for line in note.lines)
    share = min(1.0, note.count / max(n_in, 1))
    is_loss = note.action == "quarantine" and note.reason != "row_trailer"
    return Finding(
        *(table, note.reason, note.severity, note.action, note.count, share, note.says, samples),
        values=dict(note.values),
        is_loss=is_loss,
    )
