"""Prices with the tax that a shop pays on them and cannot take back."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from steelyard.cost.facts import EXACT, exact
from steelyard.cost.prices.prices import PriceBook
from steelyard.cost.prices.rows import Row, Service
from steelyard.domain import FactKind, Money

__all__ = ["with_tax"]

_ONE = Decimal(1)


def with_tax(book: PriceBook, percent: float) -> PriceBook:
    """The book with tax in every price but those of people's hours.

    Args:
        book: Prices before tax.
        percent: Of the price, >= 0.

    Returns:
        The same book for 0. Else prices are derived (assumed where they were), and each source names the rate.
    """
    if not percent:
        return book
    factor = _ONE + EXACT.divide(exact(percent), Decimal(100))
    rows, extras = ({name: _taxed(row, factor) for name, row in those.items()} for those in (book.rows, book.extras))
    return replace(book, rows=rows, extras=extras)


def _taxed(row: Row, factor: Decimal) -> Row:
    if row.service is Service.PEOPLE:
        return row
    price = row.price
    kind = FactKind.ASSUMED if price.kind is FactKind.ASSUMED else FactKind.DERIVED
    source = f"{price.source}; {price.per_unit.amount} x {factor.normalize():f} with tax ([cost.include] tax_percent)"
    gross = Money(EXACT.multiply(price.per_unit.amount, factor), price.per_unit.currency)
    low, high = (None if end is None else EXACT.multiply(end, factor) for end in (row.low, row.high))
    return replace(row, price=replace(price, per_unit=gross, kind=kind, source=source), low=low, high=high)
