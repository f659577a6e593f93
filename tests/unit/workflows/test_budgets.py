"""Budgets as rows of text, as they are kept, and beside a ledger held in memory."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.adapters.artefacts import Artefacts
from steelyard.domain import FactKind, Money, Stage
from steelyard.errors import DataError, PriceError
from steelyard.ledger.entries import CostCentre, Entry, Month, Posting, View, balances
from steelyard.planning.budget import Node, Planned
from steelyard.workflows.accounts.budget import (
    Asked,
    added,
    budget_rows,
    keep,
    kept,
    planned,
    traffic_between,
)

SEPTEMBER, OCTOBER, NOVEMBER = (Month(2026, number) for number in (9, 10, 11))
ALL = Node()


class MemoryLedger:
    """Entries in a list, as the port gives them."""

    def __init__(self, *entries):
        self._entries = list(entries)

    def balances(self, month, *, view):
        return balances([each for each in self._entries if each.month == month], view=view)

    def entries(self, month, *, view, account="", limit=100):
        return [
            each
            for each in self._entries
            if each.month == month
            and each.view is view
            and any(posting.account.startswith(account) for posting in each.postings)
        ][:limit]


def usd(amount):
    return Money(Decimal(str(amount)), "USD")


def expense(name, on, amount, *, stage=Stage.SERVING, model="", currency="USD"):
    money = Money(Decimal(str(amount)), currency)
    postings = (
        Posting(f"expense/{stage}/all", money, CostCentre(stage, model=model)),
        Posting("payable/cloud", money * -1),
    )
    return Entry(name, on, View.ACCRUAL, name, FactKind.INVOICED, "invoice", postings)


def row(**fields):
    return {"first_month": "2026-10", "amount": "100", "currency": "USD", **fields}


def one(**fields):
    (found,) = planned([row(**fields)], where="plan.csv")
    return found


def budget(amount=100, *, node=ALL, first=OCTOBER, last=None, currency="USD", is_commitment=False):
    money = Money(Decimal(str(amount)), currency)
    return Planned(node, first, last or first, money, is_commitment)


# Rows of text.


def test_a_row_with_the_least_is_a_budget_of_everything_for_one_month():
    assert one() == Planned(ALL, OCTOBER, OCTOBER, usd(100))


def test_a_row_with_everything_says_place_period_kind_and_what_it_buys():
    found = one(
        last_month="2026-12", stage="serving", model="dense", configuration="dense-int8", team="search",
        experiment="e1", amount="1200.50", kind="commitment", quantity="730", unit="hour",
    )  # fmt: skip

    assert found.node == Node(Stage.SERVING, "dense", "dense-int8", "search", "e1")
    assert (found.first, found.last) == (OCTOBER, Month(2026, 12))
    assert (found.amount, found.is_commitment) == (usd("1200.50"), True)
    assert (found.quantity, found.unit) == (Decimal(730), "hour")


def test_an_amount_a_month_is_counted_for_each_month_of_its_period():
    assert one(last_month="2026-12", per="month").amount == usd(300)


def test_cells_of_a_table_tool_are_read_as_what_they_hold():
    assert one(amount=Decimal("1E+2"), stage=None, team="  search ").node == Node(team="search")
    assert one(amount=Decimal("1E+2")).amount == usd(100)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"stage": "servin"}, "no stage 'servin'; stages: data, labelling"),
        ({"first_month": "10/2026"}, "10/2026"),
        ({"last_month": "2026-13"}, "2026-13"),
        ({"amount": "a lot"}, "amount: "),
        ({"amount": ""}, "amount: "),
        ({"quantity": "1,5"}, "quantity: "),
        ({"currency": "usd"}, "usd"),
        ({"kind": "hope"}, "kind is 'hope' and per is 'period'; write budget or commitment, and period or month"),
        ({"per": "year"}, "kind is 'budget' and per is 'year'; write budget or commitment, and period or month"),
        ({"colour": "red"}, "column 'colour' is not known; known: first_month, last_month"),
    ],
)
def test_a_wrong_row_is_refused_with_file_line_and_what_to_write(fields, said):
    with pytest.raises(DataError) as refusal:
        planned([row(), row(**fields)], where="plan.csv")

    assert str(refusal.value).startswith("plan.csv, line 3: ")
    assert said in str(refusal.value)


def test_all_wrong_rows_are_told_together():
    with pytest.raises(DataError) as refusal:
        planned([row(amount="x"), row(), row(stage="y")], where="plan.csv")

    assert [line.split(":")[0] for line in str(refusal.value).splitlines()] == ["plan.csv, line 2", "plan.csv, line 4"]


# As they are kept.


@pytest.fixture
def store(tmp_path):
    return Artefacts(tmp_path)


def test_where_no_budget_was_set_there_is_none(store):
    assert kept(store) == []


@given(
    amount=st.decimals("0.000001", "999999999", places=6),
    stage=st.sampled_from([None, *Stage]),
    months=st.integers(0, 30),
    is_commitment=st.booleans(),
    quantity=st.none() | st.decimals("0.000001", "9999", places=6),
)
def test_a_plan_comes_back_as_it_was_kept(tmp_path_factory, amount, stage, months, is_commitment, quantity):
    store = Artefacts(tmp_path_factory.mktemp("plan"))
    last = Month(2026 + (9 + months) // 12, (9 + months) % 12 + 1)
    node = Node(stage, "dense", "", "search")
    plan = [Planned(node, OCTOBER, last, usd(amount), is_commitment, quantity, "hour" if quantity else "")]

    keep(store, plan)

    assert kept(store) == plan


def test_two_budgets_of_one_place_and_month_are_refused_and_the_plan_before_stays(store):
    before = [budget(100)]
    keep(store, before)

    with pytest.raises(DataError):
        keep(store, [budget(100), budget(200, last=NOVEMBER)])

    assert kept(store) == before


def test_a_new_budget_replaces_that_of_the_same_place_period_and_kind_only():
    plan = [budget(1), budget(2, first=NOVEMBER), budget(3, is_commitment=True), budget(4, node=Node(Stage.DATA))]

    found = added(plan, [budget(9)])

    assert [int(each.amount.amount) for each in found] == [2, 3, 4, 9]


# Beside a ledger.


def rows(plan, *entries, months=(OCTOBER,), today=date(2026, 10, 31), **more):
    found = budget_rows(plan, MemoryLedger(*entries), Asked(months, today, "USD", **more))
    return found, {str(each.node) if each.node else "uncovered": each for each in found.rows}


def test_what_was_spent_stands_beside_its_budget_and_the_rest_beside_none():
    plan = [budget(100, node=Node(Stage.SERVING))]

    _, found = rows(plan, expense("a", date(2026, 10, 2), 30), expense("b", date(2026, 10, 3), 7, stage=Stage.DATA))

    assert (found["stage serving"].actual, found["stage serving"].budget) == (usd(30), usd(100))
    assert found["uncovered"].actual == usd(7)
    assert found["uncovered"].budget is None


def test_the_cost_of_the_month_before_is_given_by_place():
    plan = [budget(100)]

    found, _ = rows(plan, expense("a", date(2026, 9, 30), 11), expense("b", date(2026, 10, 1), 5))

    assert found.before == {ALL: usd(11)}


def test_a_budget_outside_the_months_asked_for_is_left_out():
    _, found = rows([budget(100, first=NOVEMBER)], expense("a", date(2026, 10, 2), 30))

    assert set(found) == {"uncovered"}


def test_a_month_that_is_over_is_expected_to_be_what_it_was():
    _, found = rows([budget(100)], expense("a", date(2026, 10, 2), 30), today=date(2026, 11, 20))

    assert found["all"].forecast == usd(30)


def invoice(amount, *, pool="machines"):
    money = usd(amount)
    postings = (Posting(f"pool/{pool}", money), Posting("payable/cloud", money * -1))
    return Entry("bill", date(2026, 10, 31), View.ACCRUAL, "bill", FactKind.INVOICED, "invoice", postings)


def test_what_was_invoiced_and_is_nobodys_yet_counts_and_is_told_as_waiting():
    found, by_node = rows([budget(100)], invoice(40))

    assert found.waiting == usd(40)
    assert by_node["all"].actual == usd(40)


def test_in_the_cash_view_nothing_waits():
    found, by_node = rows([budget(100)], invoice(40), view=View.CASH)

    assert found.waiting == usd(0)
    assert by_node["all"].actual == usd(0)


@pytest.mark.parametrize("where", ["ledger", "plan"])
def test_another_currency_needs_a_dated_rate(where):
    euro = {"currency": "EUR"} if where == "ledger" else {}
    plan = [budget(100, currency="EUR" if where == "plan" else "USD")]

    with pytest.raises(PriceError, match="EUR in a report in USD: give a table of dated rates with --rates"):
        rows(plan, expense("a", date(2026, 10, 2), 30, **euro))


def test_traffic_is_the_sum_of_its_days_and_unknown_where_one_is_missing():
    between = traffic_between({date(2026, 10, day): Decimal(day) for day in (1, 2, 3, 5)})

    assert between(date(2026, 10, 1), date(2026, 10, 3)) == 6
    assert between(date(2026, 10, 5), date(2026, 10, 5)) == 5
    assert between(date(2026, 10, 3), date(2026, 10, 5)) is None
