"""Other names of things that were tried on judged queries: which help, which do not, and what all of them do."""

from __future__ import annotations

from typing import Any

import msgspec

from steelyard.documents.encoding import as_builtins

__all__ = ["Change", "NameReport", "TriedName", "name_report_builtins"]


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What a quality changes by, over the same queries."""

    queries: int
    mean: float
    low: float
    """End of the 95 % interval; equal to ``mean`` where there is one query only."""
    high: float


class TriedName(msgspec.Struct, frozen=True, kw_only=True):
    """A word, and another name of it that was looked for too."""

    word: str
    name: str
    gain: Change
    """Over the queries with the word that it was not found from."""
    p_value: float
    """Chance of such a mean, or one further from 0, if the name changed nothing."""
    is_taken: bool


class NameReport(msgspec.Struct, frozen=True, kw_only=True):
    """All that were tried."""

    format: int = 1
    metric: str
    tried: tuple[TriedName, ...]
    """Taken ones first, the surest first."""
    together: Change | None
    """All taken ones at once on the test queries, of which nothing was learnt; ``None`` where none was taken."""
    few: int
    """Names that too few queries could be tried on."""
    most_p: float
    """The highest p that was taken."""


def name_report_builtins(report: NameReport) -> dict[str, Any]:
    """As JSON holds it."""
    return as_builtins(report)
