r"""What choosing the best of many on the same requests flatters the winner by, and what a number of requests can show.

The mean of the configuration that came out best is too high: among several of about equal quality the luckiest wins.
Two corrections: means shrunken towards each other as far as their noise explains their spread (empirical Bayes), and
the loss of the winner of one half of the requests on the other half (cross-fitting).
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from steelyard.domain import FloatArray

__all__ = ["LEAST_SPLIT", "detectable_loss", "shrunken_means", "split_optimism"]

LEAST_SPLIT = 4
"""Requests below which there are no halves to tell from how much the best is flattered."""


def shrunken_means(per_request: FloatArray) -> FloatArray:
    r"""Means corrected for selection, by empirical Bayes on what tells configurations apart.

    .. math::
        \tilde m_i = \bar m + \frac{\tau^2}{\tau^2 + v_i} (m_i - \bar m), \quad
        \tau^2 = \max\bigl(0, \mathrm{var}(m) - \overline{v}\bigr)

    with :math:`v_i` the squared standard error of a configuration's distance from the average configuration on the
    same request: what is hard for all of them tells none apart.

    Args:
        per_request: One row a configuration, the same requests in the same order; NaN where undefined. Shape
            (configurations, requests).

    Returns:
        Shape (configurations,); means as they are where there are fewer than three configurations, or two requests
        that all are defined for.

    Source:
        James & Stein 1961; Morris 1983, doi:10.1080/01621459.1983.10477920.

    Trust:
        Takes true qualities for draws of one bell curve: one far behind the others widens it and weakens the
        correction of those in front.
    """
    is_shared = ~np.isnan(per_request).any(axis=0)
    with np.errstate(invalid="ignore"):
        means = np.array([row[~np.isnan(row)].mean() if (~np.isnan(row)).any() else np.nan for row in per_request])
    shared = per_request[:, is_shared]
    n_configurations, n = shared.shape
    if n_configurations < 3 or n < 2:
        return means
    own = shared - shared.mean(axis=0, keepdims=True)
    noise = own.var(axis=1, ddof=1) / n
    middle = means.mean()
    spread = max(0.0, float(means.var(ddof=1) - noise.mean()))
    if spread == 0.0:
        return np.full(n_configurations, middle) if noise.any() else means
    found: FloatArray = middle + spread / (spread + noise) * (means - middle)
    return found


def split_optimism(per_request: FloatArray, *, seed: int, repeats: int = 200) -> float:
    """By how much the mean of the best is flattered: what the best of one half loses on the other half.

    Args:
        per_request: As ``shrunken_means``; requests that one is undefined for are left out.
        seed: Of the splits.
        repeats: Splits, each used both ways.

    Returns:
        Mean loss over the splits, divided by the root of two, since a half is twice as noisy; never below 0, and 0
        for fewer than ``LEAST_SPLIT`` requests, which can tell nothing of it.
    """
    shared = per_request[:, ~np.isnan(per_request).any(axis=0)]
    n = shared.shape[1]
    if n < LEAST_SPLIT or len(shared) < 2:
        return 0.0
    generator, half, losses = np.random.default_rng(seed), n // 2, []
    for _ in range(repeats):
        order = generator.permutation(n)
        one, other = shared[:, order[:half]].mean(axis=1), shared[:, order[half : 2 * half]].mean(axis=1)
        for chosen_on, judged_on in ((one, other), (other, one)):
            best = int(chosen_on.argmax())
            losses.append(chosen_on[best] - judged_on[best])
    return max(0.0, float(np.mean(losses) / np.sqrt(2)))


def detectable_loss(
    own: FloatArray, reference: FloatArray, *, power: float = 0.8, confidence: float = 0.95
) -> float | None:
    """Smallest loss against a reference that so many requests show, as a share of the reference's mean.

    Args:
        own: Quality of each request; NaN where undefined. Shape (requests,).
        reference: The reference's, of the same requests. Shape (requests,).
        power: Probability of showing a loss of that size.
        confidence: Of the two-sided interval that has to leave out 0.

    Returns:
        (z + z') standard errors of the paired difference over the reference's mean; ``None`` below two requests or
        without a mean above 0.
    """
    difference = (own - reference)[~np.isnan(own - reference)]
    base = float(np.nanmean(reference)) if len(difference) else 0.0
    if len(difference) < 2 or base <= 0:
        return None
    factor = float(ndtri(0.5 + confidence / 2) + ndtri(power))
    return float(factor * difference.std(ddof=1) / np.sqrt(len(difference)) / base)
