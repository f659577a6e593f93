"""Makes the commands of single stages: each does one stage and prints its result."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from steelyard.cli import VERBS
from steelyard.cli.accepting import accept_option
from steelyard.cli.cost.booking import book_after_work
from steelyard.cli.opening import config_option, open_shop
from steelyard.cli.printing import print_decision
from steelyard.cli.quality_table import print_quality_summary
from steelyard.cli.stage_progress import shown
from steelyard.documents.decision import Decision, decision_builtins
from steelyard.documents.quality import QualityReport, quality_builtins

__all__ = ["stage_command"]


def stage_command(stage: str) -> click.Command:
    """The command that does one stage of ``steelyard run``."""

    @click.command(stage, help=VERBS[stage])
    @config_option
    @click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
    def command(path: Path, as_json: bool, accept: tuple[str, ...] = ()) -> None:
        opened = open_shop(path, accept=accept)
        for note in opened.notes:
            click.echo(f"note: {note}", err=True)
        from steelyard.workflows.run import Run, do  # noqa: PLC0415 - slow to import, and not needed to refuse a file

        run = Run.of(opened)
        with shown(stage) as progress:
            result = do(run, stage, progress)
        book_after_work(opened)
        if as_json:
            click.echo(json.dumps(_builtins(result), ensure_ascii=False, indent=1, default=str))
        else:
            _show(stage, result, language=opened.config.shop.language)

    return accept_option(command) if stage == "prepare" else command


def _builtins(result: Any) -> Any:
    if isinstance(result, QualityReport):
        return quality_builtins(result)
    return decision_builtins(result) if isinstance(result, Decision) else result


def _show(stage: str, result: Any, *, language: str) -> None:
    if stage == "prepare":
        print_quality_summary(result, language=language)
    elif stage in ("price", "decide"):
        print_decision(result)
    else:
        for line in result:
            click.echo(line)
