"""Looks for people in files of any kind: byte by byte, and inside what is compressed."""

from __future__ import annotations

import gzip
import mmap
import re
import zipfile
import zlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from steelyard.data.privacy.change import WIDTH

__all__ = ["Looked", "find_traces", "mentions_in"]

_HEX = re.compile(rb"[0-9a-f]{%d,}" % WIDTH)
_LEAST_BYTES = 6
"""Shorter identifiers stand in any file by chance."""
_BLOCK = 1 << 24
_KEY = 8


@dataclass(frozen=True, slots=True)
class Looked:
    """What a search found."""

    found: dict[str, int] = field(default_factory=dict)
    """Occurrences by file."""
    n_files: int = 0
    n_bytes: int = 0
    n_too_short: int = 0
    """Raw identifiers that were not looked for, since they stand in any file by chance."""


def find_traces(
    roots: Sequence[Path],
    *,
    pseudonyms: Collection[str] = (),
    raw: Collection[str] = (),
    without: Collection[Path] = (),
) -> Looked:
    """Where pseudonyms and raw identifiers stand in all files under some folders.

    Args:
        roots: Folders or files.
        pseudonyms: Of people and visits.
        raw: Texts as people or shops write them; looked for as UTF-8.
        without: Files that are not looked at.

    Returns:
        Occurrences by file. Parquet, gzip and zip are looked at as they are and as what they hold.
    """
    names = frozenset(name.encode() for name in pseudonyms)
    texts = [text.encode("utf-8", "surrogatepass") for text in raw]
    long = _Texts([text for text in texts if len(text) >= _LEAST_BYTES])
    left_out = {path.resolve() for path in without}
    found: dict[str, int] = {}
    n_files = n_bytes = 0
    for path in sorted({p for root in roots for p in ([root] if root.is_file() else root.rglob("*")) if p.is_file()}):
        if path.resolve() in left_out:
            continue
        n_files, n_bytes = n_files + 1, n_bytes + path.stat().st_size
        n = sum(_hex_count(content, names) + long.count(content) for content in _contents(path))
        if n:
            found[str(path)] = n
    return Looked(found, n_files, n_bytes, len(texts) - long.n)


def mentions_in(path: Path, pseudonyms: Collection[str]) -> int:
    """How often pseudonyms stand in a file, byte by byte."""
    names = frozenset(name.encode() for name in pseudonyms)
    return sum(_hex_count(content, names) for content in _as_it_is(path))


def _hex_count(content: Any, names: frozenset[bytes]) -> int:
    if not names:
        return 0
    n = 0
    for match in _HEX.finditer(content):
        run = match.group()
        n += sum(run[at : at + WIDTH] in names for at in range(len(run) - WIDTH + 1))
    return n


class _Texts:
    """Many texts looked for at once: by their first bytes as numbers, then in full."""

    def __init__(self, texts: Sequence[bytes]) -> None:
        self.n = len(texts)
        self._width = min(min(map(len, texts), default=_KEY), _KEY)
        self._by_start: dict[bytes, list[bytes]] = {}
        for text in set(texts):
            self._by_start.setdefault(text[: self._width], []).append(text)
        keys = [int.from_bytes(start, "little") for start in self._by_start]
        self._keys = np.array(sorted(keys), dtype=np.uint64)
        self._longest = max(map(len, texts), default=0)

    def count(self, content: Any) -> int:
        """Occurrences in some bytes."""
        if not self.n:
            return 0
        size, n = len(content), 0
        for low in range(0, size, _BLOCK):
            block = bytes(content[low : low + _BLOCK + self._longest])
            n += self._in_block(block, starts_before=_BLOCK)
        return n

    def _in_block(self, block: bytes, *, starts_before: int) -> int:
        letters = np.frombuffer(block, np.uint8)
        n_starts = min(len(letters) - self._width + 1, starts_before)
        if n_starts <= 0:
            return 0
        keys = np.zeros(n_starts, np.uint64)
        for byte in range(self._width):
            keys |= letters[byte : byte + n_starts].astype(np.uint64) << np.uint64(8 * byte)
        ranks = np.searchsorted(self._keys, keys)
        hits = np.flatnonzero(self._keys[np.minimum(ranks, len(self._keys) - 1)] == keys)
        return sum(
            block.startswith(text, place)
            for place in hits.tolist()
            for text in self._by_start[block[place : place + self._width]]
        )


def _contents(path: Path) -> Iterator[Any]:
    """The bytes of a file, and of what is packed in it."""
    yield from _as_it_is(path)
    try:
        if path.suffix == ".parquet":
            yield from _of_table(path)
        elif path.suffix == ".gz":
            with gzip.open(path) as file:
                while block := file.read(_BLOCK):
                    yield block
        elif zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                for name in archive.namelist():
                    yield archive.read(name)
    except (OSError, EOFError, ValueError, zlib.error, zipfile.BadZipFile):
        return  # not what its name says: it was looked at byte by byte


def _as_it_is(path: Path) -> Iterator[Any]:
    if not path.stat().st_size:
        return
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        yield content


def _of_table(path: Path) -> Iterator[bytes]:
    import pyarrow as pa  # noqa: PLC0415 - a server has no reader of tables, and looks at its event log only
    import pyarrow.parquet as pq  # noqa: PLC0415 - as above

    with pq.ParquetFile(path, pre_buffer=False) as file:
        for batch in file.iter_batches(50_000):
            for values in batch.columns:
                if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
                    yield "\n".join(text for text in values.to_pylist() if text).encode("utf-8", "surrogatepass")
                elif pa.types.is_nested(values.type) or pa.types.is_dictionary(values.type):
                    yield str(values.to_pylist()).encode("utf-8", "surrogatepass")
