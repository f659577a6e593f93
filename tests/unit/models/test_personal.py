"""A list in the order for one shopper: tiers and bounds hold, and who is not known changes nothing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.models.ranking.personal import Liking, PersonalWeights, Traits, reordered, taste_of
from steelyard.models.ranking.personal_fit import Replayed, Verdict, fit_personal

LISTS = st.lists(
    st.tuples(st.floats(-5, 20), st.integers(0, 3), st.floats(0, 1), st.booleans()), min_size=1, max_size=40
)


def columns(rows):
    scores, tiers, shares, fixed = (np.array(column) for column in zip(*rows, strict=True))
    return scores.astype(float), tiers, shares.astype(float), fixed


@given(LISTS)
def test_place_by_place_the_tiers_stay_and_what_is_held_stays_where_it_is(rows):
    scores, tiers, shares, fixed = columns(rows)

    order, added = reordered(scores, tiers, shares, fixed=fixed)

    assert sorted(order.tolist()) == list(range(len(rows)))
    assert (tiers[order] == tiers).all()
    assert (order[fixed] == np.flatnonzero(fixed)).all() and not added[fixed].any()


@given(LISTS)
def test_nothing_is_added_beyond_the_share_of_the_width_of_the_tier(rows):
    scores, tiers, shares, fixed = columns(rows)

    _, added = reordered(scores, tiers, shares, fixed=fixed)

    for tier in set(tiers[~fixed].tolist()):
        places = np.flatnonzero(~fixed & (tiers == tier))
        width = scores[places].max() - scores[places].min()
        assert (added[places] >= 0).all() and (added[places] <= shares[places] * width + 1e-9).all()


@given(LISTS, st.floats(0, 1))
def test_who_likes_all_alike_or_nothing_gets_the_list_as_it_was(rows, share):
    scores, tiers, _, fixed = columns(rows)

    order, _ = reordered(scores, tiers, np.full(len(rows), share), fixed=fixed)

    assert order.tolist() == list(range(len(rows)))


def test_equal_scores_are_parted_by_taste_and_then_stay_as_they_were():
    order, added = reordered(np.array([3.0, 3.0, 3.0]), np.zeros(3, int), np.array([0.1, 0.1, 0.4]))

    assert order.tolist() == [2, 0, 1] and not added.any()


def test_at_weight_one_what_was_bought_last_goes_first_within_its_tier_and_not_above():
    order, _ = reordered(np.array([9.0, 8.0, 5.0, 2.0]), np.array([0, 1, 1, 1]), np.array([0, 0, 0, 1.0]))

    assert order.tolist() == [0, 3, 1, 2]


def shop():
    """Items 0-5: two categories, two brands, prices around the medians 10 and 100."""
    return Traits.of(
        np.array([0, 0, 0, 1, 1, -1]), np.array([0, 1, 1, 0, 0, -1]), np.array([5.0, 10, 20, 100, 100, np.nan])
    )


def test_prices_count_as_ratios_to_the_median_of_the_category():
    assert shop().price_level[:5] == pytest.approx(np.log([0.5, 1, 2, 1, 1])) and np.isnan(shop().price_level[5])


def test_the_latest_counts_most_and_what_is_unknown_counts_nothing():
    taste = taste_of((3, 1, 2), (1,), shop())
    liking = taste.liking(np.arange(6), shop())

    assert liking.repeat.tolist() == [0, 1, 0, 0, 0, 0]
    assert liking.category[1] == 1 > liking.category[3] > 0 == liking.category[5]
    assert liking.brand[1] == 1 > liking.brand[0] > 0 == liking.brand[5]
    assert liking.price[1] > liking.price[0] > 0 == liking.price[5]
    assert (liking.shares(PersonalWeights(1, 1)) <= 1).all()
    assert taste_of((), (), shop()) is None


def searches(n_people, *, is_personal, seed=0):
    """People who take one of ten results: by their own habit, or by its place and nothing else."""
    drawn = np.random.default_rng(seed)
    found = []
    for person in range(n_people):
        for _ in range(4):
            habit = drawn.integers(0, 10)
            repeat = (np.arange(10) == habit).astype(float)
            by_place = 1 / np.arange(1, 11)
            odds = by_place / by_place.sum()
            taken = habit if is_personal and drawn.random() < 0.5 else drawn.choice(10, p=odds)
            nothing = np.zeros(10)
            liking = Liking(repeat, nothing, drawn.random(10), nothing)
            scores = np.linspace(5, 1, 10)
            gains = (np.arange(10) == taken).astype(float)
            found.append(Replayed(f"p{person:03d}", scores, np.zeros(10, int), liking, gains))
    return found


def test_where_people_buy_again_what_they_bought_the_weight_is_found_and_taken():
    fit = fit_personal(searches(120, is_personal=True), seed=1)

    assert fit.verdict is Verdict.TAKEN and fit.low > 0
    assert fit.taken.repeat >= 0.5 and fit.taken.likeness <= 0.1


@pytest.mark.parametrize("seed", range(5))
def test_where_habits_say_nothing_no_weight_is_taken(seed):
    fit = fit_personal(searches(120, is_personal=False, seed=seed), seed=seed)

    assert fit.verdict in (Verdict.NO_GAIN, Verdict.NOT_CERTAIN) and not fit.taken


def test_of_a_few_people_nothing_is_concluded():
    fit = fit_personal(searches(40, is_personal=True), seed=1)

    assert fit.verdict is Verdict.NO_SEARCHES and not fit.taken
