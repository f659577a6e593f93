"""The table engine's errors in the words of the project: what was found, where, and what to do.

The one place where an engine's error is read. Its own message is never shown whole: it may quote rows, and those name
people.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from narwhals.exceptions import NarwhalsError
from pyarrow.lib import ArrowException

from steelyard.errors import DataError, SourceError, SteelyardError, StorageError

__all__ = ["ENGINE_ERRORS", "explained", "short", "told"]

ENGINE_ERRORS = (duckdb.Error, ArrowException, NarwhalsError, MemoryError)
"""What a call of the engine may raise, besides the system's own errors."""
_NO_SPACE = ("No space left", "max_temp_directory_size", "Disk quota", "[Errno 28]", "[Errno 122]")
_NO_MEMORY = ("realloc", "malloc", "Java heap space", "GC overhead limit")
_UNREADABLE = (duckdb.InvalidInputException, duckdb.ConversionException, duckdb.IOException, duckdb.HTTPException)

_QUOTED = re.compile(r"'(?!/)[^']*'|\"(?!/)[^\"]*\"")
"""A value that the engine quotes; paths are left."""


@contextmanager
def explained(scratch: Path, *, max_memory_gb: float) -> Iterator[None]:
    """Turns whatever the engine raises inside into an error that says what to do.

    Args:
        scratch: Where the engine stores what it cannot hold.
        max_memory_gb: What it is allowed.

    Yields:
        Nothing.

    Raises:
        SteelyardError: The engine gave up.
    """
    try:
        yield
    except duckdb.InterruptException as error:
        raise KeyboardInterrupt from error
    except (*ENGINE_ERRORS, OSError) as error:
        raise told(error, scratch, max_memory_gb=max_memory_gb) from error


def told(error: BaseException, scratch: Path, *, max_memory_gb: float) -> SteelyardError:
    """What an engine's error means.

    Args:
        error: One of ``ENGINE_ERRORS``, or of the system's.
        scratch: Where the engine stores what it cannot hold.
        max_memory_gb: What it is allowed.

    Returns:
        ``SourceError`` where more memory or another file helps, ``StorageError`` where more disk does, ``DataError``
        for a defect.
    """
    message = str(error)
    if any(mark in message for mark in _NO_SPACE):
        return StorageError(
            f"no space is left under {scratch.parent} for the tables that do not fit in memory: free some there (about "
            "five times the size of the shop's files), or raise max_memory_gb in [data]"
        )
    if isinstance(error, duckdb.OutOfMemoryException | MemoryError) or any(mark in message for mark in _NO_MEMORY):
        return SourceError(
            f"the tables need more than the {max_memory_gb:g} GB allowed, even with the rest on disk: raise "
            "max_memory_gb in [data] of the configuration (below 0.1 is for tests)"
        )
    if isinstance(error, OSError):
        where = f" ({error.filename})" if error.filename else ""
        return SourceError(f"a table cannot be read or stored{where}: {error.strerror or type(error).__name__}")
    if isinstance(error, _UNREADABLE) and "Python exception" not in message:
        return SourceError(f"a source cannot be read: {_QUOTED.sub('…', short(error))}; export it again")
    return DataError(
        f"the tables could not be worked out ({type(error).__name__}): a defect of Steelyard, not of the data. Nothing "
        "was stored. Please report it with the configuration and the names of the columns"
    )


def short(error: BaseException) -> str:
    """The engine's message without quoted data, which could name people."""
    message = re.sub(r"(?s)(Original Line|CSV Line|Line|Possible fixes):.*", "", str(error))
    return message.split("\n\n")[0].strip()[:300]
