"""Budgets set, reported beside the ledger, and checked: the figures of a month worked by hand."""

import json
from datetime import date
from decimal import Decimal

import pytest
from tests.documents_of import bills_of, decision_of, entry_of, surface_of
from tests.unit.workflows.accounts_shop import SETTINGS, Accounts

from steelyard.domain import FactKind, Money, Stage
from steelyard.errors import ConfigError, DataError, PriceError, StageError
from steelyard.ledger.entries import Month
from steelyard.workflows.accounts.budget import Asked, kept
from steelyard.workflows.bookkeeping.enter_cost import HandCost, enter_cost
from steelyard.workflows.budgeting.check_budgets import AlertRow, check_budgets, post_alerts
from steelyard.workflows.budgeting.report_budgets import BudgetAsked, period_of, report_budgets
from steelyard.workflows.budgeting.set_budgets import BudgetEntry, import_budgets, set_budget

D = Decimal


@pytest.fixture
def shop(tmp_path):
    return Accounts(tmp_path, SETTINGS + "stale_after_days = 100000\n")


def budget(amount="120", **fields):
    given = {"kind": "budget", "currency": "USD", "first_month": "2026-11", "last_month": None, "per": "period"}
    return BudgetEntry(amount=D(amount), **{**given, **fields})


def spend(shop, name, amount, on, *, stage=Stage.SERVING, currency="USD"):
    money = Money(D(amount), currency)
    paid = HandCost(id=name, text="x", amount=money, on=on, stage=stage, kind=FactKind.INVOICED, source="bill",
                    paid_from="payable/vendor")  # fmt: skip
    enter_cost(shop, paid, view="accrual", to_pool=False)


def asked(**fields):
    given = dict.fromkeys(("first", "last", "on", "currency", "rates", "quantities"))
    return BudgetAsked(**{**given, "view": "accrual", **fields})


def read(path):
    return json.loads(path.read_text("utf-8"))


def report(shop, **fields):
    return report_budgets(shop, asked(**fields), read=read)


def rules(shop, **fields):
    return [(row.rule, row.where) for row in check_budgets(shop, asked(**fields), read=read).alerts]


def test_a_budget_of_one_month_is_kept_as_it_was_understood(shop):
    found = set_budget(shop.store, budget(stage="serving", team="web"))

    assert (found.node, found.first, found.last) == ("stage serving, team web", "2026-11", "2026-11")
    assert found.amount == Money(D(120), "USD")


def test_an_amount_for_each_month_is_that_many_times_as_much_for_the_period(shop):
    found = set_budget(shop.store, budget("10", per="month", last_month="2027-01"))

    assert found.amount == Money(D(30), "USD")
    assert report(shop, first="2026-12").rows[0].budget == D(10)
    assert report(shop, first="2026-11", last="2027-01").rows[0].budget == D(30)


def test_a_budget_of_the_same_node_and_period_is_replaced_and_a_commitment_beside_it_is_not(shop):
    set_budget(shop.store, budget("120"))
    set_budget(shop.store, budget("40", kind="commitment"))
    set_budget(shop.store, budget("90"))

    assert sorted(each.amount.amount for each in kept(shop.store)) == [40, 90]


def test_two_budgets_of_one_month_that_are_not_of_one_period_are_refused_and_nothing_is_changed(shop):
    set_budget(shop.store, budget("120"))

    with pytest.raises(DataError, match="2026-11"):
        set_budget(shop.store, budget("500", last_month="2026-12"))
    assert [each.amount.amount for each in kept(shop.store)] == [120]


@pytest.mark.parametrize(
    "wrong", [{"first_month": "11/2026"}, {"last_month": "2026-10"}, {"currency": "Dollar"}, {"stage": "cooking"},
              {"kind": "wish"}, {"per": "year"}],
)  # fmt: skip
def test_a_budget_that_cannot_be_is_refused(shop, wrong):
    with pytest.raises(DataError, match=r"--amount and its options|it ends before it begins"):
        set_budget(shop.store, budget(**wrong))
    assert kept(shop.store) == []


