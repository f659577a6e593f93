import json
from datetime import UTC, datetime

import numpy as np
import pytest

from steelyard.domain import NONE, Ranked, Reason
from steelyard.serving.cards import Cards, ItemIds, index_ids
from steelyard.serving.engine import Engine

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Shelf:
    """Answers by number: a search finds the items named in the query, a history or an item what stands after it."""

    def __init__(self, n_items):
        self.n_items = n_items

    def answer(self, requests, *, k):
        items = np.full((len(requests), k), NONE, dtype=np.int64)
        scores = np.full((len(requests), k), -np.inf)
        for row, request in enumerate(requests):
            if request.query:
                found = [int(word) for word in request.query.split() if word.isdigit() and int(word) < self.n_items]
            else:
                taken = [*request.history, *request.items]
                start = taken[-1] + 1 if taken else 0
                found = [n for n in range(start, self.n_items) if n not in taken]
            found = found[:k]
            items[row, : len(found)] = found
            scores[row, : len(found)] = 1 / np.arange(1, len(found) + 1)
        return Ranked(items, scores)

    def explain(self, request, items):
        if request.query:
            return [[Reason("matches_words", 1.0, words=(str(n),))] for n in items.tolist()]
        taken = [*request.history, *request.items]
        return [[Reason("bought_together", 1.0, item=taken[-1])] if taken else [] for _ in items]


def make_cards(n_items, *, prefix="item"):
    lines = [
        json.dumps(
            {
                "item_id": f"{prefix}-{n}",
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


@pytest.fixture
def cards():
    return make_cards(200)


@pytest.fixture
def engine(cards):
    shelf = Shelf(len(cards))
    return Engine(search=shelf, recommend=shelf, similar=shelf, cards=cards, ids=ItemIds(index_ids(cards), cards))
