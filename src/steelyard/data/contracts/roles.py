"""Which of a shop's tables a table of a contract is, and which roles its columns play."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from steelyard.config import data_tables
from steelyard.config.section import Section
from steelyard.data.contracts.names import COLUMNS, ROLE, TABLE, TABLES, said
from steelyard.data.guessing.role_names import ROLE_NAMES
from steelyard.data.guessing.roles import folded_name, name_score
from steelyard.data.guessing.words.people import SAME_AS, SAME_TABLES
from steelyard.documents.contract import ContractColumn, ContractTable

__all__ = ["NEEDED", "SECTIONS", "Played", "roles_of", "tables_of"]

SECTIONS: Mapping[str, type[Section]] = {
    "items": data_tables.ItemColumns,
    "events": data_tables.EventColumns,
    "judgements": data_tables.JudgementColumns,
    "users": data_tables.UserColumns,
    "same_users": data_tables.SameUserColumns,
    "answers": data_tables.AnswerColumns,
}
NEEDED = {
    "items": ("item_id", "title"),
    "events": ("user", "item_id", "time"),
    "judgements": ("query", "item_id", "gain"),
    "users": ("user", "attributes"),
    "same_users": ("user", "same_as"),
    "answers": ("question", "answer"),
}
_TABLE_WORDS: Mapping[str, Collection[str]] = {
    "items": ("item", "items", "product", "products", "catalog", "catalogue", "articles", "goods", "sku", "商品"),
    "events": (
        *("event", "events", "log", "clicks", "interactions", "orders", "orderlines", "purchases", "transactions"),
        *("behaviour", "behavior", "clickstream", "行为"),
    ),
    "judgements": ("judgement", "judgements", "judgments", "relevance", "qrels", "labels"),
    "users": ("user", "users", "customer", "customers", "members", "用户"),
    "same_users": SAME_TABLES,
    "answers": ("answers", "qa", "faq", "questions"),
}
_NUMBERS = frozenset(("price", "quantity", "position", "gain"))
_TIMES = ("date", "timestamp", "time")
_LISTS = frozenset(("title", "description", "category", "attributes", "price", "published"))
_NOT_GUESSED = frozenset(("price_divisor", "parent_key"))
_ASKED = ("question", "answer")
_SAME = "same_as"
_TOLD_BY_NAME = ("users", "same_users", "answers")
"""Tables that any other could be by its columns: they must be called so."""
_LEAST = 0.4


@dataclass(frozen=True, slots=True)
class Played:
    """A role, and the columns that play it."""

    role: str
    columns: tuple[str, ...]
    sureness: float = 1.0
    """1 where the contract says it."""
    others: tuple[str, ...] = ()


def tables_of(tables: Sequence[ContractTable]) -> dict[str, ContractTable]:
    """The shop's tables among those of a contract.

    Args:
        tables: Of the contract.

    Returns:
        By the shop's name; one that is none of them is left out.
    """
    found: dict[str, ContractTable] = {}
    for table in tables:
        name = said(table.custom_properties, TABLE)
        if name in TABLES and name not in found:
            found[str(name)] = table
    rest = [table for table in tables if not any(table is one for one in found.values())]
    free = [name for name in TABLES if name not in found]
    scored = sorted(((-_likeness(table, name), i, name) for i, table in enumerate(rest) for name in free))
    taken: set[int] = set()
    for score, i, name in scored:
        if score < 0 and name not in found and i not in taken:
            found[name] = rest[i]
            taken.add(i)
    return {name: found[name] for name in TABLES if name in found}


def _likeness(table: ContractTable, name: str) -> float:
    """How much a table is like one of the shop's, 0 where it lacks what that needs."""
    roles = {one.role: one.sureness for one in roles_of(table, name)}
    if not set(NEEDED[name]) <= roles.keys():
        return 0.0
    words = {folded_name(word) for word in (table.name, table.physical_name.rpartition("/")[2].partition(".")[0])}
    is_called_so = bool(words & set(_TABLE_WORDS[name]))
    if name in _TOLD_BY_NAME and not is_called_so:
        return 0.0
    return sum(roles[role] for role in NEEDED[name]) / len(NEEDED[name]) + is_called_so


