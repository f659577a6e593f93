"""A file of delimited text into rows of raw texts, by the table engine where it is sound and line by line where not.

The engine's cut is believed only where its rows and the line ends inside its cells add up to the physical lines of the
file, none was refused, and no cell holds what looks like rows. Every other file is cut by ``records``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

import duckdb

from steelyard.adapters.shop.cutting.dialects import Dialect, alternatives
from steelyard.adapters.shop.cutting.records import TRAILER, Counts, Damage, Records
from steelyard.adapters.shop.cutting.row_store import Copies, store_rows
from steelyard.adapters.shop.cutting.source_files import FileFacts
from steelyard.adapters.shop.cutting.source_text import MAX_LINE_BYTES, LineReader, TextFacts, mend, survey
from steelyard.adapters.shop.sql_words import literal, quoted
from steelyard.data.schema import CuttingNote
from steelyard.errors import SourceError

__all__ = ["SAYS", "Cut", "cut_text", "engine_columns", "parquet_rows"]

_BOM = b"\xef\xbb\xbf"
_TAIL_BYTES = 4096
_NO_ROWS = ("row_trailer", "row_header", "row_blank")
SAYS: dict[Damage, str] = {
    "row_malformed": "the line cannot be cut into columns; only its number is kept, since it may name people",
    "row_too_long": f"the line is longer than {MAX_LINE_BYTES >> 20} MiB, the most that is read of one row",
    "row_undecodable": "the line cannot be read in the file's encoding; export it again in UTF-8, or set encoding",
    "row_trailer": "the last line is a total or a count of rows, not a row",
    "row_blank": "all cells of the line are empty: not a row",
    "row_header": "the line names the columns again, as where files were joined: not a row",
}


@dataclass(frozen=True, slots=True)
class Cut:
    """A file cut into rows."""

    sql: str
    """Gives them: all columns, as texts."""
    n_rows: int
    bad: tuple[int, ...] = ()
    """Physical lines that are no part of a row."""
    notes: tuple[CuttingNote, ...] = ()
    n_inside: int = 0
    """Line ends inside cells."""


def cut_text(db: duckdb.DuckDBPyConnection, copies: Copies, facts: FileFacts) -> Cut:
    """Cut a file of delimited text.

    Args:
        db: The table engine.
        copies: For what is mended or cut line by line.
        facts: What is known of the file.

    Returns:
        Every physical line after the header is a part of a row, blank, or among the bad ones.

    Raises:
        SourceError: Not one row is left.
    """
    path, text = facts.path, survey(facts.path) if facts.encoding.name == "utf-8" else TextFacts()
    notes = list(facts.notes)
    if facts.encoding.name != "utf-8":
        path = _mended(path, copies, facts.encoding.name, None)
        text = survey(path)
    text = replace(text, ends_at_cr=facts.ends_at_cr)
    notes += _text_notes(text)
    if text.is_cr or text.n_nul or (text.is_mixed and not text.n_cr):
        path = _mended(path, copies, "utf-8", text)
        text = replace(survey(path), n_garbled=0)
    cut = _by_engine(db, facts, text, path) if _is_plain(facts, text, path) else None
    cut = cut or _by_line(copies, facts, text, path)
    explained = [note for note in notes if note.reason != "line_ends_mixed" or note.count > cut.n_inside]
    return replace(cut, notes=(*explained, *cut.notes))


def parquet_rows(path: Path) -> str:
    """SQL for the rows of a Parquet file, numbered from 0."""
    return f"SELECT * FROM read_parquet({literal(str(path))}, file_row_number = true)"  # noqa: S608


def _mended(path: Path, copies: Copies, encoding: str, text: TextFacts | None) -> Path:
    file = copies.new()
    mend(path, file, encoding=encoding, facts=text)
    return copies.path(file)


def _text_notes(text: TextFacts) -> list[CuttingNote]:
    found: list[CuttingNote] = []
    if text.is_mixed:
        kinds = {"LF": text.n_lf - text.n_crlf, "CR LF": text.n_crlf, "CR": text.n_cr}
        odd = sum(kinds.values()) - max(kinds.values())
        says = "lines end in more than one way; all of them are read as line ends"
        found.append(CuttingNote("line_ends_mixed", "info", "flag", odd, says, values=kinds))
    if text.n_nul:
        says = "bytes of value zero, which stand for nothing, are left out"
        found.append(CuttingNote("zero_bytes", "warning", "flag", text.n_nul, says))
    if text.n_garbled:
        says = "text was once read in the wrong encoding and saved so (Ã© for é): export it again as UTF-8"
        found.append(CuttingNote("text_garbled", "warning", "flag", text.n_garbled, says))
    return found


def _is_plain(facts: FileFacts, text: TextFacts, path: Path) -> bool:
    """Whether the engine may try."""
    if text.n_escaped or text.n_cr or facts.encoding.n_broken or facts.dialect.is_backslash or facts.has_apostrophes:
        return False
    return not _ends_in_trailer(path, facts.dialect.delimiter)


def _ends_in_trailer(path: Path, delimiter: str) -> bool:
    with path.open("rb") as file:
        file.seek(0, 2)
        file.seek(max(0, file.tell() - _TAIL_BYTES))
        lines = [line for line in file.read().decode("utf-8", "replace").split("\n") if line.strip()]
    return bool(lines) and TRAILER.fullmatch(lines[-1].split(delimiter)[0].strip().strip('"')) is not None


def engine_columns(columns: Sequence[str]) -> list[str]:
    """The names of columns as the engine has them: those without one are numbered."""
    return [name or f"column{i}" for i, name in enumerate(columns)]


def _by_engine(db: duckdb.DuckDBPyConnection, facts: FileFacts, text: TextFacts, path: Path) -> Cut | None:
    """The engine's cut, if it adds up."""
    names, d = engine_columns(facts.columns), facts.dialect.delimiter
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
    quote, line_end = literal(facts.dialect.quote), literal("\\r\\n" if text.n_crlf else "\\n")
    options = (
        f"delim = {literal(d)}, header = false, skip = {facts.n_before}, auto_detect = false, columns = {{{columns}}}, "
        f"quote = {quote}, escape = {quote}, new_line = {line_end}, strict_mode = true"
    )
    sql = f"SELECT * FROM read_csv({literal(str(path))}, {options})"  # noqa: S608
    counted, no_row = "count(*), 0, 0", _no_rows(facts.shape.names, names)
    if text.n_quotes and facts.dialect.quote:
        inner, odd = _inner(names, d)
        counted = f"count(*), coalesce(sum({inner}), 0), coalesce(sum(CASE WHEN {odd} THEN 1 ELSE 0 END), 0)"
    try:
        n_rows, n_inner, n_odd, n_none = db.execute(f"SELECT {counted}, {no_row} FROM ({sql})").fetchall()[0]  # noqa: S608
    except duckdb.Error as error:
        if "No space left" in str(error) or isinstance(error, duckdb.OutOfMemoryException):
            raise
        return None
    left = text.n_lines - facts.n_before - int(n_rows) - int(n_inner)
    if n_odd or n_none or not 0 <= left <= text.n_blank or (len(names) == 1 and text.n_blank):
        return None
    return Cut(sql, int(n_rows), n_inside=int(n_inner))


