from collections import defaultdict
from math import sqrt

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.domain import NONE, Interactions, Request
from steelyard.models.retrieval.neighbours import ItemNeighbours

N_ITEMS = 9
logs = st.lists(st.tuples(st.integers(0, 4), st.integers(0, N_ITEMS - 1)), max_size=40)
histories = st.lists(st.integers(0, N_ITEMS - 1), max_size=6)


def interactions(rows):
    users, items = np.array(rows, dtype=np.int64).reshape(-1, 2).T
    return Interactions(users, items, np.arange(len(rows), dtype=float), np.ones(len(rows)), 5, N_ITEMS)


def naive(rows, history, *, decay, max_events):
    """The docstring's formula, written out."""
    taken = defaultdict(list)
    for user, item in rows:
        if item in taken[user]:
            taken[user].remove(item)
        taken[user].append(item)
    sequences = [items[-max_events:] for items in taken.values()]
    n = [sum(i in s for s in sequences) for i in range(N_ITEMS)]
    scores = np.zeros(N_ITEMS)
    for age, j in enumerate(reversed(history)):
        for i in range(N_ITEMS):
            if i == j:
                continue
            both = [s for s in sequences if i in s and j in s]
            gaps = [s.index(i) - s.index(j) for s in both]
            directed = sum(1 / gap for gap in gaps if 1 <= gap <= 5)
            root = sqrt(n[i] * n[j])
            scores[i] += decay**age * (len(both) / (root + 20) + directed / (root + 10))
    return scores


@settings(max_examples=60, deadline=None)
@given(logs, histories, st.sampled_from([0.3, 0.6, 1.0]), st.sampled_from([3, 100]))
def test_scores_are_those_of_the_formula(rows, history, decay, max_events):
    expected = naive(rows, history, decay=decay, max_events=max_events)

    model = ItemNeighbours(decay, max_events=max_events).fit(interactions(rows), seed=0)
    ranked = model.retrieve([Request(history=tuple(history))], k=N_ITEMS)

    found = ranked.items[0][ranked.items[0] != NONE]
    np.testing.assert_allclose(ranked.scores[0][: len(found)], expected[found], rtol=1e-5)
    assert set(found.tolist()) == set(np.flatnonzero(expected).tolist())


@settings(max_examples=40, deadline=None)
@given(logs, histories, st.integers(1, 4))
def test_a_cap_keeps_the_strongest_of_each_row(rows, history, cap):
    whole = ItemNeighbours(max_neighbours=None).fit(interactions(rows), seed=0).links_

    kept = ItemNeighbours(max_neighbours=cap).fit(interactions(rows), seed=0).links_

    for item in range(N_ITEMS):
        before, after = (
            links.strengths[links.starts[item] : links.starts[item + 1]].tolist() for links in (whole, kept)
        )
        assert sorted(after) == sorted(sorted(before, reverse=True)[:cap])
