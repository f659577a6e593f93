"""How a list is laid out: one card a product, not ten of one shelf, nothing lost and nothing invented."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.serving.arrange import FIRST, MAX_OF_CATEGORY, Layout, arrange, by_size, product_of
from steelyard.serving.cards import Brief


def brief(title, category="Dairy", brand="Own", item_id="", price="1.00"):
    return Brief(item_id or title, title, ("Food", category) if category else (), brand, price)


@pytest.mark.parametrize(
    ("title", "stem", "size"),
    [
        ("Oat drink 1 L", "oat drink", "1 L"),
        ("OAT DRINK 1/2 GAL", "oat drink", "1/2 GAL"),
        ("Eggs, 12 ct", "eggs", "12 ct"),
        ("Peppers green 48-54 CT", "peppers green", "48-54 CT"),
        ("Shampoo 13 OZ(6)", "shampoo", "13 OZ"),
        ("Whole milk .5 gal", "whole milk", ".5 gal"),
        ("Cola (330 ml x 24)", "cola", "330 ml x 24"),
        ("纯牛奶 250ml*24盒", "纯牛奶", "250ml*24盒"),
        ("矿泉水1.5升", "矿泉水", "1.5升"),
        ("Trail shoe, size 42", "trail shoe", "size 42"),
        ("Trail shoe", "trail shoe", ""),
        ("12 oz", "12 oz", ""),
        ("iPhone 15", "iphone 15", ""),
        ("LEGO 75192", "lego 75192", ""),
    ],
)
def test_a_size_is_what_ends_the_title_and_is_never_all_of_it(title, stem, size):
    product, found = product_of(brief(title))

    assert (product.title, found) == (stem, size)


def test_sizes_of_one_product_are_one_card_and_twins_are_not_offered_as_sizes():
    ranking = [brief("Milk 1 gal", item_id="a"), brief("Milk 1 gal", item_id="b"), brief("Milk 1 qt", item_id="c")]

    (card,) = arrange(ranking, Layout(5))

    assert card.at == 0
    assert card.options == ((0, "1 gal"), (2, "1 qt"))


def test_another_brand_is_another_product():
    assert len(arrange([brief("Milk 1 gal", brand="A"), brief("Milk 1 qt", brand="B")], Layout(5))) == 2


def test_the_fourth_of_a_category_waits_until_the_first_ten_are_full():
    ranking = [brief(f"Cheese number {n}") for n in range(6)] + [brief(f"Thing {n}", f"c{n}") for n in range(9)]

    order = [card.at for card in arrange(ranking, Layout(12))]

    assert order == [0, 1, 2, 6, 7, 8, 9, 10, 11, 12, 3, 4]


def test_where_there_is_nothing_else_a_crowded_category_fills_the_list():
    assert [card.at for card in arrange([brief(f"Cheese {n} x") for n in range(5)], Layout(5))] == [0, 1, 2, 3, 4]


def test_the_product_that_is_looked_at_and_its_category_stay_out():
    ranking = [brief("Milk 1 qt"), brief("Cream 1 pt"), brief("Bread", "Bakery")]

    without = arrange(ranking, Layout(5, without=frozenset({product_of(brief("milk 2 gal"))[0]})))
    elsewhere = arrange(ranking, Layout(5, without_category=("Food", "Dairy")))

    assert [card.at for card in without] == [1, 2]
    assert [card.at for card in elsewhere] == [2]


TITLES = st.sampled_from(["milk", "tea", "soap", "bread", "rice", "salt"])
SIZES = st.sampled_from(["", " 1 l", " 2 l", " 500 g"])
ITEMS = st.lists(st.builds(lambda t, s, c: brief(t + s, c), TITLES, SIZES, st.sampled_from(["", "A", "B", "C"])))


@given(ITEMS, st.integers(1, 30), st.sampled_from([None, MAX_OF_CATEGORY]))
def test_any_list_holds_each_product_once_by_its_best_item_and_no_crowd_while_there_is_a_choice(items, k, cap):
    cards = arrange(items, Layout(k, max_of_category=cap))

    products = [product_of(one)[0] for one in items]
    first = {product: products.index(product) for product in products}
    assert all(first[products[card.at]] == card.at for card in cards)
    assert len({products[card.at] for card in cards}) == len(cards) == min(k, len(first))
    assert all(products[at] == products[card.at] for card in cards for at, _ in card.options)
    if cap is None:
        assert [card.at for card in cards] == sorted(card.at for card in cards)
    else:
        head = [products[card.at].category for card in cards[:FIRST]]
        free = sum(min(n, cap) if category else n for category, n in Counter(p.category for p in first).items())
        if free >= min(k, FIRST):
            assert all(n <= cap for category, n in Counter(head).items() if category)


def test_letter_sizes_come_from_the_smallest_to_the_largest():
    sizes = ["XL", "m", "3XL", "S · red", "XXS", "L", "XXL", "XS", "M · blue"]

    assert sorted(sizes, key=by_size) == ["XXS", "XS", "S · red", "M · blue", "m", "L", "XL", "XXL", "3XL"]
