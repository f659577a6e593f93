"""The table engine: DuckDB with a memory limit, and a folder for what does not fit.

Intermediate tables live in a scratch folder that goes when the engine is closed. People's identifiers are replaced
while a file is scanned, before anything is sorted, joined or stored, so neither spilled nor scratch tables nor results
hold them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import duckdb
import narwhals.stable.v2 as nw
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
from duckdb.func import ARROW

from steelyard.adapters.shop.engine_errors import explained, short
from steelyard.adapters.shop.scratch import SPILL, Scratch
from steelyard.adapters.shop.sql_words import literal, quoted
from steelyard.data.schema import StoredType

__all__ = ["TableEngine", "lazy", "short"]

Frame = nw.LazyFrame[Any]

_BATCH_ROWS = 50_000
_GROUP_ROWS = (4_096, 122_880)
_GROUP_ROWS_A_GB = 40_960
"""Each thread holds a group of the rows it stores: smaller ones where there is less memory."""
_REMEMBERED = 50_000
_GB_FOR_THREADS = 0.25
"""With less, one thread: each holds blocks of its own."""
_ENGINE_SHARE = 0.65
"""Of the memory allowed; the rest is for Python, and for what the engine does not count."""
_TYPES: dict[StoredType, pa.DataType] = {
    "int": pa.int64(),
    "float": pa.float64(),
    "text": pa.string(),
    "decimal": pa.decimal128(18, 4),
    "texts": pa.list_(pa.string()),
    "flag": pa.bool_(),
}


class TableEngine:
    """Runs the stages' tables, and holds the intermediate ones.

    Args:
        scratch: Folder for intermediate tables; made if need be. ``None`` takes the system's.
        max_memory_gb: Memory of the engine; more spills to the scratch folder.
        threads: Threads of the engine.
    """

    def __init__(self, scratch: Path | None, *, max_memory_gb: float, threads: int) -> None:
        self._scratch = Scratch(scratch)
        self._max_memory_gb = max_memory_gb
        self.group_rows = min(max(int(max_memory_gb * _GROUP_ROWS_A_GB), _GROUP_ROWS[0]), _GROUP_ROWS[1])
        self._numbers = count(1)
        with self.explained():
            self.db = duckdb.connect(config=_settings(self.scratch, max_memory_gb=max_memory_gb, threads=threads))
            self.db.execute("SET TimeZone='UTC'")
            self.db.execute("SET enable_progress_bar=false")

    @property
    def scratch(self) -> Path:
        """The folder of the intermediate tables."""
        return self._scratch.path

    def explained(self) -> AbstractContextManager[None]:
        """Turns whatever the engine raises inside into an error that says what to do."""
        return explained(self._scratch.path, max_memory_gb=self._max_memory_gb)

    def close(self) -> None:
        """Forget all intermediate tables."""
        self.db.close()
        self._scratch.close()

    def keep(self, frame: Frame, name: str) -> Frame:
        """The same frame, computed once and stored for the length of the run."""
        self._write(frame.to_native(), str(self.scratch / f"{name}.parquet"))
        return self.table(name)

    def write(self, frame: Frame, target: str) -> None:
        """Store a frame as Parquet at ``target``; a folder that leads to it is made.

        Every column may hold nulls as far as the file says: what the engine can rule out depends on how the rows came
        about, and the same rows are to be the same bytes.
        """
        with self.explained():
            relation: duckdb.DuckDBPyRelation = frame.to_native()
            open_ = (f"[{quoted(name)}][1] AS {quoted(name)}" for name in relation.columns)
            self._write(relation.project(", ".join(open_)), target)

    def _write(self, relation: duckdb.DuckDBPyRelation, target: str) -> None:
        with self.explained():
            Path(target).parent.mkdir(parents=True, exist_ok=True)
            self.db.execute("SET preserve_insertion_order = false")  # a sorted frame keeps its order all the same
            try:
                relation.write_parquet(target, row_group_size=self.group_rows)
            finally:
                self.db.execute("SET preserve_insertion_order = true")

    def joined(self, parts: Sequence[Path]) -> Frame:
        """The rows of several files of the same columns in their order, as if they had been sorted here."""
        with self.explained():
            names = [quoted(name) for name in pq.read_schema(parts[0]).names]
            of_file = " ".join(f"WHEN {literal(str(part))} THEN {n}" for n, part in enumerate(parts))
            found = self.db.read_parquet([str(part) for part in parts], filename=True, file_row_number=True)
            return lazy(found.order(f"CASE filename {of_file} END, file_row_number").project(", ".join(names)))

    @contextmanager
    def writing(self, columns: Mapping[str, StoredType], *, name: str = "", target: str = "") -> Iterator[_ParquetRows]:
        """Open a table to be filled batch by batch: scratch table ``name``, or a Parquet file at ``target``."""
        path = target or str(self.scratch / f"{name}.parquet")
        schema = pa.schema([(column, _TYPES[type_]) for column, type_ in columns.items()])
        with self.explained():
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            with pq.ParquetWriter(path, schema, compression="zstd") as writer:
                yield _ParquetRows(writer, schema)

    def write_document(self, document: Mapping[str, Any], target: str) -> None:
        """Store a document as JSON at ``target``."""
        Path(target).write_text(json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False), "utf-8")

    def table(self, name: str) -> Frame:
        """A scratch table that was kept or written under ``name``."""
        with self.explained():
            return lazy(self.db.read_parquet(str(self.scratch / f"{name}.parquet")))

    def batches(self, frame: Frame) -> Iterator[dict[str, list[Any]]]:
        """The rows in order, a bounded number at a time, as lists by column."""
        with self.explained():
            relation: duckdb.DuckDBPyRelation = frame.to_native()
            for batch in relation.to_arrow_reader(_BATCH_ROWS):
                yield batch.to_pydict()

    def arrays(self, frame: Frame) -> dict[str, Any]:
        """The whole frame as numpy arrays by column. Numbers only, no nulls."""
        with self.explained():
            relation: duckdb.DuckDBPyRelation = frame.to_native()
            return dict(relation.fetchnumpy())

    def hidden(
        self, frame: duckdb.DuckDBPyRelation, personal: Sequence[str], pseudonym: Callable[[str], str]
    ) -> duckdb.DuckDBPyRelation:
        """The frame with pseudonyms in its personal columns.

        They are put in as the rows stream by: the engine never sorts, joins, groups or stores a raw text.

        Args:
            frame: Raw texts.
            personal: Its columns that name people.
            pseudonym: Gives the pseudonym of a raw text.

        Returns:
            Not yet computed.
        """
        name = f"pseudonym_{next(self._numbers)}"
        self.db.create_function(name, _replacing(pseudonym), ["VARCHAR"], "VARCHAR", type=ARROW)
        shown = [f"{name}({quoted(c)}) AS {quoted(c)}" if c in personal else quoted(c) for c in frame.columns]
        return frame.project(", ".join(shown))


def _replacing(pseudonym: Callable[[str], str]) -> Callable[[Any], Any]:
    """Pseudonyms of a batch of texts. People come back soon in a log, so the latest few are remembered."""
    latest: dict[str, str] = {}

    def replaced(raw: Any) -> Any:  # by several threads at once
        if len(latest) > _REMEMBERED:
            latest.clear()
        made: list[str | None] = []
        for text in raw.to_pylist():
            found = None if text is None else latest.get(text)
            if found is None and text is not None:
                found = latest[text] = pseudonym(text)
            made.append(found)
        return pa.array(made, pa.string())

    return replaced


class _ParquetRows:
    def __init__(self, writer: pq.ParquetWriter, schema: pa.Schema) -> None:
        self._writer = writer
        self._schema = schema

    def write(self, columns: Mapping[str, Sequence[Any] | npt.NDArray[Any]]) -> None:
        """Append a batch of rows."""
        arrays = [pa.array(columns[field.name], field.type) for field in self._schema]
        self._writer.write_batch(pa.record_batch(arrays, schema=self._schema))


def lazy(relation: duckdb.DuckDBPyRelation) -> Frame:
    """A relation of the engine as the stages take it."""
    frame: Frame = nw.from_native(relation)
    return frame


def _settings(scratch: Path, *, max_memory_gb: float, threads: int) -> dict[str, str | bool | int | float | list[str]]:
    """Spilled blocks are encrypted by the cipher that every build of the engine has, with a key only it holds.

    The engine calls that cipher unsafe, since its random numbers are not made for keys. It is the second lock: the
    folder is closed to others, and what is spilled names nobody.
    """
    return {
        "memory_limit": f"{max(int(max_memory_gb * 1000 * _ENGINE_SHARE), 1)}MB",
        "threads": str(threads if max_memory_gb >= _GB_FOR_THREADS else 1),
        "temp_directory": str(scratch / SPILL),
        "autoinstall_known_extensions": "false",
        "temp_file_encryption": "true",
        "force_mbedtls_unsafe": "true",
    }
