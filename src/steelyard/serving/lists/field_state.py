"""What can be filtered by and counted, made once from the cards when a bundle is sealed.

A field is ``category``, ``brand``, ``in_stock``, ``price``, or ``attributes.`` and the name of an attribute. An item
may have several values of a field: its category with all that hold it, or an attribute that lists several.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec
import numpy as np

from steelyard.domain import State
from steelyard.serving.arrange import Product, product_of
from steelyard.serving.cards import Card, Cards

__all__ = [
    "ATTRIBUTE",
    "BRAND",
    "CATEGORY",
    "IN_STOCK",
    "PATH",
    "PRICE",
    "ends",
    "fields_state",
    "has_commas",
    "number_of",
    "pieces",
    "size_of_each",
    "unit_of",
    "values_of",
]

CATEGORY = "category"
BRAND = "brand"
IN_STOCK = "in_stock"
PRICE = "price"
ATTRIBUTE = "attributes."
"""Begins the name of a field that is an attribute."""
PATH = " > "
"""Between the names of a category's path."""

_MAX_VALUE = 120
"""A longer value is a text, and nobody chooses it from a list."""
_LISTS = re.compile(r"\s*[|;；、\n]\s*")
_COMMAS = re.compile(r"\s*(?:,(?!(?<=\d,)\d)|，)\s*")
"""Not those of numbers: 1,5 is one value."""
_COMMON = 0.5
"""Commas part an attribute's values when at most so many of the pieces are met only once."""
_NUMBER = re.compile(r"([-+]?\d+(?:\.\d+)?)\s*(\D{0,12})")


@dataclass(slots=True)
class _Growing:
    """Pairs of item and value while the cards are read, by field; values that differ in capitals only are one."""

    values: dict[str, dict[str, int]] = field(default_factory=dict)
    numbers: dict[str, dict[str, int]] = field(default_factory=dict)
    pairs: dict[str, list[tuple[int, int]]] = field(default_factory=dict)

    def add(self, name: str, item: int, values: Iterable[str]) -> None:
        """Give an item values of a field, each once."""
        texts, numbers = self.values.setdefault(name, {}), self.numbers.setdefault(name, {})
        found: dict[int, None] = {}
        for value in values:
            number = numbers.setdefault(value.casefold(), len(numbers))
            if number == len(texts):
                texts[value] = number
            found[number] = None
        self.pairs.setdefault(name, []).extend((item, number) for number in found)


def fields_state(cards: Cards) -> State:
    """All values of all items, for ``Fields``.

    Args:
        cards: Of the whole catalogue, in its own order.

    Returns:
        Pairs of item and value by field (``items``, ``values``, ``field_starts``), the values' texts
        (``texts``, ``text_offsets``, ``value_starts``) and numbers (``numbers``, NaN where one is none); for each item
        its ``price`` (NaN when unknown) and the number of its ``product`` with its ``size``. Facts: names of the
        fields, sizes.
    """
    decoder = msgspec.json.Decoder(Card)
    growing, lists = _Growing({name: {} for name in (CATEGORY, BRAND, IN_STOCK)}), _Growing()
    price = np.full(len(cards), np.nan)
    products: dict[Product, int] = {}
    product = np.zeros(len(cards), np.int32)
    alike: dict[tuple[Product, str], list[int]] = {}
    for item in range(len(cards)):
        found = decoder.decode(cards.raw(item))
        for name, values in values_of(found).items():
            growing.add(name, item, values)
        price[item] = np.nan if found.price is None else float(found.price)
        for name, value in found.attributes.items():
            text = value.strip()
            if name.strip() and text:
                lists.add(ATTRIBUTE + name.strip(), item, [text])
        key, written = product_of(found)
        product[item] = products.setdefault(key, len(products))
        alike.setdefault((key, written), []).append(item)
    _take_apart(lists, growing)
    size, sizes = _sizes(alike, cards)
    arrays = {**_packed(growing), "price": price, "product": product, "size": size}
    return State(arrays, {"fields": list(growing.values), "sizes": sizes})


def values_of(card: Card) -> dict[str, list[str]]:
    """Values of an item in the fields that every catalogue has."""
    names = [name.strip() for name in card.category if name.strip()]
    return {
        CATEGORY: [PATH.join(names[: n + 1]) for n in range(len(names))],
        BRAND: [card.brand.strip()] if card.brand.strip() else [],
        IN_STOCK: ["true" if card.stock is None or card.stock > 0 else "false"],
    }


