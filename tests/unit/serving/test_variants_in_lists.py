"""One result a product: its sizes as options, those that the filters let through, told by title or by attributes."""

import json

import numpy as np
import pytest

from steelyard.domain import Surface
from steelyard.serving.cards import Cards, ItemIds, index_ids
from steelyard.serving.engine import Engine
from steelyard.serving.lists.listing import Question, Sort
from steelyard.serving.search_pages import SearchPages
from steelyard.testing.shelf import Shelf

SHOP = [
    {"item_id": "s-red", "title": "Linen shirt", "price": "20.00", "attributes": {"Size": "S", "Colour": "red"}},
    {"item_id": "m-red", "title": "Linen shirt", "price": "25.00", "attributes": {"Size": "M", "Colour": "red"}},
    {"item_id": "m-blue", "title": "Linen shirt", "price": "22.00", "attributes": {"Size": "M", "Colour": "blue"}},
    {"item_id": "oil-1", "title": "Olive oil 500 ml", "price": "6.00"},
    {"item_id": "oil-2", "title": "Olive oil 1 l", "price": "11.00"},
]


@pytest.fixture
def pages():
    lines = [json.dumps(card).encode() for card in SHOP]
    cards, shelf = Cards(b"".join(lines), np.cumsum([0, *map(len, lines)])), Shelf(len(SHOP))
    engine = Engine(search=shelf, recommend=None, similar=None, cards=cards, ids=ItemIds(index_ids(cards), cards))
    assert engine.require(Surface.SEARCH) is shelf
    return SearchPages(engine, "b" * 64)


def ask(pages, **how):
    return pages.page(pages.check(Question("0 1 2 3 4", diversify=True, **how)))


def test_a_product_is_found_once_with_its_variants(pages):
    page = ask(pages)

    assert [shown.id for shown in page.items] == ["s-red", "oil-1"]
    assert [(option.id, option.size) for option in page.items[0].options] == [
        ("s-red", "S · red"),
        ("m-blue", "M · blue"),
        ("m-red", "M · red"),
    ]


def test_a_filter_leaves_the_variants_that_pass_it(pages):
    page = ask(pages, filters={"size": "m"})

    assert page.counts[0] == 1
    assert [option.id for option in page.items[0].options] == ["m-blue", "m-red"]


def test_the_dearest_variant_stands_for_its_product_when_the_dear_come_first(pages):
    assert [shown.id for shown in ask(pages, sort=Sort.PRICE_DOWN).items] == ["m-red", "oil-2"]
