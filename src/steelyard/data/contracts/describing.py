"""A shop's tables as a data contract: columns, what Steelyard checks, what the shop expects, where the files are."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from steelyard.config import Config
from steelyard.config.data_tables import FileSource
from steelyard.config.expectations import Expectation
from steelyard.data.contracts.names import CHECKED, COLUMNS, ROLE, SETTINGS, SHOP, TABLE
from steelyard.data.contracts.rules_written import as_option, as_rule, as_service_level
from steelyard.data.schema import Wanted
from steelyard.documents.contract import (
    API_VERSION,
    ContractColumn,
    ContractServer,
    ContractTable,
    CustomProperty,
    DataContract,
    QualityRule,
    Relationship,
    ServiceLevel,
)

__all__ = ["SeenTable", "describe"]

_TYPES = {"number": "number", "time": "timestamp"}
_REQUIRED = {
    "items": {"item_id": "item_id_missing", "title": "title_missing"},
    "events": {"item_id": "event_item_missing", "time": "event_time_unreadable", "user": "event_user_missing"},
    "judgements": {"query": "query_missing", "item_id": "judged_item_missing", "gain": "gain_missing"},
    "users": {"user": "basic_user_missing"},
    "same_users": {"user": "same_user_missing", "same_as": "same_user_missing"},
    "answers": {"question": "question_missing", "answer": "answer_missing"},
}
"""Roles whose value every row needs, and the check that says where it has none."""
_UNIQUE = {"items": {"item_id": "item_id_duplicate"}, "users": {"user": "basic_user_duplicate"}}
_POINTS_TO_ITEMS = {
    "events": "event_item_unknown",
    "judgements": "query_judged_item_unknown",
    "answers": "answered_item_unknown",
}
_OTHER_CHECKS = {
    "items": {"price": ("price_not_positive", "A price is above zero.")},
    "events": {
        "time": ("event_time_in_future", "No event is later than the load."),
        "quantity": ("quantity_not_positive", "A quantity is above zero; a return is told by its sign."),
    },
    "judgements": {"gain": ("gain_negative", "A gain is not below zero.")},
    "same_users": {
        "user": ("same_user_claimed", "An identifier belongs to one person."),
        "same_as": ("same_user_shared", "No identifier has more others than most_ids, as a shared card would."),
    },
}
"""What has no words in the standard's library: told as a text."""
_ABOUT_PEOPLE = ("user_agent",)
_DESCRIPTIONS = {
    "items": "The catalogue: a row an item that is sold.",
    "events": "The behaviour log: a row an event of a user with an item.",
    "judgements": "Relevance of items to queries, judged by people.",
    "users": "Basic information about the users.",
    "same_users": "Identifiers that are one person: a row an identifier and another one of the same person.",
    "answers": "Questions, and their answers.",
}
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9_-]+")
_FORMATS = {"tsv": "csv", "txt": "csv", "jsonl": "json", "ndjson": "json", "xlsx": "excel", "xls": "excel"}
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.]+:")
_PASSWORD = re.compile(r"(?<=://)[^/@]*@")


@dataclass(frozen=True, slots=True)
class SeenTable:
    """A table of the shop, as its file shows it."""

    wanted: Wanted
    columns: Sequence[str]
    types: Mapping[str, str] = field(default_factory=dict)
    """Logical types of columns that play no role."""


