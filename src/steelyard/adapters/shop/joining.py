"""The files of one export as one table: every row of the table's own file, once, with what other files say of it.

Each file's columns are decided by all of their own values. People's identifiers are replaced and keys are hashed while
a file is scanned, before anything is joined or stored. A text of one file that holds an identifier of another is not
told; contacts in it are.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from steelyard.adapters.shop.column_readings import decide
from steelyard.adapters.shop.cutting.cut_rows import RowCutter, reading
from steelyard.adapters.shop.cutting.nested import ROW
from steelyard.adapters.shop.cutting.source_files import FileFacts, missing_columns
from steelyard.adapters.shop.join_keys import KeyHash, repairs
from steelyard.adapters.shop.own_names import without_own_names
from steelyard.adapters.shop.relative_times import Elapsed, inputs, with_times
from steelyard.adapters.shop.source_sql import select_roles
from steelyard.adapters.shop.sql_words import answered, quoted
from steelyard.adapters.shop.table_engine import TableEngine
from steelyard.data.join_remarks import KeyCounts, derived, joined_file, refused_none, refused_repeats
from steelyard.data.joins import JoinPlan, Side, planned
from steelyard.data.remarks import Remark
from steelyard.data.schema import CuttingNote, Reading, Role, Wanted
from steelyard.errors import DataError, SourceError

__all__ = ["Joiner"]

Look = Callable[[str, Reading], FileFacts]
_SAMPLES = 5


@dataclass(frozen=True, slots=True)
class _Raw:
    """Rows of a file as they are written."""

    facts: FileFacts
    rows: duckdb.DuckDBPyRelation
    types: Mapping[str, str]

    @property
    def row(self) -> str:
        """SQL for the 1-based number of a row."""
        return f"{ROW} + 1" if ROW in self.types else "row_number() OVER ()"


class Joiner:
    """Reads tables that are spread over several files.

    Args:
        engine: Joins.
        cutter: Cuts the files into rows.
        look: What is known of a file.
    """

    def __init__(self, engine: TableEngine, cutter: RowCutter, look: Look) -> None:
        self._engine = engine
        self._cutter = cutter
        self._look = look
        self._keys: KeyHash | None = None
        self._notes: dict[str, list[CuttingNote]] = {}

    def check(self, wanted: Wanted) -> list[str]:
        """A sentence for each thing that is wrong with the files of a table, before any is parsed.

        Args:
            wanted: The table.

        Returns:
            Each begins with the section it is about.
        """
        plan, facts = self._plan(wanted)
        problems = list(plan.problems)
        for number, (side, one) in enumerate(zip(plan.sides, facts, strict=True)):
            where = f"{wanted.table}.join" if number else wanted.table
            problems += [f"[data.{where}] {problem}" for problem in missing_columns(one, _needed(side))]
        return [one if one.startswith("[") else f"[data.{wanted.table}.join] {one}" for one in problems]

    def own(self, wanted: Wanted) -> Wanted:
        """What is read of the table's own file alone."""
        return self._plan(wanted)[0].sides[0].wanted

    def notes(self, table: str) -> Sequence[CuttingNote]:
        """What was decided and mended when the joined files of ``table`` were cut into rows."""
        return self._notes.get(table, ())

    def scan(self, wanted: Wanted, *, pseudonym: Callable[[str], str]) -> tuple[duckdb.DuckDBPyRelation, list[Remark]]:
        """The table's rows with the outputs of every role, and what is to be said of them.

        Args:
            wanted: The table, with the files that are joined.
            pseudonym: Gives the pseudonym of a raw text.

        Returns:
            Rows that are not yet computed, and remarks.

        Raises:
            DataError: A file has a key twice, or not one of the keys that are asked for.
            SourceError: A file cannot be read or joined.
        """
        plan, facts = self._plan(wanted)
        if plan.problems:
            raise SourceError("\n".join(plan.problems))
        job = _Job(self._engine, wanted, plan, self._hash(), pseudonym)
        self._notes[wanted.table] = []
        for side, one in zip(plan.sides, facts, strict=True):
            if not side.is_used:
                job.pass_over(side, one)
                continue
            with reading(one):
                rows = self._cutter.relation(one, _cut(side))
                types = {name: str(type_) for name, type_ in zip(rows.columns, rows.types, strict=True)}
                job.add(side, _Raw(one, rows, types))
            if side.lookup is not None:
                told = self._cutter.notes(side.wanted.table)
                self._notes[wanted.table] += [_flagged(note, one.file) for note in told]
        return job.joined()

    def _hash(self) -> KeyHash:
        if self._keys is None:
            self._keys = KeyHash(self._engine.db, secrets.token_hex(16))
        return self._keys

    def _plan(self, wanted: Wanted) -> tuple[JoinPlan, list[FileFacts]]:
        facts = [self._look(wanted.path, wanted.reading)]
        facts += [self._look(lookup.path, lookup.reading) for lookup in wanted.joins]
        return planned(wanted, [one.columns for one in facts]), facts


