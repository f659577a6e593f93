"""``steelyard cost forecast`` and ``steelyard cost budget`` on a shop of files."""

import csv
import io
import json
import threading
from datetime import date, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from click.testing import CliRunner

from steelyard.adapters.ledgers.sqlite import SqliteLedger
from steelyard.cli import main
from steelyard.domain import FactKind, Money, Stage
from steelyard.ledger.entries import CostCentre, Entry, Posting, View

SHOP = """
[shop]
language = "zh"
[data.items]
path = "items.csv"
[data.items.columns]
item_id = "id"
title = "title"
[cost]
stale_after_days = 100000
"""


@pytest.fixture
def shop(tmp_path):
    (tmp_path / "steelyard.toml").write_text(SHOP, "utf-8")
    return tmp_path


def run(shop, *words, env=None):
    verb, *rest = words
    done = CliRunner(env=env).invoke(main, ["cost", verb, *map(str, rest), "-c", str(shop)])
    return done


def budget(shop, *words, env=None):
    verb, *rest = words
    return CliRunner(env=env).invoke(main, ["cost", "budget", verb, "-c", str(shop), *map(str, rest)])


def table(done):
    assert done.exit_code in (0, 3), done.output
    return list(csv.DictReader(io.StringIO(done.stdout)))


def expense(name, on, amount, *, stage=Stage.SERVING, team="", currency="USD"):
    money = Money(Decimal(str(amount)), currency)
    postings = (
        Posting(f"expense/{stage}/all", money, CostCentre(stage, team=team)),
        Posting("payable/cloud", money * -1),
    )
    return Entry(name, on, View.ACCRUAL, name, FactKind.INVOICED, "invoice", postings)


def book(shop, *entries):
    SqliteLedger(shop / ".steelyard" / "ledger.sqlite").append(entries)


def history(shop, n=60, *, skip=()):
    days = [date(2026, 4, 20) + timedelta(days=at) for at in range(n) if at not in skip]
    rows = [f"{day},{100 + 20 * (day.weekday() > 4)}" for day in days]
    (shop / "counts.csv").write_text("\n".join(["date,count", *rows]), "utf-8")
    return shop / "counts.csv"


def test_a_forecast_from_daily_counts_without_a_decision_shows_traffic(shop):
    rows = table(run(shop, "forecast", "--history", history(shop), "--days", 30, "--as", "csv"))

    assert [row["month"] for row in rows] == ["2026-06", "2026-07 (18 of 31 days)"]
    assert float(rows[0]["events"]) == 18 * 100 + 5 * 20 + 12 * 100 + 3 * 20
    assert "cost" not in rows[0]


def test_an_own_promotion_is_applied_and_marked_assumed(shop):
    (shop / "own.csv").write_text("date,name,expected_lift\n2026-06-20,618,1.0\n", "utf-8")

    words = ("--history", history(shop), "--promotions", shop / "own.csv", "--days", 7, "--as", "csv")
    rows = table(run(shop, "forecast", *words, "--show", "days"))

    saturday = next(row for row in rows if row["day"] == "2026-06-20")
    assert (float(saturday["mean"]), saturday["promotion"], saturday["basis"]) == (240.0, "618", "assumed")


def test_a_gap_in_the_history_is_refused_without_a_traceback(shop):
    done = run(shop, "forecast", "--history", history(shop, skip=(5, 6)))

    assert done.exit_code == 1
    assert "2026-04-25, 2026-04-26 are missing" in done.stderr


def test_wrong_dates_of_promotions_are_refused(shop):
    (shop / "own.csv").write_text("date,name\n2026-02-30,x\n", "utf-8")

    done = run(shop, "forecast", "--history", history(shop), "--promotions", shop / "own.csv")

    assert done.exit_code == 1
    assert "own.csv, line 2" in done.stderr


