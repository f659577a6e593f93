"""R5.1: entries balance, the view is kept apart, a mistake is corrected and stays."""

from datetime import date
from decimal import Decimal

import pytest

from steelyard.domain import FactKind, Money, Stage
from steelyard.errors import DataError
from steelyard.ledger.entries import (
    CostCentre,
    Entry,
    Month,
    Posting,
    View,
    balances,
    is_balanced,
    reversal,
    trial_balance,
)

SERVING = CostCentre(Stage.SERVING, configuration="hybrid-static-1bit", team="search")


def usd(amount, currency="USD"):
    return Money(Decimal(str(amount)), currency)


def entry(*postings, entry_id="e1", on=date(2026, 11, 3), view=View.ACCRUAL, text="instances"):
    return Entry(entry_id, on, view, text, FactKind.MEASURED, "run 7", postings)


def spent(amount, **given):
    money = usd(amount)
    return entry(Posting("expense/serving/instances", money, SERVING), Posting("payable/aws", money * -1), **given)


@pytest.mark.parametrize(
    ("postings", "said"),
    [
        ([("expense/a", 3, SERVING), ("payable/b", -2, None)], "USD postings sum to 1, not to zero"),
        ([("expense/a", 3, None), ("payable/b", -3, None)], "expense/a has no cost centre"),
        ([("expense/a", 0, SERVING), ("payable/b", 0, None)], "an unknown amount is not booked as zero"),
        ([("/expense/a", 1, SERVING), ("payable/b", -1, None)], "'/expense/a' is not the path of an account"),
        ([("payable/b", "0.0000000000001", None), ("payable/c", "-0.0000000000001", None)], "at most 12 decimals"),
        ([], "at least two postings"),
    ],
)
def test_what_does_not_balance_is_never_an_entry(postings, said):
    with pytest.raises(DataError, match=said):
        entry(*(Posting(account, usd(amount), centre) for account, amount, centre in postings))


def test_each_currency_balances_for_itself():
    with pytest.raises(DataError, match=r"USD postings sum to 10.*CNY postings sum to -10"):
        entry(Posting("cash/a", usd(10)), Posting("cash/b", usd(-10, "CNY")))


def test_a_correction_takes_back_and_the_mistake_stays():
    wrong, right = spent("730.00"), spent("1.00", entry_id="e3")
    back = reversal(wrong, entry_id="e2", on=date(2026, 12, 1), text="hourly taken for monthly")

    (expense,) = [
        each for each in balances([wrong, back, right], view=View.ACCRUAL) if each.account.startswith("expense")
    ]

    assert back.corrects == "e1"
    assert (expense.total, expense.n_postings, expense.centre) == (usd("1.00"), 3, SERVING)


def test_cash_and_accrual_are_not_added():
    found = [spent(5), spent(7, entry_id="e2", view=View.CASH)]

    assert trial_balance(balances(found, view=View.CASH)) == {
        "USD": {"expense/serving/instances": 7, "payable/aws": -7}
    }
    assert is_balanced(trial_balance(balances(found, view=View.ACCRUAL)))


def test_a_month_is_a_month():
    assert str(Month.of(date(2026, 2, 28))) == "2026-02"
    assert Month(2026, 12) > Month(2026, 11)
    with pytest.raises(ValueError, match="month must be in"):
        Month(2026, 13)
