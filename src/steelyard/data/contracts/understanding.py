"""What a contract gives the configuration: sections of tables, expectations, and what could not be taken over."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from steelyard.config.expectations import Expectation
from steelyard.data.contracts.names import CHECKED, ROLE, SETTINGS, SHOP, TABLE, said
from steelyard.data.contracts.roles import NEEDED, Played, roles_of, tables_of
from steelyard.data.contracts.rules_read import Asked, Left, asked_by, expectations_from
from steelyard.documents.contract import ContractServer, ContractTable, DataContract, ServiceLevel
from steelyard.errors import DataError

__all__ = ["TakenTable", "Understood", "understand"]

_AGES = frozenset(("freshness", "latency", "ly", "dataage"))
_KEEPS = frozenset(("retention", "re"))
_DAYS = {
    "": 1.0, "d": 1.0, "day": 1.0, "days": 1.0, "h": 1 / 24, "hr": 1 / 24, "hour": 1 / 24, "hours": 1 / 24,
    "m": 1 / 1440, "min": 1 / 1440, "minute": 1 / 1440, "minutes": 1 / 1440, "w": 7.0, "week": 7.0, "weeks": 7.0,
    "y": 365.0, "yr": 365.0, "year": 365.0, "years": 365.0,
}  # fmt: skip
_TEMPLATE = re.compile(r"\{(?:model|table|object|schema)\}")


@dataclass(frozen=True, slots=True)
class TakenTable:
    """A table of the contract that is one of the shop's."""

    name: str
    called: str
    """By the contract."""
    path: str
    """Empty where the contract names no file."""
    roles: tuple[Played, ...]
    settings: Mapping[str, object]
    """Of its section, beside the path and the columns."""


@dataclass(frozen=True, slots=True)
class Understood:
    """What a contract says to a configuration."""

    shop: Mapping[str, object]
    tables: tuple[TakenTable, ...]
    expectations: tuple[tuple[Expectation, str], ...]
    """Each with what a person must look at, empty where there is nothing."""
    keep_days: float | None
    left: tuple[str, ...]
    """What was left out and why, a line each."""
    n_checked: int
    """Rules that Steelyard checks without being told."""


def understand(contract: DataContract) -> Understood:
    """What the contract gives a configuration.

    Args:
        contract: Of version 3.

    Returns:
        At least a catalogue; every rule is an expectation, a check that is made anyway, or named with a reason.

    Raises:
        DataError: No table of it is a catalogue.
    """
    tables = tables_of(contract.tables)
    taken = tuple(_taken(contract, table, name) for name, table in tables.items())
    if "items" not in tables:
        there = "; ".join(f"{one.name} ({', '.join(c.column for c in one.properties[:12])})" for one in contract.tables)
        raise DataError(
            "the contract has no catalogue: a table with the columns of an item id and a title. It has: "
            f"{there or 'none'}. Name it by a custom property {TABLE}: items, and its columns by {ROLE}: item_id, title"
        )
    found = [one for name, table in tables.items() for one in _rules(name, table, called=tables["items"].name)]
    found += _levels(contract, tables)
    others = [table for table in contract.tables if not any(table is one for one in tables.values())]
    left = [f"the table {table.name} was left out: it is none of a shop's tables, {_lacks(table)}" for table in others]
    left += [str(one) for one in found if isinstance(one, Left)]
    left += [f"{key} of the contract was left out: it says nothing of the data itself" for key in contract.unused]
    shop = said(contract.custom_properties, SHOP)
    rules = [rule for table in tables.values() for rule in table.quality]
    rules += [rule for table in tables.values() for column in table.properties for rule in column.quality]
    return Understood(
        shop=shop if isinstance(shop, dict) else ({"name": contract.name} if contract.name else {}),
        tables=taken,
        expectations=tuple(expectations_from([one for one in found if isinstance(one, Asked)])),
        keep_days=_kept(contract.sla_properties),
        left=tuple(left),
        n_checked=sum(said(rule.custom_properties, CHECKED) is not None for rule in rules),
    )


