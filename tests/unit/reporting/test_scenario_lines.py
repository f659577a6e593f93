"""What a terminal says of a scenario: who is cheapest where, from where on another pays, what is assumed."""

from decimal import Decimal

import msgspec
import pytest

from steelyard.documents.scenario import (
    BreakEven,
    CheapestRange,
    OptionRow,
    Scenario,
    ScenarioPlan,
    Swing,
    UncertainEnds,
)
from steelyard.reporting.scenario_lines import scenario_lines

PLAN = ScenarioPlan(
    surface="search", configuration="lexical", requests_per_month=1_000_000, peak_rps=20.0, peak_hours=30,
    day_from="a typical shop", spot_share=Decimal("0.5"), own_people_hours=Decimal("2.5"),
    managed_people_share=Decimal("0.25"), reacts_s=30.0, boots_s=90.5, uncertain=UncertainEnds(draws=2000),
)  # fmt: skip
RANGES = (CheapestRange(1000, 40_000, "service"), CheapestRange(40_000, 9_000_000, "on-demand"))


def option(name="autoscaled", monthly="100", **fields):
    money = None if monthly is None else Decimal(monthly)
    return OptionRow(name=name, what="x", monthly=money, currency="USD", low=1.0, high=2.0, p_cheapest=0.5, **fields)


def said(*options, cheapest=RANGES, **fields):
    return scenario_lines(Scenario(plan=PLAN, options=options or (option(),), cheapest=cheapest, **fields))


def of_break_even(*cheaper):
    found = said(break_even=(BreakEven("service", "on-demand", cheaper),))
    return next(line for line in found if line.startswith("service is cheaper"))


def test_without_a_price_there_is_nothing_to_compare_and_it_says_where_to_add_one():
    assert said(option(monthly=None), cheapest=()) == [
        "no option has a price: see what is missing, and add it to the file named in [cost] overrides"
    ]


def test_each_range_of_volumes_names_its_cheapest_option():
    assert said()[:3] == [
        "cheapest by requests a month (the peak grows with them):",
        f"  {'1,000':>15} to {'40,000':>15}: service",
        f"  {'40,000':>15} to {'9,000,000':>15}: on-demand",
    ]


@pytest.mark.parametrize(
    ("cheaper", "where"),
    [
        ([(1000, 40_000)], "below 40,000"),
        ([(40_000, 9_000_000)], "above 40,000"),
        ([(20_000, 40_000)], "above 20,000 and below 40,000"),
        ([(1000, 9_000_000)], "at every volume looked at"),
        ([], "at no volume looked at"),
        ([(1000, 5000), (40_000, 9_000_000)], "below 5,000, and above 40,000"),
    ],
)
def test_the_ends_of_what_was_looked_at_are_not_said_as_ends_of_an_advantage(cheaper, where):
    assert of_break_even(*cheaper) == f"service is cheaper than on-demand {where}"


def test_what_committing_saves_is_said_against_the_same_hours():
    found = said(option(monthly="80.50", same_hours_on_demand=Decimal("100.00")))

    assert "autoscaled against the same hours on demand (100.00): 19.50 a month less" in found


@pytest.mark.parametrize("fields", [{}, {"same_hours_on_demand": Decimal("100")}])
def test_nothing_is_said_of_savings_where_nothing_is_committed_to(fields):
    assert not any("same hours" in line for line in said(option(monthly="100", **fields)))


def test_late_requests_are_said_with_the_times_they_come_from_and_what_a_calendar_changes():
    without, with_ = (said(option(late_at_peak=0.125, late_if_scheduled=share)) for share in (None, 0.0))

    line = (
        "autoscaled: 12.5% of the requests around the beginning of a peak are late (30 s to notice it, 90.5 s to boot)"
    )
    assert line in without
    assert f"{line}; 0.0% where a calendar launches machines before it" in with_
    assert not any("are late" in each for each in said(option(late_at_peak=0.0)))


def test_what_moves_the_cheapest_is_listed_with_both_ends():
    found = said(swings=(Swing("requests", 1234.5, 98765.4321), Swing("spot", 1.0, 2.0)))

    at = found.index("what moves the cheapest most, each alone at its ends:")
    assert found[at + 1 : at + 3] == ["  requests: 1,234.50 to 98,765.43", "  spot: 1.00 to 2.00"]


def test_every_assumption_of_the_plan_is_said():
    text = " ".join(said())

    for part in ("30 hours a month at the peak", "(a typical shop)", "at most 50% of machines", "2.5 people's hours",
                 "leaves 25% of the upkeep", "90 % of 2,000 draws"):  # fmt: skip
        assert part in text


def test_a_plan_without_draws_and_swings_says_nothing_of_swings():
    bare = Scenario(plan=msgspec.structs.replace(PLAN, uncertain=UncertainEnds()), options=(option(),), cheapest=RANGES)

    assert not any("moves" in line for line in scenario_lines(bare))
