"""How far long work has come: a bar on a terminal; in a log a line at the start, one a minute, and one at the end."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from steelyard.workflows.ports import Progress as Told

__all__ = ["LogLines", "duration", "shown", "shown_stages"]

EVERY_S = 60.0


def duration(seconds: float) -> str:
    """A time as people say it: ``41 s``, ``2 min 5 s``, ``1 h 3 min``."""
    whole = round(seconds)
    if whole < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


class LogLines:
    """What a log is told of one stage.

    Args:
        title: The stage.
        write: Takes a line.
        now: A clock that never goes back, in seconds.
    """

    def __init__(self, title: str, *, write: Callable[[str], None], now: Callable[[], float] = time.monotonic) -> None:
        self._title, self._write, self._now = title, write, now
        self._began = now()
        self._where = ""

    def begin(self) -> None:
        """The stage begins."""
        self._write(f"{self._title} …")

    def update(self, done: int, total: int, what: str) -> None:
        """The workflow has come so far; nothing is written until it is time."""
        step = f"step {min(done + 1, total)} of {total}" if total else ""
        self._where = ", ".join(part for part in (step, what) if part)

    def still(self) -> None:
        """Time for a line while the stage goes on."""
        where = f" {self._where}," if self._where else ""
        self._write(f"{self._title}:{where} {duration(self._now() - self._began)} so far")

    def end(self) -> None:
        """The stage is done."""
        self._write(f"{self._title}: done in {duration(self._now() - self._began)}")


def shown_stages(stages: Sequence[str]) -> Callable[[str], AbstractContextManager[Told]]:
    """``shown`` for stages of a row: each is told with its number.

    Args:
        stages: All that will be done, in order.

    Returns:
        From a stage to its progress.
    """

    def numbered(stage: str) -> AbstractContextManager[Told]:
        return shown(f"stage {stages.index(stage) + 1} of {len(stages)}, {stage}" if stage in stages else stage)

    return numbered


@contextmanager
def shown(title: str) -> Iterator[Told]:
    """A progress bar for one stage; lines where the output is no terminal."""
    console = Console(file=sys.stderr)
    if not console.is_terminal:
        with _logged(LogLines(title, write=lambda line: click.echo(line, err=True))) as lines:
            yield lines.update
        return
    columns = (SpinnerColumn(), TextColumn("{task.description:<10}"), BarColumn(), TextColumn("{task.fields[what]}"))
    with Progress(*columns, TimeElapsedColumn(), console=console) as bars:
        task = bars.add_task(title, total=None, what="")

        def update(done: int, total: int, what: str) -> None:
            step = f"{min(done + 1, total)} of {total} " if total else ""
            bars.update(task, completed=done, total=total, what=step + what)

        yield update
        bars.update(task, completed=1, total=1, what="done")


@contextmanager
def _logged(lines: LogLines, *, every_s: float = EVERY_S) -> Iterator[LogLines]:
    """Lines of a stage; the ones between come from a thread, since a step may take long without a word."""
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(every_s):
            lines.still()

    watcher = threading.Thread(target=watch, name="progress", daemon=True)
    lines.begin()
    watcher.start()
    try:
        yield lines
    finally:
        ended.set()
        watcher.join()
    lines.end()
