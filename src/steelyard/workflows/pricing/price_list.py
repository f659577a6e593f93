"""``cost prices``: the prices of a book, a price file made of a catalogue, and a price file checked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from steelyard.cost.prices.catalogue import ImportRequest, PriceImporter
from steelyard.cost.prices.prices import PriceBook, override, parse_book
from steelyard.errors import ConfigError, PriceError
from steelyard.workflows.ports import PriceBooks

__all__ = [
    "CatalogueFile", "CheckedPrices", "PriceFile", "PriceList", "PriceRow", "ServiceRow", "check_prices",
    "import_prices", "list_prices",
]  # fmt: skip


class PriceRow(msgspec.Struct, frozen=True, kw_only=True):
    """One price, or one discount for committing."""

    name: str
    service: str
    price: Decimal
    unit: str
    low: Decimal | None
    high: Decimal | None
    kind: str
    as_of: str
    days: int
    """Since it was read; below zero for a day still to come."""
    is_stale: bool
    source: str


class ServiceRow(msgspec.Struct, frozen=True, kw_only=True):
    """The prices of one service."""

    service: str
    prices: int
    oldest: str
    newest: str
    stale: int
    assumed: int


@dataclass(frozen=True, slots=True)
class PriceList:
    """The prices of a book."""

    name: str
    currency: str
    rows: tuple[PriceRow, ...]

    @property
    def services(self) -> tuple[ServiceRow, ...]:
        """One row for each service: how many prices it has, from when, and how many are old or assumed."""
        found = []
        for service in dict.fromkeys(row.service for row in self.rows):
            own = [row for row in self.rows if row.service == service]
            days = sorted(row.as_of for row in own)
            n_stale, n_assumed = sum(row.is_stale for row in own), sum(row.kind == "assumed" for row in own)
            found.append(
                ServiceRow(
                    service=service,
                    prices=len(own),
                    oldest=days[0],
                    newest=days[-1],
                    stale=n_stale,
                    assumed=n_assumed,
                )
            )
        return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueFile:
    """A public catalogue's file, and what is wanted of it."""

    path: Path
    origin: str
    """What kind of file it is."""
    source: str | None
    """Where it is from; the file's name where it is ``None``."""
    as_of: date | None
    cloud: str
    region: str
    names: tuple[str, ...]
    """Instance types or models; empty for all."""
    currency: str
    specs: str | None
    """Book to take vCPUs and memory from, where the file has none."""
    confirmed_free: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PriceFile:
    """A price file that was made."""

    text: str
    n_rows: int
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CheckedPrices:
    """A price file that is right."""

    n_rows: int
    warnings: tuple[str, ...]


def list_prices(
    books: PriceBooks, name: str, *, overrides: str | None, on: date, stale_after_days: int, service: str = ""
) -> PriceList:
    """Every price of a book, its kind, source and age.

    Args:
        books: Where books are.
        name: A shipped book or a path.
        overrides: A shop's own rows to lay over it.
        on: The day that ages are counted to.
        stale_after_days: An older price is stale.
        service: Only this service; all where it is empty.

    Returns:
        By name, discounts for committing last.

    Raises:
        ConfigError: The book has no price of that service.
        PriceError: The book is wrong.
    """
    book = books.load(name, overrides=overrides)
    every = tuple(_rows(book, on, stale_after_days))
    rows = tuple(row for row in every if service in ("", row.service))
    if not rows:
        raise ConfigError(
            f"{book.name} has no price of {service!r}: it has {', '.join(sorted({row.service for row in every}))}"
        )
    return PriceList(book.name, book.currency, rows)


