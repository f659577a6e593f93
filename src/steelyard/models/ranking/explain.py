"""Reasons as data: which parts of a score explain it. Makes no sentences; the pages do that, per language."""

from __future__ import annotations

import numpy as np

from steelyard.domain import FloatArray, IntArray, Reason

__all__ = ["MOST_REASONS", "reasons_from", "reasons_of_each"]

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
    return _told(kind, _added(sources.tolist(), contributions.tolist()))


def reasons_of_each(
    kind: str, items: IntArray, *, targets: IntArray, sources: IntArray, contributions: FloatArray
) -> list[list[Reason]]:
    """The same for several items at once, from the parts of the scores of many.

    Args:
        kind: Kind of every reason.
        items: What is explained. Shape (items,).
        targets: Whose score each part adds to. Shape (parts,).
        sources: What adds it. Shape (parts,).
        contributions: How much. Shape (parts,).

    Returns:
        For each item what ``reasons_from`` says of its parts.
    """
    wanted = items.tolist()
    sums: dict[int, dict[int, float]] = {item: {} for item in wanted}
    ordered = np.sort(items)
    at = np.searchsorted(ordered, targets).clip(max=max(len(ordered) - 1, 0))
    places = np.flatnonzero(ordered[at] == targets) if len(ordered) else np.empty(0, np.int64)
    parts = (targets[places].tolist(), sources[places].tolist(), contributions[places].tolist())
    for target, source, value in zip(*parts, strict=True):
        of_item = sums[target]
        of_item[source] = of_item.get(source, 0.0) + value
    return [_told(kind, sums[item]) for item in wanted]


def _added(sources: list[int], contributions: list[float]) -> dict[int, float]:
    sums: dict[int, float] = {}
    for source, value in zip(sources, contributions, strict=True):
        sums[source] = sums.get(source, 0.0) + value
    return sums


def _told(kind: str, sums: dict[int, float]) -> list[Reason]:
    positive = [(source, sums[source]) for source in sorted(sums) if sums[source] > 0]
    total = sum(part for _, part in positive)
    if total <= 0:
        return []
    strongest = sorted(positive, key=lambda each: -each[1])[:MOST_REASONS]
    return [Reason(kind, part / total, item=source) for source, part in strongest]
