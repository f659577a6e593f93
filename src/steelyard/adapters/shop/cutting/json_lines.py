"""Files of one JSON object a line into rows: each value as its text, a line that is no object among the bad ones."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import duckdb

from steelyard.adapters.shop.cutting.cut_text import SAYS, Cut
from steelyard.adapters.shop.cutting.records import Damage
from steelyard.adapters.shop.cutting.row_store import Copies
from steelyard.adapters.shop.cutting.source_files import FileFacts
from steelyard.adapters.shop.cutting.source_text import LineReader, mend, survey
from steelyard.adapters.shop.sql_words import literal
from steelyard.data.schema import CuttingNote

__all__ = ["cut_json_lines"]

_MAX_DEPTH = 100


def cut_json_lines(db: duckdb.DuckDBPyConnection, copies: Copies, facts: FileFacts) -> Cut:
    """Cut a file of JSON lines.

    Args:
        db: The table engine.
        copies: For what is mended.
        facts: What is known of the file.

    Returns:
        Every physical line is a row, blank, or among the bad ones.
    """
    path = facts.path
    if facts.encoding.name != "utf-8":
        path = _mended(path, copies, facts, is_cr=False)
    text = survey(path)
    if text.is_cr or text.n_nul:
        path = _mended(path, copies, facts, is_cr=True)
        text = survey(path)
    if not facts.encoding.n_broken:
        sql = _select(path, facts.columns)
        n_rows, n_broken = _counted(db, path)
        if not n_broken and n_rows + text.n_blank >= text.n_lines:
            return Cut(sql, n_rows, notes=facts.notes)
    file = copies.new()
    with path.open("rb") as opened:
        lines = LineReader(opened, fallback=facts.encoding.fallback)
        n_rows, bad = _sound_lines(lines, file)
    numbers = Counter(why for _, why in bad)
    notes = [
        CuttingNote(why, "error", "quarantine", n, SAYS[why], tuple(line for line, w in bad if w == why)[:5])
        for why, n in numbers.items()
    ]
    if lines.n_fallback:
        says = f"lines that are not UTF-8 are read as {facts.encoding.fallback}"
        notes.append(CuttingNote("encoding_mixed", "warning", "flag", lines.n_fallback, says))
    sql = _select(copies.path(file), facts.columns)
    return Cut(sql, n_rows, tuple(line for line, _ in bad), (*facts.notes, *notes))


def _mended(path: Path, copies: Copies, facts: FileFacts, *, is_cr: bool) -> Path:
    file = copies.new()
    mend(path, file, encoding="utf-8" if is_cr else facts.encoding.name, facts=survey(path) if is_cr else None)
    return copies.path(file)


def _select(path: Path, columns: Sequence[str]) -> str:
    wanted = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in columns)
    options = f"format = 'newline_delimited', columns = {{{wanted}}}, ignore_errors = true"
    return f"SELECT * FROM read_json({literal(str(path))}, {options})"  # noqa: S608


def _counted(db: duckdb.DuckDBPyConnection, path: Path) -> tuple[int, int]:
    """Lines with something on them, and those that are no object."""
    objects = f"read_ndjson_objects({literal(str(path))}, ignore_errors = true)"
    try:
        counted = "count(*), count(*) FILTER (json IS NULL OR json_type(json) <> 'OBJECT')"
        row = db.execute(f"SELECT {counted} FROM {objects}").fetchall()[0]  # noqa: S608
    except duckdb.Error as error:
        if "No space left" in str(error) or isinstance(error, duckdb.OutOfMemoryException):
            raise
        return 0, 1
    return int(row[0]), int(row[1])


def _sound_lines(lines: LineReader, out: IO[bytes]) -> tuple[int, list[tuple[int, Damage]]]:
    """Copy the lines that are objects, written in the strict form, and tell the others."""
    n_rows, bad = 0, list[tuple[int, Damage]]()
    while (line := lines.next()) != "":
        if line is None:
            too_long = lines.number in lines.too_long
            bad.append((lines.number, "row_too_long" if too_long else "row_undecodable"))
            continue
        line = line.strip().removeprefix("\ufeff").strip("\x1e,")
        if not line:
            continue
        try:
            row = json.loads(line, parse_constant=lambda _: None)
            if not isinstance(row, dict):
                raise ValueError
            text = json.dumps(row, ensure_ascii=False)
        except (ValueError, RecursionError):
            bad.append((lines.number, "row_malformed"))
            continue
        out.write(text.encode("utf-8", "replace") + b"\n")
        n_rows += 1
    out.flush()
    return n_rows, bad
