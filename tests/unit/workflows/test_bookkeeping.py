"""Booking by hand, listing, summing, allocating, closing and reversing: the verbs of the ledger, with sums by hand."""

from datetime import date
from decimal import Decimal

import pytest
from tests.unit.workflows.accounts_shop import Accounts

from steelyard.domain import FactKind, Money, Stage
from steelyard.errors import ConfigError, DataError, StageError
from steelyard.ledger.entries import CostCentre, Entry, Month, Posting, View
from steelyard.workflows.bookkeeping.allocate import allocate
from steelyard.workflows.bookkeeping.close_month import close_month
from steelyard.workflows.bookkeeping.commitments import book_commitments, excess, read_commitments
from steelyard.workflows.bookkeeping.enter_cost import BOTH, HandCost, amortise_cost, enter_cost
from steelyard.workflows.bookkeeping.export_focus import check_focus, export_focus
from steelyard.workflows.bookkeeping.list_entries import list_entries
from steelyard.workflows.bookkeeping.opened_ledger import open_ledger
from steelyard.workflows.bookkeeping.reconcile import names_of
from steelyard.workflows.bookkeeping.reverse import reverse
from steelyard.workflows.bookkeeping.sum_balances import ACCOUNT, CENTRE, CentreRow, TrialRow, sum_balances

NOVEMBER = date(2026, 11, 3)


@pytest.fixture
def shop(tmp_path):
    return Accounts(tmp_path)


def usd(amount):
    return Money(Decimal(amount), "USD")


def cost(name="fee", amount="120", **fields):
    given = {"text": "a fee", "on": NOVEMBER, "stage": Stage.SOFTWARE, "kind": FactKind.INVOICED, "source": "bill 7",
             "paid_from": "payable/vendor"}  # fmt: skip
    money = amount if isinstance(amount, Money) else usd(amount)
    return HandCost(id=name, amount=money, **{**given, **fields})


def metered(shop, **amounts):
    """Machine time of configurations, as the meters book it."""
    with open_ledger(shop) as ledger:
        for name, amount in amounts.items():
            centre = CostCentre(Stage.SERVING, configuration=name)
            moves = (
                Posting("expense/serving/machines", usd(amount), centre),
                Posting("pool/machines", usd(f"-{amount}")),
            )
            ledger.append([Entry(name, NOVEMBER, View.ACCRUAL, "used", FactKind.MEASURED, "meters", moves)])


def sums(shop, *by, view="accrual", month="2026-11"):
    return sum_balances(shop, month=month, view=view, by=by)


def test_a_cost_is_booked_once_under_its_own_id_in_each_view_that_was_asked_for(shop):
    first = enter_cost(shop, cost(), view=BOTH, to_pool=False)
    again = enter_cost(shop, cost(), view=BOTH, to_pool=False)

    assert (first.n_entries, again.n_entries) == (2, 0)
    assert (first.amount, first.account) == (usd("120"), "expense/software/entered")
    for view in View:
        (row,) = sums(shop, "stage", "team", view=str(view)).rows
        assert (row.stage, row.team, row.amount) == ("software", "web", Decimal(120))  # the team of the settings


def test_one_view_alone_is_left_alone(shop):
    enter_cost(shop, cost(team="search"), view="cash", to_pool=False)

    assert [row.team for row in sums(shop, "team", view="cash").rows] == ["search"]
    assert sums(shop, "team").rows == ()


@pytest.mark.parametrize(
    ("stage", "pool"),
    [(Stage.STORAGE, "pool/storage"), (Stage.BANDWIDTH, "pool/network"), (Stage.SERVING, "pool/machines")],
)
def test_an_invoice_for_what_is_metered_goes_to_the_pool_of_its_stage(shop, stage, pool):
    found = enter_cost(shop, cost(stage=stage), view=BOTH, to_pool=True)

    assert found.account == pool
    (said,) = sums(shop, ACCOUNT).open_pools
    assert said.startswith(f"{pool} still holds 120.00 USD of 2026-11")
    assert said.endswith("`steelyard cost ledger allocate --month 2026-11`")


