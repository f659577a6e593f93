"""Source files before they are parsed: where they are, what they are, which columns they have, how they are encoded.

Everything here reads a bounded amount at a time, so that a hostile or broken file is refused cheaply.
"""

from __future__ import annotations

import codecs
import csv
import difflib
import importlib.util
import io
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

import pyarrow.parquet as pq
from pyarrow.lib import ArrowException

from steelyard.errors import SourceError

__all__ = ["FileFacts", "Form", "locate", "look", "missing_columns", "odd_line_end", "open_quote", "transcode"]

Form = Literal["csv", "jsonl", "parquet"]
FORMS: dict[str, Form] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
}
_CHUNK = 1 << 20
_MAX_HEADER_BYTES = 4 << 20
_JSON_SAMPLE_LINES = 1000
_JSON_SAMPLE_BYTES = 8 << 20
_MAX_LINE_BYTES = 16 << 20
_BOMB_RATIO = 100
_BOMB_BYTES = 64 << 20
_CELL_BYTES = 8
_ZERO_SHARE = 0.05
"""Of every second byte of UTF-16: marks and line ends are there in any language."""
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_DELIMITERS = ",;\t|"


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What is known of a file without parsing its rows."""

    path: Path
    form: Form
    columns: tuple[str, ...]
    encoding: str = "utf-8"
    """``utf-8``, or what it must be transcoded from."""
    delimiter: str = ","


def locate(path: str, base: Path) -> Path:
    """The file that ``path`` of a configuration means.

    Args:
        path: Relative to ``base``, absolute, or ``package:NAME/FILE``: a file of an installed package, found without
            importing the package.
        base: Folder of the configuration file.

    Returns:
        A file that is there; nothing of it was read.

    Raises:
        SourceError: There is no such file or package.
    """
    found = _in_package(path.removeprefix("package:")) if path.startswith("package:") else (base / path).expanduser()
    if not found.is_file():
        near = difflib.get_close_matches(
            found.name, [p.name for p in found.parent.glob("*")] if found.parent.is_dir() else []
        )
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        raise SourceError(
            f"no file {found} (written {path!r}).{hint} Paths are relative to the configuration file's folder"
        )
    return found


def look(path: Path, *, max_columns: int) -> FileFacts:
    """Form, columns and encoding of a file.

    Args:
        path: A file that is there; its suffix tells its form.
        max_columns: Most columns a table may have.

    Returns:
        Form, columns in their order, encoding and delimiter; no row was parsed.

    Raises:
        SourceError: It is empty, of an unknown form, unreadable, wider than ``max_columns``, or a bomb.
    """
    form = FORMS.get(path.suffix.lower())
    if form is None:
        raise SourceError(
            f"{path.name} is not a CSV (.csv, .tsv), JSONL (.jsonl) or Parquet (.parquet) file: unpack or convert it"
        )
    if path.stat().st_size == 0:
        raise SourceError(f"{path} is empty (0 bytes): export it again")
    try:
        if form == "parquet":
            return _look_parquet(path, max_columns)
        with path.open("rb") as file:
            head = _first_line(file, path, max_columns if form == "csv" else None)
        encoding = _encoding(path)
        return (
            _look_csv(path, head, encoding, max_columns) if form == "csv" else _look_jsonl(path, encoding, max_columns)
        )
    except OSError as error:
        raise SourceError(f"{path} cannot be read ({error.strerror}): check its rights") from error


def missing_columns(facts: FileFacts, wanted: Sequence[str]) -> list[str]:
    """A sentence for each wanted column that the file lacks, with the nearest names."""
    problems = []
    folded = {column.lower(): column for column in facts.columns}
    shown = ", ".join(facts.columns[:40]) + (" …" if len(facts.columns) > 40 else "")
    for column in wanted:
        if column in facts.columns:
            continue
        near = [folded[n] for n in difflib.get_close_matches(column.lower(), folded, n=2, cutoff=0.5)]
        hint = f" Did you mean {' or '.join(repr(n) for n in near)}?" if near else ""
        problems.append(f"{facts.path.name} has no column {column!r}.{hint} It has: {shown}")
    return problems


def transcode(facts: FileFacts, out: IO[bytes]) -> None:
    """Write the file to ``out`` in UTF-8, a bounded number of bytes at a time."""
    decoder = codecs.getincrementaldecoder(facts.encoding)()
    with facts.path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            out.write(decoder.decode(chunk).encode("utf-8"))
    out.write(decoder.decode(b"", final=True).encode("utf-8"))
    out.flush()


def open_quote(path: Path) -> tuple[int, int]:
    """Line of the quotation mark that is never closed, 0 where all are; and how many lines are not blank."""
    opened = n_lines = 0
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            n_lines += bool(line.strip())
            if line.count(b'"') % 2:
                opened = 0 if opened else number
    return opened, n_lines


def odd_line_end(path: Path) -> int:
    """The first line that ends in another way than line 1; 0 where all are alike."""
    with path.open("rb") as file:
        is_crlf = file.readline().endswith(b"\r\n")
        lines = (n for n, line in enumerate(file, 2) if line.endswith(b"\n") and line.endswith(b"\r\n") != is_crlf)
        return next(lines, 0)


def _in_package(path: str) -> Path:
    name, _, inside = path.partition("/")
    try:
        spec = importlib.util.find_spec(name) if name.isidentifier() else None
    except (ImportError, ValueError):
        spec = None
    if spec is None or not spec.submodule_search_locations or not inside:
        raise SourceError(
            f"package:{path} needs the Python package {name!r}, which is not installed: "
            f"pip install {name.replace('_', '-')}"
        )
    root = Path(next(iter(spec.submodule_search_locations))).resolve()
    found = (root / inside).resolve()
    if not found.is_relative_to(root):
        raise SourceError(f"package:{path} leads out of the package: name a file inside it")
    return found


def _first_line(file: IO[bytes], path: Path, max_columns: int | None) -> bytes:
    """First line, read piecewise; a header with too many columns is refused before it is held whole."""
    parts: list[bytes] = []
    counts = dict.fromkeys(_DELIMITERS, 0)
    size = 0
    limit = _MAX_HEADER_BYTES if max_columns is not None else _MAX_LINE_BYTES
    while piece := file.readline(1 << 16):
        parts.append(piece)
        size += len(piece)
        if max_columns is not None:
            for delimiter in counts:
                counts[delimiter] += piece.count(delimiter.encode())
            widest = max(counts.values()) + 1
            if widest > max(4 * max_columns, 10_000):
                raise SourceError(_too_wide(path, f"more than {widest - 1:,}", max_columns))
        if piece.endswith(b"\n"):
            break
        if size > limit:
            raise SourceError(f"the first line of {path} is longer than {limit >> 20} MiB: this is not a table")
    return b"".join(parts)


def _too_wide(path: Path, found: str, max_columns: int) -> str:
    return (
        f"{path} has {found} columns, at most {max_columns:,} are allowed; it was not parsed. "
        "Keep the columns that matter, or raise max_columns in [data]"
    )


def _look_csv(path: Path, head: bytes, encoding: str, max_columns: int) -> FileFacts:
    if encoding.startswith("utf-16"):
        with path.open(encoding=encoding, newline="") as file:
            text = file.readline(_MAX_HEADER_BYTES)
    else:
        text = head.decode(encoding, errors="replace")
    text = text.lstrip("\ufeff").rstrip("\r\n")
    delimiter = _delimiter(text, path)
    rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    columns = tuple(column.strip() for column in rows[0]) if rows else ()
    if len(columns) > max_columns:
        raise SourceError(_too_wide(path, f"{len(columns):,}", max_columns))
    twice = sorted({c for c in columns if c and columns.count(c) > 1})
    if twice:
        raise SourceError(f"{path} has more than one column named {twice}: rename them, so that each is named once")
    if not any(columns):
        raise SourceError(f"{path} has no header line: its first line must name the columns")
    return FileFacts(path, "csv", columns, encoding, delimiter)


def _delimiter(header: str, path: Path) -> str:
    bare = re.sub(r'"[^"]*"', "", header)
    best = max(_DELIMITERS, key=bare.count)
    if bare.count(best):
        return best
    return "\t" if path.suffix.lower() == ".tsv" else ","


def _look_jsonl(path: Path, encoding: str, max_columns: int) -> FileFacts:
    columns: dict[str, None] = {}
    size = 0
    with path.open(encoding=encoding, errors="replace") as file:
        for _ in range(_JSON_SAMPLE_LINES):
            line = file.readline(_MAX_LINE_BYTES)
            size += len(line)
            if not line or size > _JSON_SAMPLE_BYTES:
                break
            try:
                row = json.loads(line)
            except (ValueError, RecursionError):
                continue  # counted as a malformed line when the rows are read
            if isinstance(row, dict):
                columns.update(dict.fromkeys(row))
            if len(columns) > max_columns:
                raise SourceError(_too_wide(path, f"{len(columns):,}", max_columns))
    if not columns:
        raise SourceError(f"{path} holds no JSON object in its first lines: each line must be one, like {{'id': 1}}")
    return FileFacts(path, "jsonl", tuple(columns), encoding)


def _look_parquet(path: Path, max_columns: int) -> FileFacts:
    try:
        metadata = pq.read_metadata(path)
    except (ArrowException, OSError) as error:
        raise SourceError(f"{path} is not a sound Parquet file ({error}): export it again") from error
    schema = metadata.schema.to_arrow_schema()
    if len(schema.names) > max_columns:
        raise SourceError(_too_wide(path, f"{len(schema.names):,}", max_columns))
    if metadata.num_rows == 0:
        raise SourceError(f"{path} has no rows: export it again")
    size = path.stat().st_size
    declared = sum(metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups))
    cells = metadata.num_rows * len(schema.names) * _CELL_BYTES
    for bytes_, ratio in ((declared, _BOMB_RATIO), (cells, 10 * _BOMB_RATIO)):
        if bytes_ > ratio * size and bytes_ > _BOMB_BYTES:
            raise SourceError(
                f"{path} has {size:,} bytes but declares {bytes_ >> 20:,} MiB of values "
                f"({bytes_ // size:,} times as much); it was not parsed: it is damaged or made to exhaust memory"
            )
    return FileFacts(path, "parquet", tuple(schema.names))


def _encoding(path: Path) -> str:
    """Encoding of a whole text file: UTF-8 or UTF-16, with or without a mark, or GB18030.

    Raises:
        SourceError: It is none of them; the message says at which byte UTF-8 failed.
    """
    with path.open("rb") as file:
        start = file.read(1 << 16)
    for bom, name in _BOMS:
        if start.startswith(bom):
            return name
    zeros = (start[::2].count(0), start[1::2].count(0))
    if max(zeros) > _ZERO_SHARE * len(start) / 2 and not min(zeros):
        return "utf-16-be" if zeros[0] else "utf-16-le"
    failed_at = _fails_at(path, "utf-8")
    if failed_at is None:
        return "utf-8"
    if _fails_at(path, "gb18030") is None and _looks_chinese(path):
        return "gb18030"
    raise SourceError(
        f"{path} is neither UTF-8 (it breaks near byte {failed_at:,}) nor GB18030: save it as UTF-8 and run again"
    )


def _fails_at(path: Path, encoding: str) -> int | None:
    decoder = codecs.getincrementaldecoder(encoding)()
    done = 0
    with path.open("rb") as file:
        try:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
                done += len(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            return done + error.start
    return None


def _looks_chinese(path: Path) -> bool:
    """Whether most pairs of bytes are those of everyday Chinese, not of accented Latin letters read as Chinese."""
    with path.open("rb") as file:
        pairs = re.findall(rb"[\x81-\xfe][\x30-\x39\x40-\x7e\x80-\xfe]", file.read(_CHUNK))
        while not pairs and (chunk := file.read(_CHUNK)):
            pairs = re.findall(rb"[\x81-\xfe][\x30-\x39\x40-\x7e\x80-\xfe]", chunk)
    usual = sum(pair[0] >= 0xA1 and pair[1] >= 0xA1 for pair in pairs)
    return bool(pairs) and usual >= 0.7 * len(pairs)
