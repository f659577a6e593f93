"""The encoding of a file of text: by its mark, by what cannot be otherwise, or by the statistics of its letters."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from steelyard.adapters.shop.cutting.letters import LANGUAGES, likelihood
from steelyard.adapters.shop.cutting.source_text import CHUNK
from steelyard.errors import SourceError

__all__ = ["Encoding", "encoding_of", "known_encoding"]

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ZERO_SHARE = 0.05
"""Of every second byte of UTF-16: marks and line ends are there in any language."""
_SAMPLE_BYTES = 16 << 10
_MAX_LINE = 1 << 20
_UNLIKELY = -8.4
"""Mean logarithm of a letter's share below which a text is in no language that is known."""
_NEVER = -10.5
"""Below it a text is nothing that anybody writes, however much worse the other encodings are."""
_MAX_ODD = 0.2
"""Share of the words with a capital or a line of a frame inside, above which no language has them."""
_ODD = re.compile(r"[^\W\d_][\u2500-\u259f]|[\u2500-\u259f][^\W\d_]")
_LOST, _ASCII = -12.0, -3.4
"""What a byte counts of a line that an encoding cannot read."""
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_MARGIN = 5.0
"""Natural logarithm of how much likelier the best encoding must be than the next that says something else."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """What a file is written in."""

    name: str = "utf-8"
    fallback: str = ""
    """Encoding of the lines that are not UTF-8, in a file that is."""
    is_guessed: bool = False
    n_broken: int = 0
    """Lines that are not UTF-8, in a file that is."""


@dataclass(frozen=True, slots=True)
class _Read:
    """A sample as an encoding reads it."""

    name: str
    text: str
    score: float
    mean: float


@dataclass(frozen=True, slots=True)
class _Lines:
    """Lines with bytes beyond ASCII."""

    n_utf8: int
    n_strong: int
    """Of the lines that are UTF-8 those with several such letters: one alone may be two letters of another encoding."""
    n_other: int
    other: tuple[bytes, ...]
    """Some that are not UTF-8."""


def known_encoding(given: str, name: str) -> str:
    """The encoding a configuration names.

    Args:
        given: As it is written.
        name: Of the file, in messages.

    Returns:
        Its usual name.

    Raises:
        SourceError: There is none of that name.
    """
    try:
        found = codecs.lookup(given).name
        "".encode(found)
    except (LookupError, UnicodeError, TypeError) as error:
        raise SourceError(f"{name}: there is no encoding {given!r}: write utf-8, gb18030, cp949, cp1252 …") from error
    return found


def encoding_of(path: Path, given: str = "", *, name: str = "") -> Encoding:
    """Encoding of a whole text file.

    Args:
        path: A file that is there.
        given: What the configuration says; empty where it says nothing.
        name: Of the file, in messages.

    Returns:
        Every line can be read in it, or is counted as broken.

    Raises:
        SourceError: The given encoding is not the file's, or several are as likely; the message has a sample of each.
    """
    name = name or str(path)
    with path.open("rb") as file:
        start = file.read(1 << 16)
    if given:
        known = known_encoding(given, name).replace("utf-8-sig", "utf-8")
        failed_at = _fails_at(path, known)
        if failed_at is not None and known != "utf-8":
            raise SourceError(f"{name} is not {given}: byte {failed_at:,} cannot be read in it. Correct encoding")
        return Encoding(known, n_broken=0 if failed_at is None else _lines(path).n_other)
    for bom, marked in _BOMS:
        if start.startswith(bom):
            failed_at = _fails_at(path, marked)
            if failed_at is not None and marked != "utf-8":
                raise SourceError(
                    f"{name} breaks off or is damaged: byte {failed_at:,} is not {marked}. Export it again"
                )
            return Encoding(marked, n_broken=0 if failed_at is None else _lines(path).n_other)
    wide = _wide(start)
    if wide and _fails_at(path, wide) is None:
        return Encoding(wide, is_guessed=True)
    if _fails_at(path, "utf-8") is None:
        return Encoding()
    return _guessed(path, name)


def _wide(start: bytes) -> str:
    """UTF-16 without a mark: its zeros are at every second byte only, and not single ones in a text of UTF-8."""
    zeros = (start[::2].count(0), start[1::2].count(0))
    if max(zeros) <= _ZERO_SHARE * len(start) / 2 or min(zeros) > 0.01 * max(zeros):
        return ""
    if sum(zeros) < len(start) // 4:
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            decoder.decode(start)
        except UnicodeDecodeError:
            pass
        else:
            return ""
    return "utf-16-be" if zeros[0] else "utf-16-le"


def _guessed(path: Path, name: str) -> Encoding:
    """What the lines that are not UTF-8 are written in."""
    lines = _lines(path)
    is_utf8 = lines.n_strong >= lines.n_other or lines.n_utf8 >= 4 * lines.n_other
    every = _ranked(lines.other)
    ranked = [one for one in every if _is_language(one)] or every
    best = ranked[0] if ranked else None
    rivals = [one for one in ranked[1:] if best and best.score - one.score < _MARGIN]
    lead = best.score - ranked[1].score if best and len(ranked) > 1 else 4 * _MARGIN
    is_sure = best is not None and not rivals and (best.mean > _UNLIKELY or lead >= 4 * _MARGIN) and _is_language(best)
    if is_utf8:
        return Encoding(fallback=best.name if is_sure and best else "", n_broken=lines.n_other)
    if not is_sure or best is None:
        failed_at = _fails_at(path, "utf-8")
        shown = "; ".join(f"{one.name}: {_shown(one.text)}" for one in ranked[: max(2, len(rivals) + 1)][:4])
        read_as = f" It could be {shown}." if shown else ""
        raise SourceError(
            f"{name} is not UTF-8 (it breaks near byte {failed_at:,}), and its encoding cannot be told for sure."
            f'{read_as} Set encoding = "NAME" in its section, or save it as UTF-8'
        )
    if lines.n_strong > max(2, 0.05 * lines.n_other):
        return Encoding(fallback=best.name, n_broken=lines.n_other)
    if _fails_at(path, best.name) is not None:
        return Encoding(fallback=best.name, n_broken=lines.n_other)
    return Encoding(best.name, is_guessed=True)


def _is_language(read: _Read) -> bool:
    """Whether somebody may have written this: one table of letters read by another has capitals inside its words."""
    words = [word for word in read.text.replace(",", " ").split() if not word.isascii()]
    odd = sum(
        bool(_ODD.search(word)) or any(a.islower() and b.isupper() and b > "\x7f" for a, b in pairwise(word))
        for word in words
    )
    return read.mean > _NEVER and odd <= max(1, _MAX_ODD * len(words))


def _ranked(sample: Sequence[bytes]) -> list[_Read]:
    """Encodings that can be, the likeliest first, each with what it makes of some lines; equal texts only once.

    A line that an encoding cannot read speaks against it and does not rule it out: some lines may just be broken.
    """
    found: dict[str, _Read] = {}
    for name, languages in LANGUAGES.items():
        texts, lost = list[str](), 0.0
        for line in sample:
            text = _decoded(line, name)
            if text is None:
                lost += sum(_LOST if byte > 127 else _ASCII * chr(byte).isalnum() for byte in line)
            else:
                texts.append(text)
        if not texts:
            continue
        text = "".join(texts)
        score, mean = max(likelihood(text, language) for language in languages)
        score += lost
        before = found.get(text)
        if before is None or before.score < score:
            found[text] = _Read(before.name if before else name, text, score, mean)
    return sorted(found.values(), key=lambda one: -one.score)


def _decoded(line: bytes, encoding: str) -> str | None:
    """A line as an encoding reads it; ``None`` where it cannot, or gives signs that no one writes."""
    try:
        text = line.decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if _CONTROL.search(text) else text


def _lines(path: Path) -> _Lines:
    n_utf8 = n_strong = n_other = 0
    other: list[bytes] = []
    size = 0
    with path.open("rb") as file:
        while line := file.readline(_MAX_LINE):
            if line.isascii():
                continue
            try:
                text = line.decode("utf-8")
            except UnicodeDecodeError:
                n_other += 1
                if size < _SAMPLE_BYTES:
                    other.append(line)
                    size += len(line)
            else:
                n_utf8 += 1
                n_strong += sum(c > "\x7f" for c in text) > 1
    return _Lines(n_utf8, n_strong, n_other, tuple(other))


def _shown(text: str) -> str:
    """Some words of a sample with letters beyond ASCII."""
    words = [word for line in text.splitlines() for word in line.split() if not word.isascii()]
    return " ".join(words[:3])[:60]


def _fails_at(path: Path, encoding: str) -> int | None:
    decoder = codecs.getincrementaldecoder(encoding)()
    done = 0
    with path.open("rb") as file:
        try:
            while chunk := file.read(CHUNK):
                decoder.decode(chunk)
                done += len(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            return done + error.start
    return None
