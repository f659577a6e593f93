"""``steelyard package``."""

from __future__ import annotations

from pathlib import Path

import click

from steelyard.cli import VERBS
from steelyard.cli.cost.booking import book_after_work
from steelyard.cli.opening import config_option, open_shop
from steelyard.cli.stage_progress import shown

__all__ = ["command"]


@click.command("package", help=VERBS["package"])
@click.argument("names", nargs=-1, metavar="[NAME]...")
@config_option
def command(path: Path, names: tuple[str, ...]) -> None:
    """Put configurations into one sealed bundle: the chosen ones, or in their place those named."""
    opened = open_shop(path)
    for note in opened.notes:
        click.echo(f"note: {note}", err=True)
    from steelyard.workflows.bundles.packaging import package_named, package_stage  # noqa: PLC0415 - as above
    from steelyard.workflows.run import Run  # noqa: PLC0415 - slow to import, and not needed to refuse a file

    run = Run.of(opened)
    with shown("package") as progress:
        lines = package_named(run, names, progress) if names else package_stage(run, progress)
    book_after_work(opened)
    for line in lines:
        click.echo(line)
