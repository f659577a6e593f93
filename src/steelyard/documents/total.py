"""What a whole shop costs in a month: the one total that every page and verb shows."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from steelyard.documents.bills import ExplainedRow
from steelyard.domain import FactKind, Stage

__all__ = ["LeftOut", "StageShare", "Total"]


class LeftOut(msgspec.Struct, frozen=True):
    """Something that a bill does not hold. It is not counted; it is not free."""

    part: str
    text: str
    text_zh: str
    switch: str
    """The setting that prices it."""


class StageShare(msgspec.Struct, frozen=True):
    """What one stage of the lifecycle costs."""

    stage: Stage
    cost: Decimal
    share: float
    """Of the total, in [0, 1]."""


class Total(msgspec.Struct, frozen=True, kw_only=True):
    """The bill of all surfaces together."""

    monthly: Decimal | None = None
    """``None`` where a price is missing or a surface has no choice."""
    currency: str = ""
    stages: tuple[StageShare, ...] = ()
    """Dearest first."""
    shares_by_kind: dict[FactKind, float] = {}
    """Parts of the total that rest on measured, quoted, assumed … figures; they sum to 1."""
    note: str = ""
    note_zh: str = ""
    instance: str | None = None
    """Of machines that all surfaces share; ``None`` where each has its own."""
    replicas: int | None = None
    rate_per_replica_rps: float | None = None
    lines: tuple[ExplainedRow, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    assumed_share: float | None = None
    """Of the total, that rests on assumptions."""
    assumed_says: str = ""
    assumed_says_zh: str = ""
