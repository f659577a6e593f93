"""``steelyard cost ledger`` on a shop's folder: book, look, correct, share out, close."""

import csv
import io
from decimal import Decimal

import pytest
from click.testing import CliRunner

from steelyard.adapters.ledgers.journal import UsageJournal
from steelyard.cli import main

SHOP = """
[shop]
name = "toy"
currency = "USD"
[data.items]
path = "items.csv"
[data.items.columns]
item_id = "id"
title = "title"
[cost]
team = "search"
"""


@pytest.fixture
def shop(tmp_path):
    (tmp_path / "steelyard.toml").write_text(SHOP)
    (tmp_path / "items.csv").write_text("id,title\n1,a\n")
    return tmp_path


def cost(shop, *words, rc=0):
    found = CliRunner().invoke(main, ["cost", "ledger", *words, "-c", str(shop)])
    assert found.exit_code == rc, found.output
    return found


def rows(shop, *words):
    return list(csv.DictReader(io.StringIO(cost(shop, *words, "--month", "2026-11", "--as", "csv").stdout)))


def add(shop, amount="30", entry_id="inv-1", **more):
    words = {"--id": entry_id, "--text": "EC2", "--amount": amount, "--currency": "USD", "--stage": "serving",
             "--source": "invoice 12", "--on": "2026-11-21", **more}  # fmt: skip
    return cost(shop, "add", *(word for pair in words.items() for word in pair))


def trained(shop, cpu_s=7200, number=1):
    UsageJournal(shop / ".steelyard" / "usage.jsonl").append(
        {"id": f"run/{number}", "what": "train/lexical", "began": "2026-11-20T10:00:00+00:00",
         "ended": "2026-11-20T11:00:00+00:00", "cpu_s": cpu_s}
    )  # fmt: skip


def test_what_the_meters_saw_is_booked_once(shop):
    trained(shop)

    first, again = cost(shop, "book"), cost(shop, "book")

    assert "Booked 1 meter reading" in first.stderr
    assert "Booked 0 meter readings" in again.stderr
    (row,) = [row for row in rows(shop, "entries") if row["stage"]]
    assert (row["model"], row["team"], row["kind"]) == ("lexical", "search", "measured")
    assert Decimal(row["amount"]) == Decimal("0.085")  # one hour of the book's cheapest two cores


def test_an_entry_of_ones_own_stands_in_both_views(shop):
    assert "2 entries booked" in add(shop).output
    assert "already" in add(shop).output
    for view in ("cash", "accrual"):
        (row,) = rows(shop, "balances", "--by", "stage", "--view", view)
        assert (row["stage"], row["amount"]) == ("serving", "30.00")


def test_a_correction_takes_it_back(shop):
    add(shop)

    cost(shop, "correct", "inv-1/accrual", "--text", "booked twice", "--on", "2026-11-22")

    assert sum(Decimal(row["amount"]) for row in rows(shop, "balances", "--by", "stage")) == 0
    assert (
        "taken back already"
        in cost(shop, "correct", "inv-1/accrual", "--text", "booked twice", "--on", "2026-11-22").output
    )


def test_the_trial_balance_sums_to_zero(shop):
    add(shop)
    trained(shop)
    cost(shop, "book")

    last = rows(shop, "balances")[-1]

    assert last["account"] == "sum of USD"
    assert last["debit"] == last["credit"] == "30.085"


def test_idle_time_of_an_invoiced_machine_is_shared_out(shop):
    trained(shop)
    cost(shop, "book")
    added = cost(shop, "add", "--to-pool", "--id", "ec2", "--text", "EC2", "--amount", "1", "--currency", "USD",
                 "--stage", "serving", "--source", "invoice 3", "--on", "2026-11-30")  # fmt: skip

    assert "1.00 USD to pool/machines" in added.output
    billed = rows(shop, "balances", "--by", "stage", "--view", "cash")
    assert [(row["stage"], row["amount"]) for row in billed] == [("serving", "1.00")]  # owed, whoever used it
    shared = cost(shop, "share-out", "--month", "2026-11").output

    assert "rest of pool/machines, shared out by cost: 0.92 USD on 1 cost centres" in shared
    assert sum(Decimal(row["amount"]) for row in rows(shop, "balances", "--by", "model")) == 1
    assert "nothing to share out" in cost(shop, "share-out", "--month", "2026-11").output


