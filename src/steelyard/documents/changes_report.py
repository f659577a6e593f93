"""What a file of changes came to, and what stands beside the bundle."""

from __future__ import annotations

from typing import Any

import msgspec

from steelyard.documents.encoding import as_builtins

__all__ = ["ChangesReport", "changes_report_builtins"]


class ChangesReport(msgspec.Struct, frozen=True, kw_only=True):
    """Of one command."""

    format: int = 1
    file: str = ""
    """Empty where only the journal was looked at."""
    is_trial: bool = False
    is_repeated: bool = False
    """Whether the same was sent before under this key, and was not done again."""
    added: int = 0
    changed: int = 0
    deleted: int = 0
    unused: tuple[str, ...] = ()
    """Columns of the file that say nothing of an item."""
    token: str = ""
    """The moment of the journal; empty while nothing was ever changed."""
    beside: int = 0
    """Changes that the newest bundle does not hold."""
    items: int = 0
    """Items that these change."""
    since: str = ""
    """When the first of them came."""
    is_rebuild_due: bool = False
    """Whether so much stands beside the bundle that another one should be made."""


def changes_report_builtins(report: ChangesReport) -> dict[str, Any]:
    """As JSON holds it."""
    return as_builtins(report)
