"""What people buy together with an item, with what everybody buys anyway moved down."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from steelyard.domain import NONE, FloatArray, IntArray, Ranked, Reason, Request
from steelyard.serving.pipelines import Pipeline

__all__ = ["DEPTH", "BoughtWith"]

DEPTH = 200
"""Candidates that are weighed anew."""
POPULARITY = 0.3
"""How strongly popularity is taken out; 0 leaves the scores alone."""


class BoughtWith:
    r"""A co-purchase pipeline corrected for popularity.

    .. math:: s'(i) = s(i) / (1 + n_i)^{0.3}

    Bananas are in most baskets, so they are bought "with" everything: dividing by a power of how many buy an item
    brings up what goes with this one in particular.

    Args:
        pipeline: Answers items with what was bought with them; its scores are positive.
        popularity: How often each item is bought, >= 0. Shape (n_items,).
    """

    def __init__(self, pipeline: Pipeline, popularity: FloatArray) -> None:
        self.pipeline = pipeline
        self.popularity = popularity

    def answer(self, requests: Sequence[Request], *, k: int) -> Ranked:
        """The ``k`` best for each request; what has no positive score is left out."""
        ranked = self.pipeline.answer(requests, k=max(k, DEPTH))
        items = np.full((len(requests), k), NONE, dtype=np.int64)
        scores = np.full((len(requests), k), -np.inf)
        for row in range(len(requests)):
            is_good = (ranked.items[row] != NONE) & (ranked.scores[row] > 0)
            found = ranked.items[row][is_good]
            corrected = ranked.scores[row][is_good] / (1.0 + self.popularity[found]) ** POPULARITY
            order = np.argsort(-corrected, kind="stable")[:k]
            items[row, : len(order)], scores[row, : len(order)] = found[order], corrected[order]
        return Ranked(items, scores)

    def explain(self, request: Request, items: IntArray) -> list[list[Reason]]:
        """As the pipeline explains."""
        return self.pipeline.explain(request, items)
