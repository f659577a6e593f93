"""The choice among the priced configurations of one surface, as the decision and the race both make it."""

from __future__ import annotations

from collections.abc import Sequence

from steelyard.config.schema import Config
from steelyard.decision.choose import Choice, choose
from steelyard.domain import FloatArray, Interval, Surface
from steelyard.evaluation.compare import paired_interval
from steelyard.workflows.deciding.selection import limits_of
from steelyard.workflows.pricing.price import Priced

__all__ = ["choice_of"]


def choice_of(config: Config, surface: Surface, priced: Sequence[Priced], *, prefer: str | None = None) -> Choice:
    """The cheapest configuration of a surface that keeps its floors.

    Args:
        config: Floors and seed.
        surface: Which.
        priced: All of its configurations that were measured.
        prefer: A feasible one that is taken instead, since the shop as a whole is cheaper with it.

    Returns:
        With a verdict on each.

    Raises:
        ValueError: The floors refer to a configuration that is not among them.
    """

    def paired(own: FloatArray, reference: FloatArray, share: float) -> Interval:
        return paired_interval(own, reference, seed=config.seed, share=share, resamples=config.measure.bootstrap)

    return choose(
        [each.candidate for each in priced],
        limits_of(config, surface, priced),
        paired_low=paired,
        shortfalls={each.candidate.name: each.shortfalls for each in priced},
        prefer=prefer,
    )
