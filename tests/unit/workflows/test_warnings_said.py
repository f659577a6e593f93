"""What a reader of a decision must know of its figures: the heaviest first, in both languages."""

from dataclasses import replace

import pytest
from tests.unit.workflows.test_scenario import ROWS, TOML, ground

from steelyard.config import parse
from steelyard.domain import Surface
from steelyard.workflows.deciding.warn import warnings

SEARCH = Surface.SEARCH


def said(*, rows=ROWS, toml=TOML, change=lambda pricing: pricing):
    _, pricing = ground(rows=rows)
    pricing = change(pricing)
    return warnings(parse(toml, name="steelyard.toml"), pricing, {SEARCH: pricing.surfaces[SEARCH][0]})


def english(**fields):
    return [each.en for each in said(**fields)]


def one(part, found):
    return [line for line in found if part in line]


def test_every_sentence_is_there_in_both_languages():
    assert all(each.en and each.zh and each.en != each.zh for each in said())


def test_a_load_of_ones_own_is_not_called_a_default():
    assert not one("the load is a default", english())
    without = TOML[: TOML.index("[load.search]")] + TOML[TOML.index("[decide]") :]
    (line,) = one("the load is a default", english(toml=without))
    assert line.endswith("set [load.search]")


def test_processor_time_of_http_that_nobody_measured_is_said_and_one_that_was_is_not():
    assert one("the processor time of HTTP itself was not measured", english())
    measured = english(change=lambda each: replace(each, evidence=replace(each.evidence, http_overhead_cpu_s=0.001)))
    assert not one("the processor time of HTTP", measured)


@pytest.mark.parametrize(
    ("fields", "says"),
    [({"is_quiet": False}, "the machine was too busy for wall times (1 of 1 configurations)"),
     ({"is_synthetic": True}, "quality was measured on requests made from the catalogue")],
)  # fmt: skip
def test_a_measurement_that_is_not_what_it_should_be_is_said(fields, says):
    def changed(pricing):
        (found,) = pricing.surfaces[SEARCH]
        candidate = replace(found.candidate, measured=replace(found.candidate.measured, **fields))
        return replace(pricing, surfaces={SEARCH: (replace(found, candidate=candidate),)})

    assert not one(says, english())
    assert one(says, english(change=changed))


def test_several_machines_need_users_kept_together_and_one_does_not():
    assert one("several machines need a balancer that keeps each user", english())  # five of them
    (line,) = one("sticky sessions", english())
    assert "it is not on the bill: [cost.include] load_balancer = true" in line


def test_a_machine_that_bursts_is_sized_by_what_it_sustains():
    bursting = [{**row, "baseline_share": "0.5", "baseline_source": "a page"} if row["name"] == "x/m" else row
                for row in ROWS]  # fmt: skip

    dear = {**ROWS[0], "name": "x/dear", "price": "5"}  # trains: what bursts sustains no training

    (line,) = one("is burstable", english(rows=[*bursting, dear]))

    assert "sized by the 1 cores it can use without end, not by its 2 vCPUs" in line
    assert not one("is burstable", english())


def test_old_prices_are_said_after_so_many_days():
    old = [{**row, "as_of": "2025-01-01"} if row["name"] == "x/m" else row for row in ROWS]

    assert len(english(rows=old)) == len(english()) + 1


def test_what_rests_on_the_whole_bill_comes_before_what_moves_nothing():
    gpu = {
        "name": "x/g",
        "service": "instance",
        "price": "1",
        "unit": "hour",
        "vcpus": 2,
        "memory_gb": "4",
        "gpu": "t4",
    }
    without = TOML[: TOML.index("[load.search]")] + TOML[TOML.index("[decide]") :]

    found = english(rows=[*ROWS, gpu], toml=without)

    assert "the load is a default" in found[0]
    assert found[-1] == "g: not considered: no GPU measurement on this machine"
