"""What was labelled from a source, what it rests on, and when not to rely on it: ``labels.json`` of ``labels/…``."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

import msgspec

from steelyard.documents.encoding import Source, as_builtins, read_document

__all__ = [
    "AgreementRow",
    "LabelNote",
    "LabelReport",
    "PlaceRow",
    "WeightRow",
    "label_report_builtins",
    "read_label_report",
]

Origin = Literal["judged", "behaviour", "rules", "model", "mixed"]


class LabelNote(msgspec.Struct, frozen=True, kw_only=True):
    """What a reader must know before relying on the labels, in both languages."""

    key: str
    says: str
    says_zh: str
    is_warning: bool = False


class PlaceRow(msgspec.Struct, frozen=True, kw_only=True):
    """How likely a place is looked at."""

    place: int
    """1 for the first."""
    propensity: float | None
    """``None`` where the log does not say."""
    shown: int


class WeightRow(msgspec.Struct, frozen=True, kw_only=True):
    """What an event of a kind says of a later purchase."""

    kind: str
    pairs: int
    bought: int
    rate: float
    low: float
    high: float


class AgreementRow(msgspec.Struct, frozen=True, kw_only=True):
    """How far two sources, or all of them, agree."""

    between: tuple[str, ...]
    measure: str
    """``cohen``, ``cohen_weighted``, ``fleiss``, ``krippendorff``."""
    value: float | None
    """``None`` where it is not defined."""
    pairs: int
    """Pairs of query and item that both, or at least two, judged."""


class LabelReport(msgspec.Struct, frozen=True, kw_only=True):
    """Labels of one source."""

    format: int = 1
    origin: Origin
    labels: int
    queries: int
    left_out: int = 0
    """Pairs with too little behind them."""
    by_gain: dict[str, int] = {}
    places: tuple[PlaceRow, ...] = ()
    weights: tuple[WeightRow, ...] = ()
    agreement: tuple[AgreementRow, ...] = ()
    cost: Decimal | None = None
    """Of the labels; ``None`` where it is not known."""
    currency: str = ""
    cost_source: str = ""
    notes: tuple[LabelNote, ...] = ()


def read_label_report(source: Source) -> LabelReport:
    """The report of a document, of any format.

    Args:
        source: JSON, or what was parsed from it.

    Returns:
        The report.

    Raises:
        ArtefactError: It is no such document, or of a later format.
    """
    return read_document(source, LabelReport, name="report on labels", migrations=(dict,))


def label_report_builtins(report: LabelReport) -> dict[str, Any]:
    """The report as JSON's own types."""
    return as_builtins(report)
