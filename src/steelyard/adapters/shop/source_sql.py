"""How source columns are turned into texts, numbers and times: the table engine's own expressions."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from steelyard.data.amounts import LEADING, TRAILING
from steelyard.data.schema import Role

__all__ = [
    "DAY_FIRST",
    "MONTH_FIRST",
    "decimal_marks",
    "floats_and_others",
    "literal",
    "quoted",
    "select_roles",
    "time_expression",
]

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
_NOTHING = ("", "nan", "NaN", "NAN", "null", "NULL", "\\N", "None", "<NA>")
_BLANKS = " \t\r\n\u00a0\ufeff\u3000"
_FORMATS = (
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d",
    "%Y.%m.%d %H:%M:%S",
    "%Y.%m.%d",
    "%Y%m%d%H%M%S",
    "%Y%m%d",
    "%Y年%m月%d日 %H:%M:%S",
    "%Y年%m月%d日 %H:%M",
    "%Y年%m月%d日",
    "%a, %d %b %Y %H:%M:%S GMT",
    "%d %b %Y",
    "%d %b %Y %H:%M:%S",
)
DAY_FIRST = ("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y", "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y")
MONTH_FIRST = ("%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %I:%M %p", "%m/%d/%Y")


def quoted(name: str) -> str:
    """A column name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def select_roles(
    roles: Sequence[Role],
    types: Mapping[str, str],
    *,
    day_first: bool,
    unfloated: Collection[str] = (),
    comma_decimal: Collection[str] = (),
) -> list[str]:
    """One SQL expression with alias for each output of each role.

    Args:
        roles: What to read.
        types: The engine's type of each source column.
        day_first: Whether ``3/4/2024`` is the third of April.
        unfloated: Roles of text whose ``7.0`` is read as ``7``.
        comma_decimal: Columns whose decimal mark is the comma.

    Returns:
        For an output of text its value. For a number or a time (seconds since 1970 UTC) two: the value, NULL where it
        cannot be read, and ``<output>_text``: what was written, NULL where the column's type leaves no doubt.
    """
    found: list[str] = []
    for role in roles:
        for output, column in zip(role.outputs, role.columns, strict=False):
            text = _text(column, types[column])
            if role.kind == "text":
                text = f"regexp_replace({text}, '\\.0+$', '')" if role.name in unfloated else text
                found.append(f"{text} AS {quoted(output)}")
                continue
            number = role.kind == "number"
            is_comma = column in comma_decimal
            value = (
                _number(column, types[column], is_comma_decimal=is_comma)
                if number
                else _time(column, types[column], day_first)
            )
            written = "NULL::VARCHAR" if _is_typed(types[column]) else text  # what is typed can always be read
            found += [f"{value} AS {quoted(output)}", f"{written} AS {quoted(output + '_text')}"]
    return found


def floats_and_others(column: str, type_: str) -> tuple[str, str]:
    """SQL that counts the values of a column written as ``7.0``, and those that are no whole number at all."""
    text = _text(column, type_)
    return (
        f"count(*) FILTER (regexp_full_match({text}, '-?\\d+\\.0+'))",
        f"count(*) FILTER ({text} IS NOT NULL AND NOT regexp_full_match({text}, '-?\\d+(\\.0+)?'))",
    )


def time_expression(text: str, formats: Sequence[str]) -> str:
    """SQL for a text read by any of ``formats``; null where none fits."""
    listed = ", ".join(literal(f) for f in formats)
    return f"try_strptime({text}, [{listed}])"


def _is_typed(type_: str) -> bool:
    return type_.startswith((*_NUMBERS, "TIMESTAMP", "DATE", "BOOLEAN"))


def _text(column: str, type_: str) -> str:
    name = quoted(column)
    if any(mark in type_ for mark in _NESTED):
        return f"nullif(to_json({name})::VARCHAR, 'null')"
    if type_.startswith(_FLOATS):
        whole = f"CAST(CAST({name} AS HUGEINT) AS VARCHAR)"
        return (
            f"CASE WHEN {name} IS NULL OR NOT isfinite({name}) THEN NULL "
            f"WHEN {name} = floor({name}) AND abs({name}) < 1e18 THEN {whole} ELSE CAST({name} AS VARCHAR) END"
        )
    trimmed = f"trim(CAST({name} AS VARCHAR), {literal(_BLANKS)})"
    nothing = ", ".join(literal(n) for n in _NOTHING)
    return f"CASE WHEN {trimmed} IN ({nothing}) THEN NULL ELSE {trimmed} END" if type_ == "VARCHAR" else trimmed