def test_an_invoice_to_the_pool_is_a_cost_of_the_month_that_was_billed(shop):
    trained(shop)
    cost(shop, "book")
    cost(shop, "add", "--to-pool", "--id", "ec2", "--text", "EC2", "--amount", "1", "--currency", "USD", "--stage",
         "serving", "--source", "invoice 3", "--on", "2026-11-30")  # fmt: skip

    (cash,) = rows(shop, "balances", "--by", "stage", "--view", "cash")

    assert (cash["stage"], cash["amount"]) == ("serving", "1.00")
    assert [row["account"] for row in rows(shop, "balances", "--view", "accrual")][:1] == ["expense/training/machines"]


def test_a_month_can_be_shared_out_again_and_again(shop):
    trained(shop)
    cost(shop, "book")
    for number in range(3):
        cost(shop, "add", "--to-pool", "--id", f"ec2-{number}", "--text", "EC2", "--amount", "1", "--currency", "USD",
             "--stage", "serving", "--source", "invoice 3", "--on", "2026-11-30")  # fmt: skip
        cost(shop, "share-out", "--month", "2026-11")

    assert sum(Decimal(row["amount"]) for row in rows(shop, "balances", "--by", "model")) == 3


def test_an_invoice_for_storage_goes_to_the_pool_of_storage(shop):
    cost(shop, "add", "--to-pool", "--id", "s3", "--text", "S3", "--amount", "2", "--currency", "USD", "--stage",
         "storage", "--source", "invoice 4", "--on", "2026-11-30")  # fmt: skip

    found = {row["account"]: row["debit"] for row in rows(shop, "balances")}
    assert found["pool/storage"] == "2.00"


def test_a_closed_month_takes_nothing_more(shop):
    add(shop)

    assert "2026-11 is closed: 4 postings" in cost(shop, "close", "2026-11").output
    found = CliRunner().invoke(
        main,
        ["cost", "ledger", "add", "-c", str(shop), "--id", "x", "--text", "t", "--amount", "1", "--currency", "USD",
         "--stage", "data", "--source", "s", "--on", "2026-11-30"],
    )  # fmt: skip
    assert found.exit_code == 1
    assert "2026-11 is closed" in found.stderr


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [("--amount", "-3", "above zero"), ("--amount", "three", "120.50"), ("--currency", "usd", "ISO 4217")],
)
def test_what_cannot_be_booked_is_said(shop, option, value, said):
    words = {"--id": "x", "--text": "t", "--amount": "1", "--currency": "USD", "--stage": "data", "--source": "s",
             "--on": "2026-11-30", option: value}  # fmt: skip

    found = cost(shop, "add", *(word for pair in words.items() for word in pair), rc=1)

    assert said in found.stderr


def test_a_purchase_is_spread_over_its_months(shop):
    words = ("--id", "srv", "--text", "server", "--amount", "1000", "--residual", "100", "--months", "9",
             "--currency", "USD", "--stage", "hardware", "--source", "invoice 9", "--on", "2026-11-02")  # fmt: skip

    cost(shop, "spread", *words)

    (row,) = rows(shop, "balances", "--by", "stage")
    assert row["amount"] == "100.00"
    (row,) = rows(shop, "balances", "--by", "stage", "--view", "cash")
    assert row["amount"] == "1000.00"


def test_meters_of_a_server_elsewhere_are_booked_once_they_are_named(shop):
    UsageJournal(shop / "far" / "usage.jsonl").append(
        {"id": "s/serve/1", "what": "serve", "began": "2026-11-20T10:00:00+00:00",
         "ended": "2026-11-20T11:00:00+00:00", "cpu_s": 7200}
    )  # fmt: skip
    cost(shop, "book")
    assert not rows(shop, "entries")

    (shop / "steelyard.toml").write_text(f'{SHOP}journals = ["far/usage.jsonl"]\n')
    cost(shop, "book")

    assert [row["stage"] for row in rows(shop, "balances", "--by", "stage")] == ["serving"]
    (shop / "steelyard.toml").write_text(f'{SHOP}journals = ["near/usage.jsonl"]\n')
    assert "usage.jsonl is not there" in cost(shop, "book", rc=1).stderr
