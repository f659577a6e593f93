"""``steelyard cost explain``."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import click

from steelyard.cli.cost.priced import of_option
from steelyard.cli.cost.tables import print_text
from steelyard.cli.opening import config_option, open_shop
from steelyard.documents.bills import BillEntry, ExplainedRow
from steelyard.domain import FactKind
from steelyard.errors import ConfigError, StageError
from steelyard.workflows.pricing.stored_bills import asked, stored_bills

__all__ = ["command"]


_KINDS = (FactKind.MEASURED, FactKind.INVOICED, FactKind.QUOTED, FactKind.DERIVED, FactKind.ASSUMED)


@click.command("explain")
@config_option
@of_option
@click.option("--line", metavar="TEXT", default="", help="Only lines whose stage or item holds it.")
@click.option("--unit", is_flag=True, help="The cost of 1,000 requests instead of the bill.")
def command(path: Path, name: str | None, line: str, unit: bool) -> None:
    """Where each figure comes from, down to what was measured, invoiced, quoted or assumed."""
    store = open_shop(path).store
    currency, entries = stored_bills(store)
    n_found = 0
    for surface, entry in asked(store, entries, name):
        who = f"{surface} · {entry.name}"
        if unit and not entry.per_1000_explained:
            raise StageError("these bills were made by an older version: run `steelyard decide` again")
        trees = list(entry.per_1000_explained.values()) if unit else _matching(entry.lines, line)
        if not line and not unit:
            print_text(f"{who} · {_total(entry, currency)}\n")
        for tree in trees:
            print_text(f"{who} · {tree}\n")
            n_found += 1
    if not n_found:
        raise ConfigError(f"no line holds {line!r}: `steelyard cost bill` lists them")


def _matching(lines: Sequence[ExplainedRow], text: str) -> list[str]:
    return [row.explained for row in lines if text.lower() in f"{row.stage} {row.item}".lower()]


def _total(entry: BillEntry, currency: str) -> str:
    """The total, and on what kinds of figure it rests."""
    if entry.monthly is None:
        return f"no total: no price for {', '.join(entry.unpriced)}"
    sums = dict.fromkeys(_KINDS, Decimal(0))
    for row in entry.lines:
        if row.line_kind is not None and row.unit_price is not None:
            sums[row.line_kind] += row.quantity * row.unit_price
    whole = sum(sums.values(), Decimal(0))
    shares = [f"{kind} {cost / whole:.1%}" for kind, cost in sums.items() if cost]
    return f"{entry.monthly:f} {currency} a month: {', '.join(shares)}"
