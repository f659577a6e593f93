"""FOCUS 1.2: what is written is valid, and reads back as it was."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from bills import LINE, as_csv, booked, ledger, line, month_of_focus_1_0, source, written
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.adapters.invoices.bill_files import BillFiles
from steelyard.domain import FactKind, Money, Stage
from steelyard.errors import PriceError
from steelyard.ledger.entries import CostCentre, Entry, Month, Posting, View
from steelyard.ledger.invoices.charges import Charge, Period, charge_entries, charges_of, digest_of
from steelyard.ledger.invoices.focus import read_rows
from steelyard.ledger.invoices.focus_check import check_rows
from steelyard.ledger.invoices.focus_columns import ALLOWED, COLUMNS, ChargeCategory, Level
from steelyard.ledger.invoices.focus_export import header_of, to_rows
from steelyard.ledger.invoices.problems import BillProblems
from steelyard.ledger.invoices.quantities import quantity_in
from steelyard.workflows.accounts.read_bills import bill_lines

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Z")), min_size=1, max_size=8).filter(
    lambda text: text.upper() != "NULL" and text[0] not in "=+-@"
)
AMOUNT = st.integers(-(10**9), 10**9).map(lambda n: Decimal(n).scaleb(-6))
NAME = st.one_of(st.just(""), TEXT)


@st.composite
def charges(draw):
    start = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=draw(st.integers(0, 8000)))
    category = draw(st.sampled_from(ChargeCategory))
    commitment = draw(NAME)
    return Charge(
        provider=draw(TEXT),
        account=draw(TEXT),
        category=category,
        billed=Money(draw(AMOUNT), "USD"),
        effective=Money(draw(AMOUNT), "USD"),
        charged=Period(start, start + timedelta(hours=1)),
        billing=Period.of(Month.of(start.date())),
        service=draw(TEXT),
        service_category=draw(st.sampled_from(ALLOWED["ServiceCategory"])),
        centre=CostCentre(draw(st.sampled_from(Stage)), draw(NAME), draw(NAME), draw(NAME), draw(NAME)),
        invoice=draw(NAME),
        list_cost=draw(st.none() | AMOUNT.map(lambda amount: Money(amount, "USD"))),
        is_correction=draw(st.booleans()),
        sku=draw(NAME),
        resource=draw(NAME),
        region=draw(NAME),
        sub_account=draw(NAME),
        quantity=draw(st.none() | st.integers(0, 10**6).map(lambda n: Decimal(n).scaleb(-3))),
        unit=draw(NAME),
        commitment=commitment,
        commitment_status=draw(st.sampled_from(["", "Used", "Unused"])) if commitment else "",
        text=draw(NAME),
        run=draw(NAME),
        tags=draw(st.dictionaries(st.sampled_from(["a", "b"]), TEXT, max_size=2)),
        other={"x_Own": draw(TEXT)},
    )


def read_back(rows):
    problems = BillProblems("rows")
    rules = source().rules
    found = [charge for _, charge in read_rows(enumerate(rows, start=2), rules=rules, problems=problems)]
    assert problems.sentences() == []
    return found


@settings(max_examples=60, deadline=None)
@given(st.lists(charges(), min_size=1, max_size=4))
def test_what_is_written_reads_back_equal(found):
    found = [replace(charge, line=digest_of(charge)) for charge in found]

    assert read_back(to_rows(found)) == found


@settings(max_examples=60, deadline=None)
@given(st.lists(charges(), min_size=1, max_size=4, unique_by=lambda charge: charge.text + charge.provider))
def test_entries_give_their_lines_back_and_lines_their_entries(found):
    entries = charge_entries(found).entries

    returned = read_back(to_rows(charges_of(entries)))

    booked_again = charge_entries(returned).entries
    assert sorted(booked_again, key=lambda entry: entry.id) == sorted(entries, key=lambda entry: entry.id)
    kept = [charge for charge in found if charge.billed.amount or charge.effective.amount]
    assert len(returned) == len(kept)
    assert all(charge in returned for charge in kept)


@settings(max_examples=40, deadline=None)
@given(st.lists(charges(), min_size=1, max_size=6, unique_by=lambda charge: charge.text + charge.provider))
def test_billed_and_effective_of_the_entries_sum_to_those_of_the_lines(found):
    entries = charge_entries(found).entries

    for view, name in ((View.CASH, "billed"), (View.ACCRUAL, "effective")):
        posted = sum((entry.postings[0].amount.amount for entry in entries if entry.view is view), Decimal(0))
        assert posted == sum((getattr(charge, name).amount for charge in found), Decimal(0))


def test_a_month_of_focus_1_0_books_to_the_cent_and_its_export_books_nothing_again(tmp_path):
    lines = month_of_focus_1_0(400, seed=7)
    kept = ledger(tmp_path)
    done = booked(tmp_path, written(tmp_path, *lines), into=kept)
    entries = [entry for month in kept.months() for view in View for entry in kept.iter_entries(month, view=view)]
    rows = to_rows(charges_of(entries))
    files = BillFiles()
    files.write(tmp_path / "out.csv.gz", header_of(rows), rows)

    again = booked(tmp_path, tmp_path / "out.csv.gz", into=kept)

    for key, billed, effective, n in done.bills:
        own = [line for line in lines if line["ProviderName"] == key[0]]
        assert n == len(own)
        assert billed.amount == sum(Decimal(line["BilledCost"]) for line in own)
        assert effective.amount == sum(Decimal(line["EffectiveCost"]) for line in own)
    assert {key[0] for key, *_ in done.bills} == {"AWS", "Microsoft", "Oracle"}
    assert done.n_free > 0
    assert done.n_refunds > 0
    assert (again.n_new, done.n_new, again.n_lines) == (0, len(entries), done.n_lines - done.n_free)


def test_an_export_of_plain_lines_breaks_no_rule(tmp_path):
    kind = {"ServiceName": "Bedrock", "ServiceCategory": "AI and Machine Learning"}  # what no meter charges by use
    tax = line(**kind, InvoiceId="INV-8", ChargeCategory="Tax", PricingQuantity="", PricingUnit="")
    (tmp_path / "in.csv").write_text(as_csv(line(**kind), tax))
    found, _ = bill_lines([tmp_path / "in.csv"], source())
    rows = to_rows(found)

    assert check_rows(header_of(rows), enumerate(rows, start=2)) == []


def test_a_booking_without_a_bill_is_exported_with_its_kind_and_source_and_is_no_bill(tmp_path):
    centre = CostCentre(Stage.TRAINING, model="hybrid")
    money = Money(Decimal("7.50"), "USD")
    postings = (Posting("expense/training/instances", money, centre), Posting("payable/aws", money * -1))
    entry = Entry("run-7", date(2026, 10, 3), View.ACCRUAL, "training", FactKind.MEASURED, "run 7", postings)

    (row,) = rows = to_rows(charges_of([entry]))

    assert (row["BilledCost"], row["EffectiveCost"], row["x_Stage"]) == ("0.00", "7.50", "training")
    assert (row["x_EntryId"], row["x_FactKind"], row["x_Source"]) == ("run-7", "measured", "run 7")
    assert check_rows(header_of(rows), [(2, row)]) == []
    problems = BillProblems("rows")
    assert list(read_rows([(2, row)], rules=source().rules, problems=problems)) == []
    assert "no bill" in problems.sentences()[0]


BROKEN = {
    "time without a zone": ({"ChargePeriodStart": "2026-10-03 00:00:00"}, "a time in UTC like 2026-11-01T00:00:00Z"),
    "number with a sign": ({"BilledCost": "+1"}, "a plain number, or one like 1.2E-7"),
    "null cost": ({"EffectiveCost": ""}, "not null"),
    "list of values": ({"ChargeCategory": "usage"}, "one of Usage, Purchase, Tax, Credit, Adjustment"),
    "currency": ({"BillingCurrency": "usd"}, "three capital letters of ISO 4217"),
    "period": ({"ChargePeriodEnd": "2026-10-02T00:00:00Z"}, "its end is after its start"),
    "outside": ({"ChargePeriodEnd": "2026-11-02T00:00:00Z"}, "usage lies in its billing period"),
    "unit alone": ({"PricingUnit": ""}, "null exactly where PricingQuantity is"),
    "tax with a quantity": ({"ChargeCategory": "Tax"}, "null for a tax"),
    "usage without one": ({"PricingQuantity": "", "PricingUnit": ""}, "not null for usage and purchases"),
    "own column": ({"Mine": "1"}, "a column of one's own begins with x_"),
    "nested tags": ({"Tags": '{"a": {"b": 1}}'}, "a JSON object of plain values"),
    "credit": ({"ChargeCategory": "Credit"}, "equal to BilledCost for a credit"),
    "price": ({"ListUnitPrice": "9"}, "ListCost = ListUnitPrice x PricingQuantity, to 0.1 % or half a cent"),
    "commitment alone": (
        {"CommitmentDiscountId": "c-1"},
        "present where CommitmentDiscountCategory or another of its group is",
    ),
    "subcategory": ({"ServiceSubcategory": "Caching"}, "a subcategory of its ServiceCategory"),
    "frequency": (
        {"ChargeFrequency": "Usage-Based", "ChargeCategory": "Purchase"},
        "not Usage-Based for a purchase",
    ),
    "consumed": ({"ConsumedQuantity": "", "ConsumedUnit": ""}, "not null for usage"),
}


def checked(row):
    header = list(row)
    return {broken.rule for broken in check_rows(header, [(2, row)])}


def test_the_good_line_breaks_no_rule():
    assert checked(LINE) == set()


@pytest.mark.parametrize(("changes", "rule"), BROKEN.values(), ids=BROKEN)
def test_each_rule_is_broken_by_what_breaks_it(changes, rule):
    assert rule in checked(line(**changes))


@pytest.mark.parametrize("name", [name for name, column in COLUMNS.items() if column.level is Level.MANDATORY])
def test_every_mandatory_column_must_be_there(name):
    row = {column: value for column, value in LINE.items() if column != name}

    assert "the column must be present" in checked(row)


def test_a_service_has_one_category_in_a_file():
    rows = [(2, line()), (3, line(ServiceCategory="Storage")), (4, line(ServiceCategory="Storage"))]

    (broken,) = check_rows(list(LINE), rows)

    assert (broken.rule, broken.n, broken.line) == ("one ServiceCategory for each ServiceName", 2, 3)


@pytest.mark.parametrize(
    ("written", "unit", "quantity"),
    [
        ("GiB", "GB", "2.147483648"),
        ("GB-Months", "GB_month", "2"),
        ("GiB-Months", "GB_month", "2.147483648"),
        ("GB-Hours", "GB_month", "0.002739726027397260273972602740"),
        ("1000 Requests", "request", "2000"),
        ("vCPU-Hours", "core_second", "7200"),
    ],
)
def test_a_quantity_is_converted_and_never_renamed(tmp_path, written, unit, quantity):
    (tmp_path / "in.csv").write_text(as_csv(line(PricingQuantity="2", PricingUnit=written)))
    ((charge,), _) = bill_lines([tmp_path / "in.csv"], source())

    assert quantity_in(charge, unit) == Decimal(quantity)
    with pytest.raises(PriceError):
        quantity_in(charge, "kWh")


def test_there_are_as_many_columns_as_the_specification_has():
    assert len(COLUMNS) == 57
    assert sum(column.level is Level.MANDATORY for column in COLUMNS.values()) == 21
