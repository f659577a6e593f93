"""Groups of accounts made for one purpose: many that live for a day and take the same thing on that day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw
import numpy as np

from steelyard.data.detectors.paces import DAY_S, Paces

if TYPE_CHECKING:
    from steelyard.data.schema import Frame, SourcePort

__all__ = ["LEAST_COHORT", "cohort_users"]

LEAST_COHORT = 8
"""Fewer accounts that do the same on one day are no group."""
_MOST_ITEMS = 30
_TIMES_EXPECTED = 10.0
_LEAST_EXPECTED = 0.05
_UNLIKELY = 1e-9
_ALIKE = 0.8
"""Of a group, the share of accounts that did equally many things: people who follow an advertisement differ."""


def cohort_users(sources: SourcePort, paces: Paces) -> Frame | None:
    r"""Users that belong to a group.

    A user is narrow who lives for at most a day, does two things or more, and takes at most 30 items. On day d,
    :math:`n_d n_i / n` of them are expected to take item i: :math:`n_d` items were taken by narrow users on that day,
    and of all n taken by anybody :math:`n_i` are i, the group not counted. A cell of 8 or more, ten times the expected
    and less likely than 1e-9, whose users did equally many things is a group. Where more than half of all users would
    belong to groups, and no item was taken by half of these, there is none: so does a log look whose people all did
    equally many things on one day.

    Args:
        sources: Holds scratch tables.
        paces: What was measured.

    Returns:
        A frame of ``actor`` (each once); ``None`` where there is no group.

    Trust:
        Accounts that click once and nothing else are not told from visitors of an advertisement, and left alone: they
        move popularity by one each, and teach no model what goes together.
    """
    actors = paces.actors
    is_narrow = (nw.col("last") - nw.col("first") <= DAY_S) & (nw.col("n_items") <= _MOST_ITEMS)
    narrow = actors.filter(is_narrow & (nw.col("n_events") >= 2))
    narrow = narrow.select("actor", nw.col("n_events").cast(nw.Int64()).alias("n_events"))
    cells = paces.pairs.join(narrow, on="actor", how="inner")
    cells = sources.keep(cells.with_columns((nw.col("first") / DAY_S).floor().alias("day")), "narrow_cells")
    found = _groups(cells, paces.pairs)
    if not found["item"]:
        return None
    with sources.writing({"item": "int", "day": "float", "n_events": "int"}, name="cohort_cells") as rows:
        rows.write(found)
    named = cells.join(sources.table("cohort_cells"), on=["item", "day", "n_events"], how="inner")
    named = sources.keep(named.select("actor", "item").unique(), "cohort_takers")
    if _is_everybody(named, actors):
        return None
    return sources.keep(named.select("actor").unique(), "cohort_users")


def _is_everybody(named: Frame, actors: Frame) -> bool:
    """Whether those found are most of the log, and no thing is what most of them took: a log of one day, say."""
    largest = named.group_by("item").agg(nw.len().alias("n")).select(nw.col("n").max()).collect()["n"][0]
    n_found, n_all = (
        int(frame.select("actor").unique().select(nw.len().alias("n")).collect()["n"][0]) for frame in (named, actors)
    )
    return 2 * n_found > n_all and 2 * int(largest) < n_found


def _groups(cells: Frame, pairs: Frame) -> dict[str, list[float]]:
    """Item, day and number of events of each group; the day before and after are looked at as well."""
    same = cells.group_by("item", "day", "n_events").agg(nw.len().alias("alike"))
    alike = same.filter(nw.col("alike") >= LEAST_COHORT)
    counted = cells.group_by("item", "day").agg(nw.len().alias("found"))
    days = cells.group_by("day").agg(nw.len().alias("of_day"))
    items = pairs.group_by("item").agg(nw.len().alias("of_item"))
    joined = alike.join(counted, on=["item", "day"], how="left").join(days, on="day", how="left")
    rows = joined.join(items, on="item", how="left").sort("item", "day", "n_events").collect()
    n_taken = int(pairs.select(nw.len().alias("n")).collect()["n"][0])
    found: dict[str, list[float]] = {"item": [], "day": [], "n_events": []}
    for row in rows.rows(named=True):
        expected = max((row["of_item"] - row["alike"]) / max(n_taken, 1) * row["of_day"], _LEAST_EXPECTED)
        is_alike = row["alike"] >= _ALIKE * row["found"]
        if is_alike and row["alike"] >= _TIMES_EXPECTED * expected and _tail(row["alike"], expected) < _UNLIKELY:
            for shift in (-1, 0, 1):
                found["item"].append(row["item"])
                found["day"].append(row["day"] + shift)
                found["n_events"].append(row["n_events"])
    distinct = sorted(set(zip(*found.values(), strict=True)))
    return {name: [row[i] for row in distinct] for i, name in enumerate(found)}


def _tail(count: int, expected: float) -> float:
    """Upper bound on the chance of ``count`` or more where ``expected`` are (Chernoff)."""
    if count <= expected:
        return 1.0
    return float(np.exp(count - expected - count * np.log(count / expected)))
