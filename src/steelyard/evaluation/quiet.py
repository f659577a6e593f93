"""Was the machine quiet enough for wall times to be published? Processor times hold either way.

On a shared machine a request's wall time was seen at three to six times its processor time, and it is the neighbours
that were measured then. The figures are passed in; reading them is ``steelyard.adapters.measuring.machine``'s.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Limits", "Quietness", "Surroundings", "quietness"]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What else went on while something was measured."""

    wall_s: float
    """Length of the measured stretch."""
    cpu_s: float
    """Processor seconds of the measured process in it, all threads."""
    load_share: float
    """Share of all the machine's processor time that other processes used, in [0, 1]."""
    steal_share: float
    """Share of all processor time that the hypervisor gave to other machines, in [0, 1]."""
    involuntary_switches: int
    """How often the measured process was put aside although it had work to do."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Highest figures at which a machine counts as quiet."""

    load_share: float = 0.25
    steal_share: float = 0.02
    involuntary_per_cpu_s: float = 100.0
    wall_over_cpu: float = 1.25


@dataclass(frozen=True, slots=True)
class Quietness:
    """The gate's answer."""

    reasons: tuple[str, ...]
    """Why wall times may not be published; empty when they may."""

    @property
    def is_quiet(self) -> bool:
        """Whether wall times may be published."""
        return not self.reasons


def quietness(seen: Surroundings, limits: Limits | None = None) -> Quietness:
    """Whether wall times taken in these surroundings may be published, and if not, why.

    Args:
        seen: The figures of the measured stretch.
        limits: The gate; the defaults where ``None``.

    Returns:
        Every limit that was passed, each with what was found. A stretch without processor time proves nothing,
        and is not quiet.
    """
    limits = limits or Limits()
    if not (seen.cpu_s > 0 and seen.wall_s > 0):
        return Quietness(("nothing was run, so nothing is known",))
    rate = seen.involuntary_switches / seen.cpu_s
    found = (
        (seen.load_share, limits.load_share, "of the processor was busy with other things", "{:.0%}"),
        (seen.steal_share, limits.steal_share, "of the processor time was taken by the hypervisor", "{:.1%}"),
        (rate, limits.involuntary_per_cpu_s, "involuntary switches a processor second", "{:.0f}"),
        (seen.wall_s / seen.cpu_s, limits.wall_over_cpu, "wall seconds a processor second", "{:.2f}"),
    )
    return Quietness(
        tuple(
            f"{form.format(value)} {what} (limit {form.format(limit)})"
            for value, limit, what, form in found
            if not value <= limit
        )
    )
