"""Traffic of a surface, bytes of its answers, and machines as a fact with all that they were worked out from."""

from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from tests.documents_of import promise_of

from steelyard.config import parse
from steelyard.cost.facts import leaves
from steelyard.cost.prices.prices import parse_book
from steelyard.decision.space import Load
from steelyard.domain import Capacity, Configuration, FactKind, Surface
from steelyard.workflows.pricing.replicas import replicas_fact
from steelyard.workflows.pricing.traffic import answer_of, surface_floor, surface_load

ON = date(2026, 11, 28)
CONFIG = parse(
    """
[data.items]
path = "items.csv"
[data.items.columns]
item_id = "id"
title = "title"
[load.search]
peak_rps = 20
response_kb = 3.5
[load.recommend]
peak_rps = 7
[decide]
spare_replicas = 1
[decide.search]
max_p99_ms = 40
[decide.recommend]
max_p99_ms = 90
""",
    name="steelyard.toml",
)
ALL = [Configuration("a", Surface.SEARCH, "k", {}), Configuration("b", Surface.SEARCH, "k", {}),
       Configuration("r", Surface.RECOMMEND, "k", {})]  # fmt: skip
MACHINE = parse_book(
    {"name": "b", "currency": "USD", "rows": [
        {"name": "x/m", "service": "instance", "price": "0.1", "unit": "hour", "vcpus": 2, "memory_gb": "4",
         "kind": "quoted", "source": "a list", "as_of": "2026-11-01"}]},
    where="b.json",
).instances(())[0]  # fmt: skip


def test_each_surface_has_its_own_traffic_and_floors():
    assert [surface_load(CONFIG, each).peak_rps for each in (Surface.SEARCH, Surface.RECOMMEND)] == [20, 7]
    assert [surface_floor(CONFIG, each).max_p99_ms for each in (Surface.SEARCH, Surface.RECOMMEND)] == [40, 90]


def answer(**counted):
    checks = {name: promise_of(12.0, response_bytes=each) for name, each in counted.items()}
    return answer_of(CONFIG.load.search, Surface.SEARCH, ALL, checks=checks, on=ON)


def test_bytes_of_an_answer_are_assumed_until_a_run_counted_them():
    for found in (answer(), answer(a=None), answer(r=9000.0)):  # another surface's answers say nothing
        assert (found.value, found.unit, found.kind) == (Decimal("3.5"), "kB", FactKind.ASSUMED)


def test_of_several_that_were_run_it_is_the_mean_for_all():
    found = answer(a=1000.0, b=3000.0, r=9000.0)

    assert (found.value, found.kind) == (Decimal(2), FactKind.MEASURED)
    assert "mean of the 2 configurations" in found.source


def replicas(*loads, overhead_s=None, n=3, rate=12.5):
    capacity = Capacity("x/m", n, rate, 30.0, 0.5)
    return replicas_fact(capacity, loads, CONFIG, MACHINE, overhead_s=overhead_s, on=ON)


def load(**fields):
    return Load(np.full(10, 0.012), fields.pop("peak_rps", 20.0), fields.pop("max_p99_ms", 40.0), 10**8, **fields)


def inputs(fact):
    return {leaf.source: leaf.value for leaf in leaves(fact)}


def test_machines_are_a_derived_fact_of_peak_rate_and_spare():
    found = replicas(load())

    assert (found.value, found.unit, found.kind) == (3, "replica", FactKind.DERIVED)
    assert [each.value for each in found.inputs] == [20, Decimal("12.5"), 1]
    assert found.inputs[0].source == "[load] peak_rps"


def test_peaks_of_surfaces_that_share_machines_are_summed_and_the_tightest_limit_holds():
    found = replicas(load(), load(peak_rps=7.0, max_p99_ms=90.0))

    assert found.inputs[0].value == 27
    assert inputs(found)["[decide] max_p99_ms"] == 40


def test_the_service_time_is_told_without_what_comes_beside_it_which_is_told_apart():
    found = inputs(replicas(load(beside_s=0.002)))

    assert found["mean service time of 10 requests, HTTP in it"] == Decimal("0.01")
    assert found["[load.beside]: events and similar products that come with each request"] == Decimal("0.002")


@pytest.mark.parametrize(
    ("fields", "source"),
    [
        ({"latency_stretch": 1.0}, "service times served over HTTP"),
        ({"beside_s": 0.0}, "[load.beside]"),
        ({}, "processor time over HTTP"),
    ],
)
def test_what_changes_nothing_is_not_among_what_it_rests_on(fields, source):
    assert not [name for name in inputs(replicas(load(**fields))) if name.startswith(source)]


def test_what_a_check_found_is_among_what_it_rests_on():
    found = inputs(replicas(load(latency_stretch=1.25), overhead_s=0.0005))

    assert found["service times served over HTTP ÷ those measured in a loop, found by the check"] == Decimal("1.25")
    assert found["processor time over HTTP less that in process, in the service times above"] == Decimal("0.0005")
