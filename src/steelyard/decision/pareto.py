"""The frontier: what cannot be had cheaper without losing quality, nor better without paying more."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

__all__ = ["dominates", "frontier", "hypervolume"]

Point = tuple[Decimal, float]
"""Cost, the less the better, and quality, the more the better."""


def dominates(one: Point, other: Point) -> bool:
    """Whether ``one`` costs no more, is no worse, and is really cheaper or better."""
    return one[0] <= other[0] and one[1] >= other[1] and one != other


def frontier(points: Sequence[Point]) -> list[bool]:
    """For each point, whether nothing dominates it; of equal points all are on the frontier."""
    return [not any(dominates(other, point) for other in points) for point in points]


def hypervolume(points: Sequence[Point], *, reference: Point) -> float:
    """Area between the frontier and a reference that is worse than all of it.

    Args:
        points: In any order; dominated ones add nothing, nor do those outside the reference.
        reference: Highest cost and lowest quality that count.

    Returns:
        Cost times quality, >= 0; it grows when any point of the frontier gets cheaper or better.
    """
    inside = [point for point in points if point[0] < reference[0] and point[1] > reference[1]]
    front = sorted({point for point, is_on in zip(inside, frontier(inside), strict=True) if is_on})
    area, floor = 0.0, reference[1]
    for cost, quality in front:
        area += float(reference[0] - cost) * (quality - floor)
        floor = quality
    return area
