"""``steelyard cost calibrate``: a minute of kernels on this machine, and what a figure from it means on another."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from steelyard.assembly import Tools
from steelyard.cli.cost.tables import print_rows, print_text
from steelyard.cli.values import CURRENCY, SHARE, Number
from steelyard.errors import ConfigError
from steelyard.workflows.pricing.calibrate import FigureHere, calibrated_machine, figure_there

__all__ = ["command"]

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("calibrate")
@click.option("--seconds", type=click.FloatRange(1, 3600), default=60.0, show_default=True, help="How long.")
@click.option("--out", type=_FILE, help="Write the calibration to this file (JSON).")
@click.option("--compare", nargs=2, type=_FILE, metavar="HERE THERE", help="Two such files; nothing is timed.")
@click.option("--profile", default="", metavar="int8=0.6,text=0.4",
              help="Share of each kernel in the pipeline's time; equal when left out.")  # fmt: skip
@click.option(
    "--rate",
    type=Number(0, like="40.5", is_above=True),
    help="Requests a second that the machine HERE carries within the latency limit.",
)
@click.option("--hourly", type=Number(0, like="0.0425", is_above=True), help="Price of an hour of the machine THERE.")
@click.option("--currency", type=CURRENCY, default="USD", show_default=True, help="Of --hourly; ISO 4217 code.")
@click.option(
    "--utilisation", type=SHARE, default="1", show_default=True, help="Share of the rate that really arrives."
)
def command(seconds: float, out: Path | None, compare: tuple[Path, Path] | None, **asked: Any) -> None:
    """Time four kernels on this machine, or say from two such files what a figure from HERE means THERE.

    The same machine type needs none of this. Another type of the same class of instruction sets gets a derived figure
    with a wide interval; of another class, none: measure there.
    """
    if compare is not None:
        read = Tools().measuring.calibration
        here, there = (read(path) for path in compare)
        print_text(figure_there(here, there, FigureHere(**asked), today=datetime.now(UTC).date()))
        return
    if asked["rate"] or asked["hourly"] or asked["profile"]:
        raise ConfigError(
            "--rate, --hourly and --profile belong to --compare HERE THERE: calibrate both machines first"
        )
    click.echo(f"timing four kernels for about {seconds:g} s; let the machine do nothing else meanwhile", err=True)
    found = Tools().measuring.calibrate(seconds=seconds)
    timed = calibrated_machine(found)
    if out is not None:
        out.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    title = f"{timed.machine} · {timed.instruction_set}"
    print_rows(title, ("what", "value", "low", "high", "unit"), timed.rows, "table")
