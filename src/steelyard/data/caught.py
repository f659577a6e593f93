"""Rows that checks catch: marked by expressions, counted in one pass, and their first rows found without another.

A table may be too long to be stored once more with its marks, and nearly all of its rows pass. So the pass that counts
keeps the counts of every thousand rows apart: the first rows of each check are then read from a few places alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np

if TYPE_CHECKING:
    from steelyard.data.checks import Check
    from steelyard.data.schema import Frame, SourcePort

__all__ = ["CAUGHT", "DROPPED", "SAMPLE_ROWS", "Tally", "first_rows", "is_caught", "reason_of", "tallied", "with_marks"]

CAUGHT = "_caught"
"""Place of the first check that puts the row in quarantine; null for a row that is kept."""
DROPPED = "_dropped"
"""Place of the first check that empties a value of the row; null where there is none."""
SAMPLE_ROWS = 5
_BLOCK_ROWS = 1024


@dataclass(frozen=True, slots=True)
class Tally:
    """What one pass over a table counted."""

    n_in: int
    n_value_dropped: int
    """Rows that are kept without one of their values."""
    counts: tuple[int, ...]
    """Rows that each check caught; of rows in quarantine only the first that did."""
    blocks: tuple[tuple[int, ...], ...]
    """Where the first ``SAMPLE_ROWS`` rows of each check are: numbers of blocks of rows."""


def with_marks(frame: Frame, checks: Sequence[Check]) -> Frame:
    """The frame with ``CAUGHT`` and ``DROPPED``, not yet computed.

    Args:
        frame: All that the checks ask about.
        checks: In their order.

    Returns:
        All rows and columns.
    """
    return frame.with_columns(_first(checks, "quarantine").alias(CAUGHT), _first(checks, "set_aside").alias(DROPPED))


def is_caught(checks: Sequence[Check], at: int) -> nw.Expr:
    """True for the rows of a marked frame that count for the check at this place."""
    if checks[at].action == "quarantine":
        return nw.col(CAUGHT) == nw.lit(at)
    return nw.col(CAUGHT).is_null() & checks[at].when


def reason_of(mark: str, checks: Sequence[Check], action: str) -> nw.Expr:
    """The reason in words that ``CAUGHT`` or ``DROPPED`` stands for, as the column ``reason``."""
    words = (
        nw.when(nw.col(mark) == nw.lit(at)).then(nw.lit(check.reason))
        for at, check in enumerate(checks)
        if check.action == action
    )
    return nw.coalesce(*words, nw.lit(None, dtype=nw.String())).alias("reason")


def tallied(sources: SourcePort, marked: Frame, checks: Sequence[Check]) -> Tally:
    """What each check caught, counted in one pass.

    Args:
        sources: Gives the counts as arrays.
        marked: What ``with_marks`` gave; ``row`` is a whole number.
        checks: The same.

    Returns:
        Counts, and where the first rows are.
    """
    asked = {f"_is_{at}": is_caught(checks, at) for at in range(len(checks))}
    asked["_no_value"] = nw.col(CAUGHT).is_null() & ~nw.col(DROPPED).is_null()
    ones = (nw.when(when).then(nw.lit(1)).alias(name) for name, when in asked.items())
    by_block = marked.select((nw.col("row") // _BLOCK_ROWS).alias("_block"), *ones).group_by("_block")
    found = sources.arrays(by_block.agg(nw.len().alias("_n"), *(nw.col(name).count() for name in asked)))
    order = np.argsort(found["_block"])
    counted = [found[f"_is_{at}"][order] for at in range(len(checks))]
    return Tally(
        n_in=int(found["_n"].sum()),
        n_value_dropped=int(found["_no_value"].sum()),
        counts=tuple(int(each.sum()) for each in counted),
        blocks=tuple(_first_blocks(found["_block"][order], each) for each in counted),
    )


def first_rows(
    marked: Frame, checks: Sequence[Check], tally: Tally, *, columns: Sequence[str]
) -> Mapping[int, list[dict[str, Any]]]:
    """The first ``SAMPLE_ROWS`` rows that each check caught.

    Args:
        marked: What was tallied.
        checks: The same.
        tally: What ``tallied`` gave.
        columns: To show; ``row`` is among them.

    Returns:
        By place of the check, in the order of ``row``; checks that caught nothing are left out.
    """
    found = [at for at, n in enumerate(tally.counts) if n]
    if not found:
        return {}
    is_near = _within({block for at in found for block in tally.blocks[at]})
    asked = {f"_is_{at}": is_caught(checks, at) & _within(tally.blocks[at]) for at in found}
    ones = (nw.when(when).then(nw.lit(1)).alias(name) for name, when in asked.items())
    rows = marked.filter(is_near).select(*columns, *ones)
    near = rows.filter(reduce(or_, (nw.col(name) == 1 for name in asked))).collect().rows(named=True)
    near.sort(key=lambda row: row["row"])
    caught = {at: [row for row in near if row[f"_is_{at}"]][:SAMPLE_ROWS] for at in found}
    return {at: [{name: row[name] for name in columns} for row in first] for at, first in caught.items()}


def _first(checks: Sequence[Check], action: str) -> nw.Expr:
    places = (nw.when(c.when).then(nw.lit(at)) for at, c in enumerate(checks) if c.action == action)
    return nw.coalesce(*places, nw.lit(None, dtype=nw.Int32()))


def _first_blocks(blocks: np.ndarray[Any, Any], counts: np.ndarray[Any, Any]) -> tuple[int, ...]:
    """The blocks that hold the first rows."""
    before = np.cumsum(counts) - counts
    return tuple(int(block) for block in blocks[(counts > 0) & (before < SAMPLE_ROWS)])


def _within(blocks: Iterable[int]) -> nw.Expr:
    row = nw.col("row")
    return reduce(or_, (row.is_between(at * _BLOCK_ROWS, (at + 1) * _BLOCK_ROWS - 1) for at in sorted(set(blocks))))
