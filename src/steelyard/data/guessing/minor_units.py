"""Prices in cents: told by the name of their column, or by a column beside it that says how many decimals they have."""

from __future__ import annotations

import re

from steelyard.data.guessing.profiles import TableProfile
from steelyard.data.guessing.roles import folded_name

__all__ = ["price_divisor_of"]

_MINOR_UNITS = re.compile(r"cents?(amount)?$|pence$|pfennig$|minor(units?)?$|分$|micros$")
_DECIMALS = frozenset(("precision", "fractiondigits", "exponent", "decimals", "decimalplaces", "currencyexponent"))
_MOST_DECIMALS = 4


def price_divisor_of(table: TableProfile, name: str) -> int:
    """What prices of a column are divided by to be in whole units of the currency.

    Args:
        table: The catalogue.
        name: Of the column of prices.

    Returns:
        1 where nothing says that they are in cents, or where they have decimals of their own.
    """
    column = table.column(name)
    if column is None or column.whole_share < 1.0:
        return 1
    holder, _, last = name.rpartition(".")
    beside = [c for c in table.columns if c.name.rpartition(".")[0] == holder and holder]
    for other in beside:
        says = {value.removesuffix(".0") for value in other.all_values}
        if folded_name(other.name.rpartition(".")[2]) in _DECIMALS and len(says) == 1:
            decimals = next(iter(says))
            return 10 ** int(decimals) if decimals.isdigit() and int(decimals) <= _MOST_DECIMALS else 1
    folded = folded_name(last)
    return 10**6 if folded.endswith("micros") else 100 if _MINOR_UNITS.search(folded) else 1
