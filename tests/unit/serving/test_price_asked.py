"""A price that is asked for in words keeps the list to it, where there is anything at that price."""

import json

import numpy as np
import pytest

from steelyard.serving.cards import Cards, ItemIds, index_ids
from steelyard.serving.engine import Engine
from steelyard.serving.lists.fields import Range
from steelyard.serving.lists.listing import Question
from steelyard.serving.search_pages import SearchPages
from steelyard.testing.shelf import Shelf

SHOP = [{"item_id": f"i{n}", "title": f"Boot {n}", "price": f"{20 * n + 10}.00"} for n in range(10)]


def pages_of(currency="EUR", shop=SHOP):
    lines = [json.dumps(card).encode() for card in shop]
    cards = Cards(b"".join(lines), np.cumsum([0, *map(len, lines)]))
    shelf = Shelf(len(shop))
    engine = Engine(search=shelf, recommend=None, similar=None, cards=cards, ids=ItemIds(index_ids(cards), cards))
    return SearchPages(engine, "b" * 64, currency=currency)


def asked(pages, query, **how):
    return pages.page(pages.check(Question(query, **how)))


WORDS = "0 1 2 3 4 5 6 7 8 9"


def test_only_what_costs_so_much_is_shown_and_it_is_said():
    page = asked(pages_of(), f"{WORDS} under 60 €")

    assert [shown.id for shown in page.items] == ["i0", "i1", "i2"]
    assert (page.price.phrase, page.price.applied, page.price.min, page.price.max) == ("under 60 €", True, None, 60.0)


@pytest.mark.parametrize(
    ("query", "how", "currency"),
    [
        (f"{WORDS} under 60 €", {"verbatim": True}, "EUR"),
        (f"{WORDS} under 60 €", {"filters": {"price": Range(min=100)}}, "EUR"),
        (f"{WORDS} under 60 €", {}, "USD"),
        (f"{WORDS} under 60 €", {}, ""),
        (WORDS, {}, "EUR"),
    ],
)
def test_words_are_words_where_no_price_may_be_read_from_them(query, how, currency):
    page = asked(pages_of(currency), query, k=20, **how)

    assert page.price is None
    assert len(page.items) > 3 or "filters" in how


def test_a_shop_that_gives_no_prices_is_not_asked_for_any():
    shop = [{**card, "price": None} for card in SHOP]

    assert asked(pages_of(shop=shop), f"{WORDS} under 60").price is None


def test_where_nothing_costs_so_little_the_others_are_shown_and_it_is_said():
    pages = pages_of()
    query = f"{WORDS} under 5 €"
    page = asked(pages, query, k=4, is_paged=True)

    assert len(page.items) == 4
    assert not page.price.applied

    further = asked(pages, query, k=4, is_paged=True, cursor=page.next)
    assert not {shown.id for shown in further.items} & {shown.id for shown in page.items}
    assert not further.price.applied


def test_pages_of_a_price_go_on_where_the_one_before_ended():
    pages, query = pages_of(), f"{WORDS} from 50 to 150 €"
    first = asked(pages, query, k=3, is_paged=True)
    second = asked(pages, query, k=3, is_paged=True, cursor=first.next)

    assert [shown.id for shown in (*first.items, *second.items)] == ["i2", "i3", "i4", "i5", "i6", "i7"]
    assert second.next is None
