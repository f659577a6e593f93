"""One line of the journal of the meters: a step that was done, or a stretch of serving."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from steelyard.documents.encoding import as_builtins

__all__ = ["MeterLine", "meter_line_builtins"]


class MeterLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a line says; ``steelyard.ledger.metering.read_metered`` reads it. What nobody metered is left out."""

    id: str
    """Unique; a line written twice counts once."""
    what: str
    """The step, for example ``train/lexical``, or ``serve``, or ``keep``."""
    began: str
    """ISO time, with its offset from UTC."""
    ended: str
    cpu_s: float
    peak_rss_bytes: int | UnsetType = UNSET
    sent_bytes: int | UnsetType = UNSET
    stored_bytes: int | UnsetType = UNSET
    """What the shop's folder holds at the end."""
    shares: dict[str, float] | UnsetType = UNSET
    """Weight of each configuration in it."""


def meter_line_builtins(line: MeterLine) -> dict[str, Any]:
    """The line as JSON's own types."""
    return as_builtins(line)
