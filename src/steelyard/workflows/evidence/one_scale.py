"""Quality of configurations that were judged on a sample, on the scale of those that were judged on every request.

A sample may be easier or harder than the whole, so its mean is not comparable. What is comparable is the difference on
the same requests: the quality shown is that of the best of the others on all requests, and this difference.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from steelyard.decision.stability import resampled_means
from steelyard.domain import FloatArray, Interval, Measurement
from steelyard.evaluation.compare import paired_interval

__all__ = ["one_scale", "resampled_on_one_scale"]


def one_scale(measurements: Sequence[Measurement], *, seed: int, resamples: int) -> list[Measurement]:
    """Measurements whose qualities may be compared.

    Args:
        measurements: Of one surface, the same requests in the same order.
        seed: Of the resampling.
        resamples: Behind each interval.

    Returns:
        Those of a sample with the difference estimator's mean and interval; the others as they are.

    Trust:
        The interval is that of the difference: what the best of the others is unsure by is not in it, as in no
        comparison with it.
    """
    place = _beside(measurements)
    if place is None:
        return list(measurements)
    beside = measurements[place]
    return [_moved(each, beside, seed, resamples) if "sample" in each.facts else each for each in measurements]


def _moved(each: Measurement, beside: Measurement, seed: int, resamples: int) -> Measurement:
    found = paired_interval(each.per_request, beside.per_request, seed=seed, resamples=resamples)
    if math.isnan(found.mean):
        return each
    mean, low, high = (beside.quality.mean + value for value in (found.mean, found.low, found.high))
    return replace(each, quality=Interval(mean, low, high, found.confidence, found.n))


def resampled_on_one_scale(measurements: Sequence[Measurement], *, n: int, seed: int) -> FloatArray:
    """Mean quality of every configuration over resampled requests, samples by the difference estimator.

    Args:
        measurements: Of one surface.
        n: Draws, >= 1.
        seed: The same seed gives the same draws.

    Returns:
        As ``resampled_means``. Shape (n, configurations).
    """
    per_request = np.stack([each.per_request for each in measurements])
    means = resampled_means(per_request, n=n, seed=seed)
    place = _beside(measurements)
    sampled = [row for row, each in enumerate(measurements) if "sample" in each.facts]
    if place is not None and sampled:
        differences = resampled_means(per_request - per_request[place][None, :], n=n, seed=seed)
        means[:, sampled] = means[:, [place]] + differences[:, sampled]
    return means


def _beside(measurements: Sequence[Measurement]) -> int | None:
    """Number of the best of those that were judged on every request; None where there is none, or none is needed."""
    whole = [row for row, each in enumerate(measurements) if "sample" not in each.facts]
    if len(whole) in (0, len(measurements)):
        return None
    return max(whole, key=lambda row: measurements[row].quality.mean)
