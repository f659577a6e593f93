"""Which items of a bundle read the same, and which are sizes of one product: looked up by what is read.

Made from all cards when a bundle is sealed; 32 bytes an item.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from steelyard.data.values.normalise import attributes_text
from steelyard.data.vocabulary import text_key
from steelyard.domain import NONE, State
from steelyard.serving.arrange import product_of
from steelyard.serving.cards import Brief, Card, Cards, id_hash

__all__ = ["CardKeys", "index_keys", "text_of"]


def text_of(card: Card) -> tuple[str, str, str, str, str]:
    """What is searched of an item: title, description, category, brand, attributes."""
    return card.title, card.description, " > ".join(card.category), card.brand, attributes_text(card.attributes)


def index_keys(cards: Cards) -> State:
    """Sorted hashes of what the items read like and of their products, for ``CardKeys``.

    Args:
        cards: Of the whole catalogue.

    Returns:
        Arrays ``text_hashes`` and ``product_hashes`` (uint64, ascending, each once), and the first item of each:
        ``text_items`` and ``product_items`` (int64).
    """
    texts, products = [], []
    for number in range(len(cards)):
        card = cards.card(number)
        texts.append(_number(text_key(text_of(card))))
        products.append(id_hash(repr(product_of(card)[0])))
    text_hashes, text_items = np.unique(np.array(texts, np.uint64), return_index=True)
    product_hashes, product_items = np.unique(np.array(products, np.uint64), return_index=True)
    return State(
        {
            "text_hashes": text_hashes,
            "text_items": text_items.astype(np.int64),
            "product_hashes": product_hashes,
            "product_items": product_items.astype(np.int64),
        }
    )


class CardKeys:
    """Items of a bundle by their texts and by their products. A hash finds them, the card itself confirms it.

    Args:
        cards: Of the bundle.
        state: What ``index_keys`` gave; made when first needed where it is left out.
    """

    def __init__(self, cards: Cards, state: State | None = None) -> None:
        self._cards = cards
        self._given = state

    def alike(self, card: Card) -> int:
        """An item of the bundle that reads as a card does, ``NONE`` where there is none."""
        key = text_key(text_of(card))
        found = self._item("text", _number(key))
        return found if found != NONE and text_key(text_of(self._cards.card(found))) == key else NONE

    def of_product(self, card: Brief) -> int:
        """An item of the bundle that is of the same product, ``NONE`` where there is none."""
        product = product_of(card)[0]
        found = self._item("product", id_hash(repr(product)))
        return found if found != NONE and product_of(self._cards.brief(found))[0] == product else NONE

    @cached_property
    def state(self) -> State:
        """What it looks into."""
        return self._given if self._given is not None else index_keys(self._cards)

    def _item(self, of: str, key: int) -> int:
        hashes = self.state.arrays[f"{of}_hashes"]
        at = int(np.searchsorted(hashes, np.uint64(key)))
        return int(self.state.arrays[f"{of}_items"][at]) if at < len(hashes) and int(hashes[at]) == key else NONE


def _number(key: bytes) -> int:
    return int.from_bytes(key[:8], "big")
