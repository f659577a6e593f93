"""Words that go with words: counted by hand, silent where a word would stand for a product, and not told by oneself."""

import numpy as np
import pytest

from steelyard.models.learned_ranking.word_pairs import Lesson, WordPairs, folds_of, learn_pairs

FRIDGE, REFRIGERATOR, FILTER, RARE = range(4)
TITLES = np.array([[REFRIGERATOR, -9, -9]] * 5 + [[REFRIGERATOR, FILTER, -9]] * 5 + [[RARE, FILTER, FILTER]], np.int32)


def lesson(gains, words=(FRIDGE,), texts=(5, 0)):
    return Lesson(np.array(words), np.array(texts), np.array(gains, np.float64))


def told(pairs, word):
    part = slice(pairs.starts[word], pairs.starts[word + 1])
    return dict(zip(pairs.units[part].tolist(), pairs.values[part].tolist(), strict=True))


def test_a_pair_is_worth_what_it_got_against_what_its_places_promise():
    lessons = [lesson([0.0, 2.0])] * 8

    values = told(learn_pairs(lessons, TITLES, n_terms=4), FRIDGE)

    first = 8 / (1 + np.exp(-1 / 40))  # of eight gains of 1, the share that the first of two places is expected to get
    assert values[FILTER] == pytest.approx(np.log(1 / (1 + first)), rel=1e-6)
    assert REFRIGERATOR not in values  # both hold it, so that it says nothing


def test_a_word_of_few_titles_would_stand_for_a_product_and_says_nothing():
    lessons = [lesson([0.0, 2.0], texts=(0, 10))] * 8

    values = told(learn_pairs(lessons, TITLES, n_terms=4), FRIDGE)

    assert RARE not in values
    assert values[FILTER] > 0


def test_queries_without_words_or_gains_teach_nothing():
    for lessons in ([], [lesson([0.0, 0.0])], [lesson([1.0, 0.0], words=())]):
        assert len(learn_pairs(lessons, TITLES, n_terms=4).units) == 0


def test_a_query_is_told_what_the_others_say():
    odd = lesson([0.0, 2.0], words=(RARE,))
    lessons = [*[lesson([2.0, 0.0])] * 9, odd, *[lesson([2.0, 0.0])] * 10]

    of_each = folds_of(lessons, TITLES, n_terms=4, seed=1)

    assert told(learn_pairs(lessons, TITLES, n_terms=4), RARE)
    assert not told(of_each[9], RARE)
    assert sum(bool(told(pairs, RARE)) for pairs in of_each) >= 16


def test_features_are_sums_means_and_extremes_of_the_pairs():
    pairs = WordPairs(np.array([0, 2, 2, 2, 2]), np.array([REFRIGERATOR, FILTER], np.int32), np.array([0.5, -2], "f4"))

    columns = pairs.features(np.array([FRIDGE, RARE]), TITLES[[0, 5]])

    np.testing.assert_allclose(columns, [[0.25, -0.75], [0.25, -0.375], [0.5, 0.5], [0, -2]])


def test_a_query_of_numbers_alone_is_told_nothing():
    pairs = learn_pairs([], TITLES, n_terms=4)

    np.testing.assert_array_equal(pairs.features(np.empty(0, np.int64), TITLES[:2]), np.zeros((4, 2)))
