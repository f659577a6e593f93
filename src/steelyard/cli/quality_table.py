"""Prints the report on a shop's data: where the rows went, and what was found, what to mend first before the rest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from steelyard.documents.quality import FindingRow, QualityReport
from steelyard.reporting.finding_words import (
    count_words,
    expectation_sentence,
    finding_words,
    share_words,
    verdict_words,
)
from steelyard.reporting.words import Words, words_in

__all__ = ["print_quality", "print_quality_summary"]

_WIDTH = 80
"""Where it is a file or a pipe."""
_WORST = 3
"""So many findings are in the summary."""
_STYLES = {"error": "bold red", "warning": "yellow", "info": ""}


def print_quality(quality: QualityReport, *, console: Console | None = None, language: str = "en") -> None:
    """Everything that was found: each finding with its rows, what it does to the models, and what to do.

    Args:
        quality: The report.
        console: Where to print; standard output by default.
        language: ``zh`` for Chinese, anything else for English.
    """
    out, say = console or _console(), words_in(language)
    _print_verdict(out, quality, language)
    _print_rows(out, quality, say)
    widths = _widths(quality.findings, language)
    for title, findings in _groups(quality.findings):
        out.print()
        out.print(Text(say(title), style="bold"))
        out.print(_grid((_row(each, _told(each, language), language) for each in findings), widths=widths))
    if quality.expectations:
        out.print()
        out.print(Text(say("q_h_expected"), style="bold"))
        rows = [
            (
                Text(say("q_met" if row.is_met else "q_unmet"), style="green" if row.is_met else "bold red"),
                Text(expectation_sentence(row, language=language)),
            )
            for row in quality.expectations
        ]
        out.print(_grid(rows))


def print_quality_summary(quality: QualityReport, *, console: Console | None = None, language: str = "en") -> None:
    """What ``prepare`` says: where the rows went, and the worst findings in a line each.

    Args:
        quality: The report.
        console: Where to print; standard output by default.
        language: ``zh`` for Chinese, anything else for English.
    """
    out, say = console or _console(), words_in(language)
    _print_rows(out, quality, say)
    worst = [finding for finding in quality.findings if finding.severity != "info"][:_WORST]
    if worst:
        told = [Text(f"{each.table}: {finding_words(each, language=language).says}") for each in worst]
        rows = [_row(finding, says, language) for finding, says in zip(worst, told, strict=True)]
        out.print(_grid(rows, widths=_widths(worst, language)))
    more = len(quality.findings) - len(worst)
    if more > 0:
        out.print(Text(say("q_more", n=more)))


def _print_verdict(out: Console, quality: QualityReport, language: str) -> None:
    style = "bold red" if quality.is_stopped else "bold"
    out.print(Text(verdict_words(quality, language=language), style=style))


def _print_rows(out: Console, quality: QualityReport, say: Words) -> None:
    there = {name: counts for name, counts in quality.rows.items() if counts.n_in}
    if not there:
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="")
    table.add_column("")
    for key in ("rows_in", "rows_kept", "rows_quarantined", "rows_merged"):
        table.add_column(say(key).lower(), justify="right")
    for name, row in there.items():
        figures = (row.n_in, row.n_kept, row.n_quarantined, row.n_merged)
        table.add_row(Text(name), *(Text(f"{n:,}") for n in figures))
    out.print(table)


def _groups(findings: Sequence[FindingRow]) -> Iterable[tuple[str, list[FindingRow]]]:
    stopping = [finding for finding in findings if finding.stops]
    if stopping:
        yield "q_h_stops", stopping
    for severity, title in (("error", "q_h_errors"), ("warning", "q_h_warnings"), ("info", "q_h_notes")):
        found = [finding for finding in findings if finding.severity == severity and not finding.stops]
        if found:
            yield title, found


def _row(finding: FindingRow, told: Text, language: str) -> tuple[Text, ...]:
    count = Text(count_words(finding, language=language), style=_STYLES[finding.severity])
    return count, Text(share_words(finding.share, language=language)), told


def _widths(findings: Sequence[FindingRow], language: str) -> tuple[int, int]:
    """Columns that the figures need, so that those of all groups stand below each other."""
    rows = [_row(finding, Text(), language) for finding in findings]
    return max((row[0].cell_len for row in rows), default=0), max((row[1].cell_len for row in rows), default=0)


def _told(finding: FindingRow, language: str) -> Text:
    say, words = words_in(language), finding_words(finding, language=language)
    action = say(f"q_action_{finding.action}")
    lines = [
        Text.assemble((f"{finding.table} · {finding.reason}", "bold"), f" · {action}"),
        Text(words.says),
        *(
            Text(f"{say(key)}{say('colon')}{told}")
            for key, told in (("q_values", words.values), ("q_effect", words.effect), ("q_remedy", words.remedy))
            if told
        ),
        *([Text(words.stops, style="bold" if finding.stops else "")] if words.stops else []),
    ]
    return Text("\n").join(lines)


def _grid(rows: Iterable[Sequence[Text]], *, widths: Sequence[int] = ()) -> Table:
    """Rows without lines around them, their first columns set to the right; what is too long is broken."""
    grid = Table.grid(padding=(0, 2, 0, 0), pad_edge=False)
    rows = list(rows)
    for i in range(len(rows[0])):
        is_last = i == len(rows[0]) - 1
        width = widths[i] if i < len(widths) else None
        grid.add_column(justify="right" if width else "left", min_width=width, no_wrap=not is_last, overflow="fold")
    for row in rows:
        grid.add_row(*row)
    return grid


def _console() -> Console:
    """Standard output."""
    console = Console()
    return console if console.is_terminal else Console(width=_WIDTH)
