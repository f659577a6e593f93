"""Ledger against bill: matched, differing, on one side only, and sums to the cent on both."""

from dataclasses import replace
from decimal import Decimal

import pytest
from bills import line, source, written
from hypothesis import given
from hypothesis import strategies as st

from steelyard.domain import Money
from steelyard.errors import ConfigError
from steelyard.ledger.entries import View
from steelyard.ledger.invoices.charges import Charge
from steelyard.ledger.invoices.reconcile import Match, reconcile
from steelyard.workflows.accounts.read_bills import bill_lines


@pytest.fixture(scope="module")
def good(tmp_path_factory) -> Charge:
    found, _ = bill_lines([written(tmp_path_factory.mktemp("bill"), line())], source())
    return found[0]


def costing(good, amount, currency="USD", **more):
    money = Money(Decimal(str(amount)), currency)
    return replace(good, billed=money, effective=money, **more)


def test_keys_match_differ_or_are_on_one_side(good):
    ledger = [costing(good, "10.004"), costing(good, 5, service="S3"), costing(good, 7, service="own")]
    bill = [costing(good, 10), costing(good, 6, service="S3"), costing(good, 3, service="tax")]

    found = reconcile(ledger, bill, by=["service"])

    assert [(row.key, str(row.difference), row.match) for row in found.rows] == [
        (("own",), "-7.00 USD", Match.ONLY_LEDGER),
        (("tax",), "3.00 USD", Match.ONLY_BILL),
        (("S3",), "1.00 USD", Match.DIFFERING),
        (("AmazonEC2",), "0.00 USD", Match.MATCHED),
    ]
    assert found.total("USD") == (Money(Decimal("22.004"), "USD"), Money(Decimal(19), "USD"))
    assert found.rows[2].share == Decimal(1) / 6


def test_the_larger_tolerance_counts(good):
    sides = ([costing(good, 100)], [costing(good, 101)])

    for options, is_matched in (
        ({}, False),
        ({"within": Decimal(1)}, True),
        ({"within_share": Decimal("0.01")}, True),
        ({"within_share": Decimal("0.0099")}, False),
    ):
        assert reconcile(*sides, by=["stage"], **options).is_matched is is_matched


def test_currencies_are_never_compared_with_each_other(good):
    found = reconcile([costing(good, 5)], [costing(good, 5, "CNY")], by=["month"])

    assert {row.match for row in found.rows} == {Match.ONLY_LEDGER, Match.ONLY_BILL}
    assert found.currencies == ["CNY", "USD"]


def test_a_name_of_the_ledger_can_be_that_of_the_bill(good):
    ledger = [costing(good, 10, service="serving/instances")]

    assert reconcile(ledger, [costing(good, 10)], by=["service"], names={"serving/instances": "AmazonEC2"}).is_matched


def test_billed_and_effective_are_two_comparisons(good):
    bill = [replace(good, billed=Money(Decimal(9), "USD"))]

    assert reconcile([good], bill, by=["service"], view=View.ACCRUAL).is_matched
    assert not reconcile([good], bill, by=["service"], view=View.CASH).is_matched


@pytest.mark.parametrize(("by", "within"), [(["colour"], "0"), ([], "0"), (["stage"], "-1")])
def test_an_unknown_key_or_a_negative_tolerance_is_refused(good, by, within):
    with pytest.raises(ConfigError):
        reconcile([good], [good], by=by, within=Decimal(within))


SIDE = st.lists(st.tuples(st.sampled_from("abc"), st.integers(-(10**6), 10**6)), max_size=12)


@given(SIDE, SIDE)
def test_both_sides_sum_to_what_was_given(good, left, right):
    sides = [[costing(good, Decimal(n).scaleb(-4), service=name) for name, n in side] for side in (left, right)]

    found = reconcile(*sides, by=["service", "month"])

    given_sums = tuple(Money(Decimal(sum(n for _, n in side)).scaleb(-4), "USD") for side in (left, right))
    assert found.total("USD") == given_sums
    assert sum((row.difference.amount for row in found.rows), Decimal(0)) == (given_sums[1] - given_sums[0]).amount