def _number(column: str, type_: str, *, is_comma_decimal: bool) -> str:
    if type_.startswith(_NUMBERS):
        value = f"CAST({quoted(column)} AS DOUBLE)"
        return f"CASE WHEN isfinite({value}) THEN {value} END"
    if type_ == "BOOLEAN":
        return f"CAST(CAST({quoted(column)} AS INTEGER) AS DOUBLE)"
    steps = f"[{_bare(column, type_)}]"  # each step is written once and worked out once a value
    steps = f"list_transform({steps}, lambda b: {_read('b', is_comma_decimal=is_comma_decimal)})"
    return f"list_transform({steps}, lambda v: CASE WHEN isfinite(v) THEN v END)[1]"


def decimal_marks(column: str, type_: str) -> tuple[str, str]:
    """SQL that counts the values of a column with a decimal comma, and those with a decimal point."""
    bare = _bare(column, type_)
    comma, point = (
        f"count(*) FILTER (regexp_full_match({bare}, '[+-]?(\\d{{1,3}}({thousands}\\d{{3}})+|\\d+){mark}\\d{{1,2}}'))"
        for thousands, mark in (("\\.", ","), (",", "\\."))
    )
    return comma, point


def _bare(column: str, type_: str) -> str:
    """The number as written, without signs of currency, blanks between thousands, and full-width digits."""
    half = f"translate({_text(column, type_)}, '０１２３４５６７８９．，－', '0123456789.,-')"
    front = f"regexp_replace({half}, {literal('^([+-]?)' + LEADING + '([+-]?)')}, '\\1\\2')"
    bare = f"[regexp_replace({front}, {literal(TRAILING + '$')}, '')]"
    spaced = literal("[+-]?\\d{1,3}([ \u00a0\u202f'’]\\d{3})+([.,]\\d+)?")
    gaps = literal("[ \u00a0\u202f'’]")
    closed = f"CASE WHEN regexp_full_match(b, {spaced}) THEN regexp_replace(b, {gaps}, '', 'g') ELSE b END"
    return f"list_transform({bare}, lambda b: {closed})[1]"


def _read(bare: str, *, is_comma_decimal: bool) -> str:
    """A written number by its marks; where one mark and three digits leave it open, the column decides."""
    no_comma = f"TRY_CAST(replace({bare}, ',', '') AS DOUBLE)"
    no_point = f"TRY_CAST(replace(replace({bare}, '.', ''), ',', '.') AS DOUBLE)"
    open_comma, open_point = (no_point, no_point) if is_comma_decimal else (no_comma, f"TRY_CAST({bare} AS DOUBLE)")
    forms = (
        ("[+-]?[1-9]\\d{0,2},\\d{3}", open_comma),
        ("[+-]?[1-9]\\d{0,2}\\.\\d{3}", open_point),
        ("[+-]?[1-9]\\d{0,2}(,\\d{3})+(\\.\\d+)?", no_comma),
        ("[+-]?\\d{1,3}(\\.\\d{3})+,\\d+|[+-]?\\d{1,3}(\\.\\d{3}){2,}", no_point),
        ("[+-]?(\\d+,\\d{1,2}|0,\\d+)", no_point),
    )
    cases = " ".join(f"WHEN regexp_full_match({bare}, {literal(form)}) THEN {value}" for form, value in forms)
    return f"CASE {cases} ELSE TRY_CAST({bare} AS DOUBLE) END"


def _time(column: str, type_: str, day_first: bool) -> str:
    """Seconds since 1970 UTC. Times without a zone are taken as UTC; numbers as s, ms, µs or ns by their size."""
    name = quoted(column)
    if type_.startswith(("TIMESTAMP", "DATE")):
        return f"epoch(CAST({name} AS {'TIMESTAMPTZ' if 'TIME ZONE' in type_ else 'TIMESTAMP'}))"
    text = _text(column, type_)
    number = f"TRY_CAST({text} AS DOUBLE)"
    day = time_expression(text, ("%Y%m%d", "%Y%m%d%H%M%S"))
    formats = (*_FORMATS, *(DAY_FIRST if day_first else MONTH_FIRST))
    return (
        f"CASE WHEN {number} IS NOT NULL THEN CASE "
        f"WHEN regexp_full_match({text}, '(19|20)\\d{{6}}(\\d{{6}})?') THEN epoch({day}) "
        f"WHEN {number} BETWEEN 1e8 AND 1e11 THEN {number} WHEN {number} BETWEEN 1e11 AND 1e14 THEN {number} / 1e3 "
        f"WHEN {number} BETWEEN 1e14 AND 1e17 THEN {number} / 1e6 "
        f"WHEN {number} BETWEEN 1e17 AND 1e20 THEN {number} / 1e9 "
        f"END ELSE coalesce(epoch(TRY_CAST({text} AS TIMESTAMPTZ)), epoch({time_expression(text, formats)})) END"
    )
