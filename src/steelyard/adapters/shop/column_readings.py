"""One decision for a column, from all of its values: marks of numbers, order of dates, zones, people who are nobody.

A table's columns are looked at in one pass of the engine; a second one is made only for dates whose order is open.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from steelyard.adapters.shop.number_sql import number_form
from steelyard.adapters.shop.source_sql import ColumnReadings, emptiness_of, is_numeric, raw_text, written_text
from steelyard.adapters.shop.sql_words import RawRows, answered, literal
from steelyard.adapters.shop.time_readings import read_times, typed_times
from steelyard.adapters.shop.time_sql import TimeReading, time_form_sql
from steelyard.data.remarks import Remark
from steelyard.data.schema import Role, Wanted
from steelyard.data.values.number_forms import FormCount, decide_mark, mixed_currencies
from steelyard.data.values.people_words import LOST_ID, NOBODY_NUMBERS, NOBODY_WORDS, told_lost_visits, told_nobody
from steelyard.data.values.placeholders import placeholders_of
from steelyard.errors import DataError

__all__ = ["MAX_FORMS", "Question", "commas_of", "count_forms", "decide", "questions_of"]

MAX_FORMS = 5000
"""Forms of a column that are looked at, the commonest first; a column of times or numbers has fewer."""
_OF_VISITS = ("session", "event_id")
_FLOAT, _OTHER = "7.0", "other"


@dataclass(frozen=True, slots=True)
class Question:
    """What is counted of a column: the rows of every value of an expression."""

    kind: str
    """``number``, ``time``, ``empty``, ``float``, ``lost`` or ``nobody``."""
    role: Role
    column: str
    group: str
    example: str


def decide(
    source: RawRows, wanted: Wanted, types: Mapping[str, str], *, forms: Sequence[Sequence[FormCount]] | None = None
) -> tuple[ColumnReadings, list[Remark]]:
    """How the columns of a table are read.

    Args:
        source: The file's rows, texts as they are written.
        wanted: The roles to read, and what the shop says of its habits.
        types: The engine's type of each column.
        forms: Of each question's column, as ``count_forms`` counts them; counted here where they are not given.

    Returns:
        The decisions, and what is to be said of them in the report.

    Raises:
        DataError: A column can be read in several ways, and nothing tells which.
    """
    deciding = _Deciding(source, wanted, types)
    questions = questions_of(wanted, types)
    heard = count_forms(source, questions) if forms is None else forms
    for question, counted in zip(questions, heard, strict=True):
        deciding.hear(question, counted)
    for role in wanted.roles:
        if role.kind == "time" and types[role.columns[0]].startswith(("TIMESTAMP", "DATE")):
            deciding.times[role.columns[0]] = typed_times(source, types[role.columns[0]], habits=wanted.habits)
    return deciding.readings(), [*deciding.remarks, *_placeholders(deciding.empty)]


class _Deciding:
    """Hears the columns of a table one by one."""

    def __init__(self, source: RawRows, wanted: Wanted, types: Mapping[str, str]) -> None:
        self.remarks: list[Remark] = []
        self.times: dict[str, TimeReading] = {}
        self.empty: dict[str, dict[str, int]] = {}
        self._source = source
        self._wanted = wanted
        self._types = types
        self._commas: set[str] = set()
        self._unfloated: set[str] = set()
        self._lost: set[str] = set()
        self._nobody: tuple[str, ...] = ()

    def hear(self, question: Question, forms: Sequence[FormCount]) -> None:
        """Decide what one column's values mean."""
        column, wanted = question.column, self._wanted
        if question.kind == "number":
            self._hear_numbers(question, forms)
        elif question.kind == "time":
            self.times[column], said = read_times(self._source, column, self._types, forms=forms, wanted=wanted)
            self.remarks += said
        elif question.kind == "empty":
            self.empty[column] = {each.form: each.count for each in forms}
        elif question.kind == "float":
            n = {each.form: each.count for each in forms}
            if n.get(_FLOAT) and not n.get(_OTHER):
                self._unfloated.add(question.role.name)
                self.remarks.append(_floats(question.role.name, n[_FLOAT]))
        elif question.kind == "lost":
            if n := {each.form: each.count for each in forms}:
                self._lost.add(question.role.name)
                self.remarks.append(told_lost_visits(question.role.name, n))
        else:
            self._nobody, said = _nobody(self._source, question, forms, type_=self._types[column], wanted=wanted)
            self.remarks += said

    def readings(self) -> ColumnReadings:
        """What was decided."""
        unfloated, commas, lost = map(frozenset, (self._unfloated, self._commas, self._lost))
        return ColumnReadings(unfloated, commas, self.times, self._nobody, lost)

    def _hear_numbers(self, question: Question, forms: Sequence[FormCount]) -> None:
        column, habits = question.column, self._wanted.habits
        mark, said = decide_mark(forms, habits, table=self._wanted.table, column=column)
        self._commas |= {column} if mark == "comma" else set()
        self.remarks += said
        if question.role.name == "price":
            self.remarks += mixed_currencies(forms, habits, column=column)


