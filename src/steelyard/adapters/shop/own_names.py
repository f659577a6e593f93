"""Texts of the log that hold their own user's or visit's identifier: hidden while that can still be seen."""

from __future__ import annotations

import duckdb

from steelyard.adapters.shop.sql_words import quoted
from steelyard.data.privacy.patterns import HIDDEN, LEAST_NAME
from steelyard.data.schema import Wanted

__all__ = ["without_own_names"]


def without_own_names(frame: duckdb.DuckDBPyRelation, wanted: Wanted) -> duckdb.DuckDBPyRelation:
    """Rows as scanned, raw, with ``***`` for texts that hold the identifier of their own user or visit.

    Args:
        frame: Raw texts.
        wanted: The roles that were read; a table without people is given back as it is.

    Returns:
        Not yet computed. Identifiers of six letters or more count; an item's identifier may look like a person's, and
        is hidden only where that holds a letter.
    """
    people = [quoted(role.name) for role in wanted.roles if role.is_personal and role.name in ("user", "session")]
    read = [role for role in wanted.roles if not role.is_personal and not role.is_list]
    texts = [role.name if role.kind == "text" else f"{role.name}_text" for role in read]
    if not people or not texts:
        return frame
    shown = [_hidden(name, people) if name in texts else quoted(name) for name in frame.columns]
    return frame.project(", ".join(shown))


def _hidden(name: str, people: list[str]) -> str:
    column = quoted(name)
    letter = " AND regexp_matches({0}, '[^0-9]')" if name == "item_id" else ""
    held = f"length({{0}}) >= {LEAST_NAME} AND contains({column}, {{0}}){letter}"
    tests = " OR ".join(f"coalesce({held.format(person)}, false)" for person in people)
    return f"CASE WHEN {tests} THEN '{HIDDEN}' ELSE {column} END AS {column}"
