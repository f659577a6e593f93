"""Bills are booked whole and once: cash from what was billed, accrual from what was used."""

import gzip
from datetime import date
from decimal import Decimal

import pytest
from bills import as_csv, booked, ledger, line, source, written

from steelyard.cost.exchange import parse_rates
from steelyard.domain import FactKind, Money, Stage
from steelyard.errors import DataError, SourceError
from steelyard.ledger.closing import Rule, allocate_pools
from steelyard.ledger.entries import CostCentre, Entry, Month, Posting, View, is_balanced, trial_balance
from steelyard.ledger.invoices.charges import charges_of
from steelyard.ledger.invoices.focus_export import to_rows
from steelyard.workflows.accounts.import_bills import SameBill

OCTOBER = Month(2026, 10)


def test_a_line_is_booked_in_both_views_with_its_cost_centre(tmp_path):
    kept = ledger(tmp_path)

    booked(tmp_path, written(tmp_path, line()), into=kept)

    (cash,) = kept.iter_entries(OCTOBER, view=View.CASH)
    (accrual,) = kept.iter_entries(OCTOBER, view=View.ACCRUAL)
    centre = CostCentre(Stage.SERVING, model="hybrid", team="search")
    assert (cash.on, accrual.on) == (date(2026, 10, 31), date(2026, 10, 3))
    assert [(each.account, each.amount, each.centre) for each in cash.postings] == [
        ("expense/serving/AmazonEC2", Money(Decimal("10.00"), "USD"), centre),
        ("payable/AWS", Money(Decimal("-10.00"), "USD"), None),
    ]
    assert accrual.postings[0].amount == Money(Decimal("12.50"), "USD")
    assert (cash.kind, cash.text) == (FactKind.INVOICED, "c5.large for search")
    assert kept.months() == [OCTOBER]


def test_the_same_file_twice_books_nothing_twice(tmp_path):
    path, kept = written(tmp_path, line(), line(ResourceId="i-2")), ledger(tmp_path)

    first, second = booked(tmp_path, path, into=kept), booked(tmp_path, path, into=kept)

    assert (first.n_new, second.n_new) == (4, 0)


def test_the_billed_lines_of_an_invoice_sum_to_the_invoice(tmp_path):
    path = written(tmp_path, line(BilledCost="0.333"), line(BilledCost="0.667", ResourceId="i-2"))

    assert booked(tmp_path, path, totals={"INV-7": Decimal("1.00")}).n_new == 4
    with pytest.raises(DataError, match=r"INV-7 asks for 1.01, its lines sum to 1.00 USD"):
        booked(tmp_path, path, totals={"INV-7": Decimal("1.01")})
    with pytest.raises(DataError, match=r"INV-8 asks for 0, .*the files have INV-7"):
        booked(tmp_path, path, totals={"INV-8": Decimal(0)})


def test_what_a_line_does_not_state_is_chosen_by_a_rule_and_counted(tmp_path):
    told = {"x_Stage": "", "Tags": '{"stage": "prod"}'}
    path = written(tmp_path, line(**told), line(**told, ServiceCategory="Storage", ServiceName="AmazonS3"), line())

    done = booked(tmp_path, path)

    assert done.guessed == {
        "ServiceCategory Compute": ("pool/machines", 1),
        "ServiceCategory Storage": ("pool/storage", 1),
    }


def test_a_tag_of_ours_states_the_stage_and_a_wrong_one_is_refused(tmp_path):
    right = written(tmp_path, line(x_Stage="", Tags='{"steelyard:stage": "retraining"}'))
    wrong = written(tmp_path, line(x_Stage="", Tags='{"steelyard:stage": "prod"}'), name="wrong.csv")
    kept = ledger(tmp_path)

    booked(tmp_path, right, into=kept)

    assert next(kept.iter_entries(OCTOBER, view=View.CASH)).postings[0].account == "expense/retraining/AmazonEC2"
    with pytest.raises(DataError, match="stage 'prod' is not one of"):
        booked(tmp_path, wrong, into=kept)


def test_a_free_line_is_counted_and_not_booked_as_zero(tmp_path):
    done = booked(tmp_path, written(tmp_path, line(), line(BilledCost="0", EffectiveCost="0.00", ResourceId="free")))

    assert (done.n_lines, done.n_entries, done.n_free) == (2, 2, 1)


def test_an_amount_with_too_many_decimals_is_rounded_and_counted(tmp_path):
    done = booked(tmp_path, written(tmp_path, line(BilledCost="0.0000000000005", EffectiveCost="1.00000000000049")))

    assert (done.n_entries, done.n_rounded) == (1, 2)


