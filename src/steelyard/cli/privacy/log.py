"""``steelyard privacy log``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from steelyard.cli.opening import config_option, open_shop
from steelyard.workflows.privacy.erase import register_of

__all__ = ["command"]


@click.command("log")
@config_option
@click.option("--last", type=click.IntRange(1, 1_000_000), default=50, show_default=True, help="Lines to show.")
def command(path: Path, last: int) -> None:
    """Show who read people's data, and check that no line was changed or taken away. Exit code 1 where one was."""
    register = register_of(open_shop(path))
    for line in register.notes()[-last:]:
        click.echo(f"{line.at}  {line.who}  {line.purpose}  {line.what}")
    broken = register.broken_note()
    if broken:
        click.echo(f"line {broken} is not as it was written, or lines are missing from there on", err=True)
        sys.exit(1)
    click.echo("every line is as it was written")
