"""A column of reduced prices beside the one of usual prices: the reduced one counts where it is given."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from steelyard.data.guessing.assign import RoleGuess
from steelyard.data.guessing.profiles import ColumnProfile, TableProfile
from steelyard.data.guessing.roles import LISTED, folded_name, name_score
from steelyard.data.guessing.words.languages import score_in_languages
from steelyard.data.values.traditional import SIMPLIFIED_OF

__all__ = ["with_sale_price"]

_REDUCED = re.compile(
    (
        r"(sale|special|promo\w*|offer|discount\w*|reduced|deal|aktions|angebots|sonder)_?(price|preis)"
        r"|(discounted|reduced)|促销价|特价|活动价|优惠价|折扣价|券后价|セール価格|特価|割引価格|特別価格|prixpromo\w*"
        r"|(prix|tarif)(promo\w*|sold\w*|reduit|remise|special)|precio(deoferta|oferta|rebajado|promo\w*|condescuento|especial)"
        r"|prezzo(diofferta|inofferta|offerta|scontato|promo\w*|speciale|ridotto)|(actie|aanbiedings|kortings|sale)prijs"
        r"|(促销|特惠|优惠|活动|折后|折扣|秒杀)(价格?|售价)|(セール|特別|割引|値引き?|キャンペーン)(価格|値段|売価)"
    ).translate(SIMPLIFIED_OF)
)
"""Names of reduced prices, folded."""
_BEFORE_TAXES = re.compile(
    r"excl|exkl|^net|(price|preis|prijs)net|without(tax|vat)|prix\w*ht$|horstaxe|siniva|sinimpuestos|ivaesclusa|不含税|税抜|未税"
)
"""Parts of names of prices to which taxes come, folded."""
_USUAL = re.compile(
    (
        r"(regul\w*|normal\w*|standard|original|list|listen|catalog\w*|katalog|full|base|statt)(price|preis|prijs)"
        r"|(prix|tarif|precio|prezzo)(regul\w*|regol\w*|normal\w*|habit\w*|origin\w*|initial|debase|base|catalogue|barre"
        r"|lista|delista|dilistino|listino|pieno|intero|standard|anterior)|adviesprijs|uvp|rrp|msrp"
        r"|(常规|正常|标准|日常|原|市场|划线|吊牌|门市|零售)(价格?|售价)|(通常|標準|定|希望小売|メーカー希望小売)(価格|価|値段)"
    ).translate(SIMPLIFIED_OF)
)
"""Names of usual prices, folded, also of those that are struck out beside a reduced one."""


def with_sale_price(table: TableProfile | None, roles: Mapping[str, RoleGuess]) -> Mapping[str, RoleGuess]:
    """The roles, the price read from the column of reduced prices first where there is one that is often empty.

    Args:
        table: The catalogue.
        roles: Its roles.

    Returns:
        A price of two columns is less than sure: a person decides whether reduced prices are still valid.
    """
    price = roles.get("price")
    if table is None or price is None or len(price.columns) > 1 or price.why.startswith("known"):
        return roles
    if _BEFORE_TAXES.search(folded_name(price.columns[0])):
        price = replace(price, sureness=min(price.sureness, 0.9), why="it is before taxes, and no other price is surer")
        roles = {**roles, "price": price}
    used = {name for role, one in roles.items() if role != "price" for name in one.columns}
    free = [column for column in table.columns if column.name not in used and column.filled_share > 0]
    reduced = next((column for column in free if _is_price(column) and _is_reduced(column)), None)
    usual = table.column(price.columns[0])
    if usual is not None and reduced is not None and usual.name == reduced.name:
        usual = next((column for column in free if column is not reduced and _is_usual(column)), None)
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


def _is_price(column: ColumnProfile) -> bool:
    return column.numeric_share > 0.8 or column.money_share > 0.8


def _is_reduced(column: ColumnProfile) -> bool:
    name = folded_name(column.name.rpartition(".")[2])
    return _REDUCED.fullmatch(name) is not None or score_in_languages(name, "reduced_price") > 0


def _is_usual(column: ColumnProfile) -> bool:
    is_named = _USUAL.fullmatch(folded_name(column.name.rpartition(".")[2])) is not None
    return _is_price(column) and (is_named or name_score(column.name, "price") >= LISTED)
