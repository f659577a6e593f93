import itertools
import math

import numpy as np
import pytest

from steelyard.evaluation.compare import bootstrap_interval, paired_interval, randomisation_test


def test_the_interval_holds_the_truth_about_as_often_as_it_says():
    generator = np.random.default_rng(1)

    inside = 0
    for seed in range(300):
        found = bootstrap_interval(generator.exponential(1.0, 200), seed=seed, resamples=300)
        inside += found.low <= 1.0 <= found.high

    assert 0.90 <= inside / 300 <= 0.98


def test_the_interval_is_about_two_standard_errors_wide():
    values = np.random.default_rng(0).normal(5.0, 2.0, 1000)

    found = bootstrap_interval(values, seed=0, resamples=4000)

    assert found.mean == pytest.approx(values.mean())
    assert found.high - found.low == pytest.approx(2 * 1.96 * values.std() / math.sqrt(1000), rel=0.05)


def test_undefined_requests_are_left_out():
    values = np.array([1.0, math.nan, 0.0, 1.0, math.nan])

    found = bootstrap_interval(values, seed=0)

    assert found.n == 3
    assert found.mean == pytest.approx(2 / 3)


def test_one_request_says_nothing_about_spread():
    found = bootstrap_interval(np.array([0.4, math.nan]), seed=0)

    assert found.mean == 0.4
    assert math.isnan(found.low)
    assert not found.low >= 0


def test_no_request_gives_no_figure():
    found = bootstrap_interval(np.array([math.nan]), seed=0)

    assert found.n == 0
    assert math.isnan(found.mean)


def test_the_same_seed_gives_the_same_interval_and_another_a_little_different_one():
    values = np.random.default_rng(0).random(50)

    assert bootstrap_interval(values, seed=3) == bootstrap_interval(values, seed=3)
    assert bootstrap_interval(values, seed=3).low != bootstrap_interval(values, seed=4).low


def test_many_requests_are_resampled_in_bounded_memory():
    found = bootstrap_interval(np.arange(300_000.0), seed=0, resamples=20)

    assert found.low < 149_999.5 < found.high


def test_pairing_sees_a_small_steady_difference_that_two_intervals_do_not():
    generator = np.random.default_rng(0)
    reference = generator.random(300)
    own = reference + 0.01 + generator.normal(0, 0.01, 300)

    paired = paired_interval(own, reference, seed=0)

    assert paired.low > 0
    assert bootstrap_interval(own, seed=0).low < bootstrap_interval(reference, seed=0).high


def test_keeping_a_share_is_judged_on_own_minus_share_times_reference():
    reference = np.array([1.0, 0.5, 0.25, 1.0])
    own = 0.97 * reference

    assert paired_interval(own, reference, seed=0, share=0.96).low > 0
    assert paired_interval(own, reference, seed=0, share=0.98).high < 0
    assert paired_interval(own, reference, seed=0, share=0.97).mean == pytest.approx(0, abs=1e-15)


def test_pairs_need_the_same_requests():
    with pytest.raises(ValueError, match="3 requests against 2"):
        paired_interval(np.zeros(3), np.zeros(2), seed=0)


def test_a_request_undefined_on_one_side_is_left_out_of_both():
    found = paired_interval(np.array([1.0, math.nan, 1.0]), np.array([0.0, 5.0, math.nan]), seed=0)

    assert found.n == 1
    assert found.mean == 1.0


def test_the_randomisation_test_agrees_with_trying_every_swap():
    own, reference = np.array([0.9, 0.8, 0.7, 0.6, 0.9, 0.3]), np.array([0.5, 0.9, 0.2, 0.5, 0.4, 0.1])
    difference = own - reference
    swaps = [abs(np.dot(signs, difference)) for signs in itertools.product([-1, 1], repeat=6)]
    exact = np.mean([s >= abs(difference.sum()) - 1e-12 for s in swaps])

    found = randomisation_test(own, reference, seed=0, resamples=40_000)

    assert found == pytest.approx(exact, abs=0.01)


def test_alike_systems_are_called_different_as_often_as_the_level_says():
    generator = np.random.default_rng(5)

    p = [
        randomisation_test(generator.normal(size=40), generator.normal(size=40), seed=s, resamples=199)
        for s in range(400)
    ]

    assert np.mean(np.array(p) <= 0.05) == pytest.approx(0.05, abs=0.035)


def test_identical_answers_are_no_evidence():
    assert randomisation_test(np.ones(5), np.ones(5), seed=0) == 1.0
    assert randomisation_test(np.array([math.nan]), np.array([1.0]), seed=0) == 1.0
