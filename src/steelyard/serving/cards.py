"""Product cards read from one buffer on demand, and the way from the shop's identifiers to item numbers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from steelyard.domain import NONE, IntArray, State
from steelyard.errors import ArtefactError

__all__ = ["Brief", "Card", "Cards", "ItemIds", "id_hash", "index_ids"]


class Brief(msgspec.Struct, frozen=True, gc=False):
    """What a list shows of an item."""

    item_id: str
    title: str = ""
    category: tuple[str, ...] = ()
    """Path from the widest category to the narrowest."""
    brand: str = ""
    price: str | None = None
    """Exact decimal in the shop's currency; null when unknown, which is not zero."""
    image: str = ""


class Card(Brief, frozen=True, gc=False):
    """All that the product page shows."""

    description: str = ""
    stock: int | None = None
    """Pieces available; null when the shop does not say."""
    attributes: dict[str, str] = {}


_KEPT = 4096
"""Decoded briefs that are kept, some 3 MB."""


class _OnlyId(msgspec.Struct, gc=False):
    item_id: str


class Cards:
    """Cards by item number. Only what is asked for is decoded, so a mapped file stays out of memory.

    Args:
        data: One JSON object for each item, in order of item number: bytes or a read-only memory map.
        offsets: Shape (n_items + 1,): where each object begins, and the end of the last.
    """

    def __init__(self, data: Any, offsets: IntArray) -> None:
        if len(offsets) < 1 or int(offsets[-1]) > len(data):
            raise ArtefactError(f"the cards hold {len(data)} bytes, their offsets say {offsets[-1:]}: make them again")
        self._data = data
        self._offsets = np.ascontiguousarray(offsets, dtype=np.int64).data  # plain integers, without numpy's cost
        self._card = msgspec.json.Decoder(Card)
        decode = msgspec.json.Decoder(Brief).decode
        # lists name the same items again and again, as results and as reasons
        self._briefs = lru_cache(_KEPT)(lambda number: decode(self.raw(number)))

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def raw(self, number: int) -> bytes:
        """The stored JSON of one item."""
        return bytes(self._data[self._offsets[number] : self._offsets[number + 1]])

    def brief(self, number: int) -> Brief:
        """What a list shows of item ``number``."""
        found: Brief = self._briefs(number)
        return found

    def card(self, number: int) -> Card:
        """All that is known of item ``number``."""
        return self._card.decode(self.raw(number))

    def item_ids(self) -> Iterator[str]:
        """The shop's identifiers in order of item number."""
        decoder = msgspec.json.Decoder(_OnlyId)
        return (decoder.decode(self.raw(number)).item_id for number in range(len(self)))


def index_ids(cards: Cards) -> State:
    """Sorted hashes of all identifiers, for ``ItemIds``: 16 bytes an item instead of a dictionary.

    Args:
        cards: Of the whole catalogue.

    Returns:
        Arrays ``hashes`` (uint64, non-decreasing) and ``numbers`` (int64), both of shape (n_items,).
    """
    hashes = np.fromiter((id_hash(item_id) for item_id in cards.item_ids()), dtype=np.uint64, count=len(cards))
    order = np.argsort(hashes, kind="stable")
    return State({"hashes": hashes[order], "numbers": order.astype(np.int64)})


class ItemIds:
    """From the shop's identifier to the item's number. A hash finds it, the card itself confirms it."""

    def __init__(self, state: State, cards: Cards) -> None:
        self._hashes: npt.NDArray[np.uint64] = state.arrays["hashes"]
        self._numbers = state.arrays["numbers"]
        self._cards = cards

    def number(self, item_id: str) -> int:
        """Number of the item, ``NONE`` when the catalogue does not have it."""
        wanted = np.uint64(id_hash(item_id))
        at = int(np.searchsorted(self._hashes, wanted))
        while at < len(self._hashes) and self._hashes[at] == wanted:
            number = int(self._numbers[at])
            if self._cards.brief(number).item_id == item_id:
                return number
            at += 1
        return NONE


def id_hash(item_id: str) -> int:
    """64 bits that an identifier is looked up by."""
    digest = hashlib.blake2b(item_id.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big")