def test_a_budget_is_set_replaced_and_shown_beside_the_ledger(shop):
    book(
        shop,
        expense("oct", date(2026, 10, 31), 310, team="search"),
        *(expense(f"nov {day}", date(2026, 11, day), 11, team="search") for day in range(1, 21)),
        expense("upkeep", date(2026, 11, 2), 30, stage=Stage.MAINTENANCE),
    )
    for amount in (999, 300):
        done = budget(shop, "set", "--amount", amount, "--currency", "USD", "--from", "2026-11", "--stage", "serving")
        assert done.exit_code == 0, done.output
    budget(shop, "set", "--amount", 6000, "--currency", "USD", "--from", "2026-01", "--to", "2026-12")

    rows = table(budget(shop, "show", "--on", "2026-11-21", "--as", "csv"))

    assert [(row["node"], row["budget"], row["actual"], row["forecast"]) for row in rows] == [
        ("all", "500.00", "250.00", "350.00"),  # 30 of upkeep, 220 and ten days at 10
        ("stage serving", "300.00", "220.00", "320.00"),
    ]
    assert (rows[1]["variance"], rows[1]["expected_variance"]) == ("-80.00", "20.00")


def test_a_file_of_budgets_is_imported_whole_or_not_at_all(shop):
    header = "first_month,last_month,stage,team,amount,currency,kind,per,quantity,unit\n"
    good = header + "2026-11,2026-12,serving,,100,USD,budget,month,,\n2026-11,,tuning,,50,USD,commitment,,,\n"
    (shop / "good.csv").write_text(good, "utf-8")
    (shop / "bad.csv").write_text(
        good + "2026-13,,,,5,USD,,,,\n2026-11,,cooking,,5,USD,,,,\n2026-11,,,,x,USD,,,,\n", "utf-8"
    )

    refused = budget(shop, "import", shop / "bad.csv")
    shown = budget(shop, "show", "--on", "2026-11-21")
    imported = budget(shop, "import", shop / "good.csv")

    assert refused.exit_code == 1
    assert all(f"bad.csv, line {n}" in refused.stderr for n in (4, 5, 6))
    assert "no budget was set yet" in shown.stderr
    assert "2 imported, 2 in all" in imported.stdout
    rows = table(budget(shop, "show", "--on", "2026-11-21", "--from", "2026-11", "--to", "2026-12", "--as", "csv"))
    assert [(row["node"], row["budget"], row["commitments"]) for row in rows] == [
        ("stage serving", "200.00", "0.00"),
        ("without a budget", "", "50.00"),
    ]


def test_overlapping_budgets_of_one_node_are_refused_and_nothing_is_kept(shop):
    words = ("--amount", 10, "--currency", "USD")
    budget(shop, "set", *words, "--from", "2026-01", "--to", "2026-12")

    done = budget(shop, "set", *words, "--from", "2026-06")

    assert done.exit_code == 1
    assert "2026-06 has a budget of the same node already" in done.stderr


def test_a_budget_in_another_currency_needs_a_dated_rate(shop):
    book(shop, expense("nov", date(2026, 11, 2), 70, currency="CNY"))
    budget(shop, "set", "--amount", 100, "--currency", "USD", "--from", "2026-11")
    row = {"from": "CNY", "to": "USD", "rate": "0.14", "as_of": "2026-11-01", "source": "test"}
    (shop / "rates.json").write_text(json.dumps({"rows": [row]}), "utf-8")

    refused = budget(shop, "show", "--on", "2026-11-21")
    rows = table(budget(shop, "show", "--on", "2026-11-21", "--rates", shop / "rates.json", "--as", "csv"))

    assert refused.exit_code == 1
    assert "--rates" in refused.stderr
    assert rows[0]["actual"] == "9.80"


def test_check_is_silent_with_code_0_and_speaks_with_code_3(shop):
    budget(shop, "set", "--amount", 100, "--currency", "USD", "--from", "2026-11", "--stage", "serving")
    silent = budget(shop, "check", "--on", "2026-11-21", "--as", "json")
    book(shop, expense("nov", date(2026, 11, 2), 120))
    fired = budget(shop, "check", "--on", "2026-11-21", "--as", "json")

    assert (silent.exit_code, json.loads(silent.stdout)) == (0, [])
    assert fired.exit_code == 3
    assert [(each["rule"], each["says"]) for each in json.loads(fired.stdout)] == [
        ("over_budget", "阶段 serving：2026-11 已花费 120.00 USD，预算 100.00 USD")  # the shop speaks Chinese
    ]


def test_notify_without_an_address_is_refused(shop):
    budget(shop, "set", "--amount", 100, "--currency", "USD", "--from", "2026-11")

    done = budget(shop, "check", "--on", "2026-11-21", "--notify")

    assert done.exit_code == 1
    assert "[cost.alerts]" in done.stderr


