"""The process that makes parts ahead: ``python -m steelyard.cli.make_parts CONFIG``; no verb, a run starts it.

Names of parts come on its input, one a line; what became of each goes to its output, one JSON object a line.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
import time
from pathlib import Path
from typing import IO, Any

from steelyard.cli.opening import open_shop
from steelyard.workflows.building.builder import Builder
from steelyard.workflows.building.first_wave import parts_by_name
from steelyard.workflows.session import Run

__all__ = ["main"]

_PATIENT = 10
"""Niceness: whoever asked goes first on a machine that is full."""


def main(path: Path, asked: IO[str], out: IO[str]) -> None:
    """Make what is asked for until the input ends.

    Args:
        path: The shop's configuration file.
        asked: Names of parts, one a line.
        out: Takes what became of each.
    """
    opened = open_shop(path)
    run = Run.of(opened)
    parts = parts_by_name(run.config)
    builder = Builder(run.bench, run.steps)
    for name in iter(lambda: asked.readline().strip(), ""):

        def told(done: int, total: int, what: str, name: str = name) -> None:
            _say(out, part=name, done=done, total=total, what=what)

        began_s = time.monotonic()
        try:
            builder.make([parts[name]], progress=told)
        except Exception as error:  # noqa: BLE001 - whoever asked makes it again, and reports what is wrong
            _say(out, part=name, failed=True, what=str(error))
        else:
            _say(out, part=name, seconds=time.monotonic() - began_s)


def _say(out: IO[str], **word: Any) -> None:
    out.write(json.dumps(word) + "\n")
    out.flush()


class _Lines:
    """Lines of an input whose end ends the process, whatever it is doing then."""

    def __init__(self, source: IO[str]) -> None:
        self._source = source
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._read, name="input", daemon=True).start()

    def readline(self) -> str:
        """The next line, once it is there."""
        return self._lines.get()

    def _read(self) -> None:
        for line in self._source:
            self._lines.put(line)
        os._exit(0)


if __name__ == "__main__":
    os.nice(_PATIENT)
    words, sys.stdout = sys.stdout, sys.stderr
    main(Path(sys.argv[1]), _Lines(sys.stdin), words)  # type: ignore[arg-type]
