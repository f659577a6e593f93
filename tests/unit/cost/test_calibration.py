"""From a measurement on one machine to a price on another: worked by hand, within one class of instruction sets."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.cost.calibration import (
    Kernel,
    parse_calibration,
    profile_of,
    rate_there,
    speed_up,
    time_ratio,
    unit_cost_there,
)
from steelyard.cost.facts import leaves
from steelyard.cost.unitcost import at_capacity
from steelyard.domain import Fact, FactKind, Money
from steelyard.errors import PriceError

D = Decimal
DAY = date(2026, 11, 21)


def exactly(value):
    return {"value": value, "low": value, "high": value}


def document(times, *, cores=2, share="0.8", instructions="x86_64 avx512_vnni", machine="here"):
    readings = {kernel: exactly(time) for kernel, time in zip(("int8", "fp32", "memory", "text"), times, strict=True)}
    return {
        "format": 1, "machine": machine, "instruction_set": instructions, "cores": cores, "as_of": "2026-11-21",
        "kernels": readings, "parallel_share": exactly(share) if share else None,
    }  # fmt: skip


def calibration(times, **more):
    return parse_calibration(document(times, **more), where="made.json")


HERE = calibration(("1", "1", "1", "1"))
SLOWER = calibration(("2", "4", "1", "2"), cores=4, machine="there")
PROFILE = profile_of("int8=0.5,fp32=0.25,text=0.25", on=DAY)
RATE = Fact(D(40), "request_per_second", FactKind.MEASURED, "open loop", DAY)
USUAL = Fact(D("0.45"), "1", FactKind.ASSUMED, "the load", DAY)


def test_kernels_count_by_their_share_of_the_pipelines_time():
    found = time_ratio(HERE, SLOWER, PROFILE)

    assert found.value == D("2.5")  # .5 x 2 + .25 x 4 + .25 x 2
    assert (found.low, found.high) == (2, 4)  # the best and the worst of the three kernels that count
    assert found.kind is FactKind.DERIVED
    assert len(list(leaves(found))) == 9


def test_the_interval_of_each_reading_widens_the_ratio():
    doc = document(("1", "1", "1", "1"))
    doc["kernels"]["int8"] = {"value": "1", "low": "0.8", "high": "1.25"}
    only = profile_of("int8=1", on=DAY)

    found = time_ratio(parse_calibration(doc, where="x"), calibration(("2", "1", "1", "1")), only)

    assert (found.low, found.value, found.high) == (D("1.6"), 2, D("2.5"))


def test_amdahls_law():
    assert speed_up(D(0), 8) == 1
    assert speed_up(D(1), 8) == 8
    assert speed_up(D("0.8"), 4) == D("2.5")


def test_a_rate_goes_over_by_time_and_cores():
    found = rate_there(RATE, HERE, SLOWER, profile=PROFILE)

    # Speed-up of four cores 2.5 over that of two, 1 / (.2 + .4) = 5/3: 1.5 times; one core takes 2.5 times as long.
    assert round(found.value, 20) == 24
    assert (round(found.low, 20), round(found.high, 20)) == (15, 30)  # 40 x 1.5 / 4, and / 2
    assert found.kind is FactKind.DERIVED


def test_a_price_there_says_how_wide_it_is():
    found = unit_cost_there(Money(D("2.40"), "USD"), rate_there(RATE, HERE, SLOWER, profile=PROFILE), utilisation=USUAL)

    assert round(found.value, 6) == D("0.061728")  # 2,400 / (3,600 x 24 x .45)
    assert (round(found.low, 6), round(found.high, 6)) == (D("0.049383"), D("0.098765"))
    assert found.unit == "USD per 1,000 requests"
    assert {fact.kind for fact in leaves(found)} == {FactKind.MEASURED, FactKind.ASSUMED, FactKind.QUOTED}


def test_on_the_same_machine_it_is_the_formula_of_the_unit_cost():
    carried = rate_there(RATE, HERE, HERE, profile=PROFILE)

    found = unit_cost_there(Money(D("2.40"), "USD"), carried, utilisation=USUAL)

    direct = at_capacity(Money(D("2.40"), "USD"), rate_rps=D(40), utilisation=D("0.45")).amount
    assert found.value == found.low == found.high == direct
    assert round(direct, 6) == D("0.037037")


def test_another_class_of_instruction_sets_is_refused():
    arm = calibration(("1", "1", "1", "1"), instructions="aarch64 asimddp", machine="an ARM machine")

    for refused in (lambda: time_ratio(HERE, arm, PROFILE), lambda: rate_there(RATE, HERE, arm, profile=PROFILE)):
        with pytest.raises(PriceError, match="says nothing about it; measure there"):
            refused()


def test_one_core_tells_nothing_about_several():
    single = calibration(("1", "1", "1", "1"), cores=1, share="")

    with pytest.raises(PriceError, match="what cores do side by side was not measured"):
        rate_there(RATE, single, SLOWER, profile=PROFILE)
    assert rate_there(RATE, single, single, profile=PROFILE).value == 40


@pytest.mark.parametrize(
    "text", ["int8=0.5", "int8=1.5,text=-0.5", "gpu=1", "int8", "int8=x", "int8=0.5,int8=0.5", "text=0.9,int8=0.2"]
)
def test_what_is_no_profile_is_refused(text):
    with pytest.raises(PriceError, match=r"profile|quantity"):
        profile_of(text, on=DAY)


def test_without_a_profile_equal_shares_are_assumed_and_say_so():
    found = profile_of("", on=DAY)

    assert [share.value for share in found.values()] == [D("0.25")] * 4
    assert all("nobody gave a profile" in share.source and share.kind is FactKind.ASSUMED for share in found.values())


@pytest.mark.parametrize(
    "change",
    [{"format": 2}, {"kernels": {}}, {"as_of": "today"}, {"parallel_share": {"value": 2, "low": 1, "high": 3}},
     {"kernels": {name: {"value": "1", "low": "0", "high": "1"} for name in Kernel}}],
)  # fmt: skip
def test_what_is_no_calibration_is_refused(change):
    with pytest.raises(PriceError, match=r"made\.json"):
        parse_calibration({**document(("1", "1", "1", "1")), **change}, where="made.json")
    with pytest.raises(PriceError, match=r"made\.json is no calibration"):
        parse_calibration([], where="made.json")


TIMES = st.lists(st.integers(1, 1000).map(lambda n: str(D(n) / 100)), min_size=4, max_size=4)


@given(TIMES, TIMES, st.integers(1, 64), st.decimals(0, 1, places=2))
def test_the_figure_lies_in_its_interval_and_there_and_back_is_where_it_was(mine, other, cores, share):
    here, there = calibration(mine, share=str(share)), calibration(other, cores=cores, share=str(share))
    only = {Kernel.TEXT: profile_of("text=1", on=DAY)[Kernel.TEXT]}

    found = rate_there(RATE, here, there, profile=profile_of("", on=DAY))
    forth = rate_there(RATE, here, there, profile=only)

    assert found.low <= found.value <= found.high
    assert rate_there(forth, there, here, profile=only).value == pytest.approx(RATE.value, rel=D("1e-20"))