def test_an_entry_is_listed_posting_by_posting(shop):
    enter_cost(shop, cost(model="bm25", experiment="a"), view="cash", to_pool=False)

    found = list_entries(shop, month="2026-11", view="cash", account="", limit=10)

    expense, owed = sorted(found.rows, key=lambda row: -row.amount)
    assert (found.month, found.n_entries) == ("2026-11", 1)
    assert (expense.account, expense.amount, expense.currency) == ("expense/software/entered", Decimal(120), "USD")
    assert (expense.stage, expense.model, expense.team, expense.experiment) == ("software", "bm25", "web", "a")
    assert (owed.account, owed.amount) == ("payable/vendor", Decimal(-120))
    assert (owed.stage, owed.model, owed.configuration, owed.team, owed.experiment) == (None,) * 5
    assert expense.source == owed.source == "bill 7"


def test_a_list_holds_the_largest_entries_of_an_account_and_no_more_than_asked(shop):
    for name, amount in (("a", "1"), ("b", "30"), ("c", "2")):
        enter_cost(shop, cost(name, amount, paid_from=f"payable/{name}"), view="cash", to_pool=False)

    def ids(**asked):
        rows = list_entries(shop, **{"month": "2026-11", "view": "cash", "account": "", "limit": 9, **asked}).rows
        return list(dict.fromkeys(row.text and row.entry.split("/")[0] for row in rows))

    assert ids() == ["b", "c", "a"]
    assert ids(limit=2) == ["b", "c"]
    assert ids(account="payable/c") == ["c"]
    assert ids(account="payable") == ["b", "c", "a"]
    assert ids(month="2026-10") == []


def test_the_trial_balance_has_debits_and_credits_apart_and_equal_in_each_currency(shop):
    enter_cost(shop, cost("a", "120"), view="cash", to_pool=False)
    enter_cost(shop, cost("b", Money(Decimal("80.25"), "EUR")), view="cash", to_pool=False)

    rows = {(row.account, row.currency): row for row in sums(shop, ACCOUNT, view="cash").rows}

    assert all(isinstance(row, TrialRow) for row in rows.values())
    assert rows["expense/software/entered", "USD"].debit == 120
    assert rows["expense/software/entered", "USD"].credit is None
    assert rows["payable/vendor", "EUR"].credit == Decimal("80.25")
    assert (rows["sum of EUR", "EUR"].debit, rows["sum of EUR", "EUR"].credit) == (Decimal("80.25"),) * 2
    assert (rows["sum of USD", "USD"].debit, rows["sum of USD", "USD"].credit) == (Decimal(120),) * 2


def test_expenses_are_summed_by_what_was_asked_for_the_largest_first_and_pools_last(shop):
    metered(shop, small="10", large="30")
    enter_cost(shop, cost("bill", "100", stage=Stage.SERVING), view="accrual", to_pool=True)
    enter_cost(shop, cost("fee", "20"), view="accrual", to_pool=False)

    by_configuration, by_stage = sums(shop, "configuration").rows, sums(shop, "stage").rows

    assert [(row.configuration, row.amount) for row in by_configuration] == [
        ("large", 30), ("", 20), ("small", 10), ("not allocated (pool/machines)", 60),
    ]  # fmt: skip
    assert [(row.stage, row.amount) for row in by_stage] == [
        ("serving", 40), ("software", 20), ("not allocated (pool/machines)", 60),
    ]  # fmt: skip
    whole = Decimal(100) + Decimal(20)  # workload + idle + fee is what was invoiced
    assert all(sum(row.amount for row in sums(shop, *by).rows) == whole for by in (("stage",), CENTRE))
    assert all(isinstance(row, CentreRow) for row in by_stage)


