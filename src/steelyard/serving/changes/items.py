"""The items of a catalogue after its changes: their numbers, cards, texts, stock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import msgspec
import numpy as np
from msgspec import UNSET

from steelyard.data.offered import NotOffered
from steelyard.data.vocabulary import representatives, text_key
from steelyard.documents.changes import Standing
from steelyard.domain import NONE, CatalogueFacts, FloatArray, Texts
from steelyard.models.retrieval.changed_lexical import ChangedTexts
from steelyard.serving.arrange import Product, product_of
from steelyard.serving.cards import Card, Cards, ItemIds
from steelyard.serving.changes.cards import ChangedCards, ChangedIds, card_after
from steelyard.serving.changes.keys import CardKeys, text_of

__all__ = ["ChangedItem", "Items", "Known", "facts_after", "items_after"]


@dataclass(frozen=True)
class ChangedItem:
    """An item that is new or changed. What is asked of it again with every further change is worked out once."""

    card: Card
    before: Card | None
    """None where it is new."""
    has_stock: bool
    """Whether its stock was told anew."""
    keys: CardKeys
    """Of the bundle's cards."""
    is_hidden: bool = False
    """Whether it is never shown, for a word in its title or category."""

    @cached_property
    def text(self) -> tuple[str, str, str, str, str]:
        """What is searched of it."""
        return text_of(self.card)

    @cached_property
    def text_key(self) -> bytes:
        """Equal for texts that read the same."""
        return text_key(self.text)

    @cached_property
    def alike(self) -> int:
        """An item of the bundle that reads the same, ``NONE`` where there is none."""
        return self.keys.alike(self.card)

    @cached_property
    def product(self) -> tuple[Product, str]:
        """Its product, and the size that its title ends with."""
        return product_of(self.card)

    @cached_property
    def of_product(self) -> int:
        """An item of the bundle that is of the same product, ``NONE`` where there is none."""
        return self.keys.of_product(self.card)

    @cached_property
    def is_read_anew(self) -> bool:
        """Whether it has another text than in the bundle, or is new."""
        return self.before is None or self.text != text_of(self.before)

    @cached_property
    def is_placed_anew(self) -> bool:
        """Whether it may be of another product, size or group than in the bundle, or is new."""
        before, card = self.before, self.card
        if before is None:
            return True
        return (card.title, card.brand, card.category, card.attributes) != (
            before.title,
            before.brand,
            before.category,
            before.attributes,
        )


@dataclass(frozen=True, slots=True)
class Items:
    """What became of the items of a bundle."""

    n_before: int
    changed: Mapping[int, ChangedItem]
    """By number; those from ``n_before`` on are new, without a gap."""
    gone: frozenset[int]
    """Numbers of items of the bundle that are gone."""
    cards: ChangedCards
    ids: ChangedIds

    @property
    def n(self) -> int:
        """Numbers in all, those of items that are gone among them."""
        return len(self.cards)

    @property
    def n_new(self) -> int:
        """Items that came."""
        return self.n - self.n_before


Known = dict[str, tuple[Standing, int, ChangedItem | None]]
"""Items as they were made last: what they were made of, their number in the bundle, None where the item is gone."""


_ALL_OFFERED = NotOffered()


def items_after(
    cards: Cards,
    ids: ItemIds,
    standing: Mapping[str, Standing],
    *,
    keys: CardKeys,
    known: Known,
    not_offered: NotOffered = _ALL_OFFERED,
) -> Items:
    """The items of a bundle after changes.

    Args:
        cards: Of the bundle.
        ids: Of the bundle.
        standing: What the changes of each item come to.
        keys: Of the bundle's cards.
        known: What was made at the call before; afterwards, at this one.
        not_offered: Tells items that are never shown: they have no stock, whatever is said of it.

    Returns:
        New items are numbered behind those of the bundle, in the order in which they came.
    """
    changed: dict[int, ChangedItem] = {}
    added: dict[str, int] = {}
    gone: dict[str, int] = {}
    for item_id, one in standing.items():
        made = known.get(item_id)
        if made is None or made[0] is not one:
            number = ids.number(item_id)
            before = None if number == NONE else cards.card(number)
            card = card_after(one.change, before)
            is_hidden = card is not None and not_offered.holds(card.title, card.category)
            if card is not None and is_hidden:
                card = msgspec.structs.replace(card, stock=0)
            has_stock = is_hidden or one.change.stock is not UNSET
            made = one, number, None if card is None else ChangedItem(card, before, has_stock, keys, is_hidden)
            known[item_id] = made
        _, number, item = made
        if item is None:
            gone[item_id] = number
            continue
        if number == NONE:
            number = added[item_id] = len(cards) + len(added)
        changed[number] = item
    of_cards = ChangedCards(cards, {number: one.card for number, one in changed.items()})
    of_ids = ChangedIds(ids, added, frozenset(gone))
    return Items(len(cards), changed, frozenset(n for n in gone.values() if n != NONE), of_cards, of_ids)


