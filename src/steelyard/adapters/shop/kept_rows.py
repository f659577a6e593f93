"""Rows of daily files that were read before, so that a load with one day more reads that day only.

Of each file two things are kept, both encrypted, by keys that only the holder of the shop's key can make: the forms of
the values of its columns, each with its number of rows, and its rows as they were read, with pseudonyms. What the
columns mean is decided from the forms of all files. Where a new file changes that, nothing that was read otherwise is
used: all files are read again.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from steelyard import __version__
from steelyard.adapters.artefacts import file_digest
from steelyard.adapters.shop.column_readings import MAX_FORMS, count_forms, decide, questions_of
from steelyard.adapters.shop.cutting.cut_rows import RowCutter
from steelyard.adapters.shop.cutting.cut_text import Cut, engine_columns
from steelyard.adapters.shop.cutting.nested import ROW
from steelyard.adapters.shop.cutting.source_files import FileFacts
from steelyard.adapters.shop.own_names import without_own_names
from steelyard.adapters.shop.source_sql import select_roles
from steelyard.adapters.shop.sql_words import LateRows, literal, quoted
from steelyard.adapters.shop.table_engine import TableEngine
from steelyard.data.remarks import Remark
from steelyard.data.schema import CuttingNote, KeepRows, StoredType, Wanted
from steelyard.data.values.number_forms import FormCount

__all__ = ["KeptRows"]

_TABLES = frozenset(("items", "events", "judgements", "users", "answers"))
"""Others are read with roles that hide nobody."""
_MOST_FORMS = 40 * MAX_FORMS
"""A file with more forms of a column is read with all others, whenever they are read."""
_FORMS, _ROWS = "forms", "rows"
_Forms = Mapping[str, FormCount]
_LAST = "last-readings.json"


@dataclass(frozen=True, slots=True)
class _Known:
    """What is kept of a file."""

    cut: Cut
    """Without the rows."""
    forms: tuple[_Forms, ...]


class KeptRows:
    """Reads tables of several files, each file once.

    Args:
        engine: Reads and writes the kept rows.
        cutter: Cuts the files that are new.
        keep: Where, under which key, and who is told what was read.
    """

    def __init__(self, engine: TableEngine, cutter: RowCutter, keep: KeepRows) -> None:
        self._engine, self._cutter, self._told = engine, cutter, keep.told
        self._folder, self._key = Path(keep.folder), keep.key
        self._used: set[str] = set()
        self._rows: dict[str, int] = {}

    def suits(self, facts: FileFacts, wanted: Wanted) -> bool:
        """Whether the table is one of several files of delimited text, whose columns need no look across files."""
        is_plain = all(part.form == "csv" for part in facts.parts)
        return bool(facts.parts) and is_plain and wanted.table in _TABLES and set(wanted.columns) <= set(facts.columns)

    def count(self, wanted: Wanted) -> int | None:
        """How many rows the files of a table have that was scanned, as they were counted when they were cut."""
        return self._rows.get(wanted.table)

    def scan(
        self, facts: FileFacts, wanted: Wanted, pseudonym: Callable[[str], str]
    ) -> tuple[duckdb.DuckDBPyRelation, list[Remark]] | None:
        """The rows of a table, of which those of known files are taken from before.

        Args:
            facts: Of a table that suits.
            wanted: Its roles.
            pseudonym: Hides people.

        Returns:
            The rows, and what was decided of the columns; ``None`` where a column has too many forms to be kept.

        Raises:
            DataError: A column can be read in several ways, and nothing tells which.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        types = dict.fromkeys(engine_columns(facts.columns), "VARCHAR")
        names = [self._name_of(part, wanted, types) for part in facts.parts]
        known, n_new = list[_Known](), 0
        for part, name in zip(facts.parts, names, strict=True):
            before = self._known(name)
            one = before or self._look_at(part, wanted, types, name)
            if one is None:
                return None
            n_new += before is None
            known.append(one)
        self._cutter.tell(wanted.table, facts, [one.cut for one in known])
        raw = LateRows(lambda: self._cutter.relation(facts, wanted), self._engine.db)
        forms = [_joined([one.forms[i] for one in known]) for i in range(len(questions_of(wanted, types)))]
        readings, remarks = decide(raw, wanted, types, forms=forms)
        selected = select_roles(wanted.roles, types, readings)
        self._say(wanted, selected, n_new=n_new, n=len(known))
        self._rows[wanted.table] = sum(one.cut.n_rows for one in known)
        mark = _digest(selected, pseudonym("rows that are kept"))
        stored = [
            self._rows_of(part, f"{name}-{mark[:32]}", wanted, (selected, pseudonym), n=one.cut.n_rows)
            for part, name, one in zip(facts.parts, names, known, strict=True)
        ]
        return self._union(stored, [one.cut.n_rows for one in known]), remarks

    def prune(self) -> None:
        """Forget files that were not among those of the load."""
        if self._used:
            for path in self._folder.iterdir():
                if path.name not in self._used and path.name != _LAST:
                    path.unlink(missing_ok=True)

    def _name_of(self, part: FileFacts, wanted: Wanted, types: Mapping[str, str]) -> str:
        """Of a file's content, and of all that its rows depend on."""
        facts = {key: value for key, value in _builtins(part).items() if key not in ("path", "name", "parts")}
        asked = [(one.kind, one.column, one.group) for one in questions_of(wanted, types)]
        return _digest(__version__, file_digest(part.path), facts, _builtins(wanted) | {"path": ""}, asked)[:40]

    def _known(self, name: str) -> _Known | None:
        """What is kept of a file, if it is whole."""
        path = self._path(name, _FORMS)
        if not _is_whole(path):
            return None
        self._use(path)
        try:
            found = self._engine.db.execute(f"SELECT k, f, n, least FROM {self._sql(path)}").fetchall()  # noqa: S608
        except duckdb.Error:
            return None
        cut = next(json.loads(f) for k, f, _, _ in found if k < 0)
        forms: list[dict[str, FormCount]] = [{} for _ in range(cut["n_questions"])]
        for k, f, n, least in found:
            if k >= 0:
                forms[k][f] = FormCount(f, n, least)
        notes = tuple(msgspec.convert(note, CuttingNote) for note in cut["notes"])
        return _Known(Cut("", cut["n_rows"], tuple(cut["bad"]), notes, cut["n_inside"]), tuple(forms))

    def _look_at(self, part: FileFacts, wanted: Wanted, types: Mapping[str, str], name: str) -> _Known | None:
        """Cut a new file, count the forms of its columns and keep them."""
        cut = self._cutter.cut_of(part)
        questions = questions_of(wanted, types)
        counted = count_forms(self._raw(cut), questions, most=_MOST_FORMS)
        if any(len(one) >= _MOST_FORMS for one in counted):
            return None
        forms = tuple({each.form: each for each in one} for one in counted)
        facts = {
            "n_rows": cut.n_rows, "bad": cut.bad, "n_inside": cut.n_inside, "n_questions": len(forms),
            "notes": [_builtins(note) for note in cut.notes],
        }  # fmt: skip
        rows = [(k, each.form, each.count, each.example) for k, one in enumerate(forms) for each in one.values()]
        rows.append((-1, json.dumps(facts), 0, ""))
        scratch: dict[str, StoredType] = {"k": "int", "f": "text", "n": "int", "least": "text"}
        with self._engine.writing(scratch, name="kept_forms") as written:
            written.write(dict(zip(scratch, zip(*rows, strict=True), strict=True)))
        self._store(self._engine.table("kept_forms").to_native(), self._path(name, _FORMS))
        return _Known(Cut("", cut.n_rows, cut.bad, cut.notes, cut.n_inside), forms)

    def _rows_of(self, part: FileFacts, name: str, wanted: Wanted, how: tuple[list[str], Any], *, n: int) -> Path:
        """The file that holds the rows of a part; made where it is not there."""
        path = self._path(name, _ROWS)
        if not _is_whole(path):
            selected, pseudonym = how
            raw = self._raw(self._cutter.cut_of(part))
            frame = raw.project(", ".join(["row_number() OVER () AS row", *selected]))
            frame = without_own_names(frame, wanted)
            personal = [output for role in wanted.roles if role.is_personal for output in role.outputs]
            self._store(self._engine.hidden(frame, personal, pseudonym) if personal else frame, path)
        self._use(path)
        return path

    def _raw(self, cut: Cut) -> duckdb.DuckDBPyRelation:
        source = self._engine.db.sql(cut.sql)
        return source.project(f"* EXCLUDE ({ROW})") if ROW in source.columns else source

    def _union(self, stored: Sequence[Path], n_rows: Sequence[int]) -> duckdb.DuckDBPyRelation:
        """All rows, numbered through."""
        parts, before = list[str](), 0
        for path, n in zip(stored, n_rows, strict=True):
            parts.append(f"(SELECT * REPLACE (row + {before} AS row) FROM {self._sql(path)})")  # noqa: S608
            before += n
        return self._engine.db.sql(" UNION ALL ".join(parts))

    def _store(self, frame: duckdb.DuckDBPyRelation, path: Path) -> None:
        """Write rows encrypted, whole or not at all, readable by their owner only."""
        fresh = path.with_suffix(".new")
        self._sql(path)
        frame.create_view("rows_to_keep", replace=True)
        options = f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {self._engine.group_rows}"
        options += f", ENCRYPTION_CONFIG {{footer_key: {literal(path.stem)}}}"
        before = os.umask(0o077)
        try:
            self._engine.db.execute(f"COPY (SELECT * FROM rows_to_keep) TO {literal(str(fresh))} ({options})")  # noqa: S608
            path.with_suffix(path.suffix + ".sum").write_text(file_digest(fresh), "utf-8")
        finally:
            os.umask(before)
            self._engine.db.execute("DROP VIEW IF EXISTS rows_to_keep")
        fresh.replace(path)
        self._use(path)

    def _sql(self, path: Path) -> str:
        """SQL for the content of a kept file; each file has a key of its own."""
        key = base64.b64encode(hmac.digest(self._key, f"kept rows {path.name}".encode(), "sha256")).decode()
        self._engine.db.execute(f"PRAGMA add_parquet_key({literal(path.stem)}, {literal(key)})")
        return f"read_parquet({literal(str(path))}, encryption_config = {{footer_key: {literal(path.stem)}}})"

    def _path(self, name: str, kind: str) -> Path:
        return self._folder / f"{name}.{kind}"

    def _use(self, path: Path) -> None:
        self._used |= {path.name, f"{path.name}.sum"}

    def _say(self, wanted: Wanted, selected: Sequence[str], *, n_new: int, n: int) -> None:
        """Tell what is read anew, and why all of it where that is so."""
        path = self._folder / _LAST
        last = _last_of(path)
        before = last.get(wanted.table, [])
        changed = [
            role.name
            for role in wanted.roles
            if any(_of_output(before, output) != _of_output(selected, output) for output in role.outputs)
        ]
        if n_new < n and before and changed:
            self._told(f"{wanted.table}: the new files change how {', '.join(changed)} is read: all {n} are read again")
        elif n_new < n:
            self._told(f"{wanted.table}: {n - n_new} of {n} files are as they were read before; new: {n_new}")
        fresh = path.with_suffix(".new")
        fresh.touch(mode=0o600)
        fresh.write_text(json.dumps({**last, wanted.table: list(selected)}), "utf-8")
        fresh.replace(path)


