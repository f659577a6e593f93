"""Hours of people: priced from the book, refused where they cannot be, listed where nobody knows their price."""

from datetime import date
from decimal import Decimal

import pytest
from bills import ledger, source
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.cost.prices.prices import parse_book
from steelyard.domain import FactKind, Money, Stage
from steelyard.errors import DataError
from steelyard.ledger.entries import CostCentre, Month, View, reversal
from steelyard.workflows.accounts.import_bills import SameBill, import_hours

ROW = {"service": "people", "name": "person/engineer", "unit": "person_hour", "price": "60", "kind": "assumed",
       "source": "a survey", "as_of": "2026-10-01"}  # fmt: skip
BOOK = parse_book({"name": "b", "currency": "USD", "rows": [ROW]}, where="b")
HEAD = "date,role,hours,stage,model,configuration,team,experiment,note\n"


def imported(tmp_path, text, into=None, **how):
    path = tmp_path / "hours.csv"
    path.write_text(text, "utf-8")
    return import_hours([path], ledger=into or ledger(tmp_path), source=source(), book=BOOK, **how)


def test_hours_are_booked_on_their_day_at_the_price_of_the_book(tmp_path):
    kept = ledger(tmp_path)
    text = f"{HEAD}2026-10-03,engineer,7.5,tuning,hybrid,,search,e1,learning rate\n"

    first, second = imported(tmp_path, text, kept), imported(tmp_path, text, kept)

    (entry,) = kept.iter_entries(Month(2026, 10), view=View.ACCRUAL)
    assert (first.n_new, second.n_new, first.unpriced) == (1, 0, ())
    assert (entry.on, entry.kind) == (date(2026, 10, 3), FactKind.ASSUMED)
    assert entry.postings[0].amount == Money(Decimal("450.0"), "USD")
    assert entry.postings[0].account == "expense/tuning/people"
    assert entry.postings[0].centre == CostCentre(Stage.TUNING, "hybrid", "", "search", "e1")
    assert entry.text == "7.5 h of engineer at 60 USD: learning rate"
    assert list(kept.iter_entries(Month(2026, 10), view=View.CASH)) == []


def test_a_role_without_a_price_is_listed_and_not_free(tmp_path):
    done = imported(tmp_path, "date,role,hours,stage\n2026-10-03,engineer,1,data\n2026-10-03,poet,2,data\n")

    ((hours, unpriced),) = done.unpriced
    assert (done.n_lines, done.n_entries, hours.role) == (2, 1, "poet")
    assert "no row for it" in unpriced.why


BAD = {
    "negative": ("2026-10-03,engineer,-1,data", "hours of one day are above 0 and at most 24.*line 2: '-1'"),
    "too many": ("2026-10-03,engineer,24.5,data", "at most 24"),
    "nothing": ("2026-10-03,engineer,0,data", "above 0"),
    "no number": ("2026-10-03,engineer,NaN,data", "above 0"),
    "day": ("03.10.2026,engineer,1,data", "not a day"),
    "stage": ("2026-10-03,engineer,1,coding", "stage is not one of data, labelling"),
    "role": ("2026-10-03,,1,data", "no role"),
    "twice": ("2026-10-03,engineer,1,data\n2026-10-03,engineer,1.0,data", "line 3: like line 2"),
}


@pytest.mark.parametrize(("lines", "said"), BAD.values(), ids=BAD)
def test_bad_hours_are_named_and_nothing_is_booked(tmp_path, lines, said):
    kept = ledger(tmp_path)

    with pytest.raises(DataError, match=rf"(?s)nothing was booked.*{said}"):
        imported(tmp_path, f"date,role,hours,stage\n{lines}\n", kept)

    assert kept.months() == []


def test_missing_and_unknown_columns_are_named(tmp_path):
    with pytest.raises(DataError, match=r"(?s)needed column is missing .*stage.*no such column.*stag\b"):
        imported(tmp_path, "date,role,hours,stag\n2026-10-03,engineer,1,data\n")


WEEK = "date,role,hours,stage,note\n2026-10-05,engineer,7.5,tuning,ranking\n2026-10-06,engineer,4,tuning,ranking\n"
CORRECTED = WEEK.replace("7.5", "6")


OCTOBER = Month(2026, 10)


def spent(kept, month=OCTOBER):
    return sum(each.total.amount for each in kept.balances(month, view=View.ACCRUAL) if each.centre)


def test_corrected_hours_are_asked_about_and_replace_the_earlier_ones(tmp_path):
    kept = ledger(tmp_path)
    imported(tmp_path, WEEK, kept)

    with pytest.raises(DataError, match=r"something else, the first: 7.5 h of engineer .* on 2026-10-05 .*--same-bill"):
        imported(tmp_path, CORRECTED, kept)
    assert spent(kept) == Decimal("690")
    done = imported(tmp_path, CORRECTED, kept, same_bill=SameBill.REPLACE)

    assert (done.n_new, done.n_taken_back, spent(kept)) == (1, 1, Decimal("600"))
    again = imported(tmp_path, CORRECTED, kept)
    assert (again.n_new, again.n_taken_back, spent(kept)) == (0, 0, Decimal("600"))


def test_hours_may_come_in_addition(tmp_path):
    kept = ledger(tmp_path)
    imported(tmp_path, WEEK, kept)

    imported(tmp_path, CORRECTED, kept, same_bill=SameBill.ADD)

    assert spent(kept) == Decimal("1050")


@given(st.lists(st.sampled_from(["7.5", "6", "5"]), min_size=1, max_size=5))
@settings(max_examples=20, deadline=None)
def test_the_newest_list_counts_however_often_it_changes(tmp_path_factory, versions):
    folder = tmp_path_factory.mktemp("hours")
    kept = ledger(folder)

    for hours in versions:
        imported(folder, WEEK.replace("7.5", hours), kept, same_bill=SameBill.REPLACE)

        assert spent(kept) == (Decimal(hours) + 4) * 60


def test_hours_of_a_closed_month_are_booked_in_the_next_and_corrected_there(tmp_path):
    kept = ledger(tmp_path)
    imported(tmp_path, "date,role,hours,stage\n2026-10-01,engineer,1,tuning\n", kept)
    kept.close_month(Month(2026, 10))

    imported(tmp_path, WEEK, kept)
    assert imported(tmp_path, WEEK, kept).n_new == 0
    assert (spent(kept), spent(kept, Month(2026, 11))) == (60, 690)
    kept.close_month(Month(2026, 11))
    done = imported(tmp_path, CORRECTED, kept, same_bill=SameBill.REPLACE)

    assert (done.n_new, done.n_taken_back, spent(kept, Month(2026, 12))) == (1, 1, -90)


def test_hours_that_somebody_reversed_are_neither_corrected_nor_booked_again(tmp_path):
    kept = ledger(tmp_path)
    imported(tmp_path, WEEK, kept)
    (wrong,) = [entry for entry in kept.iter_entries(Month(2026, 10), view=View.ACCRUAL) if "7.5" in entry.text]
    kept.append([reversal(wrong, entry_id=f"{wrong.id}/corrected", on=wrong.on, text="not ours")])

    assert imported(tmp_path, WEEK, kept).n_new == 0
    imported(tmp_path, CORRECTED, kept)

    assert spent(kept) == 600