def facts_after(
    facts: CatalogueFacts, items: Items, *, sold: FloatArray | None, language: str
) -> tuple[CatalogueFacts, ChangedTexts]:
    """What the pipelines must know of every item after changes.

    Args:
        facts: Of the bundle.
        items: What became of its items.
        sold: How often each item was bought, of the bundle; ``None`` where nobody knows.
        language: Of the texts.

    Returns:
        The facts, and what became of the texts.
    """
    n_texts, more = len(facts.representative), np.zeros(items.n_new, np.int64)
    text, category, in_stock = (
        np.concatenate([column, more]) for column in (facts.text_of_item, facts.category, facts.in_stock)
    )
    names = {name: number for number, name in enumerate(facts.categories)}
    came = _Came(facts, n_texts)
    for number, one in items.changed.items():
        path = one.text[2]
        category[number] = names.setdefault(path, len(names)) if path else -1
        if one.has_stock or one.before is None:
            in_stock[number] = one.card.stock is None or one.card.stock > 0
        if one.is_read_anew:
            text[number] = came.number(one, before=NONE if one.before is None else int(text[number]))
    in_stock[list(items.gone)] = 0
    is_left = np.ones(items.n, bool)
    is_left[list(items.gone)] = False
    n_all = n_texts + len(came.texts)
    n_of = np.bincount(text[is_left], minlength=n_all)
    representative = np.concatenate([facts.representative, np.full(len(came.texts), NONE)])
    touched = np.array([*items.changed, *items.gone], np.int64)
    old = facts.text_of_item[touched[touched < items.n_before]]
    texts = np.unique(np.concatenate([text[touched], old])) if len(touched) else touched
    texts = texts[n_of[texts] > 0]
    members = np.flatnonzero(is_left & np.isin(text, texts)) if len(texts) else touched
    if len(members):
        taken = np.zeros(items.n) if sold is None else np.concatenate([sold, more])
        first = np.isin(members, facts.representative) * 1.0  # of the most bought ones the bundle's own choice
        order = np.unique(np.stack([taken[members], first], 1), axis=0, return_inverse=True)[1].reshape(-1)
        found = representatives(text[members], in_stock=in_stock[members], n_interactions=order, n_texts=n_all)
        representative[texts] = members[found[texts]]
    text[list(items.gone)] = n_all  # of no text at all
    gone = np.flatnonzero(n_of[:n_texts] == 0)
    changed = ChangedTexts(n_texts, gone, came.as_texts(language), np.array(came.popularity_of, np.int64))
    return CatalogueFacts(text, representative, category, in_stock, tuple(names), facts.untitled), changed


class _Came:
    """Numbers texts that came; one that the bundle has keeps its number there."""

    def __init__(self, facts: CatalogueFacts, n_texts: int) -> None:
        self._facts, self._n = facts, n_texts
        self._numbers: dict[bytes, int] = {}
        self.texts: list[tuple[str, str, str, str, str]] = []
        self.popularity_of: list[int] = []

    def number(self, one: ChangedItem, *, before: int) -> int:
        """Number of an item's text; ``before`` is that of its text in the bundle."""
        if one.alike != NONE:
            return int(self._facts.text_of_item[one.alike])
        number = self._numbers.setdefault(one.text_key, self._n + len(self.texts))
        if number == self._n + len(self.texts):
            self.texts.append(one.text)
            self.popularity_of.append(before)
        elif self.popularity_of[number - self._n] == NONE:
            self.popularity_of[number - self._n] = before
        return number

    def as_texts(self, language: str) -> Texts:
        """The texts that came, field by field."""
        columns = list(zip(*self.texts, strict=True)) or [()] * 5
        title, description, category, brand, attributes = columns
        return Texts(title, description, category, brand, attributes, language)
