"""A second process that makes parts ahead, so that two cores are at work where one alone would be.

It is asked by the part's name on its input, one a line, and tells on its output how far it has come, one JSON object a
line. It ends when its input does; and the system ends it with whoever asked, however that one ended.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import logging
import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from steelyard.adapters.measuring.child_process import last_lines
from steelyard.adapters.measuring.machine import usable_cores

__all__ = ["ROOM_BYTES", "PartWorker", "end_with_parent", "has_room", "own_output"]

_log = logging.getLogger(__name__)

ROOM_BYTES = 3 * 1024**3
"""Memory that must be free for a second process with a network and the shop's tables."""
_WAIT_S = 0.2
_STOP_S = 5.0
_PR_SET_PDEATHSIG = 1


def has_room(*, proc: Path = Path("/proc"), cgroup: Path = Path("/sys/fs/cgroup")) -> bool:
    """Whether there is a second core, and memory for a second process: of the machine, and of the container.

    Args:
        proc: Where the system tells of its memory.
        cgroup: Where it tells of what this container may use.

    Returns:
        False where the system does not tell how much memory is free.
    """
    cores = min(len(usable_cores()), _container_cores(cgroup))
    return cores >= 2 and min(_free_bytes(proc), _container_bytes(cgroup)) >= ROOM_BYTES


def end_with_parent() -> None:
    """Have the system end this process when the one that started it ends, even while this one stands still.

    Where a system cannot do that, the end of the input has to do.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def own_output() -> IO[str]:
    """This process's output for its words alone; what libraries print there goes to standard error from now on.

    Returns:
        To be written line by line.
    """
    out = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(out, "w", encoding="utf-8")


@dataclass
class _Asked:
    """A part that was asked for."""

    seconds: float | None = None
    """What making it took; ``None`` while it is not made."""
    failed: bool = False
    told: tuple[int, int, str] = (0, 0, "")


class PartWorker:
    """A process that makes parts.

    Args:
        argv: Command of the process.
    """

    def __init__(self, argv: Sequence[str]) -> None:
        self._asked: dict[str, _Asked] = {}
        self._changed = threading.Condition()
        self._has_ended, self._is_closed = False, False
        self._last_words = tempfile.TemporaryFile()
        self._process = subprocess.Popen(  # noqa: S603 - the caller's command, no shell
            list(argv),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._last_words,
            encoding="utf-8",
            errors="replace",
            process_group=0,  # ended as one, with whatever it started
        )
        self._reader = threading.Thread(target=self._read, name="part worker", daemon=True)
        self._reader.start()

    def ask(self, parts: Sequence[str]) -> None:
        """Have parts made, in this order, after those asked for before.

        Args:
            parts: Names; those that were asked for already are not asked for again.
        """
        new = [part for part in dict.fromkeys(parts) if part not in self._asked]
        with self._changed:
            self._asked.update({part: _Asked(failed=self._has_ended) for part in new})
        try:
            for part in new:
                self._input.write(f"{part}\n")
            self._input.flush()
        except (OSError, ValueError):
            self._give_up()

    def wait(self, part: str, progress: Callable[[int, int, str], None]) -> float | None:
        """Wait until a part is made.

        Args:
            part: Its name.
            progress: Told how far it has come.

        Returns:
            Seconds that its making took; ``None`` where it was not asked for, or the process could not make it.
        """
        asked = self._asked.get(part)
        if asked is None:
            return None
        while True:
            with self._changed:
                if asked.seconds is not None or asked.failed:
                    return asked.seconds
                self._changed.wait(_WAIT_S)
                told = asked.told
            if told[2]:
                progress(*told)

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """While something is timed the process stands still.

        Yields:
            Nothing.
        """
        self._signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._signal(signal.SIGCONT)

    def close(self) -> None:
        """End the process and what it started; what it was making is thrown away."""
        self._is_closed = True
        if self._process.poll() is None:
            self._signal(signal.SIGTERM)
            self._signal(signal.SIGCONT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_STOP_S)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._reader.join(_STOP_S)
        with contextlib.suppress(OSError):
            self._input.close()
        if not self._reader.is_alive():
            self._output.close()
        self._last_words.close()

    @property
    def _input(self) -> IO[str]:
        assert self._process.stdin is not None
        return self._process.stdin

    @property
    def _output(self) -> IO[str]:
        assert self._process.stdout is not None
        return self._process.stdout

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            if self._process.poll() is None:
                os.kill(self._process.pid, number)

    def _read(self) -> None:
        try:
            for line in self._output:
                self._hear(line)
        finally:
            self._give_up()

    def _hear(self, line: str) -> None:
        try:
            word: dict[str, Any] = json.loads(line)
            asked = self._asked[word["part"]]
            told = (int(word.get("done", 0)), int(word.get("total", 0)), str(word.get("what", "")))
        except (ValueError, KeyError, TypeError, AttributeError):
            _log.warning("the process that makes parts said something else: %s", line.strip()[:200])
            return
        if word.get("failed"):
            _log.warning("the second process could not make %s (%s): it will be made here", word["part"], told[2])
        with self._changed:
            asked.seconds, asked.failed, asked.told = word.get("seconds"), bool(word.get("failed")), told
            self._changed.notify_all()

    def _give_up(self) -> None:
        """What is not made will not be made here."""
        left = [part for part, asked in self._asked.items() if asked.seconds is None and not asked.failed]
        if left and not self._is_closed and not self._has_ended:
            self._last_words.seek(0)
            words = last_lines(self._last_words.read())
            _log.warning("the second process ended before it made %s. Last words: %s", ", ".join(left), words)
        with self._changed:
            self._has_ended = True
            for asked in self._asked.values():
                asked.failed = asked.failed or asked.seconds is None
            self._changed.notify_all()


def _free_bytes(proc: Path) -> float:
    lines = _words_of(proc / "meminfo").splitlines()
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")), 0)


def _container_bytes(cgroup: Path) -> float:
    """What a container may still use; infinite outside one, and where nothing limits it."""
    for limit, used in (
        (cgroup / "memory.max", cgroup / "memory.current"),
        (cgroup / "memory" / "memory.limit_in_bytes", cgroup / "memory" / "memory.usage_in_bytes"),
    ):
        most, now = _words_of(limit).strip(), _words_of(used).strip()
        if most.isdigit() and now.isdigit():
            return int(most) - int(now)
    return float("inf")


def _container_cores(cgroup: Path) -> float:
    """Cores that a container's quota is worth; infinite where there is none."""
    quota = _words_of(cgroup / "cpu.max").split() or [
        _words_of(cgroup / "cpu" / f"cpu.cfs_{name}_us").strip() for name in ("quota", "period")
    ]
    if len(quota) == 2 and quota[0].isdigit() and quota[1].isdigit() and int(quota[1]):
        return int(quota[0]) / int(quota[1])
    return float("inf")


def _words_of(path: Path) -> str:
    try:
        return path.read_text("ascii")
    except (OSError, ValueError):
        return ""
