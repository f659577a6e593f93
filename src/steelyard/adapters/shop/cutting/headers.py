"""The first lines of a file of text: what cuts them, which of them names the columns, and what stands before it."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from steelyard.adapters.shop.cutting.dialects import (
    DELIMITERS,
    Dialect,
    cutter,
    delimiter_of,
    headline,
    is_data,
    is_of_the_header,
    shapes_of,
)
from steelyard.adapters.shop.cutting.encodings import Encoding
from steelyard.adapters.shop.cutting.records import Shape
from steelyard.data.schema import CuttingNote, Reading
from steelyard.errors import SourceError

__all__ = ["Head", "named", "read_head"]

_SAMPLE_BYTES = 1 << 20
_MAX_HEADER_BYTES = 4 << 20
_SAMPLE_ROWS = 2000
_HINT = re.compile(r"\ufeff?\"?sep=(.)\"?", re.IGNORECASE)
_CODES = {"utf-8": "utf-8-sig"}


@dataclass(frozen=True, slots=True)
class Head:
    """What the first lines say."""

    columns: tuple[str, ...]
    dialect: Dialect
    n_before: int
    """Physical lines before the first row."""
    shape: Shape
    notes: tuple[CuttingNote, ...]
    first: tuple[str, ...]
    """Cells of the first row where it is data, else empty."""
    has_apostrophes: bool
    ends_at_cr: bool
    """Whether CR ends lines beside LF."""


@dataclass(frozen=True, slots=True)
class _Row:
    """A record among the first lines."""

    start: int
    n_lines: int
    cells: list[str]


def read_head(path: Path, reading: Reading, encoding: Encoding, *, name: str) -> Head:
    """Dialect and columns of a file of text.

    Args:
        path: The file.
        reading: What the configuration says of it.
        encoding: Of the file.
        name: Of the file, in messages and for its suffix.

    Returns:
        What the first million bytes say; quotation marks are decided on later, from all of them.

    Raises:
        SourceError: No line names columns, or the given names are not as many as there are columns.
    """
    lines, ends_at_cr = _sample(path, encoding.name)
    notes: list[CuttingNote] = []
    skip, delimiter = _start(lines, reading, name)
    apostrophes = _has_apostrophes(lines[skip:], delimiter)
    quote = reading.quote if reading.quote is not None else "'" if apostrophes else '"'
    dialect = Dialect(delimiter, quote, reading.escape == "backslash")
    dialect = dialect if reading.escape else _with_escapes(dialect, lines, skip, is_given=reading.quote is not None)
    rows = _rows(lines, skip, dialect)
    if not rows:
        raise SourceError(f"{name} has no line with columns: export it again")
    at = 0 if reading.skip_lines is not None else headline([row.cells for row in rows])
    head, below = rows[at], rows[at + 1 :]
    has_header, is_one_line = _has_header(head, below, reading), head.n_lines == 1
    if has_header:
        columns, more = named([cell.strip() for cell in head.cells], [row.cells for row in below])
        notes += more
        head, below = _with_second(head, below, notes)
    else:
        columns = reading.names or tuple(f"column{i}" for i in range(1, len(head.cells) + 1))
        notes += [] if reading.names or reading.has_header is False else [_no_header()]
        _refuse_odd_names(columns, head, below, name)
    if head.start:
        n, says = head.start, "lines before the header are skipped: they hold no rows"
        notes.append(CuttingNote("lines_before_header", "info", "flag", n, says))
    shape = _shape(columns, [row.cells for row in below], lines[head.start :], delimiter)
    if has_header and is_one_line and len(columns) == len(head.cells):
        shape = replace(shape, names=tuple(cell.strip("\ufeff \r") for cell in head.cells))
    n_before = head.start + head.n_lines if has_header else head.start
    first = tuple(head.cells[: 0 if has_header else None])
    return Head(columns, dialect, n_before, shape, tuple(notes), first, apostrophes, ends_at_cr)


def _with_second(head: _Row, below: list[_Row], notes: list[CuttingNote]) -> tuple[_Row, list[_Row]]:
    """The header with the line below it, where that one says what the columns hold; and the rows that are left."""
    if not below or not is_of_the_header(below[0].cells, [row.cells for row in below[1:]]):
        return head, below
    second = below[0]
    says = "the line below the names says what the columns hold, not a row: it is skipped"
    notes.append(CuttingNote("header_second", "warning", "flag", 1, says, values={", ".join(second.cells)[:80]: 1}))
    n_lines = second.start + second.n_lines - head.start
    return replace(head, n_lines=n_lines), below[1:]


def _shape(columns: Sequence[str], rows: Sequence[list[str]], lines: Sequence[str], delimiter: str) -> Shape:
    n = len(columns)
    return Shape(n, shapes_of(rows, n) or _shapes_of_lines(lines, delimiter, columns))


def _start(lines: Sequence[str], reading: Reading, name: str) -> tuple[int, str]:
    """How many lines to skip for sure, and the delimiter."""
    hint = _HINT.fullmatch(lines[0]) if lines else None
    skip = reading.skip_lines if reading.skip_lines is not None else int(hint is not None)
    is_tsv = name.lower().endswith((".tsv", ".tab"))
    told = reading.delimiter or (hint[1] if hint else "")
    return skip, told or delimiter_of(lines[skip : skip + 300], is_tsv=is_tsv)


def _shapes_of_lines(lines: Sequence[str], delimiter: str, columns: Sequence[str]) -> frozenset[str]:
    """Shapes of first cells, taken from lines: rows may have swallowed each other."""
    cut = [line.split(delimiter) for line in lines[1:_SAMPLE_ROWS]]
    first = [[cells[0]] for cells in cut if 2 * len(cells) >= max(3, len(columns))]
    return shapes_of(first, 1)


def _sample(path: Path, encoding: str) -> tuple[list[str], bool]:
    """The first lines, without the marks at their ends; and whether CR ends lines beside LF."""
    with path.open("rb") as file:
        start = file.read(_SAMPLE_BYTES)
        if b"\n" not in start and b"\r" not in start:
            start += file.read(_MAX_HEADER_BYTES)
        is_whole = not file.read(1)
    decoder = codecs.getincrementaldecoder(_CODES.get(encoding, encoding))(errors="replace")
    text = decoder.decode(start, final=is_whole).replace("\0", "").replace("\r\n", "\n")
    ends_at_cr = text.count("\r") > text.count("\n") or _has_rows_at_cr(text)
    if ends_at_cr:
        text = text.replace("\r", "\n")
    lines = text.removeprefix("\ufeff").split("\n")
    return lines if is_whole or len(lines) == 1 else lines[:-1], ends_at_cr


def _has_rows_at_cr(text: str) -> bool:
    """Whether the first line with a CR inside is several, with as many delimiters each."""
    lines = text.split("\n", 200)[:200]
    first = lines[0].split("\r")[0]
    pieces = [piece for piece in next((line for line in lines if "\r" in line), "").split("\r") if piece.strip()]
    return len(pieces) > 1 and any(
        first.count(d) and all(piece.count(d) == first.count(d) for piece in pieces) for d in DELIMITERS
    )


def _rows(lines: Sequence[str], skip: int, dialect: Dialect) -> list[_Row]:
    """The first records; a quotation mark that is not closed soon is a letter."""
    cut, found, at = cutter(dialect), list[_Row](), skip
    while at < len(lines) and len(found) < _SAMPLE_ROWS:
        line, start = lines[at].removesuffix("\r"), at
        at += 1
        if not line.strip():
            continue
        strict = cut.strict(line) if dialect.quote else None
        cells = strict.cells if strict else cut.split(line)
        if strict and (strict.is_bad or strict.opened is not None):
            cells = cut.loose(line, letters=True)
            for n in range(2, 20) if strict.opened is not None else ():
                joined = cut.strict("\n".join(lines[start : start + n]))
                if start + n <= len(lines) and not joined.is_bad and joined.opened is None:
                    cells, at = joined.cells, start + n
                    break
        found.append(_Row(start, at - start, cells))
    return found


def _with_escapes(dialect: Dialect, lines: Sequence[str], skip: int, *, is_given: bool) -> Dialect:
    """The dialect with backslashes that escape, where the first rows are cut better then."""
    some = lines[skip : skip + _SAMPLE_ROWS]
    if not is_given and not any('"' in line for line in some):
        if any("\\N" in line.split(dialect.delimiter) for line in some):  # nothing but a database writes it
            return Dialect(dialect.delimiter, "", True)
    if not any("\\" + dialect.quote in line for line in some if dialect.quote):
        return dialect
    escaped = replace(dialect, is_backslash=True)
    fits = []
    for each in (dialect, escaped):
        rows = _rows(lines, skip, each)
        fits.append(sum(len(row.cells) == len(rows[0].cells) for row in rows) if rows else 0)
    return escaped if fits[1] > fits[0] else dialect


def _has_apostrophes(lines: Sequence[str], delimiter: str) -> bool:
    """Whether most of the first lines hold a cell between apostrophes, and few one between quotation marks."""
    d = re.escape(delimiter)
    cell = re.compile(rf"(?:^|{d})'(?:[^'\\]|''|\\.)*'(?:{d}|$)")
    some = [line for line in lines[:200] if line.strip()]
    some = some[1:] if some and "'" not in some[0] else some
    n = sum(bool(cell.search(line)) for line in some)
    return n > 0.5 * len(some) and n > 2 * sum('"' in line for line in some)


def _has_header(head: _Row, below: Sequence[_Row], reading: Reading) -> bool:
    given = [name.strip().casefold() for name in reading.names]
    if given and [cell.strip().casefold() for cell in head.cells] == given:
        return True
    if reading.has_header is not None:
        return reading.has_header
    return not is_data(head.cells, [row.cells for row in below])


def _no_header() -> CuttingNote:
    says = "the first line looks like data: the file has no header, its columns are numbered; give names in its section"
    return CuttingNote("header_missing", "warning", "flag", 1, says)


def named(cells: list[str], below: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], list[CuttingNote]]:
    """Names of the columns, each once; a column of row names that has none is named too.

    Args:
        cells: Of the header.
        below: Cells of the first rows.

    Returns:
        The names, and what was decided.
    """
    notes: list[CuttingNote] = []
    cells = [re.sub(r"\s+", " ", cell) for cell in cells]
    wide = [row for row in below if len(row) == len(cells) + 1]
    if len(wide) > max(2, 0.8 * len(below)) and sum(bool(row[-1].strip()) for row in wide) > 0.5 * len(wide):
        cells = ["row_name", *cells]
        says = "rows have one cell more than the header: the first is taken for the name of the row"
        notes.append(CuttingNote("header_shifted", "warning", "flag", len(wide), says))
    seen: Counter[str] = Counter()
    taken = {cell.casefold() for cell in cells}
    names, twice = list[str](), dict[str, int]()
    for cell in cells:
        seen[cell.casefold()] += 1
        name, n = cell, seen[cell.casefold()]
        while cell and n > 1 and name.casefold() in taken:
            name, n = f"{cell}_{n}", n + 1
        taken.add(name.casefold())
        names.append(name)
        if name != cell:
            twice[name] = 1
    if twice:
        says = "columns of the same name: the later ones are numbered, as price_2"
        notes.append(CuttingNote("columns_renamed", "warning", "flag", len(twice), says, values=twice))
    return tuple(names), notes


def _refuse_odd_names(columns: Sequence[str], head: _Row, below: Sequence[_Row], name: str) -> None:
    counts = Counter(len(row.cells) for row in (head, *below))
    usual = counts.most_common(1)[0][0]
    if len(columns) != usual:
        raise SourceError(
            f"{name} has rows of {usual} cells and names has {len(columns)}: name every column, in their order"
        )
    folded = [column.casefold() for column in columns]
    if len(set(folded)) < len(folded) or not all(folded):
        raise SourceError(f"{name}: every one of names must be there once: {', '.join(columns)}")
