"""Events in one SQLite file, on the disk before they are acknowledged, each identifier once.

One thread writes. It takes everything that arrived while the last commit was being flushed and commits that as one
group (write-ahead log, ``synchronous=FULL``), so the price of a flush is shared and no mode trades safety for speed.

When a commit fails (disk full, input/output error) nothing of the group is acknowledged, the store says why and
refuses, and the thread tries once a second to write again. Before it accepts events again, and at every start, the
write-ahead log is copied into the database and flushed: pages a failed or missing flush left in memory only would
otherwise make a repeated event look stored when it is not.
"""

from __future__ import annotations

import json
import logging
import os
import sqlite3
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from steelyard.adapters.shop.event_rows import (
    EACH,
    INSERT,
    LAST_WORDS,
    LATEST,
    OF_ITEM,
    SENT_BACK,
    STORED,
    Kept,
    differs,
    row_of,
    what_is_left,
)
from steelyard.adapters.sqlite_event_file import keep_open, open_durably, take_lock
from steelyard.domain import Event
from steelyard.errors import StorageError
from steelyard.serving.events import Appended

__all__ = ["SqliteEvents"]

_log = logging.getLogger(__name__)
_MAX_READ = 20_000
"""Latest events of one user that are looked at: more are a robot's."""


@dataclass(slots=True)
class _Group:
    """The events of one request, and who waits for them."""

    rows: list[tuple[Any, ...]]
    future: Future[Appended]


