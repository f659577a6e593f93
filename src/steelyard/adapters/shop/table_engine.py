"""The table engine: DuckDB with a memory limit, and a folder for what does not fit.

Intermediate tables live in a scratch folder that goes when the engine is closed. People's identifiers are replaced
while a table is read, so neither scratch tables nor results hold them.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import narwhals.stable.v2 as nw
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from steelyard.adapters.shop.source_sql import quoted
from steelyard.data.schema import StoredType
from steelyard.errors import SourceError

__all__ = ["TableEngine", "lazy", "short"]

Frame = nw.LazyFrame[Any]

_BATCH_ROWS = 50_000
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
        if scratch is not None:
            scratch.mkdir(parents=True, exist_ok=True)
        self.scratch = Path(tempfile.mkdtemp(prefix="tables-", dir=scratch))
        self.db = duckdb.connect(
            config={
                "memory_limit": f"{int(max_memory_gb * 1000)}MB",
                "threads": str(threads),
                "temp_directory": str(self.scratch / "spill"),
                "autoinstall_known_extensions": "false",
                "temp_file_encryption": "true",
            }
        )
        self.db.execute("SET TimeZone='UTC'")
        self.db.execute("SET enable_progress_bar=false")

    def close(self) -> None:
        """Forget all intermediate tables."""
        self.db.close()
        shutil.rmtree(self.scratch, ignore_errors=True)

    def keep(self, frame: Frame, name: str) -> Frame:
        """The same frame, computed once and stored for the length of the run."""
        self.write(frame, str(self.scratch / f"{name}.parquet"))
        return self.table(name)

    def write(self, frame: Frame, target: str) -> None:
        """Store a frame as Parquet at ``target``; a folder that leads to it is made."""
        Path(target).parent.mkdir(parents=True, exist_ok=True)
        try:
            frame.sink_parquet(target)
        except duckdb.OutOfMemoryException as error:
            raise SourceError(
                f"the tables need more than the {self._limit()} allowed: raise max_memory_gb in [data], or free "
                f"space under {self.scratch.parent}, where what does not fit in memory is spilled"
            ) from error
        except duckdb.InvalidInputException as error:
            raise SourceError(f"a source cannot be read: {short(error)}; export it again") from error

    @contextmanager
    def writing(self, columns: Mapping[str, StoredType], *, name: str = "", target: str = "") -> Iterator[_ParquetRows]:
        """Open a table to be filled batch by batch: scratch table ``name``, or a Parquet file at ``target``."""
        path = target or str(self.scratch / f"{name}.parquet")
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        schema = pa.schema([(column, _TYPES[type_]) for column, type_ in columns.items()])
        with pq.ParquetWriter(path, schema, compression="zstd") as writer:
            yield _ParquetRows(writer, schema)

    def write_document(self, document: Mapping[str, Any], target: str) -> None:
        """Store a document as JSON at ``target``."""
        Path(target).write_text(json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False), "utf-8")

    def table(self, name: str) -> Frame:
        """A scratch table that was kept or written under ``name``."""
        return lazy(self.db.read_parquet(str(self.scratch / f"{name}.parquet")))

    def batches(self, frame: Frame) -> Iterator[dict[str, list[Any]]]:
        """The rows in order, a bounded number at a time, as lists by column."""
        relation: duckdb.DuckDBPyRelation = frame.to_native()
        for batch in relation.to_arrow_reader(_BATCH_ROWS):
            yield batch.to_pydict()

    def arrays(self, frame: Frame) -> dict[str, Any]:
        """The whole frame as numpy arrays by column. Numbers only, no nulls."""
        relation: duckdb.DuckDBPyRelation = frame.to_native()
        return dict(relation.fetchnumpy())

    def hidden(
        self,
        frame: duckdb.DuckDBPyRelation,
        personal: Sequence[str],
        table: str,
        pseudonym: Callable[[str], str],
    ) -> duckdb.DuckDBPyRelation:
        """The frame with pseudonyms in its personal columns.

        The list that links them lives in the engine's memory (what of it is spilled is encrypted) and goes when the
        engine is closed.

        Args:
            frame: Raw texts.
            personal: Its columns that name people.
            table: Whose people they are.
            pseudonym: Gives the pseudonym of a raw text.

        Returns:
            Not yet computed.
        """
        people = f"people_{table}"
        self.db.execute(f"CREATE OR REPLACE TABLE {people} (raw VARCHAR, pseudonym VARCHAR)")
        writer = self.db.cursor()
        names = " UNION ALL ".join(f"SELECT {quoted(name)} AS raw FROM frame" for name in personal)  # noqa: S608
        distinct = f"SELECT DISTINCT raw FROM ({names}) WHERE raw IS NOT NULL"  # noqa: S608
        for batch in self.db.sql(distinct).to_arrow_reader(_BATCH_ROWS):
            raw = batch.column(0).to_pylist()
            hidden = pa.table({"raw": batch.column(0), "pseudonym": [pseudonym(value) for value in raw]})
            writer.from_arrow(hidden).insert_into(people)
        writer.close()
        shown = [
            f"p{personal.index(c)}.pseudonym AS {quoted(c)}" if c in personal else quoted(c) for c in frame.columns
        ]
        joins = [f"LEFT JOIN {people} p{i} ON p{i}.raw = frame.{quoted(c)}" for i, c in enumerate(personal)]
        return self.db.sql(f"SELECT {', '.join(shown)} FROM frame {' '.join(joins)}")  # noqa: S608

    def _limit(self) -> str:
        return str(self.db.execute("SELECT current_setting('memory_limit')").fetchall()[0][0])


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


def short(error: Exception) -> str:
    """The engine's message without quoted data, which could name people."""
    return re.sub(r"(?s)(Original Line|CSV Line|Line|Possible fixes):.*", "", str(error)).split("\n\n")[0].strip()[:300]
