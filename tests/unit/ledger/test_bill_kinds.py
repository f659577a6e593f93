"""What providers write that is no plain line: instants, partner discounts, no account, no service, null, Parquet."""

import sys
from decimal import Decimal

import pytest
from bills import booked, ledger, line, written
from test_bill_mapping import AWS, aws

from steelyard.errors import DataError, MissingExtra
from steelyard.ledger.entries import Month, View

OCTOBER = Month(2026, 10)
GOOGLE = {
    "billing_account_id": "01A", "service.id": "s", "service.description": "Compute Engine", "sku.id": "1",
    "sku.description": "core", "usage_start_time": "2026-10-03 10:00:00 UTC",
    "usage_end_time": "2026-10-03 11:00:00 UTC",
    "cost": "2.00", "currency": "USD", "credits": "", "invoice.month": "202610", "cost_type": "regular",
}  # fmt: skip
CSP = {
    "billingAccountName": "Corner shop", "customerTenantId": "t-1", "billingPeriodStartDate": "10/01/2026",
    "billingPeriodEndDate": "10/31/2026", "date": "10/07/2026", "meterName": "D2s", "meterCategory": "Virtual Machines",
    "SubscriptionId": "s", "quantity": "24", "unitOfMeasure": "1 Hour", "chargeType": "Usage", "billingCurrency": "EUR",
    "costInBillingCurrency": "2.76",
}  # fmt: skip


def sums(done):
    return [
        (key[2], str(billed), None if effective is None else str(effective)) for key, billed, effective, _ in done.bills
    ]


def by_team(kept):
    teams = {}
    for each in kept.balances(OCTOBER, view=View.CASH):
        if each.centre:
            teams[each.centre.team] = teams.get(each.centre.team, Decimal(0)) + each.total.amount
    return teams


def test_a_fee_of_an_instant_is_booked(tmp_path):
    at = {"ChargePeriodStart": "2026-10-15T09:12:11Z", "ChargePeriodEnd": "2026-10-15T09:12:11Z"}

    assert sums(booked(tmp_path, written(tmp_path, line(**at, ChargeCategory="Purchase")))) == [
        ("INV-7", "10.00 USD", "12.50 USD")
    ]


@pytest.mark.parametrize(
    "kind", ["SppDiscount", "DistributorDiscount", "EdpDiscount", "PrivateRateDiscount", "NewDiscount"]
)
def test_whatever_aws_calls_a_discount_lowers_the_bill(tmp_path, kind):
    rows = written(tmp_path, aws("Usage", "10.00"), aws(kind, "-0.30", **{"lineItem/UsageAmount": "0"}))

    assert sums(booked(tmp_path, rows)) == [("INV-1", "9.70 USD", "9.70 USD")]


def test_a_bill_of_a_partner_without_an_account_is_that_of_the_customer_s_name(tmp_path):
    ((key, billed, effective, _),) = booked(tmp_path, written(tmp_path, CSP), kind="azure").bills

    assert (key[1], str(billed), effective) == ("Corner shop", "2.76 EUR", None)


def test_a_line_without_a_service_keeps_a_stand_in_and_is_said(tmp_path):
    kept = ledger(tmp_path)
    rounding = line(ServiceName="", ServiceCategory="", ChargeCategory="Adjustment", BilledCost="-0.0031",
                    EffectiveCost="-0.0031", x_Stage="", PricingQuantity="", PricingUnit="")  # fmt: skip

    done = booked(tmp_path, written(tmp_path, line(), rounding), into=kept)

    accounts = {each.account for each in kept.balances(OCTOBER, view=View.CASH)}
    assert "expense/overhead/no service named (Other)" in accounts
    assert "no service is named; booked under the kind of charge (1): line 3: Adjustment" in str(done.notes)


@pytest.mark.parametrize("credits", ["null", "[]", "", "[null]"])
def test_no_credits_however_they_are_written_are_none(tmp_path, credits):
    assert sums(booked(tmp_path, written(tmp_path, GOOGLE | {"credits": credits}))) == [
        ("2026-10", "2.00 USD", "2.00 USD")
    ]


def test_equal_credits_on_one_line_are_two_credits(tmp_path):
    credit = '{"name": "committed use", "amount": -0.5, "id": "%s"}'

    done = booked(tmp_path, written(tmp_path, GOOGLE | {"credits": f"[{credit % 'a'}, {credit % 'b'}]"}))

    assert (sums(done), done.n_lines) == ([("2026-10", "1.00 USD", "1.00 USD")], 3)


def test_a_credit_without_an_amount_is_named(tmp_path):
    with pytest.raises(DataError, match=r"a needed value is empty.*line 2: BilledCost"):
        booked(tmp_path, written(tmp_path, GOOGLE | {"credits": '[{"name": "x", "amount": null}]'}))


