"""Figures of an experiment on a screen of 80 columns: a table, then what speaks against it and what it assumes."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill

from rich.box import HEAVY_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from steelyard.documents.experiment import Note

__all__ = ["figure", "p_text", "print_lines", "print_notes", "print_table"]

_WIDTH = 80


def print_lines(lines: Sequence[str]) -> None:
    """Show sentences, broken between words."""
    out = _console()
    for line in lines:
        out.print(Text(line), highlight=False)


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Show rows; the first column is text, the others are figures.

    Args:
        columns: Headings.
        rows: A cell for each of them.
    """
    table = Table(box=HEAVY_HEAD, width=_WIDTH, padding=(0, 1))
    for at, column in enumerate(columns):
        table.add_column(column, justify="right" if at else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    _console().print(table)


def print_notes(notes: Sequence[Note]) -> None:
    """Show warnings, then what is assumed."""
    lines = [_item("!", note) for note in notes if note.is_warning]
    print_lines([*lines, "Assumed:", *(_item("-", note) for note in notes if not note.is_warning)])


def figure(value: float | None, *, is_signed: bool = False) -> str:
    """Four significant digits; a dash where it is not known."""
    if value is None:
        return "–"
    return f"{value:+.4g}" if is_signed else f"{value:.4g}"


def p_text(value: float) -> str:
    """A p-value; one too small to be told is said to be."""
    return f"{value:.4f}" if value >= 0.0001 else "< .0001"


def _item(mark: str, note: Note) -> str:
    return fill(f"{mark} {note.says}.", _WIDTH, subsequent_indent="  ", break_on_hyphens=False)


def _console() -> Console:
    return Console(width=_WIDTH)
