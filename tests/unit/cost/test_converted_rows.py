"""Prices in another currency at a dated rate, and whether a price beside the book's can be right."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.cost.exchange import parse_rates
from steelyard.cost.prices.conversion import converted
from steelyard.cost.prices.plausible import DOUBTFUL, IMPLAUSIBLE, judge, odd_ones_out
from steelyard.cost.prices.prices import parse_book
from steelyard.domain import FactKind, Money
from steelyard.errors import PriceError

ON = date(2026, 11, 28)
SAID = {"kind": "quoted", "source": "a list", "as_of": "2026-11-01"}
ROWS = [
    {"name": "x/m", "service": "instance", "price": "0.10", "unit": "hour", "vcpus": 2, "memory_gb": "4", **SAID},
    {"name": "x/l", "service": "instance", "price": "0.20", "unit": "hour", "vcpus": 4, "memory_gb": "8", **SAID},
    {"name": "x/out", "service": "egress", "price": "0.05", "unit": "GB", **SAID, "kind": "assumed", "low": "0.02",
     "high": "0.08"},
    {"name": "person/engineer", "service": "people", "price": "75", "unit": "person_hour", **SAID},
    {"name": "x/m/spot", "service": "instance_offer", "of": "x/m", "purchase": "spot", "price": "0.03", "unit": "hour",
     **SAID},
]  # fmt: skip
BOOK = parse_book({"name": "b", "currency": "USD", "rows": ROWS}, where="b.json")
RATES = parse_rates(
    {"rows": [{"from": "USD", "to": "CNY", "rate": "7.125", "as_of": "2026-11-20", "source": "central bank"}]},
    where="rates.json",
)


def to_yuan(name, *, rates=RATES):
    return converted(BOOK.every[name], "CNY", rates=rates, on=ON)


def test_a_price_in_its_own_currency_stays_as_it_is():
    row = BOOK.every["x/m"]

    assert converted(row, "USD", rates=RATES, on=ON) is row


def test_a_converted_price_is_derived_says_its_rate_and_is_as_old_as_the_older_of_the_two():
    price = to_yuan("x/m").price

    assert price.per_unit == Money(Decimal("0.7125"), "CNY")
    assert (price.kind, price.as_of) == (FactKind.DERIVED, date(2026, 11, 1))
    assert price.source == "a list; 0.10 USD x 7.125 CNY/USD of 2026-11-20 (central bank)"


def test_an_assumption_stays_one_and_its_range_moves_with_it():
    row = to_yuan("x/out")

    assert row.price.kind is FactKind.ASSUMED
    assert (row.low, row.high) == (Decimal("0.1425"), Decimal("0.57"))


def test_without_a_rate_nothing_is_converted():
    with pytest.raises(PriceError, match="USD"):
        to_yuan("x/m", rates=parse_rates({"rows": []}, where="rates.json"))


def priced(name, times):
    row = BOOK.every[name]
    amount = row.price.per_unit.amount * Decimal(times)
    return replace(row, price=replace(row.price, per_unit=Money(amount, "USD")))


def judged(name, times):
    return judge(priced(name, times), BOOK.rows, BOOK.extras)


@given(st.decimals("0.26", "3.99", places=2))
def test_up_to_four_times_off_is_not_odd(times):
    assert judged("x/m", times) is None


@pytest.mark.parametrize(
    ("times", "is_refused", "says"),
    [
        ("4", False, "4 times what the book would say; check it, and its unit"),
        ("0.25", False, "0.25 times what the book would say; check it, and its unit"),
        ("24", True, "is it the price of a day (24 hours)? Write that of one hour"),
        ("60", False, "check it, and its unit"),
        ("100", True, "is it the price of another unit? A month is 730 hours"),
        ("0.01", True, "is it the price of another unit? A month is 730 hours"),
        ("730", True, "is it the price of a month (730 hours)? Write that of one hour"),
        ("8760", True, "is it the price of a year (8,760 hours)? Write that of one hour"),
    ],
)
def test_how_far_a_price_is_off_says_what_it_may_have_been(times, is_refused, says):
    found = judged("x/m", times)

    assert found.is_refused is is_refused
    assert says in found.said.en
    assert "x/m" in found.said.zh


@pytest.mark.parametrize(
    ("times", "is_refused", "says"),
    [("8", False, "a day (8 working hours)"), ("40", True, "a week (40 working hours)"),
     ("160", True, "a month (about 160 working hours)"), ("1920", True, "a year (about 1,920 working hours)")],
)  # fmt: skip
def test_people_are_paid_by_the_day_the_week_the_month_or_the_year(times, is_refused, says):
    found = judged("person/engineer", times)

    assert (found.is_refused, says in found.said.en) == (is_refused, True)  # eight times as much may be so


@given(st.decimals("0.001", 10**5, places=3))
def test_the_further_off_the_graver(times):
    found = judged("x/out", times)

    if Decimal(1) / DOUBTFUL < times < DOUBTFUL:
        assert found is None
    else:
        assert found.is_refused is not (Decimal(1) / IMPLAUSIBLE < times < IMPLAUSIBLE)


def test_a_machine_that_the_book_does_not_have_is_held_against_the_price_of_a_core():
    row = priced("x/l", 1)
    unknown = replace(row, price=replace(row.price, name="y/own", per_unit=Money(Decimal("0.9"), "USD")))

    found = judge(unknown, BOOK.rows, BOOK.extras)

    assert "4.5 times what the book would say" in found.said.en  # 0.05 a core, of which it has four: 0.20
    assert not found.is_refused


def test_in_a_book_offers_are_held_against_their_machine_and_machines_against_each_other():
    rows = {**BOOK.rows, "x/s": replace(priced("x/m", 1000), service=BOOK.rows["x/m"].service)}
    extras = {"x/m/spot": priced("x/m/spot", 1000)}

    assert odd_ones_out(BOOK.rows, BOOK.extras) == []
    machine, offer = odd_ones_out(rows, extras)
    assert "what its neighbours cost by the vCPU" in machine
    assert offer.startswith("row x/m/spot: price: 30.00 per hour is 300 times the machine on demand")
