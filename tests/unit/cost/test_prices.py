"""R5.2, R5.3: dated, sourced prices; what is unknown is never free."""

from datetime import date
from decimal import Decimal

import pytest

from steelyard.cost.prices.prices import override, parse_book
from steelyard.cost.prices.rows import Service
from steelyard.domain import FactKind, Unpriced
from steelyard.errors import PriceError

C5 = {
    "name": "aws/us-east-1/c5.large",
    "service": "instance",
    "price": "0.085",
    "unit": "hour",
    "kind": "quoted",
    "source": "public price list",
    "as_of": "2026-09-06",
    "vcpus": 2,
    "memory_gb": "4",
}


def book(*rows, **more):
    return parse_book({"name": "small", "currency": "USD", "rows": list(rows or (C5,)), **more}, where="small.json")


def wrong(**changes):
    row = {key: value for key, value in {**C5, **changes}.items() if value is not None}
    with pytest.raises(PriceError) as error:
        book(row)
    return str(error.value)


def test_a_price_keeps_its_source_and_day():
    price = book().price("aws/us-east-1/c5.large", "hour")

    assert price.per_unit.amount == Decimal("0.085")
    assert (price.kind, price.source, price.as_of) == (FactKind.QUOTED, "public price list", date(2026, 9, 6))


def test_a_price_that_is_not_in_the_book_is_unpriced_and_says_how_to_add_it():
    price = book().person("engineer")

    assert isinstance(price, Unpriced)
    assert price.unit == "person_hour"
    assert "[cost] overrides" in price.why


def test_a_price_of_zero_is_refused_unless_confirmed():
    assert "price: 0 is usually a price nobody filled in" in wrong(price="0.00")
    free = {**C5, "price": "0", "confirmed_free": True}
    assert book(free).price(C5["name"], "hour").per_unit.amount == 0


def test_a_missing_price_is_refused_not_guessed():
    assert "price: missing" in wrong(price=None)


@pytest.mark.parametrize("unit", ["month", "GB_month", "second", "Hour"])
def test_an_instance_is_sold_by_the_hour_only(unit):
    message = wrong(unit=unit)

    assert f"unit: '{unit}', but instance is priced per hour" in message


def test_a_months_price_is_told_how_to_become_an_hours():
    assert "divided by 730" in wrong(unit="month")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"price": "cheap"}, "price: 'cheap' is not a number"),
        ({"price": True}, "price: True is not a number"),
        ({"price": "NaN"}, "price: 'NaN' is not a number"),
        ({"price": "-1"}, "price: -1 is below zero"),
        ({"source": ""}, "source: missing"),
        ({"as_of": "06.09.2026"}, "as_of: '06.09.2026' is not a day"),
        ({"kind": "guessed"}, "kind: 'guessed' is not one of"),
        ({"kind": "derived"}, "kind: derived is not a kind of price"),
        ({"service": "lambda"}, "service: 'lambda' is not one of"),
        ({"vcpus": 0}, "vcpus: 0 is not a whole number above 0"),
        ({"memory_gb": None}, "memory_gb: an instance needs its memory"),
        ({"colour": "red"}, "colour: no such field"),
        ({"baseline_share": "0.2"}, "baseline_source: missing"),
        ({"baseline_share": "2", "baseline_source": "x"}, "baseline_share: a share of each vCPU"),
    ],
)
def test_a_wrong_field_is_named_with_its_file_and_row(changes, said):
    message = wrong(**changes)

    assert said in message
    assert message.startswith("small.json: row 1 (aws/us-east-1/c5.large): ")


def test_all_problems_are_reported_at_once():
    message = wrong(price="x", unit="month", as_of="y")

    assert len(message.splitlines()) == 3


def test_a_name_given_twice_is_refused():
    with pytest.raises(PriceError, match=r"row 2 .*there is a row of this name before it"):
        book(C5, C5)


def test_a_burstable_instance_counts_the_cores_it_can_use_without_end():
    t3 = {**C5, "name": "aws/us-east-1/t3.small", "baseline_share": "0.2", "baseline_source": "user guide"}

    assert book(t3).instances()[0].cores == Decimal("0.4")


def test_instances_are_found_by_short_name_and_a_wrong_one_gets_near_names():
    assert [each.name for each in book().instances(["c5.large"])] == ["aws/us-east-1/c5.large"]
    with pytest.raises(PriceError, match=r"no instance type 'c5.lrge' \(near: \['c5.large'"):
        book().instances(["c5.lrge"])


def test_old_prices_are_reported_by_day_of_reading():
    assert book().stale(date(2026, 12, 1), after_days=180) == []
    (warning,) = book().stale(date(2027, 9, 6), after_days=180)
    assert warning.en.startswith("1 prices of small were read on 2026-09-06, 365 days ago (more than 180)")


