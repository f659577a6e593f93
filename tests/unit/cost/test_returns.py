"""R5.7, R3.4: value of a lift, present value, payback, return; golden numbers of the money design."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.cost.returns import (
    appraise,
    gross_profit,
    internal_rate,
    lift_from_offline,
    monthly_rate,
    payback_month,
    present_value,
    value_of_lifts,
)
from steelyard.domain import Fact, FactKind, Money
from steelyard.errors import PriceError

D = Decimal
DAY = date(2026, 11, 1)
TEN_PERCENT = D("0.1")


def cny(*amounts):
    return [Money(D(str(amount)), "CNY") for amount in amounts]


def lift(value, low=None, high=None, *, unit="ratio", kind=FactKind.MEASURED):
    return Fact(D(str(value)), unit, kind, "an experiment", DAY, low and D(low), high and D(high))


PROFIT = gross_profit(
    impressions=D(10_000_000),
    ctr=D("0.03"),
    cvr_per_click=D("0.02"),
    order_value=Money(D(120), "CNY"),
    margin=D("0.25"),
)


def test_gross_profit_of_ten_million_impressions():
    assert PROFIT == Money(D(180_000), "CNY")


def test_lifts_multiply():
    assert value_of_lifts(PROFIT, {"ctr": lift("0.02")})[0].amount == 3_600
    assert value_of_lifts(PROFIT, {"ctr": lift("0.02"), "cvr": lift("0.01")})[0].amount == 5_436


def test_a_lift_with_an_interval_gives_one():
    expected, low, high = value_of_lifts(PROFIT, {"ctr": lift("0.02", "-0.01", "0.05")})

    assert (low.amount, expected.amount, high.amount) == (-1_800, 3_600, 9_000)


def test_two_years_of_nine_thousand_for_a_hundred_thousand():
    found = appraise(cny(-100_000, *[9_000] * 24), annual_rate=TEN_PERCENT)

    assert found.npv.rounded() == Money(D("95881.11"), "CNY")
    assert found.payback_month == 12
    assert found.roi == D("1.16")
    assert found.irr is not None
    assert present_value(cny(-100_000, *[9_000] * 24), annual_rate=D(repr(found.irr))).amount == pytest.approx(0, abs=1)


def test_money_that_never_comes_back_has_no_payback():
    found = appraise(cny(-100, 10, 10), annual_rate=TEN_PERCENT)

    assert found.payback_month is None
    assert found.roi == D("-0.8")
    assert found.npv.amount < 0


def test_no_rate_or_several_are_not_one_rate():
    assert internal_rate(cny(10, 10)) is None
    assert internal_rate(cny(-10, 30, -20)) is None
    assert internal_rate(cny(-100, *[0] * 11, 110)) == pytest.approx(0.1)


def test_an_offline_metric_is_not_money_without_an_elasticity():
    gain = lift("0.05", unit="offline_ratio")

    with pytest.raises(PriceError, match="an offline metric is not money; give an elasticity"):
        lift_from_offline(gain, None)
    with pytest.raises(PriceError, match="only relative lifts of what shoppers do"):
        value_of_lifts(PROFIT, {"ndcg": gain})
    with pytest.raises(PriceError, match="measured or assumed, this one is quoted"):
        lift_from_offline(gain, lift("0.3", unit="ratio/offline_ratio", kind=FactKind.QUOTED))


def test_an_assumed_elasticity_stays_visible_in_what_is_derived_from_it():
    assumed = lift("0.3", "0.1", "0.6", unit="ratio/offline_ratio", kind=FactKind.ASSUMED)

    made = lift_from_offline(lift("0.05", "0.02", "0.08", unit="offline_ratio"), assumed)

    assert made.value == D("0.015")
    assert (made.low, made.high) == (D("0.002"), D("0.048"))
    assert made.kind is FactKind.DERIVED
    assert assumed in made.inputs


@pytest.mark.parametrize(
    ("change", "said"), [({"ctr": D(3)}, "ctr is 3"), ({"margin": D(25)}, "margin is 25: write shares")]
)
def test_percent_given_for_shares_is_refused(change, said):
    usual = {"impressions": D(10), "ctr": D("0.1"), "cvr_per_click": D("0.1"), "margin": D("0.1")}

    with pytest.raises(PriceError, match=said):
        gross_profit(**{**usual, **change}, order_value=Money(D(1), "CNY"))


def test_rates_and_flows_that_mean_nothing_are_refused():
    with pytest.raises(PriceError, match="loses everything"):
        monthly_rate(D(-1))
    with pytest.raises(PriceError, match="no cash flows"):
        present_value([], annual_rate=TEN_PERCENT)
    with pytest.raises(PriceError, match="cannot add"):
        present_value([*cny(1), Money(D(1), "USD")], annual_rate=TEN_PERCENT)


@given(st.lists(st.decimals(-1000, 1000, places=2), min_size=1, max_size=40))
def test_without_interest_present_value_is_the_sum(amounts):
    assert present_value(cny(*amounts), annual_rate=D(0)).amount == pytest.approx(sum(amounts))


@given(st.decimals("-0.9", "3", places=3))
def test_a_monthly_rate_compounds_to_the_yearly_one(rate):
    assert (1 + monthly_rate(rate)) ** 12 == pytest.approx(1 + rate, rel=D("1e-20"))


@given(st.lists(st.decimals(-100, 100, places=2), min_size=1, max_size=30))
def test_the_payback_month_is_the_first_with_a_balance(amounts):
    month = payback_month(cny(*amounts))

    balances = [sum(amounts[: n + 1]) for n in range(len(amounts))]
    assert all(balance < 0 for balance in balances[: len(amounts) if month is None else month])
    assert month is None or balances[month] >= 0
