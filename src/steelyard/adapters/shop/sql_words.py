"""Names and texts as the table engine's language writes them, and what it answers."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, Protocol

import duckdb

__all__ = ["LateRows", "RawRows", "answered", "literal", "quoted", "translated"]


class RawRows(Protocol):
    """Rows of raw texts, of which the engine can be asked."""

    def query(self, virtual_table_name: str, sql_query: str) -> duckdb.DuckDBPyRelation | None:
        """What the engine answers to a question about the rows, which it names so."""
        ...

    def limit(self, n: int) -> duckdb.DuckDBPyRelation:
        """The first ``n`` rows."""
        ...

    def aggregate(self, aggr_expr: str) -> duckdb.DuckDBPyRelation:
        """Sums over the rows."""
        ...


class LateRows:
    """Rows that are looked for when they are first asked of: most columns are decided without them.

    Args:
        make: Gives the rows.
        db: Answers what is about no row.
    """

    def __init__(self, make: Callable[[], duckdb.DuckDBPyRelation], db: duckdb.DuckDBPyConnection) -> None:
        self._make, self._db = make, db

    @cached_property
    def _rows(self) -> duckdb.DuckDBPyRelation:
        return self._make()

    def query(self, virtual_table_name: str, sql_query: str) -> duckdb.DuckDBPyRelation | None:
        """What the engine answers to a question about the rows, which it names so."""
        return self._rows.query(virtual_table_name, sql_query)

    def limit(self, n: int) -> duckdb.DuckDBPyRelation:
        """The first ``n`` rows."""
        return self._rows.limit(n) if n else self._db.sql("SELECT 1 LIMIT 0")

    def aggregate(self, aggr_expr: str) -> duckdb.DuckDBPyRelation:
        """Sums over the rows."""
        return self._rows.aggregate(aggr_expr)


def answered(source: RawRows, sql: str) -> list[tuple[Any, ...]]:
    """The rows of a question about a relation, which it names ``raw``."""
    found = source.query("raw", sql)
    return found.fetchall() if found is not None else []


def quoted(name: str) -> str:
    """A column name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def translated(text: str, letters: tuple[str, str], *, more: tuple[str, str]) -> str:
    """SQL for a text with some letters written as others.

    Args:
        text: An expression, worked out once.
        letters: ASCII letters, and what each is written as.
        more: Other letters. The engine takes all of them in anew for every row, so a text of ASCII is spared them.

    Returns:
        An expression; null where the text is null.
    """
    plain, whole = (f"translate(w, {literal(old)}, {literal(new)})" for old, new in (letters, _joined(letters, more)))
    return f"list_transform([{text}], lambda w: CASE WHEN strlen(w) = length(w) THEN {plain} ELSE {whole} END)[1]"


def _joined(letters: tuple[str, str], more: tuple[str, str]) -> tuple[str, str]:
    return letters[0] + more[0], letters[1] + more[1]
