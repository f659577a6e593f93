"""Prices in cents are told by their column's name, or by a column beside it that says how many decimals they have."""

import pytest

from steelyard.data.guessing.minor_units import price_divisor_of
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
    ],
)
def test_the_unit_of_whole_prices_is_told(name, beside, divisor):
    assert price_divisor_of(table(**{name: ["1250", "990", "4500"]}, **beside), name) == divisor


def test_prices_with_decimals_are_in_whole_units_whatever_their_name():
    assert price_divisor_of(table(price_cents=["12.50", "9.90", "45.00"]), "price_cents") == 1
