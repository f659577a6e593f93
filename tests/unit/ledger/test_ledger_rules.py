"""What every ledger asks of entries before it keeps them: once each, in an open month, and no correction of nothing."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.domain import FactKind, Money, Stage
from steelyard.errors import DataError
from steelyard.ledger.entries import CostCentre, Entry, Month, Posting, View
from steelyard.ledger.rules import batches, names_in, new_among

OCTOBER = Month(2026, 10)


def entry(name, *, on=date(2026, 10, 2), amount=1, corrects=""):
    money = Money(Decimal(amount), "USD")
    postings = (
        Posting("expense/serving/all", money, CostCentre(Stage.SERVING)),
        Posting("payable/cloud", money * -1),
    )
    return Entry(name, on, View.ACCRUAL, name, FactKind.INVOICED, "invoice", postings, corrects)


def kept(*entries):
    return {each.id: each for each in entries}


def test_what_is_kept_already_is_not_booked_again():
    assert new_among([entry("a"), entry("b")], kept(entry("a")), ()) == [entry("b")]


def test_an_entry_that_comes_twice_in_one_batch_is_booked_once():
    assert new_among([entry("a"), entry("a")], {}, ()) == [entry("a")]


@pytest.mark.parametrize("before", [kept(entry("a")), {}])
def test_another_entry_under_a_taken_id_is_refused_with_what_to_do(before):
    batch = [entry("a", amount=2)] if before else [entry("a"), entry("a", amount=2)]

    with pytest.raises(DataError) as refusal:
        new_among(batch, before, ())

    assert str(refusal.value) == (
        "entry a is in the ledger already, and differs: nothing was booked. Book a correction of it under a new id"
    )


def test_a_closed_month_takes_nothing_new_and_what_it_holds_is_no_mistake():
    with pytest.raises(DataError, match="entry a: 2026-10 is closed; nothing was booked"):
        new_among([entry("a")], {}, {OCTOBER})

    assert new_among([entry("a")], kept(entry("a")), {OCTOBER}) == []
    assert new_among([entry("a", on=date(2026, 11, 1))], {}, {OCTOBER}) != []


def test_a_correction_may_be_of_what_is_kept_or_of_what_comes_before_it():
    correction = entry("b", corrects="a")

    assert new_among([correction], kept(entry("a")), ()) == [correction]
    assert new_among([entry("a"), correction], {}, ()) == [entry("a"), correction]


@pytest.mark.parametrize("batch", [["b"], ["b", "a"]])
def test_a_correction_of_what_is_not_there_yet_is_refused(batch):
    entries = [entry("b", corrects="a") if name == "b" else entry("a") for name in batch]

    with pytest.raises(DataError, match="entry b corrects a, which is not in the ledger; nothing was booked"):
        new_among(entries, {}, ())


def test_ids_to_look_up_are_those_of_entries_and_of_what_they_correct():
    batch = [entry("b", corrects="a"), entry("a"), entry("c", corrects="a")]

    assert names_in(batch) == ["b", "a", "c"]


@given(st.integers(0, 1203))
def test_batches_hold_every_entry_once_in_order_and_none_is_large(n):
    numbered = [replace(entry("x"), text=str(number)) for number in range(3)]  # entries are what they are
    given_ = [numbered[number % 3] for number in range(n)]

    found = list(batches(given_))

    assert [each for batch in found for each in batch] == given_
    assert all(0 < len(batch) <= 500 for batch in found)
    assert len(found) == -(-n // 500)
