"""Tables from files, larger than memory: DuckDB with a memory limit and a folder to spill to.

People's identifiers are replaced while a file is scanned: neither scratch tables nor results hold them, and what the
engine spills is encrypted with a key that only lives in its memory.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import duckdb
import narwhals.stable.v2 as nw
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from steelyard.adapters.shop.source_files import (
    FileFacts,
    locate,
    look,
    missing_columns,
    odd_line_end,
    open_quote,
    transcode,
)
from steelyard.adapters.shop.source_sql import (
    DAY_FIRST,
    MONTH_FIRST,
    decimal_marks,
    floats_and_others,
    literal,
    quoted,
    select_roles,
    time_expression,
)
from steelyard.data.schema import Role, StoredType, Wanted
from steelyard.errors import SourceError

__all__ = ["Sources"]

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


class Sources:
    """Reads the shop's files, and holds intermediate tables in a scratch folder that goes when it is closed.

    Args:
        base: Folder the configured paths are relative to.
        scratch: Folder for intermediate tables; made if need be. ``None`` takes the system's.
        max_memory_gb: Memory of the table engine; more spills to the scratch folder.
        max_columns: A wider file is refused before it is parsed.
        threads: Threads of the table engine.
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
        self._base = base
        self._max_columns = max_columns
        if scratch is not None:
            scratch.mkdir(parents=True, exist_ok=True)
        self._scratch = Path(tempfile.mkdtemp(prefix="tables-", dir=scratch))
        self._db = duckdb.connect(
            config={
                "memory_limit": f"{int(max_memory_gb * 1000)}MB",
                "threads": str(threads),
                "temp_directory": str(self._scratch / "spill"),
                "autoinstall_known_extensions": "false",
                "temp_file_encryption": "true",
            }
        )
        self._db.execute("SET TimeZone='UTC'")
        self._db.execute("SET enable_progress_bar=false")
        self._unfloated: dict[str, dict[str, int]] = {}
        self._looked: dict[str, FileFacts] = {}
        self._open: list[IO[bytes]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Forget all intermediate tables."""
        self._db.close()
        for file in self._open:
            file.close()
        shutil.rmtree(self._scratch, ignore_errors=True)

    def look(self, path: str) -> FileFacts:
        """Form, columns and encoding of a file, found as in a configuration."""
        if path not in self._looked:
            self._looked[path] = look(locate(path, self._base), max_columns=self._max_columns)
        return self._looked[path]

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
        columns = tuple(Role(name, (name,)) for name in facts.columns if name)
        source = self._source(facts, Wanted("sample", path, columns))
        types = {name: str(type_) for name, type_ in zip(source.columns, source.types, strict=True)}
        with _reading(facts):
            n_rows = source.aggregate("count(*)").fetchall()[0][0]
            first = source.limit(n)
            texts = first.project(", ".join(select_roles(columns, types, day_first=False)))
            plain = [role for role in columns if not types[role.name].startswith(("TIMESTAMP", "DATE"))]
            roles = [Role(f"n{i}", role.columns, "number") for i, role in enumerate(plain)]
            comma = self._comma_decimal(first, [role.name for role in plain], types)
            selected = select_roles(roles, types, day_first=False, comma_decimal=comma)[::2]
            read = pa.table(first.project(", ".join(selected)).to_arrow_table()).to_pydict() if roles else {}
            numbers = {role.name: read[f"n{i}"] for i, role in enumerate(plain)}
            return n_rows, pa.table(texts.to_arrow_table()).to_pydict(), numbers

    def check(self, wanted: Sequence[Wanted]) -> None:
        """Look at every file before any is parsed; all problems are raised together."""
        problems: list[str] = []
        for one in wanted:
            try:
                problems += [f"[data.{one.table}] {p}" for p in missing_columns(self.look(one.path), one.columns)]
            except SourceError as error:
                problems.append(f"[data.{one.table}] {error}")
        if problems:
            raise SourceError("\n".join(problems))

    def scan(self, wanted: Wanted, *, pseudonym: Callable[[str], str]) -> Frame:
        """The file as a lazy frame: ``row`` (1-based) and the outputs of every role. Empty text is null."""
        facts = self.look(wanted.path)
        with _reading(facts):
            source = self._source(facts, wanted)
            types = {name: str(type_) for name, type_ in zip(source.columns, source.types, strict=True)}
            self._unfloated[wanted.table] = self._written_as_floats(source, wanted, types)
            unfloated = self._unfloated[wanted.table]
            day_first = self._day_first(source, wanted)
            numbers = [role.columns[0] for role in wanted.roles if role.kind == "number"]
            comma = self._comma_decimal(source, numbers, types)
            selected = select_roles(wanted.roles, types, day_first=day_first, unfloated=unfloated, comma_decimal=comma)
            row = "file_row_number + 1" if facts.form == "parquet" else "row_number() OVER ()"
            frame = source.project(", ".join([f"{row} AS row", *selected]))
            personal = [output for role in wanted.roles if role.is_personal for output in role.outputs]
            return _lazy(self._hidden(frame, personal, wanted.table, pseudonym) if personal else frame)

    def count(self, wanted: Wanted) -> int:
        """How many rows the file has, counted apart from any scan; malformed lines are not among them."""
        facts = self.look(wanted.path)
        with _reading(facts):
            n_rows = int(self._source(facts, wanted).aggregate("count(*)").fetchall()[0][0])
        malformed = self.malformed(wanted.table)
        opened, n_lines = open_quote(facts.path) if malformed else (0, 0)
        if opened and n_lines > 1 + n_rows + len(malformed):  # one malformed line may have swallowed all the rest
            raise SourceError(_unread(facts, _never_closed(opened)))
        return n_rows

    def columns(self, path: str) -> Sequence[str]:
        """Names of the columns of a file, in their order."""
        return self.look(path).columns

    def unfloated(self, table: str) -> Mapping[str, int]:
        """Roles of ``table`` whose whole numbers a table tool had written as ``7.0``, and how many were read as 7."""
        return dict(self._unfloated.get(table, {}))

    def malformed(self, table: str) -> Sequence[int]:
        """Line numbers of lines that could not be cut into columns when ``table`` was read."""
        name = f"malformed_{table}"
        if not self._db.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = ?", [name]).fetchall():
            return ()
        return tuple(row[0] for row in self._db.execute(f"SELECT DISTINCT line FROM {name} ORDER BY line").fetchall())  # noqa: S608

    def keep(self, frame: Frame, name: str) -> Frame:
        """The same frame, computed once and stored for the length of the run."""
        self.write(frame, str(self._scratch / f"{name}.parquet"))
        return self.table(name)

    def write(self, frame: Frame, target: str) -> None:
        """Store a frame as Parquet at ``target``; a folder that leads to it is made."""
        Path(target).parent.mkdir(exist_ok=True)
        try:
            frame.sink_parquet(target)
        except duckdb.OutOfMemoryException as error:
            raise SourceError(
                f"the tables need more than the {self._limit()} allowed: raise max_memory_gb in [data], or free "
                f"space under {self._scratch.parent}, where what does not fit in memory is spilled"
            ) from error
        except duckdb.InvalidInputException as error:
            raise SourceError(f"a source cannot be read: {_short(error)}; export it again") from error

    @contextmanager
    def writing(self, columns: Mapping[str, StoredType], *, name: str = "", target: str = "") -> Iterator[_ParquetRows]:
        """Open a table to be filled batch by batch: scratch table ``name``, or a Parquet file at ``target``."""
        path = target or str(self._scratch / f"{name}.parquet")
        Path(path).parent.mkdir(exist_ok=True)
        schema = pa.schema([(column, _TYPES[type_]) for column, type_ in columns.items()])
        with pq.ParquetWriter(path, schema, compression="zstd") as writer:
            yield _ParquetRows(writer, schema)

    def write_document(self, document: Mapping[str, Any], target: str) -> None:
        """Store a document as JSON at ``target``."""
        Path(target).write_text(json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False), "utf-8")

    def table(self, name: str) -> Frame:
        """A scratch table that was kept or written under ``name``."""
        return _lazy(self._db.read_parquet(str(self._scratch / f"{name}.parquet")))

    def batches(self, frame: Frame) -> Iterator[dict[str, list[Any]]]:
        """The rows in order, a bounded number at a time, as lists by column."""
        relation: duckdb.DuckDBPyRelation = frame.to_native()
        for batch in relation.to_arrow_reader(_BATCH_ROWS):
            yield batch.to_pydict()

    def arrays(self, frame: Frame) -> dict[str, Any]:
        """The whole frame as numpy arrays by column. Numbers only, no nulls."""
        relation: duckdb.DuckDBPyRelation = frame.to_native()
        return dict(relation.fetchnumpy())

    def _limit(self) -> str:
        return str(self._db.execute("SELECT current_setting('memory_limit')").fetchall()[0][0])

    def _hidden(
        self,
        frame: duckdb.DuckDBPyRelation,
        personal: Sequence[str],
        table: str,
        pseudonym: Callable[[str], str],
    ) -> duckdb.DuckDBPyRelation:
        """The frame with pseudonyms in its personal columns.

        The list that links them lives in the engine's memory (what of it is spilled is encrypted) and goes when the
        engine is closed.
        """
        people = f"people_{table}"
        self._db.execute(f"CREATE OR REPLACE TABLE {people} (raw VARCHAR, pseudonym VARCHAR)")
        writer = self._db.cursor()
        names = " UNION ALL ".join(f"SELECT {quoted(name)} AS raw FROM frame" for name in personal)  # noqa: S608
        distinct = f"SELECT DISTINCT raw FROM ({names}) WHERE raw IS NOT NULL"  # noqa: S608
        for batch in self._db.sql(distinct).to_arrow_reader(_BATCH_ROWS):
            raw = batch.column(0).to_pylist()
            hidden = pa.table({"raw": batch.column(0), "pseudonym": [pseudonym(value) for value in raw]})
            writer.from_arrow(hidden).insert_into(people)
        writer.close()
        shown = [
            f"p{personal.index(c)}.pseudonym AS {quoted(c)}" if c in personal else quoted(c) for c in frame.columns
        ]
        joins = [f"LEFT JOIN {people} p{i} ON p{i}.raw = frame.{quoted(c)}" for i, c in enumerate(personal)]
        return self._db.sql(f"SELECT {', '.join(shown)} FROM frame {' '.join(joins)}")  # noqa: S608

    def _source(self, facts: FileFacts, wanted: Wanted) -> duckdb.DuckDBPyRelation:
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

    def _transcoded(self, facts: FileFacts) -> str:
        """A UTF-8 copy that has no name: it holds raw identifiers, so a crash must not leave it behind."""
        file = tempfile.TemporaryFile(dir=self._scratch)
        self._open.append(file)
        transcode(facts, file)
        return f"/proc/self/fd/{file.fileno()}"

    def _written_as_floats(
        self, source: duckdb.DuckDBPyRelation, wanted: Wanted, types: Mapping[str, str]
    ) -> dict[str, int]:
        """Personal identifiers of whole numbers, some of them written as ``7.0``: how many, by role.

        The shop's own pages name the same person ``7``. A column that holds anything else is left as it is.
        """
        roles = [role for role in wanted.roles if role.is_personal and types[role.columns[0]] == "VARCHAR"]
        if not roles:
            return {}
        counts = [count for role in roles for count in floats_and_others(role.columns[0], "VARCHAR")]
        row = source.aggregate(", ".join(counts)).fetchall()[0]
        pairs = zip(roles, row[::2], row[1::2], strict=True)
        return {role.name: floats for role, floats, others in pairs if floats and not others}

    def _comma_decimal(
        self, source: duckdb.DuckDBPyRelation, columns: Sequence[str], types: Mapping[str, str]
    ) -> set[str]:
        """Columns of text in which more numbers have a decimal comma than a decimal point."""
        written = [column for column in dict.fromkeys(columns) if types[column] == "VARCHAR"]
        if not written:
            return set()
        counts = [count for column in written for count in decimal_marks(column, "VARCHAR")]
        row = source.aggregate(", ".join(counts)).fetchall()[0]
        pairs = zip(written, row[::2], row[1::2], strict=True)
        return {column for column, with_comma, with_point in pairs if with_comma > with_point}

    def _day_first(self, source: duckdb.DuckDBPyRelation, wanted: Wanted) -> bool:
        """Whether 3/4/2024 is the third of April: what more of the first 20,000 times agree with."""
        role = next((r for r in wanted.roles if r.kind == "time"), None)
        if role is None:
            return False
        text = f"trim(CAST({quoted(role.columns[0])} AS VARCHAR))"
        counts = [f"count({time_expression(text, formats)})" for formats in (DAY_FIRST, MONTH_FIRST)]
        rows = source.limit(20_000).aggregate(", ".join(counts)).fetchall()
        return bool(rows[0][0] > rows[0][1])


class _ParquetRows:
    def __init__(self, writer: pq.ParquetWriter, schema: pa.Schema) -> None:
        self._writer = writer
        self._schema = schema

    def write(self, columns: Mapping[str, Sequence[Any] | npt.NDArray[Any]]) -> None:
        """Append a batch of rows."""
        arrays = [pa.array(columns[field.name], field.type) for field in self._schema]
        self._writer.write_batch(pa.record_batch(arrays, schema=self._schema))


def _lazy(relation: duckdb.DuckDBPyRelation) -> Frame:
    frame: Frame = nw.from_native(relation)
    return frame


@contextmanager
def _reading(facts: FileFacts) -> Iterator[None]:
    """Turns the engine's complaints about a file into an error that says where and what to do."""
    try:
        yield
    except duckdb.Error as error:
        if "No space left" in str(error):
            raise  # about the disk, not the file
        raise SourceError(_unread(facts, _why(facts) or _short(error))) from error


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


def _short(error: Exception) -> str:
    """The engine's message without quoted data, which could name people."""
    return re.sub(r"(?s)(Original Line|CSV Line|Line|Possible fixes):.*", "", str(error)).split("\n\n")[0].strip()[:300]