class _Job:
    """One table that is being joined."""

    def __init__(
        self, engine: TableEngine, wanted: Wanted, plan: JoinPlan, keys: KeyHash, pseudonym: Callable[[str], str]
    ) -> None:
        self._engine, self._wanted, self._plan, self._keys, self._pseudonym = engine, wanted, plan, keys, pseudonym
        self._raw: dict[int, _Raw] = {}
        self._frames: dict[int, duckdb.DuckDBPyRelation] = {}
        self._fixes: dict[int, tuple[str, dict[str, int]]] = {}
        self._elapsed: list[tuple[Side, str, Elapsed]] = []
        self._remarks: list[Remark] = []

    def pass_over(self, side: Side, facts: FileFacts) -> None:
        """A file of which nothing is needed."""
        assert side.lookup is not None
        self._remarks.append(joined_file(facts.file, side.lookup, KeyCounts(), columns=()))

    def add(self, side: Side, raw: _Raw) -> None:
        """Read a file: its roles, with people hidden, and the hashes of its keys."""
        number = self._plan.sides.index(side)
        clock = side.clock
        roles = tuple(role for role in side.wanted.roles if clock is None or role.columns != (clock.column,))
        is_timed = len(roles) < len(side.wanted.roles)
        own = replace(side.wanted, roles=roles)
        readings, remarks = decide(raw.rows, own, raw.types)
        selected = select_roles(roles, raw.types, readings)
        selected += [f"{self._keys.of(self._keys.text(on, raw.types))} AS _on{j}" for j, on in side.ons.items()]
        if side.lookup:
            selected.append(f"{self._keys.of(self._keys.text(side.lookup.key, raw.types))} AS _key{number}")
        selected += inputs(clock, raw.types, self._keys) if clock and is_timed else []
        row = f"_row{number}" if number else "row"
        frame = without_own_names(raw.rows.project(", ".join([f"{raw.row} AS {row}", *selected])), own)
        personal = [output for role in roles if role.is_personal for output in role.outputs]
        frame = self._engine.hidden(frame, personal, self._pseudonym) if personal else frame
        if clock and is_timed:
            file, zone = raw.facts.file, self._wanted.habits.timezone
            stored = self._path(f"orders{number}")
            frame, elapsed = with_times(frame, clock, stored=stored, file=file, timezone=zone)
            self._elapsed.append((side, file, elapsed))
        self._raw[number] = raw
        self._frames[number] = self._stored(frame, number) if number else frame
        self._remarks += [_of_file(remark, raw.facts.file) if number else remark for remark in remarks]

    def joined(self) -> tuple[duckdb.DuckDBPyRelation, list[Remark]]:
        """All rows, once each."""
        numbers = [number for number in self._frames if number]
        for number in numbers:
            self._refuse_repeats(number)
        counts = self._counts(numbers)
        for number in numbers:
            if counts[number].unknown and self._repaired(number):
                counts = self._counts(numbers)
            if counts[number].asked and not counts[number].found:
                side, raw = self._plan.sides[number], self._raw[number]
                assert side.lookup is not None
                raise DataError(refused_none(raw.facts.file, side.lookup, counts[number], table=self._wanted.table))
        n_timed = counts[0].found
        for number in numbers:
            self._say(number, counts[number])
        self._remarks += [derived(file, side.clock, one, n=n_timed) for side, file, one in self._elapsed if side.clock]
        outputs = [name for role in self._wanted.roles for name in _columns(role)]
        shown = ", ".join(quoted(name) for name in dict.fromkeys(["row", *outputs]))
        return self._together(numbers).project(shown), self._remarks

    def _together(self, numbers: Sequence[int]) -> duckdb.DuckDBPyRelation:
        frame = self._frames[0]
        for number in numbers:
            on = f"_on{number}"
            if number in self._fixes:
                fix = self._engine.db.read_parquet(self._fixes[number][0])
                fix = fix.project(f"written AS _written{number}, meant AS _meant{number}")
                frame = frame.set_alias("asked").join(fix.set_alias("fix"), f"{on} = _written{number}", how="left")
                on = f"coalesce(_meant{number}, {on})"
            looked_up = self._frames[number].set_alias("looked_up")
            frame = frame.set_alias("asked").join(looked_up, f"{on} = _key{number}", how="left")
        return frame

    def _counts(self, numbers: Sequence[int]) -> dict[int, KeyCounts]:
        """By number of a file how the keys of the table's rows met it; by 0 how many rows have an added-up time."""
        timed = "count(time)" if self._elapsed else "0"
        asked = [f"{timed}, count(*)"]
        for number in numbers:
            owner = self._plan.owner(number)
            there = f"_row{owner} IS NOT NULL" if owner else "true"
            fixed = f"_meant{number} IS NOT NULL" if number in self._fixes else "false"
            asked.append(
                f"count(*) FILTER ({there} AND _on{number} IS NULL), count(*) FILTER ({there} AND _on{number} IS NOT "
                f"NULL), count(_row{number}), count(*) FILTER ({fixed})"
            )
        figures = [int(n) for n in self._together(numbers).aggregate(", ".join(asked)).fetchall()[0]]
        counts = {0: KeyCounts(found=figures[0])}
        for at, number in enumerate(numbers):
            empty, n_asked, found, repaired = figures[2 + 4 * at : 6 + 4 * at]
            counts[number] = KeyCounts(empty, n_asked, found, repaired)
        return counts

    def _repaired(self, number: int) -> bool:
        """Look which keys are written otherwise than in the joined file, and remember what they mean."""
        owner, side = self._plan.owner(number), self._plan.sides[number]
        assert side.lookup is not None
        paths = [self._path(f"{what}{number}") for what in ("asked", "known", "meant")]
        both = ((self._raw[owner], self._plan.sides[owner].ons[number]), (self._raw[number], side.lookup.key))
        for (raw, columns), path in zip(both, paths, strict=False):
            self._keys.forms(raw.rows, self._keys.text(columns, raw.types)).write_parquet(path)
        kinds = repairs(self._engine.db, paths[0], paths[1], target=paths[2])
        if kinds:
            self._fixes[number] = (paths[2], kinds)
        return bool(kinds)

    def _refuse_repeats(self, number: int) -> None:
        side, raw = self._plan.sides[number], self._raw[number]
        key = f"_key{number}"
        repeated = f"SELECT min(_row{number}) AS first, max(_row{number}) AS last, count(*) AS n FROM raw"  # noqa: S608
        repeated += f" WHERE {key} IS NOT NULL GROUP BY {key} HAVING count(*) > 1"
        n, n_rows = answered(self._frames[number], f"SELECT count(*), coalesce(sum(n), 0) FROM ({repeated})")[0]  # noqa: S608
        if not n:
            return
        assert side.lookup is not None
        found = answered(self._frames[number], f"SELECT first, last, n FROM ({repeated}) ORDER BY 1 LIMIT {_SAMPLES}")  # noqa: S608
        rows = [tuple(map(int, one)) for one in found]
        keys = [] if self._is_personal(number) else self._written(raw, side.lookup.key, [one[0] for one in rows])
        raise DataError(
            refused_repeats(raw.facts.file, side.lookup, n_keys=int(n), n_rows=int(n_rows), rows=rows, keys=keys)
        )

    def _written(self, raw: _Raw, key: Sequence[str], rows: Sequence[int]) -> list[str]:
        text = " || ', ' || ".join(self._keys.text((column,), raw.types) for column in key)
        numbered = raw.rows.project(f"{raw.row} AS n, {text} AS text")
        listed = ", ".join(map(str, rows))
        return [str(key) for _, key in answered(numbered, f"SELECT n, text FROM raw WHERE n IN ({listed}) ORDER BY n")]  # noqa: S608

    def _is_personal(self, number: int) -> bool:
        """Whether a key may name a person or a visit: then it is never shown."""
        lookup = self._plan.sides[number].lookup
        assert lookup is not None
        people = {column for role in self._wanted.roles if role.is_personal for column in role.columns}
        own = {column for role in self._plan.sides[number].wanted.roles if role.is_personal for column in role.columns}
        return bool(people & {*lookup.on, *lookup.key} or own)

    def _say(self, number: int, counts: KeyCounts) -> None:
        side, raw = self._plan.sides[number], self._raw[number]
        assert side.lookup is not None
        columns = [column for role in side.wanted.roles for column in role.columns]
        columns += [column for on in side.ons.values() for column in on]
        self._remarks.append(joined_file(raw.facts.file, side.lookup, counts, columns=tuple(dict.fromkeys(columns))))
        kinds = self._fixes[number][1] if number in self._fixes else {}
        self._remarks += counts.remarks(raw.facts.file, side.lookup, kinds=kinds)

    def _stored(self, frame: duckdb.DuckDBPyRelation, number: int) -> duckdb.DuckDBPyRelation:
        path = self._path(f"join{number}")
        with self._engine.explained():
            frame.write_parquet(path)
            return self._engine.db.read_parquet(path)

    def _path(self, what: str) -> str:
        folder: Path = self._engine.scratch
        return str(folder / f"{self._wanted.table}_{what}.parquet")


