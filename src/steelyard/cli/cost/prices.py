"""``steelyard cost prices``: the price book on the screen, made from a public catalogue, checked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from steelyard import registry
from steelyard.assembly import Tools
from steelyard.cli.cost import commitments
from steelyard.cli.cost.tables import form_option, out_option, print_rows, write_file
from steelyard.cli.opening import config_option, read_config
from steelyard.cli.values import CURRENCY, DAY
from steelyard.config.schema import Cost
from steelyard.cost.prices.catalogue import ImportRequest
from steelyard.cost.prices.prices import PriceBook, override, parse_book
from steelyard.errors import ConfigError, PriceError

__all__ = ["command"]

_COLUMNS = ("name", "service", "price", "unit", "low", "high", "kind", "as_of", "days", "is_stale", "source")
_ON_SCREEN = ("name", "price", "unit", "kind", "as_of", "is_stale", "source")
"""A table has room for no more; the other forms have every column."""
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
    found, cost = _opened(path, book)
    day = on or _today()
    rows = [row for row in _rows(found, day, cost.stale_after_days) if service in ("", row["service"])]
    if not rows:
        services = sorted({row["service"] for row in _rows(found, day, cost.stale_after_days)})
        raise ConfigError(f"{found.name} has no price of {service!r}: it has {', '.join(services)}")
    is_shown = form == "table" and out is None
    if is_shown and not service and not given["is_all"] and len(rows) > _MOST_ON_SCREEN:
        summary = _summary(rows)
        print_rows(f"price book {found.name}, {found.currency}: {len(rows):,} prices", tuple(summary[0]), summary, form)
        click.echo("`--service NAME` lists the prices of one service, `--all` every one.")
        return
    columns = _ON_SCREEN if is_shown else _COLUMNS
    if is_shown:
        rows = [{**row, "price": _short(row["price"])} for row in rows]
    print_rows(f"price book {found.name}, {found.currency} for each unit", columns, rows, form, out=out)


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
    importer = tools.prices.importer(origin)
    if importer.needs_region and not (given["cloud"] and given["region"]):
        raise ConfigError(f"a {origin} file lists many regions: add --cloud and --region")
    books = tools.prices.books()
    request = ImportRequest(
        source=given["source"] or f"{origin}, file {file.name}",
        as_of=given["as_of"],
        cloud=given["cloud"],
        region=given["region"],
        names=_listed(given["instances"]),
        currency=given["currency"],
        specs=books.load(given["specs"]) if given["specs"] else None,
        confirmed_free=_listed(given["confirm_free"]),
    )
    document = importer.read(file, request)
    if importer.is_whole_book:  # a shop's own rows may leave out what the book says, and are checked when laid over it
        parse_book(document, where=file.name)
    write_file(out, _written(document).encode())
    for note in document.get("left_out", ()):
        click.echo(f"left out: {note}", err=True)
    click.echo(f"{len(document['rows'])} rows written to {out}", err=True)


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
    books = Tools().prices.books()
    document = books.document(file)
    if over:
        base = books.load(over)
        if isinstance(document, dict) and document.get("currency") is None:
            document = {**document, "currency": base.currency}
        book = override(base, document, where=Path(file).name)
    else:
        book = parse_book(document, where=Path(file).name)
    own = {str(row.get("name")) for row in document["rows"]}
    day = on or _today()
    warnings = [*(each.en for each in book.doubts), *_old(book, own, day, days), *_assumed(book, own)]
    for warning in warnings:
        click.echo(f"warning: {warning}")
    click.echo(f"{file}: {len(own)} rows are right, {len(warnings)} warnings")


def _opened(path: Path, name: str | None) -> tuple[PriceBook, Cost]:
    tools = Tools()
    if name is not None:
        return tools.prices.books().load(name), Cost()
    config = read_config(path, tools)
    base = path if path.is_dir() else path.parent
    return tools.prices.books(base).load(config.cost.book, overrides=config.cost.overrides), config.cost


def _rows(book: PriceBook, day: date, stale_after: int) -> Iterator[dict[str, Any]]:
    for name, row in sorted(book.every.items()):
        price, age = row.price, (day - row.price.as_of).days
        yield {
            "name": name, "service": str(row.service), "price": price.per_unit.amount, "unit": price.unit,
            "low": row.low, "high": row.high, "kind": str(price.kind), "as_of": price.as_of.isoformat(), "days": age,
            "is_stale": age > stale_after, "source": price.source,
        }  # fmt: skip
    for name, each in sorted(book.discounts.items()):
        age = (day - each.as_of).days
        yield {
            "name": name, "service": "commitment_discount", "price": each.share, "unit": "1", "low": each.low,
            "high": each.high, "kind": str(each.kind), "as_of": each.as_of.isoformat(), "days": age,
            "is_stale": age > stale_after, "source": each.source,
        }  # fmt: skip


def _summary(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row for each service: how many prices it has, from when, and how many are old or assumed."""
    found = []
    for service in dict.fromkeys(row["service"] for row in rows):
        own = [row for row in rows if row["service"] == service]
        days = sorted(row["as_of"] for row in own)
        kinds = [row["kind"] for row in own]
        found.append({
            "service": service, "prices": len(own), "oldest": days[0], "newest": days[-1],
            "stale": sum(row["is_stale"] for row in own), "assumed": kinds.count("assumed"),
        })  # fmt: skip
    return found


def _old(book: PriceBook, names: set[str], day: date, days: int) -> Iterator[str]:
    for row in _rows(book, day, days):
        if row["name"] in names and row["is_stale"]:
            yield f"{row['name']}: read on {row['as_of']}, {row['days']} days ago (more than {days}): read it again"
        if row["name"] in names and row["days"] < 0:
            yield f"{row['name']}: as_of is {row['as_of']}, a day still to come: correct it"


def _assumed(book: PriceBook, names: set[str]) -> Iterator[str]:
    for name in sorted(names & set(book.every)):
        row = book.every[name]
        if str(row.price.kind) == "assumed" and (row.low is None or row.high is None):
            yield f"{name}: an assumption without a range: add low and high"


def _short(price: Decimal) -> Decimal:
    """For reading: at most eight places."""
    exponent = price.as_tuple().exponent
    return round(price, 8) if isinstance(exponent, int) and exponent < -8 else price


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _written(document: dict[str, Any]) -> str:
    """One line for each row, so that a change shows as one line."""
    head = {key: value for key, value in document.items() if key != "rows"}
    try:
        rows = ",\n".join(f"    {json.dumps(row, ensure_ascii=False, default=str)}" for row in document["rows"])
    except (TypeError, ValueError) as error:
        raise PriceError(f"the rows cannot be written as JSON: {error}") from error
    lines = "".join(f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)},\n" for key, value in head.items())
    return f'{{\n{lines}  "rows": [\n{rows}\n  ]\n}}\n'


def _today() -> date:
    return datetime.now(UTC).date()