def commas_of(source: RawRows, wanted: Wanted, types: Mapping[str, str]) -> frozenset[str]:
    """Columns of numbers whose decimal mark is the comma, as far as these rows tell.

    Args:
        source: Rows of raw texts.
        wanted: Roles of numbers.
        types: The engine's type of each column.

    Returns:
        Without those of which nothing tells.
    """
    questions = questions_of(wanted, types)
    found = set()
    for question, forms in zip(questions, count_forms(source, questions), strict=True):
        try:
            mark, _ = decide_mark(forms, wanted.habits, table=wanted.table, column=question.column)
        except DataError:
            continue
        found |= {question.column} if mark == "comma" else set()
    return frozenset(found)


def questions_of(wanted: Wanted, types: Mapping[str, str]) -> list[Question]:
    """What is counted of a table's columns before it is decided what they mean.

    Args:
        wanted: The roles to read.
        types: The engine's type of each column.

    Returns:
        In the order of the roles.
    """
    found = []
    for role in wanted.roles:
        for column in role.columns:
            type_ = types[column]
            text = written_text(column, type_, emptiness_of(role))
            if role.kind == "time" and (type_ == "VARCHAR" or is_numeric(type_)):
                found.append(Question("time", role, column, time_form_sql(text), text))
            if type_ != "VARCHAR":
                if role.name == "user" and is_numeric(type_):
                    found.append(Question("nobody", role, column, _nobody_of(text, wanted), "NULL::VARCHAR"))
                continue
            if role.kind == "number":
                found.append(Question("number", role, column, number_form(text), text))
            if role.is_personal:
                found.append(Question("float", role, column, _float_of(text), "NULL::VARCHAR"))
            found += _of_words(role, column, text, wanted=wanted)
    return found


def _of_words(role: Role, column: str, text: str, *, wanted: Wanted) -> list[Question]:
    """What is counted of a column of texts by the words and ids in it."""
    if role.name == "user":
        return [Question("nobody", role, column, _nobody_of(text, wanted), "NULL::VARCHAR")]
    if role.name in _OF_VISITS:
        return [Question("lost", role, column, _lost_of(text), "NULL::VARCHAR")]
    if wanted.table == "items" or role.name == "item_id":
        return [Question("empty", role, column, _empty_of(column, role), "NULL::VARCHAR")]
    return []


def _float_of(text: str) -> str:
    return (
        f"list_transform([{text}], lambda f: CASE WHEN f IS NULL OR regexp_full_match(f, '-?\\d+') THEN NULL "
        f"WHEN regexp_full_match(f, '-?\\d+\\.0+') THEN '{_FLOAT}' ELSE '{_OTHER}' END)[1]"
    )


