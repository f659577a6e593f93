"""The journal of the meters: one JSON line for each step that was done and each stretch of serving, never changed.

A line is written by one call and flushed to the disk. A line that was cut off by a crash is passed over and counted.
"""

from __future__ import annotations

import errno
import json
import logging
import os
from pathlib import Path

from steelyard.documents.meter_line import MeterLine, meter_line_builtins
from steelyard.errors import StorageError
from steelyard.ledger.metering import MeterReadings

__all__ = ["UsageJournal"]

_log = logging.getLogger(__name__)


class UsageJournal:
    """A file of readings.

    Args:
        path: Made with the first reading.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def has_readings(self) -> bool:
        """Whether a reading was ever kept."""
        return self._path.is_file()

    def append(self, line: MeterLine) -> None:
        """Keep a reading.

        Args:
            line: Of a step that was done, or of a stretch of serving.

        Raises:
            StorageError: It could not be written.
        """
        written = json.dumps(meter_line_builtins(line), ensure_ascii=False, sort_keys=True).encode() + b"\n"
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
            try:
                size = os.fstat(file).st_size
                is_torn = size > 0 and os.pread(file, 1, size - 1) != b"\n"
                written = b"\n" + written if is_torn else written
                if os.write(file, written) < len(written):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                os.fsync(file)
            finally:
                os.close(file)
        except OSError as error:
            raise StorageError(
                f"cannot write the usage journal {self._path}: {error.strerror}; free some space or rights there"
            ) from error

    def read(self) -> MeterReadings:
        """All readings, oldest first; none where there is no file."""
        if not self.has_readings():
            return MeterReadings()
        found = []
        for number, line in enumerate(self._path.read_bytes().split(b"\n"), start=1):
            try:
                document = json.loads(line) if line.strip() else None
            except ValueError:
                document = "torn"
            if isinstance(document, dict):
                found.append(document)
            elif document is not None:
                _log.warning("event=journal_line_unreadable path=%s line=%d", self._path, number)
        return MeterReadings.of(found)
