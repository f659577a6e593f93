import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.models.response.objective import Objective, margins, ordered

NAN = float("nan")


def test_hand_worked_expected_profit():
    # 1/10 * 2 = 1/5; 1/20 * 10 = 1/2; 1/4 * 1 = 1/4
    chances = {"buy": np.array([1 / 10, 1 / 20, 1 / 4])}
    found = ordered(Objective("profit"), chances, np.array([2.0, 10.0, 1.0]))
    assert found.order.tolist() == [1, 2, 0]
    assert found.value.tolist() == pytest.approx([1 / 5, 1 / 2, 1 / 4])
    assert not found.is_by_chance.any()


def test_an_item_of_unknown_margin_keeps_its_place_by_chance_and_is_marked():
    # by chance: 2, 3, 0, 1. Item 3 is second by chance and stays second; the others are put round it by profit 1, 0, 2
    chances = {"buy": np.array([0.2, 0.1, 0.5, 0.3])}
    found = ordered(Objective("profit"), chances, np.array([5.0, 20.0, 1.0, NAN]))
    assert found.order.tolist() == [1, 3, 0, 2]
    assert found.is_by_chance.tolist() == [False, False, False, True]
    assert np.isnan(found.value[3])


def test_where_no_margin_is_known_the_order_is_that_of_the_chance():
    chances = {"buy": np.array([0.2, 0.1, 0.5])}
    assert ordered(Objective("profit"), chances, np.full(3, NAN)).order.tolist() == [2, 0, 1]


@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from([NAN, -1.0, 0.0, 1.0, 7.0])), min_size=1, max_size=12))
def test_every_candidate_is_there_once_and_unknown_ones_stand_where_their_chance_puts_them(rows):
    buy, margin = np.array([n / 10 for n, _ in rows]), np.array([each for _, each in rows])
    found = ordered(Objective("profit"), {"buy": buy}, margin)
    assert sorted(found.order.tolist()) == list(range(len(rows)))
    by_chance = np.argsort(-buy, kind="stable")
    unknown = np.isnan(margin)
    assert [p for p in found.order.tolist() if unknown[p]] == [p for p in by_chance.tolist() if unknown[p]]
    assert (unknown[found.order] == unknown[by_chance]).all()
    known = found.order[~unknown[found.order]]
    assert (np.diff(found.value[known]) <= 0).all()


def test_a_weighted_sum_adds_what_it_names():
    chances = {"click": np.array([0.5, 0.2]), "buy": np.array([0.01, 0.1])}
    objective = Objective("weighted", {"click": 1.0, "buy": 4.0, "profit": 0.0})
    found = ordered(objective, chances, np.full(2, NAN))
    assert found.value.tolist() == pytest.approx([0.54, 0.6])
    assert objective.needed() == {"click", "buy"}
    assert Objective("profit").needed() == {"buy"}


def test_of_equal_ones_the_first_stays_first():
    assert ordered(Objective("click"), {"click": np.array([0.3, 0.4, 0.3])}, np.zeros(3)).order.tolist() == [1, 0, 2]


def test_the_narrowest_category_s_margin_counts_and_an_unknown_one_is_not_nothing():
    paths = ["Shoes > Boots", "Shoes > Sandals", "Hats", ""]
    found = margins(
        np.array([100.0, 50.0, 20.0, 10.0]), paths, share=None, of_category={"Shoes": 0.4, "Shoes > Boots": 0.1}
    )
    assert found[:2].tolist() == pytest.approx([10.0, 20.0])
    assert np.isnan(found[2:]).all()
    found = margins(np.array([NAN, 50.0]), ["Shoes", "Hats"], share=0.5, of_category={})
    assert np.isnan(found[0])
    assert found[1] == pytest.approx(25.0)
