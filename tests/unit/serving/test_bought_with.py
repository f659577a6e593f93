"""What everybody buys anyway is not what is bought with this."""

import numpy as np

from steelyard.domain import NONE, Ranked, Request
from steelyard.serving.bought_with import BoughtWith


class Fixed:
    def __init__(self, items, scores):
        self.ranked = items, scores

    def answer(self, requests, *, k):
        items = np.full((len(requests), k), NONE)
        scores = np.full((len(requests), k), -np.inf)
        items[:, : len(self.ranked[0])], scores[:, : len(self.ranked[0])] = self.ranked
        return Ranked(items, scores)

    def explain(self, request, items):
        return [[] for _ in items]


def test_what_goes_with_this_one_in_particular_comes_before_what_goes_with_everything():
    bananas, yeast, flour = 0, 1, 2
    together = Fixed([bananas, yeast, flour], [0.5, 0.4, 0.1])

    ranked = BoughtWith(together, np.array([9_999.0, 15.0, 15.0])).answer([Request(items=(3,))], k=3)

    assert ranked.items.tolist() == [[yeast, flour, bananas]]
    assert (np.diff(ranked.scores[0]) <= 0).all()


def test_what_is_not_bought_with_it_at_all_is_left_out():
    ranked = BoughtWith(Fixed([0, 1], [0.2, -0.1]), np.zeros(3)).answer([Request(items=(2,))], k=2)

    assert ranked.items.tolist() == [[0, NONE]]
