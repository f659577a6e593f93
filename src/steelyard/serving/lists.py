"""Whole lists of the search of one bundle. A list that was made for one page is kept for the next ones."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

import numpy as np

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
        named: Items whose number a query is: they come first.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        fields: Fields,
        *,
        sold: FloatArray | None,
        named: Callable[[str], Sequence[int]] = lambda query: (),
    ) -> None:
        self._pipeline = pipeline
        self.fields = fields
        self._sold = sold
        self._named = named
        self._kept: OrderedDict[tuple[str, bool], Whole] = OrderedDict()
        self._lock = threading.Lock()

    def ask(self, asked: Checked) -> List:
        """A page of a search, and what is said of the whole list."""
        return list_of(
            self._whole(Request(query=asked.question.query, verbatim=asked.question.verbatim)),
            asked,
            fields=self.fields,
            sold=self._sold,
        )

    def _whole(self, request: Request) -> Whole:
        key = (request.query, request.verbatim)
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
                return found
        found = _with_first(_whole_of(self._pipeline, request, self.fields.n_items), self._named(request.query))
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > 1 and sum(len(one.items) for one in self._kept.values()) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return found


def _with_first(whole: Whole, named: Sequence[int]) -> Whole:
    """The list with some items before all others; what it does not hold is a result of its own."""
    if not named:
        return whole
    first = np.array(named, np.int64)
    at = {item: n for n, item in enumerate(whole.items.tolist()) if item in set(named)}
    units = np.array([whole.units[at[item]] if item in at else -1 - item for item in named], np.int64)
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
