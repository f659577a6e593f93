"""How each user acts: pace, regularity, hours and breadth, one row a user, computed in the table engine.

An act is a distinct second of a user: the lines of a basket, or what one page showed, count once. What was only shown
(an impression) is no act.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw
import numpy as np

from steelyard.data.ranks import medians
from steelyard.domain import EventKind, IntArray

if TYPE_CHECKING:
    from steelyard.data.schema import Frame, SourcePort

__all__ = ["DAY_S", "HOUR_S", "Paces", "bound_of", "measure_paces", "resolution_of"]

HOUR_S, DAY_S = 3600.0, 86_400.0
_FINE = 0.999
"""Share of times on a whole minute, hour or day from which the log knows no finer time."""


_TWO_KINDS = 20.0
"""A log whose tenth user of ten does so many times as much as the fifth holds two kinds of users."""


@dataclass(frozen=True, slots=True)
class Paces:
    """What was measured of a log."""

    actors: Frame
    """One row a user: ``user actor n_acts n_events n_bought first last n_items top_share peak_minute peak_hour peak_day
    n_days day_hours gap near``."""
    pairs: Frame
    """One row a user and item: ``actor item first n``."""
    resolution_s: float
    """Finest step of the log's times: 1, 60, 3,600 or 86,400 seconds."""
    n_users: int


def measure_paces(sources: SourcePort, kept: Frame) -> Paces:
    """One row a user.

    Users are numbered first: tables of numbers are grouped in a fraction of the time and memory of pseudonyms.

    Args:
        sources: Holds the scratch tables ``acts``, ``pairs`` and ``actors`` afterwards.
        kept: Checked events with ``user``, ``time``, ``_item`` and ``_kind``.

    Returns:
        Users without an act (only impressions, or unknown) are not among them.
    """
    is_act = ~nw.col("user").is_null() & (nw.col("_kind") != nw.lit(EventKind.IMPRESSION.value))
    is_bought = nw.when(nw.col("_kind") == nw.lit(EventKind.PURCHASE.value)).then(nw.lit(1)).otherwise(nw.lit(0))
    rows = kept.filter(is_act).select("user", nw.col("time").floor(), "_item", is_bought.alias("bought"))
    users = sources.keep(rows.select("user").unique().with_row_index("actor", order_by="user"), "actor_numbers")
    rows = sources.keep(rows.join(users, on="user", how="inner").drop("user"), "acts_of_numbers")
    acts = rows.group_by("actor", "time").agg(nw.len().alias("n"), nw.col("bought").max())
    acts = sources.keep(acts, "acts")
    by_item = rows.filter(~nw.col("_item").is_null()).group_by("actor", nw.col("_item").alias("item"))
    pairs = sources.keep(by_item.agg(nw.col("time").min().alias("first"), nw.len().alias("n")), "pairs")
    resolution = resolution_of(acts)
    whole = acts.group_by("actor").agg(
        nw.len().alias("n_acts"),
        _whole(nw.col("n").sum()).alias("n_events"),
        _whole(nw.col("bought").sum()).alias("n_bought"),
        nw.col("time").min().alias("first"),
        nw.col("time").max().alias("last"),
    )
    breadth = pairs.group_by("actor").agg(
        nw.len().alias("n_items"), nw.col("n").max().alias("_most"), _whole(nw.col("n").sum()).alias("_all")
    )
    breadth = breadth.select("actor", "n_items", (nw.col("_most") / nw.col("_all")).alias("top_share"))
    for name, part in (("breadth", breadth), ("peaks", _peaks(sources, acts)), ("gaps", _gaps(sources, acts))):
        whole = whole.join(sources.keep(part, f"actors_{name}"), on="actor", how="left")
    actors = sources.keep(whole.join(users, on="actor", how="inner"), "actors")
    n_users = int(actors.select(nw.len().alias("n")).collect()["n"][0])
    return Paces(actors, pairs, resolution, n_users)


def _whole(count: nw.Expr) -> nw.Expr:
    """A sum of counts as the whole number it is: an engine's sum may be wider than what a file holds."""
    return count.cast(nw.Int64())


