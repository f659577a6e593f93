"""R5.4: unit costs, with the golden numbers of their definition."""

from datetime import date
from decimal import Decimal

import pytest

from steelyard.cost.unitcost import at_capacity, fully_loaded, marginal, own_hardware_per_hour
from steelyard.domain import Bill, CostLine, Fact, FactKind, LineKey, Money, Price, Stage, Unpriced
from steelyard.errors import PriceError

DAY = date(2026, 11, 1)
HOUR = Money(Decimal("2.40"), "USD")


def test_at_capacity_a_thousand_requests_cost_what_the_instance_costs_meanwhile():
    full = at_capacity(HOUR, rate_rps=Decimal(40))
    half = at_capacity(HOUR, rate_rps=Decimal(40), utilisation=Decimal("0.45"))

    assert round(full.amount, 6) == Decimal("0.016667")
    assert round(half.amount, 6) == Decimal("0.037037")


def test_nothing_served_has_no_unit_cost():
    with pytest.raises(PriceError, match="no unit cost at 0 requests/s"):
        at_capacity(HOUR, rate_rps=Decimal(0))


def test_marginal_cost_is_processor_time_at_the_price_of_a_core_second():
    cost = marginal(Decimal("0.01"), per_hour=HOUR, cores=Decimal(2))  # 10 core-seconds at 1.20 / 3600

    assert cost.amount == Decimal("2.40") / 720


def line(price):
    quantity = Fact(Decimal(730), "hour", FactKind.MEASURED, "test", DAY)
    return CostLine(Stage.SERVING, LineKey.SERVING_MACHINES, quantity, price)


def test_fully_loaded_is_the_whole_bill_for_each_thousand():
    price = Price("m", Money(Decimal("0.1"), "USD"), "hour", FactKind.QUOTED, "list", DAY)
    hour = Price("p", Money(Decimal(27), "USD"), "person_hour", FactKind.ASSUMED, "x", DAY)
    hours = Fact(Decimal(1), "person_hour", FactKind.ASSUMED, "x", DAY)
    one_off = CostLine(Stage.TUNING, LineKey.PEOPLE_TUNING, hours, hour, True)

    cost = fully_loaded(Bill("b", (line(price), one_off), "USD"), requests_per_month=200_000)

    assert cost == Money(Decimal("0.5"), "USD")  # (73 + 27) / 200


def test_an_incomplete_bill_has_no_fully_loaded_cost():
    missing = Bill("b", (line(Unpriced("m", "hour", "not in the book")),), "USD")

    assert fully_loaded(missing, requests_per_month=1000) is None


def test_own_hardware_per_hour_per_gpu_and_per_used_gpu():
    server = own_hardware_per_hour(
        capex=Decimal(2_000_000),
        residual_share=Decimal("0.05"),
        life_years=Decimal(4),
        power_kw=Decimal(5),
        pue=Decimal("1.54"),
        tariff_per_kwh=Decimal("0.8"),
    )

    assert round(server.depreciation, 4) == Decimal("54.2237")
    assert server.energy == Decimal("6.16")
    assert round(server.total, 4) == Decimal("60.3837")
    assert round(server.per_used_unit(8, utilisation=Decimal(1)), 3) == Decimal("7.548")
    assert round(server.per_used_unit(8, utilisation=Decimal("0.55")), 4) == Decimal("13.7236")
