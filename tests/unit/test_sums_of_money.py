"""Money: exact, in one currency, and an unknown price is never zero."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.domain import Bill, CostLine, Fact, FactKind, LineKey, Money, Price, Stage, Unpriced
from steelyard.errors import PriceError

ON = date(2026, 11, 28)
AMOUNTS = st.decimals(-(10**9), 10**9, places=6)


def usd(amount):
    return Money(Decimal(amount), "USD")


@given(AMOUNTS, AMOUNTS, AMOUNTS)
def test_sums_are_exact_in_any_order_and_a_difference_undoes_a_sum(a, b, c):
    one, two, three = usd(a), usd(b), usd(c)

    assert one + two == two + one
    assert (one + two) + three == one + (two + three)
    assert one + two - two == one


@given(AMOUNTS, st.integers(0, 30))
def test_a_multiple_is_a_sum(amount, n):
    assert usd(amount) * n == sum([usd(amount)] * n, usd(0))


@pytest.mark.parametrize("amount", [1, 1.5, "1", None])
def test_money_is_never_built_of_anything_but_a_decimal(amount):
    with pytest.raises(TypeError, match="Money takes a Decimal, got"):
        Money(amount, "USD")


@pytest.mark.parametrize("code", ["usd", "US", "DOLLAR", "", "U$D"])
def test_a_currency_is_three_capital_letters(code):
    with pytest.raises(PriceError, match="write an ISO 4217 code like USD"):
        Money(Decimal(1), code)


def test_two_currencies_are_neither_added_nor_subtracted():
    for change in (Money.__add__, Money.__sub__):
        with pytest.raises(PriceError, match="cannot add EUR to USD: convert first"):
            change(usd(1), Money(Decimal(1), "EUR"))


@pytest.mark.parametrize(
    ("amount", "rounded"),
    [("0.005", "0.00"), ("0.015", "0.02"), ("0.025", "0.02"), ("-0.001", "0.00"), ("-0.015", "-0.02")],
)
def test_rounding_is_half_to_even_and_zero_has_no_sign(amount, rounded):
    found = usd(amount).rounded().amount

    assert found == Decimal(rounded)
    assert not (found == 0 and found.is_signed())


@pytest.mark.parametrize(("currency", "cents"), [("USD", "1234.57"), ("JPY", "1235"), ("KWD", "1234.568")])
def test_a_cent_is_the_smallest_coin_of_its_currency(currency, cents):
    assert Money(Decimal("1234.5678"), currency).to_the_cent() == Decimal(cents)


def test_money_is_shown_with_its_currency():
    assert str(usd("1234567.895")) == "1,234,567.90 USD"


def line(cost, quantity="1"):
    if cost is None:
        price = Unpriced("x", "hour", "nowhere")
    else:
        price = Price("x", cost if isinstance(cost, Money) else usd(cost), "hour", FactKind.QUOTED, "a list", ON)
    return CostLine(
        Stage.SERVING, LineKey.SERVING_MACHINES, Fact(Decimal(quantity), "hour", FactKind.ASSUMED, "x", ON), price
    )


def bill(*lines):
    return Bill("lexical", lines, "USD")


def test_a_bill_is_the_sum_of_quantity_times_price():
    assert bill(line("0.10", "730"), line("0.05", "12.5")).total == usd(Decimal("73.00") + Decimal("0.625"))
    assert bill().total == usd(0)


def test_a_line_without_a_price_leaves_a_bill_without_a_total():
    found = bill(line("1"), line(None), line(None))

    assert found.total is None
    assert len(found.unpriced) == 2
    assert all(each.cost is None for each in found.unpriced)


def test_a_line_in_another_currency_is_refused():
    with pytest.raises(PriceError, match="cannot add EUR to USD"):
        _ = bill(line(Money(Decimal(1), "EUR"))).total


@given(st.lists(st.tuples(st.decimals(0, 100, places=4), st.decimals(0, 1000, places=3)), max_size=6))
def test_the_total_is_the_sum_of_the_lines_in_any_order(pairs):
    lines = [line(price, quantity) for price, quantity in pairs]

    assert bill(*lines).total == bill(*reversed(lines)).total
    assert bill(*lines).total == sum((each.cost for each in lines), usd(0))
