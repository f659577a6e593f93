"""A second process that makes parts ahead, so that two cores are at work where one alone would be.

It is asked by the part's name on its input, one a line, and tells on its output how far it has come, one JSON object a
line. It ends when its input does: with whoever asked, however that one ended.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from steelyard.adapters.measuring.machine import usable_cores

__all__ = ["ROOM_BYTES", "PartWorker", "has_room"]

ROOM_BYTES = 3 * 1024**3
"""Memory that must be free for a second process with a network and the shop's tables."""
_WAIT_S = 0.2
_STOP_S = 5.0


def has_room() -> bool:
    """Whether this machine has a second core, and memory for a second process.

    Returns:
        False where the system does not tell how much memory is free.
    """
    return len(usable_cores()) > 1 and _free_bytes() >= ROOM_BYTES


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
        self._has_ended = False
        self._process = subprocess.Popen(  # noqa: S603 - the caller's command, no shell
            list(argv),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
            process_group=0,  # stopped, and left alone, it is ended by the system
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
        """End the process; what it was making is thrown away."""
        if self._process.poll() is None:
            self._signal(signal.SIGTERM)
            self._signal(signal.SIGCONT)
            try:
                self._process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._reader.join()
        with contextlib.suppress(OSError):
            self._input.close()
        self._output.close()

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
        for line in self._output:
            try:
                word = json.loads(line)
                asked = self._asked[word["part"]]
            except (ValueError, KeyError, TypeError):
                continue  # a library that prints
            with self._changed:
                asked.seconds = word.get("seconds")
                asked.failed = bool(word.get("failed"))
                asked.told = (int(word.get("done", 0)), int(word.get("total", 0)), str(word.get("what", "")))
                self._changed.notify_all()
        self._give_up()

    def _give_up(self) -> None:
        """What is not made will not be made here."""
        with self._changed:
            self._has_ended = True
            for asked in self._asked.values():
                asked.failed = asked.failed or asked.seconds is None
            self._changed.notify_all()


def _free_bytes() -> int:
    try:
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")), 0)
