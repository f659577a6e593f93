"""``steelyard experiment``: what an experiment showed. Each verb is a module here, imported when it is called."""

from __future__ import annotations

import click

from steelyard.cli.lazy_verbs import LazyVerbs

__all__ = ["VERBS", "command"]

VERBS = {
    "analyse": "Compare two arms of an A/B test: difference, interval, sample-ratio check.",
    "offpolicy": "Judge a policy that did not run from the log of the one that did.",
}


@click.group("experiment", cls=LazyVerbs, verbs=VERBS, package=__name__)
def command() -> None:
    """What an online experiment showed, and what another policy would have earned."""
