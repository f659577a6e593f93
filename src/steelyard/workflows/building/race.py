"""Which configurations are worth building: cheap ones first, dear ones only while they can still win.

A configuration is passed over when its least bill, whatever its speed, is above what is chosen already, and its
quality is taken to be at most that of what it is a smaller form of, which the choice was judged beside. Nothing is
passed over that the floors refer to by name, and nothing at all when everything is asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from steelyard.domain import Surface
from steelyard.workflows.building.planned import Planned

__all__ = ["Passed", "RaceDesk", "Raced", "race", "waves"]


@dataclass(frozen=True, slots=True)
class Passed:
    """A configuration that was not built, and what it could not have beaten."""

    name: str
    surface: Surface
    kind: str
    least: str
    """Amount of its least monthly bill."""
    by: str
    """Name of what was chosen then."""
    bill: str
    """Amount of that one's monthly bill."""
    currency: str


class RaceDesk(Protocol):
    """What the race is run with."""

    def look(self, planned: Sequence[Planned]) -> None:
        """Make the parts of these configurations and measure each once."""
        ...

    def beaten(self, planned: Planned) -> Passed | None:
        """What a configuration cannot beat, whatever it turns out to do; ``None`` while it may win."""
        ...


@dataclass(frozen=True, slots=True)
class Raced:
    """How the race ended."""

    measured: tuple[Planned, ...]
    """In the order in which they were planned."""
    passed: tuple[Passed, ...]


def waves(planned: Sequence[Planned]) -> list[list[Planned]]:
    """Configurations in the order in which they are built: what needs no encoder, then each encoder's own.

    Args:
        planned: All there may be.

    Returns:
        Groups that share their dear parts: first those without an encoder, then the whole ones that others are smaller
        forms of, then those without a transformer, then the others.
    """
    cheap = [each for each in planned if not each.has_encoder]
    whole = {each.variant.whole for each in planned} - {""}
    by_rank: dict[int, list[Planned]] = {}
    for each in planned:
        if each.has_encoder:
            rank = 0 if each.name in whole else 1 if not each.variant.upkeep.has_transformer else 2
            by_rank.setdefault(rank, []).append(each)
    return [group for group in (cheap, *(by_rank[rank] for rank in sorted(by_rank))) if group]


def race(
    planned: Sequence[Planned], desk: RaceDesk, *, named: Collection[str] = (), is_everything: bool = False
) -> Raced:
    """Build and measure what can win.

    Args:
        planned: All there may be.
        desk: Builds, measures and prices.
        named: Configurations that the floors refer to; always measured.
        is_everything: Measure all, whatever they cost.

    Returns:
        What was measured once, and what was passed over.
    """
    measured: set[str] = set()
    passed: list[Passed] = []
    for place, group in enumerate(waves(planned)):
        for each in [group] if not place else [[one] for one in group]:
            may_skip = bool(place) and not is_everything and each[0].name not in named and _has_whole(each[0], measured)
            beaten = desk.beaten(each[0]) if may_skip else None
            if beaten is not None:
                passed.append(beaten)
                continue
            desk.look(each)
            measured |= {one.name for one in each}
    return Raced(tuple(each for each in planned if each.name in measured), tuple(passed))


def _has_whole(planned: Planned, measured: Collection[str]) -> bool:
    """Whether what it is a smaller form of was measured, so that its quality has a bound."""
    return bool(planned.variant.whole) and planned.variant.whole in measured
