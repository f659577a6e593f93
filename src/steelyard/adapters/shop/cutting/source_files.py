"""Source files before they are parsed: where they are, what they are, which columns they have, how they are encoded.

Everything here reads a bounded amount at a time, so that a hostile or broken file is refused cheaply.
"""

from __future__ import annotations

import difflib
import importlib.util
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Literal

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow.lib import ArrowException

from steelyard.adapters.shop.cutting.dialects import DELIMITERS, Dialect
from steelyard.adapters.shop.cutting.encodings import Encoding, encoding_of
from steelyard.adapters.shop.cutting.headers import read_head
from steelyard.adapters.shop.cutting.parquet_sizes import bytes_once_read
from steelyard.adapters.shop.cutting.records import Shape
from steelyard.data.schema import CuttingNote, Reading
from steelyard.errors import SourceError

__all__ = ["FORMS", "FileFacts", "Form", "locate", "look", "missing_columns"]

Form = Literal["csv", "jsonl", "parquet"]
FORMS: dict[str, Form] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".tab": "csv",
    ".txt": "csv",
    ".dat": "csv",
    ".data": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
}
_FORMS_READ = "CSV (.csv, .tsv, .txt, .dat), JSON (.jsonl, .json), Parquet (.parquet), Excel (.xlsx) or a feed (.xml)"
_MAX_HEADER_BYTES = 4 << 20
_HEADER_LINES = 30
_JSON_SAMPLE_LINES = 1000
_JSON_SAMPLE_BYTES = 8 << 20
_MAX_LINE_BYTES = 16 << 20
_MAX_PATHS = 400
_MAX_DEPTH = 6
_BOMB_RATIO = 100
_BOMB_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What is known of a file without parsing its rows."""

    path: Path
    """What is read: the file, or a copy of it that was unpacked."""
    form: Form
    columns: tuple[str, ...]
    name: str = ""
    """Of the file, as messages have it."""
    encoding: Encoding = field(default_factory=Encoding)
    dialect: Dialect = field(default_factory=Dialect)
    n_before: int = 1
    """Physical lines before the first row."""
    shape: Shape = field(default_factory=lambda: Shape(0))
    notes: tuple[CuttingNote, ...] = ()
    first: tuple[str, ...] = ()
    """Cells of the first line, where it is data though no one said so."""
    has_apostrophes: bool = False
    ends_at_cr: bool = False
    reading: Reading = field(default_factory=Reading)
    inside: tuple[str, ...] = ()
    """Paths to values inside nested columns."""
    lists: tuple[str, ...] = ()
    """Paths to lists of objects."""
    parts: tuple[FileFacts, ...] = ()
    """Files that make up the table, in their order; then ``path`` is their folder."""

    @property
    def file(self) -> str:
        """The file's name without its folders."""
        return Path(self.name).name if self.name else self.path.name

    def has_parameters(self, path: str) -> bool:
        """Whether a path leads into a list of keys and values, whose keys only the rows tell."""
        steps = path.split(".")
        heads = (".".join(steps[:n]) for n in range(1, len(steps)))
        return any(f"{head}.key" in self.inside for head in heads)

    @property
    def no_header(self) -> str:
        """That the first line is data, and what to do."""
        shown = ", ".join(self.first[:6])
        return (
            f"its first line looks like data ({shown[:100]}), so it has no header: name its {len(self.columns)} "
            'columns in its section, as names = ["user", "item", …]; or set header = true'
        )


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


