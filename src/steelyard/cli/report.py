"""``steelyard report``."""

from __future__ import annotations

from pathlib import Path

import click

from steelyard.cli.opening import config_option, open_shop
from steelyard.workflows.run import Run, write_report

__all__ = ["command"]


@click.command("report")
@config_option
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="File to write; default in the work folder."
)
@click.option("--language", type=click.Choice(["en", "zh"]), default="en", show_default=True)
def command(path: Path, out: Path | None, language: str) -> None:
    """Write the decision as one HTML page that a person can read, print and send."""
    opened = open_shop(path)
    click.echo(write_report(Run.of(opened), out=out, language=language))
