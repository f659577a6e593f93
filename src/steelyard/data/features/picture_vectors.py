"""Vectors of pictures that a shop gives with its items: read, checked, and counted where they are of no use."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from steelyard.domain import FloatArray, IntArray
from steelyard.errors import DataError

__all__ = ["PictureVectors", "picture_vectors"]


@dataclass(frozen=True, slots=True)
class PictureVectors:
    """The vectors that can be used."""

    items: IntArray
    """Number of each vector's item. Shape (vectors,)."""
    vectors: FloatArray
    """Shape (vectors, width)."""
    n_missing: int
    """Items without one."""
    n_unreadable: int
    """Items whose cell is no list of numbers."""
    n_not_finite: int
    """Items whose vector has a value that is no number (NaN, infinite)."""
    n_other_width: int
    """Items whose vector is of another width than most."""
    n_zero: int
    """Of those used, vectors of zeros alone."""

    @property
    def width(self) -> int:
        """Numbers in a vector."""
        return int(self.vectors.shape[1])


def picture_vectors(rows: Iterable[tuple[int, str | None]], *, n_items: int) -> PictureVectors:
    """Vectors as they are written.

    Args:
        rows: Number of the item, and its cell: a list in brackets, or numbers between blanks or commas.
        n_items: Of the catalogue.

    Returns:
        Those of the width that most have; of several of one item the first.

    Raises:
        DataError: Not one can be used.
    """
    found: dict[int, list[float]] = {}
    unreadable: set[int] = set()
    endless: set[int] = set()
    seen: set[int] = set()
    for item, text in rows:
        if text is None or item in seen:
            continue
        seen.add(item)
        values = _numbers(text)
        if values is None:
            unreadable.add(item)
        elif not np.isfinite(values).all():
            endless.add(item)
        else:
            found[item] = values
    widths = Counter(len(values) for values in found.values())
    width = max(widths, key=lambda one: (widths[one], one), default=0)
    used = {item: values for item, values in sorted(found.items()) if len(values) == width}
    if not used:
        raise DataError(
            f"image_vector: not one vector of {len(seen):,} can be read ({len(unreadable):,} are no list of numbers, "
            f"{len(endless):,} hold NaN or infinite values): give lists of numbers, all of one width"
        )
    vectors = np.array(list(used.values()), np.float64)
    return PictureVectors(
        np.array(list(used), np.int64),
        vectors,
        n_missing=n_items - len(seen),
        n_unreadable=len(unreadable),
        n_not_finite=len(endless),
        n_other_width=len(found) - len(used),
        n_zero=int((~vectors.any(axis=1)).sum()),
    )


def _numbers(text: str) -> list[float] | None:
    """The numbers of a cell; ``None`` where it is no list of them."""
    try:
        told: Sequence[object] = json.loads(text) if text.lstrip()[:1] == "[" else text.replace(",", " ").split()
        return [float("nan") if value is None else float(str(value)) for value in told] or None
    except (ValueError, TypeError):
        return None
