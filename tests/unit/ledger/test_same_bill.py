"""A bill that comes again, in another form, late, or with corrections of closed months: booked once, and said."""

from decimal import Decimal

import pytest
from bills import booked, ledger, line, written

from steelyard.adapters.invoices.bill_files import BillFiles
from steelyard.errors import DataError
from steelyard.ledger.entries import Month, View
from steelyard.ledger.invoices.charges import charges_of
from steelyard.ledger.invoices.focus_export import header_of, to_rows
from steelyard.workflows.accounts.import_bills import SameBill

OCTOBER, NOVEMBER = Month(2026, 10), Month(2026, 11)
IN_NOVEMBER = {
    "BillingPeriodStart": "2026-11-01T00:00:00Z", "BillingPeriodEnd": "2026-12-01T00:00:00Z",
    "ChargePeriodStart": "2026-11-02T00:00:00Z", "ChargePeriodEnd": "2026-11-03T00:00:00Z", "InvoiceId": "INV-8",
}  # fmt: skip
CUR = {
    "bill/PayerAccountId": "a-1", "bill/InvoiceId": "INV-7", "bill/BillingPeriodStartDate": "2026-10-01T00:00:00Z",
    "bill/BillingPeriodEndDate": "2026-11-01T00:00:00Z", "lineItem/UsageAccountId": "a-1",
    "lineItem/LineItemType": "Usage", "lineItem/UsageStartDate": "2026-10-03T00:00:00Z",
    "lineItem/UsageEndDate": "2026-10-04T00:00:00Z", "lineItem/ProductCode": "AmazonEC2",
    "lineItem/UsageType": "BoxUsage", "lineItem/UsageAmount": "24", "lineItem/CurrencyCode": "USD",
    "lineItem/UnblendedCost": "10.00", "lineItem/LineItemDescription": "c5.large",
}  # fmt: skip


def spent(kept, month, view):
    """Sum of a month over its expenses and pools."""
    found = [each for each in kept.balances(month, view=view) if each.account.split("/")[0] in ("expense", "pool")]
    return sum((each.total.amount for each in found), Decimal(0))


def test_a_correction_of_a_closed_month_is_booked_in_the_next_open_one_and_says_of_which(tmp_path):
    kept = ledger(tmp_path)
    booked(tmp_path, written(tmp_path, line(EffectiveCost="10.00")), into=kept)
    kept.close_month(OCTOBER)
    late = line(**IN_NOVEMBER) | {
        "ChargePeriodStart": "2026-10-09T00:00:00Z", "ChargePeriodEnd": "2026-10-10T00:00:00Z",
        "ChargeClass": "Correction", "BilledCost": "-4", "EffectiveCost": "-4", "PricingQuantity": "-2",
    }  # fmt: skip
    path = written(tmp_path, line(**IN_NOVEMBER, EffectiveCost="10.00"), late, name="november.csv")

    done, again = booked(tmp_path, path, into=kept), booked(tmp_path, path, into=kept)

    assert [spent(kept, OCTOBER, view) for view in View] == [10, 10]
    assert [spent(kept, NOVEMBER, view) for view in View] == [6, 6]
    assert "1 entries of 2026-10, which is closed, are booked in 2026-11" in str(done.notes)
    assert any(
        ", of 2026-10, which is closed" in entry.text for entry in kept.iter_entries(NOVEMBER, view=View.ACCRUAL)
    )
    assert (done.n_new, again.n_new, again.notes) == (4, 0, ())


def test_a_whole_bill_and_a_later_version_of_it_for_a_closed_month_are_booked_in_the_next_open_one(tmp_path):
    kept = ledger(tmp_path)
    booked(tmp_path, written(tmp_path, line(EffectiveCost="10.00")), into=kept)
    kept.close_month(OCTOBER)
    later = written(tmp_path, line(BilledCost="9.00", EffectiveCost="9.00"), name="later.csv")

    done = booked(tmp_path, later, into=kept, same_bill=SameBill.REPLACE)
    again = booked(tmp_path, later, into=kept, same_bill=SameBill.REPLACE)

    assert [spent(kept, OCTOBER, view) for view in View] == [10, 10]
    assert [spent(kept, NOVEMBER, view) for view in View] == [-1, -1]
    assert (done.n_new, done.n_taken_back, again.n_new, again.n_taken_back) == (4, 2, 0, 0)


