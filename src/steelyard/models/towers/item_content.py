"""What a tower reads of an item besides its number: its text, categories, brand and how dear it is.

Nothing of it is of people, and all of it is known of an item that nobody has looked at yet.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steelyard.domain import CatalogueFacts, FloatArray, IntArray, Texts, VectorArray

__all__ = ["ItemContent", "item_content"]

_BANDS = 10
"""Bands of price, as many items in each."""
_LEAST = 2
"""Items that share a brand or a category, at least: what one item has alone says nothing of others."""


@dataclass(frozen=True, slots=True, eq=False)
class ItemContent:
    """As ``steelyard.models.lesson_ports.TowerContent``."""

    texts: VectorArray | None
    codes: IntArray
    names: tuple[str, ...]
    """Of the attributes, by number less 1: ``category=Shoes > Boots``, ``brand=acme``, ``price=3``."""

    @property
    def n_codes(self) -> int:
        """Different attributes."""
        return len(self.names)


def item_content(
    facts: CatalogueFacts, texts: Texts, price: FloatArray | None, *, vectors: VectorArray | None
) -> ItemContent:
    """Content of all items.

    Args:
        facts: Texts and categories of the items.
        texts: Brands of the distinct texts.
        price: Of each item, NaN where it is not known; None where no item has one. Shape (items,).
        vectors: Of each item's text, or None. Shape (items, text width).

    Returns:
        Attributes of each item: its narrowest and its widest category, its brand, its band of price.
    """
    narrow = [facts.categories[number] if number >= 0 else "" for number in facts.category.tolist()]
    wide = [path.split(" > ")[0] if " > " in path else "" for path in narrow]
    brands = [texts.brand[text].strip().lower() for text in facts.text_of_item.tolist()]
    columns = {"category": narrow, "department": wide, "brand": brands, "price": _bands(price, n=len(narrow))}
    codes = np.zeros((len(narrow), len(columns)), np.int64)
    names: list[str] = []
    for column, (name, values) in enumerate(columns.items()):
        found, where, counts = np.unique(np.array(values, np.str_), return_inverse=True, return_counts=True)
        is_kept = (counts >= _LEAST) & (found != "")
        number = np.where(is_kept, len(names) + np.cumsum(is_kept), 0)
        codes[:, column] = number[where]
        names += [f"{name}={value}" for value in found[is_kept].tolist()]
    return ItemContent(vectors, codes, tuple(names))


def _bands(price: FloatArray | None, *, n: int) -> list[str]:
    """Number of each item's band, empty where its price is not known."""
    known = np.zeros(0) if price is None else price[np.isfinite(price)]
    if price is None or not len(known):
        return [""] * n
    edges = np.quantile(known, np.arange(1, _BANDS) / _BANDS)
    bands = np.searchsorted(edges, np.where(np.isfinite(price), price, 0.0), side="right")
    return [str(band) if is_known else "" for band, is_known in zip(bands, np.isfinite(price), strict=True)]
