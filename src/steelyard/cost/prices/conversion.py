"""Prices in another currency, at a dated rate. A converted price says so, and is never called quoted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from steelyard.cost.exchange import RateTable
from steelyard.cost.facts import EXACT
from steelyard.cost.prices.row_terms import Discount
from steelyard.cost.prices.rows import Row
from steelyard.domain import FactKind, Money

__all__ = ["converted"]


def converted(row: Row | Discount, to: str, *, rates: RateTable, on: date) -> Row | Discount:
    """A row in another currency.

    Args:
        row: As parsed, in its own currency; a discount has none.
        to: ISO 4217 code.
        rates: Dated rates.
        on: The latest rate known on this day is used.

    Returns:
        The same row where nothing is to be converted. Else its price is derived (assumed where it was), its source
        names rate and day, and it is as old as the older of the two.

    Raises:
        PriceError: The table has no rate of that pair so early, or only an old one.
    """
    if isinstance(row, Discount) or row.price.per_unit.currency == to:
        return row
    price = row.price
    money, rate = rates.convert(price.per_unit, to, on=on)
    assert rate is not None
    kind = FactKind.ASSUMED if price.kind is FactKind.ASSUMED else FactKind.DERIVED
    was = f"{price.per_unit.amount} {price.per_unit.currency}"
    source = f"{price.source}; {was} x {rate.value.normalize():f} {rate.unit} of {rate.as_of} ({rate.source})"
    made = replace(
        price, per_unit=Money(money.amount, to), kind=kind, source=source, as_of=min(price.as_of, rate.as_of)
    )
    return replace(row, price=made, low=_times(row.low, rate.value), high=_times(row.high, rate.value))


def _times(value: Decimal | None, rate: Decimal) -> Decimal | None:
    return None if value is None else EXACT.multiply(value, rate)
