"""R5.6: how often a choice stays the choice when requests are drawn again."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from steelyard.decision.choose import Limits
from steelyard.decision.stability import chosen_in, quality_kept, resampled_means

SHARE = Limits(max_p99_ms=50, min_quality_share=0.97)


def test_draws_are_centred_on_the_means_and_spread_like_their_standard_error():
    values = np.random.default_rng(1).random((2, 400))

    means = resampled_means(values, n=4000, seed=2)

    assert means.mean(axis=0) == pytest.approx(values.mean(axis=1), abs=0.002)
    assert means.std(axis=0) == pytest.approx(values.std(axis=1) / 20, rel=0.06)


def test_requests_that_are_undefined_are_left_out_and_one_without_any_is_never_chosen():
    values = np.array([[0.5, np.nan, 0.5], [np.nan, np.nan, np.nan]])

    means = resampled_means(values, n=50, seed=0)
    kept = quality_kept(means, values, Limits(max_p99_ms=50), reference=None)
    found = chosen_in(np.ones((50, 2)), means, kept)

    assert means[:, 0] == pytest.approx(0.5)
    assert found.chosen.tolist() == [1.0, 0.0]


def test_one_that_just_keeps_the_floor_keeps_it_in_half_of_the_draws():
    """With the low end exactly at the floor, half of the resampled margins are below it."""
    generator = np.random.default_rng(5)
    reference, noise = np.full(1000, 0.8), generator.normal(size=1000)
    noise = (noise - noise.mean()) / noise.std(ddof=1) * 0.1
    half = norm.ppf(0.975) * 0.1 / np.sqrt(1000)
    values = np.stack([0.97 * reference + half + noise, reference])

    kept = quality_kept(resampled_means(values, n=4000, seed=3), values, SHARE, reference=1)

    assert kept[:, 0].mean() == pytest.approx(0.5, abs=0.03)
    assert kept[:, 1].all()


def test_the_best_of_each_draw_is_its_reference():
    values = np.random.default_rng(3).random((3, 200))

    kept = quality_kept(resampled_means(values, n=500, seed=1), values, SHARE, reference=None)

    assert kept.any(axis=1).all()  # the best keeps 97 % of itself


def test_a_floor_nobody_keeps_leaves_nothing_and_a_tie_goes_to_the_better():
    values = np.stack([np.full(50, 0.4), np.full(50, 0.5)])
    means = resampled_means(values, n=10, seed=1)

    none = chosen_in(np.ones((10, 2)), means, quality_kept(means, values, Limits(50, min_quality=0.9), reference=None))
    tie = chosen_in(np.ones((10, 2)), means, quality_kept(means, values, Limits(50), reference=None))

    assert (none.none, none.chosen.tolist()) == (1.0, [0.0, 0.0])
    assert tie.chosen.tolist() == [0.0, 1.0]


@given(st.integers(1, 5), st.integers(2, 40), st.integers(0, 100))
@settings(max_examples=30, deadline=None)
def test_shares_and_nothing_sum_to_one(n_configurations, n_requests, seed):
    generator = np.random.default_rng(seed)
    values = generator.random((n_configurations, n_requests))
    costs = np.where(generator.random((60, n_configurations)) < 0.3, np.inf, generator.random((60, n_configurations)))
    means = resampled_means(values, n=60, seed=seed)

    found = chosen_in(costs, means, quality_kept(means, values, SHARE, reference=None))

    assert found.chosen.sum() + found.none == pytest.approx(1)
