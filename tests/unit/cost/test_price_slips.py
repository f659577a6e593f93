"""Prices that were mistaken for another unit's, and rows that say less than they must."""

from datetime import date
from decimal import Decimal

import pytest

from steelyard.adapters.prices.books import PriceBooks
from steelyard.cost.prices.prices import override
from steelyard.cost.prices.rows import Service
from steelyard.errors import PriceError

BOOK = PriceBooks().load("aws-us-east-1")
COMMON = {"kind": "quoted", "source": "our contract", "as_of": "2026-09-01"}


def laid_over(*rows):
    return override(BOOK, {"currency": "USD", "rows": [{**COMMON, **row} for row in rows]}, where="own.csv")


@pytest.mark.parametrize(
    ("hours", "said"), [(24, "a day"), (25, "a day"), (730, "a month"), (744, "a month"), (8760, "a year")]
)
def test_a_machines_price_of_another_stretch_is_refused_by_name(hours, said):
    price = str(Decimal("0.085") * hours)

    with pytest.raises(PriceError, match=f"times what the book would say; is it the price of {said} "):
        laid_over({"name": "aws/us-east-1/c5.large", "price": price})


@pytest.mark.parametrize("pay", ["7200", "12000", "9000"])
def test_a_months_pay_is_not_an_hours(pay):
    with pytest.raises(PriceError, match="is it the price of a month"):
        laid_over({"name": "person/engineer", "price": pay})


def test_a_years_pay_is_not_an_hours():
    with pytest.raises(PriceError, match="is it the price of a year"):
        laid_over({"name": "person/engineer", "price": "140000"})


@pytest.mark.parametrize("price", ["0.9", "0.009"])
def test_a_price_of_traffic_ten_times_off_is_said(price):
    book = laid_over({"name": "aws/us-east-1/egress/tier-1", "price": price})

    (doubt,) = book.doubts
    assert doubt.en.startswith("row aws/us-east-1/egress/tier-1: price: ")
    assert "check it, and its unit" in doubt.en


def test_a_price_near_the_books_is_not_doubted():
    assert laid_over({"name": "aws/us-east-1/egress/tier-1", "price": "0.08"}).doubts == ()


def test_one_flat_price_of_traffic_takes_the_place_of_the_tiers_where_it_says_so():
    flat = {"name": "cdn/egress", "service": "egress", "unit": "GB", "price": "0.05"}

    with pytest.raises(PriceError, match=r"cdn/egress stands beside the book's tiers .* add replaces = egress"):
        laid_over(flat)
    book = laid_over({**flat, "replaces": "egress"})

    assert [tier.price.name for tier in book.egress()] == ["cdn/egress"]


def test_a_shops_own_price_wins_over_one_that_the_book_only_assumed():
    base = PriceBooks().load("azure-westus2")
    own = [
        {**COMMON, "name": "ours/traffic", "service": "egress", "unit": "GB", "price": "0.05"},
        {**COMMON, "name": "ours/objects", "service": "object_storage", "unit": "GB_month", "price": "0.02"},
    ]

    book = override(base, {"currency": "USD", "rows": own}, where="own.csv")

    assert [tier.price.name for tier in book.egress()] == ["ours/traffic"]
    assert book.storage(Service.OBJECT_STORAGE).name == "ours/objects"
    assert book.storage(Service.BLOCK_STORAGE).name == "azure/westus2/standard-ssd"


def test_a_row_replaces_those_of_its_own_service_only():
    with pytest.raises(PriceError, match="replaces: 'people', but a row can replace only those of its own service"):
        laid_over({"name": "cdn/egress", "service": "egress", "unit": "GB", "price": "0.05", "replaces": "people"})


def test_a_price_read_on_a_day_to_come_is_said():
    book = laid_over({"name": "aws/us-east-1/c5.large", "price": "0.08", "as_of": "2030-01-01"})

    first = book.stale(date(2026, 11, 1), after_days=100_000)[0]

    assert first.en.startswith("aws/us-east-1/c5.large: as_of lies after 2026-11-01")


def test_a_file_with_semicolons_is_read_and_its_decimal_commas_are_named(tmp_path):
    (tmp_path / "own.csv").write_text(
        "name;price;source;as_of\naws/us-east-1/c5.large;0,085;portal;2026-09-01\n", "utf-8"
    )

    with pytest.raises(PriceError, match=r"price: '0,085' is not a number; write it with a point: 0.085"):
        PriceBooks(tmp_path).load("aws-us-east-1", overrides="own.csv")


MACHINE = {"service": "instance", "unit": "hour", "price": "0.0094", "vcpus": "2", "memory_gb": "1"}


def test_a_burstable_machine_without_its_share_is_refused_with_the_share_it_has():
    with pytest.raises(PriceError, match=r"t3a.micro is of a family that bursts.*add baseline_share = 0.1 and"):
        laid_over({**MACHINE, "name": "aws/us-east-1/t3a.micro"})


@pytest.mark.parametrize("share", [{"baseline_share": "0.1"}, {"sustained_cores": "0.2"}])
def test_a_burstable_machine_with_its_share_counts_what_it_sustains(share):
    book = laid_over({**MACHINE, **share, "name": "aws/us-east-1/t3a.micro", "baseline_source": "user guide"})

    (machine,) = book.instances(["t3a.micro"])
    assert machine.cores == Decimal("0.2")


def test_a_burstable_machine_taken_whole_needs_to_say_why():
    whole = {**MACHINE, "name": "aws/us-east-1/t3a.micro", "baseline_share": "1"}

    with pytest.raises(PriceError, match="baseline_source: missing"):
        laid_over(whole)


def test_an_architecture_against_the_name_is_refused():
    row = {**MACHINE, "name": "aws/us-east-1/c7g.large", "arch": "x86_64", "price": "0.07"}

    with pytest.raises(PriceError, match=r"arch: x86_64, but c7g.large is arm64"):
        laid_over(row)


def test_a_slice_of_an_accelerator_says_how_large_it_is():
    row = {**MACHINE, "name": "azure/eastus/NV6ads_A10_v5", "price": "0.454", "vcpus": "6", "gpu": "1 x A10 24 GB"}

    with pytest.raises(PriceError, match=r"has a slice of 1 x A10 24 GB, not all of it: add accelerator_share = 1/6"):
        laid_over(row)
    (machine,) = laid_over({**row, "accelerator_share": "1/6"}).instances(["NV6ads_A10_v5"])
    assert machine.accelerator_share == Decimal(1) / 6


def test_a_price_beyond_all_money_is_refused():
    with pytest.raises(PriceError, match=r"price: 1E\+308 is more than anything costs"):
        laid_over({"name": "person/engineer", "price": "1E+308"})


@pytest.mark.parametrize("name", PriceBooks().names())
def test_every_machine_of_every_shipped_book_says_its_architecture(name):
    assert {each.arch for each in PriceBooks().load(name).instances()} <= {"x86_64", "arm64"}
