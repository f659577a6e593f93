"""Native bills read as FOCUS: each provider's own columns, its kinds of lines, its credits."""

import json
from decimal import Decimal

import pytest
from bills import booked, ledger, source, written

from steelyard.domain import Money
from steelyard.errors import ConfigError, DataError
from steelyard.ledger.entries import Month, View
from steelyard.ledger.invoices.mapping import parse_mapping
from steelyard.workflows.accounts.read_bills import bill_lines

OCTOBER = Month(2026, 10)
AWS = {
    "identity/LineItemId": "x",
    "bill/InvoiceId": "INV-1",
    "bill/InvoicingEntity": "Amazon Web Services, Inc.",
    "bill/PayerAccountId": "111",
    "bill/BillingPeriodStartDate": "2026-10-01T00:00:00Z",
    "bill/BillingPeriodEndDate": "2026-11-01T00:00:00Z",
    "lineItem/UsageAccountId": "222",
    "lineItem/LineItemType": "Usage",
    "lineItem/UsageStartDate": "2026-10-03T00:00:00Z",
    "lineItem/UsageEndDate": "2026-10-03T01:00:00Z",
    "lineItem/ProductCode": "AmazonEC2",
    "lineItem/UsageType": "BoxUsage:c5.large",
    "lineItem/ResourceId": "i-1",
    "lineItem/UsageAmount": "1",
    "lineItem/CurrencyCode": "USD",
    "lineItem/UnblendedCost": "0.085",
    "lineItem/LineItemDescription": "c5.large",
    "product/regionCode": "us-east-1",
    "product/sku": "SKU1",
    "pricing/unit": "Hrs",
    "pricing/publicOnDemandCost": "0.085",
    "reservation/EffectiveCost": "",
    "reservation/UnusedAmortizedUpfrontFeeForBillingPeriod": "",
    "reservation/UnusedRecurringFee": "",
    "savingsPlan/SavingsPlanARN": "",
    "savingsPlan/SavingsPlanEffectiveCost": "",
    "savingsPlan/TotalCommitmentToDate": "",
    "savingsPlan/UsedCommitment": "",
    "resourceTags/user:team": "search",
}


def aws(kind, cost, **more):
    return {**AWS, "lineItem/LineItemType": kind, "lineItem/UnblendedCost": cost, **more}


def lines(tmp_path, *rows, **how):
    charges, kinds = bill_lines([written(tmp_path, *rows)], source(**how))
    return charges, kinds[0]


def test_aws_spreads_commitments_over_their_use(tmp_path):
    plan = {"savingsPlan/SavingsPlanARN": "arn:sp", "lineItem/ResourceId": "i-2"}
    used = {"savingsPlan/TotalCommitmentToDate": "0.10", "savingsPlan/UsedCommitment": "0.06"}
    charges, kind = lines(
        tmp_path,
        aws("Usage", "0.085"),
        aws("SavingsPlanCoveredUsage", "0.085", **plan, **{"savingsPlan/SavingsPlanEffectiveCost": "0.06"}),
        aws("SavingsPlanNegation", "-0.085", **plan),
        aws("SavingsPlanRecurringFee", "0.10", **plan, **used),
        aws("DiscountedUsage", "0", **{"reservation/EffectiveCost": "0.05"}),
        aws("RIFee", "36.5", **{"reservation/UnusedRecurringFee": "1.5"}),
        aws("Tax", "2.00"),
    )

    assert kind == "aws"
    assert [(str(each.category), each.billed.amount, each.effective.amount) for each in charges] == [
        ("Usage", Decimal("0.085"), Decimal("0.085")),
        ("Usage", Decimal("0.085"), Decimal("0.06")),
        ("Adjustment", Decimal("-0.085"), Decimal(0)),
        ("Purchase", Decimal("0.10"), Decimal("0.04")),
        ("Usage", Decimal(0), Decimal("0.05")),
        ("Purchase", Decimal("36.5"), Decimal("1.5")),
        ("Tax", Decimal("2.00"), Decimal("2.00")),
    ]
    assert charges[0].tags == {"team": "search"}
    assert (charges[0].unit, charges[0].quantity, charges[6].quantity) == ("Hours", 1, 0)


