"""Runs every stage with what the terminal and the pages are told of it."""

from __future__ import annotations

from typing import Any

from steelyard.cli.doors import Doors
from steelyard.cli.opening import Opened
from steelyard.cli.progress import shown_stages
from steelyard.workflows.live import LiveRun
from steelyard.workflows.run import STAGES, Run, run_all

__all__ = ["do_all"]


def do_all(opened: Opened, doors: Doors | None, *, is_everything: bool = False) -> dict[str, Any]:
    """Every stage in order.

    Args:
        opened: The shop.
        doors: Opened with the first bundle; ended where the run fails.
        is_everything: Measure what is too dear to win as well.

    Returns:
        The decision.
    """
    progress = opened.tools.serving.progress(opened.work)
    live = LiveRun(opened.config.shop.name, opened.tools.clock, progress.write)
    run = Run.of(opened)
    try:
        return run_all(
            run,
            shown_stages(STAGES),
            live=live,
            doors=doors.open if doors is not None else None,
            is_everything=is_everything,
        )
    except BaseException as error:
        live.finish(str(error) or type(error).__name__)
        if doors is not None:
            doors.close()
        raise
