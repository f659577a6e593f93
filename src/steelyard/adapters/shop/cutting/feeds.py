"""Product feeds and other XML of repeated elements into rows of texts: RSS and Atom with g: names, YML, plain lists."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from xml.parsers import expat

from steelyard.adapters.shop.cutting.row_store import Copies, store_rows
from steelyard.adapters.shop.cutting.source_text import mend
from steelyard.data.schema import CuttingNote, Reading
from steelyard.errors import SourceError

__all__ = ["feed_rows"]

_CHUNK = 1 << 16
_MAX_DEPTH = 40
_MAX_ROW = 16 << 20
_MOST_AROUND = 1000
"""Rows inside one element, on average, up to which the values around them are read."""
_USUAL = ("item", "entry", "product", "offer", "row", "record", "shopitem", "artikel", "产品")
_DECLARED = re.compile(rb"<\?xml[^>]*encoding=[\"']([A-Za-z0-9_.:-]+)")
_KNOWN = frozenset({"utf-8", "utf-16", "iso-8859-1", "us-ascii", "ascii", "utf8"})


@dataclass(slots=True)
class _Element:
    """An element that is open."""

    name: str
    texts: list[str] = field(default_factory=list)
    has_children: bool = False
    suffix: str = ""


class _Walker:
    """Goes through a document: gives every element at one path, or counts the paths that could be one."""

    def __init__(self, name: str, at: str = "", *, around: str = "") -> None:
        self._name, self._at, self._around = name, at, around
        self._outer: dict[str, str] | None = None  # values around the rows of the element that is open
        self._held: list[dict[str, str]] = []
        self._rows: list[dict[str, str]] = []
        self._open: list[_Element] = []
        self._cells: dict[str, str] | None = None
        self._depth = 0
        self._size = 0
        self.counts: Counter[str] = Counter()

    def walk(self, path: Path, encoding: str | None) -> Iterator[dict[str, str]]:
        """Parse the whole document."""
        parser = expat.ParserCreate(encoding, "}")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.EntityDeclHandler = self._refuse_entity
        try:
            with path.open("rb") as file:
                while chunk := file.read(_CHUNK):
                    parser.Parse(chunk, False)
                    yield from self._rows
                    self._rows.clear()
                parser.Parse(b"", True)
                yield from self._rows
        except expat.ExpatError as error:
            why = expat.ErrorString(error.code)
            raise SourceError(
                f"{self._name} is no sound XML (line {error.lineno:,}: {why}): export it again"
            ) from error
        except (ValueError, LookupError) as error:
            raise SourceError(f"{self._name} cannot be read ({str(error)[:80]}): save it as UTF-8") from error

    def _refuse_entity(self, *_: object) -> None:
        raise SourceError(f"{self._name} declares entities, which can be made to exhaust memory: it was not read on")

    def _start(self, tag: str, attributes: Mapping[str, str]) -> None:
        local = tag.rsplit("}", 1)[-1]
        if len(self._open) >= _MAX_DEPTH:
            raise SourceError(f"{self._name} is nested more than {_MAX_DEPTH} deep: this is no table")
        if self._open:
            self._open[-1].has_children = True
        self._open.append(_Element(local))
        if self._at and self._cells is None and self._path() == self._at:
            self._cells, self._depth, self._size = {}, len(self._open), 0
        elif self._around and self._path() == self._around:
            self._outer, self._size = {}, 0
        if self._cells is None and self._outer is None:
            return
        prefix = self._inside()
        if prefix and set(attributes) == {"name"}:
            self._open[-1].suffix = "." + attributes["name"]
            return
        for key, value in attributes.items():
            self._put(".".join(filter(None, (prefix, key.rsplit("}", 1)[-1]))), value)

    def _end(self, _: str) -> None:
        element = self._open[-1]
        if not self._at:
            if element.has_children:
                self.counts[self._path()] += 1
        elif self._cells is not None:
            text = "".join(element.texts).strip()
            if len(self._open) == self._depth:
                if text and not element.has_children:
                    self._put("text", text)
                (self._rows if self._outer is None else self._held).append(self._cells)
                self._cells = None
            elif text and not element.has_children:
                self._put(self._inside(), text)
        elif self._outer is not None:
            text = "".join(element.texts).strip()
            if self._path() == self._around:
                self._rows += [{**self._outer, **cells} for cells in self._held]
                self._outer, self._held = None, []
            elif text and not element.has_children:
                self._put(self._inside(), text)
        self._open.pop()

    def _text(self, text: str) -> None:
        if self._cells is not None or self._outer is not None:
            self._size += len(text)
            if self._size > _MAX_ROW:
                raise SourceError(f"{self._name} has a row longer than {_MAX_ROW >> 20} MiB: this is no feed")
            self._open[-1].texts.append(text)

    def _path(self) -> str:
        return ".".join(element.name for element in self._open)

    def _inside(self) -> str:
        """Path within the row; outside of it the path that begins with the element around it."""
        depth = self._depth if self._cells is not None else self._around.count(".")
        return ".".join(element.name + element.suffix for element in self._open[depth:])

    def _put(self, column: str, value: str) -> None:
        """A value; a name that is there already is numbered."""
        cells = self._cells if self._cells is not None else self._outer
        assert cells is not None
        name, n = column, 1
        while name in cells:
            if cells[name] == value:
                return
            n += 1
            name = f"{column}_{n}"
        cells[name] = value


def feed_rows(
    path: Path, copies: Copies, reading: Reading, *, name: str, max_columns: int
) -> tuple[Path, list[CuttingNote]]:
    """Store the rows of a feed as Parquet.

    Args:
        path: The feed.
        copies: For the rows.
        reading: What the configuration says of it.
        name: Of the file, in messages.
        max_columns: Most columns a table may have.

    Returns:
        Where the copy is, and what was decided.

    Raises:
        SourceError: It is broken or a bomb, or holds no elements that repeat.
    """
    path, encoding = _readable(path, copies, reading.encoding)
    survey = _Walker(name)
    for _ in survey.walk(path, encoding):
        pass
    at = _chosen(survey.counts, reading.records, name)
    around = _repeated_around(survey.counts, at)
    columns: dict[str, None] = {}
    for row in _Walker(name, at, around=around).walk(path, encoding):
        columns.update(dict.fromkeys(row))
        if len(columns) > max_columns:
            raise SourceError(f"{name} has more than {max_columns:,} columns: keep those that matter")
    file, names = copies.new(), list(columns)
    rows = _Walker(name, at, around=around).walk(path, encoding)
    store_rows(([row.get(column) for column in names] for row in rows), names, file)
    says = "the rows are the elements of this name; set records to read others"
    return copies.path(file), [CuttingNote("records_found", "info", "flag", 1, says, values={at: survey.counts[at]})]


def _repeated_around(counts: Counter[str], at: str) -> str:
    """The widest element around the rows that is there more than once, as the order around its lines; empty if none.

    Its rows are held until it ends, so it may not be around many.
    """
    steps = at.split(".")
    outer = (".".join(steps[:n]) for n in range(1, len(steps)))
    found = next((path for path in outer if counts[path] > 1), "")
    return found if found and counts[at] <= _MOST_AROUND * counts[found] else ""


def _readable(path: Path, copies: Copies, given: str) -> tuple[Path, str | None]:
    """The feed in an encoding that the parser knows."""
    with path.open("rb") as file:
        declared = _DECLARED.match(file.read(200).lstrip(b"\xef\xbb\xbf \r\n"))
    encoding = given or (declared[1].decode("ascii") if declared else "")
    if not encoding or encoding.lower() in _KNOWN:
        return path, None
    copy: IO[bytes] = copies.new()
    try:
        mend(path, copy, encoding=encoding)
    except (LookupError, UnicodeDecodeError) as error:
        raise SourceError(f"{path.name} is not in the encoding it declares, {encoding}: save it as UTF-8") from error
    return copies.path(copy), "utf-8"


def _chosen(counts: Counter[str], records: str, name: str) -> str:
    listed = ", ".join(f"{path} ({n:,})" for path, n in counts.most_common(6))
    if records:
        if records not in counts:
            raise SourceError(f"{name} has no elements at {records!r} with others inside; it has {listed or 'none'}")
        return records
    if not counts:
        raise SourceError(f"{name} holds no elements with others inside: this is no feed")
    usual = [path for path in counts if path.rsplit(".", 1)[-1].lower() in _USUAL]
    if usual:
        return min(usual, key=lambda path: (path.count("."), -counts[path]))
    depth = min(path.count(".") for path, n in counts.items() if n == max(counts.values()))
    return max((path for path in counts if path.count(".") == depth), key=lambda path: counts[path])
