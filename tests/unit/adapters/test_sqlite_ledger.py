"""The ledger's file: append-only by its own rules, exact, closed months closed, nothing half booked."""

import sqlite3
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.adapters.ledgers.sqlite import SqliteLedger
from steelyard.domain import FactKind, Money, Stage
from steelyard.errors import ArtefactError, DataError, StorageError
from steelyard.ledger.entries import CostCentre, Entry, Month, Posting, View, balances, reversal

NOVEMBER, DECEMBER = Month(2026, 11), Month(2026, 12)


def spent(amount, entry_id, *, on=date(2026, 11, 3), currency="USD", stage=Stage.SERVING, model="", text="x"):
    money = Money(Decimal(str(amount)), currency)
    postings = (
        Posting(f"expense/{stage}", money, CostCentre(stage, model=model)),
        Posting("payable/aws", money * -1),
    )
    return Entry(entry_id, on, View.ACCRUAL, text, FactKind.MEASURED, "run 7", postings)


@pytest.fixture
def ledger(tmp_path):
    made = SqliteLedger(tmp_path / "ledger.sqlite")
    yield made
    made.close()


def as_set(found):
    return {(each.account, each.centre, each.total, each.n_postings) for each in found if each.total.amount}


def test_what_was_booked_comes_back_as_it_was(ledger, tmp_path):
    booked = [
        spent("0.000000000001", "a", text="甲 ' \" %"),
        spent("12345678901234.56", "b", model="m", currency="CNY"),
    ]

    assert ledger.append(booked) == 2
    ledger.close()
    again = SqliteLedger(tmp_path / "ledger.sqlite")

    assert {entry.id: entry for entry in again.entries(NOVEMBER, view=View.ACCRUAL)} == {e.id: e for e in booked}
    again.close()


def test_the_same_thing_booked_twice_is_one_entry(ledger):
    assert ledger.append([spent(3, "a")]) == 1
    assert ledger.append([spent("3.00", "a"), spent(4, "b")]) == 1


def test_each_gives_all_entries_of_a_month_in_the_order_of_booking(ledger):
    booked = [spent(n, f"e{n}") for n in (3, 200, 1)]
    ledger.append([*booked, spent(9, "december", on=date(2026, 12, 1))])

    assert list(ledger.iter_entries(NOVEMBER, view=View.ACCRUAL)) == booked
    assert list(ledger.iter_entries(NOVEMBER, view=View.CASH)) == []
    assert ledger.months() == [NOVEMBER, DECEMBER]


def test_another_thing_under_a_known_id_books_nothing(ledger):
    ledger.append([spent(3, "a")])

    with pytest.raises(DataError, match=r"entry a is in the ledger already, and differs: nothing was booked"):
        ledger.append([spent(5, "b"), spent(4, "a")])

    assert [entry.id for entry in ledger.entries(NOVEMBER, view=View.ACCRUAL)] == ["a"]


def test_a_correction_needs_what_it_corrects(ledger):
    with pytest.raises(DataError, match="corrects a, which is not in the ledger"):
        ledger.append([reversal(spent(3, "a"), entry_id="b", on=date(2026, 11, 4), text="wrong")])


def test_a_closed_month_takes_nothing_and_keeps_its_sums(ledger):
    ledger.append([spent(3, "a"), spent("4.50", "b"), spent(9, "c", on=date(2026, 12, 1))])
    before = as_set(ledger.balances(NOVEMBER, view=View.ACCRUAL))

    assert ledger.close_month(NOVEMBER) == 4

    assert as_set(ledger.balances(NOVEMBER, view=View.ACCRUAL)) == before
    with pytest.raises(DataError, match="2026-11 is closed; nothing was booked"):
        ledger.append([spent(1, "d")])
    with pytest.raises(DataError, match="was closed before"):
        ledger.close_month(NOVEMBER)
    ledger.append([reversal(spent(3, "a"), entry_id="e", on=date(2026, 12, 2), text="wrong")])
    ledger.append([spent(3, "a")])  # known: passed over, closed or not


def test_months_are_closed_in_order(ledger):
    ledger.append([spent(3, "a"), spent(9, "b", on=date(2026, 12, 1))])

    with pytest.raises(DataError, match="2026-11 is still open; close it before 2026-12"):
        ledger.close_month(DECEMBER)


