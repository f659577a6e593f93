"""The log of answers that were paid for: one JSON line each, on the disk before the next question is asked."""

from __future__ import annotations

import errno
import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from steelyard.documents.encoding import as_json
from steelyard.documents.label_answer import LabelAnswer
from steelyard.errors import StageError, StorageError

__all__ = ["LabelAnswers"]

_log = logging.getLogger(__name__)


class LabelAnswers:
    """A file of answers.

    Args:
        path: Made when it is opened.
        file: Its descriptor, open for appending.
    """

    def __init__(self, path: Path, file: int) -> None:
        self._path, self._file = path, file

    @classmethod
    @contextmanager
    def opened(cls, path: Path) -> Iterator[LabelAnswers]:
        """The log, for one run at a time.

        Args:
            path: The file; the folder that leads to it is made.

        Yields:
            The log; its lock is given back on leaving, also by a process that is killed.

        Raises:
            StageError: Another run is asking now.
            StorageError: It cannot be opened.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        except OSError as error:
            raise StorageError(f"cannot open {path}: {error.strerror}; free some space or rights there") from error
        try:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise StageError(f"another run is asking now ({path} is locked): wait for its end") from None
            yield cls(path, file)
        finally:
            os.close(file)

    def append(self, answer: LabelAnswer) -> None:
        """Keep an answer.

        Args:
            answer: Of a question that was paid for.

        Raises:
            StorageError: It could not be written.
        """
        written = as_json(answer) + b"\n"
        try:
            size = os.fstat(self._file).st_size
            is_torn = size > 0 and os.pread(self._file, 1, size - 1) != b"\n"
            written = b"\n" + written if is_torn else written
            if os.write(self._file, written) < len(written):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(self._file)
        except OSError as error:
            raise StorageError(
                f"cannot write {self._path}: {error.strerror}; free some space or rights there"
            ) from error

    def every(self) -> list[LabelAnswer]:
        """All answers, oldest first; a line that was cut off by a crash is passed over."""
        found = []
        for number, line in enumerate(self._path.read_bytes().split(b"\n"), 1):
            if line.strip():
                try:
                    found.append(msgspec.json.decode(line, type=LabelAnswer))
                except msgspec.DecodeError:
                    _log.warning("event=answer_line_unreadable path=%s line=%d", self._path, number)
        return found

    def read(self) -> dict[str, LabelAnswer]:
        """The answers by digest of the question; of several the last one with a grade."""
        found: dict[str, LabelAnswer] = {}
        for answer in self.every():
            if answer.grade is not None or answer.digest not in found:
                found[answer.digest] = answer
        return found
