"""Items by what is printed on their label: the shop's own number, EAN or part number, however it is typed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from steelyard.domain import State
from steelyard.serving.cards import Card, Cards, id_hash

__all__ = ["Numbers", "index_numbers", "names_of", "plain_number"]

_MAX_FOUND = 5
_MAX_LETTERS = 80
_INTRODUCTION = re.compile(
    r"^\s*(?:(?:item|art(?:icle|ikel)?|product|part|model)?[\s.]*(?:no|nr|number|nummer|#)[\s.:]*|"
    r"(?:sku|ean|gtin|upc|isbn|mpn|item|货号|编号|商品编号|条码|型号)[\s.:：#]+)(?=\S)",
    re.IGNORECASE,
)
_KINDS = frozenset(
    "ean ean13 ean8 gtin gtin13 gtin14 upc isbn isbn13 barcode mpn sku partnumber modelnumber "
    "manufacturerpartnumber 条码 条形码 货号 型号 商品编号".split()
)
_GTIN_LENGTHS = (8, 12, 13, 14)
_ODD = re.compile(r"[\W_]+")


def plain_number(text: str) -> str:
    """A number without what people add to it or leave out: case, spaces, dashes, points, and the noughts of a GTIN.

    Args:
        text: As typed or stored.

    Returns:
        Lower case letters and digits; empty where there are none.
    """
    plain = _ODD.sub("", text[:_MAX_LETTERS].casefold())
    return plain.lstrip("0") if len(plain) in _GTIN_LENGTHS and plain.isdecimal() else plain


def index_numbers(cards: Cards) -> State:
    """Sorted hashes of all numbers that stand for items, for ``Numbers``.

    Args:
        cards: Of the whole catalogue.

    Returns:
        Arrays ``hashes`` (uint64, non-decreasing) and ``numbers`` (int64), of one length: every item by its own
        number, and by the attributes that hold an EAN, a barcode or a part number.
    """
    pairs = [(id_hash(name), number) for number in range(len(cards)) for name in names_of(cards.card(number))]
    hashes = np.array([pair[0] for pair in pairs], np.uint64)
    order = np.argsort(hashes, kind="stable")
    return State({"hashes": hashes[order], "numbers": np.array([pair[1] for pair in pairs], np.int64)[order]})


@dataclass(frozen=True, slots=True)
class Numbers:
    """From what was typed to the items it is the number of."""

    hashes: npt.NDArray[np.uint64]
    items: npt.NDArray[np.int64]
    cards: Cards

    @classmethod
    def of(cls, state: State, cards: Cards) -> Numbers:
        """From what ``index_numbers`` gave."""
        return cls(state.arrays["hashes"], state.arrays["numbers"], cards)

    def find(self, query: str) -> list[int]:
        """Items whose number the whole query is, at most five.

        Args:
            query: As typed; "SKU" or "item no." before the number is left out.

        Returns:
            Item numbers; those that are written exactly so come first. Empty for words.
        """
        plain = plain_number(_INTRODUCTION.sub("", query))
        if len(plain) < 2 or (" " in query.strip() and not any(letter.isdigit() for letter in plain)):
            return []
        wanted = np.uint64(id_hash(plain))
        first = int(np.searchsorted(self.hashes, wanted))
        last = int(np.searchsorted(self.hashes, wanted, side="right"))
        found = [
            number for number in dict.fromkeys(self.items[first:last].tolist())
            if plain in names_of(self.cards.card(number))
        ]  # fmt: skip
        return sorted(found, key=lambda number: self.cards.brief(number).item_id != query.strip())[:_MAX_FOUND]


def names_of(card: Card) -> Iterator[str]:
    """Numbers of an item, each in its plain form."""
    yield plain_number(card.item_id)
    for name, value in card.attributes.items():
        plain = plain_number(value)
        if plain and (_ODD.sub("", name.casefold()) in _KINDS or _is_gtin(value)):
            yield plain


def _is_gtin(value: str) -> bool:
    """Whether a value is an EAN, UPC or GTIN: a number of such a length whose last digit proves the others.

    Source: GS1 General Specifications, section 7.9 (check digit modulo 10).
    """
    digits = value.strip()
    if len(digits) not in _GTIN_LENGTHS or not (digits.isascii() and digits.isdecimal()):
        return False
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(digits)))
    return weighted % 10 == 0
