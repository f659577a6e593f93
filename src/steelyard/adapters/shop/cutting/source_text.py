"""A file of text as bytes and physical lines: counted, copied with its marks mended, read line by line.

Nothing here knows columns. A line ends at LF, at CR LF, or, where a file has more of them than of LF, at CR; the other
marks that some tools take for line ends (U+2028, U+0085, form feed) are letters.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

__all__ = ["LineReader", "TextFacts", "mend", "survey"]

CHUNK = 1 << 20
MAX_LINE_BYTES = 16 << 20
"""Longest line that is held; a picture of 12 MB written as base64 is shorter."""
_GARBLED = re.compile(
    rb"\xc3[\x82\x83](?:\xc2[\x80-\xbf]|\xe2\x80)|\xc3\xa2\xe2\x82\xac|\xc3[\xa3-\xaf](?:\xc2[\x80-\xbf]){2}"
)
_BLANK = re.compile(rb"(?:(?<=\n)|\A)\r?\n")


@dataclass(frozen=True, slots=True)
class TextFacts:
    """What one pass over the bytes of a file says."""

    n_lf: int = 0
    """Line feeds, those of CR LF among them."""
    n_crlf: int = 0
    n_cr: int = 0
    """CR without a line feed after it."""
    n_blank: int = 0
    """Lines with nothing on them."""
    n_quotes: int = 0
    n_escaped: int = 0
    """Quotation marks after a backslash."""
    n_nul: int = 0
    n_garbled: int = 0
    """Places where UTF-8 was taken for Latin-1 and written in UTF-8 again."""
    ends_in_line_end: bool = True
    ends_at_cr: bool = False
    """Whether CR is known to end lines though LF does too."""

    @property
    def is_cr(self) -> bool:
        """Whether CR ends lines."""
        return self.ends_at_cr or self.n_cr > self.n_lf

    @property
    def n_lines(self) -> int:
        """Physical lines."""
        ends = self.n_lf + self.n_cr if self.is_cr else self.n_lf
        return ends + (not self.ends_in_line_end)

    @property
    def is_mixed(self) -> bool:
        """Whether lines end in more than one way."""
        return bool(self.n_cr) + bool(self.n_crlf) + bool(self.n_lf - self.n_crlf) > 1


def survey(path: Path) -> TextFacts:
    """Count the marks of a file.

    Args:
        path: Text in an encoding that has ASCII in it.

    Returns:
        All counts are of the whole file.
    """
    lf = crlf = cr = blank = quotes = escaped = nul = garbled = 0
    last = b"\n"
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            joined = last + chunk
            lf += chunk.count(b"\n")
            returns = chunk.count(b"\r")
            if returns or last == b"\r":
                crlf += joined.count(b"\r\n")
                cr += returns
            if b"\n\n" in joined or b"\n\r\n" in joined or joined.startswith(b"\r\n"):
                blank += len(_BLANK.findall(joined)) - (last == b"\n")
            quotes += chunk.count(b'"')
            escaped += joined.count(b'\\"') if b"\\" in joined else 0
            garbled += len(_GARBLED.findall(chunk)) if b"\xc3" in chunk else 0
            nul += chunk.count(b"\0")
            last = chunk[-1:]
    is_ended = last in (b"\n", b"\r")
    return TextFacts(lf, crlf, cr - crlf, max(blank, 0), quotes, escaped, nul, garbled, is_ended)


def mend(path: Path, out: IO[bytes], *, encoding: str, facts: TextFacts | None = None) -> None:
    """Copy a file in UTF-8, every line ended by LF alone and without NUL bytes, a bounded amount at a time.

    Args:
        path: What to copy.
        out: Gets the copy.
        encoding: Of the file.
        facts: Its marks; ``None`` changes the encoding alone.
    """
    decoder = None if encoding == "utf-8" else codecs.getincrementaldecoder(encoding)()
    held = b""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            text = held + (decoder.decode(chunk).encode("utf-8") if decoder else chunk)
            held = b"\r" if text.endswith(b"\r") else b""  # its line feed may be the next chunk's first byte
            out.write(_mended(text[: len(text) - len(held)], facts))
    text = held + (decoder.decode(b"", final=True).encode("utf-8") if decoder else b"")
    out.write(_mended(text, facts))
    out.flush()


def _mended(text: bytes, facts: TextFacts | None) -> bytes:
    if facts is None:
        return text
    text = text.replace(b"\r\n", b"\n").replace(b"\0", b"")
    return text.replace(b"\r", b"\n") if facts.is_cr else text


class LineReader:
    """Physical lines as text, one at a time, and a place to put lines back.

    Args:
        file: UTF-8, lines ended by LF.
        fallback: Encoding of the lines that are not UTF-8; empty where those cannot be read.
        max_line: Bytes of the longest line that is given.
    """

    def __init__(self, file: IO[bytes], *, fallback: str = "", max_line: int = MAX_LINE_BYTES) -> None:
        self._read = file.readline
        self._fallback = fallback
        self._max = max_line
        self._back: list[str | None] = []
        self.number = 0
        """Lines given so far, those put back not among them."""
        self.n_fallback = 0
        self.too_long: set[int] = set()
        """Numbers of the lines that are longer than is held."""

    def next(self) -> str | None:
        """The next line with its LF; ``""`` at the end of the file; ``None`` for one that cannot be held or read."""
        if self._back:
            self.number += 1
            return self._back.pop()
        line = self._read(self._max + 1)
        if not line:
            return ""
        self.number += 1
        if len(line) > self._max and line[-1:] != b"\n":
            while (more := self._read(CHUNK)) and more[-1:] != b"\n":
                pass
            self.too_long.add(self.number)
            return None
        try:
            return line.decode("utf-8")
        except UnicodeDecodeError:
            return self._decoded(line)

    def put_back(self, lines: Sequence[str | None]) -> None:
        """Give these lines again, in this order, before any other."""
        self._back.extend(reversed(lines))
        self.number -= len(lines)

    def _decoded(self, line: bytes) -> str | None:
        if not self._fallback:
            return None
        try:
            text = line.decode(self._fallback)
        except UnicodeDecodeError:
            return None
        self.n_fallback += 1
        return text