def _last_of(path: Path) -> dict[str, list[str]]:
    """How each table was read the last time; nothing where that is not known, or not whole."""
    try:
        found = msgspec.json.decode(path.read_bytes(), type=dict[str, list[str]])
    except (OSError, msgspec.DecodeError):
        return {}
    return found


def _of_output(selected: Sequence[str], output: str) -> list[str]:
    return [one for one in selected if one.endswith((f" AS {quoted(output)}", f" AS {quoted(output + '_text')}"))]


def _joined(parts: Sequence[_Forms]) -> list[FormCount]:
    """The forms of a column over all files, as one pass over all of them would count them."""
    found: dict[str, FormCount] = {}
    for part in parts:
        for form, one in part.items():
            before = found.get(form)
            if before is None:
                found[form] = one
                continue
            found[form] = FormCount(form, before.count + one.count, min(before.example, one.example))
    ordered = sorted(found.values(), key=lambda each: (-each.count, each.form.encode("utf-8", "surrogatepass")))
    return ordered[:MAX_FORMS]


def _is_whole(path: Path) -> bool:
    sums = path.with_suffix(path.suffix + ".sum")
    return path.is_file() and sums.is_file() and sums.read_text("utf-8") == file_digest(path)


def _builtins(value: Any) -> Any:
    made: Any = msgspec.to_builtins(value, enc_hook=str, str_keys=True, order="deterministic")
    return made


def _digest(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()
