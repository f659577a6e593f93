"""The same stages on Spark, for shops that have outgrown one machine.

The files are cut, people's identifiers replaced and texts that name people emptied by the engine that does it without
Spark, on the machine that starts the run; Spark is handed what is kept of a scanned file as Parquet. So no raw
identifier reaches a cluster, both engines begin with the same rows, and a shop's own patterns mean the same on both.
What is stored is written by that engine too: the same rows are the same bytes. On a cluster the scratch folder must be
one that every node sees.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any

import narwhals.stable.v2 as nw
import pyarrow.parquet as pq
from duckdb import DuckDBPyRelation
from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from steelyard.adapters.shop.engine_errors import told
from steelyard.adapters.shop.scratch import SPILL
from steelyard.adapters.shop.sources import Sources

__all__ = ["SparkSources"]

Frame = nw.LazyFrame[Any]

_BATCH_ROWS = 50_000
_ERRORS = (PySparkException, Py4JError)


class SparkSources(Sources):
    """Reads the shop's files as ``Sources`` does, and works the stages' tables out on Spark.

    The session is the one that is configured where the run starts (``spark-defaults.conf``, ``SPARK_REMOTE``), or a
    local one.

    Args:
        base: Folder the configured paths are relative to.
        scratch: Folder for intermediate tables; made if need be. ``None`` takes the system's.
        max_memory_gb: Memory of the engine that reads, and at least that of a local Spark.
        max_columns: A wider file is refused before it is parsed.
        threads: Threads of a local Spark.
    """

    def __init__(
        self,
        base: Path,
        *,
        scratch: Path | None = None,
        max_memory_gb: float = 1.0,
        max_columns: int = 2000,
        threads: int = 2,
    ) -> None:
        super().__init__(base, scratch=scratch, max_memory_gb=max_memory_gb, max_columns=max_columns, threads=threads)
        self._max_memory_gb = max_memory_gb
        self._numbers = count(1)
        with self._telling():
            self._spark = _session(self._engine.scratch, max_memory_gb=max_memory_gb, threads=threads)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close. What Spark raised while a stage asked it for rows is told as an error of the project."""
        super().__exit__(kind, error, trace)
        if isinstance(error, _ERRORS):
            with self._telling():
                raise error

    def close(self) -> None:
        """Forget all intermediate tables, and let go of the session."""
        self._spark.stop()
        super().close()

    def keep(self, frame: Frame, name: str) -> Frame:
        """The same frame, computed once and stored for the length of the run: the first step of a scanned file."""
        if _is_scanned(frame):
            super().keep(frame, name)
        else:
            self._store(frame, self._folder(name))
        return self.table(name)

    def write(self, frame: Frame, target: str) -> None:
        """Store a frame as one Parquet file at ``target``; a folder that leads to it is made."""
        super().write(frame if _is_scanned(frame) else self._engine.joined(self._stored(frame)), target)

    def table(self, name: str) -> Frame:
        """A scratch table that was kept or written under ``name``."""
        kept = self._folder(name)
        path = kept if kept.exists() else self._engine.scratch / f"{name}.parquet"
        with self._telling():
            frame: Frame = nw.from_native(self._spark.read.parquet(path.as_uri()))
            return frame

    def batches(self, frame: Frame) -> Iterator[dict[str, list[Any]]]:
        """The rows in order, a bounded number at a time, as lists by column."""
        if _is_scanned(frame):
            yield from super().batches(frame)
            return
        for part in self._stored(frame):
            for batch in pq.ParquetFile(part, pre_buffer=False).iter_batches(_BATCH_ROWS):
                yield batch.to_pydict()

    def arrays(self, frame: Frame) -> dict[str, Any]:
        """The whole frame as numpy arrays by column. Numbers only, no nulls."""
        if _is_scanned(frame):
            return super().arrays(frame)
        with self._telling():
            table = frame.to_native().toArrow()
        return {name: table[name].to_numpy() for name in table.column_names}

    def _stored(self, frame: Frame) -> list[Path]:
        """The frame's rows in order, as files."""
        folder = self._folder(f"rows_{next(self._numbers)}")
        self._store(frame, folder)
        return sorted(folder.glob("part-*.parquet"))

    def _store(self, frame: Frame, folder: Path) -> None:
        with self._telling():
            frame.to_native().write.mode("overwrite").parquet(folder.as_uri())

    def _folder(self, name: str) -> Path:
        return self._engine.scratch / "spark" / name

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except _ERRORS as error:
            raise told(error, self._engine.scratch, max_memory_gb=self._max_memory_gb) from error


def _is_scanned(frame: Frame) -> bool:
    """Whether the frame is a file as it was scanned, which is not yet on Spark."""
    return isinstance(frame.to_native(), DuckDBPyRelation)


def _session(scratch: Path, *, max_memory_gb: float, threads: int) -> SparkSession:
    settings: Mapping[str, str] = {
        "spark.driver.memory": f"{max(int(max_memory_gb * 1024), 1024)}m",
        "spark.driver.maxResultSize": "0",
        "spark.local.dir": str(scratch / SPILL),
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": str(4 * threads),
        "spark.ui.enabled": "false",
    }
    builder = SparkSession.builder.appName("steelyard")
    if not {"SPARK_REMOTE", "SPARK_HOME", "SPARK_CONF_DIR"} & set(os.environ):
        builder = builder.master(f"local[{threads}]").config("spark.driver.host", "127.0.0.1")
    session = builder.config(map=dict(settings)).getOrCreate()
    if "SPARK_REMOTE" not in os.environ:
        session.sparkContext.setLogLevel("ERROR")
    return session
