r"""Whether probabilities are what they say: of what is given 3 %, three in a hundred should happen.

Trust:
    Calibration alone is cheap: everybody's share is calibrated, and tells nothing apart. Look at log loss or AUC beside
    it. Of few rows the expected calibration error is above 0 whatever the model: see ``CalibrationError.by_chance``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steelyard.domain import FloatArray, IntArray
from steelyard.errors import DataError

__all__ = [
    "CalibrationError",
    "ReliabilityRow",
    "brier",
    "calibration_error",
    "expected_calibration_error",
    "reliability",
]


@dataclass(frozen=True, slots=True)
class ReliabilityRow:
    """Rows of about the same probability."""

    n: int
    predicted: float
    """Mean probability."""
    observed: float
    """Share that happened."""
    low: float
    """Of the share's Wilson interval at 95 %."""
    high: float


@dataclass(frozen=True, slots=True)
class CalibrationError:
    """Expected calibration error, with what chance does to it."""

    value: float
    low: float
    """Of the 95 % bootstrap interval."""
    high: float
    by_chance: float
    """Mean of the same figure where the probabilities are right and outcomes are drawn by them: an error of about this
    size says nothing against a model."""


def brier(probabilities: FloatArray, labels: FloatArray) -> FloatArray:
    r"""Squared error of each probability: :math:`(p - y)^2`.

    Args:
        probabilities: Shape (n,), in [0, 1].
        labels: 0 or 1. Shape (n,).

    Returns:
        Shape (n,), in [0, 1].

    Raises:
        DataError: Lengths differ, there is no row, or a value is outside [0, 1].

    Source:
        Brier 1950, doi:10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2.
    """
    _checked(probabilities, labels)
    found: FloatArray = (probabilities - labels) ** 2
    return found


def reliability(probabilities: FloatArray, labels: FloatArray, *, bins: int = 10) -> list[ReliabilityRow]:
    """What happened to rows of about the same probability.

    Args:
        probabilities: Shape (n,), in [0, 1].
        labels: 0 or 1. Shape (n,).
        bins: Of equal numbers of rows; rows of one probability are in one bin, so that there may be fewer.

    Returns:
        From the least likely to the likeliest.

    Raises:
        DataError: Lengths differ, there is no row, or a value is outside [0, 1].
    """
    _checked(probabilities, labels)
    found = []
    number = _bins(probabilities, bins)
    for each in range(int(number.max()) + 1):
        inside = number == each
        n, share = int(inside.sum()), float(labels[inside].mean())
        low, high = _wilson(share, n)
        found.append(ReliabilityRow(n, float(probabilities[inside].mean()), share, low, high))
    return found


def calibration_error(probabilities: FloatArray, target: FloatArray, *, bins: int = 10) -> float:
    r"""Mean distance of probabilities and what they should be, bin by bin.

    .. math:: \sum_b \frac{n_b}{n} \left| \bar p_b - \bar y_b \right|

    Args:
        probabilities: Shape (n,), in [0, 1].
        target: Outcomes, or the true chances where they are known. Shape (n,), in [0, 1].
        bins: As of ``reliability``.

    Returns:
        In [0, 1].

    Raises:
        DataError: Lengths differ, there is no row, or a value is outside [0, 1].

    Source:
        Naeini, Cooper & Hauskrecht 2015, doi:10.1609/aaai.v29i1.9602; bins of equal size: Nixon et al. 2019,
        arXiv:1904.01685.
    """
    _checked(probabilities, target)
    return _error(probabilities, target, _bins(probabilities, bins))


def expected_calibration_error(
    probabilities: FloatArray, labels: FloatArray, *, seed: int, bins: int = 10, resamples: int = 200
) -> CalibrationError:
    """``calibration_error`` against outcomes, with an interval and with what chance alone would give.

    Args:
        probabilities: Shape (n,), in [0, 1].
        labels: 0 or 1. Shape (n,).
        seed: Of the draws.
        bins: As of ``reliability``.
        resamples: Behind the interval, and behind ``by_chance``.

    Returns:
        The interval is of rows drawn anew; it does not take out what chance adds.

    Raises:
        DataError: Lengths differ, there is no row, or a value is outside [0, 1].
    """
    _checked(probabilities, labels)
    random, n = np.random.default_rng(seed), len(labels)
    number = _bins(probabilities, bins)
    drawn, fair = [], []
    for _ in range(resamples):
        rows = random.integers(n, size=n)
        drawn.append(_error(probabilities[rows], labels[rows], number[rows]))
        outcomes = (random.random(n) < probabilities).astype(np.float64)
        fair.append(_error(probabilities, outcomes, number))
    low, high = np.quantile(drawn, [0.025, 0.975])
    return CalibrationError(_error(probabilities, labels, number), float(low), float(high), float(np.mean(fair)))


def _error(probabilities: FloatArray, target: FloatArray, number: IntArray) -> float:
    gaps = np.bincount(number, weights=probabilities - target)
    return float(np.abs(gaps).sum()) / len(target)


def _bins(probabilities: FloatArray, bins: int) -> IntArray:
    """Bins of about equal numbers of rows; equal probabilities are in one bin."""
    if bins < 1:
        raise ValueError(f"there must be at least one bin, got {bins}")
    _, level, counts = np.unique(probabilities, return_inverse=True, return_counts=True)
    before = np.cumsum(counts) - counts
    _, number = np.unique((before * bins) // len(probabilities), return_inverse=True)
    return np.asarray(number[level], np.int64)


def _wilson(share: float, n: int) -> tuple[float, float]:
    z2 = 1.959963984540054**2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = float(np.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n * n)))) / (1 + z2 / n)
    return max(middle - half, 0.0), min(middle + half, 1.0)


def _checked(probabilities: FloatArray, labels: FloatArray) -> None:
    if probabilities.shape != labels.shape or not len(labels):
        raise DataError(f"{probabilities.shape} probabilities against {labels.shape} outcomes: one of each a row")
    for name, values in (("probability", probabilities), ("outcome", labels)):
        if not ((values >= 0) & (values <= 1)).all():
            raise DataError(f"a {name} is outside [0, 1] or not a number: calibration is of chances and outcomes")
