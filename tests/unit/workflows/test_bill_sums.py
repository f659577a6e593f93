"""Sums of imported bills: to the cent, by invoice, issuer and currency, and never over what a file does not say."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.domain import Money, Stage
from steelyard.errors import DataError
from steelyard.ledger.entries import CostCentre
from steelyard.ledger.invoices.charges import Bookings, Charge, Period
from steelyard.ledger.invoices.focus_columns import ChargeCategory
from steelyard.workflows.accounts.bill_sums import check_totals, imported
from steelyard.workflows.accounts.same_bill import issuer_of, two_forms

OCTOBER = Period.day(date(2026, 10, 3))


def charge(billed="10", effective=None, *, invoice="INV-7", provider="AWS", currency="USD", issuer="", **more):
    def money(text):
        return None if text is None else Money(Decimal(text), currency)

    return Charge(
        provider=provider,
        account="a-1",
        category=next(iter(ChargeCategory)),
        billed=money(billed),
        effective=money(effective),
        charged=OCTOBER,
        billing=OCTOBER,
        service="EC2",
        service_category="Compute",
        centre=CostCentre(Stage.SERVING),
        invoice=invoice,
        other={"InvoiceIssuerName": issuer} if issuer else {},
        **more,
    )


def booked(**more):
    return replace(Bookings((), 0, 0), **more)


def refused(charges, totals):
    with pytest.raises(DataError) as refusal:
        check_totals(charges, {name: Decimal(total) for name, total in totals.items()})
    return str(refusal.value)


def test_an_invoice_that_sums_to_the_cent_passes_in_either_spelling():
    lines = [charge("10.001"), charge("2.333"), charge("5", invoice="INV-8")]

    check_totals(lines, {"INV-7": Decimal("12.33"), "AWS:INV-8": Decimal(5)})


def test_a_cent_too_little_says_what_is_missing_and_books_nothing():
    assert refused([charge("10")], {"INV-7": "10.01"}) == (
        "invoice INV-7 asks for 10.01, its lines sum to 10.00 USD: lines are missing, or another's. Nothing was booked"
    )


def test_an_invoice_that_is_in_no_file_is_told_with_those_that_are():
    assert refused([charge(invoice="B"), charge(invoice="A")], {"C": "1"}) == (
        "invoice C asks for 1, its lines sum to 0.00 (the files have A, B). Nothing was booked"
    )
    assert "(the files have no invoice ids)" in refused([charge(invoice="")], {"C": "1"})


def test_two_invoices_of_one_number_ask_which():
    lines = [charge("10"), charge("20", provider="Microsoft", currency="EUR")]

    said = refused(lines, {"INV-7": "30"})

    assert said.startswith("two invoices are called INV-7, one of 10.00 USD by AWS and one of 20.00 EUR by Microsoft; ")
    assert 'say which: --invoice-total "AWS:INV-7=30", or import them one by one' in said
    check_totals(lines, {"Microsoft:INV-7": Decimal(20)})


def test_all_invoices_that_do_not_sum_are_told_together():
    said = refused([charge("10"), charge("20", invoice="INV-8")], {"INV-7": "1", "INV-8": "2"})

    assert "invoice INV-7 asks for 1" in said
    assert "invoice INV-8 asks for 2" in said


def test_a_line_that_says_only_what_was_used_is_on_no_invoice():
    assert "its lines sum to 0.00" in refused([charge(None, "10")], {"INV-7": "10"})


def test_a_reseller_is_who_asks_for_the_money():
    assert issuer_of(charge(issuer="Reseller Ltd")) == "Reseller Ltd"
    assert issuer_of(charge()) == "AWS"
    check_totals([charge("10", issuer="Reseller Ltd")], {"Reseller Ltd:INV-7": Decimal(10)})


def test_sums_are_by_invoice_and_what_no_line_says_is_no_zero():
    found = imported([charge("10", "8"), charge(None, "4"), charge("1", None, invoice="INV-8")], booked())

    assert found.bills == (
        (("AWS", "a-1", "INV-7"), Money(Decimal(10), "USD"), Money(Decimal(12), "USD"), 2),
        (("AWS", "a-1", "INV-8"), Money(Decimal(1), "USD"), None, 1),
    )


def test_lines_without_an_invoice_are_summed_by_month():
    ((key, *_),) = imported([charge(invoice="")], booked()).bills

    assert key == ("AWS", "a-1", "2026-10")


def test_currencies_of_one_invoice_are_never_added():
    found = imported([charge("10"), charge("20", currency="EUR")], booked())

    assert [str(billed) for _, billed, _, _ in found.bills] == ["10.00 USD", "20.00 EUR"]


def test_stages_that_a_rule_chose_are_counted_by_rule_and_a_pool_by_its_name():
    lines = [
        charge(guessed="compute"),
        charge(guessed="compute"),
        charge(guessed="machines", pool="machines"),
        charge(),  # states its stage
    ]

    assert imported(lines, booked()).guessed == {"compute": ("serving", 2), "machines": ("pool/machines", 1)}


def test_refunds_are_lines_that_take_usage_back():
    lines = [charge("-1", quantity=Decimal(-2)), charge("-1"), charge("1", quantity=Decimal(2))]

    found = imported(lines, booked(n_free=3, n_rounded=1))

    assert (found.n_lines, found.n_refunds, found.n_free, found.n_rounded) == (3, 1, 3, 1)


@given(st.lists(st.tuples(st.sampled_from("AB"), st.none() | st.decimals(-99, 99, places=4)), max_size=20))
def test_the_sums_of_all_invoices_are_the_sum_of_all_lines(lines):
    found = imported([charge(amount, "0", invoice=invoice) for invoice, amount in lines], booked())

    known = [amount for _, amount in lines if amount is not None]
    assert sum((billed.amount for _, billed, _, _ in found.bills if billed), Decimal(0)) == sum(known, Decimal(0))
    assert sum(n for *_, n in found.bills) == len(lines)


# One bill in two forms.


def test_one_bill_in_files_of_two_kinds_is_found():
    assert two_forms([charge(), charge()], [0, 1], ["focus", "aws-cur"]) == ("focus", "aws-cur", "AWS, a-1, INV-7")


@pytest.mark.parametrize(
    ("lines", "kinds"),
    [
        ([charge(), charge()], ["focus", "focus"]),  # two parts of one export
        ([charge(), charge(provider="Microsoft")], ["focus", "azure"]),
        ([charge("10", None), charge(None, "10")], ["focus", "aws-cur"]),  # one says what was billed, one what was used
    ],
)
def test_what_is_not_told_twice_is_no_second_form(lines, kinds):
    assert two_forms(lines, [0, 1], kinds) is None
