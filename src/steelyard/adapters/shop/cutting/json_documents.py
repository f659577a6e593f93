"""JSON documents into one object a line: an array, or an object that holds a list of rows somewhere inside."""

from __future__ import annotations

import codecs
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from steelyard.data.schema import CuttingNote
from steelyard.errors import SourceError

__all__ = ["as_lines"]

_CHUNK = 1 << 16
_MAX_VALUE = 32 << 20
_MAX_DEPTH = 20
_MAX_DIGITS = 40
_SPACES = " \t\r\n\ufeff\x1e"
_WRAPPERS = ("node", "item")
"""Names of objects that a list wraps its rows in: GraphQL's edges and the list items of JSON-LD."""


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= _MAX_DIGITS else digits


_DECODER = json.JSONDecoder(parse_int=_integer, parse_constant=lambda _: None)


class _Text:
    """The document, a bounded part of it at a time."""

    def __init__(self, path: Path, encoding: str, name: str) -> None:
        self._file: IO[bytes] = path.open("rb")
        self._decoder = codecs.getincrementaldecoder("utf-8-sig" if encoding == "utf-8" else encoding)(errors="replace")
        self._is_over = False
        self._name = name
        self.buffer = ""
        self.at = 0
        self.before = 0

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def more(self, n: int = _CHUNK) -> bool:
        """Read on; False at the end."""
        if self._is_over:
            return False
        chunk = self._file.read(n)
        self._is_over = not chunk
        self.before += self.at
        self.buffer = self.buffer[self.at :] + self._decoder.decode(chunk, final=self._is_over)
        self.at = 0
        return bool(chunk)

    def peek(self) -> str:
        """The next character that is no blank; empty at the end."""
        while True:
            while self.at < len(self.buffer) and self.buffer[self.at] in _SPACES:
                self.at += 1
            if self.at < len(self.buffer):
                return self.buffer[self.at]
            if not self.more():
                return ""

    def take(self, wanted: str) -> None:
        """Go over a mark that must be next."""
        if self.peek() != wanted:
            raise self.broken(f"{wanted!r} is missing")
        self.at += 1

    def value(self) -> Any:
        """The next value, whole."""
        self.peek()
        size = _CHUNK
        while True:
            try:
                found, end = _DECODER.raw_decode(self.buffer, self.at)
            except RecursionError as error:
                raise self.broken("it is nested too deeply") from error
            except ValueError as error:
                if len(self.buffer) - self.at > _MAX_VALUE or not self.more(size):
                    raise self.broken("a value breaks off") from error
                size *= 2
                continue
            if end == len(self.buffer) and not isinstance(found, dict | list | str) and self.more(size):
                continue  # a number may go on
            self.at = end
            return found

    def broken(self, why: str) -> SourceError:
        """The error that says where."""
        place = self.before + self.at
        return SourceError(f"{self._name} is no sound JSON ({why} near character {place:,}): export it again")


def as_lines(path: Path, out: IO[bytes], *, encoding: str, records: str, name: str) -> list[CuttingNote]:
    """Write the rows of a document, one JSON object a line.

    Args:
        path: The document, or several after one another.
        out: Gets the lines.
        encoding: Of the document.
        records: Path to the list of rows; empty where it is to be found.
        name: Of the file, in messages.

    Returns:
        What was decided.

    Raises:
        SourceError: It is broken, holds no list of objects, or several and none is named.
    """
    if _is_sequence(path, encoding, name):
        return _write(path, out, encoding, name, wanted=None)
    counts: Counter[str] = Counter()
    for where, _ in _elements(path, encoding, name):
        counts[where] += 1
    wanted = _chosen(counts, records, name)
    return _write(path, out, encoding, name, wanted=wanted)


def _is_sequence(path: Path, encoding: str, name: str) -> bool:
    """Whether objects follow one another without a list around them."""
    text = _Text(path, encoding, name)
    try:
        if text.peek() != "{":
            return False
        try:
            first = text.value()
        except SourceError:
            return False  # a large document
        if text.peek() in ("{", ","):
            return True
        return not any(isinstance(value, list | dict) for value in first.values())
    finally:
        text.close()


def _chosen(counts: Counter[str], records: str, name: str) -> str:
    if not counts:
        raise SourceError(f"{name} holds no list of objects: a table in JSON is a list of objects, one a row")
    listed = ", ".join(f"{where or 'the whole'} ({n:,})" for where, n in counts.most_common(6))
    if records:
        if records not in counts:
            raise SourceError(f"{name} has no list at {records!r}: it has lists at {listed}")
        return records
    (where, n), *others = counts.most_common(2)
    if others and others[0][1] > n // 2:
        raise SourceError(f"{name} holds several lists: {listed}. Name the one that is meant, as records = {where!r}")
    return where


def _write(path: Path, out: IO[bytes], encoding: str, name: str, *, wanted: str | None) -> list[CuttingNote]:
    n_others = n_rows = n_plain = 0
    is_typed = False
    found = _sequence(path, encoding, name) if wanted is None else _elements(path, encoding, name)
    for where, element in found:
        if wanted is not None and where != wanted:
            n_others += 1
            continue
        row = _unwrapped(element)
        if not isinstance(row, dict):
            n_plain += 1
            continue
        is_typed = is_typed or "@type" in row
        out.write(json.dumps(row, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
        n_rows += 1
    out.flush()
    notes = []
    if wanted:
        says = "the rows are a list inside the document; set records to read another"
        notes.append(CuttingNote("records_found", "info", "flag", 1, says, values={wanted: n_rows}))
    if n_plain:
        says = "elements of the list that are no objects are no rows"
        notes.append(CuttingNote("records_not_objects", "warning", "flag", n_plain, says))
    return notes


def _unwrapped(row: Any) -> Any:
    for name in _WRAPPERS:
        if isinstance(row, dict) and isinstance(row.get(name), dict) and len(row) <= 4:
            others = [value for key, value in row.items() if key != name]
            if not any(isinstance(value, dict | list) for value in others):
                return row[name]
    return row


def _sequence(path: Path, encoding: str, name: str) -> Iterator[tuple[str, Any]]:
    text = _Text(path, encoding, name)
    try:
        while text.peek():
            if text.peek() == ",":
                text.at += 1
                continue
            yield "", text.value()
    finally:
        text.close()


def _elements(path: Path, encoding: str, name: str) -> Iterator[tuple[str, Any]]:
    """Every element of every outermost list of objects, with the path to the list."""
    text = _Text(path, encoding, name)
    try:
        yield from _walk(text, "", 0)
        if text.peek():
            raise text.broken("something follows the end")
    finally:
        text.close()


def _walk(text: _Text, path: str, depth: int) -> Iterator[tuple[str, Any]]:
    if depth > _MAX_DEPTH:
        raise text.broken("it is nested too deeply")
    start = text.peek()
    if start == "{":
        yield from _members(text, path, depth)
    elif start == "[":
        text.at += 1
        is_rows = text.peek() == "{"
        while text.peek() != "]":
            element = text.value()
            if is_rows:
                yield path, element
            if text.peek() == ",":
                text.at += 1
            elif text.peek() != "]":
                raise text.broken("a list is not closed")
        text.at += 1
    else:
        text.value()


def _members(text: _Text, path: str, depth: int) -> Iterator[tuple[str, Any]]:
    text.take("{")
    while text.peek() != "}":
        key = text.value()
        text.take(":")
        yield from _walk(text, f"{path}.{key}" if path else str(key), depth + 1)
        if text.peek() == ",":
            text.at += 1
        elif text.peek() != "}":
            raise text.broken("an object is not closed")
    text.at += 1
