"""The prices of a book as rows, a price file checked, and one made of a catalogue."""

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from steelyard.cost.prices.prices import override, parse_book
from steelyard.errors import ConfigError, PriceError
from steelyard.workflows.pricing.price_list import CatalogueFile, check_prices, import_prices, list_prices

ON = date(2026, 11, 28)
OLD, NEW = "2026-05-01", "2026-11-18"
MACHINE = {"name": "x/m", "service": "instance", "price": "0.10", "unit": "hour", "vcpus": 2, "memory_gb": "4",
           "kind": "quoted", "source": "a list", "as_of": NEW}  # fmt: skip
TRAFFIC = {"name": "x/out", "service": "egress", "price": "0.05", "unit": "GB", "kind": "assumed", "source": "guessed",
           "as_of": OLD, "low": "0.01", "high": "0.09"}  # fmt: skip
YEAR = {"name": "x/1y", "service": "commitment_discount", "discount": "0.3", "term_months": 12, "unit": "1",
        "kind": "quoted", "source": "a list", "as_of": NEW}  # fmt: skip


@dataclass(frozen=True)
class Books:
    """Price books in memory."""

    documents: dict

    def load(self, book, *, overrides=None, rates=None, on=None):
        found = parse_book(self.documents[book], where=book)
        return override(found, self.documents[overrides], where=overrides) if overrides else found

    def document(self, book):
        return self.documents[book]


def book(*rows, name="the book"):
    return {"name": name, "currency": "USD", "rows": list(rows)}


def listed(*rows, **asked):
    return list_prices(Books({"b": book(*rows)}), "b", overrides=None, on=ON, stale_after_days=100, **asked)


def checked(*rows, over=None, days=100):
    return check_prices(Books({"own.json": book(*rows), "b": book(MACHINE)}), "own.json", over=over, days=days, on=ON)


def test_every_price_is_listed_with_its_age_and_discounts_come_last():
    found = listed(YEAR, TRAFFIC, MACHINE)

    assert [row.name for row in found.rows] == ["x/m", "x/out", "x/1y"]
    assert [row.days for row in found.rows] == [10, 211, 10]  # 30 of May, 30 31 31 30 31, 28 of November
    assert [row.is_stale for row in found.rows] == [False, True, False]
    assert [row.price for row in found.rows] == [Decimal("0.10"), Decimal("0.05"), Decimal("0.3")]
    assert (found.rows[1].low, found.rows[1].high) == (Decimal("0.01"), Decimal("0.09"))
    assert (found.name, found.currency) == ("the book", "USD")


def test_a_price_is_stale_only_when_it_is_older_than_allowed():
    rows = [list_prices(Books({"b": book(MACHINE)}), "b", overrides=None, on=ON, stale_after_days=n) for n in (9, 10)]

    assert [each.rows[0].is_stale for each in rows] == [True, False]


def test_the_services_are_summed_with_their_oldest_and_newest_price():
    small = {**MACHINE, "name": "x/s", "price": "0.05", "vcpus": 1, "as_of": OLD}

    machines, traffic = listed(MACHINE, small, TRAFFIC).services

    assert (machines.service, machines.prices, machines.oldest, machines.newest) == ("instance", 2, OLD, NEW)
    assert (machines.stale, machines.assumed) == (1, 0)
    assert (traffic.service, traffic.prices, traffic.stale, traffic.assumed) == ("egress", 1, 1, 1)


def test_one_service_can_be_asked_for_and_one_that_is_not_there_is_answered_with_those_that_are():
    assert [row.name for row in listed(MACHINE, TRAFFIC, service="egress").rows] == ["x/out"]

    with pytest.raises(ConfigError, match="the book has no price of 'gpu': it has egress, instance"):
        listed(MACHINE, TRAFFIC, service="gpu")


def test_a_file_in_which_all_is_right_has_nothing_said_of_it():
    found = checked(MACHINE)

    assert (found.n_rows, found.warnings) == (1, ())


def test_old_prices_days_to_come_and_assumptions_without_a_range_are_said():
    bare = {name: value for name, value in TRAFFIC.items() if name not in ("low", "high")}

    found = checked({**MACHINE, "as_of": "2026-12-01"}, bare)

    assert found.warnings == (
        "x/m: as_of is 2026-12-01, a day still to come: correct it",
        "x/out: read on 2026-05-01, 211 days ago (more than 100): read it again",
        "x/out: an assumption without a range: add low and high",
    )


def test_of_a_file_that_is_laid_over_a_book_only_its_own_rows_are_judged():
    old_book = Books(
        {"own.json": {"rows": [{**MACHINE, "price": "0.11"}]}, "b": book({**MACHINE, "as_of": OLD}, TRAFFIC)}
    )

    found = check_prices(old_book, "own.json", over="b", days=100, on=ON)

    assert (found.n_rows, found.warnings) == (1, ())


def test_a_wrong_file_is_refused_with_every_problem():
    with pytest.raises(PriceError) as raised:
        checked({**MACHINE, "price": "-1"}, {**TRAFFIC, "unit": "hour", "as_of": "soon"})

    text = str(raised.value)
    assert "own.json" in text and "-1 is below zero" in text and "'soon' is not a day" in text


@dataclass(frozen=True)
class Importer:
    """A catalogue that holds this document."""

    found: dict
    needs_region: bool = False
    is_whole_book: bool = True

    def read(self, path, request):
        return {**self.found, "source": request.source}


def catalogue(**fields):
    given = {"path": Path("list.csv"), "origin": "csv", "source": None, "as_of": None, "cloud": "", "region": "",
             "names": (), "currency": "USD", "specs": None, "confirmed_free": ()}  # fmt: skip
    return CatalogueFile(**{**given, **fields})


def test_a_price_file_is_made_with_a_line_for_each_row_and_reads_back():
    rows = [MACHINE, {**TRAFFIC, "source": "価格表 “list”\n2"}]

    found = import_prices(Importer({**book(*rows), "left_out": ["x/gone"]}), Books({}), catalogue())

    document = json.loads(found.text)
    assert document["rows"] == rows
    assert document["source"] == "csv, file list.csv"
    assert (found.n_rows, found.left_out) == (2, ("x/gone",))
    assert sum(line.startswith('    {"name"') for line in found.text.splitlines()) == 2
    assert "価格表" in found.text


def test_a_catalogue_of_many_regions_needs_one_named():
    importer = Importer(book(MACHINE), needs_region=True)

    for fields in ({}, {"cloud": "aws"}, {"region": "us-east-1"}):
        with pytest.raises(ConfigError, match="add --cloud and --region"):
            import_prices(importer, Books({}), catalogue(**fields))
    assert import_prices(importer, Books({}), catalogue(cloud="aws", region="us-east-1")).n_rows == 1


def test_a_whole_book_is_checked_before_it_is_written_and_rows_to_lay_over_one_are_not():
    short = {"rows": [{"name": "x/m", "price": "0.2"}]}

    assert import_prices(Importer(short, is_whole_book=False), Books({}), catalogue()).n_rows == 1
    with pytest.raises(PriceError):
        import_prices(Importer(short), Books({}), catalogue())
