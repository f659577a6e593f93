"""Lists of hours that come again: the same are booked once, others ask, replace or add; all sums to what was worked."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.adapters.ledgers.sqlite import SqliteLedger
from steelyard.domain import FactKind, Money, Price, Unpriced
from steelyard.errors import DataError
from steelyard.ledger.entries import Month, View, is_balanced, trial_balance
from steelyard.ledger.invoices.people import PEOPLE_COLUMNS, hours_entries, read_hours
from steelyard.ledger.invoices.problems import BillProblems
from steelyard.workflows.accounts.hours import change_of

HEADER = (*PEOPLE_COLUMNS, "note")
RATE = Money(Decimal(75), "USD")
NOVEMBER, DECEMBER = Month(2026, 11), Month(2026, 12)


@pytest.fixture
def ledger(tmp_path):
    opened = SqliteLedger(tmp_path / "ledger.sqlite")
    yield opened
    opened.close()


def price(role):
    if role == "guest":
        return Unpriced("person/guest", "person_hour", "no such row")
    return Price(f"person/{role}", RATE, "person_hour", FactKind.QUOTED, "contract", date(2026, 1, 1))


def lines(*rows):
    return [(number, dict(zip(HEADER, row, strict=True))) for number, row in enumerate(rows, start=2)]


def hours(*rows):
    problems = BillProblems("hours.csv")
    found = read_hours(lines(*rows), HEADER, problems)
    BillProblems.refuse([problems])
    return found


def entries(*rows):
    return hours_entries(hours(*rows), price=price, source="hours.csv")[0]


def work(n, note="review", day="2026-11-03"):
    return (day, "engineer", n, "tuning", note)


def bring(ledger, *rows, replaces=None):
    change = change_of(entries(*rows), ledger, replaces=replaces)
    ledger.append(change.entries)
    return change


def borne(ledger, *months):
    found = [each for month in months or (NOVEMBER, DECEMBER) for each in ledger.balances(month, view=View.ACCRUAL)]
    assert is_balanced(trial_balance(found))
    return sum((each.total.amount for each in found if each.centre), Decimal(0))


def test_hours_cost_their_number_times_the_price_of_their_role():
    (entry,) = entries(work("2.5"))

    assert [(each.account, each.amount.amount) for each in entry.postings] == [
        ("expense/tuning/people", Decimal("187.50")), ("accrued/people/engineer", Decimal("-187.50")),
    ]  # fmt: skip
    assert (entry.view, entry.text) == (View.ACCRUAL, "2.5 h of engineer at 75 USD: review")


def test_hours_without_a_price_are_listed_and_in_no_entry():
    booked, unpriced = hours_entries(
        hours(work("1"), ("2026-11-03", "guest", "3", "data", "")), price=price, source="hours.csv"
    )

    assert len(booked) == 1
    assert [(each.role, each.hours, why.why) for each, why in unpriced] == [("guest", 3, "no such row")]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (("03.11.2026", "engineer", "1", "data", ""), "not a day; write it like 2026-11-03"),
        (("2026-11-03", " ", "1", "data", ""), "no role"),
        (("2026-11-03", "engineer", "1", "lunch", ""), "stage is not one of data, labelling"),
        (("2026-11-03", "engineer", "0", "data", ""), "hours of one day are above 0 and at most 24"),
        (("2026-11-03", "engineer", "24.5", "data", ""), "hours of one day are above 0 and at most 24"),
        (("2026-11-03", "engineer", "1,5", "data", ""), "hours of one day are above 0 and at most 24"),
    ],
)
def test_a_line_that_is_wrong_is_named_with_what_to_write(row, says):
    with pytest.raises(DataError) as raised:
        hours(work("1"), row)

    assert says in str(raised.value)
    assert "3" in str(raised.value)  # its line


def test_the_same_line_twice_is_asked_about():
    with pytest.raises(DataError, match="the same line twice; if two people did the same, add their hours"):
        hours(work("1"), work("1.0"))


def test_columns_are_needed_or_known():
    problems = BillProblems("hours.csv")

    assert read_hours([], ("date", "role", "hours", "salary"), problems) == []
    assert problems.n == 2  # ``stage`` is missing, ``salary`` unknown


def test_a_list_that_comes_again_is_booked_once(ledger):
    bring(ledger, work("2"), work("3", "deploy"))

    again = bring(ledger, work("3", "deploy"), work("2.0"))

    assert (again.entries, again.n_taken_back) == ((), 0)
    assert borne(ledger) == 5 * 75


def test_other_hours_of_the_same_work_are_asked_about_and_nothing_is_booked(ledger):
    bring(ledger, work("2"))

    with pytest.raises(DataError) as raised:
        bring(ledger, work("3"))

    text = str(raised.value)
    assert "the ledger holds 1 entries of hours of which these lists say something else" in text
    assert "2 h of engineer at 75 USD: review on 2026-11-03" in text
    assert "--same-bill replace" in text and "--same-bill add" in text
    assert borne(ledger) == 2 * 75


@pytest.mark.parametrize(("replaces", "n", "taken"), [(True, 3, 1), (False, 2 + 3, 0)])
def test_they_replace_what_was_there_or_come_in_addition(ledger, replaces, n, taken):
    bring(ledger, work("2"))

    assert bring(ledger, work("3"), replaces=replaces).n_taken_back == taken
    assert borne(ledger) == n * 75


def test_another_day_note_or_stage_is_other_work(ledger):
    bring(ledger, work("2"))

    bring(ledger, work("3", "deploy"), work("1", day="2026-11-04"), ("2026-11-03", "engineer", "1", "data", "review"))

    assert borne(ledger) == (2 + 3 + 1 + 1) * 75


def test_what_was_corrected_and_corrected_back_is_counted_once(ledger):
    for n in ("2", "3", "2", "3", "2"):
        bring(ledger, work(n), replaces=True)

    assert borne(ledger) == 2 * 75


def test_a_correction_of_a_closed_month_falls_into_the_next_open_one(ledger):
    bring(ledger, work("2"))
    ledger.close_month(NOVEMBER)

    bring(ledger, work("3"), replaces=True)

    assert borne(ledger, NOVEMBER) == 2 * 75
    assert borne(ledger, DECEMBER) == (3 - 2) * 75


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.integers(1, 5), min_size=1), min_size=1, max_size=4))
@settings(max_examples=15)
def test_whatever_lists_came_before_the_last_word_on_each_work_is_what_is_borne(tmp_path_factory, lists):
    ledger = SqliteLedger(tmp_path_factory.mktemp("hours") / "ledger.sqlite")
    said = {}
    for each in lists:
        bring(ledger, *(work(str(n), note) for note, n in each.items()), replaces=True)
        said |= each

    assert borne(ledger) == sum(said.values()) * 75
    ledger.close()
