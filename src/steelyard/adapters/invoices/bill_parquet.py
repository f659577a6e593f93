"""Reads bills in Parquet, as AWS and Azure export FOCUS and Google a table of BigQuery."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from pyarrow import ArrowException, types
from pyarrow import parquet as pq

from steelyard.errors import SourceError

__all__ = ["open_parquet"]


def open_parquet(path: Path) -> tuple[tuple[str, ...], Iterator[tuple[int, dict[str, str]]]]:
    """Names and rows of a file, each value as text; fields of a structure are named ``service.id``.

    Args:
        path: A file of Parquet.

    Returns:
        The header, and the rows numbered as if they were lines below it.

    Raises:
        SourceError: The file is damaged.
    """
    try:
        file = pq.ParquetFile(path)
        names: list[str] = []
        for field in file.schema_arrow:
            names += _names(field.name, field.type)
    except (ArrowException, OSError) as error:
        raise SourceError(f"{path} is no readable Parquet ({error}); copy it again") from error
    return tuple(names), _rows(path, file)


def _names(name: str, kind: Any) -> list[str]:
    if not types.is_struct(kind):
        return [name]
    return [each for at in range(kind.num_fields) for each in _names(f"{name}.{kind[at].name}", kind[at].type)]


def _rows(path: Path, file: Any) -> Iterator[tuple[int, dict[str, str]]]:
    number = 1
    structures = {field.name: _names(field.name, field.type) for field in file.schema_arrow}
    maps = {field.name for field in file.schema_arrow if str(field.type).startswith("map")}
    try:
        for batch in file.iter_batches(batch_size=4096):
            for row in batch.to_pylist():
                number += 1
                line: dict[str, str] = {}
                for name, value in row.items():
                    if structures[name] == [name]:
                        line[name] = _text(dict(value) if name in maps and value is not None else value)
                    else:
                        line |= dict.fromkeys(structures[name], "") | dict(_flat(name, value))
                yield number, line
    except (ArrowException, OSError) as error:
        raise SourceError(f"{path}, row {number}: cannot be read ({error}); copy it again") from error


def _flat(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for part, each in value.items():
            yield from _flat(f"{name}.{part}", each)
    elif value is not None:
        yield name, _text(value)


def _text(value: Any) -> str:
    """As a CSV would write it: times in UTC, numbers exact, lists and maps as JSON."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date):
        return _time(value) if isinstance(value, datetime) else value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, (list, tuple, dict)):
        return json.dumps(value, default=_text, ensure_ascii=False)
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _time(at: datetime) -> str:
    return f"{(at if at.tzinfo is None else at.astimezone(UTC).replace(tzinfo=None)).isoformat()}Z"
