"""The verbs of ``steelyard cost ledger`` that book something."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from steelyard.cli.cost.booking import print_booked
from steelyard.cli.opening import config_option, open_shop
from steelyard.cli.values import AMOUNT, CURRENCY, DAY, Number
from steelyard.domain import FactKind, Money, Stage
from steelyard.domain.written import DECIMALS
from steelyard.workflows.bookkeeping.book_usage import book_usage
from steelyard.workflows.bookkeeping.enter_cost import BOTH, HandCost, amortise_cost, enter_cost
from steelyard.workflows.bookkeeping.opened_ledger import VIEWS
from steelyard.workflows.bookkeeping.reverse import reverse as reverse_entry

__all__ = ["add", "amortise", "book", "reverse"]

_KINDS = [str(kind) for kind in FactKind]


def _cost_options(function: Any) -> Any:
    """What every entry made by hand says."""
    for option in (
        click.option("--id", "entry_id", required=True, help="Yours, so that the same thing is not booked twice."),
        click.option("--text", required=True, help="What it was for."),
        click.option("--amount", type=AMOUNT, required=True, help="Such as 120.50."),
        click.option("--currency", type=CURRENCY, required=True, help="ISO 4217 code."),
        click.option(
            "--stage",
            required=True,
            type=click.Choice([str(stage) for stage in Stage]),
            help="Stage of the lifecycle that bears it.",
        ),
        click.option("--source", required=True, help="The invoice, or who says so."),
        click.option(
            "--kind", type=click.Choice(_KINDS), default="invoiced", show_default=True, help="What the amount rests on."
        ),
        click.option("--from", "paid_from", default="payable/other", show_default=True, help="Account it is owed on."),
        click.option("--model", default="", help="Cost centre."),
        click.option("--of", "configuration", default="", help="Cost centre: the configuration."),
        click.option("--team", default="", help="Cost centre; [cost] team when left out."),
        click.option("--experiment", default="", help="Cost centre."),
    ):
        function = option(function)
    return function


@click.command("book")
@config_option
def book(path: Path) -> None:
    """Book what the meters saw since the last time; `steelyard run` does so at its end."""
    print_booked(book_usage(open_shop(path)))


@click.command("add")
@config_option
@_cost_options
@click.option("--on", "day", type=DAY, required=True, help="Day it belongs to.")
@click.option("--view", type=click.Choice([*VIEWS, BOTH]), default=BOTH, show_default=True)
@click.option(
    "--to-pool",
    is_flag=True,
    help="An invoice for what is metered: to pool/storage or pool/network by --stage, else pool/machines.",
)
def add(path: Path, day: date, view: str, to_pool: bool, **given: Any) -> None:
    """Book a cost by hand: an invoice, somebody's work, a fee.

    In the accrual view an invoice for what is metered goes to a pool: the meters take out of it what each step used,
    and `allocate` charges the rest. Otherwise the same hour would be counted twice.
    """
    entered = enter_cost(open_shop(path), _cost(day=day, **given), view=view, to_pool=to_pool)
    _say(entered.n_entries, f"{entered.amount} to {entered.account}", entered.id)


@click.command("amortise")
@config_option
@_cost_options
@click.option("--on", "day", type=DAY, required=True, help="Day it was bought.")
@click.option("--months", type=click.IntRange(1, 600), required=True, help="It serves so many, this one included.")
@click.option(
    "--residual", type=Number(0, like="120.50", places=DECIMALS), default="0", show_default=True,
    help="What it is worth at the end, same currency.",
)  # fmt: skip
def amortise(path: Path, day: date, months: int, residual: Decimal, **given: Any) -> None:
    """Book a purchase that serves for months: paid once, an expense month by month."""
    entered = amortise_cost(open_shop(path), _cost(day=day, **given), months=months, residual=residual)
    _say(entered.n_entries, f"{entered.amount} over {months} month{'' if months == 1 else 's'}", entered.id)


@click.command("reverse")
@config_option
@click.argument("entry_id")
@click.option("--text", required=True, help="Why.")
@click.option("--on", "day", type=DAY, help="A day of an open month; today when left out.")
def reverse(path: Path, entry_id: str, text: str, day: date | None) -> None:
    """Reverse ENTRY_ID with an entry of opposite signs; both stay in the ledger.

    An id given to `add` or `amortise` stands for all its entries: those of both views, and every month of a purchase.
    """
    found = reverse_entry(open_shop(path), entry_id, on=day, text=text)
    for new, month in found.booked:
        click.echo(f"{new} booked in {month}")
    if not found.booked:
        click.echo(f"already reversed: {entry_id} is unchanged")
    for other in found.left:
        click.echo(
            f"{other} stays as it is, so the cash and accrual views now differ; `ledger reverse "
            f"{entry_id.rpartition('/')[0]}` reverses both",
            err=True,
        )


def _say(n: int, what: str, entry_id: str) -> None:
    noun = "entry" if n == 1 else "entries"
    click.echo(f"{n} {noun} booked: {what}" if n else f"already booked: entry {entry_id} is unchanged")


def _cost(*, entry_id: str, day: date, amount: Decimal, currency: str, stage: str, kind: str, **given: str) -> HandCost:
    return HandCost(
        id=entry_id, amount=Money(amount, currency), on=day, stage=Stage(stage), kind=FactKind(kind), **given
    )
