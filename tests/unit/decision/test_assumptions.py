"""R6.9: which assumed figure would change the choice, and how far it must move."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.decision.assumptions import Assumption, Shape, breaks, costs_as_lines
from steelyard.decision.capacity import size
from steelyard.decision.resizing import Resizer
from steelyard.errors import ConfigError


def d(value):
    return Decimal(str(value))


def hours(now=1, *, low=0, high=8, **more):
    return Assumption("hours", d(now), d(low), d(high), **more)


def test_the_value_at_which_two_lines_meet_is_exact():
    """100 + 75 h against 190: the plain one wins from 1.2 h on."""
    found = breaks(hours(), lambda h: {"encoder": 100 + 75 * h, "plain": d(190)}, chosen="encoder")

    assert [(each.direction, each.at, each.winner) for each in found] == [("up", d("1.2"), "plain")]


def test_the_first_to_take_over_is_named_and_not_the_one_at_the_end_of_the_range():
    costs = {"now": (0, 100), "first": (150, 25), "last": (260, 2)}

    found = breaks(
        hours(), lambda h: {name: d(fixed) + slope * h for name, (fixed, slope) in costs.items()}, chosen="now"
    )

    assert (found[0].at, found[0].winner) == (d(2), "first")


def test_a_figure_that_is_the_same_for_all_changes_nothing():
    assert breaks(hours(), lambda h: {"a": 10 + 75 * h, "b": 11 + 75 * h}, chosen="a") == ()


def test_a_cent_is_a_tie_and_changes_nothing():
    assert breaks(hours(), lambda h: {"a": 10 + h * d("0.002"), "b": d("10.01")}, chosen="a") == ()


def test_a_tie_within_a_cent_changes_when_the_other_is_a_cent_cheaper_and_never_below_nothing():
    # The chosen one costs a tenth of a cent more and stays; each hour makes it a cent dearer.
    (found,) = breaks(hours(0, high=10), lambda value: {"a": d("5.001") + value / 100, "b": d(5)}, chosen="a")

    assert (found.direction, found.winner) == ("up", "b")
    assert found.at == d("0.9")


def test_a_step_is_found_where_it_lies():
    def costs(peak):
        return {"few": d(10) * (peak / 100).to_integral_value("ROUND_CEILING"), "flat": d(45)}

    peak = Assumption("peak", d(100), d(50), d(1000), Shape.STEPS)

    (found,) = breaks(peak, costs, chosen="few")

    assert (found.direction, found.winner) == ("up", "flat")
    assert float(found.at) == pytest.approx(400, abs=0.1)


def test_one_that_breaks_a_floor_is_out_and_nobody_may_be_left():
    peak = Assumption("peak", d(100), d(50), d(200), Shape.STEPS)

    (found,) = breaks(peak, lambda value: {"only": d(1)} if value <= 150 else {}, chosen="only")

    assert found.winner is None
    assert float(found.at) == pytest.approx(150, abs=0.02)


def test_a_whole_figure_changes_at_a_whole_value():
    months = Assumption("months", d(12), d(6), d(36), Shape.WHOLE)

    found = breaks(months, lambda n: {"once": 140 / n, "monthly": d(11)}, chosen="monthly")

    assert [(each.direction, each.at, each.winner) for each in found] == [("up", d(13), "once")]


def test_what_is_assumed_now_lies_in_its_range():
    with pytest.raises(ConfigError, match="hours: 9 does not lie in"):
        hours(9)


lines = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 90)), min_size=2, max_size=6)


@given(lines)
@settings(deadline=None)
def test_just_before_a_break_the_choice_stands_and_just_after_it_is_as_said(given_):
    def costs(value):
        return {f"c{at}": d(fixed) + slope * value for at, (fixed, slope) in enumerate(given_)}

    def best(value):
        found = costs(value)
        return min(found, key=lambda name: (found[name], name))

    chosen = best(d(1))

    for found in breaks(hours(), costs, chosen=chosen):
        away = d("0.001") if found.direction == "up" else d("-0.001")
        before, after = costs(found.at - away), costs(found.at + away)
        assert before[chosen] <= min(before.values()) + d("0.2")
        assert after[found.winner] < after[chosen]
        inside = [1 + (found.at - 1) * k / 20 for k in range(20)]
        assert all(costs(value)[chosen] <= min(costs(value).values()) + d("0.0100001") for value in inside)


@given(lines, st.integers(0, 80))
def test_lines_through_two_points_are_the_costs(given_, tenth):
    def costs(value):
        return {f"c{at}": d(fixed) + slope * value for at, (fixed, slope) in enumerate(given_)}

    drawn = costs_as_lines(costs(d(1)), costs(d(5)), at=(d(1), d(5)))

    assert drawn(d(tenth) / 10) == costs(d(tenth) / 10)


@pytest.mark.parametrize("cores", [0.2, 1.0, 2.0])
@pytest.mark.parametrize("limit_ms", [5.0, 12.0, 50.0])
def test_sizing_again_gives_what_sizing_gives(cores, limit_ms):
    service_s = np.random.default_rng(3).gamma(4.0, 0.001, 300)
    again, given_ = Resizer(7), {"max_p99_ms": limit_ms, "max_utilisation": 0.7, "spare": 1}

    for peak_rps in (20.0, 333.0):
        for speed in (1.0, 0.5, 2.0):
            asked = {"cores": cores, "peak_rps": peak_rps, **given_}
            one, other = size(service_s / speed, seed=7, **asked), again(service_s / speed, **asked)
            assert (one is None) == (other is None)
            if one is not None:
                assert other.replicas == one.replicas
                assert other.rate_per_replica_rps == pytest.approx(one.rate_per_replica_rps, rel=2e-3)
