"""The verbs of ``steelyard cost ledger`` that book something."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import click

from steelyard.cli.cost.booking import book_usage
from steelyard.cli.cost.opened_ledger import open_ledger
from steelyard.cli.opening import config_option, open_shop
from steelyard.cost.ledger.entering import Purchase, cost_entries, purchase_entries
from steelyard.cost.ledger.entries import CostCentre, Entry, Posting, View, correction
from steelyard.cost.ledger.metering import MACHINES, NETWORK, STORED
from steelyard.domain import FactKind, Money, Stage
from steelyard.errors import DataError

__all__ = ["add", "book", "correct", "spread"]

_POOLS = {Stage.STORAGE: STORED, Stage.BANDWIDTH: NETWORK}
_KINDS = [str(kind) for kind in FactKind]


def _cost_options(function: Any) -> Any:
    """What every entry made by hand says."""
    for option in (
        click.option("--id", "entry_id", required=True, help="Yours, so that the same thing is not booked twice."),
        click.option("--text", required=True, help="What it was for."),
        click.option("--amount", required=True, help="Such as 120.50."),
        click.option("--currency", required=True, help="ISO 4217 code."),
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
    book_usage(open_shop(path))


@click.command("add")
@config_option
@_cost_options
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), required=True, help="Day it belongs to.")
@click.option("--view", type=click.Choice(["cash", "accrual", "both"]), default="both", show_default=True)
@click.option(
    "--to-pool",
    is_flag=True,
    help="An invoice for what is metered: to pool/storage or pool/network by --stage, else pool/machines.",
)
def add(path: Path, day: datetime, view: str, to_pool: bool, **given: str) -> None:
    """Book a cost by hand: an invoice, somebody's work, a fee.

    In the accrual view an invoice for what is metered goes to a pool: the meters take out of it what each step used,
    and `share-out` shares out the rest. Otherwise the same hour would be counted twice.
    """
    opened = open_shop(path)
    centre, money = _centre(given, opened.config.cost.team), _money(given["amount"], given["currency"])
    expense = Posting(f"expense/{centre.stage}/entered", money, centre)
    postings = (expense, Posting(given["paid_from"], money * -1))
    entry = Entry(given["entry_id"], day.date(), View.CASH, given["text"], FactKind(given["kind"]), given["source"],
                  postings)  # fmt: skip
    views = tuple(View) if view == "both" else (View(view),)
    pool = _POOLS.get(centre.stage, MACHINES) if to_pool else ""
    with open_ledger(opened) as ledger:
        n = ledger.append(cost_entries(entry, views=views, pool=pool))
    booked = f"{n} entries booked: {money} to {pool or expense.account}"
    click.echo(booked if n else "it was in the ledger already")


@click.command("spread")
@config_option
@_cost_options
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), required=True, help="Day it was bought.")
@click.option("--months", type=click.IntRange(1, 600), required=True, help="It serves so many, this one included.")
@click.option("--residual", default="0", show_default=True, help="What it is worth at the end, same currency.")
def spread(path: Path, day: datetime, months: int, residual: str, **given: str) -> None:
    """Book a purchase that serves for months: paid once, borne month by month."""
    opened = open_shop(path)
    bought = Purchase(
        given["entry_id"],
        given["text"],
        _money(given["amount"], given["currency"]),
        _money(residual, given["currency"]),
        months,
        day.date(),
        _centre(given, opened.config.cost.team),
        given["paid_from"],
    )
    with open_ledger(opened) as ledger:
        n = ledger.append(purchase_entries(bought, kind=FactKind(given["kind"]), source=given["source"]))
    borne = bought.price - bought.residual
    click.echo(f"{n} entries booked: {borne} over {months} months" if n else "it was in the ledger already")


@click.command("correct")
@config_option
@click.argument("entry_id")
@click.option("--text", required=True, help="Why.")
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="A day of an open month; today when left out.")
def correct(path: Path, entry_id: str, text: str, day: datetime | None) -> None:
    """Take ENTRY_ID back by an entry with opposite signs; both stay."""
    on: date = day.date() if day else datetime.now(UTC).date()
    with open_ledger(open_shop(path)) as ledger:
        wrong = ledger.kept([entry_id]).get(entry_id)
        if wrong is None:
            raise DataError(f"no entry {entry_id!r}; `steelyard cost ledger entries` lists them")
        new = correction(wrong, entry_id=f"{entry_id}/corrected", on=on, text=text)
        n = ledger.append([new])
    click.echo(f"{new.id} booked in {new.month}" if n else f"{entry_id} was taken back already")


def _centre(given: dict[str, str], team: str) -> CostCentre:
    return CostCentre(
        Stage(given["stage"]), given["model"], given["configuration"], given["team"] or team, given["experiment"]
    )


def _money(amount: str, currency: str) -> Money:
    try:
        value = Decimal(amount.replace(",", ""))
    except InvalidOperation:
        value = Decimal("nan")
    if not value.is_finite() or value < 0:
        raise DataError(f"{amount!r} is not an amount above zero; write it as 120.50")
    if len(currency) != 3 or not currency.isascii() or not currency.isupper():
        raise DataError(f"{currency!r} is not a currency; write an ISO 4217 code like USD")
    return Money(value, currency)
