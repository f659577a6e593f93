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


def test_a_hundred_and_one_weights_find_only_the_two_ends():
    # Both are to be small: (1, 3), (2.2, 2.2), (3, 1); as a quality, the second is the less of it.
    points = [(1.0, 3.0), (2.2, 2.2), (3.0, 1.0)]
    weights = [n / 100 for n in range(101)]

    best = {min(points, key=lambda point: w * point[0] + (1 - w) * point[1]) for w in weights}

    assert best == {(1.0, 3.0), (3.0, 1.0)}
    assert frontier([(Decimal(str(cost)), -other) for cost, other in points]) == [True, True, True]
