"""The weights that a log's events are given: those of the configuration, or learnt from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from steelyard.config.data_tables import FIXED_WEIGHTS
from steelyard.data.labels.event_weights import learn_weights, weights_finding

if TYPE_CHECKING:
    from steelyard.config import Config
    from steelyard.data.quality import Finding
    from steelyard.data.schema import Frame, SourcePort

__all__ = ["event_weights"]


def event_weights(config: Config, sources: SourcePort, kept: Frame) -> tuple[Mapping[str, float], Sequence[Finding]]:
    """The weights by kind, and what is told of them.

    Args:
        config: The shop's configuration.
        sources: For intermediate tables.
        kept: What ``check_events`` kept.

    Returns:
        The weights; nothing is told of those that were given.
    """
    given = config.data.event_weights
    if given != "learnt":
        return given, ()
    learnt = learn_weights(sources, kept, fixed=FIXED_WEIGHTS, days=config.labels.purchase_days, split=config.split)
    return learnt.weights, (weights_finding(learnt),)
