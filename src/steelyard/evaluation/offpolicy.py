"""What another policy would have earned, from a log of the one that ran with the chance of each thing it showed.

A click rate counted on a log belongs to the policy that wrote the log. These estimators carry it over to another
policy, under conditions that a log alone cannot prove: propensities that are right, above zero wherever the other
policy would go, and rewards that depend on nothing but context and action.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from steelyard.domain import FloatArray
from steelyard.errors import DataError

__all__ = [
    "Estimate",
    "Refused",
    "Valued",
    "direct",
    "doubly_robust",
    "effective_sample_size",
    "importance_weights",
    "ips",
    "snips",
    "valued",
]

LEAST_ROWS = 100
"""Effective rows under which no interval is given."""
LEAST_PROPENSITY = 1e-4
"""A smaller chance makes one row count for ten thousand."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Mean reward of a policy that did not run."""

    value: float
    standard_error: float
    """Of chance alone: it knows nothing of the bias that a docstring warns of."""
    n: int


def importance_weights(target: FloatArray, logged: FloatArray) -> FloatArray:
    """How many times likelier the other policy takes what was logged: its chance over that of the policy that ran.

    Args:
        target: Chance that the other policy takes the logged action in its context. Shape (n,), in [0, 1].
        logged: Chance that the policy that ran took it, recorded when it did. Shape (n,), in (0, 1].

    Returns:
        Shape (n,), >= 0; their mean is about 1 where the two policies reach the same actions.

    Raises:
        DataError: There is no row, lengths differ, or a chance is none; a logged one of 0 cannot have been taken.

    Trust:
        A mean far from 1 says that propensities are wrong, or that the other policy goes where the log never was.
    """
    if target.shape != logged.shape or not len(logged):
        raise DataError(f"{len(target)} target chances against {len(logged)} logged ones: one of each a row")
    problems = [
        f"{int(wrong.sum())} rows (first: {int(wrong.argmax())}) have a {name}"
        for name, wrong in (
            ("logged propensity outside (0, 1]", ~((logged > 0) & (logged <= 1))),
            ("target propensity outside [0, 1]", ~((target >= 0) & (target <= 1))),
        )
        if wrong.any()
    ]
    if problems:
        raise DataError(f"{'; '.join(problems)}: record the chance of each action when it is shown")
    weights: FloatArray = target / logged
    return weights


def effective_sample_size(weights: FloatArray) -> float:
    r"""Rows of a log of the other policy that would tell as much: :math:`(\sum_i w_i)^2 / \sum_i w_i^2`.

    Args:
        weights: As ``importance_weights`` gives them.

    Returns:
        In [1, n]; 0 where all weights are 0.

    Source:
        Kish 1965, Survey Sampling, section 11.7.

    Trust:
        It knows the weights only: where rewards lie in the rows of large weight it is worse than this.
    """
    squares = float(weights @ weights)
    return float(weights.sum()) ** 2 / squares if squares > 0 else 0.0


def ips(rewards: FloatArray, weights: FloatArray, *, clip: float = math.inf) -> Estimate:
    r"""Inverse propensity scoring: :math:`\frac{1}{n} \sum_i \min(w_i, clip)\, r_i`.

    Args:
        rewards: What each logged action brought. Shape (n,).
        weights: As ``importance_weights`` gives them.
        clip: Largest weight that counts; not clipped when left out.

    Returns:
        Not biased where propensities are right and nothing is clipped.

    Source:
        Horvitz & Thompson 1952, doi:10.1080/01621459.1952.10483446; Ionides 2008, doi:10.1198/106186008X320456.

    Trust:
        A few large weights carry it: do not trust it where the largest is a sizeable share of their sum. Clipping
        trades that for a bias towards zero, which the standard error does not show.
    """
    _aligned(rewards, weights)
    return _mean(np.minimum(weights, clip) * rewards)


def snips(rewards: FloatArray, weights: FloatArray) -> Estimate:
    r"""Self-normalised inverse propensity scoring: :math:`\sum_i w_i r_i / \sum_i w_i`.

    Args:
        rewards: What each logged action brought. Shape (n,).
        weights: As ``importance_weights`` gives them.

    Returns:
        Within the range of the rewards; a bias of the order 1/n. NaN where all weights are 0.

    Source:
        Swaminathan & Joachims 2015, Advances in Neural Information Processing Systems 28.

    Trust:
        Hides a log that never shows what the other policy likes: look at the mean weight, which should be about 1.
    """
    _aligned(rewards, weights)
    total = float(weights.sum())
    if total <= 0:
        return Estimate(math.nan, math.nan, len(rewards))
    value = float(weights @ rewards) / total
    residual = weights * (rewards - value)
    return Estimate(value, math.sqrt(float(residual @ residual)) / total, len(rewards))


