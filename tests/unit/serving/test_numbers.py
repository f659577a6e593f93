"""An item by the number on its label, and sizes of things whose titles are alike."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.domain import Match, Request
from steelyard.serving.arrange import Layout, arrange, briefs_of
from steelyard.serving.cards import Card, Cards, ItemIds, index_ids
from steelyard.serving.engine import Beside, Engine
from steelyard.serving.numbers import Numbers, index_numbers, plain_number
from steelyard.testing.shelf import Shelf


def cards(*rows: Card) -> Cards:
    lines = [json.dumps({name: getattr(row, name) for name in Card.__struct_fields__}).encode() for row in rows]
    return Cards(b"".join(lines), np.concatenate([[0], np.cumsum([len(line) for line in lines])]))


ROWS = (
    Card("AB.17-903", "Door handle"),
    Card("X9", "Door stop", attributes={"EAN": "4006381333931"}),
    Card("0012", "Door bell", attributes={"width": "10000000"}),
    Card("S-1", "Jersey", attributes={"size": "S", "made of": "wool"}, stock=0),
    Card("S-2", "Jersey", attributes={"size": "M", "made of": "wool"}),
    Card("S-3", "Jersey", attributes={"size": "L", "made of": "wool"}),
)


class SoldOut(Shelf):
    """A shelf whose fourth thing is sold out; a title finds everything else."""

    def offers(self, item):
        return item != 3

    def _find(self, request):
        return [n for n in range(self.n_items) if n != 3] if request.query == "Jersey" else super()._find(request)


@pytest.fixture
def engine():
    held = cards(*ROWS)
    numbers = Numbers.of(index_numbers(held), held)
    shelf = SoldOut(len(ROWS))
    ids = ItemIds(index_ids(held), held)
    return Engine(search=shelf, recommend=None, similar=None, cards=held, ids=ids, beside=Beside(numbers=numbers))


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("AB.17-903", "AB.17-903"), ("ab17903", "AB.17-903"), ("ab 17 903", "AB.17-903"),
        ("SKU: AB17-903", "AB.17-903"),
        ("item no. x9", "X9"), ("4006381333931", "X9"), ("4 006381 333931", "X9"), ("货号：X9", "X9"), ("0012", "0012"),
    ],
)  # fmt: skip
def test_a_number_however_it_is_typed_finds_its_item_first(engine, query, first):
    found = engine.search(Request(query=query), k=3, explain=True)

    assert (found.items[0].id, found.understood.match) == (first, Match.ITEM_NUMBER)
    assert found.items[0].reasons[0].kind == "item_number"


@pytest.mark.parametrize("query", ["door", "10000000", "ab 17", "9", "x 9 0"])
def test_words_and_parts_of_numbers_are_no_item_number(engine, query):
    assert engine.search(Request(query=query), k=3, explain=False).understood.match != Match.ITEM_NUMBER


def test_for_a_size_that_is_sold_out_another_of_the_product_is_shown(engine):
    assert engine.search(Request(query="s-1"), k=3, explain=False).items[0].id == "S-2"


def test_sizes_that_only_attributes_tell_apart_are_options_of_one_card():
    held = cards(*ROWS)
    ranking = briefs_of([4, 0, 5], held)

    places = arrange(ranking, Layout(5))

    assert [(ranking[place.at].item_id, place.options) for place in places] == [
        ("S-2", ((0, "M"), (2, "L"))),
        ("AB.17-903", ()),
    ]


@given(st.text(max_size=30))
def test_the_plain_form_of_a_number_is_its_own_plain_form(text):
    plain = plain_number(text)

    assert plain_number(plain) == plain
    assert plain_number(f" {text}-") == plain
