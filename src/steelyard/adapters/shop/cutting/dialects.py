"""How the lines of a file are cut: its delimiter, its quotation marks, what escapes them, and where its header is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

__all__ = [
    "DELIMITERS",
    "Cutter",
    "Dialect",
    "Strict",
    "alternatives",
    "cutter",
    "delimiter_of",
    "headline",
    "is_data",
    "shape",
    "shapes_of",
]

DELIMITERS = ",;\t|\x01"
_MAX_BEFORE_HEADER = 30
_NUMBER = re.compile(r"[+-]?\d[\d.,:/ TZ+-]*|")
_DIGITS, _LETTERS = re.compile(r"\d+"), re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Dialect:
    """The marks that cut lines into cells."""

    delimiter: str = ","
    quote: str = '"'
    """Empty where quotation marks are letters."""
    is_backslash: bool = False
    """Whether a backslash takes the meaning of the mark after it; else a doubled quotation mark stands for one."""

    def describe(self) -> str:
        """In words, for a finding."""
        if not self.quote:
            return "quotation marks are letters"
        return f"cells are quoted with {self.quote}" + (", escaped by a backslash" if self.is_backslash else "")


@dataclass(frozen=True, slots=True)
class Strict:
    """A line cut by the rules."""

    cells: list[str]
    opened: str | None = None
    """Text of the quoted cell that the line leaves open, without its mark; ``None`` where none is."""
    is_bad: bool = False
    """A quotation mark stands where none may."""


class Cutter:
    """Cuts single lines by one dialect.

    Args:
        dialect: Its marks.
    """

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        q, d = re.escape(dialect.quote or '"'), re.escape(dialect.delimiter)
        escaped = r"|\\." if dialect.is_backslash else ""
        plain = rf"[^{q}\\]++" if dialect.is_backslash else rf"[^{q}]++"
        body = rf"(?:{plain}{escaped}|{q}{q})*+"
        self._quoted = re.compile(rf" *{q}({body}){q} *(?={d}|\Z)", re.DOTALL)
        self._open = re.compile(rf" *{q}({body})\Z", re.DOTALL)
        self._closing = re.compile(rf"({body}){q} *(?={d}|\Z)", re.DOTALL)
        self._still_open = re.compile(rf"{body}\Z", re.DOTALL)
        stray = rf"|{q}(?!{q}| *(?:{d}|\Z))"
        self._loose = re.compile(rf" *{q}((?:{plain}{escaped}|{q}{q}{stray})*+){q} *(?={d}|\Z)", re.DOTALL)
        self._escapes = re.compile(r"\\(.)", re.DOTALL)

    def split(self, line: str) -> list[str]:
        """The cells where quotation marks are letters."""
        cells = line.split(self.dialect.delimiter)
        return [self._bare(cell) for cell in cells] if self.dialect.is_backslash and "\\" in line else cells

    def strict(self, line: str, start: int = 0, cells: list[str] | None = None) -> Strict:
        """The cells by the rules.

        Args:
            line: Without its line end.
            start: Where the first cell begins.
            cells: Those before it.

        Returns:
            All cells, or those before the one that is open or bad.
        """
        q, d = self.dialect.quote, self.dialect.delimiter
        cells = [] if cells is None else cells
        at, end = start, len(line)
        while True:
            first = line[at : at + 1]
            if first == q or (first == " " and line[at:].lstrip(" ").startswith(q)):
                found = self._quoted.match(line, at)
                if found is None:
                    opened = self._open.match(line, at)
                    return Strict(cells, opened[1]) if opened else Strict(cells, None, True)
                cells.append(self.unescaped(found[1]))
                at = found.end()
            else:
                stop = line.find(d, at)
                stop = end if stop < 0 else stop
                cells.append(self._bare(line[at:stop]))
                at = stop
            if at >= end:
                return Strict(cells)
            at += 1

    def close(self, line: str) -> tuple[str, int] | None:
        """The rest of an open cell and where it ends on this line.

        Args:
            line: A line after the one that opened the cell.

        Returns:
            ``None`` where the cell stays open; an end of -1 where a quotation mark stands where none may.
        """
        found = self._closing.match(line)
        if found:
            return found[1], found.end()
        return None if self._still_open.match(line) else ("", -1)

    def loose(self, line: str, *, letters: bool) -> list[str]:
        """The cells of a line with a stray quotation mark.

        Args:
            line: Without its line end.
            letters: Whether a cell that is not quoted by the rules ends at the next delimiter; else at the next
                quotation mark that stands before one.

        Returns:
            The cells; a stray mark is a letter of its cell.
        """
        if not self.dialect.quote:
            return self.split(line)
        pattern = self._quoted if letters else self._loose
        d, cells, at, end = self.dialect.delimiter, list[str](), 0, len(line)
        while True:
            found = pattern.match(line, at)
            if found:
                cells.append(self.unescaped(found[1]))
                at = found.end()
            else:
                stop = line.find(d, at)
                stop = end if stop < 0 else stop
                cells.append(self._bare(line[at:stop]))
                at = stop
            if at >= end:
                return cells
            at += 1

    def unescaped(self, text: str) -> str:
        """The text of a quoted cell."""
        q = self.dialect.quote
        text = text.replace(q + q, q)
        return self._bare(text)

    def _bare(self, text: str) -> str:
        if not self.dialect.is_backslash or "\\" not in text or text == "\\N":
            return text
        return self._escapes.sub(r"\1", text)


@cache
def cutter(dialect: Dialect) -> Cutter:
    """The cutter of a dialect, made once."""
    return Cutter(dialect)


def delimiter_of(lines: Sequence[str], *, is_tsv: bool) -> str:
    """The mark that cuts most lines into the same number of cells, more than one.

    Args:
        lines: The first of the file, without line ends.
        is_tsv: Whether the file's name says that it is the tab.

    Returns:
        The comma (or the tab) where none does.
    """
    bare = [re.sub(r'"[^"]*"', "", line) for line in lines if line.strip()]
    usual = "\t" if is_tsv else ","
    best, score = usual, 0.0
    for delimiter in DELIMITERS:
        counts = Counter(line.count(delimiter) for line in bare)
        counts.pop(0, None)
        if not counts:
            continue
        n_cells, n_lines = max(counts.items(), key=lambda pair: pair[0] ** 0.5 * pair[1])
        found = n_lines * n_cells**0.5 + 0.1 * n_lines * (delimiter == usual)
        if found > score:
            best, score = delimiter, found
    return best


def headline(rows: Sequence[Sequence[str]]) -> int:
    """Which of the first rows names the columns.

    A row before it must be plainly none: a title, or fewer than half as many cells as most rows have. Taking a row for
    a header says so loudly where it is none; skipping one would lose it.

    Args:
        rows: The first rows of the file, blank ones as empty lists.

    Returns:
        Its index; that of the first filled row where none can be told.
    """
    filled = [i for i, row in enumerate(rows) if any(cell.strip() for cell in row)]
    if not filled:
        return 0
    widths = {i: max(n for n, cell in enumerate(rows[i], 1) if cell.strip()) for i in filled}
    counts = Counter(widths.values())
    widest = max(counts, key=lambda width: (counts[width], width == widths[filled[0]], width))
    for i in filled[:_MAX_BEFORE_HEADER]:
        cells = [cell.strip() for cell in rows[i] if cell.strip()]
        enough = len(cells) >= max(min(2, widest), (widest + 1) // 2)
        if enough and (widths[i] >= widest or not any(_NUMBER.fullmatch(cell) for cell in cells)):
            return i
    return filled[0]


def is_data(first: Sequence[str], others: Sequence[Sequence[str]]) -> bool:
    """Whether the first row is data like the rows below it, not their names.

    Args:
        first: Cells of the first row.
        others: The rows below.

    Returns:
        True where a number stands over numbers, and nothing stands over values of another kind.
    """
    rows = [row for row in others if len(row) == len(first)][:200]
    if len(rows) < 2:
        return False
    n_numbers = 0
    for cell, column in zip(first, zip(*rows, strict=True), strict=True):
        values = [value.strip() for value in column if value.strip()]
        if not values:
            continue
        numeric = sum(bool(_NUMBER.fullmatch(value)) for value in values) >= 0.9 * len(values)
        if numeric != (bool(cell.strip()) and bool(_NUMBER.fullmatch(cell.strip()))):
            if numeric and cell.strip():
                return False
            continue
        n_numbers += numeric
        shapes = {shape(value) for value in values}
        if not numeric and cell.strip() and len(shapes) <= 0.3 * len(values) and shape(cell) not in shapes:
            return False
    return n_numbers > 0


def shape(cell: str) -> str:
    """The kind of a text: digits as 9, letters as a."""
    return _LETTERS.sub("a", _DIGITS.sub("9", cell.strip()[:30]))


def shapes_of(rows: Sequence[Sequence[str]], n_columns: int) -> frozenset[str]:
    """Shapes of the first cells of rows that are cut well; empty where they are too many to tell a row by.

    Args:
        rows: Some rows of the file.
        n_columns: Cells of a row.

    Returns:
        Those that are seen more than once.
    """
    counts = Counter(shape(row[0]) for row in rows if len(row) == n_columns)
    n = sum(counts.values())
    usual = {found for found, times in counts.items() if times > max(1, n // 200)}
    covered = sum(counts[found] for found in usual)
    return frozenset(usual) if n and covered >= 0.8 * n and len(usual) <= 30 else frozenset()


def alternatives(dialect: Dialect, *, has_backslashes: bool, has_apostrophes: bool) -> list[Dialect]:
    """Dialects that a file with this delimiter may be written in, the usual one first."""
    found = [replace(dialect, quote='"', is_backslash=False)]
    if has_backslashes:
        found.append(replace(dialect, quote='"', is_backslash=True))
    if has_apostrophes:
        found.append(replace(dialect, quote="'", is_backslash=False))
    return [*found, replace(dialect, quote="", is_backslash=False)]
