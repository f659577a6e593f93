"""Bad cost data through the command line: each mistake is named with its place and remedy, and nothing was booked."""

import csv
import json
import re

import pytest
from click.testing import CliRunner

from steelyard.cli import main
from tests.end_to_end.conftest import write_shop

SETTINGS = """
[shop]
name = "A shop"
currency = "USD"
[data.items]
path = "products.csv"
[data.items.columns]
item_id = "product_id"
title = "title"
[cost]
book = "aws-us-east-1"
"""
BILL = {
    "BilledCost": "10.00", "EffectiveCost": "12.50", "BillingAccountId": "a-1", "BillingCurrency": "USD",
    "BillingPeriodStart": "2026-10-01T00:00:00Z", "BillingPeriodEnd": "2026-11-01T00:00:00Z",
    "ChargePeriodStart": "2026-10-03T00:00:00Z", "ChargePeriodEnd": "2026-10-04T00:00:00Z",
    "ChargeCategory": "Usage", "ChargeDescription": "c5.large for search", "InvoiceId": "INV-7",
    "ProviderName": "AWS", "PublisherName": "AWS", "InvoiceIssuerName": "AWS", "PricingQuantity": "24",
    "PricingUnit": "Hours", "ResourceId": "i-1", "ServiceName": "AmazonEC2", "ServiceCategory": "Compute",
    "x_Stage": "serving",
}  # fmt: skip
OTHER = {**BILL, "ResourceId": "i-2"}
C5 = {"name": "aws/us-east-1/c5.large", "price": "0.06", "currency": "USD", "source": "contract", "as_of": "2026-10-01"}
NEW = {"service": "instance", "unit": "hour", "kind": "quoted", "vcpus": "2", "memory_gb": "4"}
TERM = {
    "id": "ri-1", "instance": "c5.large", "count": "4", "start": "2026-01-01", "end": "2027-01-01",
    "hourly": "0.05", "upfront": "0", "currency": "USD", "source": "invoice 7",
}  # fmt: skip


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A shop with a good bill in its ledger."""
    folder = write_shop(tmp_path_factory.mktemp("shop"), n_users=2)
    (folder / "steelyard.toml").write_text(SETTINGS, "utf-8")
    assert cost(folder, "import", table(folder / "good.csv", BILL)).exit_code == 0
    return folder


def steelyard(*words):
    """The command line, in this process: starting it a hundred times would take minutes."""
    return CliRunner().invoke(main, [str(word) for word in words])


def cost(folder, *words):
    return steelyard("cost", *words, "-c", folder / "steelyard.toml")


def check(file, *words):
    """``cost prices check`` reads no configuration."""
    return steelyard("cost", "prices", "check", file, "--on", "2026-11-21", *words)


def table(path, *rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(name for row in rows for name in row)))
        writer.writeheader()
        writer.writerows(rows)
    return path


def ledger(folder):
    """Every posting of both views."""
    return [
        cost(folder, "ledger", "entries", "--month", "2026-10", "--view", view, "--as", "json").stdout
        for view in ("cash", "accrual")
    ]


def refused(shop, done, *said):
    """It failed, said all this, and the ledger holds what it held."""
    assert done.exit_code == 1, done.stdout
    for each in said:
        assert re.search(each, done.stderr), done.stderr
    assert isinstance(done.exception, SystemExit)
    assert [json.loads(view)[0]["account"] for view in ledger(shop)] == ["expense/serving/AmazonEC2", "pool/machines"]
    assert [len(json.loads(view)) for view in ledger(shop)] == [2, 2]


def test_an_hours_price_given_for_a_month_is_refused(shop):
    file = table(shop / "month.csv", {**C5, "price": "62.05"})
    unit = table(shop / "unit.csv", {**NEW, **C5, "unit": "month", "price": "62.05"})

    over = check(file, "--over", "aws-us-east-1")

    refused(shop, over, r"month\.csv: row aws/us-east-1/c5\.large: price: 62\.05 per hour is 730 times", "730 hours")
    refused(shop, check(unit), r"unit\.csv: row 1 .*'month', but instance is priced per hour; .* divided by 730")


def test_a_shop_with_such_a_price_prices_nothing(shop):
    table(shop / "month.csv", {**C5, "price": "62.05"})
    path = shop / "wrong.toml"
    path.write_text(SETTINGS + 'overrides = "month.csv"\n', "utf-8")

    done = steelyard("cost", "prices", "list", "-c", path)

    refused(shop, done, r"month\.csv: row aws/us-east-1/c5\.large: price: 62\.05 per hour is 730 times")


def test_gibibytes_are_not_taken_for_gigabytes(shop):
    row = {**C5, "name": "disk", "service": "block_storage", "unit": "GiB_month", "kind": "quoted"}

    refused(shop, check(table(shop / "disk.csv", row)), r"disk\.csv: row 1 \(disk\): unit: 'GiB_month', but",
            r"1 GiB is 1\.073741824 GB")  # fmt: skip


def test_two_currencies_without_a_rate_are_refused(shop):
    prices = table(shop / "cny.csv", {**C5, "currency": "CNY"})
    bill = table(shop / "two.csv", OTHER, {**OTHER, "BillingCurrency": "CNY"})

    refused(shop, check(prices, "--over", "aws-us-east-1"), r"cny\.csv is in CNY, .* in USD; currencies are never",
            "give a table of rates")  # fmt: skip
    refused(shop, cost(shop, "import", bill), r"nothing was booked", r"two\.csv: several currencies in one file; give "
            r"--rates and --currency, or split the file \(1\): USD on 1 lines, CNY on 1 lines")  # fmt: skip


def test_a_rate_that_is_too_old_is_no_rate(shop):
    bill = table(shop / "cny-bill.csv", {**BILL, "ResourceId": "i-3", "BillingCurrency": "CNY"})
    row = {"from": "CNY", "to": "USD", "rate": "0.14", "as_of": "2026-01-05", "source": "central bank"}
    (shop / "rates.json").write_text(json.dumps({"rows": [row]}), "utf-8")

    done = cost(shop, "import", bill, "--rates", shop / "rates.json", "--currency", "USD")

    refused(shop, done, r"line 2: the latest rate from CNY to USD is of 2026-01-05, \d+ days before .* add a newer one")


def test_a_negative_quantity_is_refused(shop):
    bill = table(shop / "minus.csv", OTHER, {**OTHER, "PricingQuantity": "-24"})
    hours = table(shop / "hours.csv", {"date": "2026-10-03", "role": "engineer", "hours": "-1", "stage": "tuning"})

    refused(shop, cost(shop, "import", bill), "nothing was booked",
            r"minus\.csv: .*negative quantity without a negative cost.*line 3")  # fmt: skip
    refused(shop, cost(shop, "import", hours), r"hours\.csv: hours of one day are above 0 .*line 2: '-1'")
    refused(shop, check(table(shop / "below.csv", {**NEW, **C5, "price": "-0.06"})), r"row 1 .*price: -0\.06 is below")


def test_a_price_of_nothing_needs_to_be_confirmed(shop):
    row = {"InstanceType": "t9.large", "AcceleratorName": "", "AcceleratorCount": "", "vCPUs": "2", "MemoryGiB": "4",
           "GpuInfo": "", "Price": "0.00", "SpotPrice": "", "Region": "us-east-1"}  # fmt: skip
    paid = {**row, "InstanceType": "t8.large", "Price": "0.08"}
    words = ("cost", "prices", "import", table(shop / "vms.csv", paid, row), "--from", "skypilot", "--cloud", "aws",
             "--region", "us-east-1", "--as-of", "2026-11-01", "--out", shop / "made.json")  # fmt: skip

    done = steelyard(*words)

    refused(shop, done, r"t9\.large: a price of 0", "--confirm-free")
    assert not (shop / "made.json").exists()
    assert steelyard(*words, "--confirm-free", "t9.large").exit_code == 0
    refused(shop, check(table(shop / "zero.csv", {**NEW, **C5, "price": "0.00"})), "confirmed_free = true if it really")


def test_a_stale_price_is_used_with_a_warning(shop):
    file = table(shop / "old.csv", {**C5, "as_of": "2025-10-01"})

    done = check(file, "--over", "aws-us-east-1")

    assert done.exit_code == 0
    assert "warning: aws/us-east-1/c5.large: read on 2025-10-01, 416 days ago (more than 180): read it" in done.stdout


def test_overlapping_commitments_are_named_and_not_booked(shop):
    more = {**TERM, "id": "ri-2", "count": "3", "start": "2026-10-01", "end": "2027-10-01"}
    file = table(shop / "terms.csv", TERM, more)
    words = ("prices", "commitments", file, "--needed", "c5.large=5", "--on", "2026-11-21", "--book")

    refused(
        shop,
        cost(shop, *words),
        r"terms\.csv: commitments to aws/us-east-1/c5\.large overlap from 2026-10-01 "
        r"until 2027-01-01: 7 machines \(4 from .* and 3 from .*\) for 5 needed",
        "nothing was booked",
        "--accept",
    )
    again = table(shop / "again.csv", TERM, TERM)
    refused(shop, cost(shop, "prices", "commitments", again), r"again\.csv: line 3 .*line 2 has it too")
    refused(shop, cost(shop, "prices", "commitments", file), "run `steelyard decide`", "--needed")


def test_commitments_that_fit_are_booked_once(shop, tmp_path):
    folder = write_shop(tmp_path / "shop", n_users=2)
    (folder / "steelyard.toml").write_text(SETTINGS, "utf-8")
    file = table(folder / "terms.csv", {**TERM, "upfront": "36.50", "hourly": "0"})
    words = ("prices", "commitments", file, "--needed", "c5.large=4", "--on", "2026-11-21", "--book")

    first, second = cost(folder, *words), cost(folder, *words)
    october = cost(folder, "ledger", "balances", "--month", "2026-10", "--as", "json")

    assert "14 entries booked" in first.stdout  # paid, owned, and twelve months
    assert "already booked: the commitments are unchanged" in second.stdout
    pool = {row["account"]: row["debit"] for row in json.loads(october.stdout)}
    assert pool["pool/machines"] == "12.40"  # 4 x 36.50 x 31 / 365


def test_a_line_that_is_in_two_files_is_refused(shop):
    bills = [table(shop / name, OTHER) for name in ("one.csv", "two.csv")]

    refused(shop, cost(shop, "import", *bills), r"1 problem, nothing was booked",
            r"two\.csv: a line that is in another file too; .* \(1\): line 2: like line 2 of one\.csv")  # fmt: skip
