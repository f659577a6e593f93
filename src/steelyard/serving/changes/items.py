"""The items of a catalogue after its changes: their numbers, cards, texts, stock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from msgspec import UNSET

from steelyard.data.vocabulary import representatives, text_key
from steelyard.documents.changes import Standing
from steelyard.domain import NONE, CatalogueFacts, FloatArray, Texts
from steelyard.models.retrieval.changed_lexical import ChangedTexts
from steelyard.serving.cards import Card, Cards, ItemIds
from steelyard.serving.changes.cards import ChangedCards, ChangedIds, card_after
from steelyard.serving.changes.keys import CardKeys, text_of

__all__ = ["ChangedItem", "Items", "facts_after", "items_after"]


@dataclass(frozen=True, slots=True)
class ChangedItem:
    """An item that is new or changed."""

    card: Card
    before: Card | None
    """None where it is new."""
    has_stock: bool
    """Whether its stock was told anew."""

    @property
    def is_read_anew(self) -> bool:
        """Whether it has another text than in the bundle, or is new."""
        return self.before is None or text_of(self.card) != text_of(self.before)

    @property
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


def items_after(cards: Cards, ids: ItemIds, standing: Mapping[str, Standing]) -> Items:
    """The items of a bundle after changes.

    Args:
        cards: Of the bundle.
        ids: Of the bundle.
        standing: What the changes of each item come to.

    Returns:
        New items are numbered behind those of the bundle, in the order in which they came.
    """
    changed: dict[int, ChangedItem] = {}
    added: dict[str, int] = {}
    gone: dict[str, int] = {}
    for item_id, one in standing.items():
        number = ids.number(item_id)
        before = None if number == NONE else cards.card(number)
        card = card_after(one.change, before)
        if card is None:
            gone[item_id] = number
            continue
        if number == NONE:
            number = added[item_id] = len(cards) + len(added)
        changed[number] = ChangedItem(card, before, one.change.stock is not UNSET)
    of_cards = ChangedCards(cards, {number: one.card for number, one in changed.items()})
    of_ids = ChangedIds(ids, added, frozenset(gone))
    return Items(len(cards), changed, frozenset(n for n in gone.values() if n != NONE), of_cards, of_ids)


def facts_after(
    facts: CatalogueFacts, items: Items, keys: CardKeys, *, sold: FloatArray | None, language: str
) -> tuple[CatalogueFacts, ChangedTexts]:
    """What the pipelines must know of every item after changes.

    Args:
        facts: Of the bundle.
        items: What became of its items.
        keys: Of its cards.
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
    came = _Came(facts, keys, n_texts)
    for number, one in items.changed.items():
        path = text_of(one.card)[2]
        category[number] = names.setdefault(path, len(names)) if path else -1
        if one.has_stock or one.before is None:
            in_stock[number] = one.card.stock is None or one.card.stock > 0
        if one.is_read_anew:
            text[number] = came.number(one.card, before=NONE if one.before is None else int(text[number]))
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
    return CatalogueFacts(text, representative, category, in_stock, tuple(names)), changed


class _Came:
    """Numbers texts that came; one that the bundle has keeps its number there."""

    def __init__(self, facts: CatalogueFacts, keys: CardKeys, n_texts: int) -> None:
        self._facts, self._keys, self._n = facts, keys, n_texts
        self._numbers: dict[bytes, int] = {}
        self.texts: list[tuple[str, str, str, str, str]] = []
        self.popularity_of: list[int] = []

    def number(self, card: Card, *, before: int) -> int:
        """Number of a card's text; ``before`` is that of the item's text in the bundle."""
        known = self._keys.alike(card)
        if known != NONE:
            return int(self._facts.text_of_item[known])
        text = text_of(card)
        number = self._numbers.setdefault(text_key(text), self._n + len(self.texts))
        if number == self._n + len(self.texts):
            self.texts.append(text)
            self.popularity_of.append(before)
        elif self.popularity_of[number - self._n] == NONE:
            self.popularity_of[number - self._n] = before
        return number

    def as_texts(self, language: str) -> Texts:
        """The texts that came, field by field."""
        columns = list(zip(*self.texts, strict=True)) or [()] * 5
        title, description, category, brand, attributes = columns
        return Texts(title, description, category, brand, attributes, language)
