"""Whole lists of the search of one bundle. A list that was made for one page is kept for the next ones."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, runtime_checkable

import numpy as np

from steelyard.domain import NONE, FloatArray, Request
from steelyard.models.whole import Whole
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


class Lists:
    """Answers questions for pages of whole results. Thread-safe.

    Args:
        pipeline: Searches.
        fields: Of the catalogue.
        sold: How often each item was bought; ``None`` where nobody knows.
        named: Items whose number a query is: they come first.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        fields: Fields,
        *,
        sold: FloatArray | None,
        named: Callable[[str], Mapping[int, str]] = lambda query: {},
    ) -> None:
        self._pipeline = pipeline
        self.fields = fields
        self._sold = sold
        self._named = named
        self._kept: OrderedDict[Request, All] = OrderedDict()
        self._n_items = 0
        self._lock = threading.Lock()

    def ask(self, asked: Checked) -> List:
        """A page of a search, and what is said of the whole list."""
        return list_of(self.all(asked.question.request), asked, fields=self.fields, sold=self._sold)

    def all(self, request: Request) -> All:
        """All that a question finds, items whose number it is first."""
        with self._lock:
            found = self._kept.get(request)
            if found is not None:
                self._kept.move_to_end(request)
                return found
        named = self._named(request.query)
        found = All(_with_first(_whole_of(self._pipeline, request, self.fields.n_items), list(named)), named)
        with self._lock:
            if request not in self._kept:
                self._n_items += len(found.whole.items)
            self._kept[request] = found
            while len(self._kept) > 1 and (len(self._kept) > _MOST_KEPT or self._n_items > _MOST_ITEMS):
                self._n_items -= len(self._kept.popitem(last=False)[1].whole.items)
        return found


def _with_first(whole: Whole, named: Sequence[int]) -> Whole:
    """The list with some items before all others; what it does not hold is a result of its own."""
    if not named:
        return whole
    first = np.array(named, np.int64)
    at = {item: n for n, item in enumerate(whole.items.tolist()) if item in set(named)}
    further = int(whole.units.max(initial=-1)) + 1
    units = np.array([whole.units[at[item]] if item in at else further + item for item in named], np.int64)
    rest = ~np.isin(whole.items, first)
    n_matched = len(first) + int(rest[: whole.n_matched].sum())
    return Whole(
        np.concatenate([first, whole.items[rest]]),
        np.concatenate([units, whole.units[rest]]),
        np.concatenate([np.full(len(first), whole.scores.max(initial=0.0)), whole.scores[rest]]),
        n_matched,
    )


def _whole_of(pipeline: Pipeline, request: Request, n_items: int) -> Whole:
    if isinstance(pipeline, WholePipeline):
        return pipeline.whole(request)
    ranked = pipeline.answer([request], k=max(n_items, 1))
    items = ranked.items[0][ranked.items[0] != NONE]
    return Whole(items, items, ranked.scores[0][: len(items)], len(items))