def test_a_replaced_bill_takes_back_its_accruals_of_every_month(tmp_path):
    after = {"ChargePeriodStart": "2026-11-01T03:00:00Z", "ChargePeriodEnd": "2026-11-01T04:00:00Z"}
    kept = ledger(tmp_path)
    booked(tmp_path, written(tmp_path, line(EffectiveCost="10.00"), line(**after, EffectiveCost="10.00")), into=kept)

    path = written(tmp_path, line(EffectiveCost="10.00"), name="later.csv")
    booked(tmp_path, path, into=kept, same_bill=SameBill.REPLACE)

    assert [spent(kept, OCTOBER, view) for view in View] == [10, 10]
    assert [spent(kept, NOVEMBER, view) for view in View] == [0, 0]


@pytest.mark.parametrize("account", ["a-1", "/providers/billing/billingAccounts/A-1", "00a1"])
def test_a_bill_whose_account_is_written_otherwise_is_the_same_bill(tmp_path, account):
    kept = ledger(tmp_path)
    booked(tmp_path, written(tmp_path, line(InvoiceId="")), into=kept)

    with pytest.raises(DataError, match="holds 2 entries of the same bill"):
        booked(tmp_path, written(tmp_path, line(BillingAccountId=account, InvoiceId="", ResourceId="x")), into=kept)


def test_one_bill_in_two_forms_is_refused_in_one_command_and_in_two(tmp_path):
    focus, cur = written(tmp_path, line()), written(tmp_path, CUR, name="cur.csv")
    kept = ledger(tmp_path)

    with pytest.raises(DataError, match="one bill in two forms: AWS, a-1, INV-7 is in a file read as focus and in one"):
        booked(tmp_path, focus, cur, into=kept)
    booked(tmp_path, cur, into=kept)
    with pytest.raises(DataError, match="holds 2 entries of the same bill"):
        booked(tmp_path, focus, into=kept)
    booked(tmp_path, focus, into=kept, same_bill=SameBill.REPLACE)

    assert [spent(kept, OCTOBER, view) for view in View] == [10, Decimal("12.50")]


def test_a_further_invoice_of_the_account_in_another_currency_stays_where_one_is_replaced(tmp_path):
    kept = ledger(tmp_path)
    booked(tmp_path, written(tmp_path, line(), name="usd.csv"), into=kept)
    euro = {"BillingCurrency": "EUR", "InvoiceId": "INV-9"}
    booked(tmp_path, written(tmp_path, line(**euro), name="eur.csv"), into=kept, same_bill=SameBill.ADD)

    later = written(tmp_path, line(**euro, BilledCost="11"), name="later.csv")
    done = booked(tmp_path, later, into=kept, same_bill=SameBill.REPLACE)

    cash = {each.total.currency: each.total.amount for each in kept.balances(OCTOBER, view=View.CASH) if each.centre}
    assert cash == {"USD": 10, "EUR": 11}
    assert "2 entries of the same account and month are of another issuer or currency, and stay" in str(done.notes)


def test_two_invoices_of_one_number_are_never_added(tmp_path):
    other = {"ProviderName": "Microsoft", "InvoiceIssuerName": "Microsoft", "BillingCurrency": "EUR",
             "BilledCost": "20"}  # fmt: skip
    files = [written(tmp_path, line()), written(tmp_path, line(**other), name="b.csv")]

    with pytest.raises(
        DataError, match=r"two invoices are called INV-7, one of 10.00 USD by AWS and one of 20.00 EUR by Microsoft"
    ):
        booked(tmp_path, *files, totals={"INV-7": Decimal(30)})
    done = booked(tmp_path, *files, totals={"AWS:INV-7": Decimal(10), "Microsoft:INV-7": Decimal(20)})

    assert done.n_new == 4


def test_what_was_booked_late_goes_out_and_comes_back_in_the_month_that_took_it(tmp_path):
    kept = ledger(tmp_path)
    booked(tmp_path, written(tmp_path, line(EffectiveCost="10.00")), into=kept)
    kept.close_month(OCTOBER)
    late = line(EffectiveCost="3.00", BilledCost="3.00", ResourceId="late", ChargeClass="Correction")
    booked(tmp_path, written(tmp_path, late, name="late.csv"), into=kept, same_bill=SameBill.ADD)
    files = BillFiles()
    (tmp_path / "other").mkdir()
    other = ledger(tmp_path / "other")

    for month in kept.months():
        entries = [entry for view in View for entry in kept.iter_entries(month, view=view)]
        rows = to_rows(charges_of(entries, months=[month]))
        files.write(tmp_path / f"{month}.csv", header_of(rows), rows)
        booked(tmp_path, tmp_path / f"{month}.csv", into=other)

    assert [spent(other, month, view) for month in (OCTOBER, NOVEMBER) for view in View] == [10, 10, 3, 3]
