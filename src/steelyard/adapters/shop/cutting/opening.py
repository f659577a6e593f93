"""What a path of a configuration means: a file, packed or not, a folder or pattern of daily files, or a database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from steelyard.adapters.shop.cutting.archives import PACKED, unpack, unpack_members
from steelyard.adapters.shop.cutting.databases import database_rows, is_database
from steelyard.adapters.shop.cutting.encodings import encoding_of
from steelyard.adapters.shop.cutting.feeds import feed_rows
from steelyard.adapters.shop.cutting.json_documents import as_lines
from steelyard.adapters.shop.cutting.other_marks import other_marks, with_usual_marks
from steelyard.adapters.shop.cutting.row_store import Copies
from steelyard.adapters.shop.cutting.source_files import FORMS, FileFacts, locate, look
from steelyard.adapters.shop.cutting.workbooks import sheet_rows
from steelyard.data.schema import CuttingNote, Reading
from steelyard.errors import SourceError

__all__ = ["SUFFIXES", "open_table"]

_MAX_FILES = 2000
_MADE = {".json": "json", ".xlsx": "workbook", ".xlsm": "workbook", ".xml": "feed", ".rss": "feed", ".yml": "feed"}
SUFFIXES = frozenset({*FORMS, *_MADE, *PACKED, ".zip"})
"""Of the files that are read."""
_MAGIC = (
    (b"PK\x03\x04", "a zip or Excel file", (".zip", ".xlsx", ".xlsm")),
    (b"\x1f\x8b", "a gzip file", (".gz", ".gzip")),
    (b"PAR1", "a Parquet file", (".parquet", ".pq")),
    (b"\xd0\xcf\x11\xe0", "an old Excel file (.xls)", ()),
    (b"%PDF", "a PDF", ()),
    (b"SQLite format 3\0", "an SQLite database", ()),
    (b"\x28\xb5\x2f\xfd", "a zstd file", (".zst", ".zstd")),
)
_DO = {
    "an old Excel file (.xls)": "save it as .xlsx or CSV",
    "an SQLite database": 'write path = "sqlite:///NAME" and sql = "TABLE"',
    "a PDF": "export a table",
}


@dataclass(frozen=True, slots=True)
class _Opener:
    """What opening needs."""

    base: Path
    copies: Copies
    reading: Reading
    max_columns: int


def open_table(path: str, base: Path, copies: Copies, *, reading: Reading, max_columns: int) -> FileFacts:
    """Look at what a path means.

    Args:
        path: As in a configuration.
        base: Folder of the configuration file.
        copies: For what is unpacked or turned into a table.
        reading: What the configuration says of how it is cut.
        max_columns: Most columns a table may have.

    Returns:
        Form, columns and encoding; of several files those of the first, and all as ``parts``.

    Raises:
        SourceError: It is not there, cannot be read, or its files do not have the same columns.
    """
    opener = _Opener(base, copies, reading, max_columns)
    if is_database(path):
        stored = database_rows(path, base, copies, reading, max_columns=max_columns)
        facts = look(stored, max_columns=max_columns, name="table.parquet")
        return replace(facts, name=path.split("://", 1)[0] + " database")
    files = _files(path, base)
    parts = [facts for file in files for facts in _opened(file, opener, name=str(file))]
    return parts[0] if len(parts) == 1 else _joined(parts, path)


def _files(path: str, base: Path) -> list[Path]:
    """The files of a folder or a pattern, or the one file."""
    whole = (base / path).expanduser() if not path.startswith("package:") else Path()
    if whole.is_dir() and not path.startswith("package:"):
        found = [file for file in whole.iterdir() if file.suffix.lower() in SUFFIXES]
        found = found or _parted(whole)
    elif any(mark in path for mark in "*?[") and not whole.is_file():
        pattern = Path(path).expanduser()
        root, inner = (
            (Path(pattern.anchor), pattern.relative_to(pattern.anchor)) if pattern.is_absolute() else (base, pattern)
        )
        found = list(root.glob(str(inner)))
    else:
        return [locate(path, base)]
    files = sorted(file for file in found if file.is_file() and not file.name.startswith((".", "~$")))
    if not files:
        raise SourceError(f"no file that is read is at {path!r}. Paths are relative to the configuration file's folder")
    if len(files) > _MAX_FILES:
        raise SourceError(f"{path!r} means {len(files):,} files, at most {_MAX_FILES:,} are read: join them")
    return files


def _parted(folder: Path) -> list[Path]:
    """The files of folders such as ``dt=2024-03-01`` and ``2024/03``, each of which holds a part of the table."""
    deep = (file for file in folder.rglob("*") if file.suffix.lower() in SUFFIXES)
    inside = [file for file in deep if not any(step.startswith((".", "_")) for step in file.relative_to(folder).parts)]
    return inside[: _MAX_FILES + 1]


def _opened(path: Path, opener: _Opener, *, name: str, depth: int = 0) -> Iterator[FileFacts]:
    suffix = Path(name).suffix.lower()
    if path.stat().st_size == 0:
        raise SourceError(f"{name} is empty (0 bytes): export it again")
    if depth and suffix in {*PACKED, ".zip"}:
        raise SourceError(f"{name} is a packed file inside a packed file: unpack it")
    if suffix in PACKED:
        yield from _opened(unpack(path, opener.copies, name=name), opener, name=name[: -len(suffix)], depth=1)
        return
    if suffix == ".zip":
        is_table = lambda member: Path(member).suffix.lower() in SUFFIXES  # noqa: E731
        for member, copy in unpack_members(path, opener.copies, name=name, forms=is_table):
            yield from _opened(copy, opener, name=f"{name}/{member}", depth=1)
        return
    _refuse_other(path, name, suffix)
    yield _look(path, opener, name=name, suffix=suffix)


def _refuse_other(path: Path, name: str, suffix: str) -> None:
    """Refuse a file whose first bytes are not what its name says."""
    with path.open("rb") as file:
        start = file.read(1024)
    for magic, what, suffixes in _MAGIC:
        if start.startswith(magic) and suffix not in suffixes and suffix in SUFFIXES:
            todo = _DO.get(what, f"name it {suffixes[0]}" if suffixes else "export it again")
            raise SourceError(f"{name} is {what}, whatever its name says: {todo}")
    if suffix not in (".xml", ".rss") and start.lstrip(b"\xef\xbb\xbf \r\n\t")[:14].lower().startswith(
        (b"<!doctype html", b"<html")
    ):
        raise SourceError(f"{name} is a web page, not a table: perhaps one that asks to log in; export it again")


def _look(path: Path, opener: _Opener, *, name: str, suffix: str) -> FileFacts:
    how, reading, copies = _MADE.get(suffix), opener.reading, opener.copies
    is_told = reading.delimiter or reading.quote is not None
    if FORMS.get(suffix) == "csv" and not is_told and (marks := other_marks(path)):
        file = copies.new()
        with_usual_marks(path, marks, file)
        facts = look(copies.path(file), max_columns=opener.max_columns, reading=reading, name=name)
        return replace(facts, notes=(*facts.notes, marks.note))
    if how is None:
        facts = look(path, max_columns=opener.max_columns, reading=reading, name=name)
        if facts.form != "jsonl" or facts.columns:
            return facts
        how = "json"
    if how == "json":
        encoding = encoding_of(path, reading.encoding, name=name)
        file = copies.new()
        notes = as_lines(path, file, encoding=encoding.name, records=reading.records, name=name)
        return _made(copies.path(file), "rows.jsonl", name, notes, opener)
    rows = sheet_rows if how == "workbook" else feed_rows
    stored, notes = rows(path, copies, reading, name=name, max_columns=opener.max_columns)
    return _made(stored, "rows.parquet", name, notes, opener)


def _made(path: Path, made: str, name: str, notes: list[CuttingNote], opener: _Opener) -> FileFacts:
    if path.stat().st_size == 0:
        raise SourceError(f"{name} holds no rows: export it again")
    facts = look(path, max_columns=opener.max_columns, name=made)
    return replace(facts, name=name, notes=(*facts.notes, *notes))


def _joined(parts: list[FileFacts], path: str) -> FileFacts:
    """Several files as one table."""
    first = parts[0]
    if first.form == "jsonl" and all(part.form == "jsonl" for part in parts):
        columns = tuple(dict.fromkeys(column for part in parts for column in part.columns))
        parts = [replace(part, columns=columns) for part in parts]
    for part in parts[1:]:
        more, fewer = (set(part.columns) - set(first.columns)), (set(first.columns) - set(part.columns))
        if part.form != parts[0].form or ((more or fewer) and first.form != "jsonl"):
            odd = ", ".join(
                [*(f"{c!r} more" for c in sorted(more)[:4]), *(f"{c!r} missing" for c in sorted(fewer)[:4])]
            )
            raise SourceError(
                f"the files of {path!r} do not have the same columns: {part.file} has {odd or 'another form'} beside "
                f"{first.file}. Bring them into one form, or read them apart"
            )
    inside = tuple(dict.fromkeys(name for part in parts for name in part.inside))
    lists = tuple(dict.fromkeys(name for part in parts for name in part.lists))
    return replace(parts[0], name=path, notes=(), inside=inside, lists=lists, parts=tuple(parts))
