"""How events are distributed: over kinds, users, items and time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw

from steelyard.data.detectors.paces import DAY_S, Paces
from steelyard.data.quality import Finding

if TYPE_CHECKING:
    from steelyard.data.schema import Frame

__all__ = ["balance_findings"]

_RARE = 0.001
_MUCH = 0.05
_LEAST_USERS = 100
_MUCH_OF_FEW = 0.3
_FEW_USERS = 5
"""Share of the log, and least users, where a log has fewer."""
_LATE = 0.1
_TIMES, _LEAST_LATE, _LATE_SHARE = 20.0, 200, 0.02


def balance_findings(kept: Frame, paces: Paces, *, n_in: int) -> list[Finding]:
    """Kinds of hardly any event, users who make a large part of the log, and items that exploded lately.

    Args:
        kept: Checked events.
        paces: What was measured of the users.
        n_in: Rows of the log, for shares.

    Returns:
        Findings for a reader; nothing is left out for any of them.
    """
    return [*_kinds(kept, n_in), *_users(paces, n_in), *_exploding(kept, n_in)]


def _kinds(kept: Frame, n_in: int) -> list[Finding]:
    rows = kept.group_by("_kind").agg(nw.len().alias("n")).sort("n", "_kind", descending=[True, False]).collect()
    counts = {str(row["_kind"]): int(row["n"]) for row in rows.rows(named=True)}
    rare = {kind: n for kind, n in counts.items() if 0 < n < _RARE * sum(counts.values())}
    if not rare:
        return []
    says = "kinds of hardly any event: what is learnt and measured says little of them"
    n = sum(rare.values())
    return [Finding("events", "event_kind_rare", "info", "flag", n, n / n_in, says, values=counts)]


def _users(paces: Paces, n_in: int) -> list[Finding]:
    if paces.n_users < _FEW_USERS:
        return []
    share = _MUCH if paces.n_users >= _LEAST_USERS else _MUCH_OF_FEW
    much = paces.actors.filter(nw.col("n_events") >= share * n_in).select("user", "n_events", "n_items", "n_days")
    rows = much.sort("n_events", "user", descending=[True, False]).head(5).collect().rows(named=True)
    if not rows:
        return []
    n = int(sum(row["n_events"] for row in rows))
    says = "one user makes a large part of the log: an account of guests, a reseller, or a test"
    return [Finding("events", "user_dominates", "warning", "flag", n, n / n_in, says, tuple(rows))]


def _exploding(kept: Frame, n_in: int) -> list[Finding]:
    """Items that have twenty times their earlier share in the last tenth of the time, and a fiftieth of it all."""
    ends = kept.select(nw.col("time").min().alias("low"), nw.col("time").max().alias("high")).collect()
    low, high = ends["low"][0], ends["high"][0]
    if low is None or high - low < 10 * DAY_S:
        return []
    cut = high - _LATE * (high - low)
    is_late = nw.when(nw.col("time") >= cut).then(nw.lit(1)).otherwise(nw.lit(0))
    items = (
        kept.filter(~nw.col("_item").is_null())
        .group_by("_item")
        .agg(is_late.sum().alias("late"), nw.len().alias("n"), nw.col("item_id").min())
    )
    total = items.select(nw.col("late").sum().alias("late"), nw.col("n").sum().alias("n")).collect()
    late, earlier = int(total["late"][0] or 0), int(total["n"][0] or 0) - int(total["late"][0] or 0)
    if late < _LEAST_LATE or earlier < _LEAST_LATE:
        return []
    before = (nw.col("n") - nw.col("late") + 1.0) / earlier
    much = (nw.col("late") >= _LATE_SHARE * late) & (nw.col("late") / late >= _TIMES * before)
    found = items.filter(much).select("item_id", "late", "n")
    rows = found.sort("late", "item_id", descending=[True, False]).head(10).collect()
    if not len(rows):
        return []
    n = sum(int(row["late"]) for row in rows.rows(named=True))
    says = "hardly known before, and a large part of the last tenth: a launch, or somebody pushes it"
    values = {str(row["item_id"]): int(row["late"]) for row in rows.rows(named=True)}
    return [Finding("events", "item_exploding", "info", "flag", n, n / n_in, says, values=values)]