@pytest.mark.parametrize("table", ["account", "centre", "entry", "posting", "closed", "closed_balance"])
def test_the_file_itself_refuses_changes(ledger, tmp_path, table):
    ledger.append([spent(3, "a")])
    ledger.close_month(NOVEMBER)
    other = sqlite3.connect(tmp_path / "ledger.sqlite")

    column = {"account": "path", "centre": "model"}.get(table, "month")
    for change in (f"DELETE FROM {table}", f"UPDATE {table} SET {column} = '2020-01'"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            other.execute(change)
    if table in ("entry", "posting"):
        values = {
            "entry": "9, 'x', '2026-11', '2026-11-01', 'accrual', 't', 'measured', 's', ''",
            "posting": "'2026-11', 'accrual', 1, 7, 1, 'USD', 1, 0, 0, 1.0, 1",
        }[table]
        with pytest.raises(sqlite3.IntegrityError, match="the month is closed"):
            other.execute(f"INSERT INTO {table} VALUES ({values})")
    other.close()


def test_a_figure_is_explained_by_its_largest_entries(ledger):
    ledger.append([spent(n, f"e{n}", stage=Stage.SERVING if n % 2 else Stage.STORAGE) for n in range(1, 21)])

    found = ledger.entries(NOVEMBER, view=View.ACCRUAL, account="expense/serving", limit=3)

    assert [entry.id for entry in found] == ["e19", "e17", "e15"]
    assert ledger.entries(NOVEMBER, view=View.ACCRUAL, account="expense/serv") == []
    assert len(ledger.entries(NOVEMBER, view=View.ACCRUAL, account="expense")) == 20
    assert ledger.entries(NOVEMBER, view=View.CASH) == []


def test_something_else_is_not_a_ledger(tmp_path):
    (tmp_path / "notes.txt").write_text("not a database" * 100)
    with sqlite3.connect(tmp_path / "other.sqlite") as other:
        other.execute("CREATE TABLE t (a)")

    with pytest.raises(ArtefactError, match="is not a ledger"):
        SqliteLedger(tmp_path / "notes.txt")
    with pytest.raises(ArtefactError, match="another program's database"):
        SqliteLedger(tmp_path / "other.sqlite")
    with pytest.raises(StorageError, match="cannot open the ledger"):
        SqliteLedger(tmp_path / "notes.txt" / "ledger.sqlite")


amounts = st.decimals(Decimal("0.01"), 10**6, places=6)
things = st.tuples(
    amounts, st.sampled_from(["USD", "CNY", "EUR"]), st.sampled_from(list(Stage)), st.sampled_from(["", "m1", "m2"])
)


@given(st.lists(things, min_size=1, max_size=25), st.data())
@settings(max_examples=25, deadline=None)
def test_the_file_sums_as_the_definition_does_to_the_last_digit(tmp_path_factory, drawn, data):
    entries = [
        spent(amount, f"e{n}", currency=currency, stage=stage, model=model)
        for n, (amount, currency, stage, model) in enumerate(drawn)
    ]
    taken_back = data.draw(st.sets(st.integers(0, len(entries) - 1)))
    entries += [reversal(entries[n], entry_id=f"c{n}", on=date(2026, 11, 9), text="wrong") for n in taken_back]
    ledger = SqliteLedger(tmp_path_factory.mktemp("ledger") / "ledger.sqlite")

    ledger.append(entries)

    expected = as_set(balances(entries, view=View.ACCRUAL))
    assert as_set(ledger.balances(NOVEMBER, view=View.ACCRUAL)) == expected
    ledger.close_month(NOVEMBER)
    assert as_set(ledger.balances(NOVEMBER, view=View.ACCRUAL)) == expected
    ledger.close()


def test_an_entry_changed_from_outside_cannot_pass_as_it_was(ledger):
    ledger.append([spent(3, "a")])

    with pytest.raises(DataError, match="differs"):
        ledger.append([replace(spent(3, "a"), source="run 8")])


@pytest.mark.parametrize(
    ("table", "values"),
    [
        ("account", "1, 'expense/other'"),
        ("account", "9, 'payable/aws'"),
        ("centre", "1, 'data', '', '', '', ''"),
        ("centre", "9, 'serving', '', '', '', ''"),
        ("entry", "1, 'x', '2026-12', '2026-12-01', 'accrual', 't', 'measured', 's', ''"),
        ("entry", "9, 'b', '2026-12', '2026-12-01', 'accrual', 't', 'measured', 's', ''"),
        ("closed", "'2026-11', 0"),
    ],
)
def test_a_row_cannot_be_replaced_by_another(ledger, tmp_path, table, values):
    ledger.append([spent(3, "a"), spent(4, "b", on=date(2026, 12, 1))])
    ledger.close_month(NOVEMBER)

    with sqlite3.connect(tmp_path / "ledger.sqlite") as other:
        before = other.execute(f"SELECT * FROM {table}").fetchall()
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            other.execute(f"INSERT OR REPLACE INTO {table} VALUES ({values})")
        assert other.execute(f"SELECT * FROM {table}").fetchall() == before
