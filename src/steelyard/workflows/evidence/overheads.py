"""Processor seconds that HTTP adds to a request, from all that was read, and how they fall as the server fills up."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence

from steelyard.documents.readings import Reading
from steelyard.domain import Measurement

__all__ = ["Overheads"]

_APART = 0.05
"""Readings of one configuration whose shares of a core differ by less say nothing of how the overhead falls."""


class Overheads:
    """What HTTP adds, by configuration.

    A server that is idle is woken for each request; a busy one finds the next waiting. So a request takes less
    processor time at a higher rate. That difference is the server's and not the model's: it is fitted over all
    configurations that were read at more than one rate, as one slope over the share of a core in use.

    Args:
        readings: By configuration, oldest first; empty where it was not served.
        kinds: Kind by configuration.
        measured: Measurement by configuration.
    """

    def __init__(
        self, readings: Mapping[str, Sequence[Reading]], kinds: Mapping[str, str], measured: Mapping[str, Measurement]
    ) -> None:
        self._kinds = kinds
        self._points = {
            name: [
                (row.rate_rps * row.cpu_s_per_request, row.cpu_s_per_request - measured[name].cpu_s_per_request.mean)
                for row in _usable(rows)
            ]
            for name, rows in readings.items()
        }
        self.idle_s = _fall(list(self._points.values()))
        self._own = {name: self._full(name) for name, points in self._points.items() if points}

    def of(self, name: str) -> float | None:
        """Processor seconds at the highest rate that was read: own readings, else the median of the kind, else of all.

        Args:
            name: Configuration.

        Returns:
            At least 0; ``None`` where nothing was served.
        """
        if name in self._own:
            return self._own[name]
        alike = [value for other, value in self._own.items() if self._kinds[other] == self._kinds[name]]
        others = alike or list(self._own.values())
        return statistics.median(others) if others else None

    def utilisation_of(self, name: str) -> float:
        """Share of a core in use where that holds; 1 where it was not served."""
        return max((share for share, _ in self._points[name]), default=1.0)

    def _full(self, name: str) -> float:
        highest = self.utilisation_of(name)
        found = statistics.median(added - self.idle_s * (highest - share) for share, added in self._points[name])
        return max(0.0, found)


def _usable(rows: Sequence[Reading]) -> list[Reading]:
    """Valid readings that answered something; all that did where no moment was quiet, for processor time holds then."""
    answered = [row for row in rows if row.requests]
    return [row for row in answered if not row.invalid_because] or answered


def _fall(groups: Sequence[Sequence[tuple[float, float]]]) -> float:
    """Seconds by which the overhead falls from an idle core to a full one: least squares within configurations."""
    both, square = 0.0, 0.0
    for points in groups:
        shares = [share for share, _ in points]
        if not shares or max(shares) - min(shares) < _APART:
            continue
        middle, mean = statistics.fmean(shares), statistics.fmean(added for _, added in points)
        both += sum((share - middle) * (added - mean) for share, added in points)
        square += sum((share - middle) ** 2 for share in shares)
    return max(0.0, -both / square) if square else 0.0