def test_own_hardware_costs_depreciation_and_energy_by_the_hour():
    own = {key: value for key, value in C5.items() if key != "price"}
    own |= {"name": "own/server", "capex": "2000000", "residual_share": "0.05", "life_years": "4"}
    own |= {"power_kw": "5", "pue": "1.54", "tariff_per_kwh": "0.8"}

    price = book(own).price("own/server", "hour")

    assert round(price.per_unit.amount, 4) == Decimal("60.3837")
    assert "capex x (1 - residual_share)" in price.source


def test_own_hardware_with_a_field_missing_is_refused():
    message = wrong(price=None, capex="1000")

    assert "own hardware needs all of capex, residual_share, life_years" in message


def test_a_shops_own_row_wins_by_name_and_inherits_the_machine():
    own = {"name": C5["name"], "price": "0.06", "source": "contract", "as_of": "2026-10-01", "kind": "invoiced"}

    merged = override(book(), {"currency": "USD", "rows": [own]}, where="own.toml")

    (instance,) = merged.instances()
    assert (instance.hourly, instance.vcpus, instance.memory_gb) == (Decimal("0.06"), 2, Decimal(4))
    assert instance.price.kind is FactKind.INVOICED
    assert book().instances()[0].hourly == Decimal("0.085")


def test_an_own_row_must_say_its_own_source_and_day():
    with pytest.raises(PriceError, match=r"source: missing[\s\S]*as_of: missing"):
        override(book(), {"currency": "USD", "rows": [{"name": C5["name"], "price": "0.06"}]}, where="own.toml")


def test_currencies_are_never_mixed():
    with pytest.raises(PriceError, match=r"own\.toml is in CNY, price book small in USD"):
        override(book(), {"currency": "CNY", "rows": []}, where="own.toml")


@pytest.mark.parametrize("price", ["62.05", "0.000116"])  # 0.085 x 730, and 0.085 / 730
def test_a_price_730_times_off_is_taken_for_another_unit(price):
    row = {**C5, "price": price}

    with pytest.raises(PriceError, match="is it the price of a"):
        override(book(), {"currency": "USD", "rows": [row]}, where="own.toml")


def test_a_new_instance_is_compared_with_the_books_price_of_a_core():
    row = {**C5, "name": "own/c9.large", "price": "62.05"}

    with pytest.raises(PriceError, match="is it the price of a"):
        override(book(), {"currency": "USD", "rows": [row]}, where="own.toml")


def test_tiers_need_exactly_one_without_an_end():
    tier = {"service": "egress", "unit": "GB", "kind": "quoted", "source": "x", "as_of": "2026-09-06", "price": "0.09"}

    with pytest.raises(PriceError, match="one of them, the last, has no end"):
        book({**tier, "name": "a", "up_to_gb": "100"})
    tiers = book({**tier, "name": "b"}, {**tier, "name": "a", "up_to_gb": "100"}).egress()
    assert [each.up_to_gb for each in tiers] == [Decimal(100), None]


def test_the_default_storage_is_taken():
    disk = {"service": "block_storage", "unit": "GB_month", "kind": "quoted", "source": "x", "as_of": "2026-09-06"}

    found = book({**disk, "name": "a", "price": "0.04"}, {**disk, "name": "b", "price": "0.08", "is_default": True})

    assert found.storage(Service.BLOCK_STORAGE).name == "b"
    assert isinstance(found.storage(Service.OBJECT_STORAGE), Unpriced)


@pytest.mark.parametrize(
    "document",
    [
        [],
        {"rows": []},
        {"currency": "usd", "rows": [C5]},
        {"currency": "USD", "rows": "x"},
        {"currency": "USD", "rows": []},
    ],
)
def test_what_is_not_a_price_book_is_refused(document):
    with pytest.raises(PriceError, match=r"small\.json"):
        parse_book(document, where="small.json")


def test_in_a_book_a_months_price_among_hours_is_taken_for_another_unit():
    rows = [{**C5, "name": f"x/c{n}", "price": "0.085"} for n in range(3)]

    with pytest.raises(PriceError, match=r"x/month: price: 62.05 per hour is 730 times what its neighbours cost"):
        book(*rows, {**C5, "name": "x/month", "price": "62.05"})


def test_an_assumption_outside_its_own_range_is_refused():
    assert "price: 0.085 is not between low 0.09 and high 0.1" in wrong(low="0.09", high="0.1")


@pytest.mark.parametrize(
    ("service", "unit", "said"),
    [
        ("tokens", "ktoken", "tokens is priced per Mtoken or token; a price per 1,000 tokens is multiplied"),
        ("labels", "hour", "labels is priced per label"),
    ],
)
def test_tokens_and_labels_have_units_of_their_own(service, unit, said):
    assert said in wrong(service=service, unit=unit)


def test_a_machine_of_ones_own_is_never_taken_for_one_to_rent():
    own = {**C5, "name": "own/box", "service": "own_machine"}

    found = book(C5, own)

    assert [each.name for each in found.instances()] == [C5["name"]]
    assert [each.name for each in found.own_machines()] == ["own/box"]
    assert found.price("own/box", "hour").per_unit.amount == Decimal("0.085")
