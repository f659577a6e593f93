"""What is promised of a configuration before it is served."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Promised"]


@dataclass(frozen=True, slots=True)
class Promised:
    """What was said of a configuration before it was served."""

    rate_rps: float
    p99_ms: float
    cpu_s: float
    """Processor seconds of a request, HTTP included."""
    share: float = 1.0
    """Of the rate that it is sized with, in (0, 1]."""