def roles_of(table: ContractTable, name: str) -> list[Played]:
    """The roles of a table's columns.

    Args:
        table: Of a contract.
        name: The shop's name of it.

    Returns:
        As the table says them, else as its columns' properties and tags do; the rest by names and types.
    """
    fields = SECTIONS[name].model_fields
    whole = said(table.custom_properties, COLUMNS)
    if isinstance(whole, dict):
        return [Played(str(role), _names(columns)) for role, columns in whole.items() if role in fields]
    stated: dict[str, tuple[str, ...]] = {}
    for column in table.properties:
        for role in _stated(column, fields):
            if role not in stated or role in _LISTS:
                stated[role] = (*stated.get(role, ()), column.column)
    found = [Played(role, columns) for role, columns in stated.items()]
    used = {column for columns in stated.values() for column in columns}
    free = [column for column in table.properties if column.column and column.column not in used]
    if name == "users":
        return found + _users(found, free)
    known = (*ROLE_NAMES, *_ASKED, _SAME)
    wanted = [role for role in fields if role not in stated and role in known and role not in _NOT_GUESSED]
    return found + _guessed(wanted, free)


def _names(columns: object) -> tuple[str, ...]:
    return tuple(map(str, columns)) if isinstance(columns, list) else (str(columns),)


def _stated(column: ContractColumn, fields: Mapping[str, object]) -> list[str]:
    own = str(said(column.custom_properties, ROLE) or "")
    tags = [tag.removeprefix("steelyard:") for tag in column.tags if tag.startswith("steelyard:")]
    words = [*(part.strip() for part in own.split(",")), *tags]
    bare = ["price" if word.startswith("price_") and word != "price_divisor" else word for word in words]
    return [word for word in dict.fromkeys(bare) if word in fields]


def _users(found: Sequence[Played], free: Sequence[ContractColumn]) -> list[Played]:
    """Who, by name; all the rest that is not said to be restricted is what is known of them."""
    there = {one.role for one in found}
    user = [] if "user" in there else _guessed(["user"], free)
    taken = {column for one in user for column in one.columns}
    rest = tuple(one.column for one in free if one.column not in taken and not one.classification)
    return user + ([Played("attributes", rest, 0.5)] if rest and "attributes" not in there else [])


def _guessed(roles: Sequence[str], columns: Sequence[ContractColumn]) -> list[Played]:
    """Each role its likeliest column, each column used once."""
    if not roles or not columns:
        return []
    scores = np.array([[_score(column, role) for column in columns] for role in roles])
    pairs = zip(*linear_sum_assignment(-scores), strict=True)
    found = []
    for row, at in sorted((int(row), int(at)) for row, at in pairs):
        if scores[row, at] < _LEAST:
            continue
        others = [columns[i].column for i in np.argsort(-scores[row]) if i != at and scores[row, i] >= _LEAST]
        found.append(Played(roles[row], (columns[at].column,), float(scores[row, at]), tuple(others[:2])))
    return found


def _likeliness(name: str, role: str) -> float:
    """How much a name speaks for a role, in [0, 1]."""
    if role == _SAME:
        return float(folded_name(name) in SAME_AS)
    return float(role in folded_name(name)) if role in _ASKED else name_score(name, role)


def _score(column: ContractColumn, role: str) -> float:
    """How well a column suits a role by its name and type; below 0.95, since no value was seen."""
    score = 0.9 * _likeliness(column.column, role)
    kind = column.logical_type
    if role in _NUMBERS and kind in ("boolean", "object", "array", *_TIMES):
        return 0.0
    if role == "time" and kind in _TIMES:
        return max(score, 0.5)
    if role not in ("time", "stock") and kind in _TIMES:
        return 0.0
    return score + 0.04 * (column.unique or column.primary_key) * (role == "item_id") if score else 0.0
