"""From a file to rows of raw texts: its lines cut into columns, the ones that cannot be cut counted."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO

import duckdb

from steelyard.adapters.shop.source_files import FileFacts, odd_line_end, open_quote, transcode
from steelyard.adapters.shop.sql_words import literal, quoted
from steelyard.adapters.shop.table_engine import TableEngine, short
from steelyard.data.schema import Wanted
from steelyard.errors import SourceError

__all__ = ["RowCutter", "reading"]


class RowCutter:
    """Cuts files into columns.

    Args:
        engine: Does the cutting.
    """

    def __init__(self, engine: TableEngine) -> None:
        self._engine = engine
        self._db = engine.db
        self._open: list[IO[bytes]] = []

    def close(self) -> None:
        """Let go of the copies that were made."""
        for file in self._open:
            file.close()

    def relation(self, facts: FileFacts, wanted: Wanted) -> duckdb.DuckDBPyRelation:
        """The rows of a file with its columns as they are written; Parquet has ``file_row_number`` too.

        Args:
            facts: What is known of the file.
            wanted: What is read of it; names the table of the lines that cannot be cut.

        Returns:
            Not yet computed.
        """
        path = literal(str(facts.path) if facts.encoding == "utf-8" else self._transcoded(facts))
        if facts.form == "parquet":
            return self._db.sql(f"SELECT * FROM read_parquet({path}, file_row_number = true)")  # noqa: S608
        if facts.form == "jsonl":
            columns = ", ".join(f"{quoted(name)}: 'VARCHAR'" for name in wanted.columns)
            options = f"format = 'newline_delimited', columns = {{{columns}}}, ignore_errors = true"
            return self._db.sql(f"SELECT * FROM read_json({path}, {options})")  # noqa: S608
        columns = ", ".join(f"{literal(name or f'column{i}')}: 'VARCHAR'" for i, name in enumerate(facts.columns))
        rejects = f"rejects_table = 'malformed_{wanted.table}', rejects_scan = 'malformed_scan_{wanted.table}'"
        options = (
            f"delim = {literal(facts.delimiter)}, header = true, auto_detect = false, columns = {{{columns}}}, "
            f"quote = '\"', escape = '\"', new_line = {literal(_line_end(facts))}, store_rejects = true, {rejects}"
        )
        return self._db.sql(f"SELECT * FROM read_csv({path}, {options})")  # noqa: S608

    def malformed(self, table: str) -> Sequence[int]:
        """Line numbers of lines that could not be cut into columns when ``table`` was read.

        Args:
            table: Name of ``wanted``.

        Returns:
            1-based, rising.
        """
        name = f"malformed_{table}"
        if not self._db.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = ?", [name]).fetchall():
            return ()
        return tuple(row[0] for row in self._db.execute(f"SELECT DISTINCT line FROM {name} ORDER BY line").fetchall())  # noqa: S608

    def count(self, facts: FileFacts, wanted: Wanted) -> int:
        """How many rows the file has, counted apart from any scan; malformed lines are not among them.

        Args:
            facts: What is known of the file.
            wanted: As ``relation`` was given it.

        Returns:
            The number of rows.

        Raises:
            SourceError: A quotation mark that is never closed swallowed the rest of the file.
        """
        with reading(facts):
            n_rows = int(self.relation(facts, wanted).aggregate("count(*)").fetchall()[0][0])
        malformed = self.malformed(wanted.table)
        opened, n_lines = open_quote(facts.path) if malformed else (0, 0)
        if opened and n_lines > 1 + n_rows + len(malformed):  # one malformed line may have swallowed all the rest
            raise SourceError(_unread(facts, _never_closed(opened)))
        return n_rows

    def _transcoded(self, facts: FileFacts) -> str:
        """A UTF-8 copy that has no name: it holds raw identifiers, so a crash must not leave it behind."""
        file = tempfile.TemporaryFile(dir=self._engine.scratch)
        self._open.append(file)
        transcode(facts, file)
        return f"/proc/self/fd/{file.fileno()}"


@contextmanager
def reading(facts: FileFacts) -> Iterator[None]:
    """Turns the engine's complaints about a file into an error that says where and what to do."""
    try:
        yield
    except duckdb.Error as error:
        if "No space left" in str(error):
            raise  # about the disk, not the file
        raise SourceError(_unread(facts, _why(facts) or short(error))) from error


def _why(facts: FileFacts) -> str:
    """What is wrong with a file of text, as far as quotation marks and line ends tell."""
    if facts.form != "csv":
        return ""
    opened, _ = open_quote(facts.path)
    odd = 0 if opened else odd_line_end(facts.path)
    if odd:
        return f"line {odd:,} ends in another way than the first (\\n and \\r\\n are mixed)"
    return _never_closed(opened) if opened else ""


def _never_closed(line: int) -> str:
    return f"a quotation mark opened in line {line:,} is never closed"


def _unread(facts: FileFacts, why: str) -> str:
    return f"{facts.path} cannot be read: {why}. Mend that place, or export the file again"


def _line_end(facts: FileFacts) -> str:
    with facts.path.open("rb") as file:
        start = file.read(1 << 16)
    return "\\r\\n" if b"\r\n" in start or b"\r\0\n" in start else "\\n"
