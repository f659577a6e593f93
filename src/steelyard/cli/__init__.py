"""The command line: parse, call one workflow, print. No logic lives here; each verb is imported only when called."""

from __future__ import annotations

import errno
import logging
import sys
from typing import Any

import click

from steelyard import __version__
from steelyard.cli.lazy_verbs import LazyVerbs
from steelyard.cli.leftovers import remove_empty
from steelyard.errors import SteelyardError

__all__ = ["main"]

VERBS = {
    "init": "Look at a shop's files and write a commented steelyard.toml.",
    "run": "Do everything from one file: prepare … report; carry on where it stopped.",
    "progress": "Show what the run is doing now, the time left, and the best so far.",
    "search": "Ask the newest bundle for a query, and be told how the answer came about.",
    "recommend": "Write the lists of all users of the log to a Parquet file.",
    "serve": "Serve a bundle: store front, decision page, HTTP API.",
    "demo": "Run and serve the demo shop (a year of a supermarket's baskets).",
    "doctor": "Say what was found on this machine and what is missing.",
    "check": "Read the shop's files and report what is wrong with them.",
    "hardness": "Say how hard the shop's data is, and whether a transformer can pay on it.",
    "contract": "Data contracts (ODCS): write one of the shop's tables, or start from one.",
    "prepare": "Read, check and split the shop's files.",
    "build": "Fit, tune and compress the models that the shop names.",
    "tuning": "Show what searches of models' values tried: the best so far, seconds and money.",
    "measure": "Measure quality, processor time, memory and size of every configuration.",
    "price": "Price every configuration by the month and by 1,000 requests.",
    "decide": "Pick the cheapest configuration that meets the floors.",
    "verify": "Serve the choice at the promised rate, decide again, package what was held.",
    "promises": "Show what was promised, what was measured, and how far apart they were.",
    "package": "Put the chosen configurations, or those named, into one sealed bundle.",
    "cost": "Show bills, unit costs, and where a figure comes from.",
    "evaluate": "Judge a bundle on data it never saw.",
    "labels": "Labels: which are worth having, from behaviour, rules or a language model; what they cost.",
    "synonyms": "Find other names of the words shoppers use, and try each on judged queries.",
    "curation": "Show what each rule of merchandisers gains and costs, and which do nothing.",
    "changes": "Change the catalogue by a file, or show what was changed since the newest bundle.",
    "features": "Build the features of items, users or pairs as they stood at a moment.",
    "experiment": "Analyse an A/B test, or judge a policy from another's log.",
    "privacy": "Erase people, keep nothing too long, change the key, report on people's data.",
    "report": "Write the decision as a page a person can read and send.",
    "schema": "Print the JSON Schema of steelyard.toml, for editors.",
}

RENAMED = {"train": "build", "compress": "build"}
"""Verbs of older versions: they do what the new one does, and say its name."""

_REFUSALS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
"""What the disk says where no room of its own turned it into a ``StorageError``."""


class _Verbs(LazyVerbs):
    """The verbs, and how what goes wrong in them is shown."""

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


@click.group(
    cls=_Verbs, verbs=VERBS, package=__name__, renamed=RENAMED, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(__version__, prog_name="steelyard")
@click.option("--verbose", "-v", is_flag=True, help="Log what happens inside.")
def main(verbose: bool) -> None:
    """Weigh search and recommendation models: quality against cost, then run the cheapest that keeps the floors."""
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
        stream=sys.stderr,
    )
