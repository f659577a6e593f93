"""Graded labels of pairs of query and item from what people did with what they were shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw
import numpy as np

from steelyard.data.labels.propensity import Propensities, Shows, attraction, effective_size, estimate
from steelyard.domain import EventKind, FloatArray, IntArray

if TYPE_CHECKING:
    from steelyard.data.schema import Frame, SourcePort

__all__ = ["TOP_GRADE", "BehaviourLabels", "Cells", "cells_of", "label_pairs"]

TOP_GRADE = 3
_STRENGTH = 10.0
"""Shows of the usual rate that a pair is given beforehand."""


@dataclass(frozen=True, slots=True)
class Cells:
    """What happened to each pair at each place. Shape (cells,) each."""

    query: tuple[str, ...]
    item: IntArray
    place: IntArray
    """0 for the first; all 0 where the log tells no places."""
    shown: FloatArray
    clicked: FloatArray
    value: FloatArray
    """Sum over the shows of what the deepest event says of a purchase, in [0, 1] each."""
    has_impressions: bool
    """Whether the log tells what was shown and not clicked, and where."""

    @property
    def pairs(self) -> tuple[list[str], IntArray, IntArray]:
        """Query and item of each pair, and the number of the pair of each cell."""
        queries, of_query = np.unique(np.array(self.query), return_inverse=True)
        n_items = int(self.item.max()) + 1 if len(self.item) else 1
        keys, pair = np.unique(of_query.astype(np.int64) * n_items + self.item, return_inverse=True)
        return [str(queries[key // n_items]) for key in keys], keys % n_items, pair.astype(np.int64)


@dataclass(frozen=True, slots=True)
class BehaviourLabels:
    """Labels, and what they rest on. Arrays of shape (labels,)."""

    query: tuple[str, ...]
    item: IntArray
    gain: FloatArray
    """Whole numbers from 0 to ``TOP_GRADE``: the rate as a share of the best of its query."""
    rate: FloatArray
    """What a look at it is worth in purchases, its places allowed for; NaN where the log tells no places."""
    shown: FloatArray
    looked: FloatArray
    """Shows that were looked at."""
    clicked: FloatArray
    n_too_few: int
    """Pairs left out, since they were looked at too seldom."""
    propensities: Propensities | None
    """``None`` where the log does not tell what was shown."""
    effective_clicks: float
    """Clicks that the weighted ones are worth (Kish)."""


def cells_of(sources: SourcePort, events: Frame, *, says: Mapping[str, float]) -> Cells:
    """Shows and what came of them, counted by query, item and place.

    An event belongs to a show when it is of the same visit and item, not before it, and names the same query or none.

    Args:
        sources: For intermediate tables.
        events: ``visit``, ``query`` (folded), ``item`` (-1 for a search), ``position`` (1 for the first), ``kind``,
            ``time``.
        says: How much each kind says of a purchase, in [0, 1].

    Returns:
        Without impressions, the events that name a query themselves, as shows at one place.
    """
    events = events.filter((nw.col("item") >= 0) & ~nw.col("visit").is_null())
    says_much = nw.coalesce(*(nw.when(nw.col("kind") == nw.lit(k)).then(nw.lit(float(v))) for k, v in says.items()),
                            nw.lit(0.0))  # fmt: skip
    events = events.with_columns(says_much.alias("worth"))
    acts = events.filter(nw.col("worth") > 0)
    is_show = nw.col("kind") == nw.lit(EventKind.IMPRESSION.value)
    shows = events.filter(is_show & ~nw.col("query").is_null() & (nw.col("position") >= 1))
    same = ["visit", "query", "item", "position"]
    shows = sources.keep(shows.group_by(*same).agg(nw.col("time").min().alias("at")), "shows")
    if not len(shows.head(1).collect()):
        return _without_shows(sources, acts)
    named = acts.filter(~nw.col("query").is_null()).group_by("visit", "query", "item")
    nameless = acts.filter(nw.col("query").is_null()).group_by("visit", "item")
    parts = (nw.col("worth").max(), nw.col("time").max().alias("last"))
    found = shows.join(named.agg(*parts), on=["visit", "query", "item"], how="left")
    found = found.with_columns(_after("worth", "last").alias("by_name")).drop("worth", "last")
    found = found.join(nameless.agg(*parts), on=["visit", "item"], how="left")
    found = found.with_columns(nw.max_horizontal("by_name", _after("worth", "last")).alias("worth"))
    counts = found.with_columns((nw.col("worth") > 0).cast(nw.Int64()).alias("clicked"))
    return _cells(sources, counts.group_by("query", "item", "position").agg(*_sums()), has_impressions=True)


def _after(worth: str, last: str) -> nw.Expr:
    is_after = ~nw.col(last).is_null() & (nw.col(last) >= nw.col("at"))
    return nw.when(is_after).then(nw.col(worth)).otherwise(nw.lit(0.0))


def _sums() -> tuple[nw.Expr, ...]:
    return nw.len().alias("shown"), nw.col("clicked").sum(), nw.col("worth").sum().alias("value")


def _without_shows(sources: SourcePort, acts: Frame) -> Cells:
    of_visit = acts.filter(~nw.col("query").is_null()).group_by("visit", "query", "item").agg(nw.col("worth").max())
    counts = of_visit.with_columns(nw.lit(1).alias("clicked"), nw.lit(1.0).alias("position"))
    return _cells(sources, counts.group_by("query", "item", "position").agg(*_sums()), has_impressions=False)


def _cells(sources: SourcePort, counts: Frame, *, has_impressions: bool) -> Cells:
    columns: dict[str, list[object]] = {name: [] for name in ("query", "item", "position", "shown", "clicked", "value")}
    for batch in sources.batches(counts.sort("query", "item", "position")):
        for name, values in columns.items():
            values.extend(batch[name])
    floats = {name: np.array(columns[name], np.float64) for name in ("item", "position", "shown", "clicked", "value")}
    return Cells(
        query=tuple(str(each) for each in columns["query"]),
        item=floats["item"].astype(np.int64),
        place=floats["position"].astype(np.int64) - 1,
        shown=floats["shown"],
        clicked=floats["clicked"],
        value=floats["value"],
        has_impressions=has_impressions,
    )


def label_pairs(cells: Cells, *, min_looked: float, max_weight: float) -> BehaviourLabels:
    """Grades of the pairs that were looked at often enough.

    Args:
        cells: What was shown and done.
        min_looked: Least number of looks.
        max_weight: Inverse propensities are clipped here.

    Returns:
        Labels by query and item; a query none of whose pairs led to anything has only grades of 0.

    Trust:
        As of ``propensity.estimate``; without impressions the grades are popularity among those who searched, places
        included, and a model that shows other items is judged by what the old one showed.
    """
    queries, items, pair = cells.pairs
    n = len(queries)
    shown, clicked = _summed(pair, cells.shown, n), _summed(pair, cells.clicked, n)
    rated = _by_place(cells, pair, max_weight) if cells.has_impressions else _by_value(cells, pair, n)
    is_kept = rated.looked >= min_looked
    grades = _grades(queries, np.where(is_kept, rated.rate, 0.0), rated.usual)
    kept = np.flatnonzero(is_kept)
    unknown = np.full(n, np.nan)
    return BehaviourLabels(
        query=tuple(queries[i] for i in kept),
        item=items[kept],
        gain=grades[kept],
        rate=(rated.rate if cells.has_impressions else unknown)[kept],
        shown=(shown if cells.has_impressions else unknown)[kept],
        looked=rated.looked[kept],
        clicked=clicked[kept],
        n_too_few=int((~is_kept).sum()),
        propensities=rated.propensities,
        effective_clicks=rated.effective_clicks,
    )


@dataclass(frozen=True, slots=True)
class _Rated:
    """Pairs, each with what it is worth. Arrays of shape (pairs,)."""

    rate: FloatArray
    looked: FloatArray
    usual: float
    """Rate of all pairs together."""
    propensities: Propensities | None
    effective_clicks: float


def _by_place(cells: Cells, pair: IntArray, max_weight: float) -> _Rated:
    propensities = estimate(Shows(pair, cells.place, cells.shown, cells.clicked))
    worth = Shows(pair, cells.place, cells.shown, cells.value)
    raw, looked = attraction(worth, propensities, most=max_weight)
    usual = float(cells.value.sum() / max(looked.sum(), 1.0))
    rate = (np.nan_to_num(raw) * looked + _STRENGTH * usual) / (looked + _STRENGTH)
    weights = propensities.weights(cells.place, most=max_weight)
    return _Rated(rate, looked, usual, propensities, effective_size(np.repeat(weights, cells.clicked.astype(np.int64))))


def _by_value(cells: Cells, pair: IntArray, n: int) -> _Rated:
    """Without places: what people did altogether, and each who did something as one who looked."""
    clicked = _summed(pair, cells.clicked, n)
    return _Rated(_summed(pair, cells.value, n), clicked, 0.0, None, float(clicked.sum()))


def _summed(number: IntArray, values: FloatArray, size: int) -> FloatArray:
    sums: FloatArray = np.bincount(number, weights=values, minlength=size).astype(np.float64)
    return sums


def _grades(queries: list[str], rate: FloatArray, usual: float) -> FloatArray:
    """Share of the best of its query that lies above a quarter of the usual rate, on the scale of the grades."""
    _, of_query = np.unique(np.array(queries), return_inverse=True)
    best = np.zeros(int(of_query.max()) + 1 if len(queries) else 0)
    np.maximum.at(best, of_query, rate)
    floor = usual / 4
    found = np.zeros(len(rate))
    np.divide(rate, best[of_query], out=found, where=best[of_query] > floor)
    rounded: FloatArray = np.rint(TOP_GRADE * found)
    return rounded
