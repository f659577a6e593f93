"""The users' histories for serving, from the prepared tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from steelyard.adapters.shop.tables import read_columns
from steelyard.documents.split import read_split
from steelyard.domain import Interactions, State
from steelyard.serving.history import histories_state

__all__ = ["load_histories"]


def load_histories(folder: Path) -> State:
    """Items of every pseudonymous user of the whole log: a running shop knows all of it.

    Args:
        folder: The verified folder of the artefact ``data``.

    Returns:
        The state that is stored as ``parts/histories``, with the scale of the ratings; without behaviour it holds no
        user.
    """
    names = ["user", "user_number", "item", "time", "weight"]
    table = read_columns(folder / "events.parquet", names, as_dictionary=("user",))
    known = pc.and_(pc.greater(table["weight"], pa.scalar(0)), pc.greater_equal(table["user_number"], pa.scalar(0)))
    table = table.filter(known).sort_by([("time", "ascending"), ("item", "ascending")])
    users = table["user_number"].to_numpy().astype(np.int64)
    numbers, first = np.unique(users, return_index=True)
    pseudonyms: list[Any] = table["user"].take(first).to_pylist()
    interactions = Interactions(
        users=np.searchsorted(numbers, users),
        items=table["item"].to_numpy().astype(np.int64),
        times_s=table["time"].to_numpy().astype(np.float64),
        weights=table["weight"].to_numpy().astype(np.float64),
        n_users=len(numbers),
        n_items=int(pq.ParquetFile(folder / "items.parquet").metadata.num_rows),
    )
    split = read_split((folder / "split.json").read_bytes())
    return histories_state(interactions, pseudonyms, facts={"rating": msgspec.to_builtins(split.rating)})