def resolution_of(acts: Frame) -> float:
    """Finest step of the times, in seconds: 86,400 where the log knows only dates, at whatever hour it puts them.

    Args:
        acts: Has ``time``.

    Returns:
        1, 60, 3,600 or 86,400; 1 where there is no row.
    """
    within = (nw.col("time") % DAY_S).alias("_at")
    counted = acts.select(within).group_by("_at").agg(nw.len().alias("_n"))
    top = counted.select(nw.col("_n").max().alias("top"), nw.col("_n").sum().alias("all")).collect()
    n = int(top["all"][0] or 0)
    if not n:
        return 1.0
    if int(top["top"][0]) >= _FINE * n:
        return DAY_S
    for step in (HOUR_S, 60.0):
        off = counted.filter(nw.col("_at") % step != 0).select(nw.col("_n").sum().alias("n")).collect()["n"][0]
        if int(off or 0) <= (1 - _FINE) * n:
            return step
    return 1.0


def bound_of(actors: Frame, column: str, *, least: float, times: float, most: float) -> float:
    """Above what a user's peak is beyond what people of this log do.

    Args:
        actors: One row a user.
        column: A count.
        least: The bound is at least this.
        times: The bound is so many times the 90th percentile of the users, which a tenth of fakes does not move; where
            that is twenty times the median, more are fakes, and the bound is there.
        most: And at most this: nobody does more by hand.

    Returns:
        The bound.
    """
    counted = actors.group_by(column).agg(nw.len().alias("_n")).filter(~nw.col(column).is_null()).sort(column).collect()
    values: IntArray = np.array(counted[column].to_list(), np.int64)
    if not len(values):
        return most
    reached = np.cumsum(np.array(counted["_n"].to_list(), np.int64))
    middle, usual = (float(values[np.searchsorted(reached, share * reached[-1])]) for share in (0.5, 0.9))
    if usual > _TWO_KINDS * middle:
        return min(max(least, _TWO_KINDS * middle), most)
    return min(max(least, times * usual), most)


def _peaks(sources: SourcePort, acts: Frame) -> Frame:
    """By user: most acts in a minute, an hour and a day, days with an act, and most hours with one in a day.

    Each step is stored: the engine holds the groups of one at a time, where those of all together would not fit.
    """
    time = nw.col("time")
    minutes = acts.group_by("actor", (time / 60).floor().alias("_minute")).agg(nw.len().alias("n"))
    minutes = sources.keep(minutes.with_columns((nw.col("_minute") / 60).floor().alias("_hour")), "acts_a_minute")
    hours = minutes.group_by("actor", "_hour").agg(
        nw.col("n").max().alias("minute"), _whole(nw.col("n").sum()).alias("hour")
    )
    hours = sources.keep(hours.with_columns((nw.col("_hour") / 24).floor().alias("_day")), "acts_an_hour")
    days = hours.group_by("actor", "_day").agg(
        nw.col("minute").max(),
        nw.col("hour").max(),
        _whole(nw.col("hour").sum()).alias("day"),
        nw.len().alias("hours"),
    )
    return (
        sources.keep(days, "acts_a_day")
        .group_by("actor")
        .agg(
            nw.col("minute").max().alias("peak_minute"),
            nw.col("hour").max().alias("peak_hour"),
            nw.col("day").max().alias("peak_day"),
            nw.len().alias("n_days"),
            nw.col("hours").max().alias("day_hours"),
        )
    )


def _gaps(sources: SourcePort, acts: Frame) -> Frame:
    """By user: the median gap between acts, and which share of the gaps is within 15 % of it; in steps, as above."""
    before = nw.col("time").shift(1).over("actor", order_by="time")
    gaps = acts.select("actor", (nw.col("time") - before).alias("_gap")).filter(~nw.col("_gap").is_null())
    gaps = sources.keep(gaps, "gaps")
    usual = medians(sources, gaps, "_gap", by="actor", name="gaps_alike").rename({"_gap": "gap"})
    usual = sources.keep(usual, "usual_gaps")
    near = (nw.col("_gap") >= 0.85 * nw.col("gap")) & (nw.col("_gap") <= 1.15 * nw.col("gap"))
    is_near = nw.when(near).then(nw.lit(1.0)).otherwise(nw.lit(0.0)).alias("_near")
    shares = gaps.join(usual, on="actor", how="left").select("actor", is_near).group_by("actor")
    return usual.join(
        sources.keep(shares.agg(nw.col("_near").mean().alias("near")), "near_gaps"), on="actor", how="left"
    )
