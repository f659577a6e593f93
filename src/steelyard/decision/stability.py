r"""How often the configuration that was chosen stays the choice: other requests, another load, other prices.

Requests are resampled by the Bayesian bootstrap: with weights :math:`w \sim \mathrm{Dirichlet}(1, \dots, 1)`, the same
for every configuration, so that pairs stay pairs. In each draw the rule of the choice is applied again: the low end of
a difference must not be below zero, and the cheapest that keeps every floor is taken.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from steelyard.decision.choose import Limits
from steelyard.domain import FloatArray

__all__ = ["Draws", "chosen_in", "quality_kept", "resampled_means"]

BoolArray = npt.NDArray[np.bool_]
_Z = float(ndtri(0.975))
_TIE = 1e-6
"""Money that quality is worth in a tie to the cent: less than a cent for any quality in [0, 1]."""


@dataclass(frozen=True, slots=True)
class Draws:
    """What was chosen in each draw."""

    chosen: FloatArray
    """Share of the draws in which each configuration is chosen. Shape (configurations,)."""
    none: float
    """Share of the draws in which nothing keeps every floor."""


def resampled_means(per_request: FloatArray, *, n: int, seed: int) -> FloatArray:
    """Mean quality of every configuration over resampled requests.

    Args:
        per_request: One row a configuration, the same requests in the same order; NaN where undefined. Shape
            (configurations, requests).
        n: Draws, >= 1.
        seed: The same seed gives the same draws.

    Returns:
        Shape (n, configurations); NaN for a configuration that no request is defined for.
    """
    weights = np.random.default_rng(seed).exponential(size=(n, per_request.shape[1]))
    is_defined = ~np.isnan(per_request)
    with np.errstate(invalid="ignore", divide="ignore"):
        found: FloatArray = (weights @ np.where(is_defined, per_request, 0.0).T) / (weights @ is_defined.T)
    return found


def quality_kept(
    means: FloatArray,
    per_request: FloatArray,
    limits: Limits,
    *,
    reference: int | None,
    apart: BoolArray | None = None,
) -> BoolArray:
    """Whether each configuration's quality keeps the floors in each draw.

    Args:
        means: From ``resampled_means``. Shape (draws, configurations).
        per_request: What they are means of. Shape (configurations, requests).
        limits: Floors of quality.
        reference: Row of the reference; ``None`` for the best of each draw.
        apart: Configurations that are no reference, since they were judged on a sample. Shape (configurations,).

    Returns:
        Shape (draws, configurations).

    Trust:
        The low end is the mean less 1.96 standard errors of the sample: a percentile interval without its skew.
    """
    kept: BoolArray = ~np.isnan(means)
    if limits.min_quality is not None:
        kept &= means - _half_widths(per_request)[None, :] >= limits.min_quality
    if limits.min_quality_share is None:
        return kept
    share = limits.min_quality_share
    no_reference = np.isnan(means) if apart is None or apart.all() else np.isnan(means) | apart[None, :]
    best = np.nanargmax(np.where(no_reference, -np.inf, means), axis=1)
    places = best if reference is None else np.full(len(means), reference)
    too_high = limits.flattered_by if reference is None else 0.0
    for place in np.unique(places):
        rows = places == place
        half = _half_widths(per_request - share * per_request[place][None, :])
        margin = means[rows] - share * (means[rows, place][:, None] - too_high) - half[None, :]
        kept[rows] &= margin >= 0
    return kept


def chosen_in(costs: FloatArray, means: FloatArray, kept: BoolArray) -> Draws:
    """The cheapest of each draw that keeps every floor; of equal costs to the cent the better one.

    Args:
        costs: Infinite where a configuration cannot be had. Shape (draws, configurations).
        means: Qualities of the draw. Shape (draws, configurations).
        kept: Whether its quality keeps the floors. Shape (draws, configurations).

    Returns:
        Shares of the draws, which sum to 1 with that of none.
    """
    order = np.where(kept & np.isfinite(costs), np.round(costs, 2) - _TIE * np.nan_to_num(means), np.inf)
    best, is_any = order.argmin(axis=1), np.isfinite(order).any(axis=1)
    counts = np.bincount(best[is_any], minlength=costs.shape[1])
    return Draws(counts / len(costs), float(1 - is_any.mean()))


def _half_widths(values: FloatArray) -> FloatArray:
    """Of the 95 % interval of each row's mean; infinite below two values."""
    n = (~np.isnan(values)).sum(axis=1)
    sums = np.nansum(values, axis=1)
    mean = np.divide(sums, n, out=np.zeros(len(n)), where=n > 0)
    squares = np.nansum((values - mean[:, None]) ** 2, axis=1)
    variance = np.divide(squares, n - 1, out=np.full(len(n), np.inf), where=n > 1)
    found: FloatArray = _Z * np.sqrt(variance / np.maximum(n, 1))
    return found
