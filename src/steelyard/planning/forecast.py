r"""Daily traffic to come, with an interval for each day, from daily counts and a calendar of promotions.

Every method is tried from many origins of the history, each time knowing only what came before; the one with the least
error is taken, and the errors it made so are the intervals (split conformal, by how far ahead):

.. math:: [\hat y_h (1 + q_{0.05}),\; \hat y_h (1 + q_{0.95})], \quad q \text{ of } (y - \hat y) / \hat y

The control is the seasonal naive forecast, on the raw history: who does not beat it has learnt nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from steelyard.domain import FloatArray
from steelyard.errors import DataError
from steelyard.planning.effects import Applied, Basis, Cleaned, clean
from steelyard.planning.history import History
from steelyard.planning.promotions import Promotion
from steelyard.planning.smoothing import WEEK, Method, SeasonalNaive, continuous_methods, intermittent_methods

__all__ = ["MIN_DAYS", "Forecast", "Score", "Span", "forecast", "not_applied"]

MIN_DAYS = 4 * WEEK
"""Two weeks to learn from and two to test on."""
_MAX_ORIGINS = 26
_MEDIAN, _AVERAGE = "median of the methods", "mean of the methods"
_BUCKETS = (7, 14, 21, 28)
"""Errors are pooled within these many days ahead, and beyond the last."""


@dataclass(frozen=True, slots=True)
class Score:
    """How a method did on the origins of the history."""

    method: str
    rmse: float
    """Root mean squared error of all days ahead."""
    mae: float
    """Mean absolute error of all days ahead."""
    mase: float
    """Mean absolute error over that of the seasonal naive forecast one week ahead within the history."""
    to_naive: float
    """Mean absolute error over that of the seasonal naive forecast of the same days."""


@dataclass(frozen=True, slots=True)
class Span:
    """Sum of several days of a forecast."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """Days ahead, and what the figures rest on."""

    days: tuple[date, ...]
    mean: FloatArray
    """Shape (days,), >= 0."""
    low: FloatArray
    high: FloatArray
    level: float
    """Share of days that the intervals are made to hold."""
    method: str
    scores: tuple[Score, ...]
    """Best first."""
    coverage: float
    """Share of open days of the back-test within intervals made from the other origins; NaN with one origin."""
    n_origins: int
    tested_days: int
    """Days ahead that were tested; intervals beyond grow with the square root."""
    promotions: tuple[Applied, ...]
    step: int
    """Days between the origins of the back-test."""
    actual: FloatArray
    """Shape (origins, tested days): counts of the back-test."""
    expected: FloatArray
    """Same shape: what the chosen method said."""

    def total(self, first: date, last: date) -> Span:
        r"""Sum of some days, with an interval from the sums of as many days in the back-test.

        .. math:: \hat S (1 \pm t_{m-1} \, s \sqrt{1 + 1/m}), \quad s^2 = \text{mean of } ((S - \hat S) / \hat S)^2

        where m is how many windows of that length fit side by side into the tested days: those that overlap are not so
        many witnesses.

        Args:
            first: First day, within the forecast.
            last: Last day, included.

        Returns:
            The sum of the means; 0 with no width where no day is within.
        """
        picked = [at for at, day in enumerate(self.days) if first <= day <= last]
        if not picked:
            return Span(0.0, 0.0, 0.0)
        mean = float(self.mean[picked].sum())
        lead, length = picked[0], len(picked)
        width = min(length, self.tested_days)
        start = min(lead, self.tested_days - width)
        window = slice(start, start + width)
        sums, said = self.actual[:, window].sum(axis=1), self.expected[:, window].sum(axis=1)
        relative = (sums - said)[said > 0] / said[said > 0]
        spread = float(np.sqrt(np.mean(np.square(relative)))) if relative.size else 0.0
        n_apart = max(2.0, (self.step * (self.n_origins - 1) + width) / width)
        from scipy.special import stdtrit  # noqa: PLC0415 - as in _interval

        wide = float(stdtrit(n_apart - 1, (1 + self.level) / 2)) * spread * math.sqrt(1 + 1 / n_apart)
        wide *= math.sqrt(max(1.0, (lead + length) / self.tested_days))
        return Span(mean, max(0.0, mean * (1 - wide)), mean * (1 + wide))


def forecast(
    history: History,
    days: int,
    *,
    promotions: Sequence[Promotion] = (),
    level: float = 0.9,
    more: Sequence[Method] = (),
) -> Forecast:
    """The days after a history.

    Args:
        history: Daily counts, without a gap.
        days: Days ahead, >= 1.
        promotions: Named days of the history and of the days ahead, at most one a day.
        level: Share of days the intervals should hold, in (0, 1).
        more: Further methods to try, from an adapter.

    Returns:
        Means within their intervals; nothing below zero.

    Raises:
        DataError: Less than four weeks of history, or nothing in it but zeros.
    """
    if len(history.counts) < MIN_DAYS:
        raise DataError(
            f"{len(history.counts)} days of history are too few: a weekly rhythm is learnt from two weeks and tested "
            f"on two; give at least {MIN_DAYS} days"
        )
    if not history.counts.any():
        raise DataError(f"all {len(history.counts)} days of the history are zero: there is nothing to forecast from")
    whole = clean(history.counts, first=history.first, promotions=promotions)
    methods = (*(intermittent_methods() if whole.is_intermittent else continuous_methods()), *more)
    test = _back_test(history, days, promotions=promotions, methods=methods)
    scores, best = _scores(test, history.counts, is_intermittent=whole.is_intermittent)
    factors, unsure = whole.factors(promotions, horizon=days)
    base = _predict(whole, history.counts, methods, days=days, learnt=None)[best] * factors
    mean = np.maximum(base, 0.0)
    low, high = _interval(mean, test.actual, test.expected[best], level=level, unsure=unsure)
    start = history.after
    ahead = tuple(start + timedelta(days=at) for at in range(days))
    named = [each for each in promotions if start <= each.day <= ahead[-1]]
    return Forecast(
        days=ahead,
        mean=mean,
        low=low,
        high=high,
        level=level,
        method=best,
        scores=scores,
        coverage=_coverage(test.actual, test.expected[best], level=level),
        n_origins=len(test.actual),
        tested_days=test.actual.shape[1],
        promotions=tuple(Applied(each, whole.effect(each)) for each in named),
        step=test.step,
        actual=test.actual,
        expected=test.expected[best],
    )


@dataclass(frozen=True, slots=True)
class _Test:
    """What every method said from every origin, and what came. Arrays of shape (origins, days ahead)."""

    actual: FloatArray
    expected: dict[str, FloatArray]
    step: int


def _origins(n: int, days: int) -> tuple[list[int], int, int]:
    """Where back-tests begin, how many days they look ahead, and how many lie between them."""
    ahead = max(WEEK, min(days, n // 4))
    least = max(2 * WEEK, n // 3)
    room = n - ahead - least
    step = max(1, min(WEEK, room // 12))
    found = list(range(n - ahead, least - 1, -step))[:_MAX_ORIGINS]
    return found[::-1], ahead, step


def _back_test(history: History, days: int, *, promotions: Sequence[Promotion], methods: Sequence[Method]) -> _Test:
    origins, ahead, step = _origins(len(history.counts), days)
    said: dict[str, list[FloatArray]] = {}
    learnt: dict[str, tuple[float, ...]] | None = None
    for origin in origins:
        known = clean(history.counts[:origin], first=history.first, promotions=promotions)
        if learnt is None:
            learnt = {each.name: each.fit(known.values) for each in methods}
        factors, _ = known.factors(promotions, horizon=ahead)
        found = _predict(known, history.counts[:origin], methods, days=ahead, learnt=learnt)
        for name, values in found.items():
            is_control = name == SeasonalNaive().name
            said.setdefault(name, []).append(values if is_control else np.maximum(values * factors, 0.0))
    actual = np.array([history.counts[origin : origin + ahead] for origin in origins], dtype=np.float64)
    return _Test(actual, {name: np.array(values) for name, values in said.items()}, step)


def _predict(
    known: Cleaned,
    counts: FloatArray,
    methods: Sequence[Method],
    *,
    days: int,
    learnt: dict[str, tuple[float, ...]] | None,
) -> dict[str, FloatArray]:
    """What each method says, their median and mean, and the control."""
    found = {
        each.name: each.forecast(
            known.values, days, learnt=each.fit(known.values) if learnt is None else learnt[each.name]
        )
        for each in methods
    }
    together = np.array(list(found.values()))
    control = SeasonalNaive()
    return found | {
        _MEDIAN: np.median(together, axis=0),
        _AVERAGE: together.mean(axis=0),
        control.name: control.forecast(counts, days, learnt=()),
    }


def _scores(test: _Test, counts: FloatArray, *, is_intermittent: bool) -> tuple[tuple[Score, ...], str]:
    """Best first, and its name.

    By absolute error; where most days are zero by squared error, since the least absolute error there is that of
    forecasting nothing at all.
    """
    control = SeasonalNaive().name
    errors = {name: float(np.abs(test.actual - said).mean()) for name, said in test.expected.items()}
    scale = float(np.abs(counts[WEEK:] - counts[:-WEEK]).mean())

    def score(name: str) -> Score:
        to_naive = errors[name] / errors[control] if errors[control] > 0 else math.nan
        rmse = float(np.sqrt(np.square(test.actual - test.expected[name]).mean()))
        return Score(name, rmse, errors[name], errors[name] / scale if scale > 0 else math.nan, to_naive)

    scores = sorted(map(score, errors), key=lambda each: each.rmse if is_intermittent else each.mae)
    return tuple(scores), scores[0].method


def _interval(
    mean: FloatArray, actual: FloatArray, said: FloatArray, *, level: float, unsure: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Low and high end of each day; ``unsure`` is the standard error of its promotion's effect."""
    from scipy.special import ndtri  # noqa: PLC0415 - slow to import, and a forecast that was kept is only read

    tested = actual.shape[1]
    low, high = np.empty(len(mean)), np.empty(len(mean))
    ends = [*(each for each in _BUCKETS if each < tested), tested]
    begins = [0, *ends[:-1]]
    found = [_relative_quantiles(actual[:, a:b], said[:, a:b], level) for a, b in zip(begins, ends, strict=True)]
    for at in range(len(mean)):
        bucket = next((n for n, end in enumerate(ends) if at < end), len(ends) - 1)
        grown = math.sqrt(max(1.0, (at + 1) / tested))
        below, above = (min(0.0, found[bucket][0]) * grown, max(0.0, found[bucket][1]) * grown)
        of_promotion = float(ndtri((1 + level) / 2)) * float(unsure[at])
        low[at] = mean[at] * (1 - math.hypot(below, of_promotion))
        high[at] = mean[at] * (1 + math.hypot(above, of_promotion))
    return np.maximum(low, 0.0), high