def direct(expected: FloatArray) -> Estimate:
    """The direct method: what a model of rewards expects of the other policy, averaged over the logged contexts.

    Args:
        expected: For each logged context, the model's reward averaged over the other policy's actions. Shape (n,).

    Returns:
        The mean.

    Raises:
        DataError: There is no row.

    Trust:
        It is as biased as the model, and its small standard error does not say so: never decide on it alone.
    """
    if not len(expected):
        raise DataError("no logged row: nothing to estimate from")
    return _mean(expected)


def doubly_robust(rewards: FloatArray, weights: FloatArray, *, predicted: FloatArray, expected: FloatArray) -> Estimate:
    r"""The model's expectation, corrected by what it got wrong: :math:`\frac{1}{n} \sum_i v_i + w_i (r_i - q_i)`.

    Args:
        rewards: What each logged action brought. Shape (n,).
        weights: As ``importance_weights`` gives them.
        predicted: :math:`q_i`: the model's reward of the logged action, fitted on other rows. Shape (n,).
        expected: :math:`v_i`: as ``direct`` takes it. Shape (n,).

    Returns:
        Not biased where either the propensities or the model are right; steadier than ``ips`` where the model is
        better than nothing.

    Source:
        Dudík, Erhan, Langford & Li 2014, doi:10.1214/14-STS500.

    Trust:
        With wrong propensities *and* a wrong model it is biased too. A model fitted on the same rows makes it look
        surer than it is.
    """
    _aligned(rewards, weights, predicted, expected)
    return _mean(expected + weights * (rewards - predicted))


@dataclass(frozen=True, slots=True)
class Valued:
    """What another policy is worth, as far as a log tells."""

    estimate: Estimate
    low: float
    """Of the 95 % interval, by rows drawn anew."""
    high: float
    effective_rows: float
    mean_weight: float
    """Should be 1: see ``importance_weights``."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a log says nothing of another policy."""

    why: str


def valued(
    rewards: FloatArray, target: FloatArray, logged: FloatArray, *, seed: int = 0, resamples: int = 1000
) -> Valued | Refused:
    """Self-normalised value of another policy with an interval, or why there is none.

    Args:
        rewards: What each logged action brought. Shape (n,).
        target: Chance that the other policy takes the logged action. Shape (n,), in [0, 1].
        logged: Chance that the policy that ran took it; NaN where it was not recorded. Shape (n,).
        seed: Of the draws.
        resamples: Behind the interval.

    Returns:
        ``Refused`` where a chance is missing or below ``LEAST_PROPENSITY``, or where so little of the log is left that
        an interval would be a guess. An estimate of ``snips``; the interval is that of its percentiles.

    Raises:
        DataError: There is no row, lengths differ, or a chance is none.

    Trust:
        Rows are taken to be independent: several of one shopper make the interval too narrow.
    """
    is_missing = np.isnan(logged)
    if is_missing.any():
        n, first = int(is_missing.sum()), int(is_missing.argmax())
        return Refused(f"{n} of {len(logged)} rows (first: {first}) have no propensity: it is not to be guessed later")
    weights = importance_weights(target, logged)
    if float(logged.min()) < LEAST_PROPENSITY:
        n = int((logged < LEAST_PROPENSITY).sum())
        return Refused(f"{n} rows have a propensity below {LEAST_PROPENSITY:g}: each would count for thousands")
    effective = effective_sample_size(weights)
    if effective < LEAST_ROWS:
        return Refused(
            f"{effective:.0f} effective rows of {len(rewards)} are left, and {LEAST_ROWS} are needed: the policies "
            "differ too much for this log"
        )
    random, n = np.random.default_rng(seed), len(rewards)
    drawn = []
    for _ in range(resamples):
        rows = random.integers(n, size=n)
        total = float(weights[rows].sum())
        drawn.append(float(weights[rows] @ rewards[rows]) / total if total > 0 else math.nan)
    low, high = (float(each) for each in np.nanquantile(drawn, [0.025, 0.975]))
    return Valued(snips(rewards, weights), low, high, effective, float(weights.mean()))


def _aligned(*columns: FloatArray) -> None:
    lengths = {len(column) for column in columns}
    if len(lengths) != 1 or not min(lengths):
        raise DataError(f"columns of {sorted(lengths)} rows: an estimate needs the same rows in each, and some")


def _mean(values: FloatArray) -> Estimate:
    n = len(values)
    error = float(values.std(ddof=1)) / math.sqrt(n) if n > 1 else math.nan
    return Estimate(float(values.mean()), error, n)
