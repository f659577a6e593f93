"""R5.2: the same machine on demand, committed to, and spot; and what was committed to twice."""

from datetime import date
from decimal import Decimal

import pytest

from steelyard.adapters.prices.books import PriceBooks
from steelyard.cost.prices.offers import Commitment, Purchase, check_commitments, offers
from steelyard.cost.prices.prices import override, parse_book
from steelyard.domain import FactKind, Money
from steelyard.errors import PriceError

C5 = {
    "name": "aws/us-east-1/c5.large", "service": "instance", "price": "0.085", "unit": "hour", "kind": "quoted",
    "source": "public price list", "as_of": "2026-09-06", "vcpus": 2, "memory_gb": "4",
}  # fmt: skip
G4 = {**C5, "name": "aws/us-east-1/g4dn.xlarge", "price": "0.526", "gpu": "1 x T4 16 GB"}
SPOT = {
    "name": "aws/us-east-1/c5.large/spot", "service": "instance_offer", "of": C5["name"], "purchase": "spot",
    "price": "0.034", "unit": "hour", "kind": "quoted", "source": "public price list", "as_of": "2026-09-06",
}  # fmt: skip
YEAR = {
    "name": "aws/us-east-1/reserved-12m", "service": "commitment_discount", "discount": "0.32", "unit": "1",
    "kind": "assumed", "source": "conservative averages", "as_of": "2026-05-09", "term_months": 12,
    "low": "0.28", "high": "0.38",
}  # fmt: skip
THREE = {
    **YEAR,
    "name": "aws/us-east-1/all",
    "discount": "0.6",
    "term_months": 36,
    "upfront_share": "1",
    "low": "",
    "high": "",
}


def book(*rows):
    return parse_book({"name": "small", "currency": "USD", "rows": list(rows)}, where="small.json")


def commitment(count, start, end, instance="c5.large"):
    zero = Money(Decimal(0), "USD")
    return Commitment(instance, count, date.fromisoformat(start), date.fromisoformat(end), zero, zero)


def test_every_way_to_buy_comes_on_demand_first_with_the_very_price_of_the_machine():
    small = book(C5, SPOT, THREE, YEAR)

    found = offers(small, "c5.large")

    assert [each.purchase for each in found] == [
        Purchase.ON_DEMAND,
        Purchase.RESERVED,
        Purchase.RESERVED,
        Purchase.SPOT,
    ]
    assert found[0].price is small.instances()[0].price
    assert [each.price.per_unit.amount for each in found[1:]] == [Decimal("0.0578"), Decimal("0.034"), Decimal("0.034")]


def test_a_price_worked_out_from_an_average_is_assumed_and_says_how():
    _, year = offers(book(C5, YEAR), C5["name"])

    assert year.price.kind is FactKind.ASSUMED
    assert year.price.source == "0.085 x (1 - 0.32): public price list; discount: conservative averages"
    assert year.price.as_of == date(2026, 5, 9)
    assert (year.low, year.high) == (Decimal("0.0527"), Decimal("0.0612"))
    assert offers(book(C5, {**YEAR, "kind": "quoted"}), C5["name"])[1].price.kind is FactKind.DERIVED


def test_what_is_paid_at_the_start_is_the_share_of_the_whole_term():
    _, three = offers(book(C5, THREE), "c5.large")

    assert three.upfront == Money(Decimal("0.034") * 730 * 36, "USD")
    assert offers(book(C5, YEAR), "c5.large")[1].upfront.amount == 0


def test_a_quoted_commitment_wins_over_the_average_of_the_same_term():
    own = {**SPOT, "name": "own/1y", "purchase": "reserved", "term_months": 12, "price": "0.05", "kind": "invoiced"}

    found = offers(book(C5, YEAR, own), "c5.large")

    assert [each.price.name for each in found] == [C5["name"], "own/1y"]


def test_the_averages_are_not_for_accelerators():
    assert len(offers(book(C5, G4, YEAR), "g4dn.xlarge")) == 1


def test_machines_to_rent_are_those_on_demand_only():
    assert [each.name for each in book(C5, SPOT, YEAR).instances()] == [C5["name"]]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({**SPOT, "of": "aws/us-east-1/c9.large"}, "of: there is no instance 'aws/us-east-1/c9.large'"),
        ({**SPOT, "purchase": "on_demand"}, "purchase: an instance_offer is reserved or spot"),
        ({**SPOT, "purchase": "reserved"}, "term_months: None is not a whole number above 0"),
        ({**SPOT, "price": "24.82"}, "times the machine on demand; is it the price of another unit"),
        ({**SPOT, "upfront_share": "50"}, "upfront_share: 50 is more than the whole"),
        ({**YEAR, "discount": "32"}, "discount: 32 is not a share between 0 and 1"),
        ({**YEAR, "term_months": ""}, "term_months: '' is not a whole number above 0"),
    ],
)
def test_a_wrong_offer_is_named(row, said):
    with pytest.raises(PriceError) as error:
        book(C5, row)

    assert said in str(error.value)


def test_a_shops_own_contract_is_laid_over_the_book():
    own = {"name": "aws/us-east-1/c5.large/spot", "price": "0.02", "source": "contract", "as_of": "2026-10-01"}

    merged = override(book(C5, SPOT), {"currency": "USD", "rows": [own]}, where="own.toml")

    assert offers(merged, "c5.large")[1].price.per_unit.amount == Decimal("0.02")
    assert offers(merged, "c5.large")[1].purchase is Purchase.SPOT


@pytest.mark.parametrize("name", PriceBooks().names())
def test_every_shipped_machine_can_be_bought_and_no_commitment_is_dearer_than_on_demand(name):
    shipped = PriceBooks().load(name)

    for machine in shipped.instances():
        first, *others = offers(shipped, machine.name)
        assert first.price is machine.price
        assert all(0 < each.price.per_unit.amount < machine.hourly for each in others)


def test_commitments_that_overlap_beyond_the_need_are_named_with_their_days():
    taken = [commitment(4, "2026-01-01", "2027-01-01"), commitment(3, "2026-10-01", "2027-10-01")]

    assert check_commitments(taken, {"c5.large": 7}) == ()
    assert check_commitments(taken, {"c5.large": 4}) == (
        "commitments to c5.large overlap from 2026-10-01 until 2027-01-01: 7 machines "
        "(4 from 2026-01-01 until 2027-01-01 and 3 from 2026-10-01 until 2027-10-01) for 4 needed",
    )


def test_a_commitment_to_machines_nobody_needs_is_named():
    (sentence,) = check_commitments([commitment(2, "2026-01-01", "2027-01-01", "m5.large")], {"c5.large": 9})

    assert sentence.startswith("commitments to m5.large cover too many from 2026-01-01 until 2027-01-01: 2 machines")


def test_commitments_one_after_the_other_do_not_overlap():
    taken = [commitment(4, "2026-01-01", "2026-07-01"), commitment(4, "2026-07-01", "2027-01-01")]

    assert check_commitments(taken, {"c5.large": 4}) == ()


@pytest.mark.parametrize(("count", "start", "end"), [(0, "2026-01-01", "2027-01-01"), (1, "2026-01-01", "2026-01-01")])
def test_a_commitment_to_nothing_is_refused(count, start, end):
    with pytest.raises(PriceError, match="at least one machine, an end after its start"):
        commitment(count, start, end)