def _lacks(table: ContractTable) -> str:
    roles = {one.role for one in roles_of(table, "items")}
    missing = [role for role in NEEDED["items"] if role not in roles]
    return f"of a catalogue it lacks {' and '.join(missing)}" if missing else "and the contract has a likelier one"


def _taken(contract: DataContract, table: ContractTable, name: str) -> TakenTable:
    settings = said(table.custom_properties, SETTINGS)
    known = dict(settings) if isinstance(settings, dict) else {}
    server = _server_of(contract, table, name)
    if server is not None and not known and server.encoding and server.encoding.lower().replace("-", "") != "utf8":
        known["encoding"] = server.encoding
    path = "" if server is None else _TEMPLATE.sub(table.physical_name or table.name, server.path)
    roles = tuple(roles_of(table, name))
    return TakenTable(name, table.name, path, roles, known)


def _server_of(contract: DataContract, table: ContractTable, name: str) -> ContractServer | None:
    """The file of a table: the server of its name, one with a place for names, or the only one of the only table."""
    own = [server for server in contract.servers if server.path and server.server in (table.name, name)]
    named = [server for server in contract.servers if _TEMPLATE.search(server.path)]
    only = contract.servers if len(contract.servers) == len(contract.tables) == 1 else ()
    return next(iter((*own, *named, *(server for server in only if server.path))), None)


def _rules(name: str, table: ContractTable, *, called: str) -> Iterator[Asked | Left]:
    """Of a table and its columns; that items are the catalogue's, which the contract calls so, is checked anyway."""
    yield from asked_by(name, None, table.quality)
    why = "only that the items of a table are in the catalogue is checked"
    yield from (Left(name, f"the relationship to {one.to}", why) for one in table.relationships)
    for column in table.properties:
        yield from asked_by(name, column, column.quality)
        others = [one for one in column.relationships if str(one.to).partition(".")[0] not in (called, "items")]
        yield from (Left(f"{name}.{column.column}", f"the relationship to {one.to}", why) for one in others)


def _levels(contract: DataContract, tables: Mapping[str, ContractTable]) -> Iterator[Asked | Left]:
    for level in contract.sla_properties:
        word = level.property.lower().replace("_", "")
        if word in _KEEPS and _days(level) is not None:
            continue
        left = Left("slaProperties", f"{level.property} = {level.value}", "")
        days = _days(level)
        if word not in _AGES:
            yield Left(left.where, left.what, "an expectation cannot say it")
        elif days is None:
            yield Left(left.where, left.what, f"{level.value} {level.unit} is no time".replace("  ", " "))
        else:
            yield from _age(level, days, tables, left)


def _age(level: ServiceLevel, days: float, tables: Mapping[str, ContractTable], left: Left) -> Iterator[Asked | Left]:
    """How old the newest time of the named columns may be."""
    elements = [one.strip() for one in level.element.split(",") if one.strip()]
    if not elements:
        yield Left(left.where, left.what, "it names no column: element: events.time")
    for element in elements:
        called, _, column = element.partition(".")
        name = next((name for name, table in tables.items() if called in (table.name, name)), None)
        columns = {c.name: c.column for c in tables[name].properties} if name else {}
        if name is None or column not in (*columns, *columns.values()):
            yield Left(left.where, left.what, f"{element} is no column of a table that was taken over")
        elif not 0 < days <= 36_500:
            yield Left(left.where, left.what, "an age is more than nothing and at most 36,500 days")
        else:
            yield Asked(name, columns.get(column, column), "max_age_days", days)


def _days(level: ServiceLevel) -> float | None:
    unit = _DAYS.get(level.unit.lower())
    try:
        value = float(str(level.value))
    except ValueError:
        return None
    return value * unit if unit is not None else None


def _kept(levels: Sequence[ServiceLevel]) -> float | None:
    """How long the data may be kept, the shortest of all."""
    found = [_days(level) for level in levels if level.property.lower() in _KEEPS]
    return min((days for days in found if days is not None), default=None)
