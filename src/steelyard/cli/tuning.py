"""``steelyard tuning``."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import click

from steelyard.cli import VERBS
from steelyard.cli.opening import config_option, open_shop
from steelyard.errors import StageError

__all__ = ["command"]


@click.command("tuning", help=VERBS["tuning"])
@config_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--language", type=click.Choice(["en", "zh"]), help="Of what is printed; the shop's where left out.")
def command(path: Path, as_json: bool, language: str | None) -> None:
    """Show what the searches of [tune] tried: the best so far by trial, with seconds and money.

    Nothing is searched here: `steelyard build` does, and goes on where it stopped.
    """
    opened = open_shop(path)
    from steelyard.cli.cost.grid import wrapped  # noqa: PLC0415 - slow to import
    from steelyard.documents.tuning import tuning_builtins  # noqa: PLC0415 - as above
    from steelyard.reporting.tuning_lines import tuning_lines  # noqa: PLC0415 - as above
    from steelyard.reporting.words import words_in  # noqa: PLC0415 - as above
    from steelyard.workflows.searches import stored_searches, why_not_searched  # noqa: PLC0415 - as above
    from steelyard.workflows.session import Run  # noqa: PLC0415 - as above

    found = stored_searches(Run.of(opened))
    shown_in = language or opened.config.shop.language
    if not found:
        raise StageError(words_in(shown_in)(why_not_searched(opened.config)))
    if as_json:
        click.echo(json.dumps([tuning_builtins(each) for each in found], ensure_ascii=False, indent=1, allow_nan=False))
        return
    width = max(40, shutil.get_terminal_size().columns)
    for each in found:
        for line in tuning_lines(each, language=shown_in):
            for part in wrapped(line, width, indent="    ") if len(line) > width else [line]:
                click.echo(part)
