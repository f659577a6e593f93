"""The schema of a price book's rows, checked field by field. Says what is wrong where, all of it at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from enum import StrEnum
from typing import Any

from steelyard.cost.prices.fields import Fields
from steelyard.cost.prices.machine_terms import machine_terms
from steelyard.cost.prices.row_terms import METER_UNITS, Discount, Metered, Offered, discount, metered, offered
from steelyard.cost.unitcost import own_hardware_per_hour
from steelyard.domain import FactKind, Money, Price
from steelyard.errors import PriceError

__all__ = ["IN_A_BILL", "Row", "Service", "parse_row", "parse_rows"]


class Service(StrEnum):
    """What a row sells, and so in which units."""

    INSTANCE = "instance"
    BLOCK_STORAGE = "block_storage"
    OBJECT_STORAGE = "object_storage"
    EGRESS = "egress"
    PEOPLE = "people"
    INSTANCE_OFFER = "instance_offer"
    """Another way to buy an instance: reserved, spot."""
    COMMITMENT_DISCOUNT = "commitment_discount"
    """What a commitment takes off the price of any machine."""
    OWN_MACHINE = "own_machine"
    """A machine of the shop's own; never taken for one that can be rented."""
    MANAGED = "managed"
    """A charge of a service that searches or recommends for the shop."""
    SURROUNDING = "surrounding"
    """What stands around machines: balancer, addresses, NAT, logs, snapshots; see ``[cost.include]``."""
    TOKENS = "tokens"
    LABELS = "labels"


UNITS_OF = {
    Service.INSTANCE: ("hour",),
    Service.BLOCK_STORAGE: ("GB_month",),
    Service.OBJECT_STORAGE: ("GB_month",),
    Service.EGRESS: ("GB",),
    Service.PEOPLE: ("person_hour",),
    Service.INSTANCE_OFFER: ("hour",),
    Service.COMMITMENT_DISCOUNT: ("1",),
    Service.OWN_MACHINE: ("hour",),
    Service.MANAGED: tuple(dict.fromkeys(unit for units in METER_UNITS.values() for unit in units)),
    Service.SURROUNDING: ("hour", "GB", "GB_month", "month"),
    Service.TOKENS: ("Mtoken", "token"),
    Service.LABELS: ("label",),
}
IN_A_BILL = frozenset({Service.INSTANCE, Service.BLOCK_STORAGE, Service.OBJECT_STORAGE, Service.EGRESS, Service.PEOPLE})
"""Services whose rows any bill may use. The others are looked up by those who ask for them."""
_HINTS = {
    "month": "a month's price of an instance is divided by 730 before it is written here",
    "day": "a day's price of an instance is divided by 24 before it is written here",
    "GiB_month": "1 GiB is 1.073741824 GB",
    "ktoken": "a price per 1,000 tokens is multiplied by 1,000 before it is written per Mtoken",
    "GiB": "1 GiB is 1.073741824 GB",
}
_KINDS = (FactKind.QUOTED, FactKind.INVOICED, FactKind.MEASURED, FactKind.ASSUMED)
_REQUIRED = ("name", "service", "unit", "kind", "source", "as_of")
_OWN = ("capex", "residual_share", "life_years", "power_kw", "pue", "tariff_per_kwh")
"""Fields that describe a machine of the shop's own; they replace ``price``, which is worked out from them."""


@dataclass(frozen=True, slots=True)
class Row:
    """One price of a book, with what is needed to use it."""

    service: Service
    price: Price
    low: Decimal | None = None
    """Low end of an assumed price."""
    high: Decimal | None = None
    vcpus: int = 0
    """Of an instance."""
    memory_gb: Decimal = Decimal(0)
    """Of an instance, in units of 10^9 bytes."""
    baseline_share: Decimal = Decimal(1)
    """Share of each vCPU an instance can use without end; below 1 for burstable types."""
    baseline_source: str = ""
    gpu: str = ""
    """What accelerator it has; empty for none."""
    accelerator_share: Decimal = Decimal(1)
    """Share of that accelerator it has; below 1 where several machines share one."""
    arch: str = ""
    """``x86_64`` or ``arm64``; empty where neither the row nor its name says it."""
    instruction_set: str = ""
    """Its class, as ``steelyard cost calibrate`` names it; empty where it is not known."""
    up_to_gb: Decimal | None = None
    """Of a tier of traffic: where it ends, counted from the first GB of the month; ``None`` for the last tier."""
    confirmed_free: bool = False
    replaces: str = ""
    """Of a shop's own row: the service whose rows of the book it takes the place of, its own."""
    is_default: bool = False
    """Of several rows of one service, the one taken when nobody asks for another."""
    offered: Offered | None = None
    """Of an instance offer."""
    metered: Metered | None = None
    """Of a charge of a managed service."""


_NESTED = {"offered", "metered"}
_KNOWN = {field.name for kind in (Row, Offered, Metered) for field in fields(kind)} - _NESTED | {
    "name",
    "unit",
    "kind",
    "source",
    "as_of",
    "discount",
    "sustained_cores",
    *_OWN,
}


