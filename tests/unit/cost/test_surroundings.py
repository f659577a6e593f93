"""What stands around the machines: each part by what it is counted by, and what is left out is said with its switch."""

from datetime import date
from decimal import Decimal

import pytest

from steelyard.config.costs import Include
from steelyard.cost.facts import assumed
from steelyard.cost.prices.prices import parse_book
from steelyard.cost.prices.tax import with_tax
from steelyard.cost.surroundings import PARTS, Served, included_lines, left_out, used_rows
from steelyard.domain import FactKind, Money, Stage, Unpriced

DAY = date(2026, 10, 1)
UNITS = {
    "hours": "hour",
    "machine_hours": "hour",
    "traffic": "GB",
    "logs": "GB",
    "disks": "GB_month",
    "months": "month",
}
COUNTED = {row: counted for part in PARTS for row, counted, _ in part.rows}
QUOTED = {"kind": "quoted", "source": "list", "as_of": "2026-09-06"}
MACHINE = {
    "name": "cloud/two", "service": "instance", "unit": "hour", "price": "0.10", "vcpus": 2, "memory_gb": "8", **QUOTED,
}  # fmt: skip
ENGINEER = {
    "name": "person/engineer", "service": "people", "unit": "person_hour", "price": "60", "low": "40", "high": "80",
    **QUOTED, "kind": "assumed",
}  # fmt: skip


def surrounding(name):
    return {"name": name, "service": "surrounding", "unit": UNITS[COUNTED[name]], "price": "0.5", **QUOTED}


def book(*, without=()):
    rows = [MACHINE, ENGINEER, *(surrounding(name) for name in COUNTED if name not in without)]
    return parse_book({"name": "small", "currency": "USD", "rows": rows}, where="small.json")


def lines(include, *, replicas=3, prices=None):
    served = Served(
        assumed(replicas, "replica", source="worked by hand", as_of=DAY),
        assumed(24, "GB_month", source="worked by hand", as_of=DAY),
        4_000_000,
        Decimal(200),
        DAY,
    )
    return {line.detail: line for line in included_lines(prices or book(), include, served)}


@pytest.mark.parametrize(
    ("switch", "row", "quantity", "stage"),
    [
        ("load_balancer", "surroundings/load-balancer", 730, Stage.DEPLOYMENT),
        ("load_balancer", "surroundings/balancer-traffic", 200, Stage.DEPLOYMENT),
        ("public_addresses", "surroundings/public-address", 3 * 730, Stage.DEPLOYMENT),
        ("zone_traffic", "surroundings/zone-traffic", 200, Stage.BANDWIDTH),
        ("nat", "surroundings/nat-gateway", 730, Stage.DEPLOYMENT),
        ("logs", "surroundings/logs", 2, Stage.DEPLOYMENT),  # 4 million of half a kilobyte
        ("backups", "surroundings/snapshots", 24, Stage.DEPLOYMENT),
        ("cdn", "surroundings/cdn", 200, Stage.BANDWIDTH),
        ("domain", "surroundings/domain", 1, Stage.DEPLOYMENT),
    ],
)
def test_a_part_that_is_switched_on_is_billed_by_what_it_is_counted_by(switch, row, quantity, stage):
    found = lines(Include(**{"load_balancer": False, switch: True}))[row]

    assert found.quantity.value == quantity
    assert found.stage is stage
    assert found.cost == Money(Decimal(quantity) * Decimal("0.5"), "USD")


@pytest.mark.parametrize(
    ("replicas", "chosen", "is_billed"),
    [(1, None, False), (2, None, True), (1, True, True), (9, False, False)],
)
def test_a_balancer_comes_by_itself_with_a_second_machine(replicas, chosen, is_billed):
    found = lines(Include(load_balancer=chosen), replicas=replicas)

    assert ("surroundings/load-balancer" in found) is is_billed


def test_a_balancer_without_a_price_is_left_out_by_itself_and_unknown_where_it_is_asked_for():
    prices = book(without=["surroundings/load-balancer"])

    assert lines(Include(), prices=prices) == {}
    asked = lines(Include(load_balancer=True), prices=prices)["surroundings/load-balancer"]
    assert isinstance(asked.price, Unpriced)
    assert asked.cost is None  # never free


def test_what_is_left_out_is_said_with_the_switch_that_prices_it():
    found = {each.part: each for each in left_out(book(), Include(nat=True), n_replicas=1)}

    assert "nat" not in found
    assert found["cdn"].switch == "[cost.include] cdn = true"
    assert found["on_call_hours_per_month"].switch == "[cost.include] on_call_hours_per_month = 8"
    assert found["taxes"].switch == "[cost.include] tax_percent = 20"
    assert "add it to [cost] overrides" not in found["cdn"].text


def test_what_the_book_lacks_is_said_with_what_to_add():
    found = {each.part: each for each in left_out(book(without=["surroundings/cdn"]), Include(), n_replicas=1)}

    assert "(the book has no surroundings/cdn: add it to [cost] overrides)" in found["cdn"].text
    assert "surroundings/cdn" in found["cdn"].text_zh


def test_hours_on_call_and_tax_that_are_given_are_not_left_out():
    include = Include(on_call_hours_per_month=Decimal(8), tax_percent=20)

    assert {each.part for each in left_out(book(), include, n_replicas=2)} == {
        part.key for part in PARTS if part.key != "load_balancer"
    }


def test_rows_of_parts_that_are_off_are_not_looked_at_for_their_age():
    assert set(used_rows(Include())) == {"surroundings/load-balancer", "surroundings/balancer-traffic"}
    assert used_rows(Include(load_balancer=False)) == ()


# Tax.


def test_without_tax_the_book_is_the_same():
    net = book()

    assert with_tax(net, 0) is net


def test_tax_is_exact_on_every_price_and_its_rate_is_in_the_source():
    gross = with_tax(book(), 19.6)

    price = gross.rows["cloud/two"].price
    assert price.per_unit == Money(Decimal("0.11960"), "USD")
    assert price.kind is FactKind.DERIVED
    assert price.source == "list; 0.10 x 1.196 with tax ([cost.include] tax_percent)"
    assert gross.every["surroundings/cdn"].price.per_unit.amount == Decimal("0.5") * Decimal("1.196")


def test_hours_of_people_bear_no_tax():
    net, gross = book(), with_tax(book(), 20)

    assert gross.rows["person/engineer"] == net.rows["person/engineer"]


def test_an_assumed_price_stays_an_assumption_and_its_range_is_taxed_too():
    rows = [MACHINE, {**MACHINE, "name": "cloud/four", "kind": "assumed", "low": "0.08", "high": "0.12"}]
    net = parse_book({"name": "small", "currency": "USD", "rows": rows}, where="small.json")

    row = with_tax(net, 50).rows["cloud/four"]

    assert row.price.kind is FactKind.ASSUMED
    assert (row.low, row.price.per_unit.amount, row.high) == (Decimal("0.12"), Decimal("0.15"), Decimal("0.18"))
