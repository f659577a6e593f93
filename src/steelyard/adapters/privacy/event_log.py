"""People in an event log: their rows deleted, renamed or dropped by age, while a server goes on writing to it.

A second connection beside the server's own: transactions are short, so that the server's commits wait milliseconds.
What is deleted is overwritten with zeros, the write-ahead log is copied back and cut to nothing, and the file is built
anew where a copy of a row is still found in it.

Looking into the file byte by byte must never happen in the server's own process while the log is open there: closing
any handle of a file drops all locks that a process has on it, and the next connection of another process would take
away the write-ahead log under the server.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import sqlite3
import time
from collections.abc import Collection
from pathlib import Path

from steelyard.adapters.plain_files import write_text
from steelyard.adapters.privacy.traces import mentions_in
from steelyard.data.privacy.change import Change
from steelyard.errors import StorageError

__all__ = ["change_event_log", "erase_once", "is_served", "people_of_log"]

_CHUNK = 20_000
"""Rows looked at in one transaction: some tens of milliseconds."""
_PATIENCE_S = 5.0
_GONE = """
DELETE FROM events WHERE seq > ? AND seq <= ? AND (
    user IN (SELECT name FROM temp.gone) OR (user = '' AND session IN (SELECT name FROM temp.visits)) OR time_us < ?)
"""
_SHARED = "UPDATE events SET session = '' WHERE seq > ? AND seq <= ? AND session IN (SELECT name FROM temp.visits)"
_RENAMED = """
UPDATE events SET
    user = coalesce((SELECT now FROM temp.renamed WHERE name = user), user),
    session = coalesce((SELECT now FROM temp.renamed WHERE name = session), session)
WHERE seq > ? AND seq <= ?
    AND (user IN (SELECT name FROM temp.renamed) OR session IN (SELECT name FROM temp.renamed))
"""
_NO_AGE = -(2**62)


def change_event_log(folder: Path, change: Change, *, is_open_here: bool = False) -> int:
    """Apply a change to the event log in a folder, durably and without a trace in the file.

    Args:
        folder: The server's state folder.
        change: Whom and what.
        is_open_here: Whether this process has the log open: then the file is not searched for copies of rows.

    Returns:
        How many rows went or were changed; 0 where there is no log.

    Raises:
        StorageError: It cannot be written; what was deleted stays deleted, and the same call goes on with the rest.
    """
    path = folder / "events.sqlite"
    if not path.is_file() or change.is_nothing:
        return 0
    try:
        with _opened(path) as db:
            n_rows, visits = _apply(db, change)
            if n_rows:
                _empty_the_log(db)
        names = frozenset({*change.erased, *change.renamed, *visits})
        if names and not is_open_here and mentions_in(path, names) and not _rebuild(path, patience_s=_PATIENCE_S):
            raise StorageError(f"{path} still holds copies of deleted rows and is busy: run the same command again")
    except sqlite3.Error as error:
        raise StorageError(f"cannot change the event log {path}: {error}; run the same command again") from error
    return n_rows


def erase_once(folder: Path, people: Collection[str]) -> int:
    """Delete people from the event log in a folder that nobody has open, unless these were deleted from it before.

    Args:
        folder: The server's state folder. A file ``erased.applied`` in it says for which list that was done: a restored
            log brings an older one.
        people: Pseudonyms of everybody who was erased.

    Returns:
        How many rows went or were changed.
    """
    path = folder / "erased.applied"
    digest = hashlib.sha256("\n".join(sorted(people)).encode()).hexdigest()
    if not people or not (folder / "events.sqlite").is_file() or (path.is_file() and path.read_text() == digest):
        return 0
    n_rows = change_event_log(folder, Change(erased=frozenset(people)))
    write_text(path, digest)
    return n_rows


def people_of_log(folder: Path) -> set[str]:
    """Pseudonyms of everybody, and of every visit, in the event log in a folder; nobody where there is no log."""
    path = folder / "events.sqlite"
    if not path.is_file():
        return set()
    try:
        with _opened(path) as db:
            names = db.execute("SELECT user FROM events UNION SELECT session FROM events").fetchall()
    except sqlite3.Error as error:
        raise StorageError(f"cannot read the event log {path}: {error}") from error
    return {name for (name,) in names if name}


def is_served(folder: Path) -> bool:
    """Whether a server has the event log in a folder open."""
    path = folder / "events.lock"
    if not path.is_file():
        return False
    handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(handle)
    return False


class _opened:
    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> sqlite3.Connection:
        self._db = sqlite3.connect(self._path, isolation_level=None, timeout=_PATIENCE_S)
        self._db.execute("PRAGMA secure_delete=ON")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.execute("PRAGMA temp_store=MEMORY")
        return self._db

    def __exit__(self, *_: object) -> None:
        self._db.close()


def _apply(db: sqlite3.Connection, change: Change) -> tuple[int, list[str]]:
    """Rows that were changed, and the visits of the erased."""
    _names(db, "gone", change.erased)
    _names(db, "visits", ())
    db.execute("CREATE TABLE temp.renamed (name TEXT PRIMARY KEY, now TEXT)")
    db.executemany("INSERT INTO temp.renamed VALUES (?, ?)", change.renamed.items())
    if change.erased:
        visits = "SELECT DISTINCT session FROM events WHERE session <> '' AND user IN (SELECT name FROM temp.gone)"
        db.execute(f"INSERT OR IGNORE INTO temp.visits {visits}")
    limit_us = int(change.before_s * 1e6) if change.has_age else _NO_AGE
    last: int = db.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()[0]
    before = db.total_changes
    for low in range(0, last, _CHUNK):
        span = (low, low + _CHUNK)
        if change.erased or change.has_age:
            db.execute("BEGIN IMMEDIATE")
            db.execute(_GONE, (*span, limit_us))
            db.execute(_SHARED, span)
            db.execute("COMMIT")
        if change.renamed:
            db.execute(_RENAMED, span)
    n_rows = db.total_changes - before
    return n_rows, [name for (name,) in db.execute("SELECT name FROM temp.visits")]


def _names(db: sqlite3.Connection, table: str, names: Collection[str]) -> None:
    db.execute(f"CREATE TABLE temp.{table} (name TEXT PRIMARY KEY)")
    db.executemany(f"INSERT INTO temp.{table} VALUES (?)", ((name,) for name in names))  # noqa: S608 - a constant


def _empty_the_log(db: sqlite3.Connection) -> None:
    """Copy the write-ahead log into the file and cut it to nothing; readers are waited for."""
    ends = time.monotonic() + _PATIENCE_S
    while db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
        if time.monotonic() > ends:
            raise StorageError("the event log is being read without a pause: run the same command again")
        time.sleep(0.02)


def _rebuild(path: Path, *, patience_s: float) -> bool:
    """Write the whole file anew; whether nobody was in the way for long enough."""
    ends = time.monotonic() + patience_s
    while time.monotonic() < ends:
        try:
            with _opened(path) as db:
                db.execute("VACUUM")
                _empty_the_log(db)
        except sqlite3.OperationalError:
            time.sleep(0.05)
        else:
            return True
    return False
