"""Traffic and floors of a surface, and the bytes of its answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from steelyard.config.schema import Config, Floor, SurfaceLoad
from steelyard.cost.facts import EXACT, assumed, exact
from steelyard.documents.choice import Promise
from steelyard.domain import Configuration, Fact, FactKind, Surface

__all__ = ["answer_of", "surface_floor", "surface_load"]


def surface_load(config: Config, surface: Surface) -> SurfaceLoad:
    """Traffic of a surface."""
    return config.load.search if surface is Surface.SEARCH else config.load.recommend


def surface_floor(config: Config, surface: Surface) -> Floor:
    """Floors of a surface."""
    return config.decide.search if surface is Surface.SEARCH else config.decide.recommend


def answer_of(
    load: SurfaceLoad,
    surface: Surface,
    configurations: Iterable[Configuration],
    *,
    checks: Mapping[str, Promise],
    on: date,
) -> Fact:
    """Kilobytes of one answer of a surface: measured where runs over HTTP counted them, else assumed.

    Args:
        load: Of the surface.
        surface: Which one.
        configurations: Of all surfaces.
        checks: Runs over HTTP by configuration, with the bytes of an answer where they counted them.
        on: The day.

    Returns:
        The mean over the surface's configurations that were run: one figure for all, so that none is compared by an
        assumption with one that was measured.
    """
    names = {each.name for each in configurations if each.surface is surface}
    counted = [exact(found) for name, row in checks.items() if name in names and (found := row.response_bytes)]
    if not counted:
        return assumed(load.response_kb, "kB", source="[load] response_kb", as_of=on)
    value = EXACT.divide(sum(counted, Decimal(0)), Decimal(1000 * len(counted)))
    source = f"bytes of an answer over HTTP, mean of the {len(counted)} configurations that were run"
    return Fact(value, "kB", FactKind.MEASURED, source, on)
