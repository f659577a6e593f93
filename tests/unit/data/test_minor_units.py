"""Prices in cents are told by their column's name, or by a column beside it that says how many decimals they have."""

import pytest

from steelyard.data.guessing.minor_units import price_unit_of
from steelyard.data.guessing.profiles import TableProfile, profile


def table(**columns):
    numbers = {name: [float(value) if value.replace(".", "").isdigit() else None for value in rows]
               for name, rows in columns.items()}  # fmt: skip
    profiled = [profile(name, rows, numbers[name]) for name, rows in columns.items()]
    return TableProfile("items.csv", 3, tuple(profiled))


@pytest.mark.parametrize(
    ("name", "beside", "divisor"),
    [
        ("price.amount", {"price.precision": ["2"] * 3}, 100),
        ("price.amount", {"price.fractionDigits": ["0"] * 3}, 1),
        ("price.amount", {"weight.precision": ["2"] * 3}, 1),
        ("price.amount", {"price.precision": ["2", "0", "2"]}, 1),
        ("value.centAmount", {}, 100),
        ("price_cents", {}, 100),
        ("price_micros", {}, 10**6),
        ("price", {"precision": ["2"] * 3}, 1),
        ("offer.price", {"offer.currency_minor_unit": ["2"] * 3}, 100),
        ("offer.now.price", {"offer.minorUnit": ["3"] * 3}, 1000),
        ("price", {"currency_decimals": ["2"] * 3}, 100),
        ("price", {"decimals": ["0"] * 3}, 1),
        ("price", {"shipping.minor_unit": ["2"] * 3}, 1),
    ],
)
def test_the_unit_of_whole_prices_is_told(name, beside, divisor):
    assert price_unit_of(table(**{name: ["1250", "990", "4500"]}, **beside), name).divisor == divisor


def test_prices_with_decimals_are_in_whole_units_whatever_their_name():
    assert price_unit_of(table(price_cents=["12.50", "9.90", "45.00"]), "price_cents").divisor == 1


def test_decimals_that_differ_by_row_are_told_and_divide_nothing():
    told = price_unit_of(table(price=["1250", "990", "4500"], minor_unit=["2", "0", "2"]), "price")

    assert told.divisor == 1
    assert told.why == "minor_unit differs from row to row (0, 2): no one price_divisor suits"
