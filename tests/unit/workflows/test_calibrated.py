"""Machines whose cores were calibrated: sized and explained by it, and refused where nothing can be said."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.documents_of import decided_json, promise_of

from steelyard.adapters.measuring.machine import describe_machine
from steelyard.adapters.prices.books import PriceBooks
from steelyard.assembly import Tools
from steelyard.config import parse
from steelyard.config.costs import Calibration
from steelyard.cost import usage_record
from steelyard.cost.calibration import parse_calibration
from steelyard.cost.facts import leaves
from steelyard.decision.capacity import size
from steelyard.decision.space import Demand, Load, place, place_together
from steelyard.documents.machine import MachineFacts
from steelyard.domain import Configuration, Interval, LineKey, Measurement, Surface
from steelyard.errors import PriceError
from steelyard.workflows.pricing.machines import calibrated, time_ratios
from steelyard.workflows.pricing.price import Evidence, price
from steelyard.workflows.pricing.unit_facts import unit_facts
from steelyard.workflows.settle import _time_ratios

NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)
BOOK = PriceBooks().load("aws-us-east-1")
MEASURED_ON = MachineFacts(architecture="x86_64", cpu_model="AMD EPYC")
CONFIG = parse("""
[data.items]
path = "items.csv"
[data.items.columns]
item_id = "id"
title = "title"
[decide.search]
min_quality_share = 0.5
max_p99_ms = 60
[cost]
instances = ["c5.large", "t3.small"]
[measure]
bootstrap = 100
""")


def calibration(times, *, machine="AMD EPYC, 2 cores", instructions="x86_64 avx2"):
    readings = {
        kernel: dict.fromkeys(("value", "low", "high"), str(time))
        for kernel, time in zip(("int8", "fp32", "memory", "text"), times, strict=True)
    }
    return parse_calibration(
        {"format": 1, "machine": machine, "instruction_set": instructions, "cores": 2, "as_of": "2026-09-30",
         "kernels": readings, "parallel_share": None},
        where="made.json",
    )  # fmt: skip


HERE = calibration((1, 1, 1, 1))
TWICE = calibration((2, 2, 2, 4), machine="Intel Xeon, 2 cores")


def ratios(there, profile="int8=0.5,text=0.5", measured_on=MEASURED_ON):
    return time_ratios(HERE, there, profile=profile, measured_on=measured_on, on=NOW.date())


def priced(found, checks=None):
    cpu_s = Interval(0.003, 0.003, 0.003, 50)
    one = Measurement(
        "lexical", "ndcg@10", Interval(0.5, 0.5, 0.5, 50), np.full(50, 0.5), cpu_s,
        np.linspace(0.9, 1.1, 50) * 0.003, 300 * 10**6, 50 * 10**6,
    )  # fmt: skip
    known = [Configuration("lexical", Surface.SEARCH, "lexical", {"model": "parts/lexical"})]
    usage = usage_record({"prepare": {"cpu_s": 1.0}, "train": {"cpu_s": 1.0}, "measure": {"cpu_s": 1.0}, "parts": {}})
    evidence = Evidence(
        known, {Surface.SEARCH: [one]}, usage, MEASURED_ON, 0.0005, checks=checks or {}, time_ratios=found
    )
    return price(CONFIG, evidence, book=BOOK, now=NOW)


def test_an_instance_type_or_its_family_gets_the_ratio_and_the_others_get_none():
    machines = BOOK.instances(("c5.large", "t3.small"))

    found = {each.name.rpartition("/")[2]: each for each in calibrated(machines, ratios({"c5": TWICE}))}

    assert (found["c5.large"].core_time, found["t3.small"].core_time) == (3.0, 1.0)  # .5 x 2 + .5 x 4
    assert found["c5.large"].time_ratio.low == 2
    assert found["t3.small"].time_ratio is None


def test_the_decision_counts_slower_cores_and_names_the_calibration():
    as_here, slower = priced({}), priced(ratios({"c5": TWICE, "t3.small": TWICE}))
    (plain,), (found,) = (each.surfaces[Surface.SEARCH] for each in (as_here, slower))

    assert found.candidate.capacity.rate_per_replica_rps < plain.candidate.capacity.rate_per_replica_rps
    assert found.candidate.unit_cost.marginal.amount > plain.candidate.unit_cost.marginal.amount
    serving = next(line for line in found.candidate.bill.lines if line.key is LineKey.SERVING_MACHINES)
    sources = " ".join(leaf.source for leaf in leaves(serving.quantity))
    assert "Intel Xeon" in sources
    given = {"http_s": 0.0005, "requests_per_month": found.requests_per_month, "answer": found.answer}
    facts = unit_facts(found.candidate, slower.terms, machines=slower.machines, **given)
    cost = found.candidate.unit_cost
    assert (facts["marginal"].value, facts["at_capacity"].value) == (cost.marginal.amount, cost.at_capacity.amount)
    assert all("Intel Xeon" in " ".join(leaf.source for leaf in leaves(fact)) for fact in facts.values())
    said = decided_json(CONFIG, slower, now=NOW)["warnings"]
    assert any("takes 3.00 times as long as one of AMD EPYC" in each and "2.00–4.00" in each for each in said)
    assert not any("is taken for one core" in each for each in said)
    assert any("is taken for one core" in each for each in decided_json(CONFIG, as_here, now=NOW)["warnings"])


def test_a_p99_that_was_read_here_is_not_shown_as_read_there():
    check = {"lexical": promise_of(7.7, ruling="kept")}

    (here,) = priced({}, check).surfaces[Surface.SEARCH]
    (there,) = priced(ratios({"c5": TWICE, "t3": TWICE}), check).surfaces[Surface.SEARCH]

    assert (here.is_p99_measured, here.candidate.capacity.p99_ms) == (True, 7.7)
    assert not there.is_p99_measured and there.candidate.capacity.p99_ms != 7.7


@pytest.mark.parametrize(
    ("there", "measured_on", "says"),
    [
        ({"c5": calibration((1, 1, 1, 1), instructions="arm64 sve")}, MEASURED_ON, "other code runs there"),
        (
            {"c5": TWICE},
            MachineFacts(cpu_model="Intel Xeon"),
            "here is of AMD EPYC, 2 cores, and the times were measured on Intel",
        ),
    ],
)
def test_what_says_nothing_about_the_machine_is_refused(there, measured_on, says):
    with pytest.raises(PriceError, match=says):
        ratios(there, measured_on=measured_on)


def test_a_name_that_no_machine_has_is_refused_with_the_nearest():
    with pytest.raises(PriceError, match=r"called 'c5.lrage'; did you mean c5.large\?"):
        calibrated(BOOK.instances(("c5.large",)), ratios({"c5.lrage": TWICE}))


class Box:
    """A machine with nothing but what placing reads."""

    def __init__(self, name, hourly, core_time):
        self.name, self.hourly, self.core_time = name, Decimal(hourly), core_time
        self.cores, self.memory_gb, self.gpu = Decimal(2), Decimal(8), ""


def sized(service_s, **asked):
    return size(service_s, seed=0, **asked)


@settings(max_examples=15)
@given(st.floats(0.5, 4), st.floats(1, 8))
def test_a_slower_core_is_a_longer_request_alone_and_together(core_time, ms):
    loads = [Load(np.linspace(0.9, 1.1, 50) * ms / 1000 * factor, 40.0, 80.0, 10**8) for factor in (1.0, 0.5)]
    longer = [replace(load, service_s=load.service_s * core_time) for load in loads]
    here, there, demand = Box("a", "0.1", 1.0), Box("a", "0.1", core_time), Demand(0.6, 1)

    assert place(loads[0], [there], demand, size=sized) == place(longer[0], [here], demand, size=sized)
    both = [place_together(those, [box], demand, size=sized, seed=0) for those, box in ((loads, there), (longer, here))]
    assert both[0].replicas == both[1].replicas
    assert both[0].rate_per_replica_rps == pytest.approx(both[1].rate_per_replica_rps)


def test_the_files_that_the_settings_name_are_read_beside_them(tmp_path):
    machine = describe_machine()
    row = {"value": "1", "low": "1", "high": "1"}
    document = {"format": 1, "instruction_set": "x", "cores": 2, "as_of": "2026-09-30", "parallel_share": None}
    for name, time, of in (("here", "1", machine.cpu_model), ("there", "2", "another")):
        timed = dict.fromkeys(("int8", "fp32", "memory", "text"), dict.fromkeys(row, time))
        (tmp_path / f"{name}.json").write_text(json.dumps({**document, "machine": of, "kernels": timed}), "utf-8")
    cost = CONFIG.cost.model_copy(
        update={"calibration": Calibration(here="here.json", there={"c5": "there.json"}, profile="")}
    )
    run = SimpleNamespace(config=CONFIG.model_copy(update={"cost": cost}), base=tmp_path, now=NOW, tools=Tools())

    assert {name: fact.value for name, fact in _time_ratios(run).items()} == {"c5": 2}
    assert _time_ratios(SimpleNamespace(config=CONFIG)) == {}
