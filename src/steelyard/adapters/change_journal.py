"""The journal of catalogue changes: one line for each batch, on the disk before the batch is acknowledged.

Each line carries the SHA-256 of itself and of the line before, so that a line that was changed, lost or put elsewhere
shows. Only the end may be torn, by a crash before anything was acknowledged: it is cut. Damage before the end is never
passed over.

Several processes may write and read the same journal: writers take turns by a lock, readers look for new lines. When a
bundle holds the changes up to some number, their lines are folded into the first one; the file is then another one,
which readers notice.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import secrets
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from steelyard.documents.changes import (
    Batch,
    Beginning,
    ItemChange,
    Standing,
    batch_from,
    beginning_from,
    line_json,
)
from steelyard.errors import ArtefactError, StorageError

__all__ = ["FILE", "ChangeJournal"]

_log = logging.getLogger(__name__)
FILE = "journal.jsonl"
_LOCK = "journal.lock"
_SUM = 64
_MOST_KEYS = 1000
"""Keys of requests that are kept when their lines are folded."""


@dataclass(slots=True)
class _Place:
    """How far the file was read."""

    inode: int = 0
    offset: int = 0
    sum: str = ""
    n_lines: int = 0
    last: int = 0


class ChangeJournal:
    """A journal in a folder. Thread-safe.

    Args:
        folder: Made with the first change.
    """

    def __init__(self, folder: Path) -> None:
        self._path, self._lock_path = folder / FILE, folder / _LOCK
        self._lock = threading.RLock()
        self._place = _Place()
        self._beginning = Beginning("")
        self._keys: dict[str, tuple[str, int]] = {}
        self.is_behind = False
        """Whether lines were folded that this object has not given: then all must be taken anew, by another object."""

    @property
    def journal(self) -> str:
        """Sixteen digits that name it; empty while nothing was ever changed."""
        return self._beginning.journal

    @property
    def beginning(self) -> Beginning:
        """The first line, as it was last read."""
        return self._beginning

    def key(self, key: str) -> tuple[str, int] | None:
        """What was sent under a key, as a digest, and the number of its last change; None where nothing was."""
        return self._keys.get(key)

    def has_news(self) -> bool:
        """Whether the file is another, or longer, than it was when it was last read; costs no more than a look."""
        try:
            found = self._path.stat()
        except OSError:
            return False
        return (found.st_ino, found.st_size) != (self._place.inode, self._place.offset)

    def news(self) -> list[Batch]:
        """Batches that this object has not given yet, oldest first.

        Returns:
            At the first call all of them, after ``beginning``; a line that is being written is not among them.

        Raises:
            ArtefactError: A line before the last one is damaged.
            StorageError: The file cannot be read.
        """
        with self._lock:
            try:
                return self._read()
            except FileNotFoundError:
                return []
            except OSError as error:
                raise StorageError(f"cannot read the journal of changes {self._path}: {error.strerror}") from error

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Nobody else writes until the block ends; ``news`` is then all there is.

        Yields:
            None: ``append`` may be called.

        Raises:
            StorageError: The folder cannot be written.
        """
        with self._lock, self._alone():
            yield

    def append(self, changes: Sequence[ItemChange], *, at: str, key: str = "", digest: str = "") -> Batch:
        """Keep a batch, inside ``writing`` and after ``news``.

        Args:
            changes: At least one.
            at: The time, with time zone.
            key: By which the request may be repeated.
            digest: Of what was sent under it.

        Returns:
            The batch, on the disk.

        Raises:
            StorageError: It could not be written; nothing of it is kept.
        """
        batch = Batch(self._place.last + len(changes), at, tuple(changes), key, digest)
        try:
            if not self._beginning.journal:
                self._replace(Beginning(secrets.token_hex(8)), [])
            self._write(batch)
        except OSError as error:
            raise StorageError(
                f"cannot write the journal of changes {self._path}: {error.strerror}. Nothing was changed; free some "
                "space or rights there and send it again"
            ) from error
        self._know(batch)
        return batch

    def retire(self, upto: int, standing: Sequence[Standing]) -> None:
        """Fold the changes up to a number: a bundle that was published holds them.

        Args:
            upto: The number; of a batch that goes beyond it all is kept.
            standing: What these changes come to, as far as the shop's files have not taken it over.

        Raises:
            StorageError: It could not be written; the journal is as it was.
        """
        with self.writing():
            fresh = ChangeJournal(self._path.parent)
            batches = fresh.news()
            before = fresh.beginning
            is_known = upto == before.last and tuple(standing) == before.standing
            if not before.journal or upto < before.last or is_known:
                return
            kept = [batch for batch in batches if batch.last > upto]
            upto = max([before.last, *(batch.last for batch in batches if batch.last <= upto)])
            keys = dict(list(fresh._keys.items())[-_MOST_KEYS:])
            try:
                self._replace(Beginning(before.journal, upto, tuple(standing), keys), kept)
            except OSError as error:
                raise StorageError(f"cannot write {self._path}: {error.strerror}; it is as it was") from error

    @contextmanager
    def _alone(self) -> Iterator[None]:
        try:
            self._lock_path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self._lock_path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise StorageError(
                f"cannot write beside the journal of changes {self._path}: {error.strerror}; free some space or rights"
            ) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _read(self) -> list[Batch]:
        with self._path.open("rb") as file:
            inode = os.fstat(file.fileno()).st_ino
            if inode != self._place.inode:
                self._place = _Place(inode, last=self._place.last)
            place = self._place
            file.seek(place.offset)
            found = [batch for line in self._lines(file.read()) if (batch := self._taken(line)) is not None]
        return found

    def _lines(self, content: bytes) -> Iterator[bytes]:
        """Whole lines behind the place that was read, each checked; the place goes on with them."""
        lines = content.split(b"\n")[:-1]
        for number, line in enumerate(lines, start=1):
            place = self._place
            body = line[_SUM + 1 :]
            told = line[:_SUM].decode("ascii", "replace")
            if told != _sum(place.sum, body):
                is_last = number == len(lines) and content.endswith(b"\n")
                if is_last and place.n_lines and not _is_whole(body):
                    _log.warning("event=journal_torn path=%s line=%d", self._path, place.n_lines + 1)
                    return
                raise ArtefactError(
                    f"{self._path} is damaged at line {place.n_lines + 1} (byte {place.offset:,}): put it back from a "
                    "copy. Without one, move it away; the changes after the newest bundle must then be sent again"
                )
            place.sum, place.offset, place.n_lines = told, place.offset + len(line) + 1, place.n_lines + 1
            yield body

    def _taken(self, body: bytes) -> Batch | None:
        """The batch of a line; none where it is the first line, or was given before the file became another."""
        place = self._place
        if place.n_lines == 1:
            beginning = beginning_from(body)
            if beginning.journal != self._beginning.journal:
                self.is_behind = self.is_behind or place.last > 0
                place.last = 0
            elif beginning.last > place.last:
                self.is_behind = True
            self._beginning = beginning
            self._keys.update(beginning.keys)
            place.last = max(place.last, beginning.last)
            return None
        batch = batch_from(body)
        if batch.last <= place.last:
            return None
        if batch.before != place.last:
            raise ArtefactError(
                f"{self._path} leaves changes out before line {place.n_lines}: it begins with number "
                f"{batch.before + 1}, and {place.last} was the last. Put it back from a copy"
            )
        self._know(batch)
        return batch

    def _know(self, batch: Batch) -> None:
        self._place.last = batch.last
        if batch.key:
            self._keys[batch.key] = (batch.digest, batch.last)

    def _write(self, batch: Batch) -> None:
        """Write a line behind what was read, and flush it; what could not be written whole is cut off again."""
        place = self._place
        body = line_json(batch)
        told = _sum(place.sum, body)
        line = told.encode("ascii") + b" " + body + b"\n"
        handle = os.open(self._path, os.O_RDWR)
        try:
            self._cut(handle)
            try:
                _write_all(handle, line, place.offset)
                os.fsync(handle)
            except OSError:
                with suppress(OSError):
                    os.ftruncate(handle, place.offset)
                    os.fsync(handle)
                raise
        finally:
            os.close(handle)
        place.sum, place.offset, place.n_lines = told, place.offset + len(line), place.n_lines + 1

    def _cut(self, handle: int) -> None:
        """Cut a torn end off, and keep it beside the journal, should it ever be asked for."""
        size, offset = os.fstat(handle).st_size, self._place.offset
        if size > offset:
            torn = os.pread(handle, size - offset, offset)
            self._path.with_name(f"torn-{offset}").write_bytes(torn)
            os.ftruncate(handle, offset)

    def _replace(self, beginning: Beginning, batches: Sequence[Batch]) -> None:
        """Write the whole file anew and put it in the place of the one there is."""
        chained, lines = "", []
        for body in (line_json(beginning), *map(line_json, batches)):
            chained = _sum(chained, body)
            lines.append(chained.encode("ascii") + b" " + body + b"\n")
        fresh = self._path.with_suffix(".tmp")
        try:
            with fresh.open("wb") as file:
                file.write(b"".join(lines))
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self._path)
        finally:
            fresh.unlink(missing_ok=True)
        _flush_folder(self._path.parent)
        if not self._beginning.journal:
            inode = self._path.stat().st_ino
            self._place = _Place(inode, len(lines[0]), chained, n_lines=1, last=beginning.last)
            self._beginning = beginning


def _is_whole(body: bytes) -> bool:
    """Whether a line is a batch as it is written: then it was not torn, but belongs elsewhere or was changed."""
    try:
        batch_from(body)
    except ArtefactError:
        return False
    return True


def _sum(before: str, body: bytes) -> str:
    return hashlib.sha256(before.encode("ascii") + b" " + body).hexdigest()


def _write_all(handle: int, content: bytes, offset: int) -> None:
    view = memoryview(content)
    while view:
        n = os.pwrite(handle, view, offset)
        view, offset = view[n:], offset + n


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
