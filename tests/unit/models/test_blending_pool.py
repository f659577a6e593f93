import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.domain import NONE, Ranked
from steelyard.errors import PluginError
from steelyard.models.blending.pool import SCALES, checked, pooled, scaled, unit_of

NAN = np.nan


def ranked(*rows):
    """Lists of (item, score) pairs, padded to the longest."""
    k = max(1, *map(len, rows))
    items, scores = np.full((len(rows), k), NONE), np.full((len(rows), k), -np.inf)
    for row, pairs in enumerate(rows):
        for place, (item, score) in enumerate(pairs):
            items[row, place], scores[row, place] = item, score
    return Ranked(items, scores)


def test_a_pool_holds_every_item_of_every_list_once_and_says_who_lists_it():
    pool = pooled([ranked([(7, 3.0), (2, 1.0)], []), ranked([(2, 9.0), (5, 4.0)], [(1, 2.0)])])

    np.testing.assert_array_equal(pool.items, [[2, 5, 7], [1, NONE, NONE]])
    np.testing.assert_array_equal(pool.scores[0], [[1.0, NAN, 3.0], [NAN, NAN, NAN]])
    np.testing.assert_array_equal(pool.scores[1], [[9.0, 4.0, NAN], [2.0, NAN, NAN]])


def test_lists_that_are_all_empty_make_an_empty_pool():
    pool = pooled([ranked([(1, 1.0)], [])])
    empty = pooled([Ranked(np.full((2, 3), NONE), np.full((2, 3), -np.inf))])

    assert pool.is_there.tolist() == [[True], [False]]
    assert not empty.is_there.any()
    assert empty.items.shape == (2, 1)
    assert not scaled(empty.scores[0], "z").any()


def test_what_a_candidate_is_worth_is_looked_up_by_its_number():
    pool = pooled([ranked([(7, 3.0), (2, 1.0)], [(4, 1.0)])])

    gains = pool.gains((np.array([2, 9]), np.array([5])), (np.array([0.5, 1.0]), np.array([1.0])))

    np.testing.assert_array_equal(gains, [[0.5, 0.0], [0.0, 0.0]])


@pytest.mark.parametrize(
    ("scale", "expected"),
    [
        ("max", [1, 1 / 2, 0, 1 / 4]),
        ("rank", [1, 10 / 11, 0, 10 / 12]),
        ("exp", [1, np.exp(-2), 0, np.exp(-3)]),
        ("raw", [4 / 2, 2 / 2, 0, 1 / 2]),
    ],
)
def test_each_scale_by_hand(scale, expected):
    found = scaled(np.array([[4.0, 2.0, NAN, 1.0]]), scale, unit=2.0)

    np.testing.assert_allclose(found, [expected])


def test_standard_deviations_are_counted_above_the_lowest():
    found = scaled(np.array([[3.0, 1.0, NAN]]), "z")

    np.testing.assert_allclose(found, [[0.5 + (3 - 1) / 1, 0.5, 0.0]])


def test_the_highest_of_a_list_with_negative_scores_counts_from_the_lowest():
    np.testing.assert_allclose(scaled(np.array([[1.0, -1.0, -3.0]]), "max"), [[1, 1 / 2, 0]])
    np.testing.assert_allclose(scaled(np.array([[1.0, -1.0, -3.0]]), "raw"), [[1, 0, 0]])


def test_a_list_of_zeros_is_no_division_by_nothing():
    for scale in SCALES:
        assert np.isfinite(scaled(np.zeros((1, 3)), scale)).all()


def test_the_unit_is_the_mean_of_the_highest_scores():
    assert unit_of(np.array([[1.0, 3.0], [NAN, 1.0], [NAN, NAN]])) == (3 + 1) / 2
    assert unit_of(np.array([[NAN], [NAN]])) == 1
    assert unit_of(np.array([[-2.0]])) == 1


def test_a_score_that_is_no_number_names_the_model_and_the_item():
    with pytest.raises(PluginError, match="'theirs' gave item 8 the score nan"):
        checked("theirs", ranked([(3, 1.0)], [(8, NAN)]))
    with pytest.raises(PluginError, match="'theirs' gave item 3 the score inf"):
        checked("theirs", ranked([(3, np.inf)]))


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.dictionaries(st.integers(0, 9), st.floats(-9, 9, allow_nan=False), max_size=5), min_size=1, max_size=4),
    st.sampled_from(sorted(SCALES)),
)
def test_a_scale_never_goes_against_the_order_and_a_missing_item_is_never_above_a_listed_one(lists, scale):
    pool = pooled([ranked(sorted(each.items(), key=lambda pair: -pair[1])) for each in lists])

    assert set(pool.items[pool.is_there].tolist()) == set().union(*lists)
    for scores in pool.scores:
        found, raw = scaled(scores, scale)[0], scores[0]
        listed = np.flatnonzero(~np.isnan(raw))
        assert (found >= 0).all()
        assert not found[np.isnan(raw)].any()
        order = listed[np.argsort(-raw[listed], kind="stable")]
        assert (np.diff(found[order]) <= 1e-12).all()
