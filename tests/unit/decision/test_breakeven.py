"""Months hour by hour, machines of each hour, and where one cost passes another."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.decision.breakeven import DAY, HOURS, cheapest_ranges, crossings, hourly_rps, machines_needed
from steelyard.errors import ConfigError


@given(st.floats(1e3, 1e9), st.floats(1, 200), st.integers(0, 700))
def test_a_month_keeps_its_sum_and_never_passes_its_peak(requests, ratio, peak_hours):
    peak = requests / (HOURS * 3600) * ratio

    found = hourly_rps(requests, peak, peak_hours=peak_hours)

    assert found.shape == (HOURS,)
    assert found.sum() * 3600 == pytest.approx(requests)
    assert found.max() <= peak * (1 + 1e-9)
    assert found.min() >= 0


def test_an_ordinary_day_follows_its_curve():
    found = hourly_rps(10_000_000, 100.0, peak_hours=4)

    assert found[:4].tolist() == [100.0] * 4
    assert found[4 + 18] / found[4 + 6] == pytest.approx(DAY[18] / DAY[6])
    assert DAY[18] == 1
    assert DAY[6] == 0.25


def test_a_peak_below_the_mean_is_refused():
    with pytest.raises(ConfigError, match="on average, more than a peak"):
        hourly_rps(10_000_000, 3.0, peak_hours=0)


def test_machines_are_whole_and_never_fewer_than_one():
    assert machines_needed(np.array([0.0, 10.0, 10.1, 100.0]), 10.0, spare=1) == [2, 2, 3, 11]


def test_a_flat_price_meets_a_price_by_volume_where_it_should():
    volumes = np.geomspace(1e3, 1e6, 2000)

    (found,) = crossings(volumes, np.full(2000, 30.0), volumes * 0.27 / 1000)

    assert found == pytest.approx(30 / 0.27 * 1000, rel=1e-3)  # 111k: below it a server is dearer than the service


def test_ranges_cover_all_volumes_without_a_gap():
    volumes = np.geomspace(1, 1000, 500)
    costs = {"by volume": volumes * 1.0, "flat": np.full(500, 50.0), "large": 40 + volumes * 0.05}

    found = cheapest_ranges(volumes, costs)

    assert [each.name for each in found] == ["by volume", "large", "flat"]
    assert [each.low for each in found[1:]] == [each.high for each in found[:-1]]
    assert (found[0].low, found[-1].high) == (1.0, 1000.0)
    assert found[0].high == pytest.approx(40 / 0.95, rel=0.01)
    assert found[1].high == pytest.approx(200, rel=0.01)


def test_what_cannot_be_had_is_never_the_cheapest():
    volumes = np.array([1.0, 10.0, 100.0])

    found = cheapest_ranges(volumes, {"none": np.full(3, np.inf), "one": np.ones(3)})

    assert [each.name for each in found] == ["one"]


def test_a_cost_that_begins_or_ends_has_no_crossing_and_no_gap():
    volumes = np.array([1.0, 10.0, 100.0])
    ends, begins, flat = np.array([1.0, 1.0, np.inf]), np.array([np.inf, 1.0, 1.0]), np.array([2.0, 2.0, 2.0])

    found = cheapest_ranges(volumes, {"ends": ends, "flat": flat})
    other = cheapest_ranges(volumes, {"begins": begins, "flat": flat})

    assert [(each.low, each.high, each.name) for each in found] == [(1, 10, "ends"), (10, 100, "flat")]
    assert [(each.low, each.high, each.name) for each in other] == [(1, 10, "flat"), (10, 100, "begins")]
    assert crossings(volumes, ends, flat) == crossings(volumes, begins, flat) == []
