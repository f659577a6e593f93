"""A whole life from a month's bill: once, monthly, discounted, less what is left."""

from datetime import date
from decimal import Decimal

import pytest
from tests.documents_of import bills_of, entry_of, line_of

from steelyard.cost.life import life, total_of
from steelyard.documents.bills import read_bills
from steelyard.domain import Fact, FactKind, Money, Stage
from steelyard.errors import PriceError


def line(stage, quantity, unit_price, *, is_one_off=False):
    figures = {"quantity": quantity, "unit_price": unit_price, "is_one_off": is_one_off, "source": "a file"}
    bills = bills_of({"search": [entry_of("x", None, line_of(stage, stage, **figures))]})
    return read_bills(bills).surfaces["search"][0].lines[0]


LINES = [
    line("tuning", "0.5", "100", is_one_off=True),  # 6 hours over 12 months
    line("serving", "730", "0.1"),
    line("serving", "365", "0.2"),
    line("data", "0", "5"),
]


def usd(text):
    return Money(Decimal(text), "USD")


def test_what_is_paid_once_is_paid_once_however_long_the_life():
    for months in (1, 12, 60):
        tuning, serving = life(LINES, currency="USD", months=months, spread_over=12)

        assert (tuning.stage, tuning.once, tuning.whole) == (Stage.TUNING, usd("600.0"), usd("600.0"))
        assert (serving.once, serving.monthly, serving.whole) == (usd(0), usd("146.0"), usd(146 * months))


def test_later_months_weigh_less_and_the_residual_least():
    rate = Decimal("0.21")
    stages = life(LINES, currency="USD", months=13, spread_over=12, annual_rate=rate)

    free = life(LINES, currency="USD", months=13, spread_over=12)
    assert stages[0].today == stages[0].whole
    assert stages[1].today.amount < stages[1].whole.amount
    assert free[1].today == free[1].whole
    with_rest = total_of(stages, residual=usd(121), months=12, annual_rate=rate)
    without = total_of(stages, residual=usd(0), months=12, annual_rate=rate)
    assert (without - with_rest).amount == pytest.approx(Decimal(100))  # 121 a year later


def test_an_unknown_price_gives_no_life():
    with pytest.raises(PriceError, match="storage has no price"):
        life([line("storage", "1", None)], currency="USD", months=3, spread_over=12)


@pytest.mark.parametrize(("months", "rate"), [(0, "0"), (3, "-1")])
def test_a_life_without_months_or_money_is_refused(months, rate):
    with pytest.raises(PriceError, match="at least a month"):
        life(LINES, currency="USD", months=months, spread_over=12, annual_rate=Decimal(rate))


def test_a_life_in_another_currency_follows_the_rates_of_its_months():
    rates = [Fact(Decimal(n), "CNY/USD", FactKind.QUOTED, "bank", date(2026, 11, 1)) for n in (7, 7, 8)]

    tuning, serving = life(LINES, currency="USD", months=3, spread_over=12, rates=rates)

    assert (tuning.once, tuning.today) == (Money(Decimal(4200), "CNY"), Money(Decimal(4200), "CNY"))
    assert (serving.monthly.amount, serving.whole.amount) == (1022, 22 * 146)
    assert serving.today == serving.whole
