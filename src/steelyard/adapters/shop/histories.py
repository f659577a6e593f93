"""The users' histories for serving, from the prepared tables."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from steelyard.data.disliked import DISLIKED
from steelyard.documents.split import read_split
from steelyard.domain import Interactions, State
from steelyard.serving.history import histories_state, with_disliked
from steelyard.serving.pasts import pasts_state

__all__ = ["load_histories", "load_pasts"]

_BATCH_EVENTS = 500_000


def load_histories(folder: Path) -> State:
    """Items of every pseudonymous user of the whole log: a running shop knows all of it.

    Args:
        folder: The verified folder of the artefact ``data``.

    Returns:
        The state that is stored as ``parts/histories``, with the scale of the ratings; without behaviour it holds no
        user.
    """
    interactions, pseudonyms = _learnt(folder)
    split = read_split((folder / "split.json").read_bytes())
    state = histories_state(interactions, pseudonyms, facts={"rating": msgspec.to_builtins(split.rating)})
    return with_disliked(state, _disliked(folder, interactions.n_items))


def _disliked(folder: Path, n_items: int) -> State:
    """What each pseudonymous user disliked, in the form of the histories."""
    path = folder / DISLIKED
    table = pq.read_table(path, columns=["user", "item"]) if path.is_file() else None
    names = np.array(table["user"].to_pylist() if table else [], dtype=np.bytes_)
    items = np.array(table["item"].to_pylist() if table else [], dtype=np.int64)
    pseudonyms, users = np.unique(names, return_inverse=True)
    alike = np.ones(len(items))  # the file is in order of time, and nothing else is asked
    return histories_state(Interactions(users, items, alike, alike, len(pseudonyms), n_items), pseudonyms)


def load_pasts(folder: Path) -> State:
    """Latest events of every pseudonymous user of the whole log, with repeats and times.

    Args:
        folder: The verified folder of the artefact ``data``.

    Returns:
        The state that is stored as ``parts/pasts``; without behaviour it holds no user.
    """
    return pasts_state(*_learnt(folder, is_timed=True))


def _learnt(folder: Path, *, is_timed: bool = False) -> tuple[Interactions, npt.NDArray[np.bytes_]]:
    """What is learnt from, and the pseudonyms of its users, numbered anew; read by batches, oldest first."""
    source = pq.ParquetFile(folder / "events.parquet", pre_buffer=False)
    users, items = np.empty(source.metadata.num_rows, np.int64), np.empty(source.metadata.num_rows, np.int64)
    times_s = np.empty(source.metadata.num_rows) if is_timed else None
    wanted = ["user", "user_number", "item", "weight", *(["time"] if is_timed else [])]
    numbers, names, n = [np.empty(0, np.int64)], [np.empty(0, np.bytes_)], 0
    is_named = np.zeros(0, np.bool_)
    for batch in source.iter_batches(_BATCH_EVENTS, columns=wanted):
        user, item, weight = (batch[name].to_numpy(zero_copy_only=False) for name in ("user_number", "item", "weight"))
        known = np.flatnonzero((weight > 0) & (user >= 0))  # where one is missing it is NaN, which is neither
        part = slice(n, n + len(known))
        users[part], items[part] = user[known], item[known]
        if times_s is not None:
            times_s[part] = batch["time"].to_numpy(zero_copy_only=False)[known]
        is_named = np.pad(is_named, (0, max(int(users[part].max(initial=-1)) + 1 - len(is_named), 0)))
        new, first = np.unique(users[part], return_index=True)
        is_new = ~is_named[new]
        is_named[new] = True
        numbers.append(new[is_new])
        names.append(np.array(batch["user"].take(known[first[is_new]]).to_pylist(), dtype=np.bytes_))
        n += len(known)
    order = np.argsort(np.concatenate(numbers))
    place = np.cumsum(is_named) - 1
    users[:n] = place[users[:n]]
    alike = np.broadcast_to(np.float64(1), n)  # not asked for: the log is in order of time
    times_s = alike if times_s is None else times_s[:n]
    n_items = int(pq.ParquetFile(folder / "items.parquet").metadata.num_rows)
    interactions = Interactions(users[:n], items[:n], times_s, alike, n_users=len(order), n_items=n_items)
    return interactions, np.concatenate(names)[order]
