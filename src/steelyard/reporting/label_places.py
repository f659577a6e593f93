"""Finds places for the names of points on a chart, so that none covers a name, a point or a line. Pure geometry."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

__all__ = ["Box", "Dot", "Frame", "Place", "place_labels"]

_HEIGHT = 14.0
_GAP = 9.0
_REACHES = (1.0, 1.8, 2.8, 4.0, 5.5, 7.0)
_DIRECTIONS = ((1, 0), (1, -1), (1, 1), (-1, 0), (-1, -1), (-1, 1), (0, -1), (0, 1))
_FAR = 1.8
_NEAR_BY = 2.8


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle; y counts downwards."""

    left: float
    right: float
    top: float
    bottom: float

    def overlaps(self, other: Box) -> bool:
        """Whether the two have more than an edge in common."""
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom


@dataclass(frozen=True, slots=True)
class Frame:
    """What labels must stay within."""

    left: float
    right: float
    top: float
    bottom: float

    def holds(self, box: Box) -> bool:
        """Whether the box lies inside."""
        across = box.left >= self.left and box.right <= self.right
        return across and box.top >= self.top and box.bottom <= self.bottom


@dataclass(frozen=True, slots=True)
class Dot:
    """A point that wants a name."""

    x: float
    y: float
    top: float
    """Upper end of its interval."""
    bottom: float
    """Lower end of it."""
    width: float
    """Of its name."""
    is_needed: bool
    """Whether its name may stand far off, tied to it by a line; others go without when there is no room near by."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a name goes."""

    x: float
    y: float
    """Baseline."""
    anchor: str
    """``start``, ``middle`` or ``end``."""
    is_far: bool
    box: Box


def place_labels(dots: Sequence[Dot], frame: Frame, *, obstacles: Sequence[Box] = ()) -> list[Place | None]:
    """A place for each dot, taken in turn.

    Args:
        dots: The most important first: they get the best places.
        frame: Limits.
        obstacles: What no name may cover, besides dots and their intervals.

    Returns:
        ``None`` where nothing fits; no two boxes overlap.
    """
    taken = list(obstacles)
    for dot in dots:
        taken.append(Box(dot.x - 6, dot.x + 6, dot.y - 6, dot.y + 6))
        taken.append(Box(dot.x - 2, dot.x + 2, dot.top, dot.bottom))
    found: list[Place | None] = []
    for dot in dots:
        free = (
            place
            for place in _places(dot)
            if frame.holds(place.box) and not any(place.box.overlaps(other) for other in taken)
        )
        place = next(free, None)
        if place is not None:
            taken.append(place.box)
        found.append(place)
    return found


def _places(dot: Dot) -> Iterator[Place]:
    for reach in _REACHES:
        if reach > _NEAR_BY and not dot.is_needed:
            return
        for dx, dy in _DIRECTIONS:
            yield _place(dot, dx, dy, reach)


def _place(dot: Dot, dx: int, dy: int, reach: float) -> Place:
    x = dot.x + dx * _GAP * (max(1.0, reach * 0.8) if dy else reach)
    middle = dot.y + dy * _HEIGHT * 0.75 * reach + (0 if dx else dy * 4)
    left = {1: x, -1: x - dot.width, 0: x - dot.width / 2}[dx]
    box = Box(left - 2, left + dot.width + 2, middle - _HEIGHT / 2, middle + _HEIGHT / 2)
    anchor = {1: "start", -1: "end", 0: "middle"}[dx]
    return Place(x, middle + _HEIGHT * 0.3, anchor, reach > _FAR, box)
