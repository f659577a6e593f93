"""What servers of the same bundles share of the runs that they start, and the run as a process of its own.

The lock is one of the system's, on an open file that the run inherits: it is held as long as the run lives, even where
the server that started it was killed, and never longer.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

from steelyard.documents.rebuild import RebuildRecord, read_rebuild, rebuild_content
from steelyard.errors import StorageError

__all__ = ["LOG", "RebuildFolder", "RebuildProcess"]

LOG = "run.log"
_RECORD, _LOCK = "last-run.json", "run.lock"
_NICE = 10
_FIRST_TO_GO = "700"
"""Of at most 1000: where memory runs out, the system ends the run and not the server."""
_TAIL_BYTES, _TAIL_LINES, _LINE_CHARACTERS = 32_768, 8, 300


class RebuildProcess:
    """A run in a process of its own.

    Args:
        process: Leader of a session of its own.
        log: What it says.
        stop_s: It is killed when it still runs this long after it was told to end.
    """

    def __init__(self, process: subprocess.Popen[bytes], log: Path, *, stop_s: float = 5.0) -> None:
        self._process, self._log, self._stop_s = process, log, stop_s

    def status(self) -> int | None:
        """None while it runs; afterwards its exit status, below 0 where a signal ended it."""
        return self._process.poll()

    def stop(self) -> int:
        """End it as Ctrl-C does, with the processes that it started, and wait until it has ended."""
        process = self._process
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGINT)
        try:
            return process.wait(self._stop_s)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            return process.wait()

    def last_lines(self) -> tuple[str, ...]:
        """What it said last; nothing where that cannot be read."""
        try:
            with self._log.open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL_BYTES))
                lines = file.read().decode("utf-8", "replace").splitlines()
        except OSError:
            return ()
        said = [line.strip()[:_LINE_CHARACTERS] for line in lines if line.strip()]
        return tuple(said[-_TAIL_LINES:])


class RebuildFolder:
    """Lock, record and words of the runs that servers start, in a folder beside the bundles.

    Args:
        folder: Made when the first run is started.
        argv: The command of a run.
    """

    def __init__(self, folder: Path, argv: Sequence[str]) -> None:
        self._folder, self._argv = folder, list(argv)
        self._handle: int | None = None

    def take(self) -> bool:
        """Take the lock.

        Returns:
            False where another has it, or a run that was started under it goes on.

        Raises:
            StorageError: The folder cannot be written.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            handle = os.open(self._folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise self._refused(error) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return False
        except OSError as error:
            os.close(handle)
            raise self._refused(error) from error
        self._handle = handle
        return True

    def release(self) -> None:
        """Give the lock back; nothing where it was not taken."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def read(self) -> RebuildRecord | None:
        """How the last run has gone.

        Returns:
            None where there was none.

        Raises:
            ArtefactError: What is there is no record.
            StorageError: It cannot be read.
        """
        path = self._folder / _RECORD
        try:
            return read_rebuild(path.read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StorageError(f"{path} cannot be read: {error.strerror}") from error

    def write(self, record: RebuildRecord) -> None:
        """Replace the record; whoever reads finds the one before or this one.

        Args:
            record: Of the last run.

        Raises:
            StorageError: The disk refuses.
        """
        fresh = self._folder / f".{_RECORD}.tmp"
        try:
            fresh.write_bytes(rebuild_content(record))
            fresh.replace(self._folder / _RECORD)
        except OSError as error:
            raise self._refused(error) from error

    def start(self) -> RebuildProcess:
        """Start a run, at lower priority than the server; the lock must have been taken.

        Returns:
            The run; what it says is in ``run.log``, in place of what the one before said.

        Raises:
            StorageError: It cannot be started.
        """
        assert self._handle is not None
        log = self._folder / LOG
        try:
            with log.open("wb") as words:
                process = subprocess.Popen(  # noqa: S603 - our own command, no shell
                    self._argv,
                    stdin=subprocess.DEVNULL,
                    stdout=words,
                    stderr=subprocess.STDOUT,
                    pass_fds=(self._handle,),
                    start_new_session=True,
                )
        except OSError as error:
            raise StorageError(f"a run cannot be started ({self._argv[0]}, {log}): {error.strerror}") from error
        _give_way(process.pid)
        return RebuildProcess(process, log)

    def _refused(self, error: OSError) -> StorageError:
        return StorageError(
            f"{self._folder} cannot be written, so no run is started: {error.strerror}. Free some space or rights there"
        )


def _give_way(pid: int) -> None:
    """Processor and memory are the server's first, where the system lets this be said."""
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, pid, min(19, os.getpriority(os.PRIO_PROCESS, 0) + _NICE))
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/oom_score_adj").write_text(_FIRST_TO_GO, "ascii")
