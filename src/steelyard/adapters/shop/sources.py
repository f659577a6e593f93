"""The shop's files as tables: larger than memory, with people's identifiers replaced while a file is scanned."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import narwhals.stable.v2 as nw
import pyarrow as pa

from steelyard.adapters.shop.column_readings import commas_of, decide
from steelyard.adapters.shop.cutting.cut_rows import RowCutter, reading
from steelyard.adapters.shop.cutting.nested import LISTS_OF_ROWS, ROW
from steelyard.adapters.shop.cutting.opening import open_table
from steelyard.adapters.shop.cutting.source_files import FileFacts, missing_columns
from steelyard.adapters.shop.engine_errors import ENGINE_ERRORS
from steelyard.adapters.shop.joining import Joiner
from steelyard.adapters.shop.kept_rows import KeptRows
from steelyard.adapters.shop.own_names import without_own_names
from steelyard.adapters.shop.source_sql import ColumnReadings, select_roles
from steelyard.adapters.shop.table_engine import TableEngine, lazy
from steelyard.data.remarks import Remark
from steelyard.data.schema import CuttingNote, KeepRows, Reading, Role, RowWriter, StoredType, Wanted
from steelyard.errors import SourceError

__all__ = ["Sources"]

Frame = nw.LazyFrame[Any]


class Sources:
    """Reads the shop's files, and holds intermediate tables in a scratch folder that goes when it is closed.

    Args:
        base: Folder the configured paths are relative to.
        scratch: Folder for intermediate tables; made if need be. ``None`` takes the system's.
        max_memory_gb: Memory of the table engine; more spills to the scratch folder.
        max_columns: A wider file is refused before it is parsed.
        threads: Threads of the table engine.
        keep: Where rows of daily files are kept for the next load; ``None`` keeps none.
    """

    def __init__(
        self,
        base: Path,
        *,
        scratch: Path | None = None,
        max_memory_gb: float = 1.0,
        max_columns: int = 2000,
        threads: int = 2,
        keep: KeepRows | None = None,
    ) -> None:
        self._base = base
        self._max_columns = max_columns
        self._engine = TableEngine(scratch, max_memory_gb=max_memory_gb, threads=threads)
        self._cutter = RowCutter(self._engine)
        self._joiner = Joiner(self._engine, self._cutter, self.look)
        self._kept = KeptRows(self._engine, self._cutter, keep) if keep is not None else None
        self._remarks: dict[str, list[Remark]] = {}
        self._looked: dict[tuple[str, Reading], FileFacts] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close. What the engine raised while a stage asked it for rows is told as an error of the project."""
        if self._kept is not None and error is None:
            self._kept.prune()
        self.close()
        if isinstance(error, ENGINE_ERRORS):
            with self._engine.explained():
                raise error

    def close(self) -> None:
        """Forget all intermediate tables."""
        self._engine.close()
        self._cutter.close()

    def look(self, path: str, reading: Reading | None = None) -> FileFacts:
        """Form, columns and encoding of a file, found as in a configuration; ``reading`` as ``Wanted`` has it."""
        asked = (path, reading or Reading())
        if asked not in self._looked:
            self._looked[asked] = open_table(
                path, self._base, self._cutter.copies, reading=asked[1], max_columns=self._max_columns
            )
        return self._looked[asked]

    def sample(self, path: str, n: int) -> tuple[int, dict[str, list[str | None]], dict[str, list[float | None]]]:
        """What a file looks like.

        Args:
            path: As in a configuration.
            n: Rows to look at.

        Returns:
            How many rows it has; by column, the texts of its first ``n``; and the numbers they are read as, by the same
            rules as when the shop is prepared.

        Raises:
            SourceError: It cannot be read.
        """
        facts = self.look(path)
        columns = tuple(Role(name, (name,)) for name in self._shown(facts))
        source = self._cutter.relation(facts, Wanted("sample", path, columns))
        types = {name: str(type_) for name, type_ in zip(source.columns, source.types, strict=True)}
        with reading(facts):
            n_rows = source.aggregate("count(*)").fetchall()[0][0]
            first = source.limit(n)
            texts = first.project(", ".join(select_roles(columns, types, ColumnReadings())))
            plain = [role for role in columns if not types[role.name].startswith(("TIMESTAMP", "DATE"))]
            roles = [Role(f"n{i}", role.columns, "number") for i, role in enumerate(plain)]
            commas = commas_of(first, Wanted("sample", path, tuple(roles)), types)
            selected = select_roles(roles, types, ColumnReadings(commas=commas))[::2]
            read = pa.table(first.project(", ".join(selected)).to_arrow_table()).to_pydict() if roles else {}
            numbers = {role.name: read[f"n{i}"] for i, role in enumerate(plain)}
            return n_rows, pa.table(texts.to_arrow_table()).to_pydict(), numbers

    def _shown(self, facts: FileFacts) -> list[str]:
        """Columns of a sample: those of the file, and the values inside objects, and inside one list of rows."""
        rows = next((name for name in LISTS_OF_ROWS if name in facts.lists), None)
        skipped = tuple(f"{name}." for name in facts.lists if name != rows)
        inside = [path for path in facts.inside if not path.startswith(skipped)]
        return [*(name for name in facts.columns if name), *inside]

    def check(self, wanted: Sequence[Wanted]) -> None:
        """Look at every file before any is parsed; all problems are raised together."""
        problems: list[str] = []
        for one in wanted:
            try:
                if one.joins or one.clock:
                    problems += self._joiner.check(one)
                    continue
                problems += [
                    f"[data.{one.table}] {p}" for p in missing_columns(self.look(one.path, one.reading), one.columns)
                ]
            except SourceError as error:
                problems.append(f"[data.{one.table}] {error}")
        if problems:
            raise SourceError("\n".join(problems))

    def scan(self, wanted: Wanted, *, pseudonym: Callable[[str], str]) -> Frame:
        """The file as a lazy frame: ``row`` (1-based) and the outputs of every role. Empty text is null."""
        if wanted.joins or wanted.clock:
            with self._engine.explained():
                joined, self._remarks[wanted.table] = self._joiner.scan(wanted, pseudonym=pseudonym)
            return lazy(joined)
        facts = self.look(wanted.path, wanted.reading)
        with reading(facts):
            kept = self._kept.scan(facts, wanted, pseudonym) if self._kept and self._kept.suits(facts, wanted) else None
            if kept is not None:
                self._remarks[wanted.table] = kept[1]
                return lazy(kept[0])
            source = self._cutter.relation(facts, wanted)
            types = {name: str(type_) for name, type_ in zip(source.columns, source.types, strict=True)}
            readings, self._remarks[wanted.table] = decide(source, wanted, types)
            selected = select_roles(wanted.roles, types, readings)
            row = f"{ROW} + 1" if ROW in types else "row_number() OVER ()"
            frame = without_own_names(source.project(", ".join([f"{row} AS row", *selected])), wanted)
            personal = [output for role in wanted.roles if role.is_personal for output in role.outputs]
            return lazy(self._engine.hidden(frame, personal, pseudonym) if personal else frame)

    def count(self, wanted: Wanted) -> int:
        """How many rows the file has, counted apart from any scan; malformed lines are not among them."""
        own = self._joiner.own(wanted) if wanted.joins or wanted.clock else wanted
        known = self._kept.count(wanted) if self._kept is not None and own is wanted else None
        return self._cutter.count(self.look(own.path, own.reading), own) if known is None else known

    def columns(self, path: str, reading: Reading | None = None) -> Sequence[str]:
        """Names of the columns of a file, in their order; ``reading`` as ``Wanted`` has it."""
        return self.look(path, reading).columns

    def remarks(self, table: str) -> Sequence[Remark]:
        """What was decided or doubted of the columns of ``table`` when it was scanned."""
        return tuple(self._remarks.get(table, ()))

    def malformed(self, table: str) -> Sequence[int]:
        """Line numbers of lines that could not be cut into columns when ``table`` was read."""
        return self._cutter.malformed(table)

    def cutting_notes(self, table: str) -> Sequence[CuttingNote]:
        """What was decided and mended when ``table`` was cut into rows; the malformed lines by reason are among it."""
        return (*self._cutter.notes(table), *self._joiner.notes(table))

    def keep(self, frame: Frame, name: str) -> Frame:
        """The same frame, computed once and stored for the length of the run."""
        return self._engine.keep(frame, name)

    def write(self, frame: Frame, target: str) -> None:
        """Store a frame as Parquet at ``target``; a folder that leads to it is made."""
        self._engine.write(frame, target)

    def writing(
        self, columns: Mapping[str, StoredType], *, name: str = "", target: str = ""
    ) -> AbstractContextManager[RowWriter]:
        """Open a table to be filled batch by batch: scratch table ``name``, or a Parquet file at ``target``."""
        return self._engine.writing(columns, name=name, target=target)

    def write_document(self, document: Mapping[str, Any], target: str) -> None:
        """Store a document as JSON at ``target``."""
        self._engine.write_document(document, target)

    def table(self, name: str) -> Frame:
        """A scratch table that was kept or written under ``name``."""
        return self._engine.table(name)

    def batches(self, frame: Frame) -> Iterator[dict[str, list[Any]]]:
        """The rows in order, a bounded number at a time, as lists by column."""
        return self._engine.batches(frame)

    def arrays(self, frame: Frame) -> dict[str, Any]:
        """The whole frame as numpy arrays by column. Numbers only, no nulls."""
        return self._engine.arrays(frame)
