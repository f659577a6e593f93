"""Runs every stage with what the terminal and the pages are told of it."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path

import msgspec

from steelyard.cli.doors import Doors
from steelyard.cli.hardness import print_hardness
from steelyard.cli.opening import Opened
from steelyard.cli.stage_progress import shown_stages
from steelyard.documents.decision import Decision
from steelyard.documents.progress import Progress
from steelyard.workflows.live import LiveRun
from steelyard.workflows.run import STAGES, Run, run_all

__all__ = ["BEAT_S", "do_all"]

BEAT_S = 10.0
"""Seconds after which the progress is written again, though nothing changed."""


def do_all(opened: Opened, path: Path, doors: Doors | None, *, is_everything: bool = False) -> Decision:
    """Every stage in order.

    Args:
        opened: The shop.
        path: Its configuration file, for a process that works beside this one.
        doors: Opened with the first bundle; ended where the run fails.
        is_everything: Measure what is too dear to win as well.

    Returns:
        The decision.
    """
    progress = opened.tools.serving.progress(opened.work)
    published = _Published(progress.write, opened.tools.clock.now, is_open=doors is not None or progress.exists())
    live = LiveRun(opened.config.shop.name, opened.tools.clock, published.write)
    argv = [sys.executable, "-P", "-m", "steelyard.cli.make_parts", str(path)]
    run = Run.of(opened, start_worker=lambda: opened.tools.workers.parts(argv))
    with published.beating():
        try:
            return run_all(
                run,
                shown_stages(STAGES),
                live=live,
                doors=doors.open if doors is not None else None,
                is_hard=partial(print_hardness, language=opened.config.shop.language, is_error=True),
                reached=doors.say if doors is not None else lambda milestone: None,
                is_everything=is_everything,
            )
        except BaseException as error:
            live.finish(str(error) or type(error).__name__)
            if doors is not None:
                doors.close()
            raise


class _Published:
    """Writes the progress of a run, and again from time to time, so that a long step is not taken for a dead run.

    Args:
        write: Replaces the document.
        now: The clock.
        is_open: Whether to write from the start; else once something was prepared: a run that is refused before leaves
            the shop's folder as it was.
        every_s: Written again after so many seconds.
    """

    def __init__(
        self, write: Callable[[Progress], None], now: Callable[[], datetime], *, is_open: bool, every_s: float = BEAT_S
    ) -> None:
        self._write, self._now, self._every_s, self._is_open = write, now, every_s, is_open
        self._latest: Progress | None = None
        self._lock, self._end = threading.Lock(), threading.Event()

    def write(self, progress: Progress) -> None:
        """Replace the document."""
        with self._lock:
            self._latest = progress
            self._is_open = self._is_open or progress.stage not in ("", "prepare")
            if self._is_open:
                self._write(progress)

    @contextmanager
    def beating(self) -> Iterator[None]:
        """Write the latest document again with a new time, until the block ends."""
        thread = threading.Thread(target=self._beat, name="progress", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._end.set()
            thread.join()

    def _beat(self) -> None:
        while not self._end.wait(self._every_s):
            with self._lock:
                if self._is_open and self._latest is not None and not self._latest.is_done:
                    self._write(msgspec.structs.replace(self._latest, updated_at=self._now()))
