"""What an online experiment showed: less noise by what was known before, one look at the end, or a look at any time.

The unit is whatever was assigned at random (a shopper), one value each; several requests of one shopper are not
independent. Which shopper sees what is decided in ``serving``; this room only reads the result.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc, ndtri, stdtr, stdtrit

from steelyard.domain import FloatArray

__all__ = [
    "Difference",
    "Sequential",
    "always_valid",
    "cuped",
    "detectable_difference",
    "fixed_horizon",
    "sample_ratio_p_value",
    "units_for_normality",
]


@dataclass(frozen=True, slots=True)
class Difference:
    """Mean of the treatment minus mean of the control."""

    estimate: float
    standard_error: float
    p_value: float
    """Two-sided, of equal means."""
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Sequential:
    """What each look at a running experiment showed; valid at every look, however often one looks."""

    p_values: FloatArray
    """Never rising. Shape (looks,), in (0, 1]."""
    low: FloatArray
    """Low ends of intervals that hold the true difference at all looks at once. Shape (looks,)."""
    high: FloatArray


def sample_ratio_p_value(n_treatment: int, n_control: int, *, share: float = 0.5) -> float:
    r"""How likely groups so unlike their planned sizes are where assignment works: the test of a sample-ratio mismatch.

    .. math:: \chi^2 = \sum_g (n_g - N q_g)^2 / (N q_g), \quad p = P(\chi^2_1 > \chi^2)

    Args:
        n_treatment: Units in the treatment, >= 0.
        n_control: Units in the control, >= 0.
        share: :math:`q` of the treatment, as planned, in (0, 1).

    Returns:
        In [0, 1]; 1 where the sizes are those planned.

    Raises:
        ValueError: There is no unit, or the share is none.

    Source:
        Fabijan et al. 2019, doi:10.1145/3292500.3330722, who call it a mismatch below .001 or so.

    Trust:
        A mismatch has a cause (redirects, bots, a filter after assignment) that nearly always biases the difference.
    """
    total = n_treatment + n_control
    if total < 1 or not 0 < share < 1:
        raise ValueError(f"{total} units and a planned share of {share}: at least one unit and a share between 0 and 1")
    off = (n_treatment - total * share) ** 2 * (1 / (total * share) + 1 / (total * (1 - share)))
    return float(chdtrc(1, off))


def detectable_difference(standard_error: float, *, confidence: float = 0.95, power: float = 0.8) -> float:
    r"""The least true difference that an experiment of this precision finds with a given probability.

    .. math:: (z_{(1 + confidence) / 2} + z_{power}) \cdot se

    Args:
        standard_error: Of the difference of means, >= 0.
        confidence: Of the two-sided test, in (0, 1).
        power: Probability to find it, in (0, 1).

    Returns:
        In the unit of the metric, >= 0.

    Source:
        Cohen 1988, Statistical Power Analysis for the Behavioral Sciences, chapter 2.
    """
    return float(ndtri((1 + confidence) / 2) + ndtri(power)) * standard_error


def units_for_normality(values: FloatArray) -> int:
    r"""Units a group needs before the mean of so skewed a metric is normal enough for an interval of 95 %.

    .. math:: 355 \, s^2, \quad s = \frac{1}{n} \sum_i (y_i - \bar y)^3 / \sigma^3

    Args:
        values: One value a unit. Shape (units,).

    Returns:
        Rounded up; 0 where nothing varies.

    Source:
        Kohavi, Deng, Longbotham & Xu 2014, rule 7, doi:10.1145/2623330.2623341.
    """
    centred = values - values.mean()
    variance = float((centred**2).mean())
    if variance == 0:
        return 0
    skewness = float((centred**3).mean()) / variance**1.5
    needed: int = math.ceil(355 * skewness**2)
    return needed


def cuped(outcome: FloatArray, before: FloatArray) -> FloatArray:
    r"""Outcomes without what was known before the experiment: same mean, less variance.

    .. math:: y_i - \theta (x_i - \bar x), \quad \theta = \mathrm{cov}(x, y) / \mathrm{var}(x)

    Args:
        outcome: One value a shopper, of both groups together. Shape (shoppers,).
        before: What the same shoppers did before they were assigned, for example the money they spent.

    Returns:
        Shape (shoppers,); its variance is :math:`1 - \rho^2` times that of ``outcome``. Unchanged where ``before`` is
        the same for all.

    Raises:
        ValueError: The two are of different shoppers, or there are fewer than two.

    Source:
        Deng, Xu, Kohavi & Walker 2013, doi:10.1145/2433396.2433413.

    Trust:
        ``before`` must not be touched by the treatment: what was seen during the experiment biases the difference.
    """
    if outcome.shape != before.shape or len(outcome) < 2:
        raise ValueError(f"{outcome.shape} outcomes against {before.shape} values before: one of each a shopper")
    centred = before - before.mean()
    spread = float(centred @ centred)
    theta = float(centred @ outcome) / spread if spread > 0 else 0.0
    adjusted: FloatArray = outcome - theta * centred
    return adjusted


def fixed_horizon(treatment: FloatArray, control: FloatArray, *, confidence: float = 0.95) -> Difference:
    """Welch's test of equal means, for an experiment whose length was fixed before it began.

    Args:
        treatment: One value a shopper. Shape (n,), n >= 2.
        control: One value a shopper of the other group. Shape (m,), m >= 2.
        confidence: Of the interval, in (0, 1).

    Returns:
        The difference; its p-value is 1 where nothing varies and the means are equal, 0 where they differ then.

    Raises:
        ValueError: A group has fewer than two shoppers.

    Source:
        Welch 1947, doi:10.1093/biomet/34.1-2.28.

    Trust:
        Look once, at the end. Who looks 40 times and stops at the first p below 5 % is wrong in a quarter of the
        experiments in which nothing differs: use ``always_valid`` for that.
    """
    if min(len(treatment), len(control)) < 2:
        raise ValueError("a group of fewer than two shoppers shows no spread")
    parts = [float(group.var(ddof=1)) / len(group) for group in (treatment, control)]
    variance, estimate = sum(parts), float(treatment.mean() - control.mean())
    if variance == 0:
        return Difference(estimate, 0.0, float(estimate == 0), estimate, estimate)
    freedom = variance**2 / (parts[0] ** 2 / (len(treatment) - 1) + parts[1] ** 2 / (len(control) - 1))
    error = math.sqrt(variance)
    p_value = 2 * float(stdtr(freedom, -abs(estimate) / error))
    reach = float(stdtrit(freedom, (1 + confidence) / 2)) * error
    return Difference(estimate, error, p_value, estimate - reach, estimate + reach)


def always_valid(
    differences: FloatArray, standard_errors: FloatArray, *, mixing_sd: float, confidence: float = 0.95
) -> Sequential:
    r"""The normal-mixture sequential probability ratio test: one may look at any time, and stop when one likes.

    .. math:: \Lambda = \sqrt{\frac{V}{V + \tau^2}} \exp\left(\frac{\tau^2 d^2}{2 V (V + \tau^2)}\right), \quad
              p = \min\left(1, \min_{looks} 1 / \Lambda\right)

    Args:
        differences: Treatment minus control at each look, oldest first. Shape (looks,).
        standard_errors: Of each; :math:`V` is its square. Shape (looks,), > 0.
        mixing_sd: :math:`\tau`: how large differences are expected to be, fixed before the experiment, > 0. The test
            is valid for any, and quickest for effects of about this size.
        confidence: Of the intervals, in (0, 1).

    Returns:
        One value of each a look; intervals are not intersected with earlier ones.

    Raises:
        ValueError: Lengths differ, or a figure is not above zero.

    Source:
        Robbins 1970, doi:10.1214/aoms/1177696786; Johari, Koomen, Pekelis & Walsh 2017, doi:10.1145/3097983.3097992.

    Trust:
        Leans on the normal approximation: begin to look when each group has some hundred shoppers. It costs power
        against a single look at a length fixed before.
    """
    if differences.shape != standard_errors.shape or not (standard_errors > 0).all() or not mixing_sd > 0:
        raise ValueError("each look needs a difference and its standard error, above zero, and so does the mixing sd")
    variance, mixing = standard_errors**2, mixing_sd**2
    total = variance + mixing
    log_ratio = (np.log(variance / total) + mixing * differences**2 / (variance * total)) / 2
    p_values = np.exp(-np.maximum.accumulate(np.maximum(log_ratio, 0.0)))
    reach = np.sqrt(variance * total / mixing * (np.log(total / variance) - 2 * math.log(1 - confidence)))
    return Sequential(p_values, differences - reach, differences + reach)
