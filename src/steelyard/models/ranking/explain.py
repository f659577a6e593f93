"""Reasons as data: which parts of a score explain it. Makes no sentences; the pages do that, per language."""

from __future__ import annotations

import numpy as np

from steelyard.domain import FloatArray, IntArray, Reason

__all__ = ["MOST_REASONS", "reasons_from"]

MOST_REASONS = 3
"""No item is given more reasons than this."""


def reasons_from(kind: str, sources: IntArray, contributions: FloatArray) -> list[Reason]:
    """The sources that add most to one item's score, with the share each explains.

    Args:
        kind: Kind of every reason, for example ``bought_together``.
        sources: Items of the history or basket; one item may occur several times, its parts are added.
            Shape (sources,).
        contributions: What each adds to the score. Shape (sources,); only positive parts explain anything.

    Returns:
        At most ``MOST_REASONS``, strongest first, ties to the lower item number; empty when nothing is positive.
        Shares are of the sum of the positive parts.
    """
    items, where = np.unique(sources, return_inverse=True)
    parts = np.maximum(np.bincount(where, weights=contributions, minlength=len(items)), 0.0)
    total = float(parts.sum())
    if total <= 0:
        return []
    order = np.argsort(-parts, kind="stable")[:MOST_REASONS]
    return [Reason(kind, float(parts[i]) / total, item=int(items[i])) for i in order if parts[i] > 0]