BAD = {
    "unparsable cost": ({"BilledCost": "1,00.00"}, "line 3: BilledCost '1,00.00'"),
    "beyond a ledger": ({"BilledCost": "1e400"}, "a number beyond .*line 3: BilledCost '1e400'"),
    "infinite": ({"EffectiveCost": "inf"}, "not a number.*line 3: EffectiveCost 'inf'"),
    "no cost": ({"EffectiveCost": ""}, "a needed value is empty .*line 3: EffectiveCost"),
    "not a number": ({"BilledCost": "NaN"}, "not a number"),
    "bad date": ({"ChargePeriodStart": "03/10/2026"}, "not a time.*ChargePeriodStart '03/10/2026'"),
    "backwards": ({"ChargePeriodEnd": "2026-10-02T23:59:59Z"}, "ends before it begins"),
    "currency": ({"BillingCurrency": "dollars"}, "not an ISO 4217 currency"),
    "currency with a digit": ({"BillingCurrency": "U1S"}, "not an ISO 4217 currency.*BillingCurrency 'U1S'"),
    "a year after": (
        {"ChargePeriodStart": "2027-10-03T00:00:00Z", "ChargePeriodEnd": "2027-10-04T00:00:00Z"},
        "more than a month outside its billing period.*line 3: used 2027-10-03",
    ),
    "years before": (
        {"ChargePeriodStart": "2019-10-03T00:00:00Z", "ChargePeriodEnd": "2019-10-04T00:00:00Z"},
        "more than a month outside its billing period.*line 3: used 2019-10-03",
    ),
    "category": ({"ChargeCategory": "usage"}, "ChargeCategory 'usage'"),
    "class": ({"ChargeClass": "Fixed"}, "not Correction or empty"),
    "negative usage": ({"PricingQuantity": "-24"}, "a negative quantity without a negative cost"),
    "formula": ({"ChargeDescription": "=1+1"}, "spreadsheet formula"),
    "formula by a sign": ({"ChargeDescription": "+cmd(1)"}, "spreadsheet formula"),
    "tags": ({"Tags": "team=search"}, "tags are not a JSON object"),
    "mixed currencies": ({"BillingCurrency": "CNY"}, "several currencies in one file"),
}


@pytest.mark.parametrize(("changes", "said"), BAD.values(), ids=BAD)
def test_a_bad_line_is_named_and_nothing_is_booked(tmp_path, changes, said):
    kept = ledger(tmp_path)

    with pytest.raises(DataError, match=rf"(?s)nothing was booked.*bill\.csv.*{said}"):
        booked(tmp_path, written(tmp_path, line(), line(ResourceId="i-2", **changes)), into=kept)

    assert kept.months() == []


def test_all_problems_are_said_at_once_with_counts_and_first_lines(tmp_path):
    bad = [line(BilledCost=f"?{n}") for n in range(7)]

    with pytest.raises(DataError) as said:
        booked(tmp_path, written(tmp_path, *bad, line(ChargeCategory="?")))

    assert "8 problems" in str(said.value)
    assert "(7): line 2: BilledCost '?0'; line 3: " in str(said.value)
    assert "line 7" not in str(said.value)
    assert "line 9: ChargeCategory '?'" in str(said.value)


def test_equal_lines_of_a_file_are_each_booked_and_said_with_their_cost(tmp_path):
    path, kept = written(tmp_path, line(), line(), line()), ledger(tmp_path)

    done, again = booked(tmp_path, path, into=kept), booked(tmp_path, path, into=kept)

    ((_, billed, effective, n),) = done.bills
    assert (str(billed), str(effective), n) == ("30.00 USD", "37.50 USD", 3)
    assert (done.n_new, again.n_new) == (6, 0)
    assert "equal lines, which FOCUS allows; each is booked (2): line 3: like line 2 of bill.csv, 10.00 USD" in str(
        done.notes
    )


def test_an_equal_line_of_another_file_is_asked_for_and_booked_where_the_files_are_parts(tmp_path):
    one, other = written(tmp_path, line(), line()), written(tmp_path, line(), name="more.csv")

    with pytest.raises(DataError, match=r"(?s)more.csv: a line that is in another file too.*like line 2 of bill.csv"):
        booked(tmp_path, one, other)
    done = booked(tmp_path, one, other, same_bill=SameBill.ADD)

    assert done.n_new == 6