RESERVED = {"reservation/ReservationARN": "arn:ri"}


def test_a_reservation_paid_at_once_is_borne_by_its_use_alone(tmp_path):
    charges, _ = lines(
        tmp_path,
        aws("Fee", "876.00", **RESERVED),
        aws("RIFee", "0", **RESERVED, **{"reservation/UnusedAmortizedUpfrontFeeForBillingPeriod": "10.40"}),
        aws("DiscountedUsage", "0", **RESERVED, **{"reservation/EffectiveCost": "62.60"}),
        aws("Fee", "12.00", **{"reservation/ReservationARN": ""}),
    )

    assert sum(each.billed.amount for each in charges) == Decimal("888.00")
    assert [each.effective.amount for each in charges] == [0, Decimal("10.40"), Decimal("62.60"), Decimal("12.00")]


def test_a_fee_stays_where_the_file_does_not_say_what_its_use_bears(tmp_path):
    row = aws("Fee", "876.00", **RESERVED)
    del row["reservation/EffectiveCost"]

    (charge,), _ = lines(tmp_path, row)

    assert charge.effective.amount == Decimal("876.00")


def test_a_used_and_an_unused_commitment_sum_to_its_purchase(tmp_path):
    plan = {"savingsPlan/SavingsPlanARN": "arn:sp"}
    used = {"savingsPlan/TotalCommitmentToDate": "0.10", "savingsPlan/UsedCommitment": "0.06"}
    charges, _ = lines(
        tmp_path,
        aws("SavingsPlanCoveredUsage", "0.085", **plan, **{"savingsPlan/SavingsPlanEffectiveCost": "0.06"}),
        aws("SavingsPlanNegation", "-0.085", **plan),
        aws("SavingsPlanRecurringFee", "0.10", **plan, **used),
    )

    assert sum(each.effective.amount for each in charges) == Decimal("0.10")
    assert sum(each.billed.amount for each in charges) == Decimal("0.10")


def test_aws_2_0_reads_as_the_legacy_report(tmp_path):
    known = {
        spelling: spellings[1]
        for spellings in next(each for each in source().files.mappings() if each.name == "aws").names.values()
        if len(spellings) > 1
        for spelling in spellings[:1]
    }
    modern = {known.get(name, name): value for name, value in AWS.items() if "resourceTags" not in name}

    old, _ = lines(tmp_path, AWS)
    new, kind = lines(tmp_path, {**modern, "resource_tags": '{"team": "search"}'})

    assert (new, kind) == (old, "aws")


def test_an_amortised_cost_that_is_not_there_is_not_zero(tmp_path):
    with pytest.raises(DataError, match=r"a needed value is empty .*EffectiveCost"):
        lines(tmp_path, aws("SavingsPlanCoveredUsage", "0.085"))


def test_an_unknown_kind_of_line_is_refused(tmp_path):
    with pytest.raises(
        DataError, match=r"a kind of charge that is not known here; say in your own --mapping .*'EdpFee'"
    ):
        lines(tmp_path, aws("EdpFee", "1"))


AZURE = {
    "InvoiceSectionName": "shop",
    "BillingAccountId": "b-1",
    "SubscriptionId": "s-1",
    "BillingPeriodStartDate": "10/01/2026",
    "BillingPeriodEndDate": "10/31/2026",
    "Date": "10/03/2026",
    "ChargeType": "Usage",
    "CostInBillingCurrency": "4.5",
    "BillingCurrencyCode": "EUR",
    "MeterCategory": "Virtual Machines",
    "MeterName": "D2s v3",
    "MeterId": "m-1",
    "ProductName": "D2s v3",
    "ResourceId": "/vm/1",
    "ResourceLocation": "westeurope",
    "Quantity": "24",
    "UnitOfMeasure": "1 Hour",
    "Tags": '"stage": "prod","team": "ranking"',
}


