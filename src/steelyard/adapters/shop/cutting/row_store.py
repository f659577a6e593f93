"""Copies without a name: what is unpacked, mended or cut, in files that are gone when they are closed.

They hold people's raw identifiers, so a crash must not leave them behind.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO

import pyarrow as pa
import pyarrow.parquet as pq

__all__ = ["Copies", "store_rows"]

_BATCH_ROWS = 20_000
_BATCH_CELLS = 400_000
_BATCH_CHARACTERS = 8 << 20


class Copies:
    """Opens them, and closes them all.

    Args:
        folder: A disk that has room for them.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: list[IO[bytes]] = []

    def new(self) -> IO[bytes]:
        """An empty one, to be written to."""
        file = tempfile.TemporaryFile(dir=self._folder)
        self._open.append(file)
        return file

    def close(self) -> None:
        """Forget all of them."""
        for file in self._open:
            file.close()

    @staticmethod
    def path(file: IO[bytes]) -> Path:
        """Where one can be opened anew while it is there."""
        file.flush()
        return Path(f"/proc/self/fd/{file.fileno()}")


def store_rows(rows: Iterable[Sequence[str | None]], columns: Sequence[str], file: IO[bytes]) -> int:
    """Write rows of texts as Parquet, a bounded number at a time.

    Args:
        rows: Cells in the order of the columns.
        columns: Their names, each once.
        file: Gets them.

    Returns:
        How many rows there were.
    """
    schema = pa.schema([(name, pa.string()) for name in columns])
    n_rows, size, batch = 0, 0, list[Sequence[str | None]]()
    most = max(1, min(_BATCH_ROWS, _BATCH_CELLS // max(1, len(columns))))
    with pq.ParquetWriter(file, schema, compression="lz4", use_dictionary=False, write_statistics=False) as writer:
        for row in rows:
            batch.append(row)
            size += sum(len(cell) for cell in row if cell)
            if len(batch) >= most or size >= _BATCH_CHARACTERS:
                writer.write_batch(_batch(batch, schema))
                n_rows, size = n_rows + len(batch), 0
                batch.clear()
        if batch:
            writer.write_batch(_batch(batch, schema))
    file.flush()
    return n_rows + len(batch)


def _batch(rows: list[Sequence[str | None]], schema: pa.Schema) -> pa.RecordBatch:
    arrays = [pa.array(cells, pa.string()) for cells in zip(*rows, strict=True)]
    return pa.record_batch(arrays, schema=schema)
