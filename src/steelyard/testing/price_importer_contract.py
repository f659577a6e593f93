"""Promises of an importer of prices. Subclass the suite and write a catalogue; pytest does the rest."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

from steelyard import registry
from steelyard.assembly.prices import Prices
from steelyard.cost.prices.catalogue import ImportRequest, PriceImporter
from steelyard.cost.prices.prices import PriceBook, override, parse_book
from steelyard.domain import Unpriced
from steelyard.errors import PriceError
from steelyard.testing.refusals import refused

__all__ = ["PriceImporterContract"]

_PRICE = "0.0971234567"
_OF_ANOTHER_KIND = (
    b"",
    b"{",
    b"[1, 2, 3]",
    b'{"a": 1}',
    b"a,b\n1,2\n",
    b"<!DOCTYPE html><html><body>404</body></html>\n",
    b"PK\x03\x04\xff\xfe\x00\x01",
)
"""Nothing, half a JSON, other JSON, another table, a page instead of a file, and what is no text."""


class PriceImporterContract(ABC):
    """Promises of ``steelyard.cost.prices.catalogue.PriceImporter``.

    The importer must be installed, with its entry point. Every test gets a folder of its own (pytest's ``tmp_path``).
    """

    name: ClassVar[str]
    """As its entry point calls it."""
    listed: ClassVar[str]
    """The name under which a request asks for what ``write`` prices."""
    region: ClassVar[str] = ""
    """Where the catalogue prices it, if it says so."""

    @abstractmethod
    def write(self, folder: Path, price: str) -> Path:
        """Write a small catalogue as its makers write it, with this price of one machine or model.

        Args:
            folder: Empty.
            price: As digits, or empty where nobody filled it in; what is no price is written as it is.

        Returns:
            The file.
        """

    @property
    def importer(self) -> PriceImporter:
        """The importer, found as the product finds it."""
        found: PriceImporter = registry.load("price-importers", self.name)
        return found

    def request(self) -> ImportRequest:
        """What is asked of the catalogue: the one machine or model, on a known day."""
        return ImportRequest(
            "catalogue, commit 1", as_of=date(2026, 11, 1), cloud="aws", region=self.region, names=(self.listed,)
        )

    def document(self, folder: Path, price: str = _PRICE, **asked: Any) -> dict[str, Any]:
        """The price file that is made of the catalogue.

        Args:
            folder: Empty, or with a catalogue that is overwritten.
            price: As for ``write``.
            asked: Other fields of the request.

        Returns:
            ``{"format", "name", "currency", "rows"}``.
        """
        return self.importer.read(self.write(folder, price), replace(self.request(), **asked))

    def book(self, document: Mapping[str, Any], *, where: str = "catalogue") -> PriceBook:
        """The price file as a book, or laid over a shipped one where the importer gives rows only.

        Args:
            document: As ``document`` gives it.
            where: The catalogue's name, for messages.

        Returns:
            With the rows that were imported among its own.
        """
        if self.importer.is_whole_book:
            return parse_book(document, where=where)
        books = Prices().books()
        known = (books.load(each) for each in books.names())
        return override(next(b for b in known if b.currency == document["currency"]), document, where=where)

    def test_what_is_imported_is_a_price_book(self, tmp_path: Path) -> None:
        document = self.document(tmp_path)
        book = self.book(document)
        assert document["rows"]
        assert {row["name"] for row in document["rows"]} <= set(book.every)
        assert book.currency == document["currency"]

    def test_the_price_keeps_every_digit(self, tmp_path: Path) -> None:
        document = self.document(tmp_path)
        amounts = {self.book(document).every[row["name"]].price.per_unit.amount for row in document["rows"]}
        assert Decimal(_PRICE) in amounts

    def test_every_price_has_a_unit_a_source_and_a_day(self, tmp_path: Path) -> None:
        document = self.document(tmp_path)
        book = self.book(document)
        for row in document["rows"]:
            price = book.every[row["name"]].price
            assert price.unit
            assert price.source.strip()
            assert price.as_of <= date(2026, 11, 1)

    def test_without_a_day_nothing_is_imported_unless_the_file_says_it(self, tmp_path: Path) -> None:
        try:
            document = self.document(tmp_path, as_of=None)
        except PriceError as error:
            assert "day" in str(error), error
        else:
            assert all(row["as_of"] for row in document["rows"])

    def test_the_same_file_gives_the_same_rows(self, tmp_path: Path) -> None:
        assert self.document(tmp_path) == self.document(tmp_path)

    def test_the_file_is_left_as_it_was(self, tmp_path: Path) -> None:
        path = self.write(tmp_path, _PRICE)
        before = path.read_bytes()
        self.importer.read(path, self.request())
        assert path.read_bytes() == before

    def test_what_is_not_in_the_catalogue_is_named_and_not_made_up(self, tmp_path: Path) -> None:
        with refused(PriceError, "no-such-thing", self.write(tmp_path, _PRICE).name):
            self.document(tmp_path, names=(self.listed, "no-such-thing"))

    def test_a_price_that_was_not_imported_is_unknown(self, tmp_path: Path) -> None:
        found = self.book(self.document(tmp_path)).price("no-such-thing", "hour")
        assert isinstance(found, Unpriced)
        assert found.why

    def test_a_price_that_nobody_filled_in_is_refused_or_unknown_and_never_zero(self, tmp_path: Path) -> None:
        names = [row["name"] for row in self.document(tmp_path)["rows"]]
        try:
            document = self.document(tmp_path, "")
            book = self.book(document)
        except PriceError as error:
            assert self.listed in str(error), error
        else:
            assert all(self._is_unknown_or_positive(book, name) for name in names)

    def test_a_price_of_zero_is_refused_until_somebody_confirms_it(self, tmp_path: Path) -> None:
        with refused(PriceError, self.listed):
            self.book(self.document(tmp_path, "0"))
        if self.importer.is_whole_book:  # rows of the shop's own carry their confirmation themselves
            document = self.document(tmp_path, "0", confirmed_free=(self.listed,))
            assert all(row["confirmed_free"] for row in document["rows"] if Decimal(row["price"]) == 0)
            assert self.book(document).rows or self.book(document).extras

    def test_what_is_no_price_is_refused_with_its_file(self, tmp_path: Path) -> None:
        where = self.write(tmp_path, _PRICE).name
        for written in ("-1", "cheap", "NaN", "1e999999"):
            with refused(PriceError, where):
                self.book(self.document(tmp_path, written), where=where)

    def test_a_file_of_another_kind_is_refused_by_name(self, tmp_path: Path) -> None:
        path = self.write(tmp_path, _PRICE)
        for content in _OF_ANOTHER_KIND:
            path.write_bytes(content)
            with refused(PriceError, path.name):
                self.book(self.importer.read(path, replace(self.request(), names=())), where=path.name)

    def test_a_file_that_is_not_there_is_refused_by_name(self, tmp_path: Path) -> None:
        path = self.write(tmp_path, _PRICE)
        path.unlink()
        with refused(PriceError, path.name):
            self.importer.read(path, self.request())

    @staticmethod
    def _is_unknown_or_positive(book: PriceBook, name: str) -> bool:
        found = book.price(name, "hour")
        return isinstance(found, Unpriced) or found.per_unit.amount > 0
