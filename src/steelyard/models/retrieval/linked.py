"""How a model answers that holds links from items to items: what the items of a history lead to, summed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np

from steelyard.domain import IntArray, Ranked, Reason, Request
from steelyard.models.ranking.explain import reasons_of_each
from steelyard.models.retrieval.link_batches import MANY, retrieved
from steelyard.models.retrieval.links import Links
from steelyard.models.retrieval.shortlists import Shortlist, best, excluded_items, interest, stacked

__all__ = ["LinkedItems"]


class LinkedItems(ABC):
    """Items by the sum of the links that lead to them from the items of a history, or from those asked about."""

    decay: float
    """In (0, 1]; what each older item of a history counts of the one after it."""

    @property
    @abstractmethod
    def links_(self) -> Links:
        """What was learnt."""

    def retrieve(self, requests: Sequence[Request], *, k: int) -> Ranked:
        """The ``k`` items with the highest scores for each request; items without a link to it are not offered."""
        if len(requests) >= MANY:
            return retrieved(self.links_, requests, decay=self.decay, k=k)
        return stacked((self._best(request, k) for request in requests), k=k)

    def explain(self, request: Request, items: IntArray) -> list[list[Reason]]:
        """For each item, the items of the history or basket that contribute most to its score."""
        sources, weights = interest(request, decay=self.decay, n_items=self.links_.n_rows)
        ids, parts, lengths = self.links_.parts(sources, weights)
        origin = np.repeat(sources, lengths)
        return reasons_of_each("bought_together", items, targets=ids, sources=origin, contributions=parts)

    def _best(self, request: Request, k: int) -> Shortlist:
        sources, weights = interest(request, decay=self.decay, n_items=self.links_.n_rows)
        ids, scores = self.links_.totals(sources, weights)
        return best(ids, scores, k=k, without=excluded_items(request))