def test_a_file_of_budgets_comes_in_whole_beside_or_in_place_of_what_there_was(shop):
    set_budget(shop.store, budget("120"))
    file = shop.base / "budgets.csv"
    file.write_text("first_month,amount,currency,stage\n2026-11,10,USD,serving\n2026-12,20,USD,\n", "utf-8")

    beside = import_budgets(shop, file, is_replacing=False)
    instead = import_budgets(shop, file, is_replacing=True)

    assert (beside.n_imported, beside.n_kept) == (2, 3)
    assert (instead.n_imported, instead.n_kept) == (2, 2)


def test_one_wrong_line_of_a_file_keeps_all_of_it_out_and_each_is_named(shop):
    file = shop.base / "budgets.csv"
    file.write_text("first_month,amount,currency\n2026-11,10,USD\nsoon,10,USD\n2026-11,x,USD\n", "utf-8")

    with pytest.raises(DataError) as raised:
        import_budgets(shop, file, is_replacing=False)

    assert [line.split(":")[0] for line in str(raised.value).splitlines()] == [
        "budgets.csv, line 3",
        "budgets.csv, line 4",
    ]
    assert kept(shop.store) == []


def test_what_was_spent_stands_beside_the_budget_and_the_rest_without_one(shop):
    set_budget(shop.store, budget("100", stage="serving"))
    spend(shop, "a", "130", date(2026, 11, 3))
    spend(shop, "b", "7", date(2026, 11, 3), stage=Stage.SOFTWARE)
    spend(shop, "c", "1000", date(2026, 10, 3))

    found = report(shop, first="2026-11", on=date(2026, 11, 30))

    serving, rest = found.rows
    assert (found.period, found.currency, found.view, found.on) == ("2026-11", "USD", "accrual", date(2026, 11, 30))
    assert (serving.node, serving.budget, serving.actual) == ("stage serving", D("100.00"), D("130.00"))
    assert (serving.variance, serving.variance_percent) == (D("30.00"), D("30.0"))
    assert (rest.node, rest.budget, rest.actual) == ("without a budget", None, D("7.00"))
    assert not found.has_split


def test_a_variance_is_split_into_volume_and_price_where_both_quantities_are_known(shop):
    set_budget(shop.store, budget("100", stage="serving", quantity=D(1000), unit="GB"))
    spend(shop, "a", "150", date(2026, 11, 3))
    (shop.base / "used.csv").write_text("stage,quantity,unit\nserving,1200,GB\n", "utf-8")

    found = report(shop, first="2026-11", on=date(2026, 11, 30), quantities=shop.base / "used.csv")

    (row,) = found.rows
    assert found.has_split
    assert row.volume_variance == (1200 - 1000) * D("0.10")  # at the planned price
    assert row.price_variance == 1200 * (D(150) / 1200 - D("0.10"))
    assert row.volume_variance + row.price_variance == row.variance == D(50)


def test_without_a_budget_there_is_no_report(shop):
    with pytest.raises(StageError, match="no budget was set yet: `steelyard cost budget set"):
        report(shop)


def test_budgets_of_several_currencies_need_one_chosen_and_a_rate_for_the_other(shop):
    set_budget(shop.store, budget("100", stage="serving"))
    set_budget(shop.store, budget("100", stage="storage", currency="EUR"))

    with pytest.raises(ConfigError, match="the budgets are in EUR, USD: choose one with --currency"):
        report(shop)
    with pytest.raises(PriceError, match="EUR"):
        report(shop, currency="USD")


def test_months_in_the_wrong_order_are_refused(shop):
    set_budget(shop.store, budget())

    with pytest.raises(ConfigError, match="--from 2026-12 is after --to 2026-11"):
        report(shop, first="2026-12", last="2026-11")


