"""Which parts can be made while the cheap ones are fitted: those of encoders that are built whatever comes."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from steelyard.config import Config
from steelyard.models.building import Part, with_ancestors
from steelyard.workflows.building.planned import Planned, planned_configurations
from steelyard.workflows.building.race import waves

__all__ = ["ahead_of_tables", "made_ahead", "n_searches", "parents_among", "parts_by_name"]


def parts_by_name(config: Config) -> dict[str, Part]:
    """Every part of every configuration that the shop may have, and all they are made from.

    Args:
        config: The shop's settings.

    Returns:
        By name.
    """
    planned = planned_configurations(config)
    return {part.name: part for part in with_ancestors(part for each in planned for part in each.needed)}


def n_searches(config: Config) -> int:
    """How many models can be searched with the budget of ``[tune]``: each has an even share of it.

    Args:
        config: The shop's settings.

    Returns:
        Parts whose making searches, >= 0.
    """
    return sum(part.is_searched for part in parts_by_name(config).values())


def parents_among(part: Part, names: Collection[str]) -> list[str]:
    """What of these names a part is made from, itself included.

    Args:
        part: Any.
        names: Of parts.

    Returns:
        Those that it, or what it is made from, bears.
    """
    return [each.name for each in with_ancestors([part]) if each.name in names]


def made_ahead(planned: Sequence[Planned]) -> list[Part]:
    """Parts of the first wave with an encoder that rest on nothing the waves before it make.

    What is made only while it can win is not among them: that is not known yet.

    Args:
        planned: All that is to be built.

    Returns:
        What is needed before what needs it.
    """
    groups = waves(planned)
    place = next((n for n, group in enumerate(groups) if group[0].has_encoder), len(groups))
    cheap = {part.name for group in groups[:place] for each in group for part in with_ancestors(each.needed)}
    dear: dict[str, Part] = {}
    for part in with_ancestors(part for group in groups[place : place + 1] for each in group for part in each.needed):
        if part.name not in cheap and all(parent.name in dear for parent in part.made_from):
            dear[part.name] = part
    return list(dear.values())


def ahead_of_tables(config: Config) -> list[Part]:
    """Those of them that can be made before the shop's files are read.

    Args:
        config: The shop's settings.

    Returns:
        What is needed before what needs it.
    """
    free: dict[str, Part] = {}
    for part in made_ahead(planned_configurations(config)):
        if not part.uses_tables and all(parent.name in free for parent in part.made_from):
            free[part.name] = part
    return list(free.values())
