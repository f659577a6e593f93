"""The whole prepared log as columns, for what learns from what was shown as well as from what was done."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from steelyard.data.detectors.traffic import HOSTILE
from steelyard.data.dividing.periods import Cuts
from steelyard.data.log_events import LogEvents
from steelyard.documents.split import read_split
from steelyard.domain import FloatArray, IntArray

__all__ = ["load_log"]

_NEEDED = ("time", "item", "kind", "user")
_OPTIONAL = ("session", "position", "traffic")


def load_log(folder: Path) -> LogEvents:
    """All events of known items, oldest first.

    Args:
        folder: The verified folder of the artefact ``data``.

    Returns:
        Without the events of hostile robots; empty where the shop has no log.
    """
    with pq.ParquetFile(folder / "events.parquet", pre_buffer=False) as file:
        there = file.schema_arrow.names
        table = file.read(columns=[*_NEEDED, *(name for name in _OPTIONAL if name in there)])
    users, n_users = _codes(table, "user")
    visits, _ = _codes(table, "session")
    kinds = table["kind"].combine_chunks().dictionary_encode()
    item = _numbers(table, "item")
    kept = np.flatnonzero((item >= 0) & ~_is_hostile(table))
    cuts = Cuts.of(read_split((folder / "split.json").read_bytes()))
    visitors = np.where(users >= 0, users, np.where(visits >= 0, n_users + visits, -1))
    return LogEvents(
        visitors=visitors[kept],
        items=item[kept].astype(np.int64),
        times_s=_numbers(table, "time")[kept],
        kinds=kinds.indices.to_numpy(zero_copy_only=False).astype(np.int64)[kept],
        positions=np.maximum(_numbers(table, "position")[kept], 0).astype(np.int64),
        n_items=int(pq.ParquetFile(folder / "items.parquet").metadata.num_rows),
        names=tuple(str(name) for name in kinds.dictionary.to_pylist()),
        validation_s=cuts.validation_s,
        test_s=cuts.test_s,
    )


def _codes(table: Any, name: str) -> tuple[IntArray, int]:
    """A number for each name of a column, -1 where there is none; and how many numbers there are."""
    if name not in table.column_names:
        return np.full(len(table), -1, np.int64), 0
    coded = table[name].combine_chunks().dictionary_encode()
    numbers = np.nan_to_num(coded.indices.to_numpy(zero_copy_only=False).astype(np.float64), nan=-1).astype(np.int64)
    names = coded.dictionary.to_pylist()
    return np.where(np.isin(numbers, [place for place, each in enumerate(names) if not each]), -1, numbers), len(names)


def _numbers(table: Any, name: str) -> FloatArray:
    """A column of numbers; -1 where one is missing."""
    if name not in table.column_names:
        return np.full(len(table), -1.0)
    found: FloatArray = np.nan_to_num(table[name].to_numpy().astype(np.float64), nan=-1.0)
    return found


def _is_hostile(table: Any) -> npt.NDArray[np.bool_]:
    """Events of robots that do harm."""
    if "traffic" not in table.column_names:
        return np.zeros(len(table), np.bool_)
    found: npt.NDArray[np.bool_] = np.equal(np.array(table["traffic"].to_pylist(), dtype=object), HOSTILE)
    return found.astype(np.bool_)
