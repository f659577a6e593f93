"""``steelyard cost reconcile``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click

from steelyard.assembly import Tools
from steelyard.cli.cost.booked import amount_of, bill_options, source_of
from steelyard.cli.cost.tables import form_option, out_option, print_rows
from steelyard.cli.opening import config_option, open_shop
from steelyard.workflows.bookkeeping.opened_ledger import VIEWS
from steelyard.workflows.bookkeeping.reconcile import Comparison, ReconciledRow, names_of, reconcile_bills

__all__ = ["command"]


@click.command("reconcile")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, dir_okay=False), metavar="[BILL…]")
@config_option
@bill_options()
@click.option(
    "--by", default="stage", show_default=True, metavar="KEY,KEY", help="service, sku, resource, month, stage …"
)
@click.option("--month", metavar="YYYY-MM", help="Only this month of both sides; all when left out.")
@click.option("--view", type=click.Choice(VIEWS), default="accrual", show_default=True,
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
    within = amount_of(how.pop("within"), "--within")
    within_share = amount_of(how.pop("within_share"), "--within-share")
    names = names_of(how.pop("names"), Tools().accounting.bill_files())
    keys = tuple(key.strip() for key in by.split(","))
    asked = Comparison(paths, source_of(**how), keys, view, month, within, within_share, names)
    found = reconcile_bills(open_shop(path), asked, note=partial(click.echo, err=True))
    columns = (*keys, "ledger", "bill", "difference", "share", "result")
    print_rows(f"ledger against bill, {view}", columns, [_shown(row, keys) for row in found.rows], form, out=out)
    if not found.is_matched:
        sys.exit(1)


def _shown(row: ReconciledRow, keys: Sequence[str]) -> dict[str, str | None]:
    amounts = {"ledger": row.ledger, "bill": row.bill, "difference": row.difference}
    return {
        **dict(zip(keys, row.keys, strict=True)),
        **{name: None if each is None else str(each.rounded()) for name, each in amounts.items()},
        "share": None if row.share is None else f"{row.share * 100:.1f} %",
        "result": row.result,
    }
