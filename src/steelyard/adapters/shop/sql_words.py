"""Names and texts as the table engine's language writes them, and what it answers."""

from __future__ import annotations

from typing import Any

import duckdb

__all__ = ["answered", "literal", "quoted", "translated"]


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