def import_prices(importer: PriceImporter, books: PriceBooks, file: CatalogueFile) -> PriceFile:
    """Make a price file of a public catalogue.

    Args:
        importer: Reads such files.
        books: Where the book with the machines' sizes is.
        file: The catalogue, and what is wanted of it.

    Returns:
        One line for each row, so that a change shows as one line.

    Raises:
        ConfigError: It lists many regions, and none was named.
        PriceError: A line is wrong.
    """
    if importer.needs_region and not (file.cloud and file.region):
        raise ConfigError(f"a {file.origin} file lists many regions: add --cloud and --region")
    request = ImportRequest(
        source=file.source or f"{file.origin}, file {file.path.name}",
        as_of=file.as_of,
        cloud=file.cloud,
        region=file.region,
        names=file.names,
        currency=file.currency,
        specs=books.load(file.specs) if file.specs else None,
        confirmed_free=file.confirmed_free,
    )
    document = importer.read(file.path, request)
    if importer.is_whole_book:  # a shop's own rows may leave out what the book says, and are checked when laid over it
        parse_book(document, where=file.path.name)
    return PriceFile(_written(document), len(document["rows"]), tuple(document.get("left_out", ())))


def check_prices(books: PriceBooks, file: str, *, over: str | None, days: int, on: date) -> CheckedPrices:
    """Check a price file: units, currencies, zeros, duplicates, dates, prices far from their neighbours.

    Args:
        books: Opens it.
        file: Its path.
        over: Book whose rows it is laid over; ``None`` for a book of its own.
        days: A price older than so many is stale.
        on: The day that ages are counted to.

    Returns:
        What is doubtful.

    Raises:
        PriceError: It is wrong; every problem is named.
    """
    document, where = books.document(file), Path(file).name
    if over:
        base = books.load(over)
        if isinstance(document, dict) and document.get("currency") is None:
            document = {**document, "currency": base.currency}
        book = override(base, document, where=where)
    else:
        book = parse_book(document, where=where)
    own = {str(row.get("name")) for row in document["rows"]}
    warnings = (*(each.en for each in book.doubts), *_old(book, own, on, days), *_assumed(book, own))
    return CheckedPrices(len(own), warnings)


def _rows(book: PriceBook, day: date, stale_after: int) -> Iterator[PriceRow]:
    for name, row in sorted(book.every.items()):
        price, age = row.price, (day - row.price.as_of).days
        yield PriceRow(
            name=name, service=str(row.service), price=price.per_unit.amount, unit=price.unit, low=row.low,
            high=row.high, kind=str(price.kind), as_of=price.as_of.isoformat(), days=age, is_stale=age > stale_after,
            source=price.source,
        )  # fmt: skip
    for name, each in sorted(book.discounts.items()):
        age = (day - each.as_of).days
        yield PriceRow(
            name=name, service="commitment_discount", price=each.share, unit="1", low=each.low, high=each.high,
            kind=str(each.kind), as_of=each.as_of.isoformat(), days=age, is_stale=age > stale_after, source=each.source,
        )  # fmt: skip


def _old(book: PriceBook, names: set[str], day: date, days: int) -> Iterator[str]:
    for row in _rows(book, day, days):
        if row.name in names and row.is_stale:
            yield f"{row.name}: read on {row.as_of}, {row.days} days ago (more than {days}): read it again"
        if row.name in names and row.days < 0:
            yield f"{row.name}: as_of is {row.as_of}, a day still to come: correct it"


def _assumed(book: PriceBook, names: set[str]) -> Iterator[str]:
    for name in sorted(names & set(book.every)):
        row = book.every[name]
        if str(row.price.kind) == "assumed" and (row.low is None or row.high is None):
            yield f"{name}: an assumption without a range: add low and high"


def _written(document: Mapping[str, Any]) -> str:
    head = {key: value for key, value in document.items() if key != "rows"}
    try:
        rows = ",\n".join(f"    {json.dumps(row, ensure_ascii=False, default=str)}" for row in document["rows"])
    except (TypeError, ValueError) as error:
        raise PriceError(f"the rows cannot be written as JSON: {error}") from error
    lines = "".join(f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)},\n" for key, value in head.items())
    return f'{{\n{lines}  "rows": [\n{rows}\n  ]\n}}\n'
