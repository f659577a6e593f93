"""The command line: parse, call one workflow, print. No logic lives here; each verb is imported only when called."""

from __future__ import annotations

import errno
import importlib
import logging
import sys
from typing import Any

import click

from steelyard import __version__
from steelyard.cli.leftovers import remove_empty
from steelyard.cli.nearest import new_verb, refuse_verb
from steelyard.errors import SteelyardError

__all__ = ["main"]

VERBS = {
    "init": "Look at a shop's files and write a commented steelyard.toml.",
    "run": "Do everything from one file: prepare … report; carry on where it stopped.",
    "progress": "Show what the run is doing now, the time left, and the best so far.",
    "serve": "Serve a bundle: store front, decision page, HTTP API.",
    "demo": "Run and serve the demo shop (a year of a supermarket's baskets).",
    "doctor": "Say what was found on this machine and what is missing.",
    "prepare": "Read, check and split the shop's files.",
    "build": "Fit, tune and compress the models that the shop names.",
    "measure": "Measure quality, processor time, memory and size of every configuration.",
    "price": "Price every configuration by the month and by 1,000 requests.",
    "decide": "Pick the cheapest configuration that meets the floors.",
    "check": "Serve the choice at the promised rate, decide again, package what was held.",
    "promises": "Show what was promised, what was measured, and how far apart they were.",
    "package": "Put the chosen configurations, or those named, into one sealed bundle.",
    "cost": "Show bills, unit costs, and where a figure comes from.",
    "evaluate": "Judge a bundle on data it never saw.",
    "experiment": "Analyse an A/B test, or judge a policy from another's log.",
    "report": "Write the decision as a page a person can read and send.",
    "schema": "Print the JSON Schema of steelyard.toml, for editors.",
}

RENAMED = {"train": "build", "compress": "build"}
"""Verbs of older versions: they do what the new one does, and say its name."""

_REFUSALS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
"""What the disk says where no room of its own turned it into a ``StorageError``."""


class _Verbs(click.Group):
    """Imports a verb when it is called, so that --help stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All verbs, in the order of use."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb of that name, imported now."""
        if cmd_name not in VERBS:
            return None
        command: click.Command = importlib.import_module(f"steelyard.cli.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The verb that was typed; the nearest one is named where there is none."""
        name = new_verb(args[0], RENAMED, above="steelyard")
        if name not in VERBS and not name.startswith("-") and not ctx.resilient_parsing:
            refuse_verb(ctx, name, VERBS)
        return super().resolve_command(ctx, [name, *args[1:]])

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        """Run the verb; an error raised on purpose is shown without a traceback and gives exit code 1."""
        try:
            return super().invoke(ctx)
        except SteelyardError as error:
            remove_empty(ctx)
            click.echo(f"{type(error).__name__}: {error}", err=True)
            sys.exit(1)
        except OSError as error:
            if error.errno not in _REFUSALS:
                raise
            where = f" {error.filename}" if error.filename else ""
            says = "What was finished is kept; free some space or rights there and run again"
            click.echo(f"StorageError: cannot write{where}: {error.strerror}. {says}", err=True)
            sys.exit(1)
        except KeyboardInterrupt:
            click.echo("\nStopped. What was finished is kept; the same command carries on from there.", err=True)
            sys.exit(130)


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="steelyard")
@click.option("--verbose", "-v", is_flag=True, help="Log what happens inside.")
def main(verbose: bool) -> None:
    """Weigh search and recommendation models: quality against cost, then run the cheapest that keeps the floors."""
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
        stream=sys.stderr,
    )
