"""Fields of a row of a price file: read as they are written, or named as a problem; nothing is guessed."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.cost.prices.fields import LARGEST, Fields
from steelyard.cost.prices.machine_terms import machine_terms
from steelyard.cost.prices.row_terms import METER_UNITS, Meter, Metered, Offered, Purchase, discount, metered, offered
from steelyard.domain import FactKind


def reader(**row):
    return Fields(row, [])


def read(method, value, *more):
    fields = reader(field=value)
    return getattr(fields, method)("field", *more), fields.problems


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (None, "field: missing; an unknown price is left out, never guessed"),
        ("", "field: missing"),
        ("1_000", "'1_000' is not a number; write it like 0.085"),
        ("free", "'free' is not a number; write it like 0.085"),
        ("0,085", "'0,085' is not a number; write it with a point: 0.085"),
        ("nan", "'nan' is not a number"),
        ("inf", "'inf' is not a number"),
        (True, "True is not a number"),
        ("-0.01", "-0.01 is below zero"),
        (str(LARGEST + 1), "is more than anything costs or holds (1,000,000,000,000,000)"),
    ],
)
def test_what_is_no_price_is_named_and_never_zero(value, says):
    number, (problem,) = read("number", value)

    assert number is None
    assert says in problem


@given(st.decimals(0, LARGEST, allow_nan=False, allow_infinity=False))
def test_a_number_is_read_to_its_last_digit(value):
    assert read("number", str(value)) == (value, [])
    assert read("number", value) == (value, [])


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "two", "", None, True, "²", "1²", "9" * 5000])
def test_a_count_is_a_whole_number_above_zero(value):
    n, problems = read("count", value)

    assert n == 0
    assert len(problems) == 1 and "is not a whole number above 0" in problems[0]


@given(st.integers(1, 10**15))
def test_a_count_is_read_as_text_or_number(n):
    assert read("count", n) == read("count", f" {n} ") == (n, [])


@pytest.mark.parametrize(
    ("value", "flag"), [(True, True), ("true", True), ("1", True), (False, False), ("false", False), ("", False)]
)
def test_a_flag_is_true_or_false(value, flag):
    assert read("flag", value) == (flag, [])
    assert not reader().flag("field")


def test_a_flag_that_is_neither_is_named():
    assert read("flag", "yes") == (False, ["field: 'yes' is not true or false"])


def test_a_day_is_read_and_what_is_none_is_named():
    assert read("day", "2026-09-06") == (date(2026, 9, 6), [])
    assert read("day", datetime(2026, 9, 6, 23, 59, tzinfo=UTC)) == (date(2026, 9, 6), [])
    assert read("day", "") == (None, [])
    assert read("day", "06.09.2026") == (None, ["field: '06.09.2026' is not a day; write it like 2026-09-06"])


def test_a_choice_is_one_of_its_options():
    assert read("choice", "spot", Purchase) == (Purchase.SPOT, [])
    assert read("choice", None, Purchase) == (None, [])
    assert read("choice", "lease", Purchase) == (None, ["field: 'lease' is not one of on_demand, reserved, spot"])


def test_an_offer_has_its_machine_its_kind_and_its_term():
    said = {"of": "x/m", "purchase": "reserved", "term_months": "36", "upfront_share": "0.5"}

    assert offered(reader(**said)) == Offered("x/m", Purchase.RESERVED, 36, Decimal("0.5"))
    assert offered(reader(of="x/m", purchase="spot")) == Offered("x/m", Purchase.SPOT)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"purchase": "spot"}, "of: missing; write the name of the machine's own row"),
        ({"of": "m"}, "on demand is the instance's own row"),
        ({"of": "m", "purchase": "on_demand"}, "on demand is the instance's own row"),
        ({"of": "m", "purchase": "reserved"}, "term_months: None is not a whole number above 0"),
        ({"of": "m", "purchase": "spot", "upfront_share": "50"}, "50 is more than the whole; write 50 % as 0.5"),
    ],
)
def test_an_offer_that_leaves_something_open_is_none(row, says):
    fields = reader(**row)

    assert offered(fields) is None
    assert [says in problem for problem in fields.problems] == [True]


def of_discount(**row):
    fields = reader(name="x/1y", **row)
    return discount(fields, kind=FactKind.QUOTED, source="a list", as_of=date(2026, 9, 6)), fields.problems


def test_a_discount_is_a_share_below_one():
    found, _ = of_discount(discount="0.32", term_months=12, low="0.3", high="0.4")

    assert (found.share, found.term_months, found.upfront_share) == (Decimal("0.32"), 12, 0)
    assert (found.low, found.high) == (Decimal("0.3"), Decimal("0.4"))
    for share in ("0", "1", "32"):
        none, problems = of_discount(discount=share, term_months=12)
        assert none is None
        assert problems == [f"discount: {share} is not a share between 0 and 1; write 32 % as 0.32"]


def of_service(**row):
    given_ = {"of": "find", "meter": "requests", "unit": "krequest", "surfaces": "search"}
    fields = reader(**{**given_, **row})
    return metered(fields), fields.problems


@pytest.mark.parametrize("written", ["search, recommend", "search;recommend", "search recommend", "search ,recommend;"])
def test_the_surfaces_of_a_service_are_a_list_however_they_are_divided(written):
    found, problems = of_service(surfaces=written, up_to="50", at_least="1", step="10")

    assert problems == []
    assert found == Metered(
        "find", Meter.REQUESTS, ("search", "recommend"), Decimal(50), Decimal(1), Decimal(10)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"of": ""}, "of: missing; write the name of the managed service"),
        ({"surfaces": " ;"}, "surfaces: missing; say what it serves"),
        ({"meter": ""}, "meter: missing; say what is counted: requests, peak_rps"),
        ({"meter": "clicks"}, "meter: 'clicks' is not one of requests"),
        ({"unit": "hour"}, "unit: 'hour', but requests are sold per request, krequest, Mrequest, GB"),
        ({"each": "3"}, "each_source: missing; say where `each` was read, or that it is assumed"),
    ],
)
def test_a_charge_that_leaves_something_open_is_none(row, says):
    found, problems = of_service(**row)

    assert found is None
    assert [says in problem for problem in problems] == [True]


@given(st.sampled_from([(meter, unit) for meter, units in METER_UNITS.items() for unit in units]))
def test_each_meter_is_sold_in_each_of_its_units(pair):
    meter, unit = pair
    found, problems = of_service(meter=str(meter), unit=unit)

    assert problems == [] and found.meter is meter


def machine(is_rented=True, **row):
    fields = reader(**{"name": "x/m", "vcpus": 4, "memory_gb": "8", **row})
    return machine_terms(fields, is_rented=is_rented), fields.problems


def test_a_machine_is_taken_whole_where_nothing_else_is_said():
    found, problems = machine()

    assert problems == []
    assert (found["vcpus"], found["memory_gb"]) == (4, Decimal(8))
    assert (found["baseline_share"], found["accelerator_share"]) == (1, 1)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"vcpus": 100_001}, "vcpus: 100001 is more than any machine has (100,000)"),
        ({"memory_gb": ""}, "memory_gb: an instance needs its memory in GB, above 0"),
        ({"memory_gb": "0"}, "memory_gb: an instance needs its memory in GB, above 0"),
        ({"memory_gb": "1000001"}, "at most 1,000,000"),
        ({"arch": "mips"}, "arch: 'mips' is not one of x86_64, arm64"),
        ({"baseline_share": "0.2"}, "baseline_source: missing; say where the sustained share was read"),
        ({"baseline_share": "1.2", "baseline_source": "a page"}, "above 0 and at most all of them"),
        ({"gpu": "t4", "accelerator_share": "2"}, "'2' is not a share above 0 and at most 1; write it like 1/6 or 0.5"),
        ({"gpu": "t4", "accelerator_share": "1/0"}, "'1/0' is not a share above 0"),
    ],
)
def test_a_machine_that_cannot_be_is_named(row, says):
    _, problems = machine(**row)

    assert [says in problem for problem in problems] == [True]


def test_a_sustained_share_is_said_of_a_vcpu_or_as_cores():
    share, _ = machine(baseline_share="0.2", baseline_source="a page")
    cores, _ = machine(sustained_cores="0.8", baseline_source="a page")

    assert share["baseline_share"] == cores["baseline_share"] == Decimal("0.2")  # 0.8 of 4


@pytest.mark.parametrize(("written", "arch"), [("amd64", "x86_64"), (" X64 ", "x86_64"), ("aarch64", "arm64")])
def test_an_architecture_has_several_names(written, arch):
    assert machine(arch=written)[0]["arch"] == arch


@given(st.integers(1, 50), st.integers(1, 50))
def test_a_slice_of_an_accelerator_is_a_fraction(of, n):
    found, problems = machine(gpu="t4", accelerator_share=f"{n}/{of}")

    assert (problems == []) is (n <= of)
    assert found["accelerator_share"] == (Decimal(n) / Decimal(of) if n <= of else 1)
