"""How much a Parquet file becomes once read: its own figures know nothing of values that stand in dictionaries."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

__all__ = ["bytes_once_read"]

_CELL_BYTES = 8
_MAX_LOOKED_AT = 16
_SAMPLE_ROWS = 1024
_MIN_LOOKED_AT = 64 << 20


def bytes_once_read(path: Path, metadata: pq.FileMetaData) -> int:
    """About how many bytes the values of a file take.

    A text that stands once in a dictionary and is meant a million times costs the file nothing. So the dictionaries of
    the row groups that could grow most are looked at; their values are not unfolded for it.

    Args:
        path: The file.
        metadata: What its end says of it.

    Returns:
        Eight bytes a value, or what the texts of dictionaries take where that is more.

    Raises:
        pyarrow.ArrowException: The file is damaged.
    """
    plain = metadata.num_rows * metadata.num_columns * _CELL_BYTES
    groups = [(_most_of(metadata.row_group(n)), n) for n in range(metadata.num_row_groups)]
    most = sum(bound for bound, _ in groups)
    if most <= _MIN_LOOKED_AT:
        return plain
    looked_at = sorted(groups, reverse=True)[:_MAX_LOOKED_AT]
    names = sorted({column for _, n in looked_at for column in _in_dictionaries(metadata.row_group(n))})
    with pq.ParquetFile(path, read_dictionary=names) as file:
        texts = sum(_texts_of(file, n, metadata.row_group(n).num_rows) for _, n in looked_at)
    share = sum(bound for bound, _ in looked_at) / most
    return max(plain, round(texts / share))


def _in_dictionaries(group: pq.RowGroupMetaData) -> list[str]:
    columns = (group.column(n) for n in range(group.num_columns))
    return [each.path_in_schema for each in columns if each.has_dictionary_page and each.physical_type == "BYTE_ARRAY"]


def _most_of(group: pq.RowGroupMetaData) -> int:
    """What a group could become at most: each value as long as its whole dictionary."""
    columns = (group.column(n) for n in range(group.num_columns))
    return sum(
        each.num_values * each.total_uncompressed_size
        for each in columns
        if each.has_dictionary_page and each.physical_type == "BYTE_ARRAY"
    )


def _texts_of(file: pq.ParquetFile, group: int, n_rows: int) -> float:
    total = 0.0
    names = _in_dictionaries(file.metadata.row_group(group))
    for batch in islice(file.iter_batches(_SAMPLE_ROWS, row_groups=[group], columns=names), 1):
        total += sum(_mean_length(column) for column in batch.columns) * n_rows
    return total


def _mean_length(column: Any) -> float:
    """Of the values in the first rows or of those in the dictionary, whichever are longer."""
    if not pa.types.is_dictionary(column.type) or not len(column) or not len(column.dictionary):
        return float(column.nbytes) / max(len(column), 1)
    lengths = float(column.dictionary.nbytes) / len(column.dictionary)
    used = column.dictionary.take(column.indices.slice(0, _SAMPLE_ROWS).drop_null())
    return max(lengths, float(used.nbytes) / len(column))
