"""R5.6: tornado and Monte Carlo against what can be worked out on paper."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm, spearmanr

from steelyard.decision.sensitivity import Driver, Line, Swing, cheapest_shares, costs, draw, tornado
from steelyard.errors import ConfigError

N = 40_000
Z = 1.959963984540054


def normal(name, mean, sd):
    return Driver(name, mean, mean - Z * sd, mean + Z * sd, "normal")


def test_a_sum_of_normals_has_the_sum_of_the_variances():
    drivers = [normal("a", 10, 3), normal("b", 5, 4)]

    _, found = costs([Line("x", 1, ("a",)), Line("x", 1, ("b",)), Line("x", 7)], drivers, draw(drivers, n=N, seed=1))

    assert found[:, 0].mean() == pytest.approx(22, abs=0.1)
    assert found[:, 0].std() == pytest.approx(5, abs=0.1)


def test_the_share_in_which_one_is_cheaper_is_that_of_the_normal_law():
    drivers = [normal("a", 10, 3), normal("b", 12, 4)]

    names, found = costs([Line("x", 1, ("a",)), Line("y", 1, ("b",))], drivers, draw(drivers, n=N, seed=2))

    assert names == ("x", "y")
    assert cheapest_shares(found)[0] == pytest.approx(norm.cdf(2 / 5), abs=0.01)


def test_a_price_that_both_pay_does_not_change_which_is_cheaper():
    drivers = [Driver("price", 1, 0.1, 9, "lognormal")]

    _, found = costs([Line("x", 3, ("price",)), Line("y", 3.001, ("price",))], drivers, draw(drivers, n=500, seed=0))

    assert cheapest_shares(found).tolist() == [1.0, 0.0]


def test_a_price_times_a_quantity():
    drivers = [Driver("price", 2, 1, 3, "uniform"), Driver("hours", 10, 5, 15, "uniform")]

    _, found = costs([Line("x", 4, ("price", "hours"))], drivers, draw(drivers, n=N, seed=3))

    assert found.mean() == pytest.approx(80, rel=0.02)  # independent: the mean of the product is that of the means


@pytest.mark.parametrize("shape", ["uniform", "triangular", "normal", "lognormal"])
def test_quantiles_rise_and_the_middle_is_where_it_was_said(shape):
    driver = Driver("a", 5.0 if shape == "normal" else 4.0, 2.0, 8.0, shape)
    shares = np.linspace(0.001, 0.999, 500)

    found = driver.quantiles(shares)

    assert (np.diff(found) > 0).all()
    inside = (found >= 2) & (found <= 8)
    assert inside.mean() > (0.94 if shape in ("normal", "lognormal") else 0.999)
    if shape == "triangular":
        assert driver.quantiles(np.array([2 / 6]))[0] == pytest.approx(4)
    if shape == "lognormal":
        assert driver.quantiles(np.array([0.5, 0.025, 0.975])) == pytest.approx([4, 2, 8])


def test_correlated_drivers_move_together_whatever_their_shapes():
    drivers = [Driver("a", 4, 2, 8, "lognormal"), Driver("b", 1, 0, 5), Driver("c", 1, 0, 2, "uniform")]

    found = draw(drivers, n=N, seed=4, correlations={("a", "b"): 0.8})

    assert spearmanr(found[:, 0], found[:, 1])[0] == pytest.approx(6 / np.pi * np.arcsin(0.4), abs=0.01)
    assert spearmanr(found[:, 0], found[:, 2])[0] == pytest.approx(0, abs=0.02)


def test_the_tornado_names_what_moves_the_cost_most_first():
    drivers = [Driver("price", 2, 1, 3), Driver("hours", 10, 9, 11), Driver("other", 1, 0, 100)]
    lines = [Line("x", 1, ("price", "hours")), Line("y", 1, ("other",))]

    assert tornado(lines, drivers, configuration="x") == [Swing("price", 10, 30), Swing("hours", 18, 22)]


def test_ties_are_shared_out():
    assert cheapest_shares(np.array([[1.0, 1.0, 2.0], [1.0, 3.0, np.inf]])).tolist() == [0.75, 0.25, 0.0]


@given(st.integers(0, 99), st.integers(2, 6))
def test_shares_sum_to_one(seed, n):
    assert cheapest_shares(np.random.default_rng(seed).random((50, n))).sum() == pytest.approx(1)


@pytest.mark.parametrize(
    ("correlations", "said"),
    [
        ({("a", "z"): 0.5}, "name two drivers"),
        ({("a", "b"): 1.0}, r"stay in \(-1, 1\)"),
        ({("a", "b"): 0.9, ("b", "c"): 0.9, ("a", "c"): -0.9}, "contradict each other"),
    ],
)
def test_correlations_that_cannot_be_are_refused(correlations, said):
    with pytest.raises(ConfigError, match=said):
        draw([normal(name, 1, 1) for name in "abc"], n=10, seed=0, correlations=correlations)


def test_what_nobody_described_is_refused():
    with pytest.raises(ConfigError, match="depend on hours, which no driver"):
        costs([Line("x", 1, ("hours",))], [normal("a", 1, 1)], np.ones((1, 1)))
    with pytest.raises(ConfigError, match="no line of y"):
        tornado([Line("x", 1)], [], configuration="y")
    with pytest.raises(ConfigError, match="does not lie in"):
        Driver("a", 5, 1, 3)
    with pytest.raises(ConfigError, match="take triangular or lognormal"):
        Driver("a", 4, 2, 8, "normal")
    with pytest.raises(ConfigError, match="is above zero"):
        Driver("a", 0, 0, 3, "lognormal")
    with pytest.raises(ConfigError, match="same name"):
        draw([normal("a", 1, 1)] * 2, n=1, seed=0)
