"""What was noticed of a column as a whole while its file was read, and how its values were taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["Habits", "Remark"]


@dataclass(frozen=True, slots=True)
class Habits:
    """How the shop writes numbers and times, where it says so; empty where its columns shall tell."""

    decimal: Literal["", "comma", "point"] = ""
    dates: Literal["", "day-first", "month-first", "year-first"] = ""
    timezone: str = ""
    """Of times that carry no zone."""
    currency: str = ""
    """ISO code that the prices should be in."""


@dataclass(frozen=True, slots=True)
class Remark:
    """One decision or doubt about a column."""

    reason: str
    severity: Literal["error", "warning", "info"]
    count: int
    """Rows it is about."""
    says: str
    values: Mapping[str, int] = field(default_factory=dict)
    """Values or forms with the rows that have each; never of a column that names people."""
