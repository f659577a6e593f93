import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.errors import DataError
from steelyard.models.response.calibration import METHODS, Beta, Isotonic, calibrator_of, chosen, fit

_PAIRS = st.lists(st.tuples(st.integers(0, 40), st.booleans()), min_size=2, max_size=60)


def test_hand_worked_steps_of_isotonic_regression():
    # .1 -> 0, .2 -> 1, .3 -> 0, .4 -> 1: the middle two are pooled to 1/2 at .25; ends stay 1/6 from certainty
    made = fit("isotonic", np.array([0.1, 0.2, 0.3, 0.4]), np.array([0.0, 1.0, 0.0, 1.0]))
    assert made == Isotonic(pytest.approx((0.1, 0.25, 0.4)), pytest.approx((1 / 6, 1 / 2, 5 / 6)))
    assert made.apply(np.array([0.0, 0.175, 0.25, 1.0])).tolist() == pytest.approx([1 / 6, 1 / 3, 1 / 2, 5 / 6])


@given(_PAIRS, st.sampled_from(METHODS))
def test_no_calibrator_turns_the_order_round_or_leaves_the_range(pairs, method):
    p, y = np.array([n / 40 for n, _ in pairs]), np.array([float(yes) for _, yes in pairs])
    after = fit(method, p, y).apply(np.linspace(0, 1, 101))
    assert (np.diff(after) >= -1e-12).all()
    assert ((after >= 0) & (after <= 1)).all()


@given(_PAIRS, st.sampled_from(METHODS))
def test_a_calibrator_comes_back_from_its_facts(pairs, method):
    p, y = np.array([n / 40 for n, _ in pairs]), np.array([float(yes) for _, yes in pairs])
    made = fit(method, p, y)
    grid = np.linspace(0, 1, 11)
    np.testing.assert_array_equal(calibrator_of(made.facts()).apply(grid), made.apply(grid))


def test_beta_calibration_finds_the_map_that_outcomes_were_drawn_by():
    random = np.random.default_rng(1)
    p = random.uniform(0.01, 0.99, 40_000)
    truth = Beta(0.7, 1.6, -0.4).apply(p)
    made = fit("beta", p, (random.random(len(p)) < truth).astype(float))
    assert np.abs(made.apply(p) - truth).max() < 0.02


@pytest.mark.parametrize("method", ["beta", "isotonic"])
def test_the_mean_after_calibration_is_the_share_of_what_happened(method):
    random = np.random.default_rng(2)
    p = random.beta(1, 9, 5000)
    y = (random.random(5000) < p / 3).astype(float)
    assert fit(method, p, y).apply(p).mean() == pytest.approx(y.mean(), abs=0.003)


def test_a_slope_that_would_turn_the_order_round_is_taken_out():
    p = np.linspace(0.05, 0.95, 200)
    made = fit("beta", p, (p < 0.5).astype(float))
    assert made == Beta(0.0, 0.0, pytest.approx(0.0, abs=1e-4))


@pytest.mark.parametrize("label", [0.0, 1.0])
def test_nothing_is_changed_where_all_outcomes_are_alike_or_there_is_none(label):
    p = np.array([0.2, 0.4])
    for method in METHODS:
        assert fit(method, p, np.full(2, label)).apply(p).tolist() == [0.2, 0.4]
        assert fit(method, p[:0], p[:0]).apply(p).tolist() == [0.2, 0.4]


def test_what_is_no_probability_is_refused():
    with pytest.raises(DataError, match="outside"):
        fit("beta", np.array([1.2]), np.array([1.0]))
    with pytest.raises(DataError, match="one of each"):
        fit("beta", np.array([0.2, 0.1]), np.array([1.0]))


def test_a_calibrated_model_is_left_alone_and_a_distorted_one_is_not():
    random = np.random.default_rng(4)
    truth = random.uniform(0.02, 0.6, 8000)
    y = (random.random(8000) < truth).astype(float)
    _, method = chosen(truth**2, y, seed=0)
    assert method != "none"
    made, method = chosen(truth, y, seed=0)
    assert np.abs(made.apply(truth) - truth).mean() < 0.01
