"""Cards of a bundle with those of changed items in their place, and the items' identifiers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec
from msgspec import UNSET

from steelyard.data.changes.folding import CONTENT
from steelyard.documents.changes import ItemChange, Op
from steelyard.domain import NONE
from steelyard.serving.cards import Brief, Card, Cards, ItemIds

__all__ = ["ChangedCards", "ChangedIds", "card_after"]

_BRIEF = ("item_id", "title", "category", "brand", "price", "image")


def card_after(change: ItemChange, before: Card | None) -> Card | None:
    """An item's card after a change.

    Args:
        change: Of the item.
        before: Its card; None where there is no such item.

    Returns:
        None where the item is gone.
    """
    if change.op is Op.DELETE or (before is None and change.op is not Op.UPSERT):
        return None
    base = Card(change.id) if before is None or change.op is Op.UPSERT else before
    given = {name: value for name in CONTENT if (value := getattr(change, name)) is not UNSET}
    card = msgspec.structs.replace(base, **given)
    if card.title:
        return card
    return msgspec.structs.replace(card, title=card.category[-1] if card.category else card.item_id)


class ChangedCards(Cards):
    """Cards of a bundle, some of them changed, and more behind them.

    Args:
        base: Of the bundle.
        changed: Cards by item number; those from ``len(base)`` on are of new items, without a gap.
    """

    def __init__(self, base: Cards, changed: Mapping[int, Card]) -> None:
        self._base = base
        self._changed = changed
        self._n = max(len(base), max(changed, default=-1) + 1)

    def __len__(self) -> int:
        return self._n

    def raw(self, number: int) -> bytes:
        """The JSON of one item."""
        card = self._changed.get(number)
        return self._base.raw(number) if card is None else msgspec.json.encode(card)

    def brief(self, number: int) -> Brief:
        """What a list shows of item ``number``."""
        card = self._changed.get(number)
        if card is None:
            return self._base.brief(number)
        return Brief(*(getattr(card, name) for name in _BRIEF))

    def card(self, number: int) -> Card:
        """All that is known of item ``number``."""
        card = self._changed.get(number)
        return self._base.card(number) if card is None else card

    def item_ids(self) -> Iterator[str]:
        """The shop's identifiers in order of item number, those of items that are gone among them."""
        return (self.brief(number).item_id for number in range(self._n))


class ChangedIds(ItemIds):
    """From the shop's identifier to the item's number, without the items that are gone.

    Args:
        base: Of the bundle.
        added: Numbers of new items.
        gone: Identifiers of items that are gone.
    """

    def __init__(self, base: ItemIds, added: Mapping[str, int], gone: frozenset[str]) -> None:
        self._base, self._added, self._gone = base, added, gone

    def number(self, item_id: str) -> int:
        """Number of the item, ``NONE`` when the catalogue does not have it."""
        if item_id in self._gone:
            return NONE
        found = self._added.get(item_id)
        return self._base.number(item_id) if found is None else found
