"""R5.2: quantities keep their units; what cannot be added is refused."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.cost.units import convert, hours_in, is_same_kind, total
from steelyard.errors import PriceError

D = Decimal


@pytest.mark.parametrize(
    ("value", "unit", "to", "expected"),
    [
        ("1", "billing_month", "hour", "730"),
        ("1", "GiB", "GB", "1.073741824"),
        ("8", "gibibit", "GiB", "1"),
        ("3600", "core_second", "core*hour", "1"),
        ("2", "GB_month", "GB*hour", "1460"),
        ("1", "kWh", "joule", "3600000"),
        ("0.1", "hour", "second", "360"),
        ("50", "request_per_second", "request/hour", "180000"),
    ],
)
def test_conversions_are_exact(value, unit, to, expected):
    assert convert(D(value), unit, to) == D(expected)


def test_gpu_hours_gigabytes_and_gigabytes_a_second_do_not_make_a_sum():
    with pytest.raises(PriceError, match=r"5 GB cannot be given in gpu_hour: .*price each of them and add the money"):
        total([(D(1000), "gpu_hour"), (D(5), "GB"), (D(20), "GB/second")], unit="gpu_hour")


def test_hours_of_different_things_are_not_one_thing():
    assert not is_same_kind("gpu_hour", "person_hour")
    assert not is_same_kind("request", "query")
    assert is_same_kind("GB_month", "GiB*hour")


@pytest.mark.parametrize("unit", ["month", "year"])
def test_a_month_that_could_be_two_things_is_refused(unit):
    with pytest.raises(PriceError, match="means two things"):
        convert(D(1), unit, "hour")


@pytest.mark.parametrize("unit", ["gpuhour", "", "GB//request", "3 +"])
def test_an_unknown_unit_is_refused_with_examples(unit):
    with pytest.raises(PriceError, match="is not known; known are for example"):
        convert(D(1), unit, "hour")


def test_the_calendar_month_is_not_the_billing_month():
    assert [hours_in(2026, 2), hours_in(2024, 2), hours_in(2026, 11), hours_in(2026, 12)] == [672, 696, 720, 744]


@given(st.decimals(0, 10**9, places=6), st.sampled_from([("GB", "GiB"), ("gpu_hour", "gpu*second"), ("kWh", "joule")]))
def test_there_and_back_is_where_it_was(value, units):
    there = convert(value, *units)

    assert convert(there, units[1], units[0]) == pytest.approx(value, rel=D("1e-24"))
