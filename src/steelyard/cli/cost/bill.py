"""``steelyard cost bill``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
import msgspec

from steelyard.cli.cost.priced import left_out_sentences, of_option
from steelyard.cli.cost.tables import form_option, out_option, print_rows
from steelyard.cli.opening import config_option, open_shop
from steelyard.documents.bills import ExplainedRow
from steelyard.documents.encoding import as_builtins
from steelyard.documents.total import Total
from steelyard.domain import Stage
from steelyard.domain.shown import plain
from steelyard.workflows.pricing.stored_bills import SHOP, asked, shop_total, stored_bills

__all__ = ["command"]

_COLUMNS = (
    "surface", "configuration", "stage", "item", "quantity", "unit", "quantity_kind", "unit_price", "kind", "cost",
    "source", "as_of",
)  # fmt: skip
_ON_SCREEN = ("stage", "item", "quantity", "unit", "unit_price", "cost", "rests_on")
"""A table has room for no more; the other forms have every column."""


class _ScreenRow(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a bill as a screen has room for it."""

    stage: str
    item: str
    quantity: str
    unit: str
    unit_price: str | None
    cost: str | None
    rests_on: str | None


@click.command("bill")
@config_option
@of_option
@form_option
@out_option
def command(path: Path, name: str | None, form: str, out: Path | None) -> None:
    """The month's bill, line by line, of the chosen configurations or of one, in the currency of the price book.

    The last bill is that of the whole shop, machines that all surfaces share on it once; it is the total that every
    verb shows. What was paid once stands on it with the part of one month. A table leaves out sources and dates:
    `--as csv`, or `steelyard cost explain`.
    """
    store = open_shop(path).store
    currency, entries = stored_bills(store)
    found = list(asked(store, entries, name))
    whole = shop_total(store) if name is None else None
    rows = [
        {"surface": surface, "configuration": entry.name, **as_builtins(row)}
        for surface, entry in found
        for row in entry.lines
    ]
    rows += [{"surface": SHOP, "configuration": "", **as_builtins(row)} for row in (whole.lines if whole else ())]
    if form != "table" or out is not None:
        print_rows(f"bill in {currency}", _COLUMNS, rows, form, out=out)
        return
    for surface, entry in found:
        total = f"no total: no price for {', '.join(entry.unpriced)}" if entry.monthly is None else f"{entry.monthly:f}"
        title = f"{surface} · {entry.name} · {total} {'' if entry.monthly is None else currency} a month"
        print_rows(title, _ON_SCREEN, [_shown(line) for line in _by_stage(entry.lines)], form, out=out)
    if whole is not None:
        _print_total(whole, form)


def _print_total(total: Total, form: str) -> None:
    """The bill of the whole shop: shared machines once, and what it leaves out."""
    if total.monthly is None:
        click.echo(f"{SHOP} · {total.note}")
        return
    title = f"{SHOP} · {total.note or 'its only surface'} · {total.monthly:f} {total.currency} a month"
    print_rows(title, _ON_SCREEN, [_shown(line) for line in _by_stage(total.lines)], form, out=None)
    for sentence in left_out_sentences(total):
        click.echo(sentence)


def _by_stage(lines: Sequence[ExplainedRow]) -> list[ExplainedRow]:
    order = list(Stage)
    return sorted(lines, key=lambda line: order.index(line.stage))


def _shown(line: ExplainedRow) -> _ScreenRow:
    return _ScreenRow(
        stage=str(line.stage),
        item=line.item,
        quantity=plain(line.quantity, digits=4),
        unit=line.unit,
        unit_price=None if line.unit_price is None else f"{line.unit_price:f}",
        cost=None if line.cost is None else f"{line.cost:f}",
        rests_on=None if line.line_kind is None else str(line.line_kind),
    )
