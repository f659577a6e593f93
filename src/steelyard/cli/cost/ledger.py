"""``steelyard cost ledger``: entries and balances, allocation, and the closing of a month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

import click
import msgspec

from steelyard.cli.cost import ledger_booking
from steelyard.cli.cost.opened_ledger import month_option, view_option
from steelyard.cli.cost.tables import form_option, out_option, print_rows, row_values
from steelyard.cli.nearest import RenamedVerbs
from steelyard.cli.opening import config_option, open_shop
from steelyard.domain.shown import amount
from steelyard.workflows.bookkeeping.allocate import RULES, allocate
from steelyard.workflows.bookkeeping.close_month import close_month
from steelyard.workflows.bookkeeping.list_entries import list_entries
from steelyard.workflows.bookkeeping.sum_balances import ACCOUNT, CENTRE, sum_balances

__all__ = ["command"]

_TRIAL = ("account", "debit", "credit", "currency")
_ENTRIES = ("entry", "on", "text", "kind", "source", "account", *CENTRE, "amount", "currency")
RENAMED = {"share-out": "allocate", "spread": "amortise", "correct": "reverse"}
"""Verbs of older versions: they do what the new one does, and say its name."""


@click.group("ledger", cls=RenamedVerbs, renamed=RENAMED)
def command() -> None:
    """What was booked: entries, balances, trial balance; closing of a month.

    The ledger is append-only: a mistake is reversed by a further entry. The cash view holds what was billed, the
    accrual view what was used; they are never added.
    """


for booking in (ledger_booking.book, ledger_booking.add, ledger_booking.amortise, ledger_booking.reverse):
    command.add_command(booking)


@command.command("entries")
@config_option
@month_option
@view_option
@click.option("--account", default="", help="Only entries that touch this account or one below it.")
@click.option("--limit", type=click.IntRange(1, 1_000_000), default=50, show_default=True, help="The largest so many.")
@form_option
@out_option
def entries(path: Path, month: str | None, view: str, account: str, limit: int, form: str, out: Path | None) -> None:
    """Entries of a month, posting by posting, the largest first; `--as csv` has their sources and every digit."""
    found = list_entries(open_shop(path), month=month, view=view, account=account, limit=limit)
    title = f"{found.month} · {view} view · {found.n_entries} entries"
    if form == "table" and out is None:
        print_rows(title, tuple(name for name in _ENTRIES if name != "source"), _short(found.rows), form)
    else:
        print_rows(title, _ENTRIES, found.rows, form, out=out)


@command.command("balances")
@config_option
@month_option
@view_option
@click.option("--by", type=click.Choice([ACCOUNT, "centre", *CENTRE]), default=ACCOUNT, show_default=True)
@form_option
@out_option
def balances(path: Path, month: str | None, view: str, by: str, form: str, out: Path | None) -> None:
    """Sums of a month: the trial balance by account, or the expenses by cost centre or one part of it.

    On the screen to the cent; `--as csv` has every digit.
    """
    parts = CENTRE if by == "centre" else (by,)
    found = sum_balances(open_shop(path), month=month, view=view, by=parts)
    columns, title = _TRIAL if by == ACCOUNT else (*parts, "amount", "currency"), f"{found.month} · {view} view"
    if form == "table" and out is None:
        rows = _short(found.rows)
        print_rows(title, columns, [{**row, by: row[by] or "(none)"} for row in rows] if by in CENTRE else rows, form)
    else:
        print_rows(title, columns, found.rows, form, out=out)
    _say_pools(found.open_pools)


@command.command("allocate")
@config_option
@month_option
@click.option("--by", "rule", type=click.Choice(RULES), default="cost", show_default=True, help="Rule.")
def _allocate(path: Path, month: str | None, rule: str) -> None:
    """Allocate idle time and overhead: what was invoiced and metered for nobody.

    A line of an invoice that states whose it is falls on them, as far as their use was not metered; the rest follows
    the rule, and falls on `unallocated` where nobody was charged anything.
    """
    found = allocate(open_shop(path), month=month, rule=rule)
    for pool in found.pools:
        n = pool.n_centres
        click.echo(f"{pool.text}: {pool.total} on {n} cost centre{'' if n == 1 else 's'}")
    if not found.pools:
        click.echo(f"nothing to allocate in {found.month}: no pool holds more than was used of it")
    _say_pools(found.open_pools)


@command.command("close")
@config_option
@click.argument("month")
def close(path: Path, month: str) -> None:
    """Close MONTH for good: it takes no more entries."""
    closed = close_month(open_shop(path), month)
    click.echo(f"{closed.month} is closed: {closed.n_postings:,} postings, every currency and view sums to zero")
    for account, money in closed.pools:
        what = "were invoiced and are nobody's expense" if money.amount > 0 else "were metered and never invoiced"
        total = money if money.amount > 0 else money * -1
        click.echo(f"{account} was closed with {total} that {what}: the month's expenses are not what was invoiced",
                   err=True)  # fmt: skip


def _short(rows: Sequence[msgspec.Struct]) -> list[Mapping[str, object]]:
    """For reading: amounts to the cent, below a cent to four digits; files and programs get every digit."""
    return [
        {name: amount(value) if isinstance(value, Decimal) else value for name, value in row_values(row).items()}
        for row in rows
    ]


def _say_pools(sentences: Sequence[str]) -> None:
    for sentence in sentences:
        click.echo(sentence, err=True)