def parse_rows(rows: Any, *, currency: str, where: str) -> list[Row | Discount]:
    """The rows of a price book.

    Args:
        rows: A list of tables, as read from JSON, TOML or CSV.
        currency: ISO 4217 code of every price in it.
        where: The file, for messages.

    Returns:
        One ``Row`` each, in order; a ``Discount`` where the row is one.

    Raises:
        PriceError: Anything is wrong; the message lists file, row and field of everything that is.
    """
    if not isinstance(rows, Sequence) or isinstance(rows, str):
        raise PriceError(f"{where}: 'rows' must be a list of tables, one a price")
    problems: list[str] = []
    found: list[Row | Discount] = []
    seen: set[str] = set()
    for number, row in enumerate(rows, start=1):
        row_problems: list[str] = []
        parsed = parse_row(row, currency=currency, problems=row_problems)
        name = str(row.get("name", "")) if isinstance(row, Mapping) else ""
        if parsed is not None and name in seen:
            row_problems.append("name: there is a row of this name before it; keep one")
        seen.add(name)
        problems += [f"{where}: row {number} ({name or 'no name'}): {problem}" for problem in row_problems]
        if parsed is not None:
            found.append(parsed)
    if problems:
        raise PriceError("\n".join(problems))
    return found


def parse_row(row: Any, *, currency: str, problems: list[str]) -> Row | Discount | None:
    """One row, or ``None`` with what is wrong appended to ``problems``."""
    if not isinstance(row, Mapping):
        problems.append("it is not a table of fields")
        return None
    before = len(problems)
    problems += [f"{key}: no such field; known: {', '.join(sorted(_KNOWN))}" for key in row if key not in _KNOWN]
    problems += [f"{key}: missing" for key in _REQUIRED if not row.get(key)]
    reader = Fields(row, problems)
    service = reader.choice("service", Service)
    _check_unit(row, service, problems)
    kind = reader.choice("kind", FactKind)
    if kind is not None and kind not in _KINDS:
        problems.append(f"kind: {kind} is not a kind of price; use one of {', '.join(_KINDS)}")
    day = reader.day("as_of")
    if service is Service.COMMITMENT_DISCOUNT and kind is not None and day is not None:
        return discount(reader, kind=kind, source=str(row.get("source")), as_of=day)
    amount, source = _amount(row, reader)
    _check_free(row, amount, problems)
    extras = _extras(reader, service)
    if len(problems) > before or service is None or kind is None or day is None or amount is None:
        return None
    low, high = extras.get("low"), extras.get("high")
    if not (low is None or low <= amount) or not (high is None or amount <= high):
        problems.append(f"price: {amount} is not between low {low} and high {high}")
    price = Price(str(row["name"]), Money(amount, currency), str(row["unit"]), kind, source, day)
    return Row(service, price, **extras)


def _amount(row: Mapping[str, Any], reader: Fields) -> tuple[Decimal | None, str]:
    source = str(row.get("source", ""))
    given = [key for key in _OWN if row.get(key) not in (None, "")]
    if not given:
        return reader.number("price"), source
    missing = [key for key in (*_OWN,) if key not in given]
    if missing or row.get("price") not in (None, ""):
        reader.problems.append(f"{', '.join(given)}: own hardware needs all of {', '.join(_OWN)} and no price")
        return None, source
    values = {key: reader.number(key) for key in _OWN}
    known = {key: value for key, value in values.items() if value is not None}
    if len(known) < len(_OWN) or not known["life_years"]:
        return None, source
    rule = "capex x (1 - residual_share) / (life_years x 8760 h) + power_kw x pue x tariff_per_kwh"
    return own_hardware_per_hour(**known).total, f"{source}; {rule}"


def _extras(reader: Fields, service: Service | None) -> dict[str, Any]:
    extras: dict[str, Any] = {}
    for key in ("low", "high", "up_to_gb"):
        if reader.row.get(key) not in (None, ""):
            extras[key] = reader.number(key)
    for key in ("baseline_source", "gpu"):
        extras[key] = str(reader.row.get(key) or "")
    extras["replaces"] = str(reader.row.get("replaces") or "")
    if extras["replaces"] not in ("", str(service)):
        reader.problems.append(f"replaces: {extras['replaces']!r}, but a row can replace only those of its own service")
    for key in ("confirmed_free", "is_default"):
        extras[key] = reader.flag(key)
    if service is Service.INSTANCE_OFFER:
        extras["offered"] = offered(reader)
    if service is Service.MANAGED:
        extras["metered"] = metered(reader)
    if service in (Service.INSTANCE, Service.OWN_MACHINE):
        extras |= machine_terms(reader, is_rented=service is Service.INSTANCE)
    return extras


def _check_unit(row: Mapping[str, Any], service: Service | None, problems: list[str]) -> None:
    unit = str(row.get("unit") or "")
    if not unit or service is None or unit in UNITS_OF[service]:
        return
    hint = f"; {_HINTS[unit]}" if unit in _HINTS else ""
    problems.append(f"unit: {unit!r}, but {service} is priced per {' or '.join(UNITS_OF[service])}{hint}")


def _check_free(row: Mapping[str, Any], amount: Decimal | None, problems: list[str]) -> None:
    if amount is None:
        return
    if amount < 0:
        problems.append(f"price: {amount} is below zero")
    if amount == 0 and row.get("confirmed_free") not in (True, "true", "True", "1"):
        problems.append(
            "price: 0 is usually a price nobody filled in; leave the row out if it is unknown, "
            "or add confirmed_free = true if it really costs nothing"
        )
