"""Distinct people of each group of the prepared log, and noise for them."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from steelyard.domain import EventKind
from steelyard.errors import MissingExtra

__all__ = ["draw_noise", "people_by"]


def people_by(folder: Path, column: str, *, most_groups: int | None = None) -> dict[str, int]:
    """Distinct people of each group of events.

    Args:
        folder: The verified folder of the artefact ``data``.
        column: ``query``, ``item``, ``kind``, ``platform`` or ``category``; queries without regard to capitals.
        most_groups: Groups that one person counts in, the first in order of the names' digests; all when left out.

    Returns:
        People by group. Events of nobody count in none. Where groups are bounded, every group that the catalogue has is
        there, with nobody in it too: which groups there are tells of nobody.
    """
    source = "item" if column in ("item", "category") else column
    table = pq.read_table(folder / "events.parquet", columns=["user", source])
    table = table.filter(pc.and_(pc.is_valid(table["user"]), pc.is_valid(table[source])))
    groups = _named(folder, table[source], column)
    pairs = pa.table({"user": table["user"], "group": groups}).group_by(["user", "group"]).aggregate([])
    pairs = pairs.filter(pc.not_equal(pairs["group"], pa.scalar("")))
    users: list[Any] = pairs["user"].to_pylist()
    names: list[Any] = pairs["group"].to_pylist()
    taken: Counter[str] = Counter()
    counts: Counter[str] = Counter() if most_groups is None else Counter(dict.fromkeys(_known(folder, column), 0))
    for user, name in sorted(zip(users, names, strict=True), key=lambda pair: hash_of(*pair)):
        if most_groups is None or (taken[user] < most_groups and name in counts):
            taken[user] += 1
            counts[name] += 1
    return dict(counts)


def hash_of(user: Any, group: Any) -> str:
    """An order of a person's groups that has nothing to do with what they are called."""
    return hashlib.blake2b(f"{user} {group}".encode(), digest_size=8).hexdigest()


def draw_noise(n: int, *, scale: float) -> Sequence[int]:
    """Whole numbers with the discrete Laplace distribution, drawn exactly by OpenDP from the system's randomness.

    Args:
        n: How many.
        scale: Of the distribution: the variance is about 2 scale².

    Returns:
        ``n`` numbers, independent.

    Raises:
        MissingExtra: OpenDP is not installed.
    """
    try:
        import opendp.prelude as dp  # noqa: PLC0415 - a large library that only noise needs
    except ModuleNotFoundError as error:
        raise MissingExtra("counts with noise need OpenDP: pip install 'steelyard[privacy]'") from error
    dp.enable_features("contrib")
    space = dp.vector_domain(dp.atom_domain(T=int)), dp.l1_distance(T=int)
    drawn: list[int] = dp.m.make_laplace(*space, scale=scale)([0] * n)
    return drawn


def _known(folder: Path, column: str) -> list[str]:
    """Groups that are known without the log."""
    if column == "kind":
        return [kind.value for kind in EventKind]
    items = pq.read_table(folder / "items.parquet", columns=["item_id", "category"])
    if column == "item":
        ids: list[Any] = items["item_id"].to_pylist()
        return ids
    paths: list[Any] = items["category"].to_pylist()
    return sorted({path[0] for path in paths if path})


def _named(folder: Path, values: Any, column: str) -> Any:
    if column not in ("item", "category"):
        return pc.utf8_lower(values) if column == "query" else values
    items = pq.read_table(folder / "items.parquet", columns=["item", "item_id", "category"])
    order = items["item"].to_numpy().argsort()
    if column == "item":
        names = items["item_id"].take(order)
    else:
        paths: list[Any] = items["category"].take(order).to_pylist()
        names = pa.chunked_array([pa.array([path[0] if path else "" for path in paths], pa.string())])
    known = pc.if_else(pc.greater_equal(values, pa.scalar(0)), values, pa.scalar(None, values.type))
    return pc.fill_null(pc.take(names, known), pa.scalar(""))
