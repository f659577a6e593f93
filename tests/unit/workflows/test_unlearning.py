"""Nobody can tell from a model fitted again whether somebody was in the log before (R1.7, P3)."""

import numpy as np

from steelyard.domain import Interactions, Request
from steelyard.models.retrieval.neighbours import ItemNeighbours

N_ITEMS, LENGTH, EACH = 400, 6, 300


def baskets(seed, n):
    """Random items: whoever is recognised is recognised because the model remembers them."""
    draws = np.random.default_rng(seed)
    return np.stack([draws.choice(N_ITEMS, LENGTH, replace=False) for _ in range(n)])


def fitted(people):
    users = np.repeat(np.arange(len(people)), LENGTH)
    times = np.tile(np.arange(float(LENGTH)), len(people))
    learnt = Interactions(users, people.ravel(), times, np.ones(users.size), len(people), N_ITEMS)
    return ItemNeighbours(max_neighbours=None).fit(learnt, seed=0)


def recognised(model, people):
    """Score of each person's last item after the others: what an attacker would look at."""
    found = model.retrieve([Request(history=tuple(row[:-1].tolist())) for row in people], k=N_ITEMS)
    return np.array(
        [
            scores[items == row[-1]].max(initial=0.0)
            for items, scores, row in zip(found.items, found.scores, people, strict=True)
        ]
    )


def auc(members, strangers):
    both = np.concatenate([members, strangers])
    ranks = np.searchsorted(np.sort(both), both, side="left") + np.searchsorted(np.sort(both), both, side="right")
    return (ranks[: len(members)].sum() / 2 - len(members) ** 2 / 2) / (len(members) * len(strangers))


def test_members_are_told_from_strangers_before_and_not_after_their_erasure():
    gone, strangers, others = baskets(1, EACH), baskets(2, EACH), baskets(3, 2 * EACH)

    before = fitted(np.concatenate([others, gone]))
    after = fitted(others)

    assert auc(recognised(before, gone), recognised(before, strangers)) > 0.8  # the attack works
    assert auc(recognised(after, gone), recognised(after, strangers)) <= 0.55


def test_the_attack_finds_nothing_among_strangers_alone():
    found = recognised(fitted(baskets(3, EACH)), baskets(1, EACH))

    assert auc(found, found) == 0.5
