"""``steelyard run``."""

from __future__ import annotations

from pathlib import Path

import click

from steelyard.cli.cost.booking import book_after_work
from steelyard.cli.ending import say_next
from steelyard.cli.opening import config_option, open_shop
from steelyard.cli.printing import print_decision
from steelyard.cli.progress import shown_stages

__all__ = ["command"]


@click.command("run")
@config_option
def command(path: Path) -> None:
    """Do everything from one file: prepare, train, compress, measure, price, decide, check, package, report.

    What has not changed since the last run is skipped; an interrupted run carries on where it stopped.
    """
    opened = open_shop(path)
    for note in opened.notes:
        click.echo(f"note: {note}", err=True)
    from steelyard.workflows.packaging import nothing_packaged  # noqa: PLC0415 - slow to import, and not needed to refuse a file
    from steelyard.workflows.run import STAGES, Run, bundle_of, run_all  # noqa: PLC0415 - as above

    run = Run.of(opened)
    decision = run_all(run, shown_stages(STAGES))
    book_after_work(opened)
    print_decision(decision)
    bundle = bundle_of(run)
    if bundle is None:
        click.echo(nothing_packaged(decision))
        return
    click.echo(f"bundle: {bundle}")
    surfaces = [each.surface for each in decision.surfaces]
    report = run.work / "report" / "index.html"
    say_next(path, surfaces=surfaces, report=report, port=opened.config.serve.port)
