"""What a probe brings back: the answers of one configuration alone in a process, and what they took."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from steelyard.domain import FloatArray, IntArray
from steelyard.evaluation.quiet import Surroundings

__all__ = ["ProbeResult"]


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """Readings of one process that held only one configuration."""

    items: IntArray
    """Item numbers for each request, best first. Shape (requests, k), ``NONE`` in empty places."""
    timed: IntArray
    """Which requests were asked alone and timed, in this order. Shape (timed,)."""
    cpu_s: FloatArray
    """Processor seconds of each timed request, all threads of the process. Shape (timed,)."""
    service_s: FloatArray
    """Wall seconds of each timed request. Shape (timed,)."""
    load_s: float
    """Wall seconds to open and verify the configuration."""
    rss_before_bytes: int
    """Resident set right before opening, libraries imported."""
    peak_rss_bytes: int
    """Largest resident set up to the end of the timed requests; answering in batches comes after."""
    surroundings: Surroundings
    """What else went on during the warm-up and the timed requests."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """``batch_agreement``: share of the timed requests whose answer alone and in a batch were the same, ``None`` where
    no batch was asked; ``answered_alone``: true where all were asked alone because some were not."""
