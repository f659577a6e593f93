"""The purchase mix: the golden case of the money design, and every small case against trying everything."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.decision.purchase import Offers, committed, purchase_mix
from steelyard.domain import Money
from steelyard.errors import PriceError


def cny(amount):
    return Money(Decimal(str(amount)), "CNY")


ALL = Offers(cny(5), reserved=cny(3), spot=cny("1.8"), spot_share=Decimal("0.3"))


def test_a_day_of_changing_demand():
    found = purchase_mix([2] * 8 + [5] * 10 + [8] * 4 + [12] * 2, ALL)

    assert found.reserved == 4
    assert found.cost == cny("421.2")
    assert found.all_on_demand == cny(610)
    assert found.peak_reserved == cny(864)


def test_an_offer_that_does_not_exist_is_not_free():
    found = purchase_mix([1, 5], Offers(cny(5)))

    assert (found.reserved, found.on_demand_hours, found.spot_hours) == (0, 6, 0)
    assert found.cost == found.all_on_demand == cny(30)
    assert found.peak_reserved is None


def naive(demand, offers):
    def hour(reserved, need):
        rest = max(0, need - reserved)
        spot = min(rest, int(offers.spot_share * need))
        return min(spot * offers.spot.amount, spot * offers.on_demand.amount) + (rest - spot) * offers.on_demand.amount

    return min(
        reserved * len(demand) * offers.reserved.amount + sum(hour(reserved, need) for need in demand)
        for reserved in range(max(demand) + 1)
    )


@given(
    st.lists(st.integers(0, 9), min_size=1, max_size=12),
    st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(1, 9)),
    st.sampled_from(["0", "0.3", "0.5", "1"]),
)
@settings(max_examples=60, deadline=None)
def test_no_mix_is_cheaper(demand, prices, share):
    offers = Offers(cny(prices[0]), cny(prices[1]), cny(prices[2]), Decimal(share))

    assert purchase_mix(demand, offers).cost.amount == naive(demand, offers)


@pytest.mark.parametrize(("demand", "share"), [([], "0"), ([-1], "0"), ([1], "1.2")])
def test_what_cannot_be_bought_is_refused(demand, share):
    with pytest.raises(PriceError, match="a purchase needs at least one hour"):
        purchase_mix(demand, Offers(cny(1), spot=cny(1), spot_share=Decimal(share)))


@given(
    st.lists(st.integers(0, 9), min_size=1, max_size=12),
    st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(1, 9)),
    st.sampled_from(["0", "0.3", "1"]),
    st.integers(0, 9),
)
@settings(max_examples=60, deadline=None)
def test_what_was_committed_to_beforehand_is_never_cheaper_than_the_best_and_the_best_is_among_them(
    demand, prices, share, reserved
):
    offers = Offers(cny(prices[0]), cny(prices[1]), cny(prices[2]), Decimal(share))
    best = purchase_mix(demand, offers)

    assert committed(demand, reserved, offers).cost.amount >= best.cost.amount
    assert committed(demand, best.reserved, offers).cost == best.cost


def test_nothing_can_be_reserved_that_nobody_offers():
    with pytest.raises(PriceError, match="an offer to commit to"):
        committed([1], 1, Offers(cny(5)))
