"""How source columns are turned into texts, numbers and times: the table engine's own expressions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from steelyard.adapters.shop.number_sql import read_number
from steelyard.adapters.shop.sql_words import literal, quoted
from steelyard.adapters.shop.time_sql import TimeReading, local_time, read_time
from steelyard.data.schema import Role
from steelyard.data.values.people_words import LOST_ID
from steelyard.data.values.placeholders import Emptiness, placeholders_of

__all__ = ["ColumnReadings", "emptiness_of", "is_numeric", "raw_text", "select_roles", "written_text"]

_FLOATS = ("DOUBLE", "FLOAT", "REAL")
_NUMBERS: tuple[str, ...] = (
    *_FLOATS,
    "TINYINT",
    "SMALLINT",
    "INTEGER",
    "BIGINT",
    "HUGEINT",
    "DECIMAL",
    "UTINYINT",
    "USMALLINT",
)
_NUMBERS = (*_NUMBERS, "UINTEGER", "UBIGINT", "UHUGEINT")
_NESTED = ("STRUCT", "MAP", "[", "JSON")
_BLANKS = " \t\r\n\u00a0\ufeff\u3000\u200b\u2009\u202f"
_NAMES = ("item_id", "title", "user", "session", "event_id", "kind", "query", "rating", "image")


@dataclass(frozen=True, slots=True)
class ColumnReadings:
    """What was decided for the columns of a table."""

    unfloated: frozenset[str] = frozenset()
    """Roles of text whose ``7.0`` is read as ``7``."""
    commas: frozenset[str] = frozenset()
    """Columns whose decimal mark is the comma."""
    times: Mapping[str, TimeReading] = field(default_factory=dict)
    """By column."""
    nobody: tuple[str, ...] = ()
    """Users, in lower case, that are nobody."""
    lost: frozenset[str] = frozenset()
    """Roles of ids some of which are left in powers of ten, which several visits share."""


def select_roles(roles: Sequence[Role], types: Mapping[str, str], readings: ColumnReadings) -> list[str]:
    """One SQL expression with alias for each output of each role.

    Args:
        roles: What to read.
        types: The engine's type of each source column.
        readings: What was decided for the columns.

    Returns:
        For an output of text its value. For a number or a time (seconds since 1970 UTC) two: the value, NULL where it
        cannot be read, and ``<output>_text``: what was written, NULL where the column's type leaves no doubt.
    """
    found: list[str] = []
    for role in roles:
        for output, column in zip(role.outputs, role.columns, strict=False):
            text = written_text(column, types[column], emptiness_of(role))
            if role.kind == "text":
                text = f"regexp_replace({text}, '\\.0+$', '')" if role.name in readings.unfloated else text
                text = _without_lost(text) if role.name in readings.lost else text
                found.append(f"{_person(text, readings) if role.name == 'user' else text} AS {quoted(output)}")
                continue
            if role.kind == "number":
                value = _number(column, types[column], text, is_comma=column in readings.commas)
            else:
                value = _time(column, types[column], text, readings.times.get(column, TimeReading()))
            written = "NULL::VARCHAR" if _is_typed(types[column]) else text  # what is typed can always be read
            found += [f"{value} AS {quoted(output)}", f"{written} AS {quoted(output + '_text')}"]
    return found


def emptiness_of(role: Role) -> Emptiness:
    """What counts as empty in the columns of a role."""
    if role.name in _NAMES or role.is_personal:
        return "names"
    return "stock" if role.name == "stock" else "values"


def is_numeric(type_: str) -> bool:
    """Whether a column of this type holds numbers, not their texts."""
    return type_.startswith(_NUMBERS)


def raw_text(column: str, type_: str) -> str:
    """SQL for a value as a text without the blanks around it; what stands for nothing is still there."""
    name = quoted(column)
    if any(mark in type_ for mark in _NESTED):
        return f"nullif(to_json({name})::VARCHAR, 'null')"
    if type_.startswith(_FLOATS):
        whole = f"CAST(CAST({name} AS HUGEINT) AS VARCHAR)"
        return (
            f"CASE WHEN {name} IS NULL OR NOT isfinite({name}) THEN NULL "
            f"WHEN {name} = floor({name}) AND abs({name}) < 1e18 THEN {whole} ELSE CAST({name} AS VARCHAR) END"
        )
    if is_numeric(type_):
        return f"CAST({name} AS VARCHAR)"
    return f"trim(CAST({name} AS VARCHAR), {literal(_BLANKS)})"


def written_text(column: str, type_: str, emptiness: Emptiness) -> str:
    """SQL for a value as a text: null where nothing, or a placeholder, is written."""
    text = raw_text(column, type_)
    if type_ != "VARCHAR":
        return text
    words = ", ".join(literal(word) for word in placeholders_of(emptiness))
    guarded = "regexp_extract(v, '^=\"(.*)\"$', 1)"  # a spreadsheet's way to keep the noughts of an id
    value = f"CASE WHEN lower(v) IN ({words}) THEN NULL WHEN starts_with(v, '=\"') THEN {guarded} ELSE v END"
    return f"list_transform([{text}], lambda v: {value})[1]"


def _is_typed(type_: str) -> bool:
    return type_.startswith((*_NUMBERS, "TIMESTAMP", "DATE", "BOOLEAN"))


def _person(text: str, readings: ColumnReadings) -> str:
    if not readings.nobody:
        return text
    words = ", ".join(literal(word) for word in readings.nobody)
    return f"list_transform([{text}], lambda p: CASE WHEN lower(p) IN ({words}) THEN NULL ELSE p END)[1]"


def _without_lost(text: str) -> str:
    is_lost = f"regexp_full_match(lower(p), {literal(LOST_ID)})"
    return f"list_transform([{text}], lambda p: CASE WHEN {is_lost} THEN NULL ELSE p END)[1]"


def _number(column: str, type_: str, text: str, *, is_comma: bool) -> str:
    if is_numeric(type_):
        value = f"CAST({quoted(column)} AS DOUBLE)"
        return f"CASE WHEN isfinite({value}) THEN {value} END"
    if type_ == "BOOLEAN":
        return f"CAST(CAST({quoted(column)} AS INTEGER) AS DOUBLE)"
    return read_number(text, is_comma=is_comma)


def _time(column: str, type_: str, text: str, reading: TimeReading) -> str:
    """Seconds since 1970 UTC; numbers are s, ms, µs or ns by their size."""
    name = quoted(column)
    if type_.startswith(("TIMESTAMP", "DATE")):
        if "TIME ZONE" in type_:
            return f"epoch({name})"
        return local_time(f"CAST({name} AS TIMESTAMP)", reading.timezone)
    return read_time(text, reading)