class Recorder(BaseHTTPRequestHandler):
    """Keeps what was posted."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append((dict(self.headers), json.loads(body)))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        """Quiet."""


def test_notify_posts_what_fired_signed_to_an_address_that_was_allowed(shop):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
    server.seen = []
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    settings = f'\n[cost.alerts]\nwebhook = "http://127.0.0.1:{server.server_port}/hook/geheim"\n'
    settings += 'webhook_allows_http = true\nwebhook_networks = ["127.0.0.0/8"]\n'
    (shop / "steelyard.toml").write_text(SHOP + settings, "utf-8")
    book(shop, expense("nov", date(2026, 11, 2), 120))
    budget(shop, "set", "--amount", 100, "--currency", "USD", "--from", "2026-11")

    key = {"STEELYARD_WEBHOOK_KEY": "0123456789abcdef"}
    done = budget(shop, "check", "--on", "2026-11-21", "--notify", env=key)
    server.shutdown()
    thread.join()
    server.server_close()

    assert done.exit_code == 3, done.output
    assert "geheim" not in done.output
    headers, body = server.seen[0]
    assert headers["Steelyard-Signature"].startswith("t=")
    assert body["alerts"][0]["rule"] == "over_budget"


def invoice_in_pool(shop, amount, *, stated=None):
    """An invoice of machines that was booked to the pool, for whom it states."""
    money = Money(Decimal(str(amount)), "USD")
    postings = (Posting("pool/machines", money, stated), Posting("accrued/aws", money * -1))
    book(shop, Entry("bill", date(2026, 11, 9), View.ACCRUAL, "m5", FactKind.INVOICED, "invoice", postings))


def test_a_budget_sees_what_was_invoiced_and_not_allocated_yet(shop):
    budget(shop, "set", "--amount", 100, "--currency", "USD", "--from", "2026-11")
    invoice_in_pool(shop, 900)

    (shown,) = table(budget(shop, "show", "--from", "2026-11", "--on", "2026-11-28", "--as", "csv"))
    done = budget(shop, "check", "--from", "2026-11", "--on", "2026-11-28", "--as", "csv")

    assert (shown["node"], shown["actual"]) == ("all", "900.00")
    assert "over_budget" in done.stdout
    assert done.exit_code == 3
    assert "actual includes 900.00 USD that were invoiced and not allocated yet" in done.stderr


def test_the_budget_of_a_stage_sees_the_invoices_that_state_it(shop):
    budget(shop, "set", "--amount", 100, "--currency", "USD", "--from", "2026-11", "--stage", "training")
    invoice_in_pool(shop, 900, stated=CostCentre(Stage.TRAINING))

    (shown,) = table(budget(shop, "show", "--from", "2026-11", "--on", "2026-11-28", "--as", "csv"))

    assert shown["actual"] == "900.00"


def test_allocating_changes_no_actual(shop):
    budget(shop, "set", "--amount", 100, "--currency", "USD", "--from", "2026-11")
    invoice_in_pool(shop, 900)
    CliRunner().invoke(main, ["cost", "ledger", "allocate", "--month", "2026-11", "-c", str(shop)])

    done = budget(shop, "show", "--from", "2026-11", "--on", "2026-11-28", "--as", "csv")

    assert [row["actual"] for row in table(done)] == ["900.00"]
    assert "not allocated" not in done.stderr


def test_old_prices_are_a_warning_and_no_exceeded_budget(shop):
    (shop / "steelyard.toml").write_text(SHOP.replace("100000", "1"), "utf-8")
    budget(shop, "set", "--amount", 100, "--currency", "USD", "--from", "2026-11")

    done = budget(shop, "check", "--from", "2026-11", "--on", "2026-11-28", "--as", "csv")

    assert [row["rule"] for row in table(done)]
    assert {(row["rule"], row["severity"]) for row in table(done)} == {("stale_prices", "warning")}
    assert done.exit_code == 0


@pytest.mark.parametrize(
    ("option", "value"),
    [("--amount", "120,50"), ("--amount", "1e400"), ("--currency", "U1S"), ("--from", "26-11"), ("--quantity", "1,5")],
)
def test_what_can_be_read_in_two_ways_sets_no_budget(shop, option, value):
    words = {"--amount": "100", "--currency": "USD", "--from": "2026-11", option: value}

    done = budget(shop, "set", *(word for pair in words.items() for word in pair))

    assert done.exit_code == 1
    assert repr(value) in done.stderr
    assert "write" in done.stderr
