"""Names and texts as the table engine's language writes them, and what it answers."""

from __future__ import annotations

from typing import Any

import duckdb

__all__ = ["answered", "literal", "quoted"]


def answered(source: duckdb.DuckDBPyRelation, sql: str) -> list[tuple[Any, ...]]:
    """The rows of a question about a relation, which it names ``raw``."""
    found = source.query("raw", sql)
    return found.fetchall() if found is not None else []


def quoted(name: str) -> str:
    """A column name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"