def test_azure_actual_is_cash_and_amortised_is_accrual(tmp_path):
    kept, path = ledger(tmp_path), written(tmp_path, AZURE)

    actual = booked(tmp_path, path, into=kept, kind="azure")
    amortised = booked(tmp_path, path, into=kept, kind="azure-amortised")

    (cash,), (accrual,) = (list(kept.iter_entries(OCTOBER, view=view)) for view in View)
    assert (actual.n_new, amortised.n_new) == (1, 1)
    assert (cash.postings[0].amount, cash.postings[0].centre.team) == (Money(Decimal("4.5"), "EUR"), "ranking")
    assert (str(cash.on), str(accrual.on)) == ("2026-10-31", "2026-10-03")


def test_azure_does_not_say_which_of_its_two_exports_it_is(tmp_path):
    with pytest.raises(DataError, match=r"--bill-as azure-amortised \(.*or --bill-as azure \("):
        lines(tmp_path, AZURE)


GOOGLE = {
    "billing_account_id": "01-AB",
    "service.id": "6F81",
    "service.description": "Compute Engine",
    "sku.id": "SKU-G",
    "sku.description": "N2 core",
    "usage_start_time": "2026-10-03 00:00:00 UTC",
    "usage_end_time": "2026-10-03 01:00:00 UTC",
    "project.id": "shop",
    "labels": '[{"key": "steelyard_stage", "value": "serving"}]',
    "location.region": "europe-west1",
    "cost": "1.00",
    "currency": "EUR",
    "usage.amount_in_pricing_units": "20",
    "usage.pricing_unit": "gibibyte",
    "credits": '[{"name": "Committed use", "amount": -0.30}, {"name": "Promotion", "amount": -0.2}]',
    "invoice.month": "202610",
    "cost_type": "regular",
}


def test_google_credits_become_lines_and_sum_to_the_invoice(tmp_path):
    charges, kind = lines(tmp_path, GOOGLE)

    assert kind == "google"
    assert [(str(each.category), each.billed.amount, each.text) for each in charges] == [
        ("Usage", Decimal("1.00"), "N2 core"),
        ("Credit", Decimal("-0.30"), "Committed use"),
        ("Credit", Decimal("-0.2"), "Promotion"),
    ]
    assert (charges[0].guessed, str(charges[0].centre.stage)) == ("", "serving")
    assert (charges[0].quantity, charges[0].unit, charges[1].quantity) == (20, "GiB", None)


CHINESE = {
    "账期": "2026-10",
    "账单日期": "2026-10-03",
    "账号ID": "1854",
    "产品Code": "ecs",
    "产品": "云服务器 ECS",
    "产品明细": "云服务器-按量付费",
    "产品明细Code": "ecs",
    "计费项": "实例",
    "账单类型": "后付费账单",
    "实例ID": "i-bp1",
    "地域": "华东1",
    "用量": "24",
    "用量单位": "小时",
    "官网价": "12.00",
    "应付金额": "9.60",
    "币种": "CNY",
    "实例标签": "key:steelyard:stage value:serving",
}
ENGLISH = {
    "BillingCycle": "2026-10",
    "BillingDate": "2026-10-03",
    "BillAccountID": "1854",
    "ProductCode": "ecs",
    "ProductName": "Elastic Compute Service",
    "Item": "PayAsYouGoBill",
    "InstanceID": "i-bp1",
    "Usage": "24",
    "UsageUnit": "GB",
    "PretaxGrossAmount": "12.00",
    "PretaxAmount": "9.60",
    "Currency": "CNY",
}


@pytest.mark.parametrize(
    ("row", "guessed"), [(CHINESE, ""), (ENGLISH, "ServiceCategory Compute")], ids=["Chinese", "English"]
)
def test_alibaba_reads_alike_in_both_languages(tmp_path, row, guessed):
    (charge,), kind = lines(tmp_path, row)

    assert kind == "alibaba"
    assert (charge.billed, charge.list_cost) == (Money(Decimal("9.60"), "CNY"), Money(Decimal("12.00"), "CNY"))
    assert (str(charge.charged.start), str(charge.charged.end)) == (
        "2026-10-03 00:00:00+00:00",
        "2026-10-04 00:00:00+00:00",
    )
    assert (charge.resource, charge.quantity, charge.guessed) == ("i-bp1", 24, guessed)


