"""``steelyard cost unit``."""

from __future__ import annotations

from pathlib import Path

import click

from steelyard.cli.cost.tables import form_option, out_option, print_rows
from steelyard.cli.opening import config_option, open_shop
from steelyard.documents.encoding import as_builtins
from steelyard.workflows.pricing.stored_bills import asked, stored_bills

__all__ = ["command"]

_COLUMNS = ("surface", "configuration", "instance", "replicas", "monthly", "marginal", "at_capacity", "fully_loaded")


@click.command("unit")
@config_option
@click.option("--of", "name", metavar="CONFIGURATION", help="Only this one; all when left out.")
@form_option
@out_option
def command(path: Path, name: str | None, form: str, out: Path | None) -> None:
    """Cost of 1,000 requests of every configuration, in the currency of the price book.

    Marginal: processor time at the price of the machine, and the answers' traffic. At capacity: a machine kept as busy
    as the limits allow. Fully loaded: the whole month's bill over the month's requests.
    """
    store = open_shop(path).store
    currency, entries = stored_bills(store)
    every = ((surface, entry) for surface, found in entries.items() for entry in found)
    rows = [
        {"surface": surface, "configuration": entry.name, **as_builtins(entry), **as_builtins(entry.per_1000)}
        for surface, entry in (every if name is None else asked(store, entries, name))
    ]
    print_rows(f"{currency} a month, and for 1,000 requests", _COLUMNS, rows, form, out=out)
