"""Quality by kinds of requests: of queries by how they are typed, of shoppers by how much is known of them.

Kinds are told while the shop's tables are open, at ``measure``; ``decide`` adds up what the choice gave on each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec
import numpy as np
from msgspec.structs import replace

from steelyard.documents.choice import Quality, SliceRow, SurfaceDecision
from steelyard.documents.decision import Decision
from steelyard.domain import FloatArray, Interval, Measurement, Surface
from steelyard.evaluation import cold_start
from steelyard.evaluation.compare import bootstrap_interval
from steelyard.models.text.query_kinds import GROUPS, query_kinds
from steelyard.workflows.measure import answered
from steelyard.workflows.ports import Store
from steelyard.workflows.session import Run

__all__ = [
    "LEAST_REQUESTS",
    "SLICES",
    "store_slices",
    "stored_cold_start",
    "stored_slices",
    "with_slices",
]

SLICES = "slices"
"""Artefact: places of the judged queries by ``group/kind``, and rows of each configuration that recommends."""
LEAST_REQUESTS = 20
"""Fewer judged requests of a kind give no figure."""

Kinds = Mapping[str, Sequence[int]]
Rows = Mapping[str, Sequence[SliceRow]]


def store_slices(run: Run) -> None:
    """Tell the kinds of the judged queries and how each configuration that recommends did on each kind of shopper.

    Args:
        run: Its tables are open, or are opened now; every configuration is measured.
    """
    shop = run.bench.shop
    queries = [request.query for request in shop.search_test.requests]
    currency = run.config.shop.currency
    kinds = query_kinds(queries, shop.texts, currency=currency, popular=shop.popular_queries)
    rows = {name: msgspec.to_builtins(each) for name, each in _cold_start(run).items()}
    run.store.write_json(SLICES, {"format": 1, "queries": len(queries), "kinds": kinds, "recommend": rows})


def stored_slices(store: Store) -> Kinds:
    """Places of the judged queries by kind; none where they were measured by an earlier version."""
    found: Kinds = store.read_json(SLICES)["kinds"] if store.has(SLICES) else {}
    return found


def stored_cold_start(store: Store) -> Rows:
    """Rows of each configuration that recommends; none where they were measured by an earlier version."""
    found = store.read_json(SLICES).get("recommend", {}) if store.has(SLICES) else {}
    return msgspec.convert(found, type=dict[str, tuple[SliceRow, ...]])


def with_slices(
    decision: Decision,
    measured: Mapping[Surface, Sequence[Measurement]],
    kinds: Kinds,
    *,
    seed: int,
    cold: Rows | None = None,
) -> Decision:
    """The decision with the quality of what was chosen by kinds of requests.

    Args:
        decision: Of the same measurements.
        measured: By surface.
        kinds: Of the judged queries, as ``stored_slices`` gave them.
        seed: Draws the intervals.
        cold: As ``stored_cold_start`` gave it.

    Returns:
        Without any where nothing was chosen, or the kinds are of other queries.
    """
    surfaces = tuple(_sliced(row, measured, kinds, seed) for row in decision.surfaces)
    of_shoppers = cold or {}
    surfaces = tuple(
        replace(row, slices=tuple(of_shoppers.get(row.chosen or "", ()))) if row.surface == Surface.RECOMMEND else row
        for row in surfaces
    )
    return replace(decision, surfaces=surfaces)


def _sliced(
    row: SurfaceDecision, measured: Mapping[Surface, Sequence[Measurement]], kinds: Kinds, seed: int
) -> SurfaceDecision:
    if row.surface != Surface.SEARCH or row.chosen is None:
        return row
    chosen = next((each for each in measured[Surface.SEARCH] if each.configuration == row.chosen), None)
    if chosen is None or any(at >= len(chosen.per_request) for places in kinds.values() for at in places):
        return replace(row, slices=())
    values = {kind: chosen.per_request[list(places)] for kind, places in kinds.items() if places}
    return replace(row, slices=tuple(_rows(values, GROUPS, seed)))


def _cold_start(run: Run) -> dict[str, tuple[SliceRow, ...]]:
    """Of every configuration that recommends and answered all requests, its rows."""
    shop, k, seed = run.bench.shop, run.config.measure.k, run.config.seed
    is_known = np.bincount(shop.learn_all.items, minlength=len(shop.item_ids)) > 0
    found = {}
    for each in run.measured().get(Surface.RECOMMEND, ()):
        items = answered(run.store, each.configuration)
        if "sample" in each.facts or items is None or len(items) < len(shop.recommend_test.requests):
            continue
        values = cold_start.cold_start(items, shop.recommend_test, is_known=is_known, new_users=shop.new_users, k=k)
        found[each.configuration] = tuple(_rows(values, cold_start.GROUPS, seed))
    return found


def _rows(values: Mapping[str, FloatArray], groups: Mapping[str, Sequence[str]], seed: int) -> Iterator[SliceRow]:
    for group, names in groups.items():
        for kind in names:
            own = values.get(f"{group}/{kind}")
            if own is not None and len(own):
                found = bootstrap_interval(own, seed=seed)
                quality = _quality(found) if found.n >= LEAST_REQUESTS else None
                yield SliceRow(group=group, kind=kind, n=len(own), quality=quality)


def _quality(found: Interval) -> Quality:
    mean, low, high = (round(value, 6) for value in (found.mean, found.low, found.high))
    return Quality(mean=mean, low=low, high=high, n=found.n)
