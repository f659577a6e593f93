"""Budgets are kept as a document with a format number; those of before it had one are read."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from steelyard.adapters.artefacts import Artefacts
from steelyard.domain import Money
from steelyard.errors import ArtefactError
from steelyard.workflows.accounts.budget import keep, kept, planned

BEFORE = Path(__file__).parents[2] / "golden" / "documents" / "budgets-0.json"


@pytest.fixture
def store(tmp_path):
    return Artefacts(tmp_path)


def test_what_is_kept_is_read_as_it_was(store):
    row = {"first_month": "2026-11", "amount": "120.50", "currency": "USD", "stage": "serving", "unit": "GB"}
    plan = planned([{**row, "quantity": "800"}, {**row, "kind": "commitment"}], where="rows")

    keep(store, plan)

    assert kept(store) == plan
    stored = store.read_json("budgets")
    assert (stored["format"], stored["rows"][0]["amount"], stored["rows"][0]["quantity"]) == (1, "120.50", "800")
    assert stored["rows"][1]["quantity"] is None


def test_budgets_without_a_number_are_read_and_kept_with_one(store):
    store.write_json("budgets", json.loads(BEFORE.read_text("utf-8")))

    plan = kept(store)
    keep(store, plan)

    assert [str(each.node) for each in plan] == [
        "stage serving, team web", "all", "stage bandwidth, model bm25, configuration lexical-0, experiment a",
    ]  # fmt: skip
    assert [each.is_commitment for each in plan] == [False, True, False]
    assert plan[1].amount == Money(Decimal("120.50"), "USD")
    assert [each.quantity for each in plan] == [None, None, Decimal(800)]
    assert kept(store) == plan
    assert store.read_json("budgets")["format"] == 1


def test_budgets_of_a_later_version_are_refused(store):
    store.write_json("budgets", {"format": 2, "rows": []})

    with pytest.raises(ArtefactError, match="budget document has format 2"):
        kept(store)
