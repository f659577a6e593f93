"""What would be chosen of what was measured so far, and whether a configuration that was not could still win."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from steelyard.config.schema import Config
from steelyard.decision.choose import Choice, Verdict
from steelyard.domain import Configuration, Interval, Measurement, Surface
from steelyard.workflows.deciding.choices import choice_of
from steelyard.workflows.deciding.pairing import cheapest_shop
from steelyard.workflows.pricing.price import Priced, Pricing

__all__ = ["could_win", "early_choice", "feasible", "least_measurement", "on_quality"]

_LEAST_S = 1e-5
"""Processor and wall time that no configuration answers in."""
_LEAST_RSS_BYTES = 20_000_000
"""Memory that no process of ours is smaller than."""
_N_TIMED = 20
_ON_QUALITY = ("quality", "quality_share")


def feasible(config: Config, pricing: Pricing) -> dict[Surface, list[Priced]]:
    """Configurations of each surface that keep every floor beside all that was measured, the cheapest first.

    Args:
        config: Floors and seed.
        pricing: What was measured so far, with its bills.

    Returns:
        Without surfaces of which none keeps them.
    """
    return {surface: found for surface, priced in pricing.surfaces.items() if (found := _kept(config, surface, priced))}


def on_quality(config: Config, pricing: Pricing) -> dict[Surface, list[Priced]]:
    """Configurations of each surface that break no floor on quality, whatever their latency.

    Args:
        config: Floors and seed.
        pricing: What was measured so far, with its bills.

    Returns:
        All of a surface where none keeps them, or the floors cannot be told yet.
    """
    return {surface: _on_quality(config, surface, priced) for surface, priced in pricing.surfaces.items()}


def early_choice(config: Config, pricing: Pricing) -> Mapping[Surface, Priced]:
    """What the shop would run if nothing else were measured.

    Args:
        config: Floors and seed.
        pricing: What was measured so far, with its bills.

    Returns:
        A configuration of each surface of which one keeps every floor.
    """
    options = feasible(config, pricing)
    shop = cheapest_shop(config, pricing, options) if options else None
    return shop.chosen if shop else {surface: found[0] for surface, found in options.items()}


def could_win(config: Config, pricing: Pricing, bound: Priced, surface: Surface) -> bool:
    """Whether the least a configuration can cost would let it win, did it keep every floor.

    Args:
        config: Floors and seed.
        pricing: What was measured so far; not the configuration in question.
        bound: The configuration with its least bill, as ``least_measurement`` has it measured.
        surface: That it answers.

    Returns:
        True too where nothing measured keeps the floors yet, or a bill is not known in full.
    """
    options = feasible(config, pricing)
    if surface not in options or bound.candidate.bill is None or bound.candidate.bill.total is None:
        return True
    shop = cheapest_shop(config, pricing, {**options, surface: [*options[surface], bound]})
    return shop is None or shop.chosen[surface].candidate.name == bound.candidate.name


def least_measurement(configuration: Configuration, like: Measurement) -> Measurement:
    """A configuration as if it answered in no time, of no size, as well as the one it is a smaller form of.

    Args:
        configuration: Not measured.
        like: The measurement of what it is a smaller form of.

    Returns:
        No true measurement of it is cheaper.
    """
    least = Interval(_LEAST_S, _LEAST_S, _LEAST_S, n=_N_TIMED)
    return replace(
        like,
        configuration=configuration.name,
        cpu_s_per_request=least,
        service_s=np.full(_N_TIMED, _LEAST_S),
        peak_rss_bytes=_LEAST_RSS_BYTES,
        disk_bytes=0,
        disk_bytes_by_part={},
        facts={**like.facts, "cpu_s": [_LEAST_S] * _N_TIMED},
    )


def _on_quality(config: Config, surface: Surface, priced: Sequence[Priced]) -> list[Priced]:
    choice = _choice(config, surface, priced)
    if choice is None:
        return list(priced)
    below = {each.name for each in choice.judged if any(v.what in _ON_QUALITY for v in each.violations)}
    return [each for each in priced if each.candidate.name not in below] or list(priced)


def _choice(config: Config, surface: Surface, priced: Sequence[Priced]) -> Choice | None:
    """What would be chosen of these; None while the floors refer to a configuration that was not measured yet."""
    try:
        return choice_of(config, surface, priced)
    except ValueError:
        return None


def _kept(config: Config, surface: Surface, priced: Sequence[Priced]) -> list[Priced]:
    choice = _choice(config, surface, priced)
    if choice is None or not choice.is_feasible:
        return []
    good = {each.name for each in choice.judged if each.verdict in (Verdict.CHOSEN, Verdict.FEASIBLE)}
    found = [each for each in priced if each.candidate.name in good]
    return sorted(found, key=lambda each: each.candidate.name != choice.chosen)
