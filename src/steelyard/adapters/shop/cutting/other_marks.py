"""Files cut by marks of several letters: ``::`` between cells, typographic quotes around them.

Such a file is copied with the usual marks in their place; its lines stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from steelyard.data.schema import CuttingNote

__all__ = ["OtherMarks", "other_marks", "with_usual_marks"]

_SAMPLE_BYTES = 64 << 10
_CHUNK = 1 << 20
_FEWEST = 2
_HALF = 0.5
_COLONS, _ONE = b"::", b"\x01"
_EDGE = rb"[,;\t|]"
_PAIRS = (("“", "”"), ("„", "“"), ("„", "”"), ("«", "»"), ("”", "”"))


@dataclass(frozen=True, slots=True)
class OtherMarks:
    """What is written in the place of the usual marks."""

    has_colons: bool = False
    quotes: tuple[str, str] | None = None
    """The mark that opens a cell, and the one that closes it."""

    @property
    def note(self) -> CuttingNote:
        """What is said of such a file."""
        says = "cells are divided by ::" if self.quotes is None else f"cells are quoted by {' and '.join(self.quotes)}"
        return CuttingNote("dialect_told", "info", "flag", 1, f"decided from the whole file: {says}")


def other_marks(path: Path) -> OtherMarks | None:
    """By which other marks a file is cut, as its beginning shows.

    Args:
        path: The file, of text in UTF-8 or an encoding of single letters.

    Returns:
        ``None`` where it has the usual ones: ``::`` must be in every line alike, and quotes in pairs around cells of
        half of the lines at least, with no plain quotation mark beside them.
    """
    with path.open("rb") as file:
        sample = file.read(_SAMPLE_BYTES)
    lines = sample.splitlines()
    lines = [line for line in (lines if len(sample) < _SAMPLE_BYTES else lines[:-1]) if line.strip()]
    if len(lines) < _FEWEST:
        return None
    counts = {line.count(_COLONS) for line in lines}
    if _ONE not in sample and len(counts) == 1 and counts.pop() >= _FEWEST:
        return OtherMarks(has_colons=True)
    pair = next((pair for pair in _PAIRS if b'"' not in sample and _is_quoted(lines[1:], pair)), None)
    return OtherMarks(quotes=pair) if pair else None


def with_usual_marks(path: Path, marks: OtherMarks, out: IO[bytes]) -> None:
    """Write the file with usual marks.

    Args:
        path: The file.
        marks: What ``other_marks`` told.
        out: Is written to.
    """
    with path.open("rb") as file:
        if marks.quotes is None:
            out.writelines(piece.replace(_COLONS, _ONE) for piece in _pieces(file))
            return
        opening, closing = _edges(marks.quotes)
        for line in file:
            out.write(closing.sub(rb'"\1', opening.sub(rb'\1"', line)))


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    """The file in pieces of which none ends between two colons."""
    left = b""
    while piece := file.read(_CHUNK):
        piece = left + piece
        left = b":" if piece.endswith(b":") and not piece.endswith(_COLONS) else b""
        yield piece[: len(piece) - len(left)]
    yield left


def _edges(pair: tuple[str, str]) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    first, last = (re.escape(mark.encode()) for mark in pair)
    return re.compile(rb"(^|" + _EDGE + rb")" + first), re.compile(last + rb"(\s*$|" + _EDGE + rb")")


def _is_quoted(lines: list[bytes], pair: tuple[str, str]) -> bool:
    first, last = (re.escape(mark.encode()) for mark in pair)
    cell = re.compile(rb"(?:^|" + _EDGE + rb")" + first + rb"[^\n]*?" + last + rb"(?=\s*$|" + _EDGE + rb")")
    opening, closing = _edges(pair)
    n_paired = sum(cell.search(line) is not None for line in lines)
    n_open, n_closed = (sum(len(edge.findall(line)) for line in lines) for edge in (opening, closing))
    return n_paired >= max(_FEWEST, _HALF * len(lines)) and n_open == n_closed
