"""``steelyard cost prices``: the price book on the screen, made from a public catalogue, checked."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from steelyard import registry
from steelyard.assembly import Tools
from steelyard.cli.cost import commitments
from steelyard.cli.cost.tables import form_option, out_option, print_rows, row_values, write_file
from steelyard.cli.opening import config_option, read_config
from steelyard.cli.values import CURRENCY, DAY
from steelyard.config.schema import Cost
from steelyard.workflows.pricing.price_list import CatalogueFile, PriceList, check_prices, import_prices, list_prices

__all__ = ["command"]

_COLUMNS = ("name", "service", "price", "unit", "low", "high", "kind", "as_of", "days", "is_stale", "source")
_ON_SCREEN = ("name", "price", "unit", "kind", "as_of", "is_stale", "source")
"""A table has room for no more; the other forms have every column."""
_SERVICES = ("service", "prices", "oldest", "newest", "stale", "assumed")
_MOST_ON_SCREEN = 40
"""A longer list is summed up by service unless it is asked for."""

_book_option = click.option("--book", metavar="NAME", help="A shipped book or a path; the shop's own when left out.")
_on_option = click.option("--on", "on", type=DAY, help="Age is counted to this day; today when left out.")


@click.group("prices")
def command() -> None:
    """The price book: show it, make one from a public catalogue, check a file."""


command.add_command(commitments.command)


@command.command("list")
@config_option
@_book_option
@click.option("--service", metavar="TEXT", default="", help="Only this service: instance, managed, tokens, people …")
@click.option("--all", "is_all", is_flag=True, help="Every price on the screen; a book of many is summed up.")
@_on_option
@form_option
@out_option
def _list(path: Path, book: str | None, service: str, on: date | None, **given: Any) -> None:
    """Every price of a book, its kind, source and age."""
    form, out = given["form"], given["out"]
    found = _listed(path, book, service=service, on=on or _today())
    is_shown = form == "table" and out is None
    if is_shown and not service and not given["is_all"] and len(found.rows) > _MOST_ON_SCREEN:
        title = f"price book {found.name}, {found.currency}: {len(found.rows):,} prices"
        print_rows(title, _SERVICES, found.services, form)
        click.echo("`--service NAME` lists the prices of one service, `--all` every one.")
        return
    title = f"price book {found.name}, {found.currency} for each unit"
    if is_shown:
        rows = [{**row_values(row), "price": _short(row.price)} for row in found.rows]
        print_rows(title, _ON_SCREEN, rows, form)
    else:
        print_rows(title, _COLUMNS, found.rows, form, out=out)


@command.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--from",
    "origin",
    type=click.Choice(registry.names("price-importers")),
    required=True,
    help="What kind of file it is.",
)
@click.option("--cloud", default="", help="First part of the rows' names: aws, azure, gcp …")
@click.option("--region", default="", help="Region, as the file writes it.")
@click.option("--instances", metavar="A,B,…", default="", help="Instance types or models; all when left out.")
@click.option("--as-of", "as_of", type=DAY, help="Day the file was made; needed where it does not say.")
@click.option("--source", metavar="TEXT", help="Where it is from; the file's name when left out.")
@click.option("--currency", type=CURRENCY, default="USD", show_default=True, help="ISO 4217 code of its prices.")
@click.option("--specs", metavar="BOOK", help="Book to take vCPUs and memory from, where the file has none.")
@click.option("--confirm-free", metavar="A,B,…", default="", help="Names whose price of 0 is right.")
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="JSON file to write.")
def _import(file: Path, origin: str, out: Path, **given: Any) -> None:
    """Make a price file of a public catalogue.

    It is a book of its own ([cost] book), or rows to lay over one ([cost] overrides).
    """
    tools = Tools()
    catalogue = CatalogueFile(
        path=file,
        origin=origin,
        names=_names(given.pop("instances")),
        confirmed_free=_names(given.pop("confirm_free")),
        **given,
    )
    made = import_prices(tools.prices.importer(origin), tools.prices.books(), catalogue)
    write_file(out, made.text.encode())
    for note in made.left_out:
        click.echo(f"left out: {note}", err=True)
    click.echo(f"{made.n_rows} rows written to {out}", err=True)


@command.command("check")
@click.argument("file", metavar="FILE")
@click.option("--over", metavar="BOOK", help="Check it as [cost] overrides of this book; else as a book of its own.")
@click.option("--stale-after", "days", type=click.IntRange(1, 1_000_000), default=Cost().stale_after_days,
              show_default=True, help="Days.")  # fmt: skip
@_on_option
def _check(file: str, over: str | None, days: int, on: date | None) -> None:
    """Name every problem of a price file.

    Units, currencies, zeros, duplicates, dates, prices far from their neighbours.
    """
    found = check_prices(Tools().prices.books(), file, over=over, days=days, on=on or _today())
    for warning in found.warnings:
        click.echo(f"warning: {warning}")
    click.echo(f"{file}: {found.n_rows} rows are right, {len(found.warnings)} warnings")


def _listed(path: Path, name: str | None, *, service: str, on: date) -> PriceList:
    """The prices of the book of that name, or of the shop's own."""
    tools = Tools()
    if name is not None:
        days = Cost().stale_after_days
        return list_prices(tools.prices.books(), name, overrides=None, on=on, stale_after_days=days, service=service)
    cost = read_config(path, tools).cost
    books = tools.prices.books(path if path.is_dir() else path.parent)
    return list_prices(
        books, cost.book, overrides=cost.overrides, on=on, stale_after_days=cost.stale_after_days, service=service
    )


def _short(price: Decimal) -> Decimal:
    """For reading: at most eight places."""
    exponent = price.as_tuple().exponent
    return round(price, 8) if isinstance(exponent, int) and exponent < -8 else price


def _names(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _today() -> date:
    return datetime.now(UTC).date()
