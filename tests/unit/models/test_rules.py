import numpy as np
import pytest

from steelyard.domain import NONE, CatalogueFacts, Request, Surface
from steelyard.errors import ConfigError
from steelyard.models.ranking.rule_words import rules_said
from steelyard.models.ranking.rules import Rules, Selection

FACTS = CatalogueFacts(
    text_of_item=np.arange(6),
    representative=np.arange(6),
    category=np.array([0, 0, 0, 1, -1, -1]),
    in_stock=np.array([1, 1, 1, 1, 0, 1]),
    categories=("tea", "garden"),
)
PERSONAL = Request(history=(0,))
ITEMS, SCORES = np.array([0, 1, 2, 3, 4, 5, NONE]), np.array([6.0, 5, 4, 3, 2, 1, -np.inf])


def chosen(request=PERSONAL, k=6, **rules):
    selection = Selection(request, rules=Rules(**rules), facts=FACTS, k=k)
    selection.offer(ITEMS, SCORES)
    return selection.items


def test_seen_and_unavailable_items_are_left_out_by_default():
    assert chosen() == [1, 2, 3, 5]


def test_seen_items_come_back_where_the_shop_wants_them():
    assert chosen(exclude_seen=False) == [0, 1, 2, 3, 5]


def test_seen_items_may_be_searched_for_and_shown_as_similar():
    assert 0 in chosen(Request(query="kettle", history=(0,)))
    assert 0 in chosen(Request(items=(3,), history=(0,)))


@pytest.mark.parametrize(("category", "wanted"), [("水果", "（水果除外）"), ("Fruit", "（Fruit 除外）")])
def test_the_rule_names_its_categories_as_chinese_is_typeset(category, wanted):
    said = rules_said(Rules(repeat_categories=(category,)), Surface.RECOMMEND)[0].said

    assert said == (
        f"What was bought or looked at before is left out, except in {category}",
        f"不再推荐以前购买或浏览过的商品{wanted}",
    )


def test_what_was_asked_about_or_excluded_never_comes_back():
    assert chosen(Request(items=(3,), exclude=(1,)), exclude_seen=False) == [0, 2, 5]


def test_unavailable_items_are_shown_where_the_shop_wants_them():
    assert chosen(exclude_out_of_stock=False) == [1, 2, 3, 4, 5]


def test_a_category_is_capped_in_recommendations_and_items_without_one_are_free():
    assert chosen(category_cap=1, exclude_out_of_stock=False) == [1, 3, 4, 5]


def test_similar_items_may_all_be_of_one_category():
    assert chosen(Request(items=(3,)), category_cap=1) == [0, 1, 2, 5]


def test_a_list_stops_at_its_length_and_takes_nothing_twice():
    selection = Selection(Request(), rules=Rules(), facts=FACTS, k=3)
    selection.offer(np.array([1, 1]), np.array([2.0, 2.0]))

    selection.offer(ITEMS, SCORES - 6)

    assert selection.items == [1, 0, 2]
    assert selection.is_full


@pytest.mark.parametrize(
    ("options", "says"), [({"category_caps": 3}, "unknown rules"), ({"category_cap": 0}, "at least 1")]
)
def test_rules_that_make_no_sense_are_refused(options, says):
    with pytest.raises(ConfigError, match=says):
        Rules.from_options(options)


def test_rules_left_out_keep_their_default():
    assert Rules.from_options({"category_cap": 2}) == Rules(category_cap=2)