@pytest.mark.parametrize(
    ("rule", "shares"), [("cost", {"small": 15, "large": 45}), ("equal", {"small": 30, "large": 30})]
)
def test_idle_time_is_charged_by_the_rule_that_was_asked_for(shop, rule, shares):
    metered(shop, small="10", large="30")
    enter_cost(shop, cost("bill", "100", stage=Stage.SERVING), view="accrual", to_pool=True)

    found = allocate(shop, month="2026-11", rule=rule)

    (pool,) = found.pools
    assert (found.month, pool.total, pool.n_centres, found.open_pools) == ("2026-11", usd("60"), 2, ())
    idle = {row.configuration: row.amount - used for row in sums(shop, "configuration").rows
            for used in [{"small": 10, "large": 30}[row.configuration]]}  # fmt: skip
    assert idle == shares
    assert allocate(shop, month="2026-11", rule=rule).pools == ()  # nothing is left to be charged


def test_what_was_metered_and_not_invoiced_stays_in_the_pool_and_is_said(shop):
    metered(shop, small="10")

    found = allocate(shop, month=None, rule="cost")  # this month, by the clock

    assert found.month == "2026-11"
    assert found.pools == ()
    assert found.open_pools == ("pool/machines is 10.00 USD below zero in 2026-11: metered, and not invoiced yet",)


def test_a_purchase_is_an_expense_month_by_month_and_its_worth_at_the_end_is_none(shop):
    bought = amortise_cost(shop, cost("server", "1300", stage=Stage.HARDWARE), months=12, residual=Decimal(100))

    assert bought.amount == usd("1200")
    by_month = [sum(row.amount for row in sums(shop, "stage", month=month).rows) for month in ("2026-11", "2027-10")]
    assert by_month == [Decimal(100), Decimal(100)]
    assert sums(shop, "stage", month="2027-11").rows == ()
    assert (
        amortise_cost(shop, cost("server", "1300", stage=Stage.HARDWARE), months=12, residual=Decimal(100)).n_entries
        == 0
    )


def test_a_closed_month_says_what_its_pools_held_and_takes_no_more(shop):
    metered(shop, small="10")

    found = close_month(shop, "2026-11")

    assert (found.month, found.n_postings) == ("2026-11", 2)
    assert found.pools == (("pool/machines", usd("-10")),)
    with pytest.raises(DataError, match="2026-11"):
        enter_cost(shop, cost(), view="accrual", to_pool=False)


@pytest.mark.parametrize("month", ["2026-13", "11/2026", "soon"])
def test_what_is_no_month_is_not_closed(shop, month):
    with pytest.raises(DataError, match="2026"):
        close_month(shop, month)


def test_a_reversal_takes_back_to_zero_and_once(shop):
    enter_cost(shop, cost(), view=BOTH, to_pool=False)

    first, again = (reverse(shop, "fee", on=NOVEMBER, text="a mistake") for _ in range(2))

    assert [month for _, month in first.booked] == ["2026-11", "2026-11"]
    assert again.booked == ()
    for view in View:
        assert sum(row.amount for row in sums(shop, "stage", view=str(view)).rows) == 0


def test_what_stays_in_the_other_view_is_said(shop):
    enter_cost(shop, cost(), view=BOTH, to_pool=False)
    (entry,) = {row.entry for row in list_entries(shop, month="2026-11", view="cash", account="", limit=9).rows}

    found = reverse(shop, entry, on=NOVEMBER, text="x")

    assert len(found.booked) == len(found.left) == 1


def test_nothing_is_reversed_under_an_id_that_is_not_there(shop):
    with pytest.raises(DataError, match=r"no entry 'fees'; `steelyard cost ledger entries` lists them"):
        reverse(shop, "fees", on=None, text="x")


def test_the_ledger_goes_out_in_rows_that_keep_every_rule(shop):
    metered(shop, small="10")
    enter_cost(shop, cost("bill", "100", stage=Stage.SERVING), view=BOTH, to_pool=True)
    out = shop.work / "out.csv"

    found = export_focus(shop, out, month="2026-11")

    assert found.n_rows > 0
    assert [(rest.month, rest.account, rest.money) for rest in found.rests] == [("2026-11", "pool/machines", usd("90"))]
    assert check_focus(shop.tools.accounting.bill_files(), out) == ()


