"""What the shop's own people may ask of its books over HTTP."""

from datetime import date
from decimal import Decimal

import pytest
from tests.unit.api.conftest import Shopper

from steelyard.adapters.artefacts import Artefacts
from steelyard.adapters.ledgers.sqlite import SqliteLedger
from steelyard.api.app import Work, create_app
from steelyard.api.book_routes import Books
from steelyard.documents.scenario import Scenario, ScenarioPlan, scenario_builtins
from steelyard.domain import FactKind, Money, Stage
from steelyard.ledger.entries import CostCentre, Entry, Posting, View


def spent(entry_id, amount, stage, *, currency="USD"):
    money, centre = Money(Decimal(amount), currency), CostCentre(stage, model="m")
    postings = (Posting(f"expense/{stage}/x", money, centre), Posting("payable/cloud", money * -1))
    return Entry(entry_id, date(2026, 11, 3), View.ACCRUAL, "x", FactKind.INVOICED, "y", postings)


@pytest.fixture
def shop(tmp_path, service):
    kept = Artefacts(tmp_path / "work")
    plan = ScenarioPlan(surface="search", configuration="lexical", requests_per_month=1, peak_rps=1.0)
    kept.write_json("scenarios/today", scenario_builtins(Scenario(plan=plan, options=())))
    ledger = SqliteLedger(tmp_path / "ledger.sqlite")
    ledger.append([spent("a", "1.50", Stage.SERVING), spent("b", "2.25", Stage.SERVING), spent("c", "7", Stage.DATA),
                   spent("d", "9", Stage.DATA, currency="CNY")])  # fmt: skip
    ledger.close()
    return Shopper(create_app(service, work=Work(Books(kept, lambda: SqliteLedger(tmp_path / "ledger.sqlite")))))


def test_a_month_by_stage_is_the_expenses(shop):
    rows = shop.get("/v1/cost/ledger?month=2026-11&by=stage").json()["rows"]

    assert [(row["name"], row["total"]["amount"], row["total"]["currency"], row["postings"]) for row in rows] == [
        ("data", "9", "CNY", 1), ("data", "7", "USD", 1), ("serving", "3.75", "USD", 2),
    ]  # fmt: skip


def test_by_account_it_is_the_trial_balance(shop):
    rows = shop.get("/v1/cost/ledger?month=2026-11").json()["rows"]

    for currency in ("USD", "CNY"):
        assert sum(Decimal(row["total"]["amount"]) for row in rows if row["total"]["currency"] == currency) == 0
    assert shop.get("/v1/cost/ledger?month=2026-11&view=cash").json()["rows"] == []


def test_what_was_kept_is_given_back(shop):
    assert shop.get("/v1/cost/scenarios").json() == {"scenarios": ["today"]}
    assert shop.get("/v1/cost/scenario?name=today").json()["plan"]["configuration"] == "lexical"


def test_budgets_of_before_their_format_had_a_number_are_given_with_one(shop, tmp_path):
    row = {"first_month": "2026-11", "last_month": "2026-11", "amount": "120.50", "currency": "USD", "quantity": ""}
    Artefacts(tmp_path / "work").write_json("budgets", {"rows": [row]})

    found = shop.get("/v1/cost/budgets").json()

    assert found["format"] == 1
    assert [(each["amount"], each["kind"], each["quantity"]) for each in found["rows"]] == [("120.50", "budget", None)]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("ledger", 400, "missing_parameter"),
        ("ledger?month=november", 400, "bad_parameter"),
        ("ledger?month=2026-13", 400, "bad_parameter"),
        ("ledger?month=2026-11&by=colour", 400, "bad_parameter"),
        ("ledger?month=2026-11&colour=red", 400, "unknown_parameter"),
        ("scenario?name=tomorrow", 404, "no_such_scenario"),
        ("scenario?name=../secret", 404, "no_such_scenario"),
        ("budgets", 404, "none_kept"),
        ("forecast", 404, "none_kept"),
    ],
)
def test_what_is_not_there_is_said(shop, path, status, code):
    answer = shop.get(f"/v1/cost/{path}")

    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_a_server_of_a_bundle_alone_has_no_books(service):
    answer = Shopper(create_app(service)).get("/v1/cost/ledger?month=2026-11")

    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "no_books"
    assert "steelyard serve -c" in answer.json()["error"]["message"]


def test_nothing_can_be_written(shop):
    assert shop.post("/v1/cost/ledger", {}).status_code == 405
