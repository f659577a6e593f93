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

from steelyard.assembly import Tools
from steelyard.cli.opening import open_shop
from steelyard.errors import StageError
from steelyard.workflows.building.builder import Builder
from steelyard.workflows.building.first_wave import parents_among, parts_by_name
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
    failed: set[str] = set()
    for name in iter(lambda: asked.readline().strip(), ""):

        def told(done: int, total: int, what: str, name: str = name) -> None:
            if what not in parts:  # rows, and not which part's turn it is
                _say(out, part=name, done=done, total=total, what=what)

        began_s = time.monotonic()
        try:
            if name not in parts:
                raise StageError(f"this shop has no part called {name}")
            if lacking := parents_among(parts[name], failed):  # whoever asked is making them now
                raise StageError(f"{', '.join(lacking)} could not be made here")
            builder.make([parts[name]], progress=told)
        except Exception as error:  # noqa: BLE001 - whoever asked makes it again, and reports what is wrong
            failed.add(name)
            _say(out, part=name, failed=True, what=f"{type(error).__name__}: {error}")
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
    workers = Tools().workers
    workers.end_with_parent()
    os.nice(_PATIENT)
    main(Path(sys.argv[1]), _Lines(sys.stdin), workers.own_output())  # type: ignore[arg-type]
