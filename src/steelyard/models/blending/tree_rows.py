"""What trees look at of a candidate: what each member says of it, the item, the shopper, both together, and the time.

Nothing is looked at that is known only to one user: no number of an item, a user or a case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from steelyard.domain import NONE, FloatArray, IntArray, Request
from steelyard.models.blending import traits
from steelyard.models.blending.traits import ItemTraits
from steelyard.models.blending.weighted import Candidates
from steelyard.models.retrieval.links import Links

__all__ = ["GROUPS", "RowMaker", "TextLinks"]

_DAY_S = 86_400.0
_UNKNOWN = -1.0
_RECENT = 5
"""Latest items of a history whose texts are compared."""
_OF_MEMBER = ("score", "raw", "rank")
_FUSED = ("fused", "fused_place", "lists")
_PAIRED = ("category_share", "is_last_category", "price_gap", "past_times", "past_days", "text_last", "text_recent")
_SHOPPER = ("history", "categories", "past_events", "own_repeat_share", "idle_days")
_TIME = ("hour", "weekday")
GROUPS = ("member", "fused", "item", "paired", "shopper", "time")
"""Kinds of features, as explanations add them up."""


@dataclass(frozen=True, slots=True, eq=False)
class TextLinks:
    """Which texts are alike."""

    links: Links
    """Similar texts of each text."""
    text_of_item: IntArray
    """Shape (n_items,)."""

    def similarity(self, latest: IntArray, items: IntArray) -> FloatArray:
        """Similarity of items to the texts of a history's items, added up over these.

        Args:
            latest: Items of the history; one may occur once. Shape (sources,).
            items: Shape (n,).

        Returns:
            1 for each source of the same text, 0 for what is not among a text's nearest. Shape (n,).
        """
        sources = self.text_of_item[latest]
        wanted = self.text_of_item[items]
        found, sums = self.links.totals(sources, np.ones(len(sources)))
        values = (wanted[:, None] == sources[None, :]).sum(axis=1).astype(np.float64)
        if len(found):
            places = np.minimum(np.searchsorted(found, wanted), len(found) - 1)
            values += np.where(found[places] == wanted, sums[places], 0.0)
        return np.asarray(values)


class RowMaker:
    """Describes candidates.

    Args:
        kinds: Names of the members, in the order of their scores.
        items: Of the catalogue.
        texts: Which texts are alike; None where the shop has no texts.
    """

    def __init__(self, kinds: Sequence[str], items: ItemTraits, texts: TextLinks | None) -> None:
        self.kinds, self.items, self.texts = tuple(kinds), items, texts
        of_members = [(f"{kind} {name}", kind) for kind in self.kinds for name in _OF_MEMBER]
        groups = (
            (_FUSED, "fused"),
            (traits.NAMES, "item"),
            (_PAIRED, "paired"),
            (_SHOPPER, "shopper"),
            (_TIME, "time"),
        )
        named = of_members + [(name, group) for names, group in groups for name in names]
        self.names = tuple(name for name, _ in named)
        """Of the columns."""
        self.groups = tuple(group for _, group in named)
        """Of each column the member, or the kind of feature."""

    def rows(self, request: Request, fused: Candidates, places: IntArray) -> npt.NDArray[np.float32]:
        """What trees look at.

        Args:
            request: The question.
            fused: Its candidates.
            places: Of those to describe, best by weights first. Shape (n,).

        Returns:
            Finite. Shape (n, features), columns ``names``.
        """
        items = fused.items[places]
        columns = [*self._of_members(fused, places), *_of_fusion(fused, places), *self.items.table[items].T]
        columns += self._paired(request, items)
        whole = [*self._of_shopper(request), *_of_time(request)]
        columns += [np.full(len(items), value) for value in whole]
        return np.stack(columns, axis=1).astype(np.float32)

    def _of_members(self, fused: Candidates, places: IntArray) -> list[FloatArray]:
        found = []
        for scaled, raw in zip(fused.scaled, fused.raw, strict=True):
            order = np.argsort(-scaled, kind="stable")
            ranks = np.empty(len(scaled))
            ranks[order] = np.arange(len(scaled))
            is_listed = ~np.isnan(raw[places])
            found += [
                scaled[places],
                np.where(is_listed, np.nan_to_num(raw[places]), _UNKNOWN),
                np.where(is_listed, 1 / (1 + ranks[places]), 0.0),
            ]
        return found

    def _paired(self, request: Request, items: IntArray) -> list[FloatArray]:
        """The item beside the shopper's own history."""
        history = np.array(request.items or request.history, np.int64)
        history = history[(history >= 0) & (history < len(self.items.category))]
        mine, theirs = self.items.category[history], self.items.category[items]
        n = max(len(history), 1)
        is_same = (theirs[:, None] == mine[None, :]) & (theirs[:, None] != NONE)
        last = is_same[:, -1].astype(np.float64) if len(history) else np.zeros(len(items))
        prices = self.items.table[:, traits.NAMES.index("log_price")]
        known = prices[history][prices[history] > 0]
        gap = np.where(prices[items] > 0, np.abs(prices[items] - known.mean()), _UNKNOWN) if len(known) else None
        texts = [np.full(len(items), _UNKNOWN)] * 2
        if self.texts is not None and len(history):
            texts = [self.texts.similarity(history[-n:], items) for n in (1, _RECENT)]
        return [
            is_same.sum(axis=1) / n,
            last,
            np.full(len(items), _UNKNOWN) if gap is None else np.asarray(gap, np.float64),
            *_past(request, items),
            *texts,
        ]

    def _of_shopper(self, request: Request) -> list[float]:
        history = [item for item in request.history if 0 <= item < len(self.items.category)]
        categories = {int(each) for each in self.items.category[history]} - {NONE}
        past = request.past.items
        repeats = 1 - len(set(past)) / len(past) if past else _UNKNOWN
        is_dated = request.asked_s is not None and request.past.times_s
        idle = (request.asked_s - request.past.times_s[-1]) / _DAY_S if is_dated else _UNKNOWN  # type: ignore[operator]
        return [float(len(history)), float(len(categories)), float(len(past)), repeats, idle]


def _of_fusion(fused: Candidates, places: IntArray) -> list[FloatArray]:
    lists = (~np.isnan(fused.raw[:, places])).sum(axis=0).astype(np.float64)
    return [fused.scores[places], np.arange(len(places), dtype=np.float64), lists]


def _past(request: Request, items: IntArray) -> list[FloatArray]:
    """How often the shopper had each item, and days since the last time; -1 where never, or where no time is known."""
    times: dict[int, int] = {}
    latest: dict[int, float] = {}
    for item, when in zip(request.past.items, request.past.times_s, strict=True):
        times[item] = times.get(item, 0) + 1
        latest[item] = when
    had = np.array([float(times.get(item, 0)) for item in items.tolist()])
    if request.asked_s is None:
        return [had, np.full(len(items), _UNKNOWN)]
    asked = request.asked_s
    days = [(asked - latest[item]) / _DAY_S if item in latest else _UNKNOWN for item in items.tolist()]
    return [had, np.array(days, np.float64)]


def _of_time(request: Request) -> list[float]:
    """Hour of the day and day of the week, UTC; -1 where the time is not known."""
    if request.asked_s is None:
        return [_UNKNOWN, _UNKNOWN]
    days, seconds = divmod(request.asked_s, _DAY_S)
    return [seconds // 3600, (days + 3) % 7]  # 1 January 1970 was a Thursday
