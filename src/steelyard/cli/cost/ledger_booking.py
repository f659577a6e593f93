"""The verbs of ``steelyard cost ledger`` that book something."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from steelyard.cli.cost.booking import book_usage
from steelyard.cli.cost.opened_ledger import open_ledger
from steelyard.cli.opening import config_option, open_shop
from steelyard.cli.values import AMOUNT, CURRENCY, DAY, Number
from steelyard.domain import FactKind, Money, Stage
from steelyard.errors import DataError
from steelyard.ledger.entering import Purchase, cost_entries, purchase_entries, reversals
from steelyard.ledger.entries import DECIMALS, CostCentre, Entry, Posting, View
from steelyard.ledger.metering import MACHINES, NETWORK, STORED

__all__ = ["add", "amortise", "book", "reverse"]

_POOLS = {Stage.STORAGE: STORED, Stage.BANDWIDTH: NETWORK}
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
    book_usage(open_shop(path))


@click.command("add")
@config_option
@_cost_options
@click.option("--on", "day", type=DAY, required=True, help="Day it belongs to.")
@click.option("--view", type=click.Choice(["cash", "accrual", "both"]), default="both", show_default=True)
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
    opened = open_shop(path)
    centre, money = _centre(given, opened.config.cost.team), Money(given["amount"], given["currency"])
    expense = Posting(f"expense/{centre.stage}/entered", money, centre)
    postings = (expense, Posting(given["paid_from"], money * -1))
    entry = Entry(given["entry_id"], day, View.CASH, given["text"], FactKind(given["kind"]), given["source"],
                  postings)  # fmt: skip
    views = tuple(View) if view == "both" else (View(view),)
    pool = _POOLS.get(centre.stage, MACHINES) if to_pool else ""
    with open_ledger(opened) as ledger:
        n = ledger.append(cost_entries(entry, views=views, pool=pool))
    _say(n, f"{money} to {pool or expense.account}", entry.id)


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
    opened = open_shop(path)
    bought = Purchase(
        given["entry_id"],
        given["text"],
        Money(given["amount"], given["currency"]),
        Money(residual, given["currency"]),
        months,
        day,
        _centre(given, opened.config.cost.team),
        given["paid_from"],
    )
    with open_ledger(opened) as ledger:
        n = ledger.append(purchase_entries(bought, kind=FactKind(given["kind"]), source=given["source"]))
    _say(n, f"{bought.price - bought.residual} over {months} month{'' if months == 1 else 's'}", bought.id)


@click.command("reverse")
@config_option
@click.argument("entry_id")
@click.option("--text", required=True, help="Why.")
@click.option("--on", "day", type=DAY, help="A day of an open month; today when left out.")
def reverse(path: Path, entry_id: str, text: str, day: date | None) -> None:
    """Reverse ENTRY_ID with an entry of opposite signs; both stay in the ledger.

    An id given to `add` or `amortise` stands for all its entries: those of both views, and every month of a purchase.
    """
    with open_ledger(open_shop(path)) as ledger:
        found = reversals(entry_id, ledger, on=day or datetime.now(UTC).date(), text=text)
        if not found.entries and not found.n_before:
            raise DataError(f"no entry {entry_id!r}; `steelyard cost ledger entries` lists them")
        ledger.append(found.entries)
    for new in found.entries:
        click.echo(f"{new.id} booked in {new.month}")
    if not found.entries:
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


def _centre(given: dict[str, Any], team: str) -> CostCentre:
    return CostCentre(
        Stage(given["stage"]), given["model"], given["configuration"], given["team"] or team, given["experiment"]
    )