def test_an_empty_ledger_is_not_written(shop):
    for month, said in ((None, "the ledger holds nothing;"), ("2026-10", "the ledger holds nothing in 2026-10;")):
        with pytest.raises(DataError, match=said):
            export_focus(shop, shop.work / "out.csv", month=month)
    assert not (shop.work / "out.csv").exists()


def test_names_of_a_bill_are_an_object_of_texts(shop, tmp_path):
    files, path = shop.tools.accounting.bill_files(), tmp_path / "names.json"

    assert names_of(None, files) == {}
    path.write_text('{"serving/instances": "AmazonEC2"}', "utf-8")
    assert names_of(path, files) == {"serving/instances": "AmazonEC2"}
    for wrong in ('["AmazonEC2"]', '{"serving": 3}'):
        path.write_text(wrong, "utf-8")
        with pytest.raises(ConfigError, match=r"names\.json: write an object of names, like"):
            names_of(path, files)


def committed(shop, *rows):
    header = "id,instance,count,start,end,hourly,upfront,currency,source"
    (shop.base / "terms.csv").write_text("\n".join((header, *rows)) + "\n", "utf-8")
    return read_commitments(shop, shop.base / "terms.csv")


def test_a_commitment_is_listed_with_all_that_it_comes_to(shop):
    found = committed(shop, "ri,c5.large,2,2026-01-01,2027-01-01,0.03,219,USD,invoice 7")

    (row,) = found.rows
    assert row.instance == "aws/us-east-1/c5.large"
    assert row.paid_at_start == 2 * 219
    assert row.whole == 2 * (219 + Decimal("0.03") * 365 * 24)
    assert row.hourly_all_told == Decimal("0.055")  # 219 / 8760 = 0.025
    february, january = (2 * (219 * Decimal(days) / 365 + Decimal("0.03") * 24 * days) for days in (28, 31))
    assert row.per_month == f"{february:.2f} to {january:.2f}"
    assert row.on_demand == found.book.rows["aws/us-east-1/c5.large"].price.per_unit.amount


def test_more_than_is_needed_is_said_and_the_need_comes_from_the_decision_or_by_name(shop):
    found = committed(shop, "ri,c5.large,2,2026-01-01,2027-01-01,0.03,219,USD,invoice 7")

    assert excess(shop, found, needed=["c5.large=2"]) == []
    (said,) = excess(shop, found, needed=["c5.large=1"])
    assert "aws/us-east-1/c5.large" in said
    with pytest.raises(StageError, match="run `steelyard decide`, or give --needed NAME=N"):
        excess(shop, found, needed=[])


@pytest.mark.parametrize("written", ["c5.large", "=4", "c5.large=", "c5.large=-1", "c5.large=1.5", "c5.large=²"])
def test_a_need_is_a_machine_and_a_whole_number(shop, written):
    found = committed(shop, "ri,c5.large,2,2026-01-01,2027-01-01,0.03,219,USD,invoice 7")

    with pytest.raises(ConfigError, match=r"write the machine and how many, like c5\.large=4"):
        excess(shop, found, needed=[written])


def test_commitments_are_booked_once_up_to_a_day(shop):
    found = committed(shop, "ri,c5.large,2,2026-10-01,2027-10-01,0.03,0,USD,invoice 7")

    first, again = (book_commitments(shop, found, until=date(2026, 11, 1)) for _ in range(2))

    assert first > 0
    assert again == 0
    with open_ledger(shop) as ledger:
        held = ledger.balances(Month(2026, 10), view=View.ACCRUAL)
    pool = sum(each.total.amount for each in held if each.account == "pool/machines")
    assert pool == 2 * Decimal("0.03") * 24 * 31
