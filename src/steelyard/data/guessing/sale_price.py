"""A column of reduced prices beside the one of usual prices: the reduced one counts where it is given."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from steelyard.data.guessing.assign import RoleGuess
from steelyard.data.guessing.profiles import ColumnProfile, TableProfile
from steelyard.data.guessing.roles import folded_name

__all__ = ["with_sale_price"]

_REDUCED = re.compile(
    r"(sale|special|promo\w*|offer|discount\w*|reduced|deal|aktions|angebots|sonder)_?(price|preis)|(discounted|reduced)"
    r"|促销价|特价|活动价|优惠价|折扣价|券后价|セール価格|特価|割引価格|特別価格|prixpromo\w*|preciooferta|prezzoofferta"
)
_USUAL = re.compile(
    r"price|(regular|normal|list|base|original|retail|standard)price|verkaufspreis|preis|价格|售价|销售价|原价|価格|通常価格"
    r"|販売価格|prix|precio|prezzo|variantprice|pricetaxincluded"
)


def with_sale_price(table: TableProfile | None, roles: Mapping[str, RoleGuess]) -> Mapping[str, RoleGuess]:
    """The roles, the price read from the column of reduced prices first where there is one that is often empty.

    Args:
        table: The catalogue.
        roles: Its roles.

    Returns:
        A price of two columns is less than sure: a person decides whether reduced prices are still valid.
    """
    price = roles.get("price")
    if table is None or price is None or len(price.columns) > 1 or price.why:
        return roles
    used = {name for role, one in roles.items() if role != "price" for name in one.columns}
    free = [column for column in table.columns if column.name not in used and column.filled_share > 0]
    reduced = next((column for column in free if _is(column, _REDUCED)), None)
    usual = table.column(price.columns[0])
    if usual is not None and reduced is not None and usual.name == reduced.name:
        usual = next((column for column in free if column is not reduced and _is(column, _USUAL)), None)
    if reduced is None or usual is None or reduced.filled_share >= usual.filled_share:
        return roles
    why = f"{reduced.name} where it is given ({reduced.filled_share:.0%} of the rows), else {usual.name}"
    both = replace(
        price,
        columns=(reduced.name, usual.name),
        sureness=min(price.sureness, 0.9),
        alternatives=(usual.name,),
        why=why,
    )
    return {**roles, "price": both}


def _is(column: ColumnProfile, names: re.Pattern[str]) -> bool:
    is_price = column.numeric_share > 0.8 or column.money_share > 0.8
    return is_price and names.fullmatch(folded_name(column.name)) is not None
