"""Experiments online: golden numbers of the money design, over many seeded experiments."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from steelyard.evaluation.abtest import (
    always_valid,
    cuped,
    detectable_difference,
    fixed_horizon,
    sample_ratio_p_value,
    units_for_normality,
)

N_EXPERIMENTS = 10_000
"""The golden 25.5 %, 0.25 %, .65 and .92 are whole numbers of 400 experiments (102, 1, 260, 368): here they are held
to two standard errors of 400."""
LOOKS = np.linspace(500, 5_000, 40).astype(int)
"""Shoppers of each group at each look: the first when a tenth of them have come."""
EFFECT = 3.365 * np.sqrt(2 / LOOKS[-1])
"""That a single look at the end finds in 92 of 100 experiments; outcomes have a standard deviation of 1."""
ERRORS = np.sqrt(2 / LOOKS)
MIXING_SD = EFFECT / 2


def looks_at(effect, *, seed):
    """Difference of the means at each look, of many experiments. Shape (experiments, looks)."""
    generator = np.random.default_rng(seed)
    gained = np.diff(LOOKS, prepend=0)
    steps = generator.normal(effect * gained, np.sqrt(2 * gained), (N_EXPERIMENTS, len(LOOKS)))
    return steps.cumsum(axis=1) / LOOKS


def found_at_any_look(differences):
    return np.mean([always_valid(each, ERRORS, mixing_sd=MIXING_SD).p_values[-1] <= 0.05 for each in differences])


def test_looking_forty_times_with_a_test_for_one_look_cries_wolf_in_a_quarter_of_experiments():
    alarms = (np.abs(looks_at(0.0, seed=0) / ERRORS) > 1.96).any(axis=1).mean()

    assert alarms == pytest.approx(0.255, abs=0.044)


def test_the_sequential_test_hardly_ever_does():
    alarms = found_at_any_look(looks_at(0.0, seed=0))

    assert alarms == pytest.approx(0.0025, abs=0.005)
    assert alarms <= 0.05  # what it promises


def test_it_costs_power():
    differences = looks_at(EFFECT, seed=1)

    assert found_at_any_look(differences) == pytest.approx(0.65, abs=0.048)
    assert (np.abs(differences[:, -1] / ERRORS[-1]) > 1.96).mean() == pytest.approx(0.92, abs=0.027)


def test_intervals_of_the_sequential_test_hold_the_truth_at_all_looks_at_once():
    held = 0
    for each in looks_at(EFFECT, seed=2):
        found = always_valid(each, ERRORS, mixing_sd=MIXING_SD)
        held += bool(((found.low <= EFFECT) & (EFFECT <= found.high)).all())

    assert held / N_EXPERIMENTS >= 0.95


def test_what_a_likelihood_ratio_says_by_hand():
    # V = 1, tau = 2, d = 3: ratio = sqrt(1/5) exp(4 * 9 / (2 * 1 * 5)) = 16.367
    found = always_valid(np.array([3.0, 0.0]), np.array([1.0, 1.0]), mixing_sd=2.0)

    assert found.p_values == pytest.approx([1 / 16.3673] * 2, rel=1e-5)  # a p-value never rises again
    reach = np.sqrt(5 / 4 * (np.log(5) + 2 * np.log(20)))
    assert found.high == pytest.approx([3 + reach, reach])


def test_what_was_known_before_explains_its_share_of_the_variance():
    generator = np.random.default_rng(0)
    before, rest = generator.normal(size=(2, 4_000))
    before -= before.mean()
    rest -= rest.mean() + before * (rest @ before) / (before @ before)
    outcome = 0.702 * before / before.std() + np.sqrt(1 - 0.702**2) * rest / rest.std() + 5

    adjusted = cuped(outcome, before)

    assert adjusted.var() / outcome.var() == pytest.approx(1 - 0.702**2) == pytest.approx(0.5072, abs=5e-5)
    assert adjusted.mean() == pytest.approx(outcome.mean())


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_variance_falls_by_the_squared_correlation(seed):
    generator = np.random.default_rng(seed)
    before = generator.normal(size=50)
    outcome = generator.uniform(-2, 2) * before + generator.normal(size=50)
    correlation = np.corrcoef(before, outcome)[0, 1]

    assert cuped(outcome, before).var() == pytest.approx((1 - correlation**2) * outcome.var())


def test_what_is_the_same_for_all_explains_nothing():
    outcome = np.array([1.0, 2.0, 4.0])

    np.testing.assert_array_equal(cuped(outcome, np.ones(3)), outcome)


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 40), st.integers(2, 40), st.sampled_from([0.8, 0.95, 0.99]))
def test_one_look_agrees_with_scipy(seed, n, m, confidence):
    generator = np.random.default_rng(seed)
    treatment, control = generator.normal(0.3, 2.0, n), generator.normal(0.0, 1.0, m)

    found = fixed_horizon(treatment, control, confidence=confidence)

    expected = stats.ttest_ind(treatment, control, equal_var=False)
    interval = expected.confidence_interval(confidence)
    assert found.p_value == pytest.approx(expected.pvalue)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))


def test_groups_without_spread():
    same, other = np.ones(3), np.full(4, 2.0)

    assert fixed_horizon(same, same).p_value == 1.0
    assert (fixed_horizon(other, same).estimate, fixed_horizon(other, same).p_value) == (1.0, 0.0)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: cuped(np.ones(3), np.ones(4)),
        lambda: fixed_horizon(np.ones(1), np.ones(5)),
        lambda: always_valid(np.ones(2), np.array([1.0, 0.0]), mixing_sd=1.0),
        lambda: always_valid(np.ones(2), np.ones(2), mixing_sd=0.0),
    ],
)
def test_what_cannot_be_told_is_refused(wrong):
    with pytest.raises(ValueError, match=r"shopper|standard error"):
        wrong()


def test_groups_unlike_their_planned_sizes_by_hand():
    # 60 and 40 of 100, planned 50 and 50: chi-squared = 10**2 / 50 + 10**2 / 50 = 4
    assert sample_ratio_p_value(60, 40) == pytest.approx(stats.chi2.sf(4, 1)) == pytest.approx(0.0455, abs=5e-5)
    # planned 75 and 25: 15**2 / 75 + 15**2 / 25 = 12
    assert sample_ratio_p_value(60, 40, share=0.75) == pytest.approx(stats.chi2.sf(12, 1))
    assert sample_ratio_p_value(75, 25, share=0.75) == 1.0


def test_a_sound_assignment_is_called_a_mismatch_as_often_as_the_level_says():
    treated = np.random.default_rng(0).binomial(10_000, 0.5, N_EXPERIMENTS)
    p_values = np.array([sample_ratio_p_value(n, 10_000 - n) for n in treated.tolist()])

    assert (p_values < 0.05).mean() == pytest.approx(0.05, abs=0.007)
    assert (p_values < 0.001).mean() <= 0.003


def test_the_least_difference_that_is_found_by_hand():
    assert detectable_difference(2.0) == pytest.approx(2 * (1.959964 + 0.841621), rel=1e-6)


def test_it_is_found_in_four_of_five_experiments():
    errors = np.random.default_rng(0).normal(size=N_EXPERIMENTS)

    assert (np.abs(detectable_difference(1.0) + errors) > 1.96).mean() == pytest.approx(0.8, abs=0.012)


def test_units_that_a_skewed_metric_needs_by_hand():
    # mean 1/4, variance 3/16, third moment 3/32: skewness squared = (3/32)**2 / (3/16)**3 = 4/3
    assert units_for_normality(np.array([0.0, 0.0, 0.0, 1.0])) == np.ceil(355 * 4 / 3)
    assert units_for_normality(np.array([0.0, 1.0])) == units_for_normality(np.ones(3)) == 0


@pytest.mark.parametrize(("n", "share"), [(0, 0.5), (10, 0.0), (10, 1.0)])
def test_no_sample_ratio_without_units_or_with_a_plan_of_one_group(n, share):
    with pytest.raises(ValueError, match="share"):
        sample_ratio_p_value(n, 0, share=share)
