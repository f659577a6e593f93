"""``steelyard cost ledger`` on a shop's folder: book, look, reverse, allocate, close."""

import csv
import io
from decimal import Decimal

import pytest
from click.testing import CliRunner

from steelyard.adapters.ledgers.journal import UsageJournal
from steelyard.cli import main
from steelyard.documents.meter_line import MeterLine

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
        MeterLine(id=f"run/{number}", what="train/lexical", began="2026-11-20T10:00:00+00:00",
                  ended="2026-11-20T11:00:00+00:00", cpu_s=cpu_s)
    )  # fmt: skip


def test_what_the_meters_saw_is_booked_once(shop):
    trained(shop)

    first, again = cost(shop, "book"), cost(shop, "book")

    assert "Booked 1 meter reading: 0.08 USD" in first.stderr
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


def test_a_reversal_takes_it_back(shop):
    add(shop)

    cost(shop, "reverse", "inv-1/accrual", "--text", "booked twice", "--on", "2026-11-22")

    assert sum(Decimal(row["amount"]) for row in rows(shop, "balances", "--by", "stage")) == 0
    assert (
        "already reversed"
        in cost(shop, "reverse", "inv-1/accrual", "--text", "booked twice", "--on", "2026-11-22").output
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
    shared = cost(shop, "allocate", "--month", "2026-11").output

    assert "rest of pool/machines, allocated by cost: 0.92 USD on 1 cost centre" in shared
    assert sum(Decimal(row["amount"]) for row in rows(shop, "balances", "--by", "model")) == 1
    assert "nothing to allocate" in cost(shop, "allocate", "--month", "2026-11").output


def test_an_invoice_to_the_pool_is_a_cost_of_the_month_that_was_billed(shop):
    trained(shop)
    cost(shop, "book")
    cost(shop, "add", "--to-pool", "--id", "ec2", "--text", "EC2", "--amount", "1", "--currency", "USD", "--stage",
         "serving", "--source", "invoice 3", "--on", "2026-11-30")  # fmt: skip

    (cash,) = rows(shop, "balances", "--by", "stage", "--view", "cash")

    assert (cash["stage"], cash["amount"]) == ("serving", "1.00")
    assert [row["account"] for row in rows(shop, "balances", "--view", "accrual")][:1] == ["expense/training/machines"]


def test_a_month_can_be_allocated_again_and_again(shop):
    trained(shop)
    cost(shop, "book")
    for number in range(3):
        cost(shop, "add", "--to-pool", "--id", f"ec2-{number}", "--text", "EC2", "--amount", "1", "--currency", "USD",
             "--stage", "serving", "--source", "invoice 3", "--on", "2026-11-30")  # fmt: skip
        cost(shop, "allocate", "--month", "2026-11")

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
    [
        ("--amount", "-3", "above zero"),
        ("--amount", "three", "120.50"),
        ("--currency", "usd", "ISO 4217"),
        ("--amount", "120,50", "'120,50' is not a number"),
        ("--amount", "1.000,50", "a point before the decimals"),
        ("--amount", "1,00,000", "not a number"),
        ("--amount", "1e400", "not a number"),
        ("--amount", "nan", "number"),
        ("--amount", "1" * 16, "too large"),
        ("--amount", "0.0000000000001", "13 decimals"),
        ("--amount", "0", "above"),
        ("--currency", "U1S", "'U1S' is not a currency"),
        ("--on", "26-11-30", "2026-11-21"),
        ("--on", "20261130", "2026-11-21"),
    ],
)
def test_what_cannot_be_booked_is_said(shop, option, value, said):
    words = {"--id": "x", "--text": "t", "--amount": "1", "--currency": "USD", "--stage": "data", "--source": "s",
             "--on": "2026-11-30", option: value}  # fmt: skip

    found = cost(shop, "add", *(word for pair in words.items() for word in pair), rc=1)

    assert said in found.stderr


def test_a_purchase_is_spread_over_its_months(shop):
    words = ("--id", "srv", "--text", "server", "--amount", "1000", "--residual", "100", "--months", "9",
             "--currency", "USD", "--stage", "hardware", "--source", "invoice 9", "--on", "2026-11-02")  # fmt: skip

    cost(shop, "amortise", *words)

    (row,) = rows(shop, "balances", "--by", "stage")
    assert row["amount"] == "100.00"
    (row,) = rows(shop, "balances", "--by", "stage", "--view", "cash")
    assert row["amount"] == "1000.00"


def test_meters_of_a_server_elsewhere_are_booked_once_they_are_named(shop):
    UsageJournal(shop / "far" / "usage.jsonl").append(
        MeterLine(id="s/serve/1", what="serve", began="2026-11-20T10:00:00+00:00",
                  ended="2026-11-20T11:00:00+00:00", cpu_s=7200)
    )  # fmt: skip
    cost(shop, "book")
    assert not rows(shop, "entries")

    (shop / "steelyard.toml").write_text(f'{SHOP}journals = ["far/usage.jsonl"]\n')
    cost(shop, "book")

    assert [row["stage"] for row in rows(shop, "balances", "--by", "stage")] == ["serving"]
    (shop / "steelyard.toml").write_text(f'{SHOP}journals = ["near/usage.jsonl"]\n')
    assert "usage.jsonl is not there" in cost(shop, "book", rc=1).stderr


