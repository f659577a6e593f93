"""A shop's traffic to come, day by day, beside the counts it grew from: artefact ``forecast``."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from steelyard.documents.encoding import Source, as_builtins, read_document

__all__ = [
    "Counts",
    "DayRow",
    "ForecastDocument",
    "MethodRow",
    "MonthRow",
    "PromotionRow",
    "forecast_builtins",
    "read_forecast",
]


class Counts(msgspec.Struct, frozen=True):
    """Events of each day of the past."""

    first: date
    counts: tuple[float, ...]


class DayRow(msgspec.Struct, frozen=True):
    """A day ahead: mean, interval, and the promotion with where its effect comes from."""

    day: date
    mean: float
    low: float
    high: float
    promotion: str | None
    basis: str | None


class PromotionRow(msgspec.Struct, frozen=True):
    """A promotion ahead: its effect, and whether that was learnt or assumed."""

    day: date
    name: str
    lift: str | None
    """Such as ``+20%``; ``None`` where none is known."""
    basis: str
    days_learnt_from: int
    source: str


class MethodRow(msgspec.Struct, frozen=True):
    """How a method did on the history."""

    method: str
    mae: float
    """Mean absolute error, events a day."""
    mase: float | None
    to_seasonal_naive: float | None
    """Error over the seasonal naive forecast's."""


class MonthRow(msgspec.Struct, frozen=True, kw_only=True):
    """A month's traffic, and what a surface or the whole shop then needs and costs; ``None`` where that is unknown."""

    month: str
    """``2026-12``; one that is not whole says how many days it has."""
    events: int
    low: int
    high: int
    busiest_day: int
    """Events of it."""
    surface: str | None = None
    """``shop`` for all surfaces together; ``None`` where nothing was decided."""
    configuration: str | None = None
    requests: int | None = None
    requests_low: int | None = None
    requests_high: int | None = None
    busiest_hour_rps: Decimal | None = None
    peak_share: str | None = None
    """Whether the share of the busiest hour was ``measured`` or ``assumed``."""
    peak_rps: float | None = None
    replicas: int | None = None
    cost: Decimal | None = None
    cost_low: Decimal | None = None
    cost_high: Decimal | None = None


class ForecastDocument(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of the past, and the days ahead."""

    format: int = 1
    history: Counts
    level: float
    """Of the intervals, in [0, 1]."""
    method: str
    coverage: float | None
    """Share of tested days that the intervals held."""
    origins: int
    tested_days: int
    methods: tuple[MethodRow, ...]
    """Best first."""
    days: tuple[DayRow, ...]
    promotions: tuple[PromotionRow, ...]


def read_forecast(source: Source) -> ForecastDocument:
    """The forecast of a document, of any format.

    Args:
        source: JSON, or what was parsed from it.

    Returns:
        The forecast.

    Raises:
        ArtefactError: It is no such document, or of a later format.
    """
    return read_document(source, ForecastDocument, name="forecast", migrations=(dict,))


def forecast_builtins(document: ForecastDocument) -> dict[str, Any]:
    """The forecast as JSON's own types."""
    return as_builtins(document)
