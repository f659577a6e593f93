"""Chooses, serves what was chosen, judges it by what was read, and chooses again, until the choice was held.

The loop is handed its tools, so that it can be run without a server. It ends because every turn adds a reading,
and a configuration is asked at most ``standing.MAX_MISSES`` times before it is judged for good.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from steelyard.domain import Configuration, Surface
from steelyard.workflows.evidence.standing import Ruling, Standing

__all__ = ["Kept", "Outcome", "PromiseDesk", "keep_promises"]

_ENOUGH = 0.98
"""A promise counts as held when it was kept at so large a share of the rate it is sized with."""


class PromiseDesk(Protocol):
    """What the loop needs of the world."""

    def choose(self, *, is_final: bool) -> Mapping[Surface, Configuration]:
        """Decide with all that was read so far.

        Args:
            is_final: A configuration that missed its limit is no longer given a lower rate: it loses.

        Returns:
            The choice of each surface that has a feasible one.
        """
        ...

    def standing_of(self, configuration: Configuration) -> Standing:
        """Where it stands after all that was read so far."""
        ...

    def rate_of(self, configuration: Configuration) -> float:
        """Requests per second that are promised of one core of it now."""
        ...

    def ask(self, chosen: Mapping[Surface, Configuration]) -> None:
        """Serve these and keep one new reading of each.

        Args:
            chosen: At most one configuration of each surface.
        """
        ...


@dataclass(frozen=True, slots=True)
class Kept:
    """How the choice of a surface leaves the loop."""

    configuration: Configuration
    ruling: Ruling
    """``kept``, ``by_processor_time``, or ``untried`` where time ran out before it was served."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the loop ended."""

    chosen: Mapping[Surface, Kept] = field(default_factory=dict)
    """A surface where nothing feasible is left is absent: nothing of it may be packaged."""
    turns: int = 0
    is_out_of_time: bool = False


def keep_promises(
    desk: PromiseDesk, *, budget_s: float, now: Callable[[], float], accepted: Collection[str] = ()
) -> Outcome:
    """Run the loop.

    Args:
        desk: Decides, serves, remembers.
        budget_s: No new run is begun after so many seconds.
        now: A clock, in seconds.
        accepted: Configurations that an earlier run judged by processor time, and that are not asked again now.

    Returns:
        The choice of each surface. The latest valid reading of each is within its limit at the rate that the choice
        was sized with, or no quiet moment was found, or there was no time: ``ruling`` tells.
    """
    began_s, turns = now(), 0
    asked_when_busy = set(accepted)
    while True:
        chosen = desk.choose(is_final=False)
        left = {s: c for s, c in chosen.items() if not _is_held(desk, c, asked_when_busy)}
        if not left or (turns and now() - began_s > budget_s):
            break
        desk.ask(left)
        turns += 1
        asked_when_busy |= {c.name for c in left.values() if _is_busy(desk, c)}
    chosen = desk.choose(is_final=True)
    kept = {surface: Kept(one, desk.standing_of(one).ruling) for surface, one in chosen.items()}
    return Outcome(kept, turns, bool(left))


def _is_busy(desk: PromiseDesk, configuration: Configuration) -> bool:
    return desk.standing_of(configuration).ruling is Ruling.BY_PROCESSOR_TIME


def _is_held(desk: PromiseDesk, configuration: Configuration, asked_when_busy: set[str]) -> bool:
    """Kept at the rate it is sized with; or asked in this loop without a quiet moment, which is said aloud."""
    found = desk.standing_of(configuration)
    if found.ruling is Ruling.KEPT:
        return found.held_rps >= _ENOUGH * desk.rate_of(configuration)
    return found.ruling is Ruling.BY_PROCESSOR_TIME and configuration.name in asked_when_busy
