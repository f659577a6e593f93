"""Forecasting methods on a daily series with a weekly season. Arrays in, arrays out; a day without a value is NaN.

Each method learns its parameters once (``fit``) and then forecasts from any history (``forecast``), so that moving the
origin of a back-test does not mean fitting again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from math import isnan, nan
from typing import Protocol

import numpy as np

from steelyard.domain import FloatArray, IntArray

__all__ = [
    "WEEK",
    "HoltWinters",
    "Intermittent",
    "Method",
    "Regression",
    "SeasonalNaive",
    "WeekdayMean",
    "continuous_methods",
    "intermittent_methods",
]

WEEK = 7
YEAR = 365.25
_SMALL = 1e-9
_LEAST_SEASON = 0.01
"""A smaller seasonal factor says nothing of the level: dividing by it would blow the noise up."""


class Method(Protocol):
    """One way to forecast."""

    @property
    def name(self) -> str:
        """As reports show it; no two methods share one."""
        ...

    def fit(self, values: FloatArray) -> tuple[float, ...]:
        """Parameters learnt from a history.

        Args:
            values: Shape (days,), >= 0, at least two weeks; NaN where a day has no value.

        Returns:
            What ``forecast`` takes; empty where nothing is learnt.
        """
        ...

    def forecast(self, values: FloatArray, horizon: int, *, learnt: tuple[float, ...]) -> FloatArray:
        """The days after a history.

        Args:
            values: As for ``fit``.
            horizon: Days ahead, >= 1.
            learnt: What ``fit`` returned, of this history or an earlier one.

        Returns:
            Shape (horizon,), finite; a method may go below zero, the caller cuts.
        """
        ...


@dataclass(frozen=True, slots=True)
class SeasonalNaive:
    """The value of the same weekday a week before: the control every other method is held against."""

    name: str = "seasonal naive"

    def fit(self, values: FloatArray) -> tuple[float, ...]:
        """Nothing to learn."""
        del values
        return ()

    def forecast(self, values: FloatArray, horizon: int, *, learnt: tuple[float, ...]) -> FloatArray:
        """The last known value of each weekday, repeated."""
        del learnt
        return _repeated(_last_of_weekday(values), len(values), horizon)


@dataclass(frozen=True, slots=True)
class WeekdayMean:
    """Mean of the last weeks by weekday."""

    weeks: int = 8

    @property
    def name(self) -> str:
        """With its window."""
        return f"weekday mean of {self.weeks} weeks"

    def fit(self, values: FloatArray) -> tuple[float, ...]:
        """Nothing to learn."""
        del values
        return ()

    def forecast(self, values: FloatArray, horizon: int, *, learnt: tuple[float, ...]) -> FloatArray:
        """Mean of the last ``weeks`` values of each weekday; of all days where a weekday has none."""
        del learnt
        recent = values[-self.weeks * WEEK :]
        start = len(values) - len(recent)
        means = [_mean(recent[(np.arange(len(recent)) + start) % WEEK == phase]) for phase in range(WEEK)]
        overall = _mean(recent)
        return _repeated(np.array([overall if isnan(each) else each for each in means]), len(values), horizon)


@dataclass(frozen=True, slots=True)
class HoltWinters:
    r"""Level, trend that dies away, weekly season; a day without a value moves nothing.

    .. math:: \hat y_{t+h} = (l_t + \sum_{i=1}^{h} \phi^i b_t) \oplus s_{t+h-7}, \quad \oplus \in \{+, \times\}

    Source:
        Hyndman & Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., sections 8.3 and 8.4.
    """

    is_multiplicative: bool
    has_trend: bool

    @property
    def name(self) -> str:
        """With its form."""
        form = "multiplicative" if self.is_multiplicative else "additive"
        return f"Holt-Winters {form}{', damped trend' if self.has_trend else ', no trend'}"

    def fit(self, values: FloatArray) -> tuple[float, ...]:
        """Alpha, beta, gamma, phi that make the squared one-step errors least."""
        series = values.tolist()
        start = self._start(values)

        def loss(given: Iterable[float]) -> float:
            return self._run(series, self._whole(given), start)[0]

        first, bounds = [0.15, 0.1], [(0.001, 0.9), (0.001, 0.5)]
        if self.has_trend:
            first, bounds = [*first, 0.02, 0.9], [*bounds, (0.0005, 0.3), (0.8, 0.98)]
        from scipy.optimize import minimize  # noqa: PLC0415 - slow to import, and stored forecasts need it not

        found = minimize(
            loss,
            first,
            bounds=bounds,
            method="Nelder-Mead",
            options={"xatol": 0.005, "fatol": 1e-3 * max(loss(first), _SMALL), "maxfev": 150},
        )
        return self._whole(found.x)

    def forecast(self, values: FloatArray, horizon: int, *, learnt: tuple[float, ...]) -> FloatArray:
        """Level and trend at the end of the history, carried on, with the season."""
        _, level, trend, season = self._run(values.tolist(), learnt, self._start(values))
        phi = learnt[3]
        along = level + trend * np.cumsum(phi ** np.arange(1, horizon + 1))
        seasonal = np.array([season[(len(values) + step) % WEEK] for step in range(horizon)])
        found: FloatArray = np.maximum(along, 0) * seasonal if self.is_multiplicative else along + seasonal
        return found

    def _whole(self, given: Iterable[float]) -> tuple[float, ...]:
        alpha, gamma, *rest = (float(each) for each in given)
        beta, phi = rest if rest else (0.0, 0.9)
        return alpha, beta, gamma, phi

    def _start(self, values: FloatArray) -> tuple[float, list[float]]:
        """Level and season of the first four weeks."""
        early = values[: 4 * WEEK]
        level = _mean(early)
        level = 0.0 if isnan(level) else level
        means = [_mean(early[phase::WEEK]) for phase in range(WEEK)]
        if self.is_multiplicative:
            return level, [1.0 if isnan(each) or level <= _SMALL else each / level for each in means]
        return level, [0.0 if isnan(each) else each - level for each in means]

    def _run(
        self, series: Sequence[float], learnt: tuple[float, ...], start: tuple[float, list[float]]
    ) -> tuple[float, float, float, list[float]]:
        """Mean squared one-step error, and the state at the end."""
        alpha, beta, gamma, phi = learnt
        level, season, trend = start[0], list(start[1]), 0.0
        total, n, multiplies = 0.0, 0, self.is_multiplicative
        for at, value in enumerate(series):
            expected, phase = level + phi * trend, at % WEEK
            own = season[phase]
            if isnan(value):  # a day without a value: time goes on, nothing is learnt
                level, trend = expected, phi * trend
                continue
            error = value - (expected * own if multiplies else expected + own)
            total, n = total + error * error, n + 1
            freed = (value / own if own > _LEAST_SEASON else expected) if multiplies else value - own
            moved = alpha * freed + (1 - alpha) * expected
            trend = beta * (moved - level) + (1 - beta) * phi * trend
            level = moved
            seen = (value / level if level > _SMALL else own) if multiplies else value - level
            season[phase] = gamma * seen + (1 - gamma) * own
        return total / max(n, 1), level, trend, season


@dataclass(frozen=True, slots=True)
class Intermittent:
    """Croston's method with the Syntetos-Boylan correction, or TSB, for series that are mostly zero: a flat rate.

    Source:
        Croston 1972, doi:10.1057/jors.1972.50; Syntetos & Boylan 2005, doi:10.1016/j.ijforecast.2004.10.001;
        Teunter, Syntetos & Babai 2011, doi:10.1016/j.ejor.2011.05.018.
    """

    decays: bool
    """TSB: the chance of a day with any falls on days with none, so that a dead series goes to zero."""

    @property
    def name(self) -> str:
        """TSB or Croston."""
        return "TSB" if self.decays else "Croston"

    def fit(self, values: FloatArray) -> tuple[float, ...]:
        """The two smoothing parameters of a grid whose squared one-step errors are least."""
        series = [each for each in values.tolist() if not isnan(each)]
        grid = (0.02, 0.05, 0.1, 0.2, 0.3)
        pairs = product(grid, grid) if self.decays else ((each, each) for each in grid)
        return min(pairs, key=lambda pair: self._run(series, pair)[0])

    def forecast(self, values: FloatArray, horizon: int, *, learnt: tuple[float, ...]) -> FloatArray:
        """One rate for all days."""
        series = [each for each in values.tolist() if not isnan(each)]
        return np.full(horizon, self._run(series, learnt)[1])

    def _run(self, series: Sequence[float], learnt: Sequence[float]) -> tuple[float, float]:
        """Mean squared one-step error, and the rate at the end."""
        of_size, of_time = learnt
        sizes = [each for each in series if each > 0]
        if not sizes:
            return 0.0, 0.0
        size, gap, since, total = sizes[0], len(series) / len(sizes), 1, 0.0
        chance = 1 / gap
        for value in series:
            rate = chance * size if self.decays else (1 - of_time / 2) * size / gap
            total += (value - rate) ** 2
            if value > 0:
                size += of_size * (value - size)
                gap += of_time * (since - gap)
                since = 1
            else:
                since += 1
            chance += of_time * ((1.0 if value > 0 else 0.0) - chance)
        return total / len(series), chance * size if self.decays else (1 - of_time / 2) * size / gap


@dataclass(frozen=True, slots=True)
class Regression:
    """Least squares of the logarithm on weekday, a line that dies away, and the time of year after more than a year.

    Older days count less, by half for every ``half_life`` days. The factor that brings the mean of the logarithms back
    to the mean of the values is that of the weighted residuals (Duan 1983, doi:10.1080/01621459.1983.10478017).
    """

    half_life: int

    @property
    def name(self) -> str:
        """With its memory."""
        return f"calendar regression, half-life {self.half_life} days"

    def fit(self, values: FloatArray) -> tuple[float, ...]:
        """Nothing is kept: the regression is solved anew for each history."""
        del values
        return ()

    def forecast(self, values: FloatArray, horizon: int, *, learnt: tuple[float, ...]) -> FloatArray:
        """The regression carried on; its line flattens with the half-life."""
        del learnt
        known = np.flatnonzero(~np.isnan(values))
        if not known.size:
            return np.zeros(horizon)
        n, is_annual = len(values), known[-1] - known[0] > YEAR + 4 * WEEK
        weights = 0.5 ** ((n - 1 - known) / self.half_life)
        design = self._design(known, n, is_annual=is_annual)
        target = np.log1p(values[known])
        penalty = np.diag([_SMALL] + [0.5] * (design.shape[1] - 1))
        solved = np.linalg.solve(design.T @ (design * weights[:, None]) + penalty, design.T @ (weights * target))
        smear = float(np.average(np.exp(target - design @ solved), weights=weights))
        ahead = self._design(np.arange(n, n + horizon), n, is_annual=is_annual)
        return smear * np.exp(ahead @ solved) - 1

    def _design(self, days: IntArray, n: int, *, is_annual: bool) -> FloatArray:
        passed = (days - (n - 1)) / self.half_life
        line = np.where(passed > 0, 1 - np.exp(-np.maximum(passed, 0)), passed)
        weekdays = (days[:, None] % WEEK == np.arange(WEEK)).astype(np.float64)
        columns = [np.ones(len(days)), line, *weekdays.T]
        if is_annual:
            for order in (1, 2, 3):
                angle = 2 * np.pi * order * days / YEAR
                columns += [np.sin(angle), np.cos(angle)]
        return np.column_stack(columns)


def continuous_methods() -> tuple[Method, ...]:
    """For a series with something on most open days."""
    smoothers = [
        HoltWinters(is_multiplicative, trend) for is_multiplicative in (False, True) for trend in (False, True)
    ]
    return (WeekdayMean(4), WeekdayMean(8), *smoothers, Regression(56), Regression(180))


def intermittent_methods() -> tuple[Method, ...]:
    """For a series that is mostly zero."""
    return (Intermittent(decays=False), Intermittent(decays=True), WeekdayMean(8), HoltWinters(False, False))


def _mean(values: FloatArray) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else nan


def _last_of_weekday(values: FloatArray) -> FloatArray:
    """By weekday, counted from the first day of the history; of an unknown one the mean of all days."""
    found = np.full(WEEK, np.nan)
    for phase in range(WEEK):
        known = values[phase::WEEK][~np.isnan(values[phase::WEEK])]
        found[phase] = known[-1] if known.size else np.nan
    overall = _mean(values)
    return np.where(np.isnan(found), 0.0 if isnan(overall) else overall, found)


def _repeated(of_weekday: FloatArray, n: int, horizon: int) -> FloatArray:
    found: FloatArray = of_weekday[(n + np.arange(horizon)) % WEEK]
    return found