def _lost_of(text: str) -> str:
    return (
        f"list_transform([lower({text})], lambda f: CASE WHEN regexp_full_match(f, {literal(LOST_ID)}) THEN f END)[1]"
    )


def _nobody_of(text: str, wanted: Wanted) -> str:
    known = (*NOBODY_NUMBERS, *NOBODY_WORDS) if wanted.nobody is None else (value.lower() for value in wanted.nobody)
    words = ", ".join(literal(word) for word in ("", *known))
    is_lost = f"regexp_full_match(f, {literal(LOST_ID)})"
    return f"list_transform([lower({text})], lambda f: CASE WHEN f IN ({words}) OR {is_lost} THEN f END)[1]"


def _empty_of(column: str, role: Role) -> str:
    words = ", ".join(literal(word) for word in placeholders_of(emptiness_of(role)) if word)
    return f"list_transform([{raw_text(column, 'VARCHAR')}], lambda f: CASE WHEN lower(f) IN ({words}) THEN f END)[1]"


def count_forms(source: RawRows, questions: Sequence[Question], *, most: int = MAX_FORMS) -> list[list[FormCount]]:
    """The forms of every column with their rows and the least value of each; one pass.

    Args:
        source: Rows of raw texts.
        questions: What is counted.
        most: Forms of a column that are told.

    Returns:
        For each question, the commonest first, among equals in the order of their letters.
    """
    if not questions:
        return []
    n = range(len(questions))
    groups = ", ".join(f"{question.group} AS f{i}, {question.example} AS e{i}" for i, question in enumerate(questions))
    sets = ", ".join(f"(f{i})" for i in n)
    which = "CASE " + " ".join(f"WHEN grouping(f{i}) = 0 THEN {i}" for i in n) + " END"
    examples = ", ".join(f"min(e{i})" for i in n)
    form = "CASE " + " ".join(f"WHEN grouping(f{i}) = 0 THEN f{i}" for i in n) + " END"
    rows = answered(
        source,
        f"SELECT {which} AS k, {form} AS f, count(*) AS n, [{examples}] FROM (SELECT {groups} FROM raw) "  # noqa: S608
        f"GROUP BY GROUPING SETS ({sets}) HAVING f IS NOT NULL "
        f"QUALIFY row_number() OVER (PARTITION BY k ORDER BY n DESC, f) <= {most} ORDER BY k, n DESC, f",
    )
    found: list[list[FormCount]] = [[] for _ in n]
    for k, text, count, least in rows:
        found[k].append(FormCount(text, count, least[k] or text))
    return found


def _floats(name: str, n: int) -> Remark:
    says = "whole numbers were written as 7.0 by a table tool; read as 7"
    return Remark("ids_as_floats", "warning", n, says, {name: n})


def _nobody(
    source: RawRows, question: Question, forms: Sequence[FormCount], *, type_: str, wanted: Wanted
) -> tuple[tuple[str, ...], list[Remark]]:
    """Which users are nobody. People are counted only where an identifier could be a guest's."""
    counts = {each.form: each.count for each in forms}
    if wanted.nobody is not None or not counts:
        return told_nobody(counts, n_rows=0, n_named=0, nobody=wanted.nobody)
    text = written_text(question.column, type_, "names")
    row = source.aggregate(f"count({text}), approx_count_distinct({text})").fetchall()[0]
    return told_nobody(counts, n_rows=int(row[0]), n_named=max(int(row[1]) - len(counts), 0), nobody=None)


def _placeholders(empty: Mapping[str, Mapping[str, int]]) -> list[Remark]:
    found: dict[str, int] = {}
    for values in empty.values():
        for value, n in values.items():
            found[value] = found.get(value, 0) + n
    if not found:
        return []
    columns = ", ".join(f"{column} {sum(values.values()):,}" for column, values in empty.items() if values)
    says = f"the cell holds a word that stands for nothing ({columns}); read as empty"
    listed = dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))[:10])
    return [Remark("placeholder_words", "info", sum(found.values()), says, listed)]
