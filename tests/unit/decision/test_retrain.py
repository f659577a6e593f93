"""R5.7: the interval at which retraining pays: golden numbers of the money design."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.decision.retrain import linear_interval, pays_now, saturating_interval
from steelyard.errors import PriceError


def test_a_loss_that_grows_every_day():
    best = linear_interval(training=6_000, growth_per_day=30)

    assert (best.days, best.cost_per_day) == pytest.approx((20.0, 600.0))
    assert linear_interval(training=6_000, growth_per_day=30, days=10).cost_per_day == pytest.approx(750)
    assert linear_interval(training=6_000, growth_per_day=30, days=30).cost_per_day == pytest.approx(650)


def test_a_loss_that_saturates():
    best = saturating_interval(training=6_000, highest_loss=900, tau_days=60)

    assert best.days == pytest.approx(34.01, abs=0.005)
    assert best.cost_per_day == pytest.approx(389.42, abs=0.005)


def test_a_training_that_costs_more_than_staleness_ever_does_never_pays():
    found = saturating_interval(training=54_000, highest_loss=900, tau_days=60)

    assert (found.days, found.cost_per_day) == (math.inf, 900)


@given(st.floats(1, 1e5), st.floats(1, 1e4), st.floats(1, 365))
def test_no_other_interval_costs_less(training, highest, tau):
    def cost(days):
        lost = highest * (days - tau * (1 - math.exp(-days / tau)))
        return (training + lost) / days

    best = saturating_interval(training=training, highest_loss=highest, tau_days=tau)

    assert all(best.cost_per_day <= cost(days) * (1 + 1e-9) for days in (1, 7, 30, 90, 400, 5_000))
    if math.isfinite(best.days):
        assert best.cost_per_day == pytest.approx(cost(best.days), rel=1e-6)


def test_online_the_loss_since_the_last_training_decides():
    assert not pays_now([100, 200, 250], training=600)
    assert pays_now([100, 200, 250, 50], training=600)


@pytest.mark.parametrize("training", [0, -1, math.nan])
def test_a_training_that_costs_nothing_has_no_interval(training):
    with pytest.raises(PriceError, match="must be above zero"):
        linear_interval(training=training, growth_per_day=1)
    with pytest.raises(PriceError, match="training is"):
        pays_now([1], training=training)
