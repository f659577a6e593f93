"""``steelyard contract``: data contracts (ODCS). Each verb is a module here, imported when it is called."""

from __future__ import annotations

import click

from steelyard.cli.lazy_verbs import LazyVerbs

__all__ = ["VERBS", "command"]

VERBS = {
    "export": "Write a data contract of the shop's tables.",
    "import": "Write a steelyard.toml from a data contract.",
}
"""A verb that is a keyword of Python has a trailing underscore in its module."""


@click.group("contract", cls=LazyVerbs, verbs=VERBS, package=__name__)
def command() -> None:
    """Data contracts of the Open Data Contract Standard (ODCS), version 3."""
