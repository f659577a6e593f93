"""R6.2: the frontier, with the golden numbers of its definition."""

from decimal import Decimal

import pytest

from steelyard.decision.pareto import dominates, frontier, hypervolume

POINTS = [(Decimal(2), 0.60), (Decimal(4), 0.70), (Decimal(8), 0.72), (Decimal(5), 0.65)]


def test_the_frontier_is_what_is_not_both_dearer_and_worse():
    assert frontier(POINTS) == [True, True, True, False]


def test_the_hypervolume_is_the_area_to_the_reference():
    volume = hypervolume(POINTS, reference=(Decimal(10), 0.5))

    assert volume == pytest.approx(1.44)  # 8 x .10 + 6 x .10 + 2 x .02


def test_a_point_outside_the_reference_adds_nothing():
    outside = [*POINTS, (Decimal(11), 0.99), (Decimal(1), 0.4)]

    assert hypervolume(outside, reference=(Decimal(10), 0.5)) == pytest.approx(1.44)


def test_equal_points_do_not_dominate_each_other():
    assert not dominates(POINTS[0], POINTS[0])
    assert frontier([POINTS[0], POINTS[0]]) == [True, True]


def test_nothing_has_an_empty_frontier():
    assert frontier([]) == []
    assert hypervolume([], reference=(Decimal(1), 0.0)) == 0


def test_the_concave_point_that_weighted_sums_miss_is_on_the_frontier():
    points = [(Decimal(1), 1.0), (Decimal("1.8"), 1.8), (Decimal(3), 3.0), (Decimal("2.9"), 2.0)]

    assert frontier(points) == [True, True, True, True]