def test_a_refund_takes_back_quantity_and_cost(tmp_path):
    path = written(tmp_path, line(PricingQuantity="-24", BilledCost="-10", EffectiveCost="-10"))

    assert booked(tmp_path, path).n_refunds == 1


def test_missing_columns_are_named(tmp_path):
    bare = {name: value for name, value in line().items() if name not in ("EffectiveCost", "ServiceName")}

    with pytest.raises(DataError, match=r"needed column is missing .*EffectiveCost"):
        booked(tmp_path, written(tmp_path, bare))


def test_files_that_are_no_tables_are_refused(tmp_path):
    (tmp_path / "sheet.csv").write_bytes(b"PK\x03\x04 and so on")
    (tmp_path / "empty.csv").write_bytes(b"")
    (tmp_path / "gbk.csv").write_bytes(as_csv(line(ChargeDescription="搜索")).encode("gb18030"))
    (tmp_path / "ragged.csv").write_text(as_csv(line()) + "1,2,3\n")
    (tmp_path / "cut.csv.gz").write_bytes(gzip.compress(as_csv(line()).encode())[:-12])

    for name, said in {
        "sheet.csv": "save the sheet as CSV",
        "empty.csv": "is no table",
        "gbk.csv": "line 2: not utf-8 .*--encoding",
        "ragged.csv": "line 3: 3 instead of",
        "cut.csv.gz": "cannot be read",
        "none.csv": "no file",
    }.items():
        with pytest.raises(DataError, match=said):
            booked(tmp_path, tmp_path / name)


def test_a_file_that_unpacks_to_more_than_its_limit_is_refused(tmp_path):
    from steelyard.adapters.invoices.bill_files import BillFiles

    (tmp_path / "bomb.csv.gz").write_bytes(gzip.compress(as_csv(line()).encode() * 200))
    small = BillFiles(max_bytes=10_000)

    with pytest.raises(SourceError, match="unpacks to more than 10,000"):
        booked(tmp_path, tmp_path / "bomb.csv.gz", files=small)


def test_gzip_a_byte_order_mark_and_another_encoding_are_read(tmp_path):
    text = as_csv(line(ChargeDescription="搜索"))
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"\xef\xbb\xbf" + text.encode()))
    (tmp_path / "b.csv").write_bytes(text.encode("gb18030"))
    kept = ledger(tmp_path)

    first = booked(tmp_path, tmp_path / "a.csv.gz", into=kept)
    second = booked(tmp_path, tmp_path / "b.csv", into=kept, encoding="gb18030")

    assert (first.n_new, second.n_new) == (2, 0)
    assert next(kept.iter_entries(OCTOBER, view=View.CASH)).text == "搜索"


def test_a_mix_of_currencies_is_converted_by_dated_rates(tmp_path):
    row = {"from": "CNY", "to": "USD", "rate": "0.14", "as_of": "2026-10-01", "source": "a bank"}
    rates = parse_rates({"rows": [row]}, where="rates")
    path = written(tmp_path, line(), line(BillingCurrency="CNY", BilledCost="100", EffectiveCost="100"))

    ((_, billed, effective, n),) = booked(tmp_path, path, rates=rates, currency="USD").bills

    assert (billed, effective, n) == (Money(Decimal("24.00"), "USD"), Money(Decimal("26.50"), "USD"), 2)
    with pytest.raises(DataError, match="no rate from CNY to EUR"):
        booked(tmp_path, path, rates=rates, currency="EUR")


def test_a_later_version_of_a_bill_is_not_booked_beside_the_first(tmp_path):
    kept = ledger(tmp_path)
    first = written(tmp_path, line(), line(ResourceId="i-2"))
    later = written(tmp_path, line(), line(ResourceId="i-2", BilledCost="11.00"), name="later.csv")
    booked(tmp_path, first, into=kept)

    with pytest.raises(DataError, match="holds 2 entries of the same bill that these files do not have"):
        booked(tmp_path, later, into=kept)
    done = booked(tmp_path, later, into=kept, same_bill=SameBill.REPLACE)
    again = booked(tmp_path, later, into=kept, same_bill=SameBill.REPLACE)

    trial = trial_balance(kept.balances(OCTOBER, view=View.CASH))
    assert (done.n_taken_back, again.n_new, again.n_taken_back) == (2, 0, 0)
    assert trial["USD"]["expense/serving/AmazonEC2"] == Decimal("21.00")
    assert is_balanced(trial)