def _no_rows(header: Sequence[str], columns: Sequence[str]) -> str:
    """SQL that counts the rows which name the columns once more, or hold nothing."""
    pairs = zip(columns, header, strict=True) if len(header) > 1 else ()
    same = " AND ".join(f"trim({quoted(column)}) = {literal(name)}" for column, name in pairs)
    empty = " AND ".join(f"coalesce(trim({quoted(column)}), '') = ''" for column in columns)
    return f"count(*) FILTER (({empty}) OR ({same or 'false'}))"


def _inner(names: Sequence[str], delimiter: str) -> tuple[str, str]:
    """SQL for the line ends inside a row's cells, and for whether a cell holds delimiters enough to be whole rows."""
    ends, odd = [], []
    for name in names:
        column = quoted(name)
        n_ends, n_marks = (
            f"(length({column}) - length(replace({column}, {mark}, '')))" for mark in ("chr(10)", literal(delimiter))
        )
        ends.append(f"CASE WHEN contains({column}, chr(10)) THEN {n_ends} ELSE 0 END")
        odd.append(f"(contains({column}, chr(10)) AND 2 * {n_marks} >= {len(names) - 1})")
    return " + ".join(ends), " OR ".join(odd)


def _by_line(copies: Copies, facts: FileFacts, text: TextFacts, path: Path) -> Cut:
    """The cut of a damaged file."""
    notes: list[CuttingNote] = []
    dialect = _dialect(facts, text, path)
    if dialect != facts.dialect:
        says = f"decided from the whole file: {dialect.describe()}"
        notes.append(CuttingNote("dialect_told", "info", "flag", 1, says))
    file = copies.new()
    with path.open("rb") as opened:
        lines = _after_header(opened, facts)
        records = Records(lines, dialect, facts.shape)
        n_rows = store_rows(_without_trailer(records), engine_columns(facts.columns), file)
    counts = records.counts
    n_lines = facts.n_before + counts.n_record_lines + counts.n_blank + len(counts.bad)
    if n_lines != lines.number:
        raise SourceError(
            f"{facts.name}: {lines.number - n_lines:,} lines were lost while it was cut. This is a defect"
        )
    notes += _count_notes(counts)
    if lines.n_fallback:
        says = f"lines that are not UTF-8 are read as {facts.encoding.fallback}"
        notes.append(CuttingNote("encoding_mixed", "warning", "flag", lines.n_fallback, says))
    bad, n_inside = tuple(sorted({line for line, _ in counts.bad})), counts.n_record_lines - counts.n_records
    return Cut(parquet_rows(copies.path(file)), n_rows, bad, tuple(notes), n_inside)


