"""A shelf of numbered things: the smallest shop that answers, for tests of what stands around the models."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np

from steelyard.domain import NONE, IntArray, Match, Ranked, Reason, Request, Understood
from steelyard.serving.cards import Cards, ItemIds, index_ids
from steelyard.serving.engine import Beside, Engine

__all__ = ["Shelf", "shelf_cards", "shelf_engine"]


class Shelf:
    """Answers by number: a search finds the items it names, a history or an item what stands after its last one.

    Args:
        n_items: Things on the shelf, numbered from 0.
    """

    def __init__(self, n_items: int) -> None:
        self.n_items = n_items

    def answer(self, requests: Sequence[Request], *, k: int) -> Ranked:
        """Item numbers with scores 1, 1/2, 1/3 and so on."""
        items = np.full((len(requests), k), NONE, dtype=np.int64)
        scores = np.full((len(requests), k), -np.inf)
        for row, request in enumerate(requests):
            found = self._find(request)[:k]
            items[row, : len(found)] = found
            scores[row, : len(found)] = 1 / np.arange(1, len(found) + 1)
        return Ranked(items, scores)

    def explain(self, request: Request, items: IntArray) -> list[list[Reason]]:
        """The number as the word that matched, or the last item taken."""
        if request.query:
            return [[Reason("matches_words", 1.0, words=(str(n),))] for n in items.tolist()]
        taken = [*request.history, *request.items]
        return [[Reason("bought_together", 1.0, item=taken[-1])] if taken else [] for _ in items]

    def offers(self, item: int) -> bool:
        """Everything on the shelf is for sale."""
        return 0 <= item < self.n_items

    def understand(self, request: Request, items: IntArray) -> Understood:
        """Every number that is typed is a word that is held."""
        return Understood(Match.ALL_WORDS if len(items) else Match.NOTHING, is_weak=not len(items))

    def _find(self, request: Request) -> list[int]:
        if request.query:
            numbers = (int(word) for word in request.query.split() if word.isascii() and word.isdigit())
            return [n for n in numbers if n < self.n_items]
        taken = [*request.history, *request.items]
        out = {*taken, *request.exclude}
        return [n for n in range(taken[-1] + 1 if taken else 0, self.n_items) if n not in out]


def shelf_cards(n_items: int) -> Cards:
    """Cards of things named ``item-0`` …; the price of the first is unknown."""
    lines = [
        json.dumps(
            {
                "item_id": f"item-{n}",
                "title": f"Thing {n}",
                "description": "long",
                "category": ["Things", "Small"],
                "brand": "ACME",
                "price": f"{n}.50" if n else None,
                "stock": n,
                "image": "",
                "attributes": {"colour": "红"},
            },
            ensure_ascii=False,
        ).encode()
        + b"\n"
        for n in range(n_items)
    ]
    offsets = np.concatenate([[0], np.cumsum([len(line) for line in lines])]).astype(np.int64)
    return Cards(b"".join(lines), offsets)


def shelf_engine(n_items: int, beside: Beside | None = None) -> Engine:
    """An engine that answers all surfaces from one shelf."""
    cards, shelf = shelf_cards(n_items), Shelf(n_items)
    ids = ItemIds(index_ids(cards), cards)
    return Engine(search=shelf, recommend=shelf, similar=shelf, cards=cards, ids=ids, beside=beside)
