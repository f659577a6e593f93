"""``steelyard cost import``, ``reconcile`` and ``focus`` on a shop's folder."""

import csv
import json

import pytest
from click.testing import CliRunner
from cost_shop import cost_shop

from steelyard.cli import main

ALIBABA = (
    "账期,账单日期,账号ID,产品Code,产品,账单类型,实例ID,用量,用量单位,应付金额,币种\n"
    "2026-10,2026-10-08,1001,ecs,云服务器 ECS,后付费账单,i-1,24,小时,8.64,人民币\n"
)
HOURS = 'Date,Role,Hours,Stage\n2026-10-05,工程师,"7,5",tuning\n'
GOOGLE = (
    "billing_account_id,service.id,service.description,sku.id,sku.description,usage_start_time,usage_end_time,cost,currency,"
    "credits,invoice.month,cost_type\n"
    "01A,s,Compute Engine,1,core,2026-11-01 03:00:00 UTC,2026-11-01 04:00:00 UTC,2.00,USD,[],202610,regular\n"
    "01A,s,Compute Engine,1,core,2026-10-31 22:00:00 UTC,2026-10-31 23:00:00 UTC,3.00,USD,[],202610,regular\n"
)  # fmt: skip


@pytest.fixture
def shop(tmp_path):
    return cost_shop(tmp_path)


def cost(shop, *words, rc=0):
    found = CliRunner().invoke(main, ["cost", *words, "-c", str(shop)])
    assert found.exit_code == rc, found.output
    return found


def add(shop, on, amount, *, entry_id="inv", text="x", source="an invoice"):
    cost(shop, "ledger", "add", "--id", f"{entry_id}-{on}", "--on", on, "--stage", "serving", "--amount", amount,
         "--currency", "USD", "--text", text, "--source", source)  # fmt: skip


def saved(shop, text, name="bill.csv", encoding="utf-8"):
    (shop / name).write_bytes(text.encode(encoding))
    return str(shop / name)


def test_the_encoding_is_heeded_while_the_kind_is_found_out(shop):
    found = cost(shop, "import", saved(shop, ALIBABA, encoding="gb18030"), "--encoding", "gb18030")

    assert "read as alibaba" in found.output
    assert "8.64 CNY" in found.output


def test_hours_are_read_in_their_encoding_with_decimal_commas_and_any_case_of_names(shop):
    row = {"service": "people", "name": "person/工程师", "unit": "person_hour", "price": "60", "kind": "assumed",
           "source": "a survey", "as_of": "2026-10-01"}  # fmt: skip
    prices = json.dumps({"name": "own", "currency": "USD", "rows": [row]})
    (shop / "own.json").write_text(prices, "utf-8")
    settings = (shop / "steelyard.toml").read_text("utf-8")
    (shop / "steelyard.toml").write_text(f'{settings}\n[cost]\noverrides = "own.json"\n', "utf-8")

    cost(shop, "import", saved(shop, HOURS, encoding="gb18030"), "--encoding", "gb18030")
    found = cost(shop, "reconcile", "--as", "csv")

    assert found.output.splitlines()[1:2] == ['tuning,450.00 USD,,,,"hours of people, on no invoice"']


def test_the_month_of_cash_is_the_invoice_s_on_both_sides(shop):
    add(shop, "2026-10-31", "5.00")

    found = cost(shop, "reconcile", saved(shop, GOOGLE), "--by", "month", "--view", "cash", "--as", "csv")

    assert "2026-10,5.00 USD,5.00 USD,0.00 USD,0.0 %,matched" in found.output


def test_one_month_is_compared_with_that_month_of_the_bill(shop):
    add(shop, "2026-10-31", "3.00")

    found = cost(shop, "reconcile", saved(shop, GOOGLE), "--by", "month", "--month", "2026-10", "--as", "csv")

    assert "2026-10,3.00 USD,3.00 USD,0.00 USD,0.0 %,matched" in found.output


def test_what_a_file_does_not_say_is_no_zero(shop):
    azure = (
        "invoiceId,billingAccountId,billingPeriodEndDate,billingPeriodStartDate,date,meterCategory,meterName,quantity,"
        "chargeType,billingCurrency,costInBillingCurrency\n"
        "G7,ba,10/31/2026,10/01/2026,10/03/2026,Virtual Machines,B1s,24,Usage,JPY,412.3456789\n"
    )

    found = cost(shop, "import", saved(shop, azure), "--bill-as", "azure")
    cost(shop, "focus", "--month", "2026-10", "--out", str(shop / "out.csv"))

    assert "412.35 JPY (412.3456789)" in found.output
    assert "not in this file" in found.output
    with (shop / "out.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert {"EffectiveCost", "x_PoolCost"} <= set(row["x_Filled"].split(","))


def test_what_is_in_a_pool_is_a_row_of_an_export_and_its_lack_is_found(shop):
    cost(shop, "import", saved(shop, GOOGLE))
    out = shop / "out.csv"

    found = cost(shop, "focus", "--out", str(out))
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    without = [row for row in rows if not row["x_PoolRest"]]
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(without)

    assert "pool/machines holds 3.00 USD of 2026-10 that nobody bears yet" in found.output
    assert sum(float(row["EffectiveCost"]) for row in rows) == 5.0
    assert "machines: 5.00 USD in none" in cost(shop, "focus", "--check", str(out), rc=1).output


def test_formulas_from_tags_are_no_formulas_in_an_export(shop):
    tags = '"{""team"":""@SUM(A1)"",""model"":""=HYPERLINK(\\""x\\"")""}"'
    bill = (
        "BillingAccountId,BillingCurrency,BillingPeriodStart,BillingPeriodEnd,ChargePeriodStart,ChargePeriodEnd,"
        "ChargeCategory,ProviderName,ServiceName,ServiceCategory,BilledCost,EffectiveCost,Tags\n"
        "a,USD,2026-10-01T00:00Z,2026-11-01T00:00Z,2026-10-03T00:00Z,2026-10-04T00:00Z,Usage,AWS,RDS,Databases,-1.00,"
        f"-1.00,{tags}\n"
    )
    cost(shop, "import", saved(shop, bill))
    add(shop, "2026-10-31", "5.00", entry_id="=1+1", text="+x", source="@x")
    cost(shop, "focus", "--out", str(shop / "out.csv"))

    with (shop / "out.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    cells = {cell for row in rows for cell in row.values()}
    assert {"'@SUM(A1)", '\'=HYPERLINK("x")', "'+x", "'@x", "-1.00"} <= cells
    assert not [cell for cell in cells if cell.startswith(("=", "@", "+"))]


def test_an_amount_of_a_table_is_never_left_out_because_the_row_above_has_it(shop):
    for day in ("2026-10-01", "2026-10-02"):
        add(shop, day, "10.56")

    shown = cost(shop, "ledger", "entries", "--month", "2026-10", "--view", "cash").output

    assert shown.count("10.56") >= 2
