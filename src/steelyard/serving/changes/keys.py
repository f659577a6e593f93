"""Which items of a bundle read the same, and which are sizes of one product: looked up by what is read.

Made from all cards when the first text changes; 32 bytes an item.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt

from steelyard.data.values.normalise import attributes_text
from steelyard.data.vocabulary import text_key
from steelyard.domain import NONE
from steelyard.serving.arrange import product_of
from steelyard.serving.cards import Brief, Card, Cards, id_hash

__all__ = ["CardKeys", "text_of"]


def text_of(card: Card) -> tuple[str, str, str, str, str]:
    """What is searched of an item: title, description, category, brand, attributes."""
    return card.title, card.description, " > ".join(card.category), card.brand, attributes_text(card.attributes)


class CardKeys:
    """Items of a bundle by their texts and by their products.

    Args:
        cards: Of the bundle.
    """

    def __init__(self, cards: Cards) -> None:
        self._cards = cards

    def alike(self, card: Card) -> int:
        """An item of the bundle that reads as a card does, ``NONE`` where there is none."""
        key = text_key(text_of(card))
        found = self._items(self._by_text, _number(key))
        return next((item for item in found if text_key(text_of(self._cards.card(item))) == key), NONE)

    def of_product(self, card: Brief) -> int:
        """An item of the bundle that is of the same product, ``NONE`` where there is none."""
        product = product_of(card)[0]
        found = self._items(self._by_product, id_hash(repr(product)))
        return next((item for item in found if product_of(self._cards.brief(item))[0] == product), NONE)

    @staticmethod
    def _items(index: tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]], key: int) -> list[int]:
        hashes, items = index
        wanted = np.uint64(key)
        first, last = np.searchsorted(hashes, wanted), np.searchsorted(hashes, wanted, side="right")
        found: list[int] = items[first:last].tolist()
        return found

    @cached_property
    def _by_text(self) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
        cards = self._cards
        return _index([_number(text_key(text_of(cards.card(item)))) for item in range(len(cards))])

    @cached_property
    def _by_product(self) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
        cards = self._cards
        return _index([id_hash(repr(product_of(cards.brief(item))[0])) for item in range(len(cards))])


def _number(key: bytes) -> int:
    return int.from_bytes(key[:8], "big")


def _index(keys: list[int]) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
    """Keys ascending, each once, with the first item that has it."""
    hashes, items = np.unique(np.array(keys, np.uint64), return_index=True)
    return hashes, items.astype(np.int64)
