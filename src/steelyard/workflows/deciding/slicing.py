"""Quality by kinds of queries: head and tail, length, language, intent.

Kinds are told while the shop's tables are open, at ``measure``; ``decide`` adds up what the choice gave on each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from steelyard.documents.choice import Quality, SliceRow, SurfaceDecision
from steelyard.documents.decision import Decision
from steelyard.domain import Interval, Measurement, Surface
from steelyard.evaluation.compare import bootstrap_interval
from steelyard.models.text.query_kinds import GROUPS, query_kinds
from steelyard.workflows.ports import Store
from steelyard.workflows.session import Run

__all__ = ["LEAST_QUERIES", "SLICES", "store_slices", "stored_slices", "with_slices"]

SLICES = "slices"
"""Artefact: places of the judged queries by ``group/kind``."""
LEAST_QUERIES = 20
"""Fewer judged queries of a kind give no figure."""

Kinds = Mapping[str, Sequence[int]]


def store_slices(run: Run) -> None:
    """Tell the kinds of the judged queries, and store them.

    Args:
        run: Its tables are open, or are opened now.
    """
    shop = run.bench.shop
    queries = [request.query for request in shop.search_test.requests]
    currency = run.config.shop.currency
    kinds = query_kinds(queries, shop.texts, currency=currency, popular=shop.popular_queries)
    run.store.write_json(SLICES, {"format": 1, "queries": len(queries), "kinds": kinds})


def stored_slices(store: Store) -> Kinds:
    """Places of the judged queries by kind; none where they were measured by an earlier version."""
    found: Kinds = store.read_json(SLICES)["kinds"] if store.has(SLICES) else {}
    return found


def with_slices(
    decision: Decision, measured: Mapping[Surface, Sequence[Measurement]], kinds: Kinds, *, seed: int
) -> Decision:
    """The decision with the quality of the search that was chosen by kinds of queries.

    Args:
        decision: Of the same measurements.
        measured: By surface.
        kinds: Of the judged queries, as ``stored_slices`` gave them.
        seed: Draws the intervals.

    Returns:
        Without any where nothing was chosen, or the kinds are of other queries.
    """
    surfaces = tuple(_sliced(row, measured, kinds, seed) for row in decision.surfaces)
    return replace(decision, surfaces=surfaces)


def _sliced(
    row: SurfaceDecision, measured: Mapping[Surface, Sequence[Measurement]], kinds: Kinds, seed: int
) -> SurfaceDecision:
    if row.surface != Surface.SEARCH or row.chosen is None:
        return row
    chosen = next((each for each in measured[Surface.SEARCH] if each.configuration == row.chosen), None)
    if chosen is None or any(at >= len(chosen.per_request) for places in kinds.values() for at in places):
        return replace(row, slices=())
    return replace(row, slices=tuple(_rows(chosen, kinds, seed)))


def _rows(chosen: Measurement, kinds: Kinds, seed: int) -> Iterator[SliceRow]:
    for group, names in GROUPS.items():
        for kind in names:
            places = list(kinds.get(f"{group}/{kind}", ()))
            if places:
                found = bootstrap_interval(chosen.per_request[places], seed=seed)
                quality = _quality(found) if found.n >= LEAST_QUERIES else None
                yield SliceRow(group=group, kind=kind, n=len(places), quality=quality)


def _quality(found: Interval) -> Quality:
    mean, low, high = (round(value, 6) for value in (found.mean, found.low, found.high))
    return Quality(mean=mean, low=low, high=high, n=found.n)
