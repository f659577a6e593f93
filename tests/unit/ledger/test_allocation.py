"""R5.1, R5.8: what is amortised or allocated sums to the whole, to the last cent."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.cost.life import at_rates, lifecycle_cost
from steelyard.cost.returns import present_value
from steelyard.domain import Fact, FactKind, Money
from steelyard.errors import PriceError
from steelyard.ledger.allocation import allocate, split_use, straight_line

D = Decimal
cents = st.decimals(-(10**9), 10**9, places=2)
weights = st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.decimals(0, 1000, places=3), min_size=1)


def usd(amount):
    return Money(D(str(amount)), "USD")


def test_a_hundred_in_three_is_a_hundred():
    assert allocate(usd(100), {"a": D(1), "b": D(1), "c": D(1)}) == {
        "a": usd("33.34"), "b": usd("33.33"), "c": usd("33.33"),
    }  # fmt: skip


@given(cents, weights.filter(lambda each: sum(each.values()) > 0))
def test_shares_sum_to_the_whole_and_are_within_a_cent(amount, given_weights):
    shares = allocate(usd(amount), given_weights)

    whole = sum(given_weights.values())
    assert sum(share.amount for share in shares.values()) == amount
    for name, weight in given_weights.items():
        assert abs(shares[name].amount - amount * weight / whole) < D("0.01")
        assert weight or not shares[name].amount


def test_who_used_nothing_bears_nothing():
    assert allocate(usd(10), {"a": D(0), "b": D(2)}) == {"a": usd("0.00"), "b": usd("10.00")}


@pytest.mark.parametrize(
    ("given_weights", "said"),
    [
        ({}, "no weight is above zero"),
        ({"a": D(0)}, "no weight is above zero"),
        ({"a": D(-1)}, "the weight of a is -1"),
    ],
)
def test_without_a_weight_nothing_is_shared_out(given_weights, said):
    with pytest.raises(PriceError, match=said):
        allocate(usd(10), given_weights)


def test_fractions_of_a_cent_are_not_lost():
    with pytest.raises(PriceError, match="more than 2 decimals"):
        allocate(usd("0.001"), {"a": D(1)})
    assert allocate(usd("0.001"), {"a": D(1), "b": D(2)}, places=6)["b"] == usd("0.000667")


@given(st.decimals(0, 10**7, places=2), st.integers(1, 120), st.decimals(0, 1, places=2))
def test_depreciation_sums_to_what_is_lost_in_value(price, months, share):
    residual = (price * share).quantize(D("0.01"))

    parts = straight_line(usd(price), residual=usd(residual), months=months)

    amounts = [part.amount for part in parts]
    assert len(amounts) == months
    assert sum(amounts) == price - residual
    assert max(amounts) - min(amounts) <= D("0.01")


def test_a_server_over_four_years():
    parts = straight_line(usd(2_000_000), residual=usd(100_000), months=48)

    assert parts[0] == usd("39583.33")
    assert sum(part.amount for part in parts) == 1_900_000


@pytest.mark.parametrize(("residual", "months"), [(0, 0), (20, 12), (-1, 12)])
def test_what_cannot_be_spread_is_refused(residual, months):
    with pytest.raises(PriceError, match="cannot be spread"):
        straight_line(usd(10), residual=usd(residual), months=months)


def test_workload_and_idle_are_what_was_paid():
    use = split_use(usd("72.00"), capacity=D(720), used={"search": D(300), "recommend": D(100)})

    assert use.workload == {"search": usd("30.00"), "recommend": usd("10.00")}
    assert use.idle == usd("32.00")


def test_more_used_than_bought_is_refused():
    with pytest.raises(PriceError, match="721 was used of 720: look at the meter"):
        split_use(usd(72), capacity=D(720), used={"a": D(721)})


def test_what_is_left_at_the_end_is_worth_less_today():
    costs = [usd(100)] * 12

    assert lifecycle_cost(costs, annual_rate=D(0), residual=usd(200)) == usd(1_000)
    with_interest = lifecycle_cost(costs, annual_rate=D("0.1"), residual=usd(220))
    assert with_interest.amount == pytest.approx(present_value(costs, annual_rate=D("0.1")).amount - 200)
    assert lifecycle_cost(costs, annual_rate=D("0.1")) == present_value(costs, annual_rate=D("0.1"))


def rate(value, unit="CNY/USD"):
    return Fact(D(value), unit, FactKind.QUOTED, "central bank", date(2026, 11, 1))


def test_each_month_is_exchanged_at_its_own_rate_inside_the_sum():
    costs, residual = [usd(100)] * 2, Money(D(50), "CNY")
    monthly = D("1.21") ** (D(1) / D(12))

    flat = lifecycle_cost(costs, annual_rate=D(0), residual=residual, rates=[rate("7"), rate("8")])
    real = lifecycle_cost(costs, annual_rate=D("0.21"), residual=residual, rates=[rate("7"), rate("8")])

    assert flat == Money(D(1_450), "CNY")  # 700 + 800 - 50; one rate for all would say 1,350 or 1,550
    assert real.amount == pytest.approx(700 + 800 / monthly - 50 / monthly**2, rel=D("1e-20"))
    assert real.currency == "CNY"


def test_a_month_without_its_rate_and_a_rate_of_another_currency_are_refused():
    with pytest.raises(PriceError, match="2 months of costs and 1 rates"):
        lifecycle_cost([usd(1)] * 2, annual_rate=D(0), rates=[rate("7")])
    with pytest.raises(PriceError, match="month 2 costs USD, its rate is in CNY/EUR"):
        at_rates([usd(1)] * 2, [rate("7"), rate("8", "CNY/EUR")])
    with pytest.raises(PriceError, match="cannot add"):
        lifecycle_cost([usd(1)], annual_rate=D(0), residual=usd(1), rates=[rate("7")])
