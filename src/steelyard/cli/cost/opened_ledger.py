"""Options of the verbs that read the ledger."""

from __future__ import annotations

import click

from steelyard.cli.values import MONTH
from steelyard.workflows.bookkeeping.opened_ledger import VIEWS

__all__ = ["month_option", "view_option"]

month_option = click.option("--month", type=MONTH, help="The month; this one when left out.")
view_option = click.option(
    "--view", type=click.Choice(VIEWS), default="accrual", show_default=True, help="What was used, or what was billed."
)
