"""Excel workbooks into rows of texts: one sheet, row by row, numbers and dates as they are shown."""

from __future__ import annotations

import math
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from steelyard.adapters.shop.cutting.dialects import headline
from steelyard.adapters.shop.cutting.headers import named
from steelyard.adapters.shop.cutting.row_store import Copies, store_rows
from steelyard.data.schema import CuttingNote, Reading
from steelyard.errors import SourceError

__all__ = ["sheet_rows"]

_FIRST_ROWS = 60
_RATIO, _LEAST = 200, 64 << 20
_PADDED = re.compile(r"0{2,20}")
_ESCAPED = re.compile(r"_x(00[01][0-9A-Fa-f]|005F)_")
"""How a workbook writes a sign that its XML may not hold, as ``_x000D_`` for a line end."""
_MAX_CELLS = 20_000_000
_BROKEN = (zipfile.BadZipFile, KeyError, ValueError, TypeError, IndexError, AttributeError, ParseError, OSError)
"""What the reader of workbooks raises where one is damaged."""


def sheet_rows(
    path: Path, copies: Copies, reading: Reading, *, name: str, max_columns: int
) -> tuple[Path, list[CuttingNote]]:
    """Store the table of a workbook as Parquet.

    Args:
        path: The workbook.
        copies: For the table.
        reading: What the configuration says of it.
        name: Of the file, in messages.
        max_columns: Most columns a table may have.

    Returns:
        Where the copy is, and what was decided.

    Raises:
        SourceError: It is damaged or a bomb, or none of several sheets is named.
    """
    import openpyxl  # noqa: PLC0415 - slow to import, and most shops have no workbook

    _refuse_bomb(path, name)
    notes: list[CuttingNote] = []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
            try:
                sheet = _sheet(book, reading.sheet, name)
                sheet.reset_dimensions()
                rows = _rows(sheet, max_columns, name)
                return _stored(rows, copies, reading, name, notes), notes
            finally:
                book.close()
    except _BROKEN as error:
        raise SourceError(
            f"{name} is no sound Excel file ({str(error)[:100]}): save it anew as .xlsx or CSV"
        ) from error


def _refuse_bomb(path: Path, name: str) -> None:
    try:
        with zipfile.ZipFile(path) as packed:
            declared = sum(one.file_size for one in packed.infolist())
    except (zipfile.BadZipFile, OSError) as error:
        raise SourceError(f"{name} is no sound Excel file: save it anew as .xlsx or CSV") from error
    size = path.stat().st_size
    if declared > _LEAST and declared > _RATIO * size:
        raise SourceError(
            f"{name} has {size:,} bytes and unpacks into {declared >> 20:,} MiB: it was not read; it is damaged or "
            "made to exhaust memory"
        )


def _sheet(book: Any, wanted: str, name: str) -> Any:
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible" or sheet.title == wanted]
    listed = ", ".join(repr(sheet.title) for sheet in sheets)
    if wanted:
        found = [sheet for sheet in sheets if sheet.title == wanted]
        if not found:
            raise SourceError(f"{name} has no sheet {wanted!r}: it has {listed}")
        return found[0]
    filled = [sheet for sheet in sheets if _is_table(sheet)]
    if len(filled) != 1:
        what = "several sheets with a table" if filled else "no sheet with a table"
        listed = ", ".join(repr(sheet.title) for sheet in filled or sheets)
        raise SourceError(f'{name} has {what} ({listed}): name the one that is meant, as sheet = "NAME"')
    return filled[0]


def _is_table(sheet: Any) -> bool:
    """Whether two rows with several cells are among the first."""
    sheet.reset_dimensions()
    n = 0
    for i, row in enumerate(sheet.iter_rows(values_only=True)):
        n += sum(cell is not None for cell in row) > 1
        if n > 1 or i > _FIRST_ROWS:
            break
    return n > 1


def _rows(sheet: Any, max_columns: int, name: str) -> Iterator[list[str]]:
    n_cells = 0
    for row in sheet.iter_rows():
        cells = [_text(cell) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if len(cells) > max_columns:
            raise SourceError(f"{name} has {len(cells):,} columns, at most {max_columns:,} are allowed")
        n_cells += len(row)
        if n_cells > _MAX_CELLS:
            raise SourceError(
                f"{name} has more than {_MAX_CELLS:,} cells: save it as CSV, which is read piece by piece"
            )
        yield cells


def _text(cell: Any) -> str:
    """A cell as it is written: whole numbers without a point, dates as year-month-day."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _number(value, cell.number_format or "")
    if isinstance(value, datetime):
        whole = not (value.hour or value.minute or value.second or value.microsecond)
        return value.date().isoformat() if whole else value.isoformat(" ", "seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), str(value))


def _number(value: float, shown: str) -> str:
    if not math.isfinite(value):
        return ""
    is_whole = float(value).is_integer() and abs(value) < 1e15
    text = str(int(value)) if is_whole else repr(value)
    return text.zfill(len(shown)) if is_whole and _PADDED.fullmatch(shown) else text


def _stored(rows: Iterator[list[str]], copies: Copies, reading: Reading, name: str, notes: list[CuttingNote]) -> Path:
    first = [row for row, _ in zip(rows, range(_FIRST_ROWS), strict=False)]
    at = headline(first) if reading.skip_lines is None else min(reading.skip_lines, len(first) - 1)
    if not first or not any(first[at]):
        raise SourceError(f"{name} has no row with cells")
    width = max(len(row) for row in first)
    if reading.has_header is False:
        columns: Sequence[str] = reading.names or [f"column{i}" for i in range(1, width + 1)]
        below = first[at:]
    else:
        columns, more = named([cell.strip() for cell in first[at]], first[at + 1 :])
        notes += more
        below = first[at + 1 :]
    if at:
        says = "lines before the header are skipped: they hold no rows"
        notes.append(CuttingNote("lines_before_header", "info", "flag", at, says))
    names = [column or f"column{i}" for i, column in enumerate(columns)]
    file = copies.new()
    n_surplus = 0

    def fitted() -> Iterator[list[str]]:
        nonlocal n_surplus
        for row in (*below, *rows):
            if any(row):
                n_surplus += len(row) > len(names)
                yield [*row[: len(names)], *[""] * (len(names) - len(row))]

    if not store_rows(fitted(), names, file):
        raise SourceError(f"{name} has a header but no rows: export it again")
    if n_surplus:
        says = "cells to the right of the last named column are left out"
        notes.append(CuttingNote("cells_unnamed", "warning", "flag", n_surplus, says))
    return copies.path(file)
