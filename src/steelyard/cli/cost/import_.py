"""``steelyard cost import``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from steelyard.cli.cost.booked import amount_of, bill_options, source_of
from steelyard.cli.cost.tables import print_rows
from steelyard.cli.opening import config_option, open_shop
from steelyard.domain import Money
from steelyard.workflows.accounts.bill_sums import Imported
from steelyard.workflows.accounts.import_bills import ImportedHours, SameBill, are_hours, import_bills, import_hours
from steelyard.workflows.bookkeeping.opened_ledger import open_ledger
from steelyard.workflows.pricing.shop_book import shop_book

__all__ = ["command"]


@click.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False), metavar="FILE…")
@config_option
@bill_options(also="; people for a list of hours")
@click.option("--same-bill", type=click.Choice([str(each) for each in SameBill]), default="refuse", show_default=True,
              help="Where the ledger holds other lines of the same bill, or other hours of the same work.")  # fmt: skip
@click.option("--invoice-total", "totals", multiple=True, metavar="ID=AMOUNT",
              help="What an invoice asks for; its lines must sum to it.")  # fmt: skip
def command(paths: tuple[Path, ...], path: Path, same_bill: str, totals: tuple[str, ...], **how: Any) -> None:
    """Book bills (FOCUS, AWS, Azure, Google Cloud, Alibaba Cloud) and lists of hours into the shop's ledger.

    All lines are right, or nothing is booked. The same file twice books nothing twice.
    """
    asked = {
        invoice: amount_of(amount, "--invoice-total")
        for invoice, _, amount in (each.rpartition("=") for each in totals)
    }
    opened = open_shop(path)
    source = source_of(**how)
    if are_hours(paths, source):
        book = shop_book(opened)
        with open_ledger(opened) as ledger:
            done = import_hours(paths, ledger=ledger, source=source, book=book, same_bill=SameBill(same_bill))
        _print_hours(done)
        return
    with open_ledger(opened) as ledger:
        _print_bills(import_bills(paths, ledger=ledger, source=source, same_bill=SameBill(same_bill), totals=asked))


def _print_bills(done: Imported) -> None:
    rows = [
        {"provider": key[0], "account": key[1], "invoice": key[2], "lines": n, "billed": _told(billed),
         "effective": _told(effective)}
        for key, billed, effective, n in done.bills
    ]  # fmt: skip
    print_rows(
        f"read as {', '.join(dict.fromkeys(done.kinds))}",
        ("provider", "account", "invoice", "lines", "billed", "effective"),
        rows,
        "table",
    )
    click.echo(
        f"{done.n_lines:,} lines, {done.n_entries:,} entries, {done.n_new:,} new in the ledger; "
        f"{done.n_free:,} lines cost nothing and have no entry"
    )
    for note in done.notes:
        click.echo(note, err=True)
    if done.n_refunds:
        click.echo(f"{done.n_refunds:,} lines take usage back (quantity and cost below zero)")
    if done.n_taken_back:
        click.echo(f"{done.n_taken_back:,} entries of an earlier version were reversed")
    if done.n_restored:
        click.echo(f"{done.n_restored:,} entries that were reversed before are booked again")
    if done.n_rounded:
        click.echo(f"{done.n_rounded:,} amounts had more than 12 decimals and were rounded to 12")
    if done.guessed:
        n = sum(count for _, count in done.guessed.values())
        click.echo(f"{n:,} lines state no stage; a rule chose it (--stages FILE for your own):")
        for rule, (stage, count) in done.guessed.items():
            click.echo(f"  {stage}: {count:,} lines with {rule}")
        if any(stage.startswith("pool/") for stage, _ in done.guessed.values()):
            click.echo("what is in a pool is charged by use: `steelyard cost ledger allocate` charges the rest")


def _told(amount: Money | None) -> str:
    """To the cent, and exactly where the cents are not all; what the file does not say is no zero."""
    if amount is None:
        return "not in this file"
    cents = amount.rounded()
    if cents.amount == amount.amount:
        return str(cents)
    exact = f"{amount.amount.normalize():,f}"
    return f"{cents} ({exact})" if cents.amount else f"{exact} {amount.currency}"


def _print_hours(done: ImportedHours) -> None:
    click.echo(f"{done.n_lines:,} lines of hours, {done.n_entries:,} entries, {done.n_new:,} new in the ledger")
    if done.n_taken_back:
        noun = "entry" if done.n_taken_back == 1 else "entries"
        click.echo(f"{done.n_taken_back:,} {noun} of an earlier list reversed")
    for hours, unpriced in done.unpriced:
        click.echo(
            f"not booked: {hours.hours} h of {hours.role} on {hours.on} have no price ({unpriced.why})", err=True
        )
    if not done.n_entries:
        sys.exit(1)
