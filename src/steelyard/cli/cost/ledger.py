"""``steelyard cost ledger``: entries and balances, allocation, and the closing of a month."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import click

from steelyard.cli.cost import ledger_booking
from steelyard.cli.cost.opened_ledger import month_option, open_ledger, view_option
from steelyard.cli.cost.tables import form_option, out_option, print_rows
from steelyard.cli.nearest import RenamedVerbs
from steelyard.cli.opening import config_option, open_shop
from steelyard.domain import Money
from steelyard.domain.shown import amount
from steelyard.ledger.closing import Rule, allocate_pools, open_pools, pools, waiting
from steelyard.ledger.entries import Balance, CostCentre, Month, View, trial_balance

__all__ = ["command"]

_CENTRE = ("stage", "model", "configuration", "team", "experiment")
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
    opened = open_shop(path)
    with open_ledger(opened) as ledger:
        found = ledger.entries(_month(month), view=View(view), account=account, limit=limit)
    rows: list[dict[str, object]] = [
        {"entry": entry.id, "on": entry.on, "text": entry.text, "kind": str(entry.kind), "source": entry.source,
         "account": each.account, "amount": each.amount.amount, "currency": each.amount.currency,
         **_centre(each.centre)}
        for entry in found
        for each in entry.postings
    ]  # fmt: skip
    columns: tuple[str, ...] = ("entry", "on", "text", "kind", "source", "account", *_CENTRE, "amount", "currency")
    if form == "table" and out is None:
        rows, columns = _short(rows), tuple(name for name in columns if name != "source")
    print_rows(f"{_month(month)} · {view} view · {len(found)} entries", columns, rows, form, out=out)


@command.command("balances")
@config_option
@month_option
@view_option
@click.option("--by", type=click.Choice(["account", "centre", *_CENTRE]), default="account", show_default=True)
@form_option
@out_option
def balances(path: Path, month: str | None, view: str, by: str, form: str, out: Path | None) -> None:
    """Sums of a month: the trial balance by account, or the expenses by cost centre or one part of it.

    On the screen to the cent; `--as csv` has every digit.
    """
    opened, wanted = open_shop(path), _month(month)
    with open_ledger(opened) as ledger:
        found = ledger.balances(wanted, view=View(view))
    rows, columns = _trial(found) if by == "account" else _by_centre(found, _CENTRE if by == "centre" else (by,))
    if form == "table" and out is None:
        rows = _short([{**row, by: row[by] or "(none)"} for row in rows] if by in _CENTRE else rows)
    print_rows(f"{wanted} · {view} view", columns, rows, form, out=out)
    _say_pools(found, wanted)


@command.command("allocate")
@config_option
@month_option
@click.option(
    "--by", "rule", type=click.Choice([str(rule) for rule in Rule]), default="cost", show_default=True, help="Rule."
)
def allocate(path: Path, month: str | None, rule: str) -> None:
    """Allocate idle time and overhead: what was invoiced and metered for nobody.

    A line of an invoice that states whose it is falls on them, as far as their use was not metered; the rest follows
    the rule, and falls on `unallocated` where nobody was charged anything.
    """
    opened, wanted = open_shop(path), _month(month)
    with open_ledger(opened) as ledger:
        found = ledger.balances(wanted, view=View.ACCRUAL)
        made = allocate_pools(found, wanted, rule=Rule(rule), on=wanted.last_day)
        ledger.append(made)
        left = ledger.balances(wanted, view=View.ACCRUAL)
    for entry in made:
        borne = [each for each in entry.postings if each.account.startswith("expense/")]
        total = Money(sum((each.amount.amount for each in borne), Decimal(0)), borne[0].amount.currency)
        n = len({each.centre for each in borne})
        click.echo(f"{entry.text}: {total} on {n} cost centre{'' if n == 1 else 's'}")
    if not made:
        click.echo(f"nothing to allocate in {wanted}: no pool holds more than was used of it")
    _say_pools(left, wanted)


@command.command("close")
@config_option
@click.argument("month")
def close(path: Path, month: str) -> None:
    """Close MONTH for good: it takes no more entries."""
    opened, wanted = open_shop(path), Month.parse(month)
    with open_ledger(opened) as ledger:
        n = ledger.close_month(wanted)
        found = ledger.balances(wanted, view=View.ACCRUAL)
    click.echo(f"{wanted} is closed: {n:,} postings, every currency and view sums to zero")
    for (account, _), money in sorted(pools(found).items()):
        what = "were invoiced and are nobody's expense" if money.amount > 0 else "were metered and never invoiced"
        total = money if money.amount > 0 else money * -1
        click.echo(f"{account} was closed with {total} that {what}: the month's expenses are not what was invoiced",
                   err=True)  # fmt: skip


def _short(rows: Sequence[dict[str, object]]) -> list[dict[str, object]]:
    """For reading: amounts to the cent, below a cent to four digits; files and programs get every digit."""
    return [
        {name: amount(value) if isinstance(value, Decimal) else value for name, value in row.items()} for row in rows
    ]


def _month(text: str | None) -> Month:
    return Month.parse(text) if text else Month.of(datetime.now(UTC).date())


def _trial(found: Sequence[Balance]) -> tuple[list[dict[str, object]], tuple[str, ...]]:
    rows: list[dict[str, object]] = []
    for currency, accounts in trial_balance(found).items():
        for account, total in accounts.items():
            rows.append({"account": account, "debit": max(total, Decimal(0)) or None,
                         "credit": max(-total, Decimal(0)) or None, "currency": currency})  # fmt: skip
        debit = sum((total for total in accounts.values() if total > 0), Decimal(0))
        rows.append({"account": f"sum of {currency}", "debit": debit, "credit": debit - sum(accounts.values()),
                     "currency": currency})  # fmt: skip
    return rows, ("account", "debit", "credit", "currency")


def _by_centre(found: Sequence[Balance], keys: tuple[str, ...]) -> tuple[list[dict[str, object]], tuple[str, ...]]:
    sums: dict[tuple[str, ...], Money] = {}
    for each in found:
        if each.centre is None or not each.account.startswith("expense/"):
            continue
        key = (*(str(getattr(each.centre, name)) for name in keys), each.total.currency)
        sums[key] = sums[key] + each.total if key in sums else each.total
    ordered = sorted(sums.items(), key=lambda pair: (-pair[1].amount, pair[0]))
    rows: list[dict[str, object]] = [
        {**dict(zip(keys, key, strict=False)), "amount": money.amount, "currency": money.currency}
        for key, money in ordered
    ]
    rows += [_waiting_row(keys, *each) for each in waiting(found)]
    return rows, (*keys, "amount", "currency")


def _waiting_row(keys: tuple[str, ...], pool: str, centre: CostCentre | None, money: Money) -> dict[str, object]:
    """What is in a pool, under what its lines state of whose it is."""
    whose = {name: str(getattr(centre, name)) if centre else "" for name in keys}
    label = f"not allocated ({pool})"
    first = f"{whose[keys[0]]}, {label}" if whose[keys[0]] else label
    return {**whose, keys[0]: first, "amount": money.amount, "currency": money.currency}


def _say_pools(found: Sequence[Balance], month: Month) -> None:
    for sentence in open_pools(found, month):
        click.echo(sentence, err=True)


def _centre(centre: CostCentre | None) -> dict[str, str | None]:
    return {name: str(getattr(centre, name)) if centre else None for name in _CENTRE}
