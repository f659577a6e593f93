"""``steelyard hardness``."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from steelyard.cli import VERBS
from steelyard.cli.opening import config_option, open_shop
from steelyard.cli.stage_progress import shown

if TYPE_CHECKING:
    from steelyard.documents.hardness import Hardness

__all__ = ["command", "print_hardness"]


@click.command("hardness", help=VERBS["hardness"])
@config_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--language", type=click.Choice(["en", "zh"]), help="Of what is printed; the shop's where left out.")
def command(path: Path, as_json: bool, language: str | None) -> None:
    """Say how hard the shop's data is, and whether a transformer can pay on it.

    The shop's files are prepared first, where that was not done. Nothing is trained.
    """
    opened = open_shop(path)
    for note in opened.notes:
        click.echo(f"note: {note}", err=True)
    from steelyard.documents.hardness import hardness_builtins  # noqa: PLC0415 - slow to import
    from steelyard.workflows.hardness import hardness_stage  # noqa: PLC0415 - as above
    from steelyard.workflows.run import Run, prepare_stage  # noqa: PLC0415 - as above

    run = Run.of(opened)
    with shown("hardness") as progress:
        prepare_stage(run, progress)
        found = hardness_stage(run, progress)
    if found is None:
        click.echo("there is no [data.events]: without a log of behaviour nothing can be told", err=True)
        sys.exit(1)
    if as_json:
        click.echo(json.dumps(hardness_builtins(found), ensure_ascii=False, indent=1, allow_nan=False))
        return
    print_hardness(found, language=language or opened.config.shop.language)


def print_hardness(found: Hardness, *, language: str, is_error: bool = False) -> None:
    """Print the figures and the verdict.

    Args:
        found: The document.
        language: ``en`` or ``zh``; another is English.
        is_error: Whether to print where the progress is shown.
    """
    from steelyard.cli.cost.grid import wrapped  # noqa: PLC0415 - slow to import
    from steelyard.reporting.hardness_lines import hardness_lines  # noqa: PLC0415 - as above

    width = max(40, shutil.get_terminal_size().columns)
    for line in hardness_lines(found, language=language):
        for part in wrapped(line, width, indent="    "):
            click.echo(part, err=is_error)
