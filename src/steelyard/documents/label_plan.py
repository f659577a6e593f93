"""Which judgements would settle the choice between two configurations: what ``steelyard labels shop`` shows."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

import msgspec

from steelyard.documents.encoding import as_builtins

__all__ = ["LabelPlan", "NeededLabels", "PairRow", "QueryRow", "label_plan_builtins"]

Answer = Literal["first", "second", "equal", "open"]


class PairRow(msgspec.Struct, frozen=True, kw_only=True):
    """A query and an item that nobody judged, worth judging."""

    query: str
    item_id: str
    title: str
    rank: int
    """Best place at which either showed it."""
    worth: float
    """How far its gain is expected to move the mean difference."""


class QueryRow(msgspec.Struct, frozen=True, kw_only=True):
    """A query of the log that was not judged yet."""

    query: str
    people: int
    """Who typed it."""


class NeededLabels(msgspec.Struct, frozen=True, kw_only=True):
    """How many, and what they cost."""

    expected: int | None
    """Median of the simulated outcomes; ``None`` where no number settles it."""
    likely_most: int | None
    """Enough in nine of ten outcomes."""
    cost_expected: Decimal | None = None
    """``None`` where the price is not known."""
    cost_likely_most: Decimal | None = None


class LabelPlan(msgspec.Struct, frozen=True, kw_only=True):
    """Where a choice stands, and what would settle it."""

    format: int = 1
    first: str
    second: str
    metric: str
    share: float
    smallest: float
    confidence: float
    n_queries: int
    is_synthetic: bool
    mean: float | None
    low: float | None
    high: float | None
    least: float | None
    greatest: float | None
    """Mean difference over these queries in the worst and the best case of what is unjudged."""
    unjudged_share: float
    """Of the items shown by either."""
    now: Answer
    for_good: Answer
    of_these: Answer
    pairs: NeededLabels
    """Judgements until the answer over these queries is certain."""
    queries: NeededLabels
    """Further queries, fully judged, until the answer over all queries is settled; costs are of their judgements."""
    pairs_of_query: float
    """Items to be judged for one further query."""
    queries_at_hand: int
    """Of the log, not judged yet."""
    settles_share: float
    """Of the simulated outcomes that some number of queries settles."""
    price: Decimal | None
    currency: str
    price_source: str
    says: tuple[str, ...]
    says_zh: tuple[str, ...]
    pair_rows: tuple[PairRow, ...] = ()
    query_rows: tuple[QueryRow, ...] = ()


def label_plan_builtins(plan: LabelPlan) -> dict[str, Any]:
    """The plan as JSON's own types."""
    return as_builtins(plan)