def test_a_line_that_was_taken_back_and_is_in_the_bill_again_is_booked_again(tmp_path):
    kept = ledger(tmp_path)
    with_it = written(tmp_path, line(), line(ResourceId="i-2"))
    without = written(tmp_path, line(), name="without.csv")
    booked(tmp_path, with_it, into=kept)
    booked(tmp_path, without, into=kept, same_bill=SameBill.REPLACE)

    with pytest.raises(DataError, match=r"2 entries that were reversed .*--same-bill replace"):
        booked(tmp_path, with_it, into=kept)
    sums, counts = [], []
    for path in (with_it, with_it, without, without, with_it):
        done = booked(tmp_path, path, into=kept, same_bill=SameBill.REPLACE)
        counts.append((done.n_new, done.n_taken_back, done.n_restored))
        sums.append(sum(each.total.amount for each in kept.balances(OCTOBER, view=View.CASH) if each.centre))

    assert sums == [20, 20, 10, 10, 20]
    assert counts == [(2, 0, 2), (0, 0, 0), (2, 2, 0), (0, 0, 0), (2, 0, 2)]


def test_a_further_part_of_a_bill_is_added(tmp_path):
    kept = ledger(tmp_path)
    booked(tmp_path, written(tmp_path, line()), into=kept)

    done = booked(tmp_path, written(tmp_path, line(ResourceId="i-2"), name="2.csv"), into=kept, same_bill=SameBill.ADD)

    assert (done.n_new, done.n_taken_back) == (2, 0)


def test_names_of_focus_1_4_are_read(tmp_path):
    told = line()
    told["ServiceProviderName"], told["HostProviderName"] = told.pop("ProviderName"), told.pop("PublisherName")

    ((key, *_),) = booked(tmp_path, written(tmp_path, told)).bills

    assert key == ("AWS", "a-1", "INV-7")


def test_own_rules_choose_the_stage(tmp_path):
    from steelyard.ledger.invoices.centres import parse_stage_rules

    rules = parse_stage_rules({"rules": [{"when": {"ServiceName": ["AmazonEC2"]}, "stage": "training"}]}, where="own")

    done = booked(tmp_path, written(tmp_path, line(x_Stage="")), rules=rules)

    assert done.guessed == {"ServiceName AmazonEC2": ("training", 1)}
    with pytest.raises(DataError, match="no rule of own fits it"):
        booked(tmp_path, written(tmp_path, line(x_Stage="", ServiceName="S3")), rules=rules)


def test_an_unknown_kind_of_bill_is_refused_with_the_known_ones(tmp_path):
    from steelyard.errors import ConfigError

    with pytest.raises(ConfigError, match="known: auto, focus, people, alibaba, aws"):
        booked(tmp_path, written(tmp_path, line()), kind="amazon")
    assert source().kind == "auto"


def test_machines_of_a_bill_and_their_metered_use_are_counted_once(tmp_path):
    told = {"x_Stage": "", "Tags": "", "EffectiveCost": "12.50"}
    kept = ledger(tmp_path)
    booked(
        tmp_path,
        written(tmp_path, line(**told), line(**told, ServiceCategory="Databases", ServiceName="RDS")),
        into=kept,
    )
    centre = CostCentre(Stage.TRAINING, model="lexical")
    used = (Posting("expense/training/machines", usd("2.50"), centre), Posting("pool/machines", usd("-2.50")))
    kept.append([Entry("m", date(2026, 10, 3), View.ACCRUAL, "x", FactKind.MEASURED, "run 7", used)])
    october = Month(2026, 10)

    idle = allocate_pools(kept.balances(october, view=View.ACCRUAL), october, rule=Rule.COST, on=date(2026, 10, 31))
    kept.append(idle)

    found = kept.balances(october, view=View.ACCRUAL)
    spent = [(each.account, each.total.amount) for each in found if each.centre]
    assert sum(amount for _, amount in spent) == Decimal("25.00")  # what was billed for use, to the last decimal
    assert ("expense/training/machines", Decimal("2.50")) in spent
    rows = to_rows(charges_of(entry for view in View for entry in kept.iter_entries(october, view=view)))
    assert sum(Decimal(row["EffectiveCost"]) for row in rows) == Decimal("25.00")
    assert sum(Decimal(row["BilledCost"]) for row in rows) == Decimal("20.00")


def usd(amount):
    return Money(Decimal(amount), "USD")


def test_a_pool_that_is_none_of_the_meters_is_refused(tmp_path):
    with pytest.raises(DataError, match="x_Pool 'cars' is not one of machines, storage, network"):
        booked(tmp_path, written(tmp_path, line(x_Pool="cars", x_PoolCost="3")))
