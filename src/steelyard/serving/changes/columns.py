"""The columns of a bundle after changes: what filters, facets, orders and shelves look at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from steelyard.domain import NONE, State
from steelyard.serving.arrange import Product, product_of
from steelyard.serving.browse import Browse
from steelyard.serving.cards import Card, id_hash
from steelyard.serving.changes.items import Items
from steelyard.serving.lists.field_state import (
    ATTRIBUTE,
    IN_STOCK,
    ends,
    has_commas,
    number_of,
    pieces,
    size_of_each,
    unit_of,
    values_of,
)
from steelyard.serving.lists.fields import Fields
from steelyard.serving.numbers import Numbers, names_of

__all__ = ["FieldValues", "browse_after", "fields_after", "numbers_after"]


class FieldValues:
    """Values of the fields of a bundle, by how they are compared; read when first needed, and then kept.

    Args:
        fields: Of the bundle.
    """

    def __init__(self, fields: Fields) -> None:
        self.fields = fields
        self._known: dict[int, dict[str, int]] = {}
        self._commas: dict[int, bool] = {}

    def prepare(self) -> None:
        """Read the values of all fields."""
        for number in range(len(self.fields.names) - 1):
            self.known(number)

    def known(self, number: int) -> Mapping[str, int]:
        """Numbers of a field's values; those that differ in capitals only are one."""
        if number not in self._known:
            fields = self.fields
            texts = [fields.text(number, value) for value in range(fields.n_values(number))]
            self._known[number] = {text.casefold(): value for value, text in enumerate(texts)}
            self._commas[number] = any(map(has_commas, texts))
        return self._known[number]

    def listed(self, number: int, text: str) -> list[str]:
        """The values that an attribute lists: at commas, where the bundle's own values were parted there."""
        known = self.known(number)
        parts = pieces(text, by_comma=True)
        is_list = not self._commas[number] and any(part.casefold() in known for part in parts)
        return parts if is_list else pieces(text, by_comma=False)


@dataclass(slots=True)
class _Further:
    """Pairs and values of one field that come to those of the bundle."""

    known: Mapping[str, int]
    n_known: int
    values: dict[str, int] = field(default_factory=dict)
    """New values by how they are compared."""
    texts: list[str] = field(default_factory=list)
    pairs: list[tuple[int, int]] = field(default_factory=list)

    def add(self, item: int, values: Iterable[str]) -> None:
        """Give an item values, each once."""
        found: dict[int, None] = {}
        for value in values:
            key = value.casefold()
            number = self.known.get(key)
            if number is None:
                number = self.values.setdefault(key, self.n_known + len(self.texts))
                if number == self.n_known + len(self.texts):
                    self.texts.append(value)
            found[number] = None
        self.pairs.extend((item, number) for number in found)


def fields_after(values: FieldValues, items: Items) -> Fields:
    """The fields of a catalogue after changes.

    Args:
        values: Of the bundle.
        items: What became of its items.

    Returns:
        Other fields; a field that comes to the catalogue stands behind those it has.
    """
    fields = values.fields
    names = fields.names[:-1]
    further = _further(values, items, names)
    anew = np.zeros(items.n, bool)
    anew[list(items.gone)] = True
    restocked = anew.copy()
    for number, one in items.changed.items():
        anew[number] = one.is_placed_anew
        restocked[number] = True
    pairs = [
        _pairs(fields, at, restocked if name == IN_STOCK else anew, further.get(name)) for at, name in enumerate(names)
    ]
    new = [name for name in further if name not in names]
    pairs += [_pairs(fields, NONE, anew, further[name]) for name in new]
    together = np.concatenate(pairs) if pairs else np.empty((0, 2), np.int32)
    product, size, sizes = _products(fields, items)
    price = np.concatenate([fields.price, np.full(items.n_new, np.nan)])
    for number, one in items.changed.items():
        price[number] = np.nan if one.card.price is None else float(one.card.price)
    arrays = {
        **_texts(fields, [*names, *new], further),
        "items": np.ascontiguousarray(together[:, 0]),
        "values": np.ascontiguousarray(together[:, 1]),
        "field_starts": ends(map(len, pairs)),
        "price": price,
        "product": product,
        "size": size,
    }
    return Fields(State(arrays, {"fields": [*names, *new], "sizes": sizes}))


def _further(values: FieldValues, items: Items, names: Sequence[str]) -> dict[str, _Further]:
    number_of_name = {name: number for number, name in enumerate(names)}
    found: dict[str, _Further] = {}

    def of(name: str) -> _Further:
        if name not in found:
            at = number_of_name.get(name, NONE)
            known = {} if at == NONE else values.known(at)
            found[name] = _Further(known, 0 if at == NONE else values.fields.n_values(at))
        return found[name]

    for item, one in items.changed.items():
        for name, texts in values_of(one.card).items():
            if name == IN_STOCK or one.is_placed_anew:
                of(name).add(item, texts)
        if not one.is_placed_anew:
            continue
        for name, text in one.card.attributes.items():
            if name.strip() and text.strip():
                full = ATTRIBUTE + name.strip()
                at = number_of_name.get(full, NONE)
                several = pieces(text, by_comma=False) if at == NONE else values.listed(at, text)
                of(full).add(item, several)
    return found


def _pairs(fields: Fields, at: int, anew: npt.NDArray[np.bool_], further: _Further | None) -> npt.NDArray[np.int32]:
    """Pairs of item and value of one field: the bundle's without those of items that are told anew, and the new."""
    kept = np.empty((0, 2), np.int32)
    if at != NONE:
        part = slice(*fields.starts[at : at + 2])
        is_kept = ~anew[fields.items[part]]
        kept = np.stack([fields.items[part][is_kept], fields.values[part][is_kept]], 1)
    if further is None or not further.pairs:
        return kept
    return np.concatenate([kept, np.array(further.pairs, np.int32)])


