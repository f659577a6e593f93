"""Whole lists of the search of one bundle. A list that was made for one page is kept for the next ones."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Protocol, runtime_checkable

import numpy as np

from steelyard.domain import NONE, FloatArray, IntArray, Request
from steelyard.models.whole import Whole, with_first
from steelyard.serving.lists.curation import Curation
from steelyard.serving.lists.fields import Fields
from steelyard.serving.lists.listing import All, Checked, List, list_of
from steelyard.serving.pipelines import Pipeline

__all__ = ["Lists", "WholePipeline"]

_MOST_KEPT = 300
"""Lists that are kept."""
_MOST_ITEMS = 500_000
"""Items of all of them, 16 bytes each."""


@runtime_checkable
class WholePipeline(Protocol):
    """A pipeline that can say all it finds."""

    def whole(self, request: Request) -> Whole:
        """Every item that a search finds."""
        ...


@runtime_checkable
class TieredPipeline(Protocol):
    """A pipeline that knows tiers of relevance."""

    def tiers(self, request: Request, items: IntArray) -> IntArray:
        """Number of each item's tier, the best 0."""
        ...


class Lists:
    """Answers questions for pages of whole results. Thread-safe.

    Args:
        pipeline: Searches.
        fields: Of the catalogue.
        sold: How often each item was bought; ``None`` where nobody knows.
        named: Items whose number a query is: they come first.
        curation: Rules of merchandisers.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        fields: Fields,
        *,
        sold: FloatArray | None,
        named: Callable[[str], Mapping[int, str]] = lambda query: {},
        curation: Curation | None = None,
    ) -> None:
        self._curation = curation
        self._pipeline = pipeline
        self.fields = fields
        self._sold = sold
        self._named = named
        self._kept: OrderedDict[Request, All] = OrderedDict()
        self._n_items = 0
        self._lock = threading.Lock()
        self._kept_tiers = lru_cache(maxsize=_MOST_KEPT)(self._tiers)

    def ask(self, asked: Checked) -> List:
        """A page of a search, and what is said of the whole list."""
        return self.listed(self.arranged(asked), asked)

    def listed(self, found: All, asked: Checked) -> List:
        """A page of all that was found, as ``arranged`` gave it."""
        return list_of(found, asked, fields=self.fields, sold=self._sold)

    def arranged(self, asked: Checked) -> All:
        """All that a question finds, as the rules in force want it."""
        found = self.all(asked.question.request)
        if self._curation is None or not asked.rules:
            return found
        whole, pinned = self._curation.arranged(found.whole, asked.rules, offers=self._offers)
        moved = None if asked.personal is None else np.flatnonzero(self._curation.moves(asked.rules))
        return All(with_first(whole, list(found.named)), found.named, pinned, moved)

    def tiers(self, request: Request, items: IntArray) -> IntArray:
        """The tier of relevance of each item; one tier for all where the pipeline knows none."""
        if isinstance(self._pipeline, TieredPipeline):
            return self._kept_tiers(request, items.astype(np.int64).tobytes())
        return np.zeros(len(items), np.int64)

    def _tiers(self, request: Request, items: bytes) -> IntArray:
        assert isinstance(self._pipeline, TieredPipeline)
        return self._pipeline.tiers(request, np.frombuffer(items, np.int64))

    def _offers(self, item: int) -> bool:
        offers = getattr(self._pipeline, "offers", None)
        return True if offers is None else bool(offers(item))

    def all(self, request: Request) -> All:
        """All that a question finds, items whose number it is first."""
        with self._lock:
            found = self._kept.get(request)
            if found is not None:
                self._kept.move_to_end(request)
                return found
        named = self._named(request.query)
        found = All(with_first(_whole_of(self._pipeline, request, self.fields.n_items), list(named)), named)
        with self._lock:
            if request not in self._kept:
                self._n_items += len(found.whole.items)
            self._kept[request] = found
            while len(self._kept) > 1 and (len(self._kept) > _MOST_KEPT or self._n_items > _MOST_ITEMS):
                self._n_items -= len(self._kept.popitem(last=False)[1].whole.items)
        return found


def _whole_of(pipeline: Pipeline, request: Request, n_items: int) -> Whole:
    if isinstance(pipeline, WholePipeline):
        return pipeline.whole(request)
    ranked = pipeline.answer([request], k=max(n_items, 1))
    items = ranked.items[0][ranked.items[0] != NONE]
    return Whole(items, items, ranked.scores[0][: len(items)], len(items))
