"""R5.2: every number says where it comes from."""

from datetime import date
from decimal import Decimal

import pytest

from steelyard.cost.facts import assumed, billing_month, derived, exact, leaves, line_kind, shares_by_kind, strength
from steelyard.domain import Bill, CostLine, Fact, FactKind, LineKey, Money, Price, Stage, Unpriced
from steelyard.errors import PriceError

DAY, OLDER = date(2026, 10, 1), date(2026, 9, 6)
MEASURED = Fact(Decimal(10), "GB", FactKind.MEASURED, "du", DAY)
QUOTED = Fact(Decimal(730), "hour", FactKind.QUOTED, "convention", OLDER)
ASSUMED = assumed(2, "replica", source="[load]", as_of=DAY)


def product(*facts):
    value = Decimal(1)
    for fact in facts:
        value *= fact.value
    return derived(value, "product", facts, unit="thing")


def line(quantity, kind=FactKind.QUOTED, amount="1"):
    price = Price("x", Money(Decimal(amount), "USD"), "GB", kind, "list", DAY)
    return CostLine(Stage.STORAGE, LineKey.STORED_DATA, quantity, price)


def test_a_float_becomes_the_decimal_it_is_written_as():
    assert exact(0.1) == Decimal("0.1")
    assert exact(3) == Decimal(3)


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_what_is_not_a_number_is_no_quantity(number):
    with pytest.raises(PriceError, match="is not a quantity"):
        exact(number)


def test_a_derived_fact_is_as_old_as_its_oldest_input_and_keeps_them_all():
    fact = product(product(MEASURED, QUOTED), ASSUMED)

    assert (fact.value, fact.as_of, fact.kind) == (Decimal(14600), OLDER, FactKind.DERIVED)
    assert list(leaves(fact)) == [MEASURED, QUOTED, ASSUMED]


def test_a_number_from_nowhere_cannot_be_called_derived():
    with pytest.raises(PriceError, match="has no inputs"):
        derived(Decimal(1), "one", (), unit="1")


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        ((MEASURED, MEASURED), FactKind.MEASURED),
        ((MEASURED, QUOTED), FactKind.MEASURED),
        ((QUOTED, ASSUMED), FactKind.ASSUMED),
        ((MEASURED, ASSUMED), FactKind.DERIVED),
        ((QUOTED,), FactKind.QUOTED),
    ],
)
def test_a_derived_fact_is_as_strong_as_what_it_rests_on(facts, kind):
    assert strength(product(*facts)) is kind


@pytest.mark.parametrize(
    ("quantity", "price", "kind"),
    [
        (MEASURED, FactKind.QUOTED, FactKind.MEASURED),
        (MEASURED, FactKind.ASSUMED, FactKind.ASSUMED),
        (ASSUMED, FactKind.INVOICED, FactKind.ASSUMED),
        (MEASURED, FactKind.DERIVED, FactKind.DERIVED),
    ],
)
def test_a_line_is_as_strong_as_its_weaker_side(quantity, price, kind):
    assert line_kind(line(quantity, price)) is kind


def test_shares_by_kind_are_of_money_and_sum_to_one():
    bill = Bill("one", (line(MEASURED, amount="3"), line(ASSUMED, amount="5")), "USD")  # 30 and 10

    shares = shares_by_kind(bill)

    assert shares[FactKind.MEASURED] == Decimal("0.75")
    assert shares[FactKind.ASSUMED] == Decimal("0.25")
    assert sum(shares.values()) == 1


def test_an_incomplete_bill_has_no_shares():
    unknown = CostLine(Stage.SERVING, LineKey.SERVING_DISKS, MEASURED, Unpriced("m", "hour", "not in the book"))

    with pytest.raises(PriceError, match="no price for disks of the serving machines"):
        shares_by_kind(Bill("one", (line(MEASURED), unknown), "USD"))


def test_a_billing_month_is_730_hours():
    assert billing_month(DAY).value * 12 == 365 * 24


@pytest.mark.parametrize("number", ["nan", "abc", "", Decimal("inf"), float("nan"), float("-inf")])
def test_what_is_not_a_finite_number_is_no_quantity(number):
    with pytest.raises(PriceError, match="is not a quantity"):
        exact(number)
