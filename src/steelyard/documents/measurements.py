"""Rows of ``measurements/<surface>``: what each configuration did, but for the arrays, which lie beside them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import msgspec

from steelyard.documents.encoding import as_builtins
from steelyard.domain import FloatArray, Interval, Measurement
from steelyard.errors import ArtefactError

__all__ = ["IntervalRow", "MeasurementRow", "measurement_builtins", "read_measurement"]


class IntervalRow(msgspec.Struct, frozen=True, kw_only=True):
    """A figure with its interval; what is undefined is ``None``, since JSON has no NaN."""

    mean: float | None
    low: float | None
    high: float | None
    confidence: float = 0.95
    n: int = 0

    @classmethod
    def of(cls, interval: Interval) -> IntervalRow:
        """The row of an interval."""
        mean, low, high = (None if math.isnan(end) else end for end in (interval.mean, interval.low, interval.high))
        return cls(mean=mean, low=low, high=high, confidence=interval.confidence, n=interval.n)

    @property
    def interval(self) -> Interval:
        """With NaN where it is undefined."""
        mean, low, high = (math.nan if end is None else end for end in (self.mean, self.low, self.high))
        return Interval(mean, low, high, self.confidence, self.n)


class MeasurementRow(msgspec.Struct, frozen=True, kw_only=True):
    """A measurement without its arrays."""

    configuration: str
    metric: str
    quality: IntervalRow
    cpu_s_per_request: IntervalRow
    peak_rss_bytes: int
    disk_bytes: int
    disk_bytes_by_part: dict[str, int] = {}
    load_s: float = 0.0
    is_quiet: bool = True
    is_synthetic: bool = False
    beside: IntervalRow | None = None
    facts: dict[str, Any] = {}
    """What is needed to repeat it."""

    @classmethod
    def of(cls, measurement: Measurement) -> MeasurementRow:
        """The row of a measurement."""
        return cls(
            configuration=measurement.configuration,
            metric=measurement.metric,
            quality=IntervalRow.of(measurement.quality),
            cpu_s_per_request=IntervalRow.of(measurement.cpu_s_per_request),
            peak_rss_bytes=measurement.peak_rss_bytes,
            disk_bytes=measurement.disk_bytes,
            disk_bytes_by_part=dict(measurement.disk_bytes_by_part),
            load_s=measurement.load_s,
            is_quiet=measurement.is_quiet,
            is_synthetic=measurement.is_synthetic,
            beside=None if measurement.beside is None else IntervalRow.of(measurement.beside),
            facts=dict(measurement.facts),
        )

    def measurement(self, *, per_request: FloatArray, service_s: FloatArray) -> Measurement:
        """The measurement again.

        Args:
            per_request: Quality of each request. Shape (requests,).
            service_s: Wall seconds of each request. Shape (timed,).

        Returns:
            As it was stored.
        """
        return Measurement(
            configuration=self.configuration,
            metric=self.metric,
            quality=self.quality.interval,
            per_request=per_request,
            cpu_s_per_request=self.cpu_s_per_request.interval,
            service_s=service_s,
            peak_rss_bytes=self.peak_rss_bytes,
            disk_bytes=self.disk_bytes,
            disk_bytes_by_part=self.disk_bytes_by_part,
            load_s=self.load_s,
            is_quiet=self.is_quiet,
            is_synthetic=self.is_synthetic,
            beside=None if self.beside is None else self.beside.interval,
            facts=self.facts,
        )


def read_measurement(row: Mapping[str, Any]) -> MeasurementRow:
    """A row of the artefact.

    Args:
        row: As JSON gives it.

    Returns:
        The row; keys that nobody knows are left out.

    Raises:
        ArtefactError: It is no such row.
    """
    try:
        return msgspec.convert(row, type=MeasurementRow)
    except msgspec.ValidationError as error:
        raise ArtefactError(f"a stored measurement cannot be read ({error}): measure again") from error


def measurement_builtins(row: MeasurementRow) -> dict[str, Any]:
    """The row as JSON's own types."""
    return as_builtins(row)
