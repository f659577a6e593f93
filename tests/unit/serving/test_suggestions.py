"""What the search box proposes: by the beginning of any word, by pinyin, never what few people typed."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.serving.cards import Cards
from steelyard.serving.suggest import Suggestions
from steelyard.serving.suggest_state import suggest_state

SHOP = [
    {"item_id": "a", "title": "Garden chair, oak", "category": ["Garden", "Chairs"], "brand": "Okay"},
    {"item_id": "b", "title": "Oak table", "category": ["Garden", "Tables"]},
    {"item_id": "c", "title": "男士跑鞋", "category": ["运动", "跑鞋"], "brand": "安踏"},
    {"item_id": "d", "title": "OAK TABLE", "category": ["Garden", "Tables"]},
]


def cards_of(shop):
    lines = [json.dumps(card, ensure_ascii=False).encode() for card in shop]
    return Cards(b"".join(lines), np.cumsum([0, *map(len, lines)]))


def opened(shop=SHOP, *, queries=None, sold=None):
    cards = cards_of(shop)
    return Suggestions(suggest_state(cards, queries=queries or {}, sold=sold), cards)


def texts(found):
    return [one.text for one in found]


def test_any_word_of_a_title_may_begin_what_was_typed():
    assert texts(opened().of("OA", k=8)) == ["Oak table", "Garden chair, oak"]


def test_what_was_bought_more_comes_first_and_each_title_once():
    found = opened(sold=np.array([5.0, 1.0, 0.0, 9.0])).of("o", k=8)

    assert texts(found) == ["Okay", "OAK TABLE", "Garden chair, oak"]
    assert found[1].id == "d"


def test_queries_of_many_people_come_before_what_the_catalogue_says():
    found = opened(queries={"oak bench": 60, "oak chair": 90}).of("oak", k=3)

    assert [(one.kind, one.text) for one in found] == [
        ("query", "oak chair"),
        ("query", "oak bench"),
        ("product", "Oak table"),
    ]


@pytest.mark.parametrize("typed", ["跑", "paoxie", "pao", "px", "ＰＸ", "nanship", "NSPX"])
def test_chinese_is_found_by_its_signs_and_by_pinyin_in_full_or_by_initials(typed):
    assert "男士跑鞋" in texts(opened().of(typed, k=8))


def test_a_category_comes_with_those_that_hold_it_and_how_much_is_in_it():
    found = opened().of("tab", k=8)

    assert [(one.kind, one.text, one.n_items) for one in found] == [
        ("category", "Garden > Tables", 2),
        ("product", "Oak table", 0),
    ]


def test_nothing_typed_proposes_what_is_asked_most():
    assert texts(opened(queries={"bench": 40, "oak": 80}).of("  ", k=4))[:2] == ["oak", "bench"]


@pytest.mark.parametrize("typed", ["zzz", "%", "\x00", "\ud800", "😀", "ا", "x" * 5_000, "oak  table ; drop"])
def test_whatever_is_typed_is_answered(typed):
    assert opened().of(typed, k=8) == []


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.text(st.sampled_from("ab 鞋跑-"), min_size=1, max_size=8), min_size=1, max_size=40),
    st.text(st.sampled_from("ab鞋跑"), min_size=1, max_size=3),
)
def test_a_title_is_proposed_just_where_one_of_its_words_begins_so(titles, typed):
    shop = [{"item_id": str(n), "title": title} for n, title in enumerate(titles)]

    found = {one.text for one in opened(shop).of(typed, k=20)}

    held = {" ".join(title.split()) for title in titles if begins(title, typed)}
    assert found <= {title.strip() for title in titles}
    assert {" ".join(text.split()) for text in found} >= held or len(found) == 20


def begins(title, typed):
    plain = " ".join(title.split())
    starts = [at for at in range(len(plain)) if plain.startswith(typed, at)]
    return any(at == 0 or plain[at - 1] in " -" or plain[at] in "鞋跑" for at in starts)


def test_a_broad_prefix_is_answered_with_the_best_of_all():
    shop = [{"item_id": str(n), "title": f"oak thing {n}"} for n in range(1_500)]
    sold = np.zeros(1_500)
    sold[[7, 1_200]] = 3, 5

    assert texts(opened(shop, sold=sold).of("oa", k=2)) == ["oak thing 1200", "oak thing 7"]
