"""One decision for a column, from its values: its decimal mark, whether the day comes first, ids written as floats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb

from steelyard.adapters.shop.source_sql import (
    DAY_FIRST,
    MONTH_FIRST,
    decimal_marks,
    floats_and_others,
    quoted,
    time_expression,
)
from steelyard.data.schema import Wanted

__all__ = ["comma_decimal", "day_first", "written_as_floats"]


def written_as_floats(source: duckdb.DuckDBPyRelation, wanted: Wanted, types: Mapping[str, str]) -> dict[str, int]:
    """Personal identifiers of whole numbers, some of them written as ``7.0``: how many, by role.

    The shop's own pages name the same person ``7``. A column that holds anything else is left as it is.

    Args:
        source: The file's rows of raw texts.
        wanted: The roles to read.
        types: The engine's type of each column.

    Returns:
        How many values were written so, by role.
    """
    roles = [role for role in wanted.roles if role.is_personal and types[role.columns[0]] == "VARCHAR"]
    if not roles:
        return {}
    counts = [count for role in roles for count in floats_and_others(role.columns[0], "VARCHAR")]
    row = source.aggregate(", ".join(counts)).fetchall()[0]
    pairs = zip(roles, row[::2], row[1::2], strict=True)
    return {role.name: floats for role, floats, others in pairs if floats and not others}


def comma_decimal(source: duckdb.DuckDBPyRelation, columns: Sequence[str], types: Mapping[str, str]) -> set[str]:
    """Columns of text in which more numbers have a decimal comma than a decimal point.

    Args:
        source: The file's rows of raw texts.
        columns: Those of numbers.
        types: The engine's type of each column.

    Returns:
        Their names.
    """
    written = [column for column in dict.fromkeys(columns) if types[column] == "VARCHAR"]
    if not written:
        return set()
    counts = [count for column in written for count in decimal_marks(column, "VARCHAR")]
    row = source.aggregate(", ".join(counts)).fetchall()[0]
    pairs = zip(written, row[::2], row[1::2], strict=True)
    return {column for column, with_comma, with_point in pairs if with_comma > with_point}


def day_first(source: duckdb.DuckDBPyRelation, wanted: Wanted) -> bool:
    """Whether 3/4/2024 is the third of April: what more of the first 20,000 times agree with.

    Args:
        source: The file's rows of raw texts.
        wanted: The roles to read.

    Returns:
        False where no times are read.
    """
    role = next((r for r in wanted.roles if r.kind == "time"), None)
    if role is None:
        return False
    text = f"trim(CAST({quoted(role.columns[0])} AS VARCHAR))"
    counts = [f"count({time_expression(text, formats)})" for formats in (DAY_FIRST, MONTH_FIRST)]
    rows = source.limit(20_000).aggregate(", ".join(counts)).fetchall()
    return bool(rows[0][0] > rows[0][1])
