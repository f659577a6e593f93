"""Damaged text into records: every physical line belongs to a record, to a bad line, or is blank, and is counted.

A quotation mark that is never closed, or that swallows lines which are rows by themselves, is a letter. A row short of
cells at its end is filled, empty cells too many are left out, and what cannot be cut is given with its reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from steelyard.adapters.shop.cutting.dialects import Cutter, Dialect, cutter, shape
from steelyard.adapters.shop.cutting.source_text import MAX_LINE_BYTES, LineReader

__all__ = ["TRAILER", "Counts", "Damage", "Records", "Shape"]

Damage = Literal["row_malformed", "row_too_long", "row_undecodable", "row_trailer", "row_header", "row_blank"]
_MAX_LINES = 5000
_SWALLOWED = 20
"""So many lines that are rows by themselves, one after the other, are not the text of a cell."""
_PATIENCE = 50
_OPEN_END = re.compile(r"(?<!\\)(?:\\\\)*\\\Z")
"""A line whose end is escaped by a backslash that is not escaped itself."""
TRAILER = re.compile(
    r"\W*(grand |sub)?(totals?|sum|summe|gesamt|gesamtsumme|somme|suma|totale|итого|合计|总计|小计|合計|総計|합계)\W*"
    r"|\(?[\d.,]+ (row|record|line|zeile|ligne|fila|行|条|건).*|end of (file|report).*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Shape:
    """What a row of the file looks like."""

    n_columns: int
    first_cells: frozenset[str] = frozenset()
    """Shapes of first cells; empty where any will do."""
    names: tuple[str, ...] = ()
    """Cells of the header; empty where the file has none."""

    def is_no_row(self, cells: list[str]) -> Damage | None:
        """What a line of as many cells as a row has is, where it is none: the header again, or empty cells alone."""
        first = cells[0].strip("\ufeff \r")
        if not first and "\n" not in cells[0] and not any(cell.strip() for cell in cells):
            return "row_blank"
        if len(self.names) < 2 or first != self.names[0]:
            return None
        same = all(cell.strip() == name for cell, name in zip(cells[1:], self.names[1:], strict=True))
        return "row_header" if same else None

    def fits(self, cells: list[str]) -> bool:
        """Whether cells cut from one line are a row by themselves."""
        return len(cells) == self.n_columns and self.begins(cells)

    @property
    def is_telling(self) -> bool:
        """Whether first cells look like nothing that is written in a text."""
        return bool(self.first_cells) and "a" not in self.first_cells and self.n_columns > 1

    def resembles(self, cells: list[str]) -> bool:
        """Whether cells are a row, or one that is short, and begins as no text does."""
        if len(cells) == self.n_columns:
            return self.begins(cells)
        return self.is_telling and 2 <= len(cells) and 2 * len(cells) >= self.n_columns and self.begins(cells)

    def begins(self, cells: list[str]) -> bool:
        """Whether the first cell is like those of other rows."""
        return not self.first_cells or shape(cells[0]) in self.first_cells


@dataclass(slots=True)
class Counts:
    """What was met on the way."""

    n_records: int = 0
    n_exact: int = 0
    """Physical lines of records that needed no mending."""
    n_record_lines: int = 0
    n_blank: int = 0
    n_filled: int = 0
    n_trimmed: int = 0
    n_letters: int = 0
    """Records with a quotation mark that is a letter of its cell, against the rules."""
    n_returns: int = 0
    """Rows that a lone CR ends in a file of other line ends."""
    bad: list[tuple[int, Damage]] = field(default_factory=list)
    """Line and reason, rising."""


class Records:
    """The records of a file.

    Args:
        lines: Its physical lines after the header.
        dialect: How they are cut.
        shape_of: What a row looks like.
    """

    def __init__(self, lines: LineReader, dialect: Dialect, shape_of: Shape) -> None:
        self._lines = lines
        self._cutter: Cutter = cutter(dialect)
        self._dialect = dialect
        self._shape = shape_of
        self._n_failed = 0
        self.counts = Counts()

    def __iter__(self) -> Iterator[list[str]]:
        """Cells of each record, as many as there are columns."""
        counts, lines, n = self.counts, self._lines, self._shape.n_columns
        quote, delimiter = self._dialect.quote or '"', self._dialect.delimiter
        escape = "\\" if self._dialect.is_backslash else ""
        while (line := lines.next()) != "":
            if line is None:
                self._bad(self._why())
                continue
            line = line.removesuffix("\n").removesuffix("\r")
            if not line.strip(" \r\ufeff\x1a"):
                counts.n_blank += 1
                continue
            if "\r" in line and self._split_returns(line):
                continue
            if quote in line or (escape and escape in line):
                cells = self._quoted(line)
            else:
                cells = line.split(delimiter)
                if len(cells) != n:
                    cells = self._fitted(cells)
                else:
                    counts.n_exact += 1
                if cells is not None:
                    counts.n_record_lines += 1
            if cells is not None:
                counts.n_records += 1
                why = self._shape.is_no_row(cells)
                if why is None:
                    yield cells
                else:
                    self.set_aside(why)

    def set_aside(self, why: Damage) -> None:
        """The record cut last, of one line, is no row.

        Args:
            why: What it is.
        """
        self.counts.n_records -= 1
        self.counts.n_record_lines -= 1
        self._bad(why)

    def _quoted(self, line: str) -> list[str] | None:
        """A record whose first line has a quotation mark or an escape."""
        if not self._dialect.quote:
            return self._continued(line) or self._one(self._cutter.split(line), is_exact=not self._has_quoted(line))
        found = self._cutter.strict(line)
        if found.opened is None and not found.is_bad:
            return self._one(found.cells, is_exact=True)
        if found.opened is not None:
            cells = self._several(line, found.cells, found.opened)
            if cells is not None:
                return cells
        return self._mended(line)

    def _continued(self, line: str) -> list[str] | None:
        """A record whose line ends are escaped; ``None``, and the lines put back, where those make no row."""
        taken: list[str | None] = []
        whole = line
        while self._dialect.is_backslash and _OPEN_END.search(whole) and len(taken) < _MAX_LINES:
            more = self._lines.next()
            if not more:
                taken += [None] if more is None else []
                break
            taken.append(more)
            whole += "\n" + more.removesuffix("\n").removesuffix("\r")
        cells = self._cutter.split(whole) if taken else []
        if len(cells) == self._shape.n_columns and None not in taken:
            self.counts.n_exact += 1 + len(taken)
            self.counts.n_record_lines += 1 + len(taken)
            return cells
        self._lines.put_back(taken)
        return None

    def _one(self, cells: list[str], *, is_exact: bool) -> list[str] | None:
        if len(cells) == self._shape.n_columns:
            self.counts.n_exact += is_exact
            self.counts.n_record_lines += 1
            return cells
        fitted = self._fitted(cells)
        self.counts.n_record_lines += fitted is not None
        return fitted

    def _several(self, line: str, cells: list[str], opened: str) -> list[str] | None:
        """A record of several lines; ``None``, and the lines put back, where its quotation mark is a stray one."""
        taken: list[str | None] = []
        parts, cells = [opened], list(cells)
        size, rows, limit = len(line), 0, _MAX_LINES if self._n_failed < _PATIENCE else _SWALLOWED
        while len(taken) < limit and size <= MAX_LINE_BYTES:
            more = self._lines.next()
            if more != "":
                taken.append(more)
            if not more:
                break
            more = more.removesuffix("\n").removesuffix("\r")
            size += len(more)
            rows = rows + 1 if self._is_row(more) else 0
            closed = self._cutter.close(more)
            if closed is None:
                parts.append(more)
                if rows >= _SWALLOWED:
                    break
                continue
            text, end = closed
            if end < 0:
                break
            cells.append(self._cutter.unescaped("\n".join([*parts, text])))
            rest = self._cutter.strict(more, end + 1, cells) if end < len(more) else None
            if rest is not None and rest.is_bad:
                break
            if rest is not None and rest.opened is not None:
                parts, cells = [rest.opened], rest.cells
                continue
            if self._accepts(line, taken, cells):
                self.counts.n_exact += 1 + len(taken)
                self.counts.n_record_lines += 1 + len(taken)
                return cells
            break
        self._n_failed += 1
        self._lines.put_back(taken)
        return None

    def _accepts(self, line: str, taken: list[str | None], cells: list[str]) -> bool:
        if len(cells) != self._shape.n_columns:
            return False
        if self._shape.is_telling and self._shape.fits(
            self._cutter.loose((taken[-1] or "").rstrip("\r\n"), letters=True)
        ):
            return False
        return not (self._is_row(line) and all(self._is_row(more.rstrip("\r\n")) for more in taken if more))

    def _is_row(self, line: str) -> bool:
        """Whether a line is a row by itself, were its quotation marks letters."""
        n = line.count(self._dialect.delimiter) + 1
        if 2 * n < self._shape.n_columns or self._shape.n_columns == 1:
            return False
        return self._shape.resembles(self._cutter.loose(line, letters=True))

    def _mended(self, line: str) -> list[str] | None:
        """A single line with a stray quotation mark, if that can be read in one way that gives a row."""
        for letters in (False, True):
            cells = self._cutter.loose(line, letters=letters)
            if len(cells) == self._shape.n_columns:
                self.counts.n_letters += 1
                self.counts.n_record_lines += 1
                return cells
        self._bad("row_malformed")
        return None

    def _fitted(self, cells: list[str]) -> list[str] | None:
        """Cells of a line, made as many as there are columns."""
        n = self._shape.n_columns
        if len(cells) > n:
            if any(cell.strip() for cell in cells[n:]):
                self._bad("row_malformed")
                return None
            self.counts.n_trimmed += 1
            return cells[:n]
        if not self._shape.begins(cells) or len(cells) < min(2, n):
            self._bad("row_trailer" if TRAILER.fullmatch(cells[0].strip()) else "row_malformed")
            return None
        self.counts.n_filled += 1
        return cells + [""] * (n - len(cells))

    def _split_returns(self, line: str) -> bool:
        """Whether a lone CR divides the line into rows; they are given next."""
        pieces = line.split("\r")
        if not all(self._shape.fits(self._cutter.loose(piece, letters=True)) for piece in pieces if piece.strip()):
            return False
        self.counts.n_returns += len(pieces) - 1
        self._lines.put_back([piece + "\n" for piece in pieces])
        self._lines.number += len(pieces) - 1
        return True

    def _has_quoted(self, line: str) -> bool:
        return any(len(cell) > 1 and cell[0] == cell[-1] and cell[0] in "\"'" for cell in self._cutter.split(line))

    def _why(self) -> Damage:
        return "row_too_long" if self._lines.number in self._lines.too_long else "row_undecodable"

    def _bad(self, why: Damage) -> None:
        self.counts.bad.append((self._lines.number, why))