def _texts(fields: Fields, names: Sequence[str], further: Mapping[str, _Further]) -> dict[str, npt.NDArray[np.generic]]:
    """The values of all fields one after another, new ones behind those of their field."""
    stored = fields.state.arrays
    n_known = len(fields.names) - 1
    if not any(one.texts for one in further.values()):
        more = np.full(len(names) - n_known, stored["value_starts"][-1])
        starts = np.concatenate([stored["value_starts"], more])
        return {name: stored[name] for name in ("texts", "text_offsets", "numbers")} | {"value_starts": starts}
    blobs, lengths, numbers, n_values = [], [], [], []
    for at, name in enumerate(names):
        first, last = stored["value_starts"][at : at + 2].tolist() if at < n_known else (0, 0)
        offsets = stored["text_offsets"][first : last + 1]
        own, of_own = stored["texts"][offsets[0] : offsets[-1]], stored["numbers"][first:last]
        texts = further[name].texts if name in further else []
        encoded = [text.encode("utf-8", "replace") for text in texts]
        unit = _unit(fields, at, of_own) if at < n_known and last > first else unit_of(texts)
        blobs += [own, np.frombuffer(b"".join(encoded), np.uint8)]
        lengths += [np.diff(offsets), np.array(list(map(len, encoded)), np.int64)]
        numbers += [of_own, np.array([number_of(text, unit) for text in texts], np.float64)]
        n_values.append(last - first + len(texts))
    return {
        "texts": np.concatenate(blobs),
        "text_offsets": np.concatenate([[0], np.cumsum(np.concatenate(lengths))]).astype(np.int64),
        "numbers": np.concatenate(numbers),
        "value_starts": ends(n_values),
    }


def _unit(fields: Fields, at: int, numbers: npt.NDArray[np.float64]) -> str:
    """The unit that a field's numbers are in."""
    known = np.flatnonzero(np.isfinite(numbers))[:1].tolist()
    return unit_of([fields.text(at, value) for value in known])


def _products(fields: Fields, items: Items) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], list[str]]:
    """Number of each item's product and of its size, and the sizes."""
    more = np.zeros(items.n_new, np.int32)
    product = np.concatenate([fields.product, more]).astype(np.int32)
    size = np.concatenate([fields.size, more]).astype(np.int32)
    anew = {number: one for number, one in items.changed.items() if one.is_placed_anew}
    if not (anew or items.gone):
        return product, size, fields.sizes
    n_products = int(fields.product.max(initial=-1)) + 1
    numbers: dict[Product, int] = {}
    touched = {int(product[number]) for number in [*anew, *items.gone] if number < items.n_before}
    for number, one in anew.items():
        known = one.of_product
        new = n_products + len(numbers)
        own = numbers.setdefault(one.product[0], new) if known == NONE else int(fields.product[known])
        product[number] = own
        touched.add(own)
    product[list(items.gone)] = n_products + len(numbers)
    alike: dict[tuple[Product, str], list[int]] = {}
    for item in np.flatnonzero(np.isin(product, list(touched))).tolist():
        key = anew[item].product if item in anew else product_of(items.cards.brief(item))
        alike.setdefault(key, []).append(item)
    sizes = {text: number for number, text in enumerate(fields.sizes)}
    for item, text in size_of_each(alike, items.cards):
        size[item] = sizes.setdefault(text, len(sizes))
    return product, size, list(sizes)


def browse_after(browse: Browse, items: Items) -> Browse:
    """The shelves of a catalogue after changes.

    Args:
        browse: Of the bundle.
        items: What became of its items.

    Returns:
        Other shelves.
    """
    state = browse.state
    numbers = {name: number for number, name in enumerate(state.facts["departments"])}
    arrays = state.arrays
    department = np.concatenate([arrays["department"], np.full(items.n_new, -1, np.int32)])
    price = np.concatenate([arrays["price"], np.full(items.n_new, np.nan)])
    is_offered = np.concatenate([arrays["is_offered"], np.ones(items.n_new, np.int8)])
    for number, one in items.changed.items():
        department[number] = _department(one.card, numbers)
        price[number] = np.nan if one.card.price is None else float(one.card.price)
        is_offered[number] = one.card.stock is None or one.card.stock > 0
    is_offered[list(items.gone)] = 0
    made = {"department": department, "price": price, "is_offered": is_offered}
    return Browse(State(made, {"departments": list(numbers)}))


def _department(card: Card, numbers: dict[str, int]) -> int:
    widest = card.category[0] if card.category else ""
    return numbers.setdefault(widest, len(numbers)) if widest.strip() else -1


def numbers_after(numbers: Numbers, items: Items) -> Numbers:
    """Items by what is printed on their label, after changes.

    Args:
        numbers: Of the bundle.
        items: What became of its items.

    Returns:
        Without items that are gone.
    """
    touched = np.array([*items.changed, *items.gone], np.int64)
    kept = ~np.isin(numbers.items, touched)
    more = [(id_hash(name), item) for item, one in items.changed.items() for name in names_of(one.card)]
    hashes = np.concatenate([numbers.hashes[kept], np.array([key for key, _ in more], np.uint64)])
    found = np.concatenate([numbers.items[kept], np.array([item for _, item in more], np.int64)])
    order = np.argsort(hashes, kind="stable")
    return Numbers(hashes[order], found[order], items.cards)