def test_a_cost_booked_in_both_views_is_reversed_in_both(shop):
    add(shop)

    cost(shop, "reverse", "inv-1", "--text", "booked twice", "--on", "2026-11-22")

    for view in ("cash", "accrual"):
        assert sum(Decimal(row["amount"]) for row in rows(shop, "balances", "--by", "stage", "--view", view)) == 0
    assert "already reversed: inv-1" in cost(shop, "reverse", "inv-1", "--text", "x", "--on", "2026-11-22").output
    assert "no entry 'inv-2'" in cost(shop, "reverse", "inv-2", "--text", "x", rc=1).stderr


def test_what_stays_when_one_view_is_reversed_is_said(shop):
    add(shop)

    done = cost(shop, "reverse", "inv-1/cash", "--text", "wrong", "--on", "2026-11-22")

    assert "inv-1/accrual stays as it is, so the cash and accrual views now differ" in done.stderr


def test_a_purchase_is_reversed_month_by_month(shop):
    words = ("--id", "srv", "--text", "server", "--amount", "900", "--months", "3", "--currency", "USD", "--stage",
             "hardware", "--source", "invoice 9", "--on", "2026-11-02")  # fmt: skip
    cost(shop, "amortise", *words)

    done = cost(shop, "reverse", "srv", "--text", "sent back", "--on", "2026-11-20")

    assert "srv/3/corrected booked in 2027-01" in done.output
    for view in ("cash", "accrual"):
        assert sum(Decimal(row["amount"]) for row in rows(shop, "balances", "--by", "stage", "--view", view)) == 0


def test_old_names_of_verbs_work_and_say_the_new_one(shop):
    add(shop)

    reversed_, allocated = cost(shop, "correct", "inv-1", "--text", "x", "--on", "2026-11-22"), cost(shop, "share-out")

    assert "inv-1/cash/corrected" in reversed_.stdout
    assert "note: `main cost ledger correct` is now `main cost ledger reverse`" in reversed_.stderr
    assert "nothing to allocate" in allocated.stdout
    shown = CliRunner().invoke(main, ["cost", "ledger", "--help"]).output
    assert "allocate" in shown
    assert "share-out" not in shown


def test_an_unknown_verb_is_told_the_nearest(shop):
    assert "Did you mean `main cost ledger balances`?" in cost(shop, "balance", rc=2).output


def test_what_was_invoiced_where_nothing_was_metered_is_seen_and_can_be_allocated(shop):
    cost(shop, "add", "--to-pool", "--id", "ec2", "--text", "EC2", "--amount", "900", "--currency", "USD", "--stage",
         "serving", "--source", "invoice 3", "--on", "2026-11-30")  # fmt: skip

    before = cost(shop, "balances", "--month", "2026-11", "--by", "stage")
    done = cost(shop, "allocate", "--month", "2026-11")

    assert "not allocated (pool/machines)" in before.stdout
    assert "pool/machines still holds 900.00 USD of 2026-11" in before.stderr
    assert "900.00 USD on 1 cost centre" in done.output
    (row,) = rows(shop, "balances", "--by", "configuration")
    assert (row["configuration"], row["amount"]) == ("unallocated", "900.00")


def test_what_the_lines_of_an_invoice_state_is_shown_before_it_is_allocated(shop):
    line = {"BilledCost": "9.00", "EffectiveCost": "9.00", "BillingAccountId": "a", "BillingCurrency": "USD",
            "BillingPeriodStart": "2026-11-01T00:00:00Z", "BillingPeriodEnd": "2026-12-01T00:00:00Z",
            "ChargePeriodStart": "2026-11-03T00:00:00Z", "ChargePeriodEnd": "2026-11-04T00:00:00Z",
            "ChargeCategory": "Usage", "ChargeDescription": "m5", "ProviderName": "AWS", "ServiceName": "EC2",
            "ServiceCategory": "Compute", "x_Stage": "training"}  # fmt: skip
    (shop / "bill.csv").write_text(f"{','.join(line)}\n{','.join(line.values())}\n")
    done = CliRunner().invoke(main, ["cost", "import", str(shop / "bill.csv"), "-c", str(shop)])
    assert done.exit_code == 0, done.output

    (before,) = rows(shop, "balances", "--by", "stage")
    cost(shop, "allocate", "--month", "2026-11")
    (after,) = rows(shop, "balances", "--by", "stage")

    assert (before["stage"], before["amount"]) == ("training, not allocated (pool/machines)", "9.00")
    assert (after["stage"], after["amount"]) == ("training", "9.00")


def test_closing_a_month_says_what_is_in_its_pools(shop):
    cost(shop, "add", "--to-pool", "--id", "ec2", "--text", "EC2", "--amount", "9", "--currency", "USD", "--stage",
         "serving", "--source", "invoice 3", "--on", "2026-11-30")  # fmt: skip
    trained(shop, cpu_s=10**7)
    cost(shop, "book")

    allocated = cost(shop, "allocate", "--month", "2026-11")
    closed = cost(shop, "close", "2026-11")

    assert "pool/machines is 109.06 USD below zero in 2026-11: metered, and not invoiced yet" in allocated.stderr
    assert "pool/machines was closed with 109.06 USD that were metered and never invoiced" in closed.stderr


def test_a_column_that_was_asked_for_is_shown_where_nobody_named_it(shop):
    add(shop)

    shown = cost(shop, "balances", "--month", "2026-11", "--by", "configuration").stdout

    assert "configuration" in shown
    assert "(none)" in shown
