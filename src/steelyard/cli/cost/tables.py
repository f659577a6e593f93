"""Rows on the screen or in a file: a table, CSV, JSON, or an Excel workbook."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import click
import msgspec
from rich.console import Console

from steelyard.cli.cost.grid import NUMBER, is_number, said, table_of, tidy, wrapped
from steelyard.errors import ConfigError, StorageError

__all__ = ["Row", "form_option", "out_option", "print_rows", "print_text", "row_values", "write_file"]

Row = Mapping[str, object] | msgspec.Struct
"""Values by name."""
Rows = Sequence[Mapping[str, Any]]

_WIDTH = 160
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet begins a formula with; in Chinese the wide signs too."""
_MOST_ROWS, _LONGEST = 1_048_575, 32_767
"""What an Excel sheet holds below its heading, and a cell of it."""
_DIGITS = 15
"""Excel keeps so many digits; a longer number is written as text, so that none is lost."""

_BRANCHES = "│├└─ "
_FURTHER = str.maketrans("├└─", "│  ")
"""What a branch of a tree looks like on the lines below its first."""

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


def row_values(row: Row) -> Mapping[str, object]:
    """The values of a row by the names of its fields, as they are."""
    return msgspec.structs.asdict(row) if isinstance(row, msgspec.Struct) else row


def print_rows(title: str, columns: Sequence[str], rows: Sequence[Row], form: str, *, out: Path | None = None) -> None:
    """Show rows, or write them to a file.

    Args:
        title: Above the table; the name of the sheet.
        columns: Keys of the rows to show, in order.
        rows: Their values: texts, decimals, numbers, booleans, or ``None`` for unknown.
        form: ``table``, ``csv``, ``json`` or ``xlsx``.
        out: File to write; the screen when left out.

    Raises:
        ConfigError: A workbook was asked for without a file to write it to, or of more rows than it holds.
        StorageError: The file cannot be written.
    """
    values = [row_values(row) for row in rows]
    if form == "xlsx":
        if out is None:
            raise ConfigError("an Excel workbook goes to a file: add --out FILE.xlsx")
        if len(rows) > _MOST_ROWS:
            raise ConfigError(f"{len(rows):,} rows are more than the {_MOST_ROWS:,} of an Excel sheet: take --as csv")
        write_file(out, _workbook(title, columns, values))
    else:
        writers: dict[str, Callable[..., str]] = {"json": _json, "csv": _csv, "table": _table}
        text = writers[form](title, columns, values, is_file=out is not None)
        if out is None:
            sys.stdout.write(text)
            return
        write_file(out, text.encode())
    click.echo(f"{len(rows)} rows written to {out}", err=True)


def print_text(text: str) -> None:
    """Show sentences or a tree of them; on a screen, lines too long for it are broken between words and set in.

    Args:
        text: One line or several.
    """
    console = Console()
    if not console.is_terminal:
        click.echo(text)
        return
    for line in text.split("\n"):
        lead = line[: len(line) - len(line.lstrip(_BRANCHES))]
        further = lead.translate(_FURTHER)
        click.echo("\n".join(wrapped(line, console.width, indent=f"{further}  ")))


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
    return tidy(value) if isinstance(value, Decimal) else str(value)


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
        return tidy(value)
    is_formula = isinstance(value, str) and value.startswith(_FORMULA)
    return f"'{value}" if is_formula and not NUMBER.fullmatch(value) else value


def _table(title: str, columns: Sequence[str], rows: Rows, *, is_file: bool) -> str:
    if not rows:
        return f"{title}: nothing\n"
    console = Console()
    return table_of(title, columns, rows, width=_WIDTH if is_file or not console.is_terminal else console.width)


def _workbook(title: str, columns: Sequence[str], rows: Rows) -> bytes:
    """One sheet; numbers as numbers, nothing as a formula."""
    import xlsxwriter  # noqa: PLC0415 - slow to import, and few want a workbook

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
    shown = said(value).replace(",", "") if is_number(value) else said(value)
    is_exact = is_number(value) and sum(each.isdigit() for each in shown) <= _DIGITS
    if is_exact:
        sheet.write_number(row, column, float(shown))
    else:
        text = said(value)
        sheet.write_string(row, column, text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…")
