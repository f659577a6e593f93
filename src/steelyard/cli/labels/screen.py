"""Sentences and tables of labels on a screen of 80 columns, and the options that their verbs share."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
from rich.box import HEAVY_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from steelyard.documents.label_report import LabelReport, label_report_builtins

__all__ = ["json_option", "out_option", "print_report", "print_rows", "print_sentences"]

_WIDTH = 80
_ENDS = (".", "。", ":", "：")

out_option = click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="Parquet file of the labels that is written too."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def print_sentences(lines: Sequence[str]) -> None:
    """Show sentences, each with its full stop, broken between words."""
    out = Console(width=_WIDTH)
    for line in lines:
        is_chinese = any("\u4e00" <= letter <= "\u9fff" for letter in line)
        out.print(Text(line if line.endswith(_ENDS) else f"{line}{'。' if is_chinese else '.'}"), highlight=False)


def print_rows(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Show a table; the first column is text, the others are figures."""
    table = Table(box=HEAVY_HEAD, padding=(0, 1))
    for at, column in enumerate(columns):
        table.add_column(column, justify="right" if at else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    Console(width=_WIDTH).print(table)


def print_report(report: LabelReport, *, language: str, as_json: bool) -> None:
    """Show what was labelled, what it rests on, and when not to rely on it."""
    if as_json:
        click.echo(json.dumps(label_report_builtins(report), ensure_ascii=False, indent=1, allow_nan=False))
        return
    print_sentences(list(_counts(report)))
    if report.weights:
        rows = [
            (
                w.kind,
                f"{w.pairs:,}",
                f"{w.bought:,}",
                f"{100 * w.rate:.2f} %",
                f"{100 * w.low:.2f} … {100 * w.high:.2f}",
            )
            for w in report.weights
        ]
        print_rows(("after a", "pairs", "bought", "share", "95 %"), rows)
    if report.places:
        rows_of_places = [
            (f"place {p.place}", f"{p.shown:,}", "–" if p.propensity is None else f"{p.propensity:.3f}")
            for p in report.places[:30]
        ]
        print_rows(("", "shown", "looked at"), rows_of_places)
    if report.agreement:
        rows_of_raters = [
            (" / ".join(a.between), a.measure, f"{a.pairs:,}", "–" if a.value is None else f"{a.value:.3f}")
            for a in report.agreement
        ]
        print_rows(("between", "measure", "pairs", "value"), rows_of_raters)
    says = [
        f"{'! ' if note.is_warning else ''}{note.says_zh if language == 'zh' else note.says}" for note in report.notes
    ]
    print_sentences(says)


def _counts(report: LabelReport) -> Iterator[str]:
    grades = ", ".join(f"{n:,} of grade {gain}" for gain, n in report.by_gain.items())
    what = f"{report.labels:,} labels of {report.queries:,} queries from {report.origin}"
    yield f"{what}: {grades}" if grades else what
    if report.left_out:
        yield f"{report.left_out:,} pairs left out, since too little is known of them"
    if report.cost is not None:
        yield f"Cost: {report.cost:f} {report.currency} ({report.cost_source})"
