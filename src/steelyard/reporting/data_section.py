"""The report's section on the data: where every row went, what was found, and how hard it is."""

from __future__ import annotations

from typing import Any

from steelyard.documents.hardness import Hardness
from steelyard.documents.quality import FindingRow, QualityReport
from steelyard.reporting.hardness_lines import hardness_section
from steelyard.reporting.page import Html, element, percent, table
from steelyard.reporting.weights_table import weights_table
from steelyard.reporting.words import words_in
from steelyard.reporting.words.findings import FINDINGS_ZH

__all__ = ["data_section"]


def data_section(quality: QualityReport, hardness: Hardness | None, *, language: str) -> list[Html]:
    """The section without its heading.

    Args:
        quality: What was found in the data.
        hardness: How hard it is, where that was told.
        language: ``en`` or ``zh``.

    Returns:
        Tables of rows and findings, and how hard the data is.
    """
    say = words_in(language)
    keys = ("in", "kept", "quarantined", "merged")
    head = [say(key) for key in ("rows_table", *(f"rows_{key}" for key in keys))]
    rows = [
        [name, *(f"{n:,}" for n in (row.n_in, row.n_kept, row.n_quarantined, row.n_merged))]
        for name, row in quality.rows.items()
    ]
    counted = _wide(table(head, rows, numbers=range(1, 5)))
    hard = [hardness_section(hardness, language=language)] if hardness else []
    weights = weights_table(quality.weights, language=language)
    if not quality.findings:
        return [counted, *weights, element("p", say("no_findings")), *hard]
    columns = [say(key) for key in ("rows_table", "severity", "reason", "count", "share", "finding_means")]
    findings = [_finding(each, language) for each in quality.findings]
    listed = _wide(table(columns, findings, numbers=(3, 4)))
    return [counted, *weights, element("h3", say("findings")), listed, *hard]


def _finding(found: FindingRow, language: str) -> list[Any]:
    name, severity = element("code", found.reason), words_in(language)(found.severity)
    says = FINDINGS_ZH.get(found.reason, "") if language == "zh" else ""
    share = percent(found.share, 2, language=language)
    return [found.table, severity, name, f"{found.count:,}", share, says or found.says]


def _wide(what: Html) -> Html:
    return element("div", what, class_="scroll")
