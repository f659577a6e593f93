"""Whole lists of the search of one bundle. A list that was made for one page is kept for the next ones."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Protocol, runtime_checkable

from steelyard.domain import NONE, FloatArray, Request
from steelyard.models.whole import Whole
from steelyard.serving.engine import Pipeline
from steelyard.serving.fields import Fields
from steelyard.serving.listing import Checked, List, list_of

__all__ = ["Lists", "WholePipeline"]

_MOST_KEPT = 1_000_000
"""Items of all lists that are kept, some 30 bytes each."""


@runtime_checkable
class WholePipeline(Protocol):
    """A pipeline that can say all it finds."""

    def whole(self, request: Request) -> Whole:
        """Every item that a search finds."""
        ...


class Lists:
    """Answers questions for pages of whole results. Thread-safe.

    Args:
        pipeline: Searches.
        fields: Of the catalogue.
        sold: How often each item was bought; ``None`` where nobody knows.
    """

    def __init__(self, pipeline: Pipeline, fields: Fields, *, sold: FloatArray | None) -> None:
        self._pipeline = pipeline
        self.fields = fields
        self._sold = sold
        self._kept: OrderedDict[str, Whole] = OrderedDict()
        self._lock = threading.Lock()

    def ask(self, asked: Checked) -> List:
        """A page of a search, and what is said of the whole list."""
        return list_of(self._whole(asked.question.query), asked, fields=self.fields, sold=self._sold)

    def _whole(self, query: str) -> Whole:
        with self._lock:
            found = self._kept.get(query)
            if found is not None:
                self._kept.move_to_end(query)
                return found
        found = _whole_of(self._pipeline, query, self.fields.n_items)
        with self._lock:
            self._kept[query] = found
            while len(self._kept) > 1 and sum(len(one.items) for one in self._kept.values()) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return found


def _whole_of(pipeline: Pipeline, query: str, n_items: int) -> Whole:
    request = Request(query=query)
    if isinstance(pipeline, WholePipeline):
        return pipeline.whole(request)
    ranked = pipeline.answer([request], k=max(n_items, 1))
    items = ranked.items[0][ranked.items[0] != NONE]
    return Whole(items, items, ranked.scores[0][: len(items)], len(items))
