"""Queries held back: asked among a pool as hybrid search would, and a gain is only one where it is certain."""

import numpy as np
import pytest

from steelyard.domain import Cases, Request, Surface
from steelyard.models.learning.held_out import Gain, gain_of, held_out


def cases(*judged: dict[int, float]) -> Cases:
    names = tuple(f"query {n}" for n in range(len(judged)))
    return Cases(
        Surface.SEARCH,
        names,
        tuple(Request(query=name) for name in names),
        tuple(np.array(list(one), np.int64) for one in judged),
        tuple(np.array(list(one.values()), float) for one in judged),
    )


def pool(**more):
    words = [(np.array([7, 3]), np.array([4.0, 2.0]))]
    return held_out(cases({3: 2.0, 9: 1.0}), words, [np.array([5])], drawn=np.array([1]), **more)


def test_the_pool_holds_what_was_judged_found_and_drawn():
    held = pool()

    assert held.texts.tolist() == [1, 3, 5, 7, 9]
    assert held.gains.tolist() == [[0, 2, 0, 0, 1]]
    assert held.by_words.tolist() == [[0, 0.5, 0, 1, 0]]


def test_only_the_best_of_each_list_come_into_the_pool():
    assert pool(each=1).texts.tolist() == [1, 3, 5, 7, 9]
    assert pool(each=0).texts.tolist() == [1, 3, 9]


def test_an_encoder_that_knows_what_is_right_reaches_one():
    held = pool()
    right = np.array([[0.0], [1.0], [0.0], [-1.0], [0.9]], np.float32)

    assert held.ndcg(np.ones((1, 1), np.float32), right) == pytest.approx([1.0])


def test_an_encoder_that_knows_nothing_leaves_the_order_of_words():
    held = pool()
    nothing = np.zeros((5, 1), np.float32)
    ideal = 2 + 1 / np.log2(3)

    found = held.ndcg(np.ones((1, 1), np.float32), nothing)

    assert found == pytest.approx([(2 / np.log2(3) + 1 / np.log2(6)) / ideal])


def test_a_gain_counts_where_it_is_twice_its_error():
    assert Gain(0.05, 0.02, 100).is_certain
    assert not Gain(0.03, 0.02, 100).is_certain
    assert not Gain(0.5, 0.0, 1).is_certain


def test_a_gain_is_told_query_by_query():
    found = gain_of(np.array([0.4, 0.6, 0.5]), np.array([0.3, 0.5, 0.4]))

    assert (round(found.mean, 6), round(found.error, 6), found.n) == (0.1, 0.0, 3)
    assert gain_of(np.array([1.0]), np.array([0.0])) == Gain(0.0, 0.0, 1)