def _relative_quantiles(actual: FloatArray, said: FloatArray, level: float) -> tuple[float, float]:
    is_open = said > 0
    if not is_open.any():
        return 0.0, 0.0
    return _quantiles((actual[is_open] - said[is_open]) / said[is_open], level)


def _quantiles(errors: FloatArray, level: float) -> tuple[float, float]:
    """Conformal quantiles: of n errors those of rank (n + 1)(1 ± level) / 2; the outermost where n is too small."""
    ordered = np.sort(errors)
    n, tail = len(ordered), (1 - level) / 2
    below = math.floor((n + 1) * tail + 1e-9) - 1
    above = math.ceil((n + 1) * (1 - tail) - 1e-9) - 1
    return float(ordered[max(below, 0)]), float(ordered[min(above, n - 1)])


def _coverage(actual: FloatArray, said: FloatArray, *, level: float) -> float:
    """Share of open days within the intervals that the other origins give."""
    if len(actual) < 2:
        return math.nan
    held, n = 0, 0
    for origin in range(len(actual)):
        others = np.arange(len(actual)) != origin
        low, high = _interval(said[origin], actual[others], said[others], level=level, unsure=np.zeros(actual.shape[1]))
        is_open = said[origin] > 0
        held += int(((actual[origin] >= low) & (actual[origin] <= high))[is_open].sum())
        n += int(is_open.sum())
    return held / n if n else math.nan


def not_applied(found: Forecast) -> list[Applied]:
    """Promotions ahead whose effect nobody knows: the forecast leaves them out."""
    return [each for each in found.promotions if each.effect.basis is Basis.UNKNOWN]