def look(path: Path, *, max_columns: int, reading: Reading | None = None, name: str = "") -> FileFacts:
    """Form, columns and encoding of a file.

    Args:
        path: A file that is there.
        max_columns: Most columns a table may have.
        reading: What the configuration says of how it is cut.
        name: Of the file, where ``path`` is an unpacked copy; its suffix tells its form.

    Returns:
        Form, columns in their order, encoding and dialect; no row was parsed.

    Raises:
        SourceError: It is empty, of an unknown form, unreadable, wider than ``max_columns``, or a bomb.
    """
    reading, name = reading or Reading(), name or str(path)
    form = FORMS.get(Path(name).suffix.lower())
    if form is None:
        raise SourceError(f"{Path(name).name} is of no form that is read: {_FORMS_READ}. Unpack, convert or rename it")
    if path.stat().st_size == 0:
        raise SourceError(f"{name} is empty (0 bytes): export it again")
    try:
        if form == "parquet":
            return _look_parquet(path, max_columns, name)
        if form == "csv":
            return _look_csv(path, reading, name, max_columns)
        return _look_jsonl(path, encoding_of(path, reading.encoding, name=name), max_columns, name)
    except OSError as error:
        raise SourceError(f"{name} cannot be read ({error.strerror}): check its rights") from error


def missing_columns(facts: FileFacts, wanted: Sequence[str]) -> list[str]:
    """A sentence for each wanted column that the file lacks, with the nearest names."""
    problems = []
    folded = {column.lower(): column for column in (*facts.columns, *facts.inside)}
    shown = ", ".join(facts.columns[:40]) + (" …" if len(facts.columns) > 40 else "")
    for column in wanted:
        if column in facts.columns or column in facts.inside or facts.has_parameters(column):
            continue
        near = [folded[n] for n in difflib.get_close_matches(column.lower(), folded, n=2, cutoff=0.5)]
        hint = f" Did you mean {' or '.join(repr(n) for n in near)}?" if near else ""
        problems.append(f"{facts.file} has no column {column!r}.{hint} It has: {shown}")
    if problems and facts.first:
        problems.append(f"{facts.file}: {facts.no_header}")
    return problems


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


def _look_csv(path: Path, reading: Reading, name: str, max_columns: int) -> FileFacts:
    with path.open("rb") as file:
        _refuse_wide_lines(file, name, max_columns)
    encoding = encoding_of(path, reading.encoding, name=name)
    head = read_head(path, reading, encoding, name=name)
    if len(head.columns) > max_columns:
        raise SourceError(_too_wide(name, f"{len(head.columns):,}", max_columns))
    if not any(head.columns):
        raise SourceError(f"{name} has no header line: its first line must name the columns, or names must be given")
    return FileFacts(
        path,
        "csv",
        head.columns,
        name=name,
        encoding=encoding,
        dialect=head.dialect,
        n_before=head.n_before,
        shape=head.shape,
        notes=(*_encoding_notes(encoding), *head.notes),
        first=head.first if reading.has_header is None else (),
        has_apostrophes=head.has_apostrophes,
        ends_at_cr=head.ends_at_cr,
        reading=reading,
    )


def _encoding_notes(encoding: Encoding) -> list[CuttingNote]:
    if not encoding.is_guessed:
        return []
    says = f"the file does not say its encoding; its letters say {encoding.name}, which can be set as encoding"
    return [CuttingNote("encoding_guessed", "warning", "flag", 1, says, values={encoding.name: 1})]


def _refuse_wide_lines(file: IO[bytes], name: str, max_columns: int) -> None:
    """Read the first lines piecewise: a header with too many columns is refused before it is held whole."""
    counts = dict.fromkeys(DELIMITERS, 0)
    size = n_lines = in_line = 0
    while n_lines < _HEADER_LINES and size < _MAX_HEADER_BYTES and (piece := file.readline(1 << 16)):
        size += len(piece)
        in_line += len(piece)
        for delimiter in counts:
            counts[delimiter] += piece.count(delimiter.encode())
        widest = max(counts.values()) + 1
        if widest > max(4 * max_columns, 10_000) and b"\r" not in piece[:-2]:
            raise SourceError(_too_wide(name, f"more than {widest - 1:,}", max_columns))
        if piece.endswith(b"\n") or b"\r" in piece:
            n_lines += 1
            in_line = 0
            counts = dict.fromkeys(DELIMITERS, 0)
    if not n_lines and in_line >= _MAX_HEADER_BYTES:
        raise SourceError(f"the first line of {name} is longer than {_MAX_HEADER_BYTES >> 20} MiB: this is not a table")


