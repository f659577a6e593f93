"""Short lists: the few best of many, ties by number."""

import numpy as np
import pytest

from steelyard.domain import Cases, Request, Surface
from steelyard.models.retrieval.shortlists import best_places, some_cases


def test_the_best_places_of_each_row_are_those_of_a_stable_sort():
    random = np.random.default_rng(0)
    table = random.integers(0, 6, (200, 40)).astype(np.float64)  # many ties
    table[:, 30:] = -np.inf
    table[:5] = -np.inf

    found = best_places(table, k=10)

    np.testing.assert_array_equal(found, np.argsort(-table, axis=1, kind="stable")[:, :10])


@pytest.mark.parametrize("width", [3, 4])
def test_rows_no_wider_than_asked_for_are_sorted_whole(width):
    table = np.array([[0.5, 2.0, 2.0, -np.inf][:width]])

    assert best_places(table, k=3).tolist() == [[1, 2, 0]]


@pytest.mark.parametrize(("n", "places"), [(3, [0, 1, 2]), (2_000, range(2_000)), (5_000, range(0, 5_000, 3))])
def test_of_many_tuning_cases_every_so_manieth_is_looked_at(n, places):
    ids = tuple(map(str, range(n)))
    cases = Cases(Surface.RECOMMEND, ids, (Request(),) * n, (np.array([1]),) * n, (np.ones(1),) * n)

    found = some_cases(cases)

    assert found.ids == tuple(map(str, places))
    assert len(found.requests) == len(found.relevant) == len(found.gains) == len(places) <= 2_000
