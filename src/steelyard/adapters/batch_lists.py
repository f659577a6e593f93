"""Lists of all users, made by several processes and written to a Parquet file that is there whole or not at all."""

from __future__ import annotations

import json
import os
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from steelyard.adapters.bundle import Bundle
from steelyard.domain import NONE, Surface
from steelyard.errors import StageError
from steelyard.serving.batch import Lists, lists_between
from steelyard.serving.pipelines import Pipeline
from steelyard.serving.served import About

__all__ = ["METADATA", "ListsFile", "each_part", "writing_lists"]

METADATA = b"steelyard"
"""Key of the file's metadata under which the JSON of what made it stands."""
USERS_AT_ONCE = 4_000
"""Users of one task and of one row group at most: what every task lays out anew for its model is shared by so many."""
_PLACES_AT_ONCE = 100_000
"""Of longer lists than 25 fewer users at once, so that a task waiting to be written holds some megabytes."""
_SCHEMA = pa.schema(
    [
        ("user", pa.dictionary(pa.int32(), pa.string())),
        ("rank", pa.int32()),
        ("item_id", pa.dictionary(pa.int32(), pa.string())),
        ("score", pa.float64()),
    ]
)


@dataclass(frozen=True, slots=True)
class _Opened:
    pipeline: Pipeline
    about: About
    k: int
    now_s: float

    @property
    def n_users(self) -> int:
        return 0 if self.about.logged is None else len(self.about.logged)

    def part(self, low: int, high: int) -> Lists:
        return lists_between(self.pipeline, self.about, users=(low, high), k=self.k, now_s=self.now_s)


_opened: list[_Opened] = []
"""What a worker opened when it started; one in each process."""


def each_part(folder: Path, *, erased: frozenset[str], k: int, workers: int, now_s: float) -> Iterator[Lists]:
    """The lists of all users of a bundle's log, some users at a time, in the order of their pseudonyms.

    Args:
        folder: Of the bundle.
        erased: Pseudonyms of people who get no list.
        k: Length of the lists.
        workers: Processes; with 1 they are made in this one. At most two tasks of each wait to be written, so that
            memory does not grow with the number of users.
        now_s: When they are made, in seconds since 1970 UTC.

    Yields:
        Lists of at most four thousand users.

    Raises:
        StageError: The bundle has no recommendation or no histories, or a worker died.
    """
    opened = _open(folder, erased, k, now_s)
    step = USERS_AT_ONCE
    while step > 1 and step * k > _PLACES_AT_ONCE:
        step //= 2
    bounds = [(low, min(low + step, opened.n_users)) for low in range(0, opened.n_users, step)]
    if workers == 1 or len(bounds) <= 1:
        for low, high in bounds:
            yield opened.part(low, high)
        return
    with _one_thread_each():
        pool = ProcessPoolExecutor(
            workers, get_context("spawn"), initializer=_start, initargs=(folder, erased, k, now_s)
        )
    waiting: deque[Future[Lists]] = deque()
    try:
        with _one_thread_each():
            for low, high in bounds:
                waiting.append(pool.submit(_part, low, high))
                if len(waiting) >= 2 * workers:
                    yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool as error:
        raise StageError(
            "a process that made lists ended before its time, most likely for want of memory: nothing was written; "
            "run again with --workers 1"
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


class ListsFile:
    """A Parquet file that is being filled, a row for every item of a list."""

    def __init__(self, writer: pq.ParquetWriter, schema: pa.Schema, item_ids: Sequence[str]) -> None:
        self._writer = writer
        self._schema = schema
        self._item_ids = pa.array(item_ids, pa.string())

    def write(self, lists: Lists) -> int:
        """Write a row group.

        Args:
            lists: Of some users.

        Returns:
            Rows: places that were filled.
        """
        users, ranks = np.nonzero(lists.items != NONE)
        columns = [
            pa.DictionaryArray.from_arrays(pa.array(users, pa.int32()), pa.array(lists.users, pa.string())),
            pa.array(ranks + 1, pa.int32()),
            pa.DictionaryArray.from_arrays(pa.array(lists.items[users, ranks], pa.int32()), self._item_ids),
            pa.array(lists.scores[users, ranks], pa.float64()),
        ]
        self._writer.write_table(pa.Table.from_arrays(columns, schema=self._schema))
        return len(users)


@contextmanager
def writing_lists(path: Path, *, item_ids: Sequence[str], about: Mapping[str, Any]) -> Iterator[ListsFile]:
    """Open a file of lists to be filled; it appears under its name when all is written, or not at all.

    Args:
        path: Replaced where it is there already.
        item_ids: Item number to the shop's identifier.
        about: Of JSON's own types; stored in the file's metadata under ``steelyard``.

    Yields:
        What is written to.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    schema = _SCHEMA.with_metadata({METADATA: json.dumps(about, ensure_ascii=False, sort_keys=True).encode()})
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("wb") as file:
            with pq.ParquetWriter(file, schema, compression="zstd") as writer:
                yield ListsFile(writer, schema, item_ids)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()


def _open(folder: Path, erased: frozenset[str], k: int, now_s: float) -> _Opened:
    bundle = Bundle.open(folder)
    about = bundle.about()
    if about.logged is None:
        raise StageError("this bundle holds no histories, so nobody's list can be made: package it again with a log")
    pipeline = bundle.engine().require(Surface.RECOMMEND)
    return _Opened(pipeline, about.without(erased), k, now_s)


def _start(folder: Path, erased: frozenset[str], k: int, now_s: float) -> None:
    _opened.append(_open(folder, erased, k, now_s))


def _part(low: int, high: int) -> Lists:
    return _opened[0].part(low, high)


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Processes started now compute with one thread each: there are as many of them as cores."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(dict.fromkeys(names, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
