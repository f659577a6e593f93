"""Daily counts of a shop's stored event log, and how they spread over the hours of a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pyarrow.parquet as pq

from steelyard.domain import FloatArray
from steelyard.errors import ConfigError, DataError
from steelyard.planning.history import History

__all__ = ["Traffic", "load_traffic"]

_QUARTER_S = 900
"""Every time zone is whole quarters of an hour away from UTC."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """What a log says of a shop's days."""

    history: History
    """Events a day; first and last day of the log are left out, since they are seldom whole."""
    of_hour: FloatArray
    """Shape (24,): events by hour of the shop's day."""
    left_out: tuple[date, ...]


def load_traffic(folder: Path, *, zone: str = "UTC") -> Traffic:
    """Events a day of a prepared log.

    Args:
        folder: The verified folder of the artefact ``data``.
        zone: Where the shop's day begins, for example ``Asia/Shanghai``; ``UTC`` takes times as the log writes them.

    Returns:
        Every day between the first and the last, those without an event as 0.

    Raises:
        ConfigError: There is no such time zone.
        DataError: There is no log, or it holds less than three days.
    """
    try:
        where: tzinfo = UTC if zone == "UTC" else ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ConfigError(
            f"no time zone {zone!r}: write a name like Asia/Shanghai; where the system has no list of them, "
            "pip install tzdata"
        ) from error
    file = pq.ParquetFile(folder / "events.parquet", pre_buffer=False)
    quarters: dict[int, int] = {}
    for batch in file.iter_batches(batch_size=500_000, columns=["time"]):
        times = batch.column("time").drop_null().to_numpy(zero_copy_only=False)
        found, counts = np.unique(np.floor_divide(times, _QUARTER_S).astype(np.int64), return_counts=True)
        for quarter, count in zip(found.tolist(), counts.tolist(), strict=True):
            quarters[quarter] = quarters.get(quarter, 0) + count
    if not quarters:
        raise DataError("the shop has no behaviour log: give daily counts with --history FILE.csv (date,count)")
    by_day: dict[date, int] = {}
    of_hour = np.zeros(24)
    for quarter, count in quarters.items():
        local = datetime.fromtimestamp(quarter * _QUARTER_S, UTC).astimezone(where)
        by_day[local.date()] = by_day.get(local.date(), 0) + count
        of_hour[local.hour] += count
    return _whole_days(by_day, of_hour)


def _whole_days(by_day: dict[date, int], of_hour: FloatArray) -> Traffic:
    first, last = min(by_day), max(by_day)
    n_days = (last - first).days - 1
    if n_days < 1:
        raise DataError(f"the log reaches from {first} to {last}: there is no whole day in it to count")
    days = [first + timedelta(days=1 + at) for at in range(n_days)]
    counts = np.array([by_day.get(day, 0) for day in days], dtype=np.float64)
    return Traffic(History(days[0], counts), of_hour, (first, last))
