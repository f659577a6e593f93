"""Opens a shop's ledger for the verbs of ``steelyard cost``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from steelyard import registry
from steelyard.cli.opening import Opened
from steelyard.cost.ledger import View

__all__ = ["month_option", "open_ledger", "view_option"]

month_option = click.option("--month", metavar="YYYY-MM", help="The month; this one when left out.")
view_option = click.option(
    "--view",
    type=click.Choice([str(view) for view in View]),
    default=str(View.ACCRUAL),
    show_default=True,
    help="What was used, or what was billed.",
)


@contextmanager
def open_ledger(opened: Opened) -> Iterator[Any]:
    """The shop's ledger, shut at the end."""
    ledger = registry.load("adapters", "ledger")(opened.work / "ledger.sqlite")
    try:
        yield ledger
    finally:
        ledger.shut()
