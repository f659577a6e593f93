"""Every row of a table accounted for: kept, merged, or in quarantine with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from steelyard.data.quality import Checked, Finding, TableReport
from steelyard.data.schema import SourcePort, Wanted

__all__ = ["account_rows"]


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
    unfloated = sources.unfloated(table)
    if unfloated:
        n, says = max(unfloated.values()), "whole numbers were written as 7.0 by a table tool; read as 7"
        findings.append(Finding(table, "ids_as_floats", "warning", "flag", n, n / n_in, says, values=unfloated))
    if malformed:
        with sources.writing({"line": "int"}, target=str(quarantine / f"{table}_malformed.parquet")) as rows:
            rows.write({"line": list(malformed)})
        says = "the line cannot be cut into columns; only its number is kept, since it may name people"
        samples = tuple({"line": line} for line in malformed[:5])
        found = len(malformed)
        findings.append(Finding(table, "row_malformed", "error", "quarantine", found, found / n_in, says, samples))
    n_kept = checked.n_in - checked.n_quarantined - n_merged
    n_out = checked.n_quarantined + len(malformed) + sum(finding.count for finding in left_out)
    return TableReport(table, n_in, n_kept, n_out, n_merged, tuple(findings))
