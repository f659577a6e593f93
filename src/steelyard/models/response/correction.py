r"""Probabilities back from a model that saw another mixture of outcomes than the shop has.

.. math:: \frac{p}{1 - p} = \frac{1}{c} \cdot \frac{p'}{1 - p'}, \qquad c = \frac{a}{w}

where negatives were kept with probability :math:`w` and positives counted :math:`a` times: both multiply the odds.

Source: He et al. 2014, "Practical Lessons from Predicting Clicks on Ads at Facebook", doi:10.1145/2648584.2648589
(section 6.3, :math:`a = 1`); King & Zeng 2001, doi:10.1093/oxfordjournals.pan.a004868.
"""

from __future__ import annotations

import numpy as np

from steelyard.domain import FloatArray, IntArray

__all__ = ["corrected", "kept_rows"]


def corrected(probabilities: FloatArray, *, negatives: float = 1.0, positive_weight: float = 1.0) -> FloatArray:
    """Probabilities on the shop's own mixture.

    Args:
        probabilities: Of a model fitted on the other mixture. Shape (n,), in [0, 1].
        negatives: Share of the negatives that was kept, in (0, 1].
        positive_weight: How many times a positive counted, > 0.

    Returns:
        Shape (n,), in [0, 1]; 0 and 1 stay, and the order stays.

    Raises:
        ValueError: A share or weight is not in its range.
    """
    if not (0 < negatives <= 1 and 0 < positive_weight < np.inf):
        raise ValueError(f"negatives must be in (0, 1] and positive_weight above 0, got {negatives}, {positive_weight}")
    times = positive_weight / negatives
    found: FloatArray = probabilities / (probabilities + times * (1 - probabilities))
    return found


def kept_rows(is_positive: IntArray, *, negatives: float, seed: int) -> IntArray:
    """Places of the rows to learn from: all positives, and each negative with a probability.

    Args:
        is_positive: Shape (rows,), truth values.
        negatives: Share of the negatives that is kept, in (0, 1].
        seed: Of the draw.

    Returns:
        Ascending.
    """
    if negatives >= 1:
        return np.arange(len(is_positive))
    drawn = np.random.default_rng([seed, 5]).random(len(is_positive)) < negatives
    return np.flatnonzero(np.asarray(is_positive, bool) | drawn)
