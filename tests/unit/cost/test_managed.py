"""R5.2: what a managed service would charge: tiers, least charges, and drivers nobody knows."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.adapters.prices.books import PriceBooks
from steelyard.cost.prices.managed import Volume, managed_services
from steelyard.cost.prices.prices import parse_book
from steelyard.domain import FactKind, Stage, Unpriced
from steelyard.errors import PriceError

DAY = date(2026, 11, 21)
SHIPPED = {each.name: each for each in managed_services(PriceBooks().load("aws-us-east-1"))}
BASE = {
    "service": "managed",
    "of": "x",
    "surfaces": "search",
    "kind": "quoted",
    "source": "page",
    "as_of": "2026-11-01",
}
REQUESTS = {**BASE, "name": "x/requests", "meter": "requests", "unit": "krequest", "price": "0.5"}


def services(*rows):
    return managed_services(parse_book({"name": "small", "currency": "USD", "rows": list(rows)}, where="small.json"))


def volume(requests=0, peak="0", **more):
    return Volume(requests, Decimal(peak), **more)


def cost(lines):
    return sum((line.cost.amount for line in lines), Decimal(0))


def test_tiers_fill_one_after_the_other():
    lines = SHIPPED["google-recommendations"].lines(volume(25_000_000), on=DAY)

    assert [(line.quantity.value, line.cost.amount) for line in lines] == [(20_000, 5400), (5_000, 900)]
    assert {line.stage for line in lines} == {Stage.SERVING}


def test_below_111_thousand_predictions_a_month_a_30_dollar_server_is_dearer():
    google = SHIPPED["google-recommendations"]

    assert cost(google.lines(volume(111_000), on=DAY)) < 30 < cost(google.lines(volume(112_000), on=DAY))


def test_a_campaign_costs_its_least_rate_even_when_nobody_asks():
    (line,) = SHIPPED["amazon-personalize"].lines(volume(0), on=DAY)

    assert line.cost.amount == 1 * 730 * Decimal("0.2")
    assert "at least 1 per second" in line.quantity.source


def test_above_the_least_rate_the_mean_of_the_month_is_billed():
    hours, events = SHIPPED["amazon-personalize"].lines(volume(26_280_000), on=DAY)  # 10 a second for 730 hours

    assert (hours.quantity.value, hours.cost.amount) == (7300, 1460)
    assert events.cost.amount == 26_280_000 * Decimal("0.000002") * Decimal("0.05")


def test_whole_units_are_bought():
    found = SHIPPED["alibaba-airec"].lines(volume(peak="2.5", n_users=1_200_000, n_items=20_000), on=DAY)

    assert sorted(line.cost.amount for line in found) == [50, 160, 600]


def test_a_driver_nobody_knows_makes_a_line_without_a_price():
    found = SHIPPED["alibaba-airec"].lines(volume(peak="2.5", n_items=20_000), on=DAY)

    (unknown,) = [line for line in found if line.cost is None]
    assert isinstance(unknown.price, Unpriced)
    assert "n_users" in unknown.price.why


def test_hours_of_a_training_nobody_knows_are_not_free():
    row = {**BASE, "name": "x/training", "meter": "trainings", "unit": "hour", "price": "2.5"}
    (service,) = services(row)

    (line,) = service.lines(volume(n_trainings=Decimal(4)), on=DAY)

    assert line.cost is None
    assert "add `each`" in line.price.why
    assert service.lines(volume(), on=DAY) == ()


def test_trainings_cost_what_each_takes_and_say_that_it_is_assumed():
    found = SHIPPED["google-recommendations"].lines(volume(n_trainings=Decimal(4)), on=DAY)

    (line,) = found
    assert (line.stage, line.cost.amount) == (Stage.TRAINING, 4 * 20 * Decimal("2.5"))
    assert line.quantity.inputs[1].kind is FactKind.ASSUMED
    assert "nobody publishes it" in line.quantity.inputs[1].source


def test_what_is_free_to_a_point_costs_from_there():
    lines = SHIPPED["algolia"].lines(volume(15_000, n_items=50_000), on=DAY)

    assert cost(lines) == 5 * Decimal("0.5")


def test_units_are_bought_for_the_peak_but_never_fewer_than_the_least():
    azure = SHIPPED["azure-ai-search"]

    assert [cost(azure.lines(volume(peak=peak), on=DAY)) for peak in ("1", "30", "31")] == [
        2 * 730 * Decimal("0.336"), 2 * 730 * Decimal("0.336"), 3 * 730 * Decimal("0.336"),
    ]  # fmt: skip


def test_above_the_last_tier_the_price_is_unknown():
    (service,) = services({**REQUESTS, "up_to": "100"})

    lines = service.lines(volume(150_000), on=DAY)

    assert [line.quantity.value for line in lines] == [100, 50]
    assert lines[1].cost is None


def test_every_shipped_service_says_what_it_serves_and_where_its_prices_are_from():
    assert {surface for each in SHIPPED.values() for surface in each.surfaces} == {"search", "recommend"}
    undated = [row.price for each in SHIPPED.values() for rows in each.charges.values() for row in rows]
    assert all(price.kind is FactKind.ASSUMED or "2026" in price.source for price in undated)


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_a_bill_is_the_sum_of_its_tiers_and_never_falls_with_volume(one, other):
    google = SHIPPED["google-recommendations"]

    def naive(n):
        first, second = min(n, 20_000_000), min(max(n - 20_000_000, 0), 280_000_000)
        third = max(n - 300_000_000, 0)
        return (first * Decimal("0.27") + second * Decimal("0.18") + third * Decimal("0.1")) / 1000

    small, large = sorted((one, other))
    assert cost(google.lines(volume(small), on=DAY)) == naive(small)
    assert cost(google.lines(volume(small), on=DAY)) <= cost(google.lines(volume(large), on=DAY))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"of": ""}, "of: missing"),
        ({"surfaces": ""}, "surfaces: missing"),
        ({"meter": ""}, "meter: missing"),
        ({"meter": "clicks"}, "meter: 'clicks' is not one of"),
        ({"unit": "hour"}, "unit: 'hour', but requests are sold per request, krequest"),
        ({"each": "2"}, "each_source: missing"),
        ({"price": "0"}, "price: 0 is usually a price nobody filled in"),
    ],
)
def test_a_wrong_charge_is_named(changes, said):
    with pytest.raises(PriceError) as error:
        services({**REQUESTS, **changes})

    assert said in str(error.value)


@pytest.mark.parametrize("changes", [{}, {"up_to": "5", "unit": "Mrequest"}])
def test_tiers_that_contradict_each_other_are_refused(changes):
    with pytest.raises(PriceError, match="tiers of one charge end at different volumes"):
        services(REQUESTS, {**REQUESTS, "name": "x/other", **changes})


@pytest.mark.parametrize("wrong", [{"requests": -1}, {"peak": "-1"}, {"n_items": -5}])
def test_a_negative_volume_is_refused(wrong):
    with pytest.raises(PriceError, match="a volume is counted from 0"):
        volume(**wrong)
