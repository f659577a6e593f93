"""``steelyard cost bill``."""

from __future__ import annotations

from pathlib import Path

import click

from steelyard.cli.cost.priced import asked, of_option, stored_bills
from steelyard.cli.cost.tables import form_option, out_option, print_rows
from steelyard.cli.opening import config_option, open_shop

__all__ = ["command"]

_COLUMNS = (
    "surface", "configuration", "stage", "item", "quantity", "unit", "quantity_kind", "unit_price", "kind", "cost",
    "source", "as_of",
)  # fmt: skip


@click.command("bill")
@config_option
@of_option
@form_option
@out_option
def command(path: Path, name: str | None, form: str, out: Path | None) -> None:
    """The month's bill, line by line, of the chosen configurations or of one."""
    store = open_shop(path).store
    currency, entries = stored_bills(store)
    found = list(asked(store, entries, name))
    rows = [
        {"surface": surface, "configuration": entry["name"], **row}
        for surface, entry in found
        for row in entry["lines"]
    ]
    if form != "table" or out is not None:
        print_rows(f"bill in {currency}", _COLUMNS, rows, form, out=out)
        return
    for surface, entry in found:
        total = entry["monthly"] or f"no total: no price for {', '.join(entry['unpriced'])}"
        title = f"{surface} · {entry['name']} · {total} {currency if entry['monthly'] else ''} a month"
        print_rows(title, _COLUMNS[2:], entry["lines"], form, out=out)
