"""What people and programs write where they have nothing to write."""

from __future__ import annotations

from typing import Literal

__all__ = ["ALWAYS", "IN_PLAIN_COLUMNS", "Emptiness", "placeholders_of"]

Emptiness = Literal["names", "values", "stock"]
"""Columns of names (ids, titles, people), which keep what may be one; of values; and of stock, where ``none`` is a
number."""

ALWAYS = (
    *("", "null", "(null)", "<null>", "[null]", "nan", "none", "(none)", "undefined", "<na>", "n/a", "#n/a", "#na"),
    *("#ref!", "#value!", "#name?", "#div/0!", "#num!", "#null!", "#n/v", "#wert!", "#bezug!", "\\n", "nil", "nat"),
    *("#" * n for n in range(3, 21)),  # what a spreadsheet shows of a column that is too narrow
)
"""Values, in lower case, that never say anything."""

IN_PLAIN_COLUMNS = (
    *("na", "n.a.", "n. a.", "n.v.", "k.a.", "k. a.", "k/a", "s/o", "s/n", "n/d", "n.d.", "s.o.", "-", "--", "---"),
    *("–", "—", "?", "??", "???", ".", "..", "...", "…", "_", "*", "not available", "not applicable", "not specified"),
    *("not set", "not given", "unspecified", "(not set)", "(not provided)", "(empty)", "empty", "blank", "tba", "tbd"),
    *("keine", "keine angabe", "ohne angabe", "unbekannt", "nicht angegeben", "unknown", "inconnu", "aucun", "aucune"),
    *(
        "desconocido",
        "ninguno",
        "sin datos",
        "brak",
        "无",
        "暂无",
        "不详",
        "未知",
        "没有",
        "空",
        "未填写",
        "無",
        "なし",
    ),
    *("不明", "없음", "해당없음", "面议", "价格面议", "电议", "无品牌", "未分类", "ノーブランド", "応相談"),
    *("on request", "price on request", "upon request", "call for price", "poa", "auf anfrage", "preis auf anfrage"),
    *("sur demande", "prix sur demande", "a consultar", "consultar", "su richiesta", "sin precio", "по запросу"),
    *("цена по запросу", "на заказ", "нет", "не указан", "не указано", "no brand", "unbranded", "does not apply"),
    *("ohne marke", "keine marke", "sans marque", "sin marca", "uncategorized", "uncategorised", "unkategorisiert"),
    *("без категории", "sin categoría", "non classé"),
)
"""Values that say nothing of a brand, a category or a price, and may well be a name."""

_NOT_OF_STOCK = frozenset(
    ("none", "(none)", "nil", "empty", "无", "暂无", "没有", "無", "なし", "없음", "ninguno", "brak")
)


def placeholders_of(kind: Emptiness) -> tuple[str, ...]:
    """What counts as an empty cell of a column.

    Args:
        kind: What the column holds.

    Returns:
        In lower case, the empty text first.
    """
    if kind == "names":
        return ALWAYS
    every = (*ALWAYS, *IN_PLAIN_COLUMNS)
    return tuple(word for word in every if word not in _NOT_OF_STOCK) if kind == "stock" else every
