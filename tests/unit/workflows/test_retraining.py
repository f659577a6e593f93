"""How often retraining pays, against figures worked by hand."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.errors import ConfigError, PriceError
from steelyard.workflows.accounts.retraining import LossGrowth, TrainingCost, retraining_intervals


def training(cost, currency="USD"):
    return TrainingCost("lexical", Decimal(cost), currency, "the bill")


def linear(growth):
    return LossGrowth(Decimal(growth), None, None)


def saturating(ceiling, tau_days):
    return LossGrowth(None, Decimal(ceiling), Decimal(tau_days))


def row(cost, growth):
    (found,) = retraining_intervals([training(cost)], growth)
    return found


def test_a_loss_that_grows_without_end_is_answered_by_the_root_of_twice_the_cost_over_it():
    found = row("50", linear("4"))  # sqrt(2 * 50 / 4) = 5 days; 50/5 + 4*5/2 = 20 a day

    assert (found.every_days, found.cost_per_day, found.pays) == ("5.00", "20.00 USD", True)
    assert (found.configuration, found.retraining, found.source) == ("lexical", "50 USD", "the bill")


def test_an_interval_below_a_day_keeps_three_digits():
    found = row("0.01", linear("2"))  # sqrt(0.01) = 0.1

    assert found.every_days == "0.1"


def test_a_training_dearer_than_all_that_can_be_lost_never_pays_and_costs_the_ceiling():
    found = row("100", saturating("10", "10"))  # R = L tau

    assert (found.pays, found.every_days, found.cost_per_day) == (False, None, "10.00 USD")


@given(st.integers(1, 99), st.integers(2, 50))
def test_a_saturated_loss_costs_less_with_retraining_than_without_where_it_pays(part, ceiling):
    found = row(str(ceiling * 7 * part / 100), saturating(str(ceiling), "7"))

    assert found.pays
    assert Decimal(found.cost_per_day.split()[0]) <= ceiling


@given(st.integers(1, 1000), st.integers(1, 1000), st.integers(2, 9))
def test_a_dearer_training_is_made_less_often_by_the_root_of_its_price(cost, growth, times):
    cheap, dear = row(str(cost), linear(str(growth))), row(str(cost * times**2), linear(str(growth)))

    assert float(dear.every_days) == pytest.approx(times * float(cheap.every_days), rel=0.01, abs=0.02)


def test_an_amount_without_a_currency_is_shown_without_one():
    (found,) = retraining_intervals([training("50", "")], linear("4"))

    assert (found.retraining, found.cost_per_day) == ("50", "20.00")


@pytest.mark.parametrize(
    "growth",
    [(None, None, None), ("1", "2", "3"), ("1", "2", None), ("1", None, "3"), (None, "2", None), (None, None, "3")],
)
def test_the_growth_is_said_in_one_way_and_whole(growth):
    figures = [None if each is None else Decimal(each) for each in growth]

    with pytest.raises(ConfigError, match="give --loss-growth, or --ceiling and --tau-days"):
        LossGrowth(*figures)


@pytest.mark.parametrize(("cost", "growth"), [("0", linear("1")), ("1", linear("0")), ("1", saturating("0", "1"))])
def test_a_figure_that_is_not_above_zero_has_no_interval(cost, growth):
    with pytest.raises(PriceError, match="must be above zero"):
        row(cost, growth)