class SqliteEvents:
    """The event log of one shop.

    Args:
        folder: Where ``events.sqlite`` lies; made when missing. One process at a time.
        max_group: Events in one commit, about.
        max_waiting: Events waiting to be written; above it ``append`` refuses.
        retry_s: Seconds between attempts to write again after a failure.

    Raises:
        StorageError: The folder cannot be written, or another process has it.
        ArtefactError: The file is no event log, or was written by a newer version.
    """

    def __init__(self, folder: Path, *, max_group: int = 500, max_waiting: int = 50_000, retry_s: float = 1.0) -> None:
        self._path = folder / "events.sqlite"
        self._max_group = max_group
        self._max_waiting = max_waiting
        self._retry_s = retry_s
        self._groups: SimpleQueue[_Group | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._waiting = 0
        self._stored = 0
        self._trouble = ""
        self._closed = False
        self._readers = threading.local()
        self._opened: list[sqlite3.Connection] = []
        self._handle = take_lock(folder)
        self._file = -1
        try:
            self._file = keep_open(self._path)
            self._write = open_durably(self._path, self._file)
            self._reader().execute("SELECT 1 FROM events LIMIT 1")  # stays open: histories are read on a full disk too
        except BaseException:
            self._close_files()
            raise
        self._thread = threading.Thread(target=self._run, name="events", daemon=True)
        self._thread.start()

    @property
    def trouble(self) -> str:
        """Why nothing can be stored now; empty when all is well."""
        return self._trouble

    @property
    def stored(self) -> int:
        """Events stored since the start, duplicates not counted."""
        return self._stored

    def append(self, events: Sequence[Event]) -> Future[Appended]:
        """Store events, all or none.

        Args:
            events: At least one; users and sessions are pseudonyms already.

        Returns:
            Done once they are on the disk; ends with ``StorageError`` when they are not.

        Raises:
            DataError: A text is not Unicode (half of a surrogate pair).
            StorageError: Too much is waiting already, the store is in trouble, or it was closed.
        """
        rows = [row_of(event) for event in events]
        group = _Group(rows, Future())
        group.future.set_running_or_notify_cancel()  # from here on the writer alone decides how it ends
        with self._lock:
            if self._closed:
                raise StorageError("the event store was closed; send the events again to the server that follows")
            if self._trouble:
                raise StorageError(self._trouble)
            if self._waiting + len(rows) > self._max_waiting:
                raise StorageError(f"{self._waiting} events are waiting to be written: send these again in a second")
            self._waiting += len(rows)
            self._groups.put(group)
        return group.future

    def history(self, user: str, *, kinds: Sequence[str], limit: int, like_above: float = float("-inf")) -> list[str]:
        """Identifiers of a user's latest distinct items, oldest first, by the events' own times.

        Args:
            user: Pseudonym.
            kinds: Kinds of event that count.
            limit: Items, at most.
            like_above: Ratings up to this one do not count.

        Returns:
            Without purchases that were sent back. Empty for an unknown user, and when the file cannot be read: answers
            go on without it.
        """
        try:
            back = self._sent_back(user, kinds, like_above)
            given = (user, _MAX_READ, json.dumps(list(kinds)), like_above, json.dumps(list(back)), limit)
            rows = self._reader().execute(LATEST, given).fetchall()
        except sqlite3.Error as error:
            _log.warning("event=history_unreadable error=%s", error)
            return []
        rows += [(item_id, *found.last) for item_id, found in back.items() if found.last is not None]
        rows.sort(key=lambda row: row[1:])
        return [item_id for item_id, _, _ in rows[-limit:]]

    def past(
        self, user: str, *, kinds: Sequence[str], limit: int, like_above: float = float("-inf")
    ) -> list[tuple[str, float]]:
        """A user's latest events, repeats kept, oldest first, by the events' own times.

        Args:
            user: Pseudonym.
            kinds: Kinds of event that count.
            limit: Events, at most.
            like_above: Ratings up to this one do not count.

        Returns:
            Item identifiers and seconds since 1970, without purchases that were sent back. Empty for an unknown user,
            and when the file cannot be read: answers go on without it.
        """
        try:
            back = self._sent_back(user, kinds, like_above)
            given = (user, json.dumps(list(kinds)), like_above, json.dumps(list(back)), limit)
            rows = self._reader().execute(EACH, given).fetchall()
        except sqlite3.Error as error:
            _log.warning("event=past_unreadable error=%s", error)
            return []
        rows += [(item_id, *at) for item_id, found in back.items() for at in found.left]
        rows.sort(key=lambda row: row[1:])
        return [(item_id, time_us / 1e6) for item_id, time_us, _ in rows[-limit:]]

    def returned(self, user: str) -> list[str]:
        """Identifiers of items that the user sent back more often than bought, as far as this store knows.

        Args:
            user: Pseudonym.

        Returns:
            In order of the identifiers; empty for an unknown user and when the file cannot be read.
        """
        try:
            back = self._sent_back(user, (), float("inf"))
        except sqlite3.Error as error:
            _log.warning("event=returns_unreadable error=%s", error)
            return []
        return sorted(item_id for item_id, found in back.items() if found.has_more_returns)

    def last_words(self, user: str, *, like_above: float) -> tuple[list[str], list[str]]:
        """Items that are disliked, and items that are liked again, by the user's last word on each.

        Args:
            user: Pseudonym.
            like_above: Ratings up to this one are negative.

        Returns:
            Identifiers in order, negative and positive; none for an unknown user, and when the file cannot be read. A
            return says nothing where purchases of the item are left.
        """
        try:
            back = self._sent_back(user, ("purchase",), like_above)
            kept = json.dumps([item_id for item_id, found in back.items() if found.last is not None])
            given = (user, _MAX_READ, like_above, kept, like_above)
            rows = self._reader().execute(LAST_WORDS, given).fetchall() if user else []
        except sqlite3.Error as error:
            _log.warning("event=last_words_unreadable error=%s", error)
            return [], []
        by_word = [[item_id for item_id, is_negative in rows if bool(is_negative) is word] for word in (True, False)]
        return by_word[0], by_word[1]

    def _sent_back(self, user: str, kinds: Sequence[str], like_above: float) -> dict[str, Kept]:
        """Of each item the user sent back: what is left."""
        items = self._reader().execute(SENT_BACK, (user,)).fetchmany(_MAX_READ)
        return {
            item_id: what_is_left(
                self._reader().execute(OF_ITEM, (user, item_id)).fetchmany(_MAX_READ), kinds, like_above
            )
            for (item_id,) in items
        }

    def count(self) -> int:
        """Events in the file."""
        total: int = self._reader().execute("SELECT count(*) FROM events").fetchone()[0]
        return total

    def close(self) -> None:
        """Write what was accepted, then let go of the file. May be called twice."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._groups.put(None)
        self._thread.join()
        for connection in (*self._opened, self._write):
            with suppress(sqlite3.Error):
                connection.close()
        self._close_files()

    def _close_files(self) -> None:
        for handle in (self._file, self._handle):
            if handle >= 0:
                os.close(handle)

    def _reader(self) -> sqlite3.Connection:
        if not hasattr(self._readers, "connection"):
            uri = f"{self._path.absolute().as_uri()}?mode=ro"
            self._readers.connection = sqlite3.connect(uri, uri=True, timeout=1, check_same_thread=False)
            self._opened.append(self._readers.connection)
        connection: sqlite3.Connection = self._readers.connection
        return connection

    def _run(self) -> None:
        is_open = True
        while is_open:
            groups, is_open = self._collect()
            if not groups:
                continue
            try:
                results = self._commit(groups)
            except Exception as error:  # noqa: BLE001 - whatever it was: acknowledge nothing, prove the file again
                self._refuse(groups, error)
                self._recover()
            else:
                self._settle(groups, results)

    def _collect(self) -> tuple[list[_Group], bool]:
        groups: list[_Group] = []
        n_rows = 0
        group = self._groups.get()
        while group is not None:
            groups.append(group)
            n_rows += len(group.rows)
            if n_rows >= self._max_group:
                return groups, True
            try:
                group = self._groups.get_nowait()
            except Empty:
                return groups, True
        return groups, False

    def _commit(self, groups: Sequence[_Group]) -> list[Appended]:
        results = []
        self._write.execute("BEGIN IMMEDIATE")
        before = self._write.total_changes
        for group in groups:
            self._write.executemany(INSERT, group.rows)
            after = self._write.total_changes
            n_stored = after - before
            taken = self._taken(group.rows) if n_stored < len(group.rows) else ()
            results.append(Appended(n_stored, len(group.rows) - n_stored, taken))
            before = after
        self._write.execute("COMMIT")
        return results

    def _taken(self, rows: Sequence[tuple[Any, ...]]) -> tuple[int, ...]:
        """Places of the events whose identifier belongs to another event."""
        stored = (self._write.execute(STORED, (row[0],)).fetchone() for row in rows)
        return tuple(place for place, (row, other) in enumerate(zip(rows, stored, strict=True)) if differs(row, other))

    def _settle(self, groups: Sequence[_Group], results: Sequence[Appended]) -> None:
        with self._lock:
            self._waiting -= sum(len(group.rows) for group in groups)
        self._stored += sum(result.stored for result in results)
        for group, result in zip(groups, results, strict=True):
            group.future.set_result(result)

    def _refuse(self, groups: Sequence[_Group], error: Exception) -> None:
        why = f"events cannot be stored: {error} ({self._path.name}); answers go on, and storing resumes by itself"
        _log.error("event=events_read_only error=%s", error)
        with self._lock:
            self._trouble = why
            self._waiting = 0
            left = list(groups)
            with suppress(Empty):
                while (group := self._groups.get_nowait()) is not None:
                    left.append(group)
                self._groups.put(None)
        for group in left:
            group.future.set_exception(StorageError(why))

    def _recover(self) -> None:
        while self._trouble:
            with suppress(sqlite3.Error):
                self._write.close()
            if self._closed:
                return
            time.sleep(self._retry_s)
            try:
                self._write = open_durably(self._path, self._file)
            except (sqlite3.Error, OSError, StorageError) as error:
                _log.info("event=events_still_read_only error=%s", error)
                continue
            self._trouble = ""
            _log.warning("event=events_writable_again")
