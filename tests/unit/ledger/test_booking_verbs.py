"""``steelyard cost import``, ``reconcile`` and ``focus``, as they are typed."""

import csv
import json

import pytest
from bills import as_csv, line, written
from click.testing import CliRunner

from steelyard.cli import main

CONFIG = """
[shop]
name = "a shop"
language = "en"
currency = "USD"

[data.items]
path = "items.csv"

[data.items.columns]
item_id = "id"
title = "name"

[data.events]
path = "events.csv"
kind = "purchase"

[data.events.columns]
user = "user"
item_id = "id"
time = "time"
"""


@pytest.fixture
def shop(tmp_path, monkeypatch):
    (tmp_path / "steelyard.toml").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def typed(*words):
    return CliRunner().invoke(main, ["cost", *map(str, words)])


def test_a_bill_goes_in_and_out_and_is_valid(shop):
    written(shop, line(), line(ServiceName="AmazonS3", ServiceCategory="Storage", x_Stage="", Tags=""))

    first, second = typed("import", "bill.csv"), typed("import", "bill.csv")
    out = typed("focus", "--month", "2026-10", "--out", "out.csv")
    check = typed("focus", "--check", "out.csv")

    assert first.exit_code == 0, first.output
    assert "2 lines, 4 entries, 4 new in the ledger" in first.output
    assert "1 lines state no stage" in first.output
    assert "pool/storage: 1 lines with ServiceCategory Storage" in first.output
    assert "0 new in the ledger" in second.output
    assert (out.exit_code, check.exit_code, check.stderr) == (0, 0, "no rule is broken\n")
    rows = list(csv.DictReader((shop / "out.csv").read_text("utf-8").splitlines()))
    assert [(row["BilledCost"], row["EffectiveCost"], row["x_Stage"]) for row in rows] == [
        ("10.00", "0.00", "serving"),
        ("10.00", "0.00", "storage"),
        ("0.00", "12.50", "overhead"),
        ("0.00", "12.50", "overhead"),
    ]
    assert [row["x_PoolCost"] for row in rows] == ["12.50", "12.50", "", ""]  # both are charged by use
    assert [row["x_PoolRest"] for row in rows] == ["", "", "pool/machines", "pool/storage"]


def test_an_invoice_that_asks_for_something_else_is_refused(shop):
    written(shop, line())

    done = typed("import", "bill.csv", "--invoice-total", "INV-7=10.01")

    assert done.exit_code == 1
    assert "its lines sum to 10.00" in done.stderr
    assert "holds nothing" in typed("focus", "--out", "out.csv").stderr


def test_hours_are_booked_and_a_role_without_a_price_is_listed(shop):
    prices = [{"service": "people", "name": "person/engineer", "unit": "person_hour", "price": "60", "kind": "assumed",
               "source": "a survey", "as_of": "2026-10-01"}]  # fmt: skip
    (shop / "own.json").write_text(json.dumps({"currency": "USD", "rows": prices}))
    (shop / "steelyard.toml").write_text(f'{CONFIG}\n[cost]\noverrides = "own.json"\n')
    (shop / "hours.csv").write_text("date,role,hours,stage\n2026-10-03,engineer,2,data\n2026-10-03,poet,1,data\n")
    (shop / "poets.csv").write_text("date,role,hours,stage\n2026-10-03,poet,1,data\n")

    done, none = typed("import", "hours.csv"), typed("import", "poets.csv")

    assert (done.exit_code, none.exit_code) == (0, 1)
    assert "2 lines of hours, 1 entries, 1 new in the ledger" in done.stdout
    assert "not booked: 1 h of poet on 2026-10-03 have no price" in done.stderr


def test_bills_and_hours_are_not_mixed_in_one_command(shop):
    written(shop, line())
    (shop / "hours.csv").write_text("date,role,hours,stage\n2026-10-03,engineer,2,data\n")

    done = typed("import", "bill.csv", "hours.csv")

    assert (done.exit_code, "one kind at a time" in done.stderr) == (1, True)


def test_the_ledger_is_compared_with_a_bill_that_is_not_booked(shop):
    written(shop, line())

    done = typed("reconcile", "bill.csv", "--by", "stage,month", "--bill-as", "focus")
    shown = json.loads(typed("reconcile", "bill.csv", "--by", "stage,month", "--as", "json").stdout)

    assert done.exit_code == 1
    assert "only in the bill" in done.output
    assert shown[0] == {"stage": "serving", "month": "2026-10", "ledger": None, "bill": "12.50 USD",
                        "difference": "12.50 USD", "share": "100.0 %", "result": "only in the bill"}  # fmt: skip


def test_a_broken_rule_is_shown_and_gives_exit_code_1(shop):
    (shop / "bad.csv").write_text(as_csv(line(ChargeCategory="usage")))

    done = typed("focus", "--check", "bad.csv")

    assert done.exit_code == 1
    assert "ChargeCategory" in done.stdout


def test_what_cannot_be_is_said_in_a_sentence(shop):
    written(shop, line())

    for words, said in {
        ("focus",): "say where to write",
        ("focus", "--month", "2026-13", "--out", "x.csv"): "is not a month",
        ("import", "bill.csv", "--invoice-total", "INV-7=ten"): "is not a number",
        ("import", "bill.csv", "--rates", "rates.json"): "--rates needs --currency",
        ("import", "bill.csv", "--encoding", "klingon"): "no encoding 'klingon'",
        ("import", "none.csv"): "no file none.csv",
        ("focus", "--out", "nowhere/x.csv"): "holds nothing",
    }.items():
        done = typed(*words)
        assert (done.exit_code, said in done.stderr) == (1, True), (words, done.output)


def test_an_export_that_cannot_be_written_is_said(shop):
    written(shop, line())
    typed("import", "bill.csv")

    done = typed("focus", "--out", "nowhere/out.csv")

    assert (done.exit_code, "StorageError: cannot write nowhere/out.csv" in done.stderr) == (1, True)


def test_a_bill_of_a_closed_month_is_booked_in_the_next_open_one_and_said(shop):
    from steelyard.adapters.ledgers.sqlite import SqliteLedger
    from steelyard.ledger.entries import Month

    written(shop, line())
    typed("import", "bill.csv")
    kept = SqliteLedger(shop / ".steelyard" / "ledger.sqlite")
    kept.close_month(Month(2026, 10))
    written(shop, line(ResourceId="i-2"), name="more.csv")

    done = typed("import", "more.csv", "--same-bill", "add")

    assert (done.exit_code, "of 2026-10, which is closed, are booked in 2026-11" in done.stderr) == (0, True)