def _sizes(alike: Mapping[tuple[Product, str], Sequence[int]], cards: Cards) -> tuple[np.ndarray, list[str]]:
    """For each item the number of its size."""
    numbers: dict[str, int] = {"": 0}
    size = np.zeros(len(cards), np.int32)
    for item, text in size_of_each(alike, cards):
        size[item] = numbers.setdefault(text, len(numbers))
    return size, list(numbers)


def size_of_each(alike: Mapping[tuple[Product, str], Sequence[int]], cards: Cards) -> Iterator[tuple[int, str]]:
    """Sizes of items: as they end the title, and what the attributes of items alike differ in.

    Args:
        alike: Items by product and by the size that their title ends with.
        cards: Of the catalogue.

    Yields:
        tuple[int, str]: Each item with its size.
    """
    for (_, written), items in alike.items():
        of_each = [cards.card(item).attributes for item in items] if len(items) > 1 else [{}]
        names = [name for name in of_each[0] if len({held.get(name, "") for held in of_each}) > 1]
        for item, held in zip(items, of_each, strict=True):
            values = [held[name] for name in names if held.get(name)]
            yield item, " · ".join([written, *values] if written else values)[:_MAX_VALUE]


def _take_apart(lists: _Growing, growing: _Growing) -> None:
    """Attributes with their lists as several values."""
    for name, numbers in lists.values.items():
        texts = list(numbers)
        by_comma = _is_list(texts)
        found = [pieces(text, by_comma=by_comma) for text in texts]
        for item, number in lists.pairs[name]:
            growing.add(name, item, found[number])


def has_commas(text: str) -> bool:
    """Whether a value holds a comma that is none of a number."""
    return _COMMAS.search(text) is not None


def pieces(text: str, *, by_comma: bool) -> list[str]:
    """The values that a value lists."""
    parts = [piece for part in _LISTS.split(text) for piece in (_COMMAS.split(part) if by_comma else [part])]
    return [part.strip() for part in parts if part.strip() and len(part) <= _MAX_VALUE]


def _is_list(texts: Sequence[str]) -> bool:
    """Whether commas part values: the pieces are then values themselves, met again and again."""
    listed = [_COMMAS.split(text) for text in texts if _COMMAS.search(text)]
    if not listed:
        return False
    counts = Counter(piece.strip() for pieces in listed for piece in pieces)
    counts.update(text for text in texts if not _COMMAS.search(text))
    once = sum(1 for pieces in listed for piece in pieces if counts[piece.strip()] == 1)
    return once <= _COMMON * sum(map(len, listed))


def _packed(growing: _Growing) -> dict[str, np.ndarray]:
    names = list(growing.values)
    blobs = [text.encode("utf-8", "replace") for name in names for text in growing.values[name]]
    pairs = [np.array(growing.pairs.get(name, []), np.int32).reshape(-1, 2) for name in names]
    together = np.concatenate(pairs) if pairs else np.empty((0, 2), np.int32)
    return {
        "items": np.ascontiguousarray(together[:, 0]),
        "values": np.ascontiguousarray(together[:, 1]),
        "field_starts": ends(map(len, pairs)),
        "value_starts": ends(len(growing.values[name]) for name in names),
        "texts": np.frombuffer(b"".join(blobs), np.uint8),
        "text_offsets": ends(map(len, blobs)),
        "numbers": np.concatenate([_numbers(list(growing.values[name])) for name in names] or [np.empty(0)]),
    }


def ends(lengths: Iterable[int]) -> np.ndarray:
    """Where each of some runs begins, and the end of the last."""
    return np.cumsum([0, *lengths]).astype(np.int64)


def _numbers(texts: Sequence[str]) -> np.ndarray:
    """The number that each value is, all of them in one unit; NaN for all where the units differ."""
    unit = unit_of(texts)
    return np.array([number_of(text, unit) for text in texts], np.float64)


def unit_of(texts: Sequence[str]) -> str:
    """The unit that most of some values are in."""
    found = [_NUMBER.fullmatch(text) for text in texts]
    units = Counter(match[2].strip().casefold() for match in found if match)
    return max(units, key=units.__getitem__, default="")


def number_of(text: str, unit: str) -> float:
    """The number that a value is in a unit; NaN where it is none."""
    match = _NUMBER.fullmatch(text)
    return float(match[1]) if match and match[2].strip().casefold() == unit else np.nan
