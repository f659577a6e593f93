"""What each rule of merchandisers does: whether it holds, what it gains on judged queries, what it costs."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from steelyard.documents.encoding import as_builtins

__all__ = ["CurationReport", "RuleRow", "curation_report_builtins"]


class RuleRow(msgspec.Struct, frozen=True, kw_only=True):
    """One rule."""

    id: str
    action: str
    query: str
    owner: str
    reason: str
    state: Literal["in_force", "not_begun", "ended", "dead"]
    """``dead``: nothing of the catalogue is meant any more, so it can do nothing."""
    troubles: tuple[str, ...]
    """What of it cannot be done."""
    queries: int
    """Judged queries that it holds for."""
    gain: float | None
    """Mean change of the metric over them; ``None`` where there are none, or the rule is not measured."""
    low: float | None
    """End of the 95 % interval."""
    high: float | None
    cpu_ms: float | None
    """Processor time that an answer takes more; ``None`` where it was not measured."""

    @property
    def is_superfluous(self) -> bool:
        """Whether it may be deleted: it never holds again, or it can do nothing."""
        return self.state in ("ended", "dead")


class CurationReport(msgspec.Struct, frozen=True, kw_only=True):
    """All rules of a file."""

    format: int = 1
    metric: str
    rows: tuple[RuleRow, ...]


def curation_report_builtins(report: CurationReport) -> dict[str, Any]:
    """As JSON holds it."""
    return as_builtins(report)
