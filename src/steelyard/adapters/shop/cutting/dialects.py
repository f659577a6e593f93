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
    "is_of_the_header",
    "shape",
    "shapes_of",
]

DELIMITERS = ",;\t|\x01^~¦"
_MAX_BEFORE_HEADER = 30
_NOT_IN_HEADER = 0.8
"""Weight of a mark that the first line lacks while it has another: it may be the decimal mark of every price."""
_NUMBER = re.compile(r"[+-]?\d[\d.,:/ TZ+-]*|")
_TYPES = frozenset(
    "text string str varchar char int integer bigint number numeric float double decimal money bool boolean date "
    "datetime timestamp time url id key category eur usd gbp cny jpy chf rmb 元 € $ £ ¥ kg cm mm pcs stk 文本 字符串 "
    "数字 整数 日期 required optional mandatory 必填 选填".split()
)
"""What a line below the names of the columns says of them."""
_RULE = re.compile(r"[-=+:]{2,}|")
"""A cell of the line that database clients draw below the names."""
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t"}
"""What letters mean after a backslash that escapes, as databases write them."""
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
        self._bare_cells = re.compile(rf"(?:^|(?<={d}))(?:[^\\{d}]|\\.|\\$)*+(?={d}|$)", re.DOTALL)

    def split(self, line: str) -> list[str]:
        """The cells where quotation marks are letters."""
        if not self.dialect.is_backslash or "\\" not in line:
            return line.split(self.dialect.delimiter)
        return [self._bare(cell) for cell in self._bare_cells.findall(line)]

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
                cells.append(self._unquoted(line[at:stop]))
                at = stop
            if at >= end:
                return cells
            at += 1

    def _unquoted(self, text: str) -> str:
        """A cell with a stray mark; one that ends in two of them, as ``"Shelf 24""``, is quoted and ends in one."""
        q = self.dialect.quote
        inner = text.strip(" ")
        is_quoted = len(inner) > 3 and inner[0] == q != inner[1] and inner.endswith(q + q)
        return self.unescaped(inner[1:-1]) if is_quoted else self._bare(text)

    def unescaped(self, text: str) -> str:
        """The text of a quoted cell."""
        q = self.dialect.quote
        text = text.replace(q + q, q)
        return self._bare(text)

    def _bare(self, text: str) -> str:
        if not self.dialect.is_backslash or "\\" not in text or text == "\\N":
            return text
        return self._escapes.sub(lambda found: _CONTROLS.get(found[1], found[1]), text)


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
        found = _cuts(bare, delimiter) * (1.1 if delimiter == usual else 1.0)
        is_in_values = bare and delimiter not in bare[0] and any(other in bare[0] for other in DELIMITERS)
        found *= _NOT_IN_HEADER if is_in_values else 1.0
        if found > score:
            best, score = delimiter, found
    return best


def _cuts(lines: Sequence[str], delimiter: str) -> float:
    """How well a mark cuts lines into rows: lines of one number of cells, and rows short or long of empty ones."""
    n_named = lines[0].count(delimiter) if lines else 0
    counts = Counter(
        min(line.count(delimiter), max(line.rstrip(delimiter).count(delimiter), n_named)) for line in lines
    )
    counts.pop(0, None)
    if not counts:
        return 0.0
    n_cells, n_lines = max(counts.items(), key=lambda pair: pair[0] ** 0.5 * pair[1])
    short = sum(times for n, times in counts.items() if n < n_cells) if n_cells == n_named else 0
    return float((n_lines + 0.5 * short) * n_cells**0.5)


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
        if cells[0].startswith("#") and widths[i] < widest:
            continue  # a remark on the file
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


def is_of_the_header(row: Sequence[str], others: Sequence[Sequence[str]]) -> bool:
    """Whether the row below the names says what the columns hold, as their units or types, and is no data.

    Args:
        row: The first row below the names.
        others: The rows below it.

    Returns:
        True where words alone stand over numbers in two columns, or in one beside the name of a type or unit, and
        where all cells are drawn lines.
    """
    cells = [cell.strip() for cell in row]
    rows = [other for other in others if len(other) == len(row)][:200]
    if any(cells) and all(_RULE.fullmatch(cell) for cell in cells):
        return True
    if len(rows) < 3 or any(_DIGITS.search(cell) for cell in cells):
        return False
    over = 0
    for cell, column in zip(cells, zip(*rows, strict=True), strict=True):
        values = [value.strip() for value in column if value.strip()]
        n_numbers = sum(bool(_NUMBER.fullmatch(value)) for value in values)
        over += bool(cell and values) and n_numbers >= 0.9 * len(values)
    n_known = sum(cell.casefold().strip("()[]") in _TYPES for cell in cells)
    return over > 0 and over + n_known > (1 if n_known else 2)


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
        found.append(replace(dialect, quote="'", is_backslash=True))
    if dialect.is_backslash and not dialect.quote:
        found.insert(0, dialect)
    return [*found, replace(dialect, quote="", is_backslash=False)]
