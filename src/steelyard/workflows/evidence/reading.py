"""One reading of one configuration over HTTP, and what was promised before it. Nothing here touches the outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

__all__ = ["Promised", "Reading"]


@dataclass(frozen=True, slots=True)
class Promised:
    """What was said of a configuration before it was served."""

    rate_rps: float
    p99_ms: float
    cpu_s: float
    """Processor seconds of a request, HTTP included."""
    share: float = 1.0
    """Of the rate that it is sized with, in (0, 1]."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one open-loop run over HTTP saw of one configuration, with the server on one core."""

    configuration: str
    identity: str
    """Digest of the parts served and of the machine: readings of other parts or machines judge nothing."""
    session: str
    """Readings of one run of ``check``, or of one ``measure``."""
    at: str
    """ISO time of its end, with time zone."""
    rate_rps: float
    p50_ms: float
    p99_ms: float
    cpu_s_per_request: float
    """Processor seconds of the whole server process, HTTP included."""
    requests: int
    errors: int
    peak_rss_bytes: int
    promised_p99_ms: float
    promised_cpu_s: float
    response_bytes: float | None = None
    """Mean bytes of an answer's body; ``None`` where not counted."""
    busy_share: float = 0.0
    """Share of the machine's processors that other programs used meanwhile, in [0, 1]."""
    invalid_because: str = ""
    """Why latencies may not be used; empty when they may. Processor times hold either way."""
    share: float = 1.0
    """Of the rate that it is sized with, in (0, 1]."""
    is_probe: bool = False
    """Whether it was made before the choice, to correct what is promised: it holds no promise, and breaks one."""

    def as_json(self) -> dict[str, Any]:
        """The reading as it is stored."""
        return asdict(self)

    @classmethod
    def of_json(cls, row: Mapping[str, Any]) -> Reading:
        """The reading that was stored."""
        return cls(**{each.name: row[each.name] for each in fields(cls) if each.name in row})

    def keeps(self, max_p99_ms: float) -> bool:
        """Whether it is valid, without an error, and within the limit."""
        return not self.invalid_because and self.errors == 0 and self.p99_ms <= max_p99_ms

    def judges(self, max_p99_ms: float) -> bool:
        """Whether it says anything of the whole rate: at a part of it, only a miss does."""
        return self.share >= 1 or not (self.invalid_because or self.keeps(max_p99_ms))