def describe(config: Config, tables: Sequence[SeenTable], *, name: str, path_of: Callable[[str], str]) -> DataContract:
    """The contract of a shop's tables.

    Args:
        config: What the shop says of them.
        tables: As their files show them.
        name: An identifier of the contract.
        path_of: From a path in the configuration to one in the contract; not asked for addresses.

    Returns:
        A contract of version 3.1 of the standard. A password in the address of a database is not in it.
    """
    made = [_table(config, seen) for seen in tables]
    ages = [
        as_service_level(each.table, _column_of(each, tables), each.max_age_days)
        for each in config.data.expect
        if each.max_age_days is not None
    ]
    return DataContract(
        api_version=API_VERSION,
        kind="DataContract",
        id=_NOT_PLAIN.sub("-", name).strip("-") or "shop",
        name=config.shop.name,
        version="1.0.0",
        status="active",
        servers=tuple(_server(seen.wanted, getattr(config.data, seen.wanted.table), path_of) for seen in tables),
        tables=tuple(made),
        sla_properties=(*ages, *_retention(config, tables)),
        custom_properties=_own(SHOP, config.shop.model_dump(mode="json", exclude_defaults=True)),
    )


def _own(name: str, value: Any) -> tuple[CustomProperty, ...]:
    return (CustomProperty(property=name, value=value),) if value else ()


def _retention(config: Config, tables: Sequence[SeenTable]) -> tuple[ServiceLevel, ...]:
    days = config.privacy.keep_days
    time = next((seen.wanted.role("time") for seen in tables if seen.wanted.table == "events"), None)
    if days is None or time is None:
        return ()
    return (ServiceLevel(property="retention", value=days, unit="d", element=f"events.{time.columns[0]}"),)


def _server(wanted: Wanted, source: FileSource, path_of: Callable[[str], str]) -> ContractServer:
    ending = wanted.path.removesuffix(".gz").rpartition(".")[2].lower()
    kind = ending if "/" not in ending and ending.isalnum() else "csv"
    kind = "sql" if "://" in wanted.path else _FORMATS.get(kind, kind)
    path = _PASSWORD.sub("", wanted.path)
    path = path if _ADDRESS.match(path) else path_of(path)
    where = (
        {"description": "the address of a database, without user and password"} if _PASSWORD.search(wanted.path) else {}
    )
    return ContractServer(
        server=wanted.table, type="local", path=path, format=kind, encoding=source.encoding or "", **where
    )


def _table(config: Config, seen: SeenTable) -> ContractTable:
    wanted = seen.wanted
    source = getattr(config.data, wanted.table)
    played = [column for role in wanted.roles for column in role.columns]
    names = dict.fromkeys((*played, *seen.columns))
    order = sorted(names, key=lambda one: list(seen.columns).index(one) if one in seen.columns else len(names))
    own = [each for each in config.data.expect if each.table == wanted.table]
    columns = source.columns.model_dump(mode="json", exclude_defaults=True)
    settings = source.model_dump(mode="json", exclude_defaults=True, exclude={"columns", "path"})
    return ContractTable(
        name=wanted.table,
        logical_type="object",
        physical_type="file",
        physical_name=_PASSWORD.sub("", wanted.path),
        description=_DESCRIPTIONS[wanted.table],
        properties=tuple(_column(config, seen, name, own) for name in order if name),
        quality=tuple(
            as_rule("min_rows", each.min_rows, except_share=0.0) for each in own if each.min_rows is not None
        ),
        custom_properties=(*_own(TABLE, wanted.table), *_own(COLUMNS, columns), *_own(SETTINGS, settings)),
    )


