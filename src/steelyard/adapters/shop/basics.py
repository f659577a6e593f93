"""What the shop's table of users says of each, so far as models may read it: for learning, and for serving."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from steelyard.domain import State
from steelyard.serving.basics import basics_state

__all__ = ["load_basics", "user_basics"]

_USERS = "users.parquet"


def user_basics(folder: Path, *, n_users: int) -> tuple[tuple[str, ...], ...]:
    """What is known of each user of the log.

    Args:
        folder: The verified folder of the artefact ``data``.
        n_users: Of the log.

    Returns:
        By user number, as ``column=value``; empty where there is no table of users, or nothing of it may be read.
    """
    found: list[tuple[str, ...]] = [()] * n_users
    for _, number, facts in _rows(folder):
        if 0 <= number < n_users:
            found[number] = facts
    return tuple(found) if any(found) else ()


def load_basics(folder: Path) -> State:
    """What is known of every user of the table, also of those who are not in the log.

    Args:
        folder: The verified folder of the artefact ``data``.

    Returns:
        The state that is stored as ``parts/basics``; it holds nobody where there is no table of users.
    """
    known = [(name, facts) for name, _, facts in _rows(folder) if facts]
    return basics_state([name for name, _ in known], [facts for _, facts in known])


def _rows(folder: Path) -> list[tuple[str, int, tuple[str, ...]]]:
    """Pseudonym, number in the log or -1, and what is known, of each user."""
    path = folder / _USERS
    names = ["user", "user_number", "basics"]
    if not path.is_file() or not {*names} <= {*pq.read_schema(path).names}:
        return []
    with pq.ParquetFile(path) as file:
        table = file.read(columns=names)
    numbers = np.asarray(table["user_number"].to_pylist(), np.int64).tolist()
    facts = [tuple(json.loads(str(text))) for text in table["basics"].to_pylist()]
    return list(zip(map(str, table["user"].to_pylist()), numbers, facts, strict=True))