def _dialect(facts: FileFacts, text: TextFacts, path: Path) -> Dialect:
    """The dialect that leaves most lines as they are."""
    given = facts.reading
    is_escaped = bool(text.n_escaped) or facts.dialect.is_backslash
    possible = alternatives(facts.dialect, has_backslashes=is_escaped, has_apostrophes=facts.has_apostrophes)
    if given.quote is not None:
        possible = [replace(one, quote=given.quote) for one in possible]
    if given.escape:
        possible = [replace(one, is_backslash=given.escape == "backslash") for one in possible]
    possible = list(dict.fromkeys(possible))
    if len(possible) == 1 or not (text.n_quotes or facts.has_apostrophes):
        return possible[0]
    best, most = possible[0], -1
    for dialect in possible:
        with path.open("rb") as opened:
            records = Records(_after_header(opened, facts), dialect, facts.shape)
            for _ in records:
                pass
        if records.counts.n_exact > most:
            best, most = dialect, records.counts.n_exact
    return best


def _after_header(opened: IO[bytes], facts: FileFacts) -> LineReader:
    if opened.read(len(_BOM)) != _BOM:
        opened.seek(0)
    lines = LineReader(opened, fallback=facts.encoding.fallback)
    for _ in range(facts.n_before):
        lines.next()
    return lines


def _without_trailer(records: Records) -> Iterator[list[str]]:
    """All rows but a last one that is a total."""
    held: list[str] | None = None
    for cells in records:
        if held is not None:
            yield held
        held = cells
    if held is None:
        return
    if TRAILER.fullmatch(held[0].strip()) and sum(bool(cell.strip()) for cell in held) <= max(1, len(held) - 1):
        records.set_aside("row_trailer")
    else:
        yield held


def _count_notes(counts: Counts) -> list[CuttingNote]:
    found = [
        CuttingNote(reason, "info" if reason in _NO_ROWS else "error", "quarantine", n, SAYS[reason], lines)
        for reason, n, lines in _bad_by_reason(counts)
    ]
    flags = (
        ("cells_filled", "info", counts.n_filled, "the row is short of cells at its end: they are read as empty"),
        ("cells_trimmed", "info", counts.n_trimmed, "the row has empty cells more than the header: they are left out"),
        ("quotes_mended", "warning", counts.n_letters, "a stray quotation mark in the row is read as a letter"),
    )
    found += [
        CuttingNote(reason, "warning" if s == "warning" else "info", "flag", n, says)
        for reason, s, n, says in flags
        if n
    ]
    return found


def _bad_by_reason(counts: Counts) -> list[tuple[Damage, int, tuple[int, ...]]]:
    numbers = Counter(why for _, why in counts.bad)
    return [(why, n, tuple(line for line, w in counts.bad if w == why)[:5]) for why, n in numbers.most_common()]
