"""How sure a mean is, and whether one configuration is better than another on the same requests.

Requests are the unit that is resampled: they are what would be drawn again on another day. Undefined values (NaN)
are left out, from both sides of a pair. The same seed draws the same requests for every configuration, so that
intervals of several can be compared without extra noise.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from steelyard.domain import FloatArray, Interval

__all__ = ["bootstrap_interval", "paired_interval", "randomisation_test"]

_CELLS = 1 << 21
"""Random numbers drawn at a time, to bound memory (16 MiB)."""
_REMEMBERED = 256
"""Intervals that are not computed again: 4 MB with 2,000 requests each."""


def bootstrap_interval(values: FloatArray, *, seed: int, resamples: int = 1000, confidence: float = 0.95) -> Interval:
    """Mean over requests with its percentile bootstrap interval.

    Args:
        values: One value a request; NaN where undefined. Shape (requests,).
        seed: Seed of the resampling.
        resamples: How many times as many requests are drawn with replacement.
        confidence: Share of the resampled means between the ends, in (0, 1).

    Returns:
        Mean, ends and the number of defined values. All NaN where none is defined; the ends alone are NaN where one
        is, since a single request says nothing about spread.

    Source:
        Efron & Tibshirani 1993, An Introduction to the Bootstrap, chapter 13.

    Trust:
        Covers less than it says below about 30 requests; the requests must be independent (one a user).
    """
    defined = np.asarray(values[~np.isnan(values)], np.float64)
    n = len(defined)
    mean = float(defined.mean()) if n else float("nan")
    if n < 2:
        return Interval(mean, float("nan"), float("nan"), confidence, n)
    low, high = _ends(defined.tobytes(), seed, resamples, confidence)
    return Interval(mean, low, high, confidence, n)


@lru_cache(maxsize=_REMEMBERED)
def _ends(content: bytes, seed: int, resamples: int, confidence: float) -> tuple[float, float]:
    """Ends of the interval; a decision asks for those of the same values again at every price that it moves."""
    defined = np.frombuffer(content, np.float64)
    n = len(defined)
    generator = np.random.default_rng(seed)
    means = np.concatenate(
        [defined[generator.integers(0, n, (rows, n))].mean(axis=1) for rows in _chunks(resamples, n)]
    )
    tail = (1 - confidence) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    return float(low), float(high)


def paired_interval(
    own: FloatArray,
    reference: FloatArray,
    *,
    seed: int,
    share: float = 1.0,
    resamples: int = 1000,
    confidence: float = 0.95,
) -> Interval:
    """Mean of own − share × reference over the same requests, with its paired bootstrap interval.

    A low end of at least 0 says, at this confidence, that ``own`` keeps at least ``share`` of the reference's quality.

    Args:
        own: One value a request. Shape (requests,).
        reference: The other configuration's values of the same requests in the same order.
        seed: Seed of the resampling.
        share: Part of the reference that has to be kept; 1 compares as equals.
        resamples: How many times as many requests are drawn with replacement.
        confidence: Share of the resampled means between the ends, in (0, 1).

    Returns:
        As ``bootstrap_interval``, over requests where both are defined.

    Raises:
        ValueError: The two have different lengths, so they are not of the same requests.
    """
    return bootstrap_interval(_aligned(own, reference, share), seed=seed, resamples=resamples, confidence=confidence)


def randomisation_test(own: FloatArray, reference: FloatArray, *, seed: int, resamples: int = 10_000) -> float:
    """Two-sided p-value of the paired randomisation test of equal means.

    If the two were alike, each request's pair could as well be swapped: the p-value is the share of random swaps,
    the observed order included, whose mean difference is at least as far from 0.

    Args:
        own: One value a request; NaN where undefined. Shape (requests,).
        reference: The other configuration's values of the same requests in the same order.
        seed: Seed of the swaps.
        resamples: Number of random swaps, >= 1.

    Returns:
        In [1 / (resamples + 1), 1]; 1 where no request is defined for both.

    Raises:
        ValueError: The two have different lengths.

    Source:
        Smucker, Allan & Carterette 2007, doi:10.1145/1321440.1321528.
    """
    difference = _aligned(own, reference, 1.0)
    difference = difference[~np.isnan(difference)]
    n = len(difference)
    if n == 0:
        return 1.0
    observed = abs(difference.sum())
    slack = 1e-12 * np.abs(difference).sum()
    generator = np.random.default_rng(seed)
    as_far = 0
    for rows in _chunks(resamples, n):
        signs = generator.integers(0, 2, (rows, n), dtype=np.int8) * 2.0 - 1.0
        as_far += int((np.abs(signs @ difference) >= observed - slack).sum())
    return (as_far + 1) / (resamples + 1)


def _aligned(own: FloatArray, reference: FloatArray, share: float) -> FloatArray:
    if own.shape != reference.shape:
        raise ValueError(f"{own.shape[0]} requests against {reference.shape[0]}: a pair needs the same requests")
    difference: FloatArray = own - share * reference
    return difference


def _chunks(resamples: int, n: int) -> Iterator[int]:
    rows = max(1, _CELLS // max(n, 1))
    for start in range(0, resamples, rows):
        yield min(rows, resamples - start)
