"""Reads price books: those shipped with Steelyard, and a shop's own in JSON, TOML or CSV."""

from __future__ import annotations

import csv
import difflib
import json
import tomllib
from dataclasses import replace
from datetime import date
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

from steelyard.cost.exchange import RateTable
from steelyard.cost.prices.catalogue import ImportRequest, PriceImporter
from steelyard.cost.prices.prices import PriceBook, override, parse_book
from steelyard.errors import PriceError

__all__ = ["CSV_IMPORTER", "PriceBooks", "import_csv", "read_text"]

_SUFFIXES = (".json", ".toml", ".csv")
_MAX_BYTES = 8_000_000
"""A larger file is not a price list; it is refused before it is parsed."""
_MAX_CATALOGUE_BYTES = 64_000_000
"""Of a public catalogue, of which a few rows are taken."""


class PriceBooks:
    """The price books at hand.

    Args:
        base: Folder that relative paths start from; normally that of the configuration file.
    """

    def __init__(self, base: Path | None = None) -> None:
        self._base = base or Path()
        self._shipped = files("steelyard.cost.prices") / "books"
        self._lists = files("steelyard.cost.prices") / "lists"

    def names(self) -> list[str]:
        """Names of the shipped books, sorted."""
        return sorted(entry.name.removesuffix(".json") for entry in self._shipped.iterdir() if _is_book(entry.name))

    def load(
        self, book: str, *, overrides: str | None = None, rates: RateTable | None = None, on: date | None = None
    ) -> PriceBook:
        """A book, with the shipped lists of its currency and a shop's own rows laid over it.

        Args:
            book: Name of a shipped book, or a path that ends in ``.json``, ``.toml`` or ``.csv``.
            overrides: Path of the shop's own rows, if there are any.
            rates: For rows of the shop's in another currency.
            on: Day of the rates.

        Returns:
            The book, all rows in its one currency; its name tells whether rows were laid over it. Managed services,
            tokens, labels, people by country and own machines are among its extras.

        Raises:
            PriceError: There is no such book or file, or it is not right: file, row and field are named.
        """
        found = self._with_lists(parse_book(self.document(book), where=book))
        if overrides is None:
            return found
        path = self._base / overrides
        return override(found, _read(path, currency=found.currency), where=path.name, rates=rates, on=on)

    def _with_lists(self, book: PriceBook) -> PriceBook:
        """With the rows of the shipped lists in the book's currency, as extras: no bill takes one by itself."""
        extras = dict(book.extras)
        for entry in sorted(self._lists.iterdir(), key=lambda each: each.name):
            if entry.name.endswith(f"-{book.currency.lower()}.json"):
                document = json.loads(entry.read_text("utf-8"), parse_float=Decimal)
                extras = {**parse_book(document, where=entry.name).every, **extras}
        return replace(book, extras={name: row for name, row in extras.items() if name not in book.rows})

    def document(self, book: str) -> Any:
        """What the file of a book holds, not yet checked; ``book`` as in ``load``."""
        if book.endswith(_SUFFIXES):
            return _read(self._base / book, currency=None)
        if book not in self.names():
            near = difflib.get_close_matches(book, self.names(), n=2)
            hint = f" Did you mean {' or '.join(near)}?" if near else ""
            raise PriceError(
                f"no price book named {book!r}.{hint} Shipped: {', '.join(self.names())}; "
                f"a path to your own must end in {', '.join(_SUFFIXES)}"
            )
        text = (self._shipped / f"{book}.json").read_text("utf-8")
        return json.loads(text, parse_float=Decimal)


def import_csv(path: Path, request: ImportRequest) -> dict[str, Any]:
    """A price file from a plain CSV; its rows keep their own source and day, and ``names`` chooses among them."""
    document: dict[str, Any] = _read(path, currency=request.currency)
    rows = document["rows"]
    if not rows:
        raise PriceError(f"{path.name} has no rows: a line of columns, and below it a line for each price, are needed")
    unknown = sorted(set(request.names) - {row.get("name") for row in rows})
    if unknown:
        raise PriceError(f"{path.name} has no row {', '.join(unknown)}: correct the names, or leave them out")
    kept = [row for row in rows if not request.names or row.get("name") in request.names]
    return {"format": 1, **document, "rows": [{k: v for k, v in row.items() if v not in (None, "")} for row in kept]}


CSV_IMPORTER = PriceImporter(import_csv, needs_region=False, is_whole_book=False)


def read_text(path: Path) -> str:
    """Text of a price list.

    Args:
        path: The file.

    Returns:
        Its text, without a byte order mark.

    Raises:
        PriceError: It is not there, is not UTF-8, or is far larger than any price list.
    """
    if not path.is_file():
        raise PriceError(f"price file {path} is not there")
    if path.stat().st_size > _MAX_CATALOGUE_BYTES:
        raise PriceError(
            f"price file {path} has {path.stat().st_size:,} bytes; a catalogue has at most {_MAX_CATALOGUE_BYTES:,}"
        )
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PriceError(f"price file {path} is not UTF-8 (byte {error.start}): save it as UTF-8") from error


def _is_book(name: str) -> bool:
    return name.endswith(".json")


def _read(path: Path, *, currency: str | None) -> Any:
    """What a price file holds. A CSV has no place for a currency but a column; without it, the book's is meant."""
    if not path.is_file():
        raise PriceError(f"price file {path} is not there; correct [cost] in the configuration")
    if path.suffix not in _SUFFIXES:
        raise PriceError(f"price file {path} has an unknown kind; use one of {', '.join(_SUFFIXES)}")
    if path.stat().st_size > _MAX_BYTES:
        raise PriceError(
            f"price file {path} has {path.stat().st_size:,} bytes; a price list has at most {_MAX_BYTES:,}"
        )
    try:
        text = path.read_text("utf-8-sig")
        if path.suffix == ".json":
            return json.loads(text, parse_float=Decimal)
        if path.suffix == ".toml":
            return tomllib.loads(text, parse_float=Decimal)
        return _table(text, path, currency=currency)
    except (ValueError, RecursionError, csv.Error) as error:
        raise PriceError(f"price file {path} cannot be read: {error}") from error


def _separator(lines: list[str]) -> str:
    """What parts the columns: that of comma, semicolon and tab that the header has most of."""
    header = lines[0] if lines else ""
    return max((",", ";", "\t"), key=header.count)


def _table(text: str, path: Path, *, currency: str | None) -> dict[str, Any]:
    lines = text.splitlines()
    rows = list(csv.DictReader(lines, restkey="_too_many", strict=True, delimiter=_separator(lines)))
    currencies = {row.pop("currency") for row in rows if row.get("currency")} or {currency}
    if len(currencies) > 1:
        raise PriceError(
            f"price file {path} holds several currencies ({sorted(map(str, currencies))}); use one file each"
        )
    for number, row in enumerate(rows, start=2):
        row.pop("currency", None)
        if "_too_many" in row:
            raise PriceError(
                f"price file {path}, line {number}: more fields than the header has; a number with a decimal comma is "
                "written with a point (0.0104), and a text with a comma in double quotes"
            )
    return {"name": path.stem, "currency": currencies.pop(), "rows": rows}