def test_a_month_without_days_is_the_whole_month_and_a_missing_currency_is_declared(tmp_path):
    bare = {name: value for name, value in CHINESE.items() if name not in ("账单日期", "币种")}

    with pytest.raises(DataError, match=r"needed column is missing .*BillingCurrency, read from '币种'"):
        lines(tmp_path, bare)
    (charge,), _ = lines(tmp_path, bare, currency="CNY")

    assert str(charge.charged.end) == "2026-11-01 00:00:00+00:00"
    assert charge.billed.currency == "CNY"


def test_an_unknown_header_is_told_the_nearest_bills(tmp_path):
    row = {name: value for name, value in AWS.items() if name != "lineItem/UnblendedCost"}

    with pytest.raises(DataError, match="Nearest: aws would need lineItem/UnblendedCost"):
        lines(tmp_path, row)


def test_a_unit_stays_as_the_bill_writes_it(tmp_path):
    mapping = {
        "names": {"Cost": ["cost"], "Unit": ["unit"], "Day": ["day"], "Amount": ["amount"]},
        "recognised_by": ["Cost"],
        "columns": {
            **{name: {"constant": "x"} for name in ("ProviderName", "BillingAccountId", "ServiceName")},
            "BillingCurrency": {"constant": "USD"},
            "ChargeCategory": {"constant": "Usage"},
            **{f"{period}PeriodStart": {"from": "Day", "time": "iso"} for period in ("Charge", "Billing")},
            **{f"{period}PeriodEnd": {"from": "Day", "time": "iso", "plus": "day"} for period in ("Charge", "Billing")},
            "BilledCost": "Cost",
            "EffectiveCost": "Cost",
            "PricingQuantity": "Amount",
            "PricingUnit": {"from": "Unit", "constant": "GB"},
            "ServiceCategory": {"constant": "Storage"},
        },
    }
    own = parse_mapping(mapping, where="own.json")
    rows = [{"cost": "1", "amount": "2", "day": "2026-10-01", "unit": unit} for unit in ("GiB", "")]

    charges, kind = lines(tmp_path, *rows, own=own)

    assert ([each.unit for each in charges], kind) == (["GiB", "GB"], "own.json")


def test_a_wrong_mapping_is_refused_with_all_its_problems():
    wrong = {"names": {"A": []}, "columns": {"BiledCost": "B", "ListCost": "B", "SkuId": {"form": "A"}}, "view": 1}

    with pytest.raises(ConfigError) as said:
        parse_mapping(wrong, where="m.json")

    for text in ("A has no spelling", "near: ['BilledCost']", "'B' is not among the names", "['form'] are not known"):
        assert text in str(said.value)
    assert "view: no such part" in str(said.value)


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ({"tags": {"json": "B"}}, "tags: 'B' is not among the names"),
        ({"credits": {"from": "A"}}, "credits: write a table with from and amount"),
        ({"columns": {"BilledCost": {"from": "A", "values": "x"}}}, "values and sum are tables"),
        ({"views": ["money"]}, "write cash, accrual, or both"),
        ({"format": 2}, "this version reads 1"),
        ({"recognised_by": []}, "name the columns that tell"),
    ],
)
def test_each_part_of_a_mapping_is_checked(part, said):
    right = {"names": {"A": ["a"]}, "columns": {"BilledCost": "A"}, "recognised_by": ["A"]}

    assert parse_mapping(right, where="m.json").name == "m.json"
    with pytest.raises(ConfigError, match=said):
        parse_mapping({**right, **part}, where="m.json")


def test_credits_that_are_no_list_of_credits_are_refused(tmp_path):
    for text in ("none", "[1]"):
        with pytest.raises(DataError, match="credits are not a JSON list"):
            lines(tmp_path, {**GOOGLE, "credits": text})


def test_a_sum_of_credits_is_one_credit(tmp_path):
    charges, _ = lines(tmp_path, {**GOOGLE, "credits": "-0.5"})

    assert [each.billed.amount for each in charges] == [Decimal("1.00"), Decimal("-0.5")]


def test_every_shipped_mapping_has_a_source_and_a_date():
    from importlib.resources import files

    for each in (files("steelyard.ledger.invoices") / "mappings").iterdir():
        document = json.loads(each.read_text("utf-8"))
        assert document["source"], each.name
        assert document["as_of"] >= "2026", each.name