def _too_wide(name: str, found: str, max_columns: int) -> str:
    return (
        f"{name} has {found} columns, at most {max_columns:,} are allowed; it was not parsed. "
        "Keep the columns that matter, or raise max_columns in [data]"
    )


def _look_jsonl(path: Path, encoding: Encoding, max_columns: int, name: str) -> FileFacts:
    columns: dict[str, None] = {}
    inside: dict[str, None] = {}
    lists: dict[str, None] = {}
    size = 0
    with path.open(encoding=encoding.name, errors="replace") as file:
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
                _add_paths(row, "", inside, lists)
            if len(columns) > max_columns:
                raise SourceError(_too_wide(name, f"{len(columns):,}", max_columns))
    notes = tuple(_encoding_notes(encoding))
    found = (tuple(columns), tuple(inside), tuple(lists))
    return FileFacts(
        path, "jsonl", found[0], name=name, encoding=encoding, notes=notes, inside=found[1], lists=found[2]
    )


def _add_paths(value: object, path: str, found: dict[str, None], lists: dict[str, None]) -> None:
    """Paths to the single values inside an object, through lists too, and to the lists."""
    if len(found) > _MAX_PATHS or path.count(".") > _MAX_DEPTH:
        return
    if isinstance(value, dict):
        for name, inner in value.items():
            _add_paths(inner, f"{path}.{name}" if path else str(name), found, lists)
    elif isinstance(value, list):
        for inner in value[:3]:
            if isinstance(inner, dict):
                lists[path] = None
                _add_paths(inner, path, found, lists)
    elif "." in path:
        found[path] = None


def _look_parquet(path: Path, max_columns: int, name: str) -> FileFacts:
    try:
        metadata = pq.read_metadata(path)
    except (ArrowException, OSError) as error:
        raise _unsound(name, error) from error
    schema = metadata.schema.to_arrow_schema()
    if len(schema.names) > max_columns:
        raise SourceError(_too_wide(name, f"{len(schema.names):,}", max_columns))
    if metadata.num_rows == 0:
        raise SourceError(f"{name} has no rows: export it again")
    size = path.stat().st_size
    declared = sum(metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups))
    try:
        cells = bytes_once_read(path, metadata)
    except (ArrowException, OSError) as error:
        raise _unsound(name, error) from error
    for bytes_, ratio in ((declared, _BOMB_RATIO), (cells, 10 * _BOMB_RATIO)):
        if bytes_ > ratio * size and bytes_ > _BOMB_BYTES:
            raise SourceError(
                f"{name} has {size:,} bytes but declares {bytes_ >> 20:,} MiB of values "
                f"({bytes_ // size:,} times as much); it was not parsed: it is damaged or made to exhaust memory"
            )
    inside, lists = _inside(schema)
    return FileFacts(path, "parquet", tuple(schema.names), name=name, inside=inside, lists=lists)


def _unsound(name: str, error: Exception) -> SourceError:
    return SourceError(f"{name} is not a sound Parquet file ({error}): export it again")


def _inside(schema: pa.Schema) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Paths to the single values inside nested columns, through lists too, and to the lists."""
    found, lists = list[str](), list[str]()

    def walk(name: str, type_: pa.DataType, depth: int) -> None:
        if depth > _MAX_DEPTH or len(found) > _MAX_PATHS:
            return
        if pa.types.is_struct(type_):
            for i in range(type_.num_fields):
                walk(f"{name}.{type_.field(i).name}", type_.field(i).type, depth + 1)
        elif pa.types.is_list(type_) and pa.types.is_struct(type_.value_type):
            lists.append(name)
            walk(name, type_.value_type, depth + 1)
        elif depth:
            found.append(name)

    for one in schema:
        walk(one.name, one.type, 0)
    return tuple(found), tuple(lists)
