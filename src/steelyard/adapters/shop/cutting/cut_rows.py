"""From a file to rows of raw texts: its lines cut into columns, and every line that is no part of a row counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import duckdb
import pyarrow.parquet as pq

from steelyard.adapters.shop.cutting.cut_text import Cut, cut_text, parquet_rows
from steelyard.adapters.shop.cutting.json_lines import cut_json_lines
from steelyard.adapters.shop.cutting.nested import ROW, addressed, readable
from steelyard.adapters.shop.cutting.row_store import Copies
from steelyard.adapters.shop.cutting.source_files import FileFacts
from steelyard.adapters.shop.table_engine import TableEngine, short
from steelyard.data.schema import CuttingNote, Wanted
from steelyard.errors import SourceError

__all__ = ["RowCutter", "reading"]

_MAX_LISTED = 400


class RowCutter:
    """Cuts files into columns.

    Args:
        engine: Does the cutting where the file is sound.
    """

    def __init__(self, engine: TableEngine) -> None:
        self._db = engine.db
        self.copies = Copies(engine.scratch)
        self._cut: dict[int, tuple[FileFacts, Cut]] = {}
        self._tables: dict[str, list[CuttingNote]] = {}
        self._bad: dict[str, tuple[int, ...]] = {}

    def close(self) -> None:
        """Let go of the copies that were made."""
        self.copies.close()

    def relation(self, facts: FileFacts, wanted: Wanted) -> duckdb.DuckDBPyRelation:
        """The rows of a file with its columns as they are written, those inside other columns among them.

        Args:
            facts: What is known of the file.
            wanted: What is read of it; names the table of the lines that cannot be cut.

        Returns:
            Not yet computed.

        Raises:
            SourceError: It cannot be cut.
        """
        cuts = [self.cut_of(part) for part in facts.parts or (facts,)]
        source = self._db.sql(" UNION ALL BY NAME ".join(f"({cut.sql})" for cut in cuts))
        if facts.parts and ROW in source.columns:
            source = source.project(f"* EXCLUDE ({ROW})")  # each file has numbers of its own
        self.tell(wanted.table, facts, cuts)
        if facts.form == "parquet":
            source = readable(source, _decoder(wanted.reading.encoding), name=facts.file, db=self._db)
        _refuse_repeated(facts, wanted, source.columns)
        is_json = facts.form == "jsonl"
        source, notes = addressed(self._db, source, wanted, name=facts.file, is_json=is_json)
        self._tables[wanted.table] += notes
        return source

    def tell(self, table: str, facts: FileFacts, cuts: Sequence[Cut]) -> None:
        """Remember what is to be told of the cutting of a table.

        Args:
            table: Name of ``wanted``.
            facts: What is known of its file or files.
            cuts: Of each of them.
        """
        self._tables[table] = _joined(facts, cuts) if facts.parts else list(cuts[0].notes)
        self._bad[table] = tuple(line for cut in cuts for line in cut.bad)

    def malformed(self, table: str) -> Sequence[int]:
        """Line numbers of lines that could not be cut into columns when ``table`` was read.

        Args:
            table: Name of ``wanted``.

        Returns:
            1-based, rising within a file.
        """
        return self._bad.get(table, ())

    def notes(self, table: str) -> Sequence[CuttingNote]:
        """What was decided and mended when ``table`` was cut.

        Args:
            table: Name of ``wanted``.

        Returns:
            Empty where nothing was.
        """
        return tuple(self._tables.get(table, ()))

    def count(self, facts: FileFacts, wanted: Wanted) -> int:
        """How many rows the file has, counted apart from any scan; malformed lines are not among them.

        Args:
            facts: What is known of the file.
            wanted: As ``relation`` was given it.

        Returns:
            The number of rows.
        """
        with reading(facts):
            return int(self.relation(facts, wanted).aggregate("count(*)").fetchall()[0][0])

    def cut_of(self, facts: FileFacts) -> Cut:
        """The cut of one file, made once."""
        if id(facts) not in self._cut:
            self._cut[id(facts)] = (facts, self._cut_anew(facts))
        return self._cut[id(facts)][1]

    def _cut_anew(self, facts: FileFacts) -> Cut:
        if facts.form == "csv":
            return cut_text(self._db, self.copies, facts)
        if facts.form == "jsonl":
            return cut_json_lines(self._db, self.copies, facts)
        return Cut(parquet_rows(facts.path), pq.read_metadata(facts.path).num_rows, notes=facts.notes)


def _refuse_repeated(facts: FileFacts, wanted: Wanted, columns: Sequence[str]) -> None:
    """Refuse rows of a feed of which only the first item would be read, as orders of several lines."""
    rows_at = next((path for note in facts.notes if note.reason == "records_found" for path in note.values), "")
    role = wanted.role("item_id") if wanted.table != "items" else None
    for column in role.columns if role and rows_at and facts.form == "parquet" else ():
        inner, _, leaf = column.rpartition(".")
        if inner and f"{column}_2" in columns:
            at = f"{rows_at}.{inner}"
            around = at.split(".")[-1 - inner.count(".") - 1]
            raise SourceError(
                f"{facts.file}: {column} is there several times in a row, and only the first would be read: set "
                f"records = {at!r} in [data.{wanted.table}], and its columns are {leaf} and, of what stands around it, "
                f"{around}.…"
            )


def _joined(facts: FileFacts, cuts: Sequence[Cut]) -> list[CuttingNote]:
    """Notes of several files as those of one table: of each reason one, with the files it is about."""
    rows: dict[str, int] = {}
    for part, cut in zip(facts.parts, cuts, strict=True):
        rows[part.file] = rows.get(part.file, 0) + cut.n_rows  # folders may hold files of one name
    says = "files read one after another as one table; each with its number of rows, in their order"
    found = [
        CuttingNote("files_joined", "info", "flag", len(cuts), says, values=dict(list(rows.items())[:_MAX_LISTED]))
    ]
    notes: dict[tuple[str, str], CuttingNote] = {}
    for part, cut in zip(facts.parts, cuts, strict=True):
        for note in cut.notes:
            before = notes.get((note.reason, note.says)) or replace(note, count=0, values={})
            values = {**before.values, part.file: before.values.get(part.file, 0) + note.count}
            notes[note.reason, note.says] = replace(before, count=before.count + note.count, values=values)
    return [*found, *notes.values()]


def _decoder(encoding: str) -> Callable[[bytes], str] | None:
    if not encoding:
        return None
    return lambda value: value.decode(encoding, "replace")


@contextmanager
def reading(facts: FileFacts) -> Iterator[None]:
    """Turns the engine's complaints about a file into an error that says where and what to do."""
    try:
        yield
    except duckdb.Error as error:
        if "No space left" in str(error) or isinstance(error, duckdb.OutOfMemoryException):
            raise  # about the disk or the memory, not the file
        why = short(error).replace(str(facts.path), facts.file)
        raise SourceError(
            f"{facts.name or facts.path} cannot be read: {why}. Mend that place, or export the file again"
        ) from error
