"""``steelyard verify``."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import click

from steelyard.cli import VERBS
from steelyard.cli.cost.booking import book_after_work
from steelyard.cli.opening import config_option, open_shop
from steelyard.cli.stage_progress import shown
from steelyard.cli.values import Number

__all__ = ["command"]


@click.command("verify", help=VERBS["verify"])
@click.argument("names", nargs=-1, metavar="[NAME]...")
@config_option
@click.option("--again", is_flag=True, help="Set earlier readings aside and ask at the rates of the simulation.")
@click.option(
    "--share",
    "shares",
    type=Number(Decimal("0.01"), 1, like="0.5"),
    multiple=True,
    help="With NAME: ask at this share of the promised rate; may be given several times.  [default: 1]",
)
def command(path: Path, names: tuple[str, ...], again: bool, shares: tuple[Decimal, ...]) -> None:
    """Serve the chosen configurations at the promised rate, decide again, and package what was held.

    With NAME, serve these and keep what was read, without deciding.
    """
    if shares and not names:
        raise click.UsageError("--share goes with the NAME of a configuration")
    opened = open_shop(path)
    for note in opened.notes:
        click.echo(f"note: {note}", err=True)
    from steelyard.workflows.run import Run  # noqa: PLC0415 - slow to import, and not needed to refuse a file
    from steelyard.workflows.verifying import verify_named, verify_stage  # noqa: PLC0415 - as above

    run = Run.of(opened)
    with shown("verify") as progress:
        if names:
            lines = verify_named(run, names, [float(share) for share in shares] or [1.0], progress)
        else:
            lines = verify_stage(run, progress, is_again=again, is_asked=True)
    book_after_work(opened)
    for line in lines:
        click.echo(line)
