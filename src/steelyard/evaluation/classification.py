"""How well scores tell two classes apart, and how good they are as probabilities."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import xlog1py, xlogy

from steelyard.domain import FloatArray
from steelyard.errors import DataError

__all__ = ["auc", "log_loss"]


def auc(scores: FloatArray, is_positive: npt.NDArray[np.bool_]) -> float:
    r"""Area under the ROC curve: how often a positive scores above a negative, a tie counting half.

    .. math:: \frac{1}{n_+ n_-} \sum_{i \in +} \sum_{j \in -} [s_i > s_j] + \tfrac12 [s_i = s_j]

    Args:
        scores: Higher is more likely positive. Shape (n,); not NaN.
        is_positive: Class of each. Shape (n,).

    Returns:
        In [0, 1]: 1 for a perfect order, 0.5 where all scores tie; NaN where a class is missing. Counted in whole
        numbers, so exact until the one division; O(n log n).

    Raises:
        ValueError: The two have different lengths, or a score is NaN.

    Source:
        Mann & Whitney 1947, doi:10.1214/aoms/1177730491.

    Trust:
        Says nothing about the first page alone, nor whether scores are probabilities.
    """
    if scores.shape != is_positive.shape or np.isnan(scores).any():
        raise ValueError(f"{scores.shape} scores against {is_positive.shape} classes: one of each, no score NaN")
    n_positive = int(is_positive.sum())
    n_negative = len(scores) - n_positive
    if not (n_positive and n_negative):
        return float("nan")
    _, level = np.unique(scores, return_inverse=True)
    positives = np.bincount(level[is_positive], minlength=int(level.max()) + 1)
    negatives = np.bincount(level[~is_positive], minlength=len(positives))
    below = negatives.cumsum() - negatives
    halves = int((positives * (2 * below + negatives)).sum())
    return halves / (2 * n_positive * n_negative)


def log_loss(probabilities: FloatArray, labels: FloatArray) -> FloatArray:
    r"""Cross-entropy of each row, in nats: :math:`-y \ln p - (1 - y) \ln(1 - p)`.

    Args:
        probabilities: Predicted chance of the positive class. Shape (n,), in [0, 1].
        labels: What happened: 0 or 1, or a share of a repeated trial. Shape (n,), in [0, 1].

    Returns:
        Shape (n,), >= 0; infinite where what was held impossible happened.

    Raises:
        DataError: A label or a probability is outside [0, 1]: a count or a rating is no label of a cross-entropy,
            which has no lowest value then.
        ValueError: The two have different lengths.
    """
    if probabilities.shape != labels.shape:
        raise ValueError(f"{probabilities.shape} probabilities against {labels.shape} labels")
    for name, values in (("label", labels), ("probability", probabilities)):
        outside = ~((values >= 0) & (values <= 1))
        if outside.any():
            first = int(outside.argmax())
            raise DataError(
                f"{int(outside.sum())} of {len(values)} rows have a {name} outside [0, 1] (row {first}: "
                f"{values[first]:g}): turn counts and ratings into 0 and 1, or into shares, or use another loss"
            )
    return np.asarray(-xlogy(labels, probabilities) - xlog1py(1 - labels, -probabilities), np.float64)
