"""Prices in cents: told by the name of their column, or by a column beside it that says how many decimals they have."""

from __future__ import annotations

import re
from dataclasses import dataclass

from steelyard.data.guessing.profiles import ColumnProfile, TableProfile
from steelyard.data.guessing.roles import folded_name

__all__ = ["PriceUnit", "price_unit_of"]

_MINOR_UNITS = re.compile(r"cents?(amount)?$|pence$|pfennig$|minor(units?)?$|分$|micros$")
_DECIMALS = frozenset(
    ("precision", "fractiondigits", "exponent", "decimals", "decimalplaces", "currencyexponent", "scale", "digits")
)
_DECIMALS_ANYWHERE = frozenset(
    ("currencyminorunit", "currencyminorunits", "minorunit", "minorunits", "currencydecimals", "pricedecimals",
     "pricescale", "currencyprecision", "priceprecision", "currencyexponent", "decimals", "decimalplaces",
     "fractiondigits", "pricedecimalplaces", "currencydecimalplaces", "小数位数", "价格小数位")
)  # fmt: skip
"""Names of columns that say how many decimals whole prices have, in the record of the price and beside any."""
_MOST_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class PriceUnit:
    """In what prices are given."""

    divisor: int = 1
    """What they are divided by to be in whole units of the currency."""
    why: str = ""
    """What tells it; where the divisor is 1, why no one divisor suits."""


def price_unit_of(table: TableProfile, name: str) -> PriceUnit:
    """What prices of a column are divided by to be in whole units of the currency.

    Args:
        table: The catalogue.
        name: Of the column of prices.

    Returns:
        A divisor of 1 where nothing says that they are in cents, or where they have decimals of their own.
    """
    column = table.column(name)
    if column is None or column.whole_share < 1.0:
        return PriceUnit()
    for other in table.columns:
        if _says_decimals(other.name, of=name) and (said := _said(other)) is not None:
            return said
    folded = folded_name(name.rpartition(".")[2])
    if folded.endswith("micros"):
        return PriceUnit(10**6, f"the name of {name} says millionths")
    return PriceUnit(100, f"the name of {name} says hundredths") if _MINOR_UNITS.search(folded) else PriceUnit()


def _says_decimals(name: str, *, of: str) -> bool:
    """Whether a column of such a name tells the decimals of a price: in its record, or in one that holds that."""
    holder, _, last = name.rpartition(".")
    folded = folded_name(last)
    is_beside = holder == of.rpartition(".")[0]
    if folded in _DECIMALS and is_beside and holder:
        return True
    return folded in _DECIMALS_ANYWHERE and (is_beside or not holder or of.startswith(f"{holder}."))


def _said(column: ColumnProfile) -> PriceUnit | None:
    says = {value.removesuffix(".0") for value in column.all_values}
    if not says or not all(each.isdigit() and int(each) <= _MOST_DECIMALS for each in says):
        return None
    if len(says) > 1:
        listed = ", ".join(sorted(says))
        return PriceUnit(1, f"{column.name} differs from row to row ({listed}): no one price_divisor suits")
    decimals = int(next(iter(says)))
    return PriceUnit(10**decimals, f"{column.name} is {decimals} in every row" if decimals else "")
