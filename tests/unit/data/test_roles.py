"""How well a column suits a role, by its name and by its values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.data.guessing.event_words import kinds_of_words
from steelyard.data.guessing.roles import KIND_WORDS, ROLE_NAMES, event_kind_of, fit, name_score, profile


def column(name, *values, numbers=()):
    return profile(name, values, numbers)


def test_a_profile_counts_what_is_there_and_leaves_out_what_is_not():
    found = column("price", "1", "2", "2", "", None, "on request", numbers=(1.0, 2.0, 2.0, None, None, None))

    assert found.filled_share == 4 / 6
    assert found.numeric_share == 3 / 4
    assert found.distinct_share == 3 / 4
    assert (found.low, found.high) == (1.0, 2.0)
    assert found.not_numbers == ("on request",)
    assert found.values == ("1", "2", "on request")
    assert found.counts == {"2": 2, "1": 1, "on request": 1}


def test_a_column_without_a_value_suits_nothing():
    empty = column("title", "", None)

    assert all(fit(empty, role, is_log=is_log) == 0 for role in ROLE_NAMES for is_log in (False, True))
    assert column("title").filled_share == 0


@given(st.sampled_from(sorted(ROLE_NAMES)), st.text(max_size=8))
def test_a_name_speaks_for_a_role_between_not_at_all_and_wholly(role, name):
    assert 0 <= name_score(name, role) <= 1


@pytest.mark.parametrize("role", sorted(ROLE_NAMES))
def test_of_the_names_of_a_role_the_surer_ones_speak_louder(role):
    scores = [name_score(name, role) for name in ROLE_NAMES[role]]

    assert scores[0] == 1
    assert scores == sorted(scores, reverse=True)
    assert scores[-1] >= 0.6  # of a whole name; of a part of one it is at most a half


@pytest.mark.parametrize("written", ["Item ID", "item-id", "ITEM_ID", "item.id"])
def test_marks_and_capitals_of_a_name_do_not_count(written):
    assert name_score(written, "item_id") == name_score("itemid", "item_id")


def test_a_name_inside_a_longer_one_speaks_by_the_part_that_it_is():
    assert name_score("shoptitleline", "title") == 0.5 * 5 / 13
    assert name_score("lowqty", "quantity") == 0  # three letters inside a word say nothing


@pytest.mark.parametrize(
    ("values", "is_log", "suits"),
    [
        (("a1", "a2", "a3"), False, 1.0),
        (("a1", "a1", "a3"), False, 0.0),  # a catalogue has each once
        (("a1", "a1", "a3"), True, 1.0),
        (("2024-01-01", "2024-01-02", "2024-01-03"), False, 0.0),
        (("a long title of words", "another one here", "and yet a third"), False, 0.0),
    ],
)
def test_an_id_is_short_distinct_and_no_time(values, is_log, suits):
    assert fit(column("id", *values), "item_id", is_log=is_log) == suits


@pytest.mark.parametrize(
    ("values", "numbers", "suits"),
    [
        (("2024-05-31 18:00", "2024/6/1"), (), 1.0),
        (("31.05.2024", "1/6/2024"), (), 1.0),
        (("2024年5月31日", "2024年6月1日"), (), 1.0),
        (("1717171717", "1717171718"), (1717171717.0, 1717171718.0), 0.9),  # seconds since 1970
        (("12", "13"), (12.0, 13.0), 0.0),
        (("yesterday", "today"), (), 0.0),
    ],
)
def test_times_are_told_by_how_they_are_written(values, numbers, suits):
    assert fit(column("time", *values, numbers=numbers), "time", is_log=True) == suits


def test_grades_lie_on_a_short_scale():
    grades = ("1", "3", "5")
    assert fit(column("gain", *grades, numbers=(1.0, 3.0, 5.0)), "gain", is_log=True) == 1
    assert fit(column("gain", "2", "2", numbers=(2.0, 2.0)), "gain", is_log=True) == 0  # one grade judges nothing
    assert fit(column("gain", "1", "90", numbers=(1.0, 90.0)), "gain", is_log=True) == 0.7  # points of a hundred
    assert fit(column("gain", "1", "900", numbers=(1.0, 900.0)), "gain", is_log=True) == 0
    assert fit(column("gain", "★", "★★★"), "gain", is_log=True) == 1


def test_a_price_that_mostly_does_not_read_is_doubtful_and_one_that_never_does_is_none():
    assert fit(column("price", "1", "2", numbers=(1.0, 2.0)), "price", is_log=False) == 1
    assert fit(column("price", "1", "ask", "call", numbers=(1.0, None, None)), "price", is_log=False) == pytest.approx(
        0.1
    )
    assert fit(column("price", "ask", "call", numbers=(None, None)), "price", is_log=False) == 0


@pytest.mark.parametrize(("kind", "words"), sorted(KIND_WORDS.items()))
def test_the_words_of_a_kind_are_read_whatever_their_case_and_mean_no_other_kind(kind, words):
    assert {event_kind_of(f" {word.upper()} ") for word in words} == {kind}


@pytest.mark.parametrize(
    "word", ["preview", "view_item_lists", "checkout_progress_bar", "reorder", "borrowed", "卖", "9"]
)
def test_a_word_that_only_holds_another_is_not_that_kind(word):
    assert event_kind_of(word) is None


def test_a_page_is_a_product_only_where_no_other_word_says_so():
    assert kinds_of_words(["page_view", "purchase"]) == {"page_view": "view", "purchase": "purchase"}
    assert kinds_of_words(["page_view", "view_item", "hm"]) == {"page_view": "ignore", "view_item": "view"}


def test_compounds_are_told_by_their_end_and_what_is_of_another_thing_is_not():
    assert name_score("税込販売価格", "price") > 0.6
    assert name_score("商品分类名称", "category") > 0.6
    assert name_score("webProductNo", "item_id") > 0.5
    assert name_score("customer_order_number", "user") < 0.25
    assert name_score("delivery_date", "time") == 0
    assert name_score("Price (EUR)", "price") == 1