def test_a_period_is_said_as_a_month_or_from_one_to_another():
    one, two = Month(2026, 11), Month(2026, 12)

    assert period_of(Asked([one], date(2026, 11, 1), "USD")) == "2026-11"
    assert period_of(Asked([one, two], date(2026, 11, 1), "USD")) == "2026-11 to 2026-12"


@pytest.mark.parametrize(
    ("spent", "rule"), [("80", None), ("80.01", "budget_share"), ("100", "budget_share"), ("100.01", "over_budget")]
)
def test_a_budget_speaks_above_four_fifths_and_above_the_whole(shop, spent, rule):
    set_budget(shop.store, budget("100", stage="serving"))
    spend(shop, "a", spent, date(2026, 11, 30))

    found = rules(shop, first="2026-11", on=date(2026, 11, 30))

    assert found == ([(rule, "stage serving")] if rule else [])


def test_a_month_that_costs_half_as_much_again_as_the_one_before_is_a_jump_and_several_months_are_not_asked(shop):
    set_budget(shop.store, budget("5000", per="month", stage="serving", last_month="2026-12"))
    spend(shop, "a", "100", date(2026, 10, 31))
    spend(shop, "b", "151", date(2026, 11, 30))

    assert ("jump", "stage serving") in rules(shop, first="2026-11", on=date(2026, 11, 30))
    assert "jump" not in [rule for rule, _ in rules(shop, first="2026-11", last="2026-12", on=date(2026, 11, 30))]


def test_items_without_a_price_are_said_of_what_was_chosen_on_its_own_surface(shop):
    set_budget(shop.store, budget("100", stage="serving"))
    bills = {
        "search": [entry_of("one", None, unpriced=["traffic"]), entry_of("two", None, unpriced=["disks"])],
        "recommend": [entry_of("one", None, unpriced=["a balancer"]), entry_of("two", "5")],
    }
    shop.store.write_json("bills", bills_of(bills))
    shop.store.write_json("decision", decision_of(surface_of("search", "one"), surface_of("recommend", "two")))

    found = check_budgets(shop, asked(first="2026-11"), read=read)

    assert [(row.rule, row.where, row.found) for row in found.alerts] == [("unpriced", "one", "traffic")]
    assert all(row.is_urgent for row in found.alerts)


def test_old_prices_alone_are_nothing_urgent(tmp_path):
    shop = Accounts(tmp_path, SETTINGS + "stale_after_days = 1\n")
    set_budget(shop.store, budget("100", stage="serving"))

    found = check_budgets(shop, asked(first="2026-11"), read=read)

    assert {row.rule for row in found.alerts} == {"stale_prices"}
    assert not any(row.is_urgent for row in found.alerts)


def test_an_address_is_needed_to_post_to(shop):
    set_budget(shop.store, budget("100"))
    found = check_budgets(shop, asked(first="2026-11"), read=read)

    with pytest.raises(ConfigError, match=r"set webhook under \[cost\.alerts\]"):
        post_alerts(shop, found, key=None)


def test_where_nothing_fired_nothing_is_posted(tmp_path):
    address = '[cost.alerts]\nwebhook = "https://hooks.example.com/a-secret-path"\n'
    shop = Accounts(tmp_path, SETTINGS + "stale_after_days = 100000\n" + address)
    set_budget(shop.store, budget("100"))

    found = post_alerts(shop, check_budgets(shop, asked(first="2026-11"), read=read), key=None)

    assert found.n_alerts == 0
    assert "hooks.example.com" in found.address and "secret" not in found.address


def test_only_old_prices_are_not_urgent():
    fields = dict.fromkeys(("severity", "where", "period", "found", "limit", "en", "zh"), "x")

    assert AlertRow(rule="over_budget", **fields).is_urgent
    assert not AlertRow(rule="stale_prices", **fields).is_urgent
