"""Reads and writes files of charges and hours: CSV, plain or gzipped; Parquet. A hostile file is refused cheaply."""

from __future__ import annotations

import codecs
import csv
import difflib
import gzip
import importlib
import io
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import IO, Any

from steelyard.errors import ConfigError, MissingExtra, SourceError, StorageError
from steelyard.ledger.invoices.centres import StageRules, parse_stage_rules
from steelyard.ledger.invoices.mapping import BillMapping, parse_mapping
from steelyard.ledger.invoices.problems import BillProblems

__all__ = ["BillFile", "BillFiles"]

_MAX_BYTES = 4 << 30
_MAX_LINE = 1 << 20
_MAX_COLUMNS = 2000
_MAX_RULES = 1 << 20
_STAGES = "stages.json"
_PARQUET = b"PAR1"
"""How a file of Parquet begins."""


@dataclass(frozen=True, slots=True)
class BillFile:
    """An open file: its header, and its lines as they are read."""

    name: str
    header: tuple[str, ...]
    lines: Iterator[tuple[int, dict[str, str]]]
    """Line number in the file, and values by the header's names."""
    delimiter: str
    """Between the fields; empty where the file has types, and its numbers are written like ``-1234.5``."""


class BillFiles:
    """Files of bills, and the mappings and rules that read them.

    Args:
        max_bytes: Most bytes of a file once it is unpacked.
    """

    def __init__(self, max_bytes: int = _MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._shipped = files("steelyard.ledger.invoices") / "mappings"

    def open(self, path: Path, problems: BillProblems, *, encoding: str = "utf-8") -> BillFile:
        """A file whose header was read.

        Args:
            path: ``.csv`` or ``.csv.gz`` with commas, semicolons or tabs; or Parquet.
            problems: Lines with more or fewer fields than the header are added while the lines are read.
            encoding: As Python names it; a mark at the beginning of UTF-8 is taken off.

        Returns:
            Header and lines; nothing but the header is read yet. Reading the lines raises SourceError where the file is
            damaged, wrongly encoded, or larger than it may be.

        Raises:
            SourceError: It is missing, empty, too large, or no table.
            ConfigError: There is no such encoding.
            MissingExtra: It is Parquet, and pyarrow is not installed.
        """
        self._check_file(path)
        with path.open("rb") as raw:
            is_parquet = raw.read(len(_PARQUET)) == _PARQUET
        if is_parquet:
            names, typed = _parquet().open_parquet(path)
            _check_header(path, names)
            return BillFile(path.name, names, typed, "")
        try:
            known = codecs.lookup(encoding).name
        except LookupError as error:
            raise ConfigError(f"no encoding {encoding!r}; give utf-8, gb18030 or another that Python knows") from error
        text = self._text(path, "utf-8-sig" if known == "utf-8" else known)
        first = next(text, "")
        delimiter = max(",;\t", key=first.count)
        rows = csv.reader(_again(first, text), delimiter=delimiter, strict=True)
        header = tuple(name.strip() for name in next(rows, []))
        _check_header(path, header)
        return BillFile(path.name, header, _lines(path, header, rows, problems), delimiter)

    def mappings(self) -> list[BillMapping]:
        """The mappings that are shipped, by name."""
        names = sorted(each.name for each in self._shipped.iterdir() if each.name.endswith(".json"))
        return [
            parse_mapping(json.loads((self._shipped / name).read_text("utf-8")), where=name)
            for name in names
            if name != _STAGES
        ]

    def mapping(self, path: Path) -> BillMapping:
        """A user's own mapping.

        Args:
            path: A JSON file.

        Returns:
            The mapping, named as its file says, or after the file.

        Raises:
            ConfigError: It is missing or wrong.
        """
        return parse_mapping(_document(path), where=path.name)

    def stage_rules(self, path: Path | None = None) -> StageRules:
        """Rules that choose a stage: a user's own, or those shipped.

        Args:
            path: A JSON file; the shipped rules when left out.

        Returns:
            The rules.

        Raises:
            ConfigError: The file is missing or wrong.
        """
        if path is not None:
            return parse_stage_rules(_document(path), where=path.name)
        return parse_stage_rules(json.loads((self._shipped / _STAGES).read_text("utf-8")), where=_STAGES)

    def document(self, path: Path) -> Any:
        """What a small JSON file holds: rates, names."""
        return _document(path)

    def write(self, path: Path, header: Sequence[str], rows: Iterable[Mapping[str, str]]) -> int:
        """Write rows as CSV in UTF-8, gzipped where the name ends in ``.gz``.

        Args:
            path: Written whole or not at all.
            header: Columns, in order.
            rows: Values by column; what is missing is left empty.

        Returns:
            How many rows were written.

        Raises:
            StorageError: They could not be written; what was there before is untouched.
        """
        fresh = path.with_name(f"{path.name}.part")
        n = 0
        try:
            with _opened(fresh, is_gzip=path.suffix == ".gz") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow(header)
                for row in rows:
                    writer.writerow([row.get(name, "") for name in header])
                    n += 1
            fresh.replace(path)
        except OSError as error:
            raise StorageError(f"cannot write {path} ({error.strerror}); give a folder that can be written") from error
        finally:
            fresh.unlink(missing_ok=True)
        return n

    def _check_file(self, path: Path) -> None:
        if not path.is_file():
            near = difflib.get_close_matches(path.name, [each.name for each in path.parent.glob("*")]) or ["none near"]
            raise SourceError(f"no file {path}; in its folder: {', '.join(near)}")
        if path.stat().st_size > self._max_bytes:
            raise SourceError(
                f"{path} has {path.stat().st_size:,} bytes; at most {self._max_bytes:,} are read. Split it"
            )

    def _text(self, path: Path, encoding: str) -> Iterator[str]:
        """Lines of a file; a line or a file longer than it may be is refused before it is held."""
        n_bytes = number = 0
        try:
            with path.open("rb") as raw:
                unpacked: Any = gzip.GzipFile(fileobj=raw) if raw.peek(2)[:2] == b"\x1f\x8b" else raw
                if raw.peek(4)[:4] == b"PK\x03\x04":
                    raise SourceError(f"{path} is a workbook or an archive: save the sheet as CSV, or unpack it")
                with io.TextIOWrapper(unpacked, encoding=encoding, newline="") as file:
                    while line := file.readline(_MAX_LINE):
                        number += 1
                        n_bytes += len(line)
                        if n_bytes > self._max_bytes or (len(line) == _MAX_LINE and not line.endswith("\n")):
                            what = f"line {number} is longer than {_MAX_LINE:,}" if n_bytes <= self._max_bytes else (
                                f"it unpacks to more than {self._max_bytes:,}"
                            )  # fmt: skip
                            raise SourceError(f"{path}: {what} characters; this is no bill, or split it")
                        yield line
        except UnicodeDecodeError as error:
            line_number = number + 1 + error.object[: error.start].count(b"\n")
            raise SourceError(
                f"{path}, line {line_number}: not {encoding.removesuffix('-sig')} ({error.reason}); "
                "save it as UTF-8, or give its --encoding, for example gb18030"
            ) from error
        except (OSError, EOFError, zlib.error) as error:
            raise SourceError(f"{path} cannot be read ({error}); copy it again") from error


def _parquet() -> Any:
    try:
        return importlib.import_module("steelyard.adapters.invoices.bill_parquet")
    except ModuleNotFoundError as error:
        raise MissingExtra(
            "the file is Parquet, which pyarrow reads, and that is not installed: pip install pyarrow (it comes with "
            "'steelyard[train]' too), or export the bill as CSV"
        ) from error


def _again(first: str, rest: Iterator[str]) -> Iterator[str]:
    if first:
        yield first
    yield from rest


def _check_header(path: Path, header: tuple[str, ...]) -> None:
    if len(header) < 2 or len(header) > _MAX_COLUMNS:
        raise SourceError(f"{path} is no table: its first line has {len(header)} columns; a bill has a header")
    named = [name for name in header if name]
    if len(set(named)) < len(named):
        twice = sorted({name for name in named if named.count(name) > 1})
        raise SourceError(f"{path}: the column {', '.join(twice)} is there twice; which one counts? Take one out")


def _lines(
    path: Path, header: tuple[str, ...], rows: Any, problems: BillProblems
) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        for fields in rows:
            if len(fields) == len(header):
                yield rows.line_num, dict(zip(header, fields, strict=True))
            elif fields:
                problems.add(
                    "a line has another number of fields than the header", rows.line_num,
                    f"{len(fields)} instead of {len(header)}",
                )  # fmt: skip
    except csv.Error as error:
        raise SourceError(f"{path}, line {rows.line_num}: {error}; is a quotation mark never closed?") from error


def _document(path: Path) -> Any:
    if not path.is_file() or path.stat().st_size > _MAX_RULES:
        raise ConfigError(f"{path} is not there, or larger than {_MAX_RULES:,} bytes")
    try:
        return json.loads(path.read_text("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path} is not JSON: {error}") from error


def _opened(path: Path, *, is_gzip: bool) -> IO[str]:
    return (
        gzip.open(path, "wt", encoding="utf-8", newline="") if is_gzip else path.open("w", encoding="utf-8", newline="")
    )