def _column(config: Config, seen: SeenTable, name: str, expectations: Sequence[Expectation]) -> ContractColumn:
    table = seen.wanted.table
    roles = [role for role in seen.wanted.roles if name in role.columns]
    played = [role.name for role in roles]
    is_personal = any(role.is_personal for role in roles) or table == "users" or bool({*played} & {*_ABOUT_PEOPLE})
    rules: list[QualityRule] = []
    options: dict[str, object] = {}
    for each in expectations:
        if _resolved(each.column, seen) != name:
            continue
        for kind, value in each.rules.items():
            share = each.except_share
            if option := as_option(kind, value, except_share=share, taken=options):
                options |= option
            elif kind not in ("max_age_days", "min_rows"):
                rules.append(as_rule(kind, value, except_share=share))
    firsts = [role.name for role in roles if role.columns[0] == name]
    checks = _checks(config, table, firsts)
    is_number = bool(options) or any(role.kind == "number" for role in roles)
    types = {_TYPES.get(role.kind, "string") for role in roles}
    kind = "number" if is_number else next(iter(types)) if len(types) == 1 else seen.types.get(name, "")
    required, unique = _is_required(config, table, played), _is_unique(config, table, played)
    checked = [word for word, is_so in (("required", required), ("unique", unique)) if is_so]
    return ContractColumn(
        name=name,
        logical_type=kind or "string",
        logical_type_options=options,
        required=required,
        unique=unique,
        critical_data_element=bool(set(played) & set(_REQUIRED[table])),
        classification="restricted" if is_personal else "internal",
        tags=("personal",) if is_personal else (),
        relationships=_relationships(config, table, played),
        quality=(*checks, *rules),
        custom_properties=(
            *_own(ROLE, ", ".join(played)),
            *_own(CHECKED, ", ".join(checked)),
        ),
    )


def _is_required(config: Config, table: str, played: Sequence[str]) -> bool:
    """Whether a row without the value cannot be used; a shopper may be unknown, and an item may have no title."""
    lenient = {"title"} | ({"user"} if table == "events" else set())
    is_plain = not (config.data.items.is_log and table == "items")
    return is_plain and bool(set(played) & set(_REQUIRED[table]) - lenient)


def _is_unique(config: Config, table: str, played: Sequence[str]) -> bool:
    is_plain = not (config.data.items.is_log and table == "items")
    return is_plain and bool(set(played) & set(_UNIQUE.get(table, ())))


def _relationships(config: Config, table: str, played: Sequence[str]) -> tuple[Relationship, ...]:
    if table not in _POINTS_TO_ITEMS or "item_id" not in played:
        return ()
    to = f"items.{config.data.items.columns.item_id}"
    is_plain = re.fullmatch(r"items\.[A-Za-z_][A-Za-z0-9_-]*", to)
    return (Relationship(to=to, type="foreignKey"),) if is_plain else ()


def _checks(config: Config, table: str, played: Sequence[str]) -> list[QualityRule]:
    """What Steelyard checks of a column anyway: rows that break it are set aside, and the load goes on."""
    found = []
    for role, reason in _REQUIRED[table].items():
        if role in played:
            found.append(_check(reason, type="library", metric="nullValues", must_be=0, dimension="completeness"))
    if _is_unique(config, table, played):
        reason = next(iter(_UNIQUE[table].values()))
        found.append(_check(reason, type="library", metric="duplicateValues", must_be=0, dimension="uniqueness"))
    if table in _POINTS_TO_ITEMS and "item_id" in played:
        says = f"Every item is one of items.{config.data.items.columns.item_id}."
        found.append(_check(_POINTS_TO_ITEMS[table], type="text", description=says, dimension="consistency"))
    kinds = config.data.events.kinds if table == "events" and config.data.events else {}
    if kinds and "kind" in played:
        values: dict[str, object] = {"validValues": list(kinds)}
        found.append(_check("event_kind_unknown", type="library", metric="invalidValues", arguments=values, must_be=0))
    for role, (reason, says) in _OTHER_CHECKS.get(table, {}).items():
        if role in played:
            found.append(_check(reason, type="text", description=says, dimension="accuracy"))
    return found


def _check(reason: str, **said: Any) -> QualityRule:
    return QualityRule(name=reason, severity="warning", custom_properties=_own(CHECKED, reason), **said)


def _resolved(column: str, seen: SeenTable) -> str:
    """The file's name of what an expectation names, which may be a role."""
    if column in seen.columns:
        return column
    role = seen.wanted.role(column)
    return role.columns[0] if role else column


def _column_of(expectation: Expectation, tables: Sequence[SeenTable]) -> str:
    seen = next(seen for seen in tables if seen.wanted.table == expectation.table)
    return _resolved(expectation.column, seen)
