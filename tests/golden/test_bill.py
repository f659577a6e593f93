"""R5.1: a whole bill, every line worked out by hand."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from steelyard.config.schema import Cost, People
from steelyard.cost import Hosting, Operation, Terms, bill, explain, hosting_lines, joint_bill, parse_book
from steelyard.cost.facts import assumed
from steelyard.cost.life import lifecycle_cost
from steelyard.cost.lifecycle import training_instance
from steelyard.cost.usage import read_usage
from steelyard.documents.line_words import line_said
from steelyard.domain import FactKind, LineKey, Money, Stage
from steelyard.errors import PriceError

DAY = date(2026, 10, 1)
MACHINE = {"service": "instance", "unit": "hour", "vcpus": 2, "memory_gb": "8"}
ROWS = [
    {**MACHINE, "name": "cloud/two", "price": "0.10"},
    {"name": "disk", "service": "block_storage", "unit": "GB_month", "price": "0.08"},
    {"name": "bucket", "service": "object_storage", "unit": "GB_month", "price": "0.02"},
    {"name": "out/free", "service": "egress", "unit": "GB", "price": "0", "confirmed_free": True, "up_to_gb": "100"},
    {"name": "out/paid", "service": "egress", "unit": "GB", "price": "0.09"},
    {"name": "person/engineer", "service": "people", "unit": "person_hour", "price": "60"},
    {"name": "person/labeller", "service": "people", "unit": "person_hour", "price": "20"},
]
USAGE = {
    "prepare": {"cpu_s": 7200},
    "train": {"cpu_s": 40000, "peak_rss_bytes": 3_000_000_000},
    "measure": {"cpu_s": 14400},
    "parts": {"parts/lexical": {"cpu_s": 36000}},
}
PEOPLE = People(tuning_hours=Decimal(8), labelling_hours=Decimal(10))


def book(without=()):
    rows = [{"kind": "quoted", "source": "list", "as_of": "2026-09-06", **row} for row in ROWS]
    kept = [row for row in rows if row["name"] not in without]
    return parse_book({"name": "golden", "currency": "USD", "rows": kept}, where="golden")


def terms(usage=USAGE, without=()):
    prices = book(without)
    return Terms(
        book=prices,
        cost=Cost(horizon_months=12, retrainings_per_month=4, people=PEOPLE),
        usage=read_usage(usage, on=DAY),
        training_on=training_instance(prices, peak_rss_bytes=3_000_000_000),
        on=DAY,
        n_surfaces=2,
        account_gb=Decimal(200),
        data_bytes=10 * 10**9,
    )


def hosting(given, replicas=3):
    return Hosting(
        given.book.instances()[0], assumed(replicas, "replica", source="test", as_of=DAY), bundle_bytes=500_000_000
    )


def operation(given, name="hybrid", parts=("parts/lexical",), has_transformer=True):
    return Operation(name, parts, has_transformer, hosting(given), requests_per_month=30_000_000, response_kb=5)


GOLDEN = {
    "preparing the data": "0.004167",  # 7,200 s / 3,600 / 2 cores = 1 h; / 12 months / 2 surfaces; x 0.10
    "measuring all configurations": "0.008333",  # 14,400 s = 2 h of the machine; / 24; x 0.10
    "making parts/lexical": "0.041667",  # 36,000 s = 5 h; / 12; x 0.10
    "making parts/lexical, again": "2.000000",  # 4 x 5 h x 0.10
    "judging relevance": "16.666667",  # 10 h / 12 x 20
    "people: set-up and tuning": "40.000000",  # 8 h / 12 x 60
    "people: operations": "120.000000",  # 2 h x 60
    "people: encoder upkeep": "60.000000",  # 1 h x 60
    "3 x cloud/two": "219.000000",  # 3 x 730 h x 0.10
    "disks of the serving machines": "2.040000",  # 3 x (8 + 0.5) GB x 0.08
    "data and event log": "0.100000",  # 10 GB / 2 surfaces x 0.02
    "answers sent to shoppers, free": "0.000000",  # 100 GB x 150 / 200
    "answers sent to shoppers, paid": "6.750000",  # (200 - 100) GB x 150 / 200 x 0.09
}


def test_every_line_of_a_bill_is_what_the_hand_calculation_says():
    given = terms()

    made = bill(operation(given), given)

    assert {line_said(line).en: f"{line.cost.amount:.6f}" for line in made.lines} == GOLDEN
    assert str(made.total) == "466.61 USD"


def test_one_price_missing_leaves_the_bill_without_a_total():
    given = terms(without=("person/engineer",))

    made = bill(operation(given), given)

    assert made.total is None
    assert {line_said(line).en for line in made.unpriced} == {
        "people: set-up and tuning",
        "people: operations",
        "people: encoder upkeep",
    }


def test_machine_time_that_was_not_recorded_is_unpriced_not_free():
    given = terms(usage={"measure": {"cpu_s": 1}, "parts": {"parts/lexical": {"cpu_s": 1}}})

    made = bill(operation(given), given)

    assert [line_said(line).en for line in made.unpriced] == ["preparing the data"]
    assert "run the stage again" in made.unpriced[0].price.why


def test_parts_that_were_not_measured_apart_bear_what_is_left_of_the_stage():
    given = terms()

    made = bill(operation(given, parts=("parts/lexical", "parts/catalogue")), given)

    rest = next(line for line in made.lines if line.key is LineKey.OTHER_PARTS_TRAINING)
    assert f"{rest.cost.amount:.8f}" == "0.00462963"  # 4,000 s / 3,600 / 2 / 12 x 0.10


def test_where_the_parts_account_for_the_whole_stage_nothing_is_left_to_bear():
    given = terms(usage={**USAGE, "train": {"cpu_s": 36000}})

    made = bill(operation(given, parts=("parts/lexical", "parts/catalogue")), given)

    assert {line_said(line).en for line in made.lines} == set(GOLDEN)


def test_without_a_transformer_nobody_keeps_an_encoder():
    given = terms()

    made = bill(operation(given, has_transformer=False), given)

    assert made.total == bill(operation(given), given).total - Money(Decimal(60), "USD")


def test_a_part_that_two_surfaces_use_is_trained_once():
    given = terms()
    one, two = bill(operation(given, "a"), given), bill(operation(given, "b"), given)

    joined = joint_bill("both", [one, two])

    shared = Decimal(GOLDEN["making parts/lexical"]) + Decimal(GOLDEN["making parts/lexical, again"])
    assert round(joined.total.amount, 5) == round(2 * one.total.amount - shared, 5)


def test_shared_machines_replace_each_surfaces_own():
    given = terms()
    one, two = bill(operation(given, "a"), given), bill(operation(given, "b"), given)

    joined = joint_bill("both", [one, two], hosting_lines(hosting(given, replicas=4), given))

    serving = [line for line in joined.lines if line.stage is Stage.SERVING]
    assert [line_said(line).en for line in serving] == ["4 x cloud/two"]
    assert [str(line.cost) for line in serving] == ["292.00 USD"]
    assert sum(line.key is LineKey.SERVING_DISKS for line in joined.lines) == 1


def test_a_line_is_explained_down_to_what_nobody_derived():
    given = terms()

    line = next(line for line in bill(operation(given), given).lines if line.stage is Stage.SERVING)

    assert explain(line) == (
        "serving: 3 x cloud/two = 2190 hour x 0.10 USD = 219 USD\n"
        "├─ 2190 hour [derived; replicas x hours of a month]\n"
        "│  ├─ 3 replica [assumed; test; 2026-10-01]\n"
        "│  └─ 730 hour [quoted; convention: one billing month is 730 hours; 2026-10-01]\n"
        "└─ cloud/two: 0.10 USD per hour [quoted; list; 2026-09-06]"
    )


def test_an_unpriced_line_is_explained_by_what_is_missing():
    given = terms(without=("disk",))

    line = next(line for line in bill(operation(given), given).lines if line.key is LineKey.SERVING_DISKS)

    assert "x unknown price" in explain(line)
    assert "[cost] overrides" in explain(line)


def test_training_is_priced_on_a_machine_that_holds_it():
    with pytest.raises(PriceError, match=r"no instance type with 9.0 GB"):
        training_instance(book(), peak_rss_bytes=9_000_000_000)


def test_later_months_weigh_less_at_interest():
    monthly = [Money(Decimal(100), "USD")] * 13

    flat = lifecycle_cost(monthly, annual_rate=Decimal(0))
    real = lifecycle_cost([monthly[0] * 0] * 12 + [monthly[0]], annual_rate=Decimal("0.1"))
    residual = lifecycle_cost(monthly[:1], annual_rate=Decimal(0), residual=Money(Decimal(30), "USD"))

    assert flat == Money(Decimal(1300), "USD")
    assert round(real.amount, 8) == Decimal("90.90909091")  # 100 / 1.1, a year later
    assert residual == Money(Decimal(70), "USD")


def test_hours_that_a_models_recipe_asks_for_are_billed_as_its_assumption():
    given = terms()
    plain = bill(operation(given), given)
    dear = bill(replace(operation(given), upkeep_hours=Decimal(3), label_hours=Decimal(12)), given)

    new = {line.key: line for line in dear.lines if line.key not in {each.key for each in plain.lines}}
    assert set(new) == {LineKey.MODEL_UPKEEP, LineKey.MODEL_LABELS}
    assert new[LineKey.MODEL_UPKEEP].quantity.value == 3
    assert new[LineKey.MODEL_LABELS].quantity.value == 1  # 12 hours once, over a horizon of 12 months
    assert new[LineKey.MODEL_UPKEEP].quantity.kind is FactKind.ASSUMED
    assert "recipe" in new[LineKey.MODEL_UPKEEP].quantity.source
