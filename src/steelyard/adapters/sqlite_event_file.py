"""The file of an event log: opened once it was proved that it can be written durably, and by one process at a time."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from pathlib import Path

from steelyard.adapters.shop.event_rows import FROM_1, FROM_2, SCHEMA
from steelyard.errors import ArtefactError, StorageError

__all__ = ["keep_open", "open_durably", "take_lock"]

_FORMAT = 3


def keep_open(path: Path) -> int:
    """A handle of the file, to be flushed by, and closed after every connection.

    Closing any handle of a file drops all locks the process has on it: the next connection that another process closes
    would then take itself for the last one, and delete the write-ahead log under this one.
    """
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise StorageError(f"cannot open the event log {path}: {error.strerror}") from error


def open_durably(path: Path, handle: int) -> sqlite3.Connection:
    """A connection that was proved able to write durably."""
    try:
        connection = sqlite3.connect(path, isolation_level=None, timeout=1, check_same_thread=False)
    except sqlite3.Error as error:
        raise StorageError(f"cannot open the event log {path}: {error}") from error
    try:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > _FORMAT:
            raise ArtefactError(f"{path} has format {version}, this version knows {_FORMAT}: use a newer steelyard")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA wal_autocheckpoint=4000")
        if version == 1:
            connection.executescript(FROM_1)
        if version in (1, 2):
            connection.executescript(FROM_2)
        connection.executescript(SCHEMA)
        connection.execute(f"PRAGMA user_version={_FORMAT:d}")
        connection.execute("INSERT OR REPLACE INTO proof VALUES (1, ?)", (time.time_ns() // 1000,))
        busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        connection.close()
        if isinstance(error, sqlite3.OperationalError):
            raise StorageError(f"cannot write the event log {path}: {error}") from error
        raise ArtefactError(f"{path} is no event log ({error}): move it away or restore it") from error
    except ArtefactError:
        connection.close()
        raise
    if busy:
        connection.close()
        raise StorageError(f"cannot flush the event log {path}: another process is reading it")
    os.fsync(handle)
    _sync(path.parent)
    return connection


def take_lock(folder: Path) -> int:
    """A handle that keeps other servers out of a state folder, which is made where it is missing."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / "events.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StorageError(f"cannot write the state folder {folder}: {error.strerror}") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        raise StorageError(f"{folder} is used by another server: stop it, or give this one another folder") from error
    return handle


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