def _columns(role: Role) -> tuple[str, ...]:
    """The outputs of a role in a scan."""
    return role.outputs


def _needed(side: Side) -> list[str]:
    """Columns that the file must have."""
    needed = [*side.wanted.columns, *(column for on in side.ons.values() for column in on)]
    if side.lookup is not None:
        needed += [*side.lookup.key, *(side.lookup.columns or {}).values()]
    made = side.clock.column if side.clock else ""
    if side.clock is not None:
        clock = side.clock
        needed += [name for name in (clock.person, clock.order, clock.days, clock.weekday, clock.hour) if name]
    return [name for name in dict.fromkeys(needed) if name != made]


def _cut(side: Side) -> Wanted:
    """The side with all columns that it is cut for, so that paths into nested columns are followed."""
    named = {column for role in side.wanted.roles for column in role.columns}
    made = side.clock.column if side.clock else ""
    more = tuple(Role(f"_{name}", (name,), is_list=True) for name in _needed(side) if name not in named)
    roles = tuple(role for role in side.wanted.roles if role.columns != (made,))
    return replace(side.wanted, roles=(*roles, *more))


def _flagged(note: CuttingNote, file: str) -> CuttingNote:
    """What was found of a joined file: its lines are none of the table's rows."""
    return replace(note, action="flag", says=f"in {file}: {note.says}", lines=())


def _of_file(remark: Remark, file: str) -> Remark:
    return replace(remark, says=f"in {file}: {remark.says}")
