"""Packed files, unpacked into copies without a name; what would unpack into far more than it is, is refused."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Literal

import pyarrow as pa

from steelyard.adapters.shop.cutting.row_store import Copies
from steelyard.errors import SourceError

__all__ = ["PACKED", "unpack", "unpack_members"]

PACKED: dict[str, Literal["gzip", "bz2", "zstd", "lz4"]] = {
    ".gz": "gzip",
    ".gzip": "gzip",
    ".bz2": "bz2",
    ".zst": "zstd",
    ".zstd": "zstd",
    ".lz4": "lz4",
}
"""Suffixes of files that hold one file, and how they are packed."""
_CHUNK = 1 << 20
_RATIO = 100
_LEAST = 16 << 20
"""Bytes before the ratio counts: small files may be all alike."""
_MAX_MEMBERS = 1000


def unpack(path: Path, copies: Copies, *, name: str) -> Path:
    """Unpack a file that holds one.

    Args:
        path: The packed file.
        copies: For what it holds.
        name: Of the file, in messages.

    Returns:
        Where the copy is.

    Raises:
        SourceError: It is damaged, or holds more than a hundred times its size.
    """
    how = PACKED[Path(name).suffix.lower()]
    size = path.stat().st_size
    try:
        with pa.input_stream(str(path), compression=how) as packed:
            return _copied(lambda: packed.read(_CHUNK), size, copies, name)
    except (OSError, pa.ArrowException) as error:
        raise SourceError(f"{name} cannot be unpacked ({_short(error)}): it is damaged; fetch it again") from error


def unpack_members(
    path: Path, copies: Copies, *, name: str, forms: Callable[[str], bool]
) -> Iterator[tuple[str, Path]]:
    """Unpack the tables of a zip file.

    Args:
        path: The zip file.
        copies: For what it holds.
        name: Of the file, in messages.
        forms: Whether a name is that of a table.

    Yields:
        Name and copy of each, in order of name.

    Raises:
        SourceError: It is damaged, locked, holds no table or packed files, or more than a hundred times its size.
    """
    try:
        with zipfile.ZipFile(path) as packed:
            found = [one for one in packed.infolist() if not one.is_dir() and not _is_hidden(one.filename)]
            members = sorted((one for one in found if forms(one.filename)), key=lambda one: one.filename)
            if not members:
                listed = ", ".join(one.filename for one in found[:8]) or "nothing"
                raise SourceError(f"{name} holds no table: it has {listed}. Unpack it, and name the file that is one")
            if len(members) > _MAX_MEMBERS:
                raise SourceError(f"{name} holds {len(members):,} files, at most {_MAX_MEMBERS:,} are read: unpack it")
            total = sum(one.file_size for one in members)
            _refuse_bomb(total, path.stat().st_size, name)
            for one in members:
                with packed.open(one) as file:
                    yield one.filename, _copied(_reader(file), path.stat().st_size, copies, name)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise SourceError(f"{name} cannot be unpacked ({_short(error)}): it is damaged; fetch it again") from error
    except RuntimeError as error:  # a password is needed
        raise SourceError(f"{name} is locked with a password: unpack it by hand") from error


def _reader(file: IO[bytes]) -> Callable[[], bytes]:
    return lambda: file.read(_CHUNK)


def _is_hidden(name: str) -> bool:
    return name.startswith("__MACOSX/") or Path(name).name.startswith(".")


def _copied(read: Callable[[], bytes], size: int, copies: Copies, name: str) -> Path:
    file, done = copies.new(), 0
    while chunk := read():
        done += len(chunk)
        _refuse_bomb(done, size, name)
        file.write(chunk)
    return copies.path(file)


def _refuse_bomb(unpacked: int, size: int, name: str) -> None:
    if unpacked > _LEAST and unpacked > _RATIO * size:
        raise SourceError(
            f"{name} has {size:,} bytes and unpacks into over {unpacked >> 20:,} MiB, {_RATIO} times as much: "
            "it was not read on; it is damaged or made to exhaust memory. Unpack it by hand if it is sound"
        )


def _short(error: Exception) -> str:
    return str(error).split("\n", 1)[0][:120]