@pytest.mark.parametrize("how", [str.lower, str.upper])
@pytest.mark.parametrize(("row", "kind"), [(line(), "focus"), (AWS, "aws"), (GOOGLE, "google")])
def test_names_of_columns_are_read_in_any_case(tmp_path, row, kind, how):
    plain = booked(tmp_path / "a", written(_folder(tmp_path / "a"), row))
    folded = booked(tmp_path / "b", written(_folder(tmp_path / "b"), {how(name): text for name, text in row.items()}))

    assert (folded.kinds, folded.bills) == ((kind,), plain.bills)


def _folder(path):
    path.mkdir()
    return path


def test_keys_of_tags_are_read_in_any_case_and_values_without_blanks(tmp_path):
    kept = ledger(tmp_path)
    tags = [
        '{"team":"search"}',
        '{"Team":"search"}',
        '{"TEAM ":"search"}',
        '{"team":" search "}',
        '{"user:Team":"search"}',
    ]
    rows = [line(Tags=each, BilledCost=str(n)) for n, each in enumerate(tags, start=1)]

    booked(tmp_path, written(tmp_path, *rows), into=kept)

    assert by_team(kept) == {"search": 15}


def test_tags_that_cannot_be_taken_are_named(tmp_path):
    both = line(Tags='{"Team": "b", "team": "a"}')
    wrong = line(x_Stage="", Tags='{"Stage": "prod"}', ResourceId="i-2")
    kept = ledger(tmp_path)

    done = booked(tmp_path, written(tmp_path, both, wrong), into=kept)

    assert by_team(kept) == {"a": 10, "": 10}
    assert "(1): line 2: Team=b, team=a" in str(done.notes)
    assert "a stage in a tag that is none of a model's life; a rule chose it instead (1): line 3: stage 'prod'" in str(
        done.notes
    )


def test_a_day_and_month_that_may_be_swapped_are_said(tmp_path):
    swapped = {"ChargePeriodStart": "2026-09-10T00:00:00Z", "ChargePeriodEnd": "2026-09-11T00:00:00Z"}

    done = booked(tmp_path, written(tmp_path, line(**swapped)))

    assert (
        "line 2: used 2026-09-10 to 2026-09-11, billed for 2026-10-01 to 2026-11-01; are day and month swapped?"
        in str(done.notes)
    )


def test_usage_a_year_away_is_booked_where_that_is_said_to_be_right(tmp_path):
    far = {"ChargePeriodStart": "2025-09-03T00:00:00Z", "ChargePeriodEnd": "2025-09-04T00:00:00Z"}

    with pytest.raises(DataError, match="line 2: used 2025-09-03"):
        booked(tmp_path, written(tmp_path, line(**far)))
    assert booked(tmp_path, written(tmp_path, line(**far)), is_any_period=True).n_new == 2
    assert booked(tmp_path / "b", written(_folder(tmp_path / "b"), line(**far, ChargeClass="Correction"))).n_new == 2


def test_parquet_is_read_with_types_structures_and_maps(tmp_path):
    pa = pytest.importorskip("pyarrow")
    pq = pytest.importorskip("pyarrow.parquet")
    from datetime import UTC, datetime

    row = {**line(), "BilledCost": Decimal("10.00"), "EffectiveCost": 12.5, "PricingQuantity": 24, "x_Own": {"a": "b"}}
    for name in [name for name in row if name.endswith(("Start", "End"))]:
        row[name] = datetime.fromisoformat(row[name]).astimezone(UTC)
    row["Tags"] = [("team", "search"), ("model", "hybrid")]
    schema = pa.schema([
        pa.field(name, pa.map_(pa.string(), pa.string()) if name == "Tags" else pa.array([value]).type)
        for name, value in row.items()
    ])  # fmt: skip
    pq.write_table(pa.Table.from_pylist([row], schema=schema), tmp_path / "bill.parquet")
    kept = ledger(tmp_path)

    done = booked(tmp_path, tmp_path / "bill.parquet", into=kept)

    assert (sums(done), by_team(kept)) == ([("INV-7", "10.00 USD", "12.50 USD")], {"search": 10})


def test_parquet_without_its_reader_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.delitem(sys.modules, "steelyard.adapters.invoices.bill_parquet", raising=False)
    (tmp_path / "bill.parquet").write_bytes(b"PAR1 and so on")

    with pytest.raises(MissingExtra, match=r"pip install pyarrow .*or export the bill as CSV"):
        booked(tmp_path, tmp_path / "bill.parquet")


def test_damaged_parquet_is_refused(tmp_path):
    pytest.importorskip("pyarrow")
    (tmp_path / "bill.parquet").write_bytes(b"PAR1 and so on")

    with pytest.raises(DataError, match="no readable Parquet"):
        booked(tmp_path, tmp_path / "bill.parquet")
