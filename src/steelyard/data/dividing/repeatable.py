"""Which items may be recommended again although they were seen: those of some categories."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from steelyard.domain import CatalogueFacts, IntArray

if TYPE_CHECKING:
    from steelyard.data.schema import SourcePort

__all__ = ["in_categories", "items_in", "repeatable"]


def repeatable(sources: SourcePort, categories: Sequence[str], *, wanted: Sequence[str]) -> IntArray:
    """Numbers of the items of some categories.

    Args:
        sources: Holds the table ``items`` with ``item`` and ``category_number``.
        categories: Path of each category number.
        wanted: Paths, each with all below it.

    Returns:
        Ascending; none where none is wanted.
    """
    if not wanted:
        return np.empty(0, np.int64)
    found = sources.arrays(sources.table("items").select("item", "category_number"))
    items, number = found["item"].astype(np.int64), found["category_number"].astype(np.int64)
    known = in_categories(tuple(categories), tuple(wanted))
    return np.sort(items[(number >= 0) & known[np.maximum(number, 0)]]) if len(known) else np.empty(0, np.int64)


def items_in(facts: CatalogueFacts, wanted: Sequence[str]) -> frozenset[int]:
    """Numbers of the items of some categories, each with all below it; none where none is wanted."""
    if not wanted:
        return frozenset()
    known = np.append(in_categories(facts.categories, tuple(wanted)), [False])  # the last is that of no category
    return frozenset(np.flatnonzero(known[facts.category]).tolist())


@lru_cache(maxsize=32)
def in_categories(paths: tuple[str, ...], wanted: tuple[str, ...]) -> npt.NDArray[np.bool_]:
    """Which category paths are one of some categories or below one; case does not count.

    Args:
        paths: As in ``CatalogueFacts.categories``: ``Grocery > Milk``.
        wanted: Likewise; spaces about ``>`` do not count.

    Returns:
        Shape (paths,).
    """
    names = [_levels(name) for name in wanted]
    split = [_levels(path) for path in paths]
    return np.array([any(levels[: len(name)] == name for name in names) for levels in split], np.bool_)


def _levels(path: str) -> tuple[str, ...]:
    return tuple(level.strip().casefold() for level in path.split(">") if level.strip())
