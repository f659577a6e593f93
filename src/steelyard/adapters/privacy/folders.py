"""One folder of files: a copy of it in which people are gone or renamed, linked where nothing changed."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from safetensors import safe_open

from steelyard.adapters.artefacts import MANIFEST, read_state, write_state
from steelyard.data.privacy.change import Change, pseudonyms_in
from steelyard.data.privacy.samples import PERSONAL_COLUMNS
from steelyard.serving.history import PSEUDONYM_ARRAYS, histories_changed

__all__ = ["FolderChange", "holds_histories", "people_of_folder"]

_BATCH_ROWS = 100_000
_HISTORIES = "arrays.safetensors"
_HIDDEN = "***"


class FolderChange:
    """What a change does to a folder; nothing is written until ``write``.

    Args:
        folder: Verified; nothing in it is changed.
        change: Whom and what.
    """

    def __init__(self, folder: Path, change: Change) -> None:
        self._folder = folder
        self._change = change
        self._tables = sorted(folder.rglob("*.parquet"))
        self._visits, self._numbers = self._of_erased()
        self.counts: dict[str, int] = {}
        for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.name != MANIFEST):
            found = self._count(path)
            if found:
                self.counts[path.relative_to(folder).as_posix()] = found

    @property
    def n_rows(self) -> int:
        """Rows, histories and mentions that would be changed."""
        return sum(self.counts.values())

    def write(self, into: Path) -> None:
        """Fill a folder with the files as they are to be: the others are linked.

        Args:
            into: On the same file system, or they are copied.
        """
        for path in sorted(p for p in self._folder.rglob("*") if p.is_file() and p.name != MANIFEST):
            name = path.relative_to(self._folder).as_posix()
            target = into / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if name not in self.counts:
                _link(path, target)
            elif path.suffix == ".parquet":
                self._write_table(path, target)
            elif path.name == _HISTORIES:
                state, _ = self._histories(path.parent)
                write_state(target.parent, state)
            else:
                value = _cleaned(json.loads(path.read_text("utf-8")), self._change)
                target.write_text(json.dumps(value, ensure_ascii=False, indent=1), "utf-8")

    def _of_erased(self) -> tuple[pa.Array[Any], pa.Array[Any]]:
        """Visits of the erased, and the numbers they have in these tables."""
        visits: set[Any] = set()
        numbers: set[Any] = set()
        if self._change.erased:
            for path in self._tables:
                names = [str(n) for n in ("user", "session", "user_number") if n in pq.read_schema(path).names]
                if "user" not in names or len(names) == 1:
                    continue
                for batch in _batches(path, names):
                    rows = batch.filter(_in(batch["user"], self._erased))
                    visits |= set(rows["session"].to_pylist()) if "session" in names else set()
                    numbers |= set(rows["user_number"].to_pylist()) if "user_number" in names else set()
        return pa.array(sorted(visits - {None, ""}), pa.string()), pa.array(sorted(numbers - {None, -1}), pa.int64())

    @property
    def _erased(self) -> pa.Array[Any]:
        return pa.array(sorted(self._change.erased), pa.string())

    def _count(self, path: Path) -> int:
        if path.suffix == ".parquet":
            return sum(found for _, found in self._changed_batches(path))
        if path.name == _HISTORIES and holds_histories(path):
            return self._histories(path.parent)[1]
        if path.suffix == ".json":
            text = path.read_text("utf-8", "replace")
            return sum(_is_meant(name, self._change) for name in pseudonyms_in(text))
        return 0

    def _histories(self, folder: Path) -> tuple[Any, int]:
        return histories_changed(read_state(folder), erased=self._change.erased, renamed=self._change.renamed)

    def _write_table(self, path: Path, target: Path) -> None:
        with pq.ParquetWriter(target, pq.read_schema(path), compression="zstd") as writer:
            for batch, _ in self._changed_batches(path):
                writer.write_table(batch)

    def _changed_batches(self, path: Path) -> Iterator[tuple[pa.Table, int]]:
        names = pq.read_schema(path).names
        has_people = any(name in names for name in PERSONAL_COLUMNS)
        if not has_people and "user_number" not in names:
            return
        for batch in _batches(path, None):
            yield self._changed(batch, is_dated="time" in names and has_people)

    def _changed(self, batch: pa.Table, *, is_dated: bool) -> tuple[pa.Table, int]:
        """The rows as they are to be, and how many are gone or were changed."""
        n_in, names = len(batch), batch.column_names
        if self._change.has_age and is_dated:
            is_young: Any = pc.greater_equal(batch["time"], pa.scalar(self._change.before_s))
            batch = batch.filter(_or_no(is_young))
        if "user_number" in names and "user" not in names:
            batch = batch.filter(pc.invert(_in(batch["user_number"], self._numbers)))
        if "user" in names:
            batch = batch.filter(pc.invert(_in(batch["user"], self._erased)))
        n_changed = n_in - len(batch)
        if "session" in names and len(self._visits):
            of_visit = _in(batch["session"], self._visits)
            batch = batch.filter(pc.invert(pc.and_(of_visit, pc.is_null(batch["user"]))))
            of_visit = _in(batch["session"], self._visits)
            n_changed = n_in - len(batch) + int(pc.sum(of_visit).as_py() or 0)
            batch = _with(batch, "session", pc.if_else(of_visit, pa.scalar(None, pa.string()), batch["session"]))
        return self._renamed(batch, n_changed) if self._change.renamed else (batch, n_changed)

    def _renamed(self, batch: pa.Table, n_changed: int) -> tuple[pa.Table, int]:
        renamed = self._change.renamed
        for name in (column for column in PERSONAL_COLUMNS if column in batch.column_names):
            values: list[Any] = batch[name].to_pylist()
            n_changed += sum(value in renamed for value in values)
            batch = _with(batch, name, pa.array([renamed.get(value, value) for value in values], pa.string()))
        return batch, n_changed


def people_of_folder(folder: Path) -> set[str]:
    """Pseudonyms of people, visits and events in the tables and histories of a folder."""
    found: set[Any] = set()
    for path in folder.rglob("*.parquet"):
        names = [name for name in PERSONAL_COLUMNS if name in pq.read_schema(path).names]
        for batch in _batches(path, names) if names else ():
            for name in names:
                found |= set(batch[name].unique().to_pylist())
    for path in folder.rglob(_HISTORIES):
        if holds_histories(path):
            arrays = read_state(path.parent).arrays
            letters = (row for name in PSEUDONYM_ARRAYS for row in arrays.get(name, ()))
            found |= {row.tobytes().decode("ascii") for row in letters}
    return found - {None, ""}


def holds_histories(path: Path) -> bool:
    """Whether a file of arrays holds histories of people."""
    with safe_open(path, "numpy") as file:
        return "pseudonyms" in file.keys()


def _batches(path: Path, columns: list[str] | None) -> Iterator[pa.Table]:
    with pq.ParquetFile(path, pre_buffer=False) as file:
        for batch in file.iter_batches(_BATCH_ROWS, columns=columns):
            yield pa.Table.from_batches([batch])


def _or_no(mask: Any) -> Any:
    return pc.fill_null(mask, pa.scalar(value=False))


def _in(column: Any, values: pa.Array[Any]) -> Any:
    return pc.is_in(column, value_set=values.cast(column.type))


def _with(batch: pa.Table, name: str, values: Any) -> pa.Table:
    at = batch.column_names.index(name)
    return batch.set_column(at, batch.schema.field(at), values.cast(batch.schema.field(at).type))


def _is_meant(name: str, change: Change) -> bool:
    return name in change.erased or name in change.renamed


def _mentions(value: Any, change: Change) -> bool:
    if isinstance(value, str):
        return any(name in change.erased for name in pseudonyms_in(value))
    if isinstance(value, dict):
        return any(_mentions(each, change) for each in (*value, *value.values()))
    return isinstance(value, list) and any(_mentions(each, change) for each in value)


def _cleaned(value: Any, change: Change) -> Any:
    """JSON without the elements of lists that mention somebody erased; other mentions are replaced."""
    if isinstance(value, str):
        for name in set(pseudonyms_in(value)):
            if name in change.erased:
                value = value.replace(name, _HIDDEN)
            value = value.replace(name, change.renamed.get(name, name))
        return value
    if isinstance(value, dict):
        return {_cleaned(key, change): _cleaned(each, change) for key, each in value.items()}
    if isinstance(value, list):
        return [_cleaned(each, change) for each in value if not (isinstance(each, dict) and _mentions(each, change))]
    return value


def _link(path: Path, target: Path) -> None:
    try:
        os.link(path, target)
    except OSError:
        shutil.copyfile(path, target)
