"""R5.3: exchange rates are dated and sourced; without one, currencies are not added."""

from datetime import date
from decimal import Decimal

import pytest

from steelyard.cost.exchange import parse_rates
from steelyard.domain import FactKind, Money
from steelyard.errors import PriceError


def row(source="USD", target="CNY", rate="7.12", as_of="2026-11-01", said="central bank, daily fixing"):
    return {"from": source, "to": target, "rate": rate, "as_of": as_of, "source": said}


def table(*rows):
    return parse_rates({"rows": list(rows)}, where="rates.json")


TEN = Money(Decimal(10), "USD")
DAY = date(2026, 11, 10)


def test_the_latest_rate_that_was_known_then_is_used():
    rates = table(row(rate="7.00", as_of="2026-10-20"), row(rate="7.10", as_of="2026-11-09"), row(as_of="2026-11-11"))

    money, rate = rates.convert(TEN, "CNY", on=DAY)

    assert money == Money(Decimal("71.00"), "CNY")
    assert (rate.kind, rate.as_of, rate.unit) == (FactKind.QUOTED, date(2026, 11, 9), "CNY/USD")


def test_the_opposite_rate_is_turned_round_and_says_so():
    money, rate = table(row("CNY", "USD", "0.125")).convert(TEN, "CNY", on=DAY)

    assert money.amount == 80
    assert rate.kind is FactKind.DERIVED
    assert rate.inputs[0].source == "central bank, daily fixing"


def test_the_same_currency_needs_no_rate():
    assert table().convert(TEN, "USD", on=DAY) == (TEN, None)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "no rate from USD to CNY on 2026-11-10: add a row"),
        ([row("USD", "EUR")], "no rate from USD to CNY"),
        ([row(as_of="2026-11-11")], "no rate from USD to CNY"),
        ([row(as_of="2026-09-01")], "is of 2026-09-01, 70 days before 2026-11-10"),
    ],
)
def test_without_a_rate_nothing_is_converted(rows, said):
    with pytest.raises(PriceError, match=said):
        table(*rows).convert(TEN, "CNY", on=DAY)


def test_all_that_is_wrong_with_a_table_is_said_at_once():
    wrong = [
        row(rate="-1"), row(rate=7.1), row("usd"), row("USD", "USD"), row(as_of="11/01/2026"), row(said=" "),
        {"from": "USD"}, row(), row(),
    ]  # fmt: skip

    with pytest.raises(PriceError) as caught:
        table(*wrong)

    lines = str(caught.value).splitlines()
    assert len(lines) == 8
    assert lines[0].startswith("rates.json: row 1: rate is '-1'")
    assert lines[-1] == "rates.json: row 9: a second rate from USD to CNY of 2026-11-01"


def test_something_else_is_not_a_table():
    with pytest.raises(PriceError, match="not a table of rates"):
        parse_rates([], where="x")
