"""Rows on the screen or in a file: a table, CSV, JSON, or an Excel workbook."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import takewhile
from pathlib import Path
from typing import Any, Literal

import click
import xlsxwriter
from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from steelyard.errors import ConfigError, StorageError

__all__ = ["form_option", "out_option", "print_rows", "write_file"]

Rows = Sequence[Mapping[str, Any]]

_WIDTH = 160
_LEAST_TEXT = 14
"""A column of texts is folded to no less than this."""
_NUMBER = re.compile(r"[-+]?(0|[1-9]\d*|[1-9]\d{0,2}(,\d{3})+)(\.\d+)?", re.ASCII)
"""A text that is a number; 0012 is somebody's name."""
_FIGURE = re.compile(rf"({_NUMBER.pattern}( ?%| [A-Z]{{3}})?)?", re.ASCII)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet begins a formula with; in Chinese the wide signs too."""
_MOST_ROWS, _LONGEST = 1_048_575, 32_767
"""What an Excel sheet holds below its heading, and a cell of it."""
_DIGITS = 15
"""Excel keeps so many digits; a longer number is written as text, so that none is lost."""

form_option = click.option(
    "--as",
    "form",
    type=click.Choice(["table", "csv", "json", "xlsx"]),
    default="table",
    show_default=True,
    help="Form; xlsx needs --out.",
)
out_option = click.option(
    "--out", "out", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file instead of the screen."
)


def print_rows(title: str, columns: Sequence[str], rows: Rows, form: str, *, out: Path | None = None) -> None:
    """Show rows, or write them to a file.

    Args:
        title: Above the table; the name of the sheet.
        columns: Keys of the rows to show, in order.
        rows: Values: texts, decimals, numbers, booleans, or ``None`` for unknown.
        form: ``table``, ``csv``, ``json`` or ``xlsx``.
        out: File to write; the screen when left out.

    Raises:
        ConfigError: A workbook was asked for without a file to write it to, or of more rows than it holds.
        StorageError: The file cannot be written.
    """
    if form == "xlsx":
        if out is None:
            raise ConfigError("an Excel workbook goes to a file: add --out FILE.xlsx")
        if len(rows) > _MOST_ROWS:
            raise ConfigError(f"{len(rows):,} rows are more than the {_MOST_ROWS:,} of an Excel sheet: take --as csv")
        write_file(out, _workbook(title, columns, rows))
    else:
        writers: dict[str, Callable[..., str]] = {"json": _json, "csv": _csv, "table": _table}
        text = writers[form](title, columns, rows, is_file=out is not None)
        if out is None:
            sys.stdout.write(text)
            return
        write_file(out, text.encode())
    click.echo(f"{len(rows)} rows written to {out}", err=True)


def write_file(path: Path, content: bytes) -> None:
    """Write a file that was asked for.

    Args:
        path: Where.
        content: The whole of it.

    Raises:
        StorageError: It cannot be written.
    """
    try:
        path.write_bytes(content)
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror}; give a place that can be written") from error


def _json(_title: str, columns: Sequence[str], rows: Rows, *, is_file: bool) -> str:
    del is_file
    return json.dumps([{name: row[name] for name in columns} for row in rows], indent=1, default=_plain) + "\n"


def _plain(value: Any) -> Any:
    return _tidy(value) if isinstance(value, Decimal) else str(value)


def _csv(_title: str, columns: Sequence[str], rows: Rows, *, is_file: bool) -> str:
    del is_file
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([_cell(name) for name in columns])
    writer.writerows([[_cell(row[name]) for name in columns] for row in rows])
    return text.getvalue()


def _cell(value: Any) -> Any:
    """What a spreadsheet shows, and never takes for a formula: names of prices and sources come from files."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return _tidy(value)
    is_formula = isinstance(value, str) and value.startswith(_FORMULA)
    return f"'{value}" if is_formula and not _NUMBER.fullmatch(value) else value


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of a table: what it shows, and how wide it is."""

    header: str
    cells: Sequence[str]
    is_figure: bool

    @classmethod
    def of(cls, name: str, rows: Rows) -> _Column:
        given = [row[name] for row in rows if row[name] is not None]
        is_figure = bool(given) and all(_is_figure(value) for value in given)
        cells = ["–" if row[name] is None else _said(row[name]) for row in rows]
        header = name.replace("_", " ")
        if is_figure and cell_len(header) > max(map(cell_len, cells)):
            header = header.replace(" ", "\n")
        return cls(header, cells, is_figure)

    @property
    def least(self) -> int:
        """Figures are never folded, texts to no less than ``_LEAST_TEXT``; the words of the header are kept."""
        widest = max(map(cell_len, self.cells))
        words = max(map(cell_len, self.header.split()))
        return 3 + max(words, widest if self.is_figure else min(widest, _LEAST_TEXT))

    @property
    def natural(self) -> int:
        return 3 + max(map(cell_len, (*self.cells, *self.header.split("\n"))))


def _table(title: str, columns: Sequence[str], rows: Rows, *, is_file: bool) -> str:
    """Nothing is cut off: texts wrap, figures never do; a screen too narrow for that is written past its edge."""
    if not rows:
        return f"{title}: nothing\n"
    width = _WIDTH if is_file or not Console().is_terminal else Console().width
    named = [name for name in columns if any(row[name] not in (None, "") for row in rows)] or columns
    shown = [_Column.of(name, rows) for name in named]
    if sum(each.natural for each in shown) >= width and len(rows) > 1:  # what is the same throughout is said once
        same = [each for each in shown[1:] if len(set(each.cells)) == 1 and not each.is_figure]
        title = " · ".join([title, *(f"{each.header.replace(chr(10), ' ')} {each.cells[0]}" for each in same)])
        shown = [each for each in shown if each not in same]
    table = Table(header_style="bold")
    for each in shown:
        justify: Literal["left", "right"] = "right" if each.is_figure else "left"
        table.add_column(each.header, justify=justify, no_wrap=each.is_figure, overflow="fold")
    cells = list(zip(*(each.cells for each in shown), strict=True))
    for above, row in zip([None, *cells], cells, strict=False):
        table.add_row(*map(escape, _without_repeats(row, above, [each.is_figure for each in shown])))
    console = Console(width=max(width, 1 + sum(each.least for each in shown)))
    with console.capture() as captured:
        console.print(escape(title), style="italic", highlight=False)
        console.print(table)
    return captured.get()


def _without_repeats(row: Sequence[str], above: Sequence[str] | None, figures: Sequence[bool]) -> Sequence[str]:
    """The row with its first texts left empty as far as they repeat the row above, as in a printed ledger.

    A figure is never left out: an amount of another line is another amount.
    """
    cells = () if above is None else zip(row, above, figures, strict=True)
    same = sum(1 for _ in takewhile(lambda cell: cell[0] == cell[1] and not cell[2], cells))
    return ["" if at < min(same, len(row) - 1) else cell for at, cell in enumerate(row)]


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _tidy(value) if isinstance(value, Decimal) else str(value)


def _tidy(value: Decimal) -> str:
    """Without the noughts behind the cents."""
    whole, _, decimals = f"{value:f}".partition(".")
    decimals = decimals[:2] + decimals[2:].rstrip("0")
    return f"{whole}.{decimals}" if decimals else whole


def _is_number(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, (int, float, Decimal)):
        return math.isfinite(value)
    return _NUMBER.fullmatch(str(value)) is not None


def _is_figure(value: Any) -> bool:
    """A number, alone or with a currency or percent sign behind it."""
    return _is_number(value) or (isinstance(value, str) and _FIGURE.fullmatch(value) is not None)


def _workbook(title: str, columns: Sequence[str], rows: Rows) -> bytes:
    """One sheet; numbers as numbers, nothing as a formula."""
    text = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(text, options) as book:
        sheet = book.add_worksheet(re.sub(r"[\[\]:*?/\\']", " ", title)[:31].strip() or "rows")
        sheet.write_row(0, 0, [name.replace("_", " ") for name in columns], book.add_format({"bold": True}))
        for at, row in enumerate(rows, start=1):
            for column, name in enumerate(columns):
                _write(sheet, at, column, row[name])
        sheet.freeze_panes(1, 0)
        sheet.autofit()
    return text.getvalue()


def _write(sheet: Any, row: int, column: int, value: Any) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
        return
    shown = _said(value).replace(",", "") if _is_number(value) else _said(value)
    is_exact = _is_number(value) and sum(each.isdigit() for each in shown) <= _DIGITS
    if is_exact:
        sheet.write_number(row, column, float(shown))
    else:
        text = _said(value)
        sheet.write_string(row, column, text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…")
