"""Values that people type: read in the one way they can be meant, or refused with what to write."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.domain import Money
from steelyard.domain.written import is_currency, read_currency, read_day, read_decimal, read_month
from steelyard.errors import DataError, PriceError
from steelyard.ledger.entries import Month

AMBIGUOUS = ("120,50", "1,50", "12,5", "1.000,50", "1,00,000", "1,000", "1,000.50", "1.000.000", "1 000", "1'000")
OTHERS = (
    "",
    ".",
    "nan",
    "inf",
    "-Infinity",
    "1e400",
    "1e3",
    "0x10",
    "1_000",
    "\u0661\u0662",
    "\uff11",
    "--1",
    "12 USD",
    "$5",
)


@pytest.mark.parametrize("text", [*AMBIGUOUS, *OTHERS])
def test_what_is_no_plain_number_is_refused_with_what_to_write(text):
    with pytest.raises(ValueError, match=r"is not a number: write it like 1234\.50, with a point before the decimals"):
        read_decimal(text)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=12, min_value=-(10**15) + 1, max_value=10**15 - 1))
def test_a_plain_number_is_read_exactly(value):
    assert read_decimal(f" {value:f} ") == value


@given(st.text("0123456789.,-+eE_ ", max_size=12))
def test_no_text_is_read_as_another_number_than_its_digits_say(text):
    try:
        found = read_decimal(text)
    except ValueError:
        return
    assert "," not in text
    assert found == Decimal(text.strip())


def test_bounds_are_named():
    with pytest.raises(ValueError, match="too large"):
        read_decimal("1" + 15 * "0")
    with pytest.raises(ValueError, match="3 decimals: write at most 2"):
        read_decimal("1.001", places=2)
    assert read_decimal("1.500", places=1) == Decimal("1.5")


@pytest.mark.parametrize("text", ["usd", "U1S", "US", "USDT", "\u00dcSD", "", "US\n", "A1B", None, 5])
def test_a_currency_is_three_capital_letters(text):
    assert not is_currency(text)
    with pytest.raises(PriceError, match="is not a currency: write an ISO 4217 code like USD"):
        Money(Decimal(1), text)


def test_a_currency_is_read_as_it_is():
    assert read_currency("CNY") == "CNY"
    with pytest.raises(ValueError, match="'u' is not a currency"):
        read_currency("u")


@pytest.mark.parametrize(
    "text", ["26-01", "2026-1", "2026-13", "2026-00", "202601", "2026-01-05", "0000-01", "january"]
)
def test_a_month_has_four_and_two_digits(text):
    with pytest.raises(ValueError, match="is not a month: write it as 2026-11"):
        read_month(text)
    with pytest.raises(DataError, match="is not a month: write it as 2026-11"):
        Month.parse(text)


@pytest.mark.parametrize("text", ["26-01-05", "2026-1-5", "20260105", "2026-W02-1", "2026-02-30", "5.1.2026", ""])
def test_a_day_has_four_and_twice_two_digits(text):
    with pytest.raises(ValueError, match="is not a day: write it as 2026-11-21"):
        read_day(text)


def test_days_and_months_are_read():
    assert read_day("2024-02-29") == date(2024, 2, 29)
    assert Month.parse("2026-01") == Month(2026, 1)
