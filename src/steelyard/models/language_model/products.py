"""What may be sent of each product: title, brand, price. Nothing else of the shop is in this part."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

from steelyard.domain import FloatArray, IntArray, State
from steelyard.models.building import Bench, Fill, Folder, Part
from steelyard.models.language_model.asking import Product
from steelyard.models.ports import Parts

if TYPE_CHECKING:
    from steelyard.data.tables import ShopTables

__all__ = ["PRODUCTS", "Products", "open_products"]

_FILE = "products.jsonl"


class Products:
    """Products by text number.

    Args:
        lines: One JSON list a line: title, brand, price.
        offsets: Line ``i`` is the bytes from ``offsets[i]`` to ``offsets[i + 1]``. Shape (texts + 1,).
        has_brand: Whether brands are given out.
        has_price: Whether prices are.
    """

    def __init__(self, lines: bytes, offsets: IntArray, *, has_brand: bool = True, has_price: bool = True) -> None:
        self._lines, self._offsets = lines, offsets
        self._has_brand, self._has_price = has_brand, has_price

    def __getitem__(self, text: int) -> Product:
        title, brand, price = json.loads(self._lines[self._offsets[text] : self._offsets[text + 1]])
        return Product(title, brand if self._has_brand else "", price if self._has_price else "")


def open_products(parts: Parts, role: str, *, has_brand: bool, has_price: bool) -> Products:
    """The products in a role.

    Args:
        parts: Opens it.
        role: Of ``PRODUCTS``.
        has_brand: Whether brands are given out.
        has_price: Whether prices are.

    Returns:
        Ready to be asked for.
    """
    offsets = parts.state(role).arrays["offsets"].astype(np.int64)
    return Products(parts.content(role, _FILE), offsets, has_brand=has_brand, has_price=has_price)


def _made(bench: Bench) -> Fill:
    shop = bench.shop
    prices = _prices(shop)
    rows = zip(shop.texts.title, shop.texts.brand, prices, strict=True)
    lines = [json.dumps(row, ensure_ascii=False).encode("utf-8", "replace") + b"\n" for row in rows]
    offsets = np.concatenate([[0], np.cumsum([len(line) for line in lines])]).astype(np.int64)

    def fill(folder: Folder) -> None:
        folder.write_state(State({"offsets": offsets}, {"texts": len(lines)}))
        folder.write_bytes(_FILE, b"".join(lines))

    return fill


def _prices(shop: ShopTables) -> list[str]:
    """Price of the item that stands for each text, as it is shown; empty where it is not known."""
    price: FloatArray | None = shop.price
    if price is None:
        return [""] * len(shop.texts)
    return ["" if np.isnan(value) else f"{value:.2f}" for value in price[shop.facts.representative].tolist()]


PRODUCTS = Part("parts/products", _made, settings={"format": 1})
"""Title, brand and price of each distinct text."""
