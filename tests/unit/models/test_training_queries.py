"""Judged queries as training material: grades stay grades, and nothing right is ever a negative."""

import numpy as np
import pytest

from steelyard.data.dividing.held_back import divided
from steelyard.domain import Cases, Request, Surface
from steelyard.models.learning.training_queries import (
    Steps,
    interleaved,
    same_texts,
    training_queries,
)

TEXTS = ["Oak shelf", "shelf, oak", "Pine shelf", "Brass lamp", "Lamp shade", "Red paint", "Blue paint", "Hammer"]


def cases(*rows: tuple[str, dict[int, float]]) -> Cases:
    return Cases(
        Surface.SEARCH,
        tuple(query for query, _ in rows),
        tuple(Request(query=query) for query, _ in rows),
        tuple(np.array(list(judged), np.int64) for _, judged in rows),
        tuple(np.array(list(judged.values()), float) for _, judged in rows),
    )


def found(n: int) -> list[np.ndarray]:
    return [np.arange(len(TEXTS))] * n


SHELF = ("oak shelf", {0: 2.0, 2: 1.0, 3: 0.0})
PAINT = ("paint", {5: 1.0, 6: 1.0})


def test_a_text_that_is_relevant_or_says_the_same_is_no_negative():
    made = training_queries(cases(SHELF), found(1), alike=same_texts(TEXTS))

    assert made.negatives[0].tolist() == [4, 5, 6, 7]


def test_negatives_stay_in_the_order_in_which_they_were_found():
    made = training_queries(cases(SHELF), [np.array([7, 1, 5, 0, 4])], alike=same_texts(TEXTS), most=2)

    assert made.negatives[0].tolist() == [7, 5]


def test_queries_that_teach_nothing_are_left_out():
    silent = cases(("  ", {0: 1.0}), ("nothing is right", {1: 0.0}), PAINT)

    made = training_queries(silent, found(3), alike=same_texts(TEXTS))

    assert made.cases.ids == ("paint",)


def test_a_text_judged_twice_counts_as_the_better_of_both():
    twice = Cases(Surface.SEARCH, ("a",), (Request(query="a"),), (np.array([6, 5, 6]),), (np.array([1.0, 1.0, 3.0]),))

    made = training_queries(twice, found(1), alike=same_texts(TEXTS))

    assert made.cases.relevant[0].tolist() == [5, 6]
    assert made.cases.gains[0].tolist() == [1.0, 3.0]


def test_each_text_has_the_share_of_its_grade():
    training = training_queries(cases(SHELF), found(1), alike=same_texts(TEXTS))

    step = Steps(queries=1, hard=0, others=0).at(0, training)

    assert step.texts.tolist() == [0, 2, 3]
    np.testing.assert_allclose(step.shares, [[2 / 3, 1 / 3, 0]])


def test_what_another_query_brings_is_left_out_where_it_says_the_same():
    twin = ("shelf of oak", {1: 1.0})
    training = training_queries(cases(SHELF, twin), found(2), alike=same_texts(TEXTS))

    step = Steps(queries=2, hard=0, others=0).at(0, training)

    row = step.rows.tolist().index(0)
    assert step.is_left_out[row, step.texts.tolist().index(1)]
    assert not step.is_left_out[row, step.texts.tolist().index(0)]


def test_what_was_judged_worthless_is_compared_though_it_says_the_same():
    odd = ("oak shelf", {0: 1.0, 1: 0.0})
    training = training_queries(cases(odd), found(1), alike=same_texts(TEXTS))

    step = Steps(queries=1, hard=0, others=0).at(0, training)

    assert not step.is_left_out.any()


def test_a_step_is_the_same_whenever_it_is_asked_for():
    training = training_queries(cases(SHELF, PAINT), found(2), alike=same_texts(TEXTS))
    steps = Steps(queries=1, hard=2, others=3, seed=7)

    first, again = steps.at(5, training), steps.at(5, training)

    np.testing.assert_array_equal(first.texts, again.texts)
    np.testing.assert_array_equal(first.rows, again.rows)


def test_each_query_comes_once_in_an_epoch():
    many = cases(*[(f"query {n}", {n % 8: 1.0}) for n in range(12)])
    training = training_queries(many, found(12), alike=same_texts(TEXTS))
    steps = Steps(queries=4, hard=1, others=2, seed=1)

    rows = [row for number in range(3) for row in steps.at(number, training).rows.tolist()]

    assert steps.in_epoch(training) == 3
    assert sorted(rows) == list(range(12))


@pytest.mark.parametrize("seed", range(5))
def test_one_query_in_other_words_order_or_case_is_on_the_same_side(seed):
    pairs = cases(*[(query, {0: 1.0}) for n in range(30) for query in (f"Lamp {n}", f"{n} lamp")])

    learning, held = divided(pairs, share=0.3, seed=seed)

    assert {sorted(q.lower().split())[0] for q in learning.ids}.isdisjoint(
        sorted(q.lower().split())[0] for q in held.ids
    )
    assert len(learning.ids) + len(held.ids) == 60


def test_lists_are_interleaved_each_text_once():
    assert interleaved(np.array([3, 1, 2]), np.array([1, 4, -1])).tolist() == [3, 1, 4, 2]
    assert interleaved().tolist() == []
