"""Readings of the meters as entries: each at its price, nothing twice, nothing free."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

import steelyard
from steelyard.cost.prices.prices import parse_book
from steelyard.domain import FactKind, Money, Stage
from steelyard.errors import DataError
from steelyard.ledger.entries import View, balances, is_balanced, trial_balance
from steelyard.ledger.metering import MACHINES, NETWORK, STORED, MeterBook, Metered, read_metered

NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)
HALF_CORE = {"name": "x/m", "service": "instance", "price": "3.60", "unit": "hour", "vcpus": 2, "memory_gb": "4"}
DISK = {"name": "x/s3", "service": "object_storage", "price": "0.0730", "unit": "GB_month"}
FREE = {
    "name": "x/egress/free",
    "service": "egress",
    "price": "0",
    "unit": "GB",
    "up_to_gb": "1",
    "confirmed_free": True,
}
PAID = {"name": "x/egress/paid", "service": "egress", "price": "0.09", "unit": "GB"}


def meter_book(*rows, **fields):
    said = {"kind": "quoted", "source": "a list", "as_of": "2026-11-01"}
    book = parse_book({"currency": "USD", "rows": [{**row, **said} for row in (HALF_CORE, *rows)]}, where="test")
    return MeterBook(book, book.instances()[0], **fields)


def reading(number=1, *, what="train/lexical", at=NOON, cpu_s="10", **fields):
    return Metered(f"run/{number}", what, at - timedelta(seconds=20), at, Decimal(cpu_s), **fields)


def amounts(entries):
    return [entry.postings[0].amount.amount for entry in entries]


def test_core_seconds_cost_their_share_of_the_machine():
    (entry,), missing = meter_book(team="search").entries([reading()])

    assert entry.postings[0].amount == Money(Decimal("0.005"), "USD")  # 10 core-seconds of 2 cores at 3.60 an hour
    assert entry.postings[1].account == MACHINES
    assert (entry.view, entry.kind, entry.on) == (View.ACCRUAL, FactKind.MEASURED, NOON.date())
    centre = entry.postings[0].centre
    assert (centre.stage, centre.model, centre.team) == (Stage.TRAINING, "lexical", "search")
    assert not missing


def test_serving_is_borne_by_the_configurations_in_proportion_to_their_work():
    shares = {"a": Decimal(1), "b": Decimal(2), "idle": Decimal(0)}

    (entry,), _ = meter_book().entries([reading(what="serve", cpu_s="6", shares=shares)])

    found = {each.centre.configuration: each.amount.amount for each in entry.postings if each.centre}
    assert found == {"a": Decimal("0.001"), "b": Decimal("0.002")}


def test_traffic_fills_the_tiers_of_the_month_and_begins_anew_in_the_next():
    sent = [
        reading(1, what="serve", cpu_s="0", sent_bytes=700_000_000),
        reading(2, what="serve", cpu_s="0", sent_bytes=700_000_000, at=NOON + timedelta(days=1)),
        reading(3, what="serve", cpu_s="0", sent_bytes=700_000_000, at=NOON + timedelta(days=30)),
    ]

    entries, missing = meter_book(FREE, PAID).entries(sent)

    assert amounts(entries) == [Decimal("0.036")]  # the second reading's last .4 GB at .09
    assert entries[0].postings[-1].account == NETWORK
    assert not missing


def test_bytes_are_kept_from_one_look_to_the_next_and_cut_at_the_end_of_a_month():
    looks = [
        reading(1, cpu_s="0", stored_bytes=10**10, at=datetime(2026, 11, 30, 0, tzinfo=UTC)),
        reading(2, cpu_s="0", stored_bytes=10**11, at=datetime(2026, 12, 1, 12, tzinfo=UTC)),
    ]

    entries, _ = meter_book(DISK).entries(looks)

    assert [str(entry.month) for entry in entries] == ["2026-11", "2026-12"]
    assert amounts(entries) == [Decimal("0.024"), Decimal("0.012")]  # 10 GB for 24 h and for 12 h, 730 h a month
    assert {entry.postings[-1].account for entry in entries} == {STORED}


def test_what_has_no_price_is_named_and_not_booked_as_nothing():
    given = [
        reading(1, what="serve", sent_bytes=5, stored_bytes=7),
        reading(2, stored_bytes=7, at=NOON + timedelta(hours=1)),
    ]

    entries, missing = meter_book().entries(given)

    assert {each.name for each in missing} == {"egress", "object_storage"}
    assert len(entries) == 2
    assert all(entry.postings[-1].account == MACHINES for entry in entries)


def test_entries_balance_whatever_the_shares():
    shares = {name: Decimal(weight) for name, weight in (("a", "1"), ("b", "1"), ("c", "1"))}

    entries, _ = meter_book().entries([reading(what="serve", cpu_s="0.1234567", shares=shares)])

    assert is_balanced(trial_balance(balances(entries, view=View.ACCRUAL)))


def test_a_reading_comes_back_from_its_line_of_the_journal():
    line = {
        "id": "r/serve/1", "what": "serve", "began": "2026-11-03T11:59:40+00:00", "ended": "2026-11-03T12:00:00+00:00",
        "cpu_s": 1.5, "sent_bytes": 3, "shares": {"a": 0.25}, "peak_rss_bytes": 9,
    }  # fmt: skip

    found = read_metered(line)

    assert found == replace(
        reading(what="serve", cpu_s="1.5", sent_bytes=3, shares={"a": Decimal("0.25")}), id="r/serve/1"
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"cpu_s": -1}, "below zero"),
        ({"ended": "2026-11-03T11:00:00+00:00"}, "ended before it began"),
        ({"what": "juggle"}, "unknown step 'juggle'"),
        ({"cpu_s": None}, "None"),
        ({"began": "yesterday"}, "cannot be read"),
    ],
)
def test_a_reading_that_cannot_be_is_refused(change, said):
    line = {
        "id": "r/1", "what": "prepare", "began": "2026-11-03T11:59:40+00:00", "ended": "2026-11-03T12:00:00+00:00",
        "cpu_s": 1,
    }  # fmt: skip

    with pytest.raises((DataError, ValueError), match=said):
        read_metered(line | change)


@pytest.mark.parametrize(
    ("step", "model"),
    [
        ("train/lexical", "lexical"),
        ("train/tuned/lexical", "lexical"),
        ("train/recommend/item-knn.full", "item-knn"),
        ("compress/recommend/item-knn.20x8bit", "item-knn"),
        ("compress/encoder/minilm-int8", "minilm-int8"),
        ("prepare", ""),
        ("measure/lexical", ""),
    ],
)
def test_parts_and_forms_of_a_model_are_booked_to_the_model(step, model):
    assert reading(what=step).model == model


def test_every_step_that_is_recorded_is_booked():
    folder = Path(steelyard.__file__).parent / "workflows"
    calls = [
        found for path in folder.rglob("*.py") for found in re.findall(r"\.once\(\s*(\S+?),", path.read_text("utf-8"))
    ]
    named = {call.lstrip("f").strip('"') for call in calls if '"' in call}
    others = {call for call in calls if '"' not in call}

    assert others == {"step_of(part)", "step"}, "name the step where it is recorded, or look at how it is booked"
    assert len(named) >= 8
    for step in named:
        line = {"id": "r/1", "what": step, "began": NOON.isoformat(), "ended": NOON.isoformat(), "cpu_s": 1}
        assert read_metered(line).what == step
