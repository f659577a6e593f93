"""Bands of price, words, vectors, and fewer columns: worked by hand and on a known truth (R1.6)."""

import numpy as np
import pytest

from steelyard.data.features.item_columns import PriceBands, TfIdf, cosine, encoded
from steelyard.data.features.scale import Standard
from steelyard.data.features.selection import Principal, select_l1
from steelyard.errors import DataError


def test_a_price_is_placed_among_its_own_category():
    prices = np.array([1.0, 2, 3, 4, 5, 100, 200, 300, 400, 500, np.nan])
    category = np.array([0] * 5 + [1] * 5 + [0])

    bands = PriceBands.fit(prices, category, n_categories=3)

    found = bands.value(np.array([1.0, 5.0, 100.0, 500.0, np.nan, 5.0]), np.array([0, 0, 1, 1, 0, 2]))
    assert found[:5] == pytest.approx([0, 1, 0, 1, 0.5])
    assert found[5] == pytest.approx(0.5)  # among all, since its category had no item


def test_bands_without_any_price_are_refused():
    with pytest.raises(DataError, match="leave them out"):
        PriceBands.fit(np.array([np.nan]), np.array([0]), n_categories=1)


def test_rare_words_weigh_more_and_texts_have_length_1():
    model = TfIdf.fit([["red", "lamp"], ["red", "chair"], ["red", "lamp"]])

    (row,) = model.value([["red", "lamp", "unheard"]]).toarray()

    assert model.words_ == ("red", "lamp", "chair")
    # idf of red is ln(4/4) = 0, of lamp ln(4/3): the text is its lamp alone
    assert row == pytest.approx([0, 1, 0])


def test_each_distinct_text_is_encoded_once():
    asked = []

    def encode(texts):
        asked.extend(texts)
        return np.array([[len(text), 1.0] for text in texts], np.float32)

    vectors = encoded(encode, ["aa", "b", "aa"])

    assert asked == ["aa", "b"]
    assert vectors.tolist() == [[2, 1], [1, 1], [2, 1]]


def test_cosine_is_that_of_the_rows_and_0_for_nothing():
    one = np.array([[3.0, 4.0], [1.0, 0.0], [0.0, 0.0]], np.float32)
    other = np.array([[4.0, 3.0], [0.0, 2.0], [1.0, 1.0]], np.float32)

    assert cosine(one, other) == pytest.approx([24 / 25, 0, 0])


def test_a_penalty_leaves_the_columns_that_decide():
    generator = np.random.default_rng(0)
    rows = generator.normal(size=(2000, 12))
    chance = 1 / (1 + np.exp(-(2 * rows[:, 3] - 1.5 * rows[:, 7])))
    target = (generator.random(2000) < chance).astype(float)
    rows = Standard.fit(rows).apply(rows)

    found = select_l1(rows, target, strength=0.2)

    assert found.places.tolist() == [3, 7]
    assert found.weights[3] > 0 > found.weights[7]
    assert select_l1(rows, target, strength=1.0).places.tolist() == []
    assert len(select_l1(rows, target, strength=0.0).places) == 12


def test_outcomes_of_one_kind_select_nothing_and_say_so():
    with pytest.raises(DataError, match="both outcomes"):
        select_l1(np.ones((3, 2)), np.ones(3), strength=0.1)


def test_directions_explain_the_variance_and_are_those_of_the_learning_part():
    generator = np.random.default_rng(1)
    hidden = generator.normal(size=(500, 2)) * [5.0, 2.0]
    mixed = hidden @ generator.normal(size=(2, 6)) + generator.normal(size=(500, 6)) * 0.01

    found = Principal.fit(mixed[:300], share=0.99)

    assert found.directions_.shape[0] <= 2
    assert found.explained_.sum() >= 0.99
    turned = found.apply(mixed)
    assert np.allclose(turned @ found.directions_ + found.mean_, mixed, atol=1.5)
    assert (Principal.fit(mixed[:300], share=0.99).directions_ == found.directions_).all()
    assert Principal.fit(np.ones((4, 3))).directions_.shape == (0, 3)
