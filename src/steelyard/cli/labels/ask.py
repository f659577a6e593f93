"""``steelyard labels ask``."""

from __future__ import annotations

from pathlib import Path

import click

from steelyard.cli.labels.screen import json_option, out_option, print_report
from steelyard.cli.opening import config_option, open_shop
from steelyard.cli.stage_progress import shown
from steelyard.workflows.labelling.ask_labels import ask_labels

__all__ = ["command"]


@click.command("ask")
@config_option
@click.option("--per-query", type=click.IntRange(1, 1000), default=10, show_default=True, help="Items of each query.")
@out_option
@json_option
def command(path: Path, per_query: int, out: Path | None, as_json: bool) -> None:
    """Ask the language model of [labels.model] for grades.

    Pairs that people judged come first: the labels are written only where the model agrees with people enough. Every
    answer is kept, so that nothing is paid for twice; the run stops before its budget is passed, and what was spent is
    booked under labelling. Texts of the shop are data to the model, never orders.
    """
    opened = open_shop(path)
    with shown("labels") as progress:
        report = ask_labels(opened, opened.tools.labelling, per_query=per_query, out=out, progress=progress)
    print_report(report, language=opened.config.shop.language, as_json=as_json)
