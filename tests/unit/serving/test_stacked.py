"""Two pipelines as one: the second fills the places that the first left empty, and only those."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from steelyard.domain import NONE, Ranked, Reason, Request
from steelyard.serving.stacked import Stacked


class Shelf:
    """Answers with the items of its list that are not excluded, scores falling by one."""

    def __init__(self, *items, best=10.0, reasons=()):
        self.items, self.best, self.reasons, self.asked = items, best, dict(reasons), []

    def answer(self, requests, *, k):
        self.asked += [(request.exclude, k) for request in requests]
        items, scores = np.full((len(requests), k), NONE), np.full((len(requests), k), -np.inf)
        for row, request in enumerate(requests):
            found = [item for item in self.items if item not in request.exclude][:k]
            items[row, : len(found)] = found
            scores[row, : len(found)] = self.best - np.arange(len(found))
        return Ranked(items, scores)

    def explain(self, request, items):
        return [[self.reasons[item]] if item in self.reasons else [] for item in items.tolist()]


def answer(first, then, *, k=4, exclude=()):
    found = Stacked(first, then).answer([Request(items=(0,), exclude=exclude)], k=k)
    return found.items[0].tolist(), found.scores[0].tolist()


def test_where_the_first_fills_all_places_the_second_is_not_asked():
    then = Shelf(7, 8)

    assert answer(Shelf(1, 2, 3, 4), then)[0] == [1, 2, 3, 4]
    assert then.asked == []


def test_the_second_fills_the_rest_with_what_is_not_there_yet():
    then = Shelf(2, 7, 8, 9)

    assert answer(Shelf(1, 2), then)[0] == [1, 2, 7, 8]
    assert then.asked == [((1, 2), 2)]


def test_what_the_request_excludes_stays_excluded():
    assert answer(Shelf(1, 2), Shelf(7, 8, 9), exclude=(1, 8))[0] == [2, 7, 9, NONE]


def test_scores_go_on_downwards_by_the_steps_of_the_second():
    _, scores = answer(Shelf(1, 2, best=0.5), Shelf(7, 8, best=100.0))

    assert scores == [0.5, -0.5, -1.5, -2.5]  # one below the last of the first, and then as the second fell


def test_where_the_first_has_nothing_the_second_keeps_its_own_scores():
    assert answer(Shelf(), Shelf(7, 8, best=3.0), k=2) == ([7, 8], [3.0, 2.0])


def test_where_both_are_at_an_end_places_stay_empty():
    assert answer(Shelf(1), Shelf(1))[0] == [1, NONE, NONE, NONE]


@given(st.lists(st.integers(0, 9), unique=True), st.lists(st.integers(0, 9), unique=True), st.integers(1, 8))
def test_no_item_comes_twice_and_scores_never_rise(first, then, k):
    items, scores = answer(Shelf(*first), Shelf(*then), k=k)

    found = [item for item in items if item != NONE]
    assert found == [*first, *(item for item in then if item not in first)][:k]
    assert all(a > b for a, b in pairwise(scores[: len(found)]))


def test_reasons_are_those_of_the_first_and_of_the_second_where_it_has_none():
    one, two = Reason("bought_together", 0.75, item=0), Reason("similar_content", 1.0)
    stacked = Stacked(Shelf(1, 2, reasons={1: one}), Shelf(reasons={1: two, 2: two}))

    assert stacked.explain(Request(items=(0,)), np.array([1, 2, 3])) == [[one], [two], []]
