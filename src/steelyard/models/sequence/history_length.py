"""Whether as much of a history is asked with as a network was told to read."""

from __future__ import annotations

from steelyard.errors import ConfigError
from steelyard.models.recipe import Plan

__all__ = ["check_length"]


def check_length(plan: Plan, name: str) -> None:
    """Refuse a length that the shop set and that no request has.

    Args:
        plan: The shop's settings; ``options.length`` is how many items the network reads.
        name: Of the recipe.

    Raises:
        ConfigError: It is more than ``[models] max_history``.
    """
    length, most = plan.options.length, plan.config.models.max_history
    if "length" in plan.options.model_fields_set and length > most:
        raise ConfigError(
            f"[models.{name}] length is {length}, and requests hold the latest {most} items of a history: "
            f"set max_history in [models] to {length} or more, or length to {most} or less"
        )
