"""The catalogue without a question: all a shop needs to open is a catalogue."""

import json

import numpy as np

from steelyard.serving.browse import Browse, Order, shelf_state
from steelyard.serving.cards import Cards


def browse(*rows):
    lines = [json.dumps({"item_id": str(n), **row}).encode() + b"\n" for n, row in enumerate(rows)]
    offsets = np.concatenate([[0], np.cumsum([len(line) for line in lines])]).astype(np.int64)
    return Browse(shelf_state(Cards(b"".join(lines), offsets)))


ROWS = (
    {"category": ["Shoes", "Trail"], "price": "90.00", "stock": 3},
    {"category": ["Hats"], "price": None},
    {"category": ["Shoes"], "price": "20.00", "stock": 0},
    {"category": ["Shoes", "City"], "price": "0.50"},
    {"category": [], "price": "7.00"},
)


def test_departments_are_the_widest_categories_with_what_can_be_bought_the_largest_first():
    assert [(each.name, each.n_items) for each in browse(*ROWS).departments] == [("Shoes", 2), ("Hats", 1)]


def test_the_latest_in_the_catalogue_comes_first_and_what_is_sold_out_does_not_come():
    assert browse(*ROWS).items("", Order.LATEST, k=9) == [4, 3, 1, 0]


def test_an_unknown_price_is_last_whichever_way_prices_run():
    shelves = browse(*ROWS)

    assert shelves.items("", Order.PRICE_UP, k=9) == [3, 4, 0, 1]
    assert shelves.items("", Order.PRICE_DOWN, k=9) == [0, 4, 3, 1]


def test_a_department_holds_its_own_and_an_unknown_one_nothing():
    shelves = browse(*ROWS)

    assert shelves.items("Shoes", Order.PRICE_UP, k=1) == [3]
    assert shelves.items("Boats", Order.LATEST, k=9) == []


def test_an_empty_catalogue_has_no_department_and_no_item():
    shelves = browse()

    assert shelves.departments == ()
    assert shelves.items("", Order.LATEST, k=3) == []
