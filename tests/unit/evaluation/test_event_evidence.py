"""Weights of kinds and grades, searched for on histories whose truth is known."""

from dataclasses import replace

import numpy as np
import pytest

from steelyard.domain import PurchaseEvidence
from steelyard.evaluation.event_evidence import Scales, fit_weights, ndcg_of_weights

VIEW, PURCHASE, RATING = 0, 1, 2
SEGMENTS, EACH = 4, 12


def shop(noise, *, n_users=160, seed=1, n_bought=5, is_loyal=True):
    """Everybody bought items of an own segment and buys two more of it; ``noise`` draws the other events."""
    generator = np.random.default_rng(seed)
    rows, wanted = [], []
    for user in range(n_users):
        own = np.arange(EACH) + user % SEGMENTS * EACH if is_loyal else np.arange(SEGMENTS * EACH)
        bought = generator.choice(own, n_bought + 2, replace=False)
        wanted.append(np.sort(bought[n_bought:]))
        rows += [(user, int(item), PURCHASE, -1) for item in bought[:n_bought]]
        rows += [(user, int(item), kind, grade) for item, kind, grade in noise(generator, own)]
    columns = np.array(rows).T
    return PurchaseEvidence(*columns, tuple(wanted), n_users, SEGMENTS * EACH, tenths=(6, 10))


def idle_views(generator, own):
    return [(item, VIEW, -1) for item in generator.integers(0, SEGMENTS * EACH, 20)]


def three_stars_alone(generator, own):
    """Three stars for what is of the own segment, five for anything."""
    three = [(item, RATING, 0) for item in generator.choice(own, 6, replace=False)]
    return three + [(item, RATING, 1) for item in generator.integers(0, SEGMENTS * EACH, 12)]


def stars(generator, own):
    five = [(item, RATING, 1) for item in generator.choice(own, 4, replace=False)]
    return five + [(item, RATING, 0) for item in generator.integers(0, SEGMENTS * EACH, 20)]


def scales(*, kinds=(), grades=(), monotone=True):
    free_kinds, free_grades = np.zeros(3, np.bool_), np.zeros(2, np.bool_)
    free_kinds[list(kinds)] = free_grades[list(grades)] = True
    return Scales(np.array([1.0, 5.0, 3.0]), np.ones(2), free_kinds, free_grades, PURCHASE, monotone)


def test_views_of_anything_weigh_nothing():
    fit = fit_weights(shop(idle_views), scales(kinds=[VIEW]), seed=0)

    assert fit.pays and fit.gain.low > 0.05
    assert fit.scales.kinds.tolist() == [0.0, 5.0, 3.0]


def test_three_stars_weigh_less_than_five_where_only_five_announce_purchases():
    fit = fit_weights(shop(stars), scales(grades=[0]), seed=0)

    assert fit.pays
    assert fit.scales.grades[0] < 0.2 and fit.scales.grades[1] == 1.0
    assert fit.scales.kinds.tolist() == [1.0, 5.0, 3.0]


def test_a_better_rating_never_weighs_less_unless_it_may():
    people = shop(three_stars_alone, n_users=300, n_bought=1)

    kept = fit_weights(people, scales(grades=[0]), seed=0)
    free = fit_weights(people, scales(grades=[0], monotone=False), seed=0)

    assert kept.scales.grades.tolist() == [1.0, 1.0]
    assert free.scales.grades[0] > free.scales.grades[1]


@pytest.mark.parametrize("seed", range(4))
def test_weights_that_gain_by_chance_alone_are_refused(seed):
    fit = fit_weights(shop(idle_views, seed=seed, is_loyal=False), scales(kinds=[VIEW]), seed=seed)

    assert not fit.pays
    assert fit.scales.kinds.tolist() == [1.0, 5.0, 3.0]


def test_what_finds_nothing_is_worth_nothing_and_the_quality_is_that_of_a_hand_worked_list():
    """Two people share item 0; the first bought item 1 afterwards, as the second had."""
    none = np.full(3, -1)
    of_two = PurchaseEvidence(
        np.array([0, 1, 1]), np.array([0, 0, 1]), np.array([1, 1, 1]), none, (np.array([1]),), 2, 3, tenths=()
    )
    plain = scales()

    assert ndcg_of_weights(of_two, plain).tolist() == [1.0]
    assert ndcg_of_weights(replace(of_two, wanted=(np.array([2]),)), plain).tolist() == [0.0]
    assert ndcg_of_weights(replace(of_two, wanted=(np.array([1, 2]),)), plain)[0] == pytest.approx(
        1 / (1 + 1 / np.log2(3))
    )


def test_the_same_seed_gives_the_same_weights():
    first, second = (fit_weights(shop(stars), scales(kinds=[RATING], grades=[0]), seed=3) for _ in range(2))

    assert first.gain == second.gain
    assert first.scales.kinds.tolist() == second.scales.kinds.tolist()
