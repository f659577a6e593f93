"""``steelyard cost reconcile``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from steelyard.cli.cost.booked import amount_of, bill_options, names_of, source_of
from steelyard.cli.cost.opened_ledger import open_ledger
from steelyard.cli.cost.tables import form_option, out_option, print_rows
from steelyard.cli.opening import config_option, open_shop
from steelyard.domain import Money
from steelyard.ledger.entries import Month, View
from steelyard.ledger.invoices.charges import Charge, charges_of
from steelyard.ledger.invoices.reconcile import Compared, Match, Reconciliation, month_of, reconcile
from steelyard.workflows.accounts.read_bills import read_bills

__all__ = ["command"]


@click.command("reconcile")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, dir_okay=False), metavar="[BILL…]")
@config_option
@bill_options()
@click.option(
    "--by", default="stage", show_default=True, metavar="KEY,KEY", help="service, sku, resource, month, stage …"
)
@click.option("--month", metavar="YYYY-MM", help="Only this month of both sides; all when left out.")
@click.option("--view", type=click.Choice([str(view) for view in View]), default="accrual", show_default=True,
              help="Effective or billed cost.")  # fmt: skip
@click.option("--within", default="0.01", show_default=True, help="A difference up to so much is none.")
@click.option(
    "--within-share", default="0", show_default=True, help="Nor one up to this share of the bill; 0.01 is 1 %."
)
@click.option("--names", "names", type=click.Path(path_type=Path, dir_okay=False),
              help="What the bill calls a name of the ledger (JSON object).")  # fmt: skip
@form_option
@out_option
def command(paths: tuple[Path, ...], path: Path, by: str, month: str | None, view: str, **how: Any) -> None:
    """Compare what was metered or planned with bills: of files, or those in the ledger.

    The ledger's side is everything that came from no bill; hours of people, which no invoice has, stand apart. Exit
    code 1 where something does not match.
    """
    form, out = how.pop("form"), how.pop("out")
    tolerance: dict[str, Any] = {
        "within": amount_of(how.pop("within"), "--within"),
        "within_share": amount_of(how.pop("within_share"), "--within-share"),
        "names": names_of(how.pop("names")),
    }
    source = source_of(**how)
    with open_ledger(open_shop(path)) as ledger:
        months = ledger.months() if month is None else [Month.parse(month)]
        held = charges_of(entry for each in months for entry in ledger.iter_entries(each, view=View(view)))
    metered = [charge for charge in held if "x_EntryId" in charge.other]
    bill: list[Charge] = [charge for charge in held if "x_EntryId" not in charge.other]
    if paths:
        read = read_bills(paths, source)
        told = month_of(View(view))
        bill = [charge for charge in read.charges if month is None or told(charge) == str(months[0])]
        for note in read.notes:
            click.echo(note, err=True)
    keys = [key.strip() for key in by.split(",")]
    found = reconcile(metered, bill, by=keys, view=View(view), **tolerance)
    columns = (*keys, "ledger", "bill", "difference", "share", "result")
    print_rows(f"ledger against bill, {view}", columns, _rows(found, keys), form, out=out)
    if not found.is_matched:
        sys.exit(1)


def _rows(found: Reconciliation, keys: list[str]) -> list[dict[str, Any]]:
    rows = [{**dict(zip(keys, row.key, strict=True)), **_shown(row)} for row in found.rows]
    for currency in found.currencies:
        ledger, bill = found.total(currency)
        difference = bill - ledger
        rows.append({**dict.fromkeys(keys, ""), keys[0]: "sum", **_money(ledger, bill, difference),
                     "share": None, "result": ""})  # fmt: skip
    return rows


def _shown(row: Compared) -> dict[str, Any]:
    share = None if row.share is None else f"{row.share * 100:.1f} %"
    difference = None if row.match is Match.HOURS else row.difference
    return {**_money(row.ledger, row.bill, difference), "share": share, "result": str(row.match)}


def _money(ledger: Money | None, bill: Money | None, difference: Money | None) -> dict[str, Any]:
    amounts = {"ledger": ledger, "bill": bill, "difference": difference}
    return {name: None if each is None else str(each.rounded()) for name, each in amounts.items()}
