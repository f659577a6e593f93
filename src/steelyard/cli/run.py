"""``steelyard run``."""

from __future__ import annotations

from pathlib import Path

import click

from steelyard.cli.accepting import accept_option
from steelyard.cli.cost.booking import book_after_work
from steelyard.cli.ending import say_next
from steelyard.cli.opening import config_option, open_shop
from steelyard.cli.printing import print_decision

__all__ = ["command"]


@click.command("run")
@config_option
@accept_option
@click.option("--serve", "is_served", is_flag=True, help="Open the shop with its first models while the rest is built.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to serve on; 0 picks one.  [default: 8787]")
@click.option("--all", "is_everything", is_flag=True, help="Measure configurations that are too dear to win as well.")
def command(path: Path, accept: tuple[str, ...], *, is_served: bool, port: int | None, is_everything: bool) -> None:
    """Do everything from one file: prepare, build, measure, price, decide, verify, package, report.

    What has not changed since the last run is skipped; an interrupted run carries on where it stopped. A configuration
    whose least bill is above what is chosen already is not built, and it is said so.
    """
    opened = open_shop(path, accept=accept)
    for note in opened.notes:
        click.echo(f"note: {note}", err=True)
    from steelyard.cli.doors import Doors  # noqa: PLC0415 - slow to import, and not needed to refuse a file
    from steelyard.cli.whole_run import do_all  # noqa: PLC0415 - as above
    from steelyard.workflows.bundles.packaging import nothing_packaged  # noqa: PLC0415 - as above
    from steelyard.workflows.run import Run, bundle_of  # noqa: PLC0415 - as above

    wanted = opened.config.serve.port if port is None else port
    doors = Doors(opened.tools, path, wanted) if is_served else None
    decision = do_all(opened, path, doors, is_everything=is_everything)
    run = Run.of(opened)
    book_after_work(opened)
    print_decision(decision)
    bundle = bundle_of(run)
    if bundle is None:
        click.echo(nothing_packaged(decision))
    else:
        click.echo(f"bundle: {bundle}")
        surfaces = [each.surface for each in decision.surfaces]
        report = run.work / "report" / "index.html"
        say_next(path, surfaces=surfaces, report=report, port=wanted, is_served=is_served)
    if doors is not None and doors.is_open:
        click.echo("Ctrl-C ends it.\n")
        doors.stay()
