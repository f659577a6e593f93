"""Reads price books: those shipped with Steelyard, and a shop's own in JSON, TOML or CSV."""

from __future__ import annotations

import csv
import difflib
import json
import tomllib
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

from steelyard.cost.prices import PriceBook, override, parse_book
from steelyard.errors import PriceError

__all__ = ["PriceBooks"]

_SUFFIXES = (".json", ".toml", ".csv")
_MAX_BYTES = 8_000_000
"""A larger file is not a price list; it is refused before it is parsed."""


class PriceBooks:
    """The price books at hand.

    Args:
        base: Folder that relative paths start from; normally that of the configuration file.
    """

    def __init__(self, base: Path | None = None) -> None:
        self._base = base or Path()
        self._shipped = files("steelyard.cost") / "books"

    def names(self) -> list[str]:
        """Names of the shipped books, sorted."""
        return sorted(entry.name.removesuffix(".json") for entry in self._shipped.iterdir() if _is_book(entry.name))

    def load(self, book: str, *, overrides: str | None = None) -> PriceBook:
        """A book, with a shop's own rows laid over it.

        Args:
            book: Name of a shipped book, or a path that ends in ``.json``, ``.toml`` or ``.csv``.
            overrides: Path of the shop's own rows, if there are any.

        Returns:
            The book, all rows in its one currency; its name tells whether rows were laid over it.

        Raises:
            PriceError: There is no such book or file, or it is not right: file, row and field are named.
        """
        found = parse_book(self._document(book), where=book)
        if overrides is None:
            return found
        path = self._base / overrides
        return override(found, _read(path, currency=found.currency), where=path.name)

    def _document(self, book: str) -> Any:
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


def _table(text: str, path: Path, *, currency: str | None) -> dict[str, Any]:
    rows = list(csv.DictReader(text.splitlines(), restkey="_too_many", strict=True))
    currencies = {row.pop("currency") for row in rows if row.get("currency")} or {currency}
    if len(currencies) > 1:
        raise PriceError(
            f"price file {path} holds several currencies ({sorted(map(str, currencies))}); use one file each"
        )
    for number, row in enumerate(rows, start=2):
        row.pop("currency", None)
        if "_too_many" in row:
            raise PriceError(f"price file {path}, line {number}: more fields than the header has")
    return {"name": path.stem, "currency": currencies.pop(), "rows": rows}
