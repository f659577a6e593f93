"""The schema of a price book's rows, checked field by field. Says what is wrong where, all of it at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, TypeVar

from steelyard.cost.unitcost import own_hardware_per_hour
from steelyard.domain import FactKind, Money, Price
from steelyard.errors import PriceError

__all__ = ["Row", "Service", "parse_row", "parse_rows"]

_E = TypeVar("_E", bound=StrEnum)


class Service(StrEnum):
    """What a row sells. Each service is sold in one unit only."""

    INSTANCE = "instance"
    BLOCK_STORAGE = "block_storage"
    OBJECT_STORAGE = "object_storage"
    EGRESS = "egress"
    PEOPLE = "people"


UNIT_OF = {
    Service.INSTANCE: "hour",
    Service.BLOCK_STORAGE: "GB_month",
    Service.OBJECT_STORAGE: "GB_month",
    Service.EGRESS: "GB",
    Service.PEOPLE: "person_hour",
}
_HINTS = {
    "month": "a month's price of an instance is divided by 730 before it is written here",
    "day": "a day's price of an instance is divided by 24 before it is written here",
    "GiB_month": "1 GiB is 1.073741824 GB",
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
    up_to_gb: Decimal | None = None
    """Of a tier of traffic: where it ends, counted from the first GB of the month; ``None`` for the last tier."""
    confirmed_free: bool = False
    is_default: bool = False
    """Of several rows of one service, the one taken when nobody asks for another."""


_KNOWN = {field.name for field in fields(Row)} | {"name", "unit", "kind", "source", "as_of", *_OWN}


def parse_rows(rows: Any, *, currency: str, where: str) -> list[Row]:
    """The rows of a price book.

    Args:
        rows: A list of tables, as read from JSON, TOML or CSV.
        currency: ISO 4217 code of every price in it.
        where: The file, for messages.

    Returns:
        One ``Row`` each, in order.

    Raises:
        PriceError: Anything is wrong; the message lists file, row and field of everything that is.
    """
    if not isinstance(rows, Sequence) or isinstance(rows, str):
        raise PriceError(f"{where}: 'rows' must be a list of tables, one a price")
    problems: list[str] = []
    found: list[Row] = []
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


def parse_row(row: Any, *, currency: str, problems: list[str]) -> Row | None:
    """One row, or ``None`` with what is wrong appended to ``problems``."""
    if not isinstance(row, Mapping):
        problems.append("it is not a table of fields")
        return None
    before = len(problems)
    problems += [f"{key}: no such field; known: {', '.join(sorted(_KNOWN))}" for key in row if key not in _KNOWN]
    problems += [f"{key}: missing" for key in _REQUIRED if not row.get(key)]
    reader = _Reader(row, problems)
    service = reader.choice("service", Service)
    _check_unit(row, service, problems)
    kind = reader.choice("kind", FactKind)
    if kind is not None and kind not in _KINDS:
        problems.append(f"kind: {kind} is not a kind of price; use one of {', '.join(_KINDS)}")
    day = reader.day("as_of")
    amount, source = _amount(row, reader)
    _check_free(row, amount, problems)
    extras = _extras(reader, service)
    if len(problems) > before or service is None or kind is None or day is None or amount is None:
        return None
    price = Price(str(row["name"]), Money(amount, currency), str(row["unit"]), kind, source, day)
    return Row(service, price, **extras)


def _amount(row: Mapping[str, Any], reader: _Reader) -> tuple[Decimal | None, str]:
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


def _extras(reader: _Reader, service: Service | None) -> dict[str, Any]:
    extras: dict[str, Any] = {}
    for key in ("low", "high", "memory_gb", "baseline_share", "up_to_gb"):
        if reader.row.get(key) not in (None, ""):
            extras[key] = reader.number(key)
    for key in ("baseline_source", "gpu"):
        extras[key] = str(reader.row.get(key) or "")
    for key in ("confirmed_free", "is_default"):
        extras[key] = reader.flag(key)
    if service is Service.INSTANCE:
        extras["vcpus"] = reader.count("vcpus")
        if not extras.get("memory_gb"):
            reader.problems.append("memory_gb: an instance needs its memory in GB, above 0")
        share = extras.get("baseline_share")
        if share is not None and not 0 < share <= 1:
            reader.problems.append("baseline_share: a share of each vCPU, above 0 and at most 1")
        if share is not None and share < 1 and not extras["baseline_source"]:
            reader.problems.append("baseline_source: missing; say where the sustained share was read")
    return extras


def _check_unit(row: Mapping[str, Any], service: Service | None, problems: list[str]) -> None:
    unit = str(row.get("unit") or "")
    if not unit or service is None or unit == UNIT_OF[service]:
        return
    hint = f"; {_HINTS[unit]}" if unit in _HINTS else ""
    problems.append(f"unit: {unit!r}, but {service} is priced per {UNIT_OF[service]}{hint}")


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


class _Reader:
    """Reads typed fields of one row and notes what does not read."""

    def __init__(self, row: Mapping[str, Any], problems: list[str]) -> None:
        self.row = row
        self.problems = problems

    def number(self, key: str) -> Decimal | None:
        value = self.row.get(key)
        if value is None or value == "":
            self.problems.append(f"{key}: missing; an unknown price is left out, never guessed")
            return None
        try:
            number = Decimal(str(value)) if not isinstance(value, bool) else Decimal("NaN")
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite():
            self.problems.append(f"{key}: {value!r} is not a number; write it like 0.085")
            return None
        if number < 0:
            self.problems.append(f"{key}: {value} is below zero")
            return None
        return number

    def count(self, key: str) -> int:
        value = self.row.get(key)
        text = str(value).strip()
        if isinstance(value, bool) or not text.isdigit() or int(text) < 1:
            self.problems.append(f"{key}: {value!r} is not a whole number above 0")
            return 0
        return int(text)

    def flag(self, key: str) -> bool:
        value = self.row.get(key, False)
        if value in (True, "true", "True", "1"):
            return True
        if value not in (False, "false", "False", "0", "", None):
            self.problems.append(f"{key}: {value!r} is not true or false")
        return False

    def day(self, key: str) -> date | None:
        value = self.row.get(key)
        if isinstance(value, date):
            return date(value.year, value.month, value.day)
        try:
            return date.fromisoformat(str(value)) if value else None
        except ValueError:
            self.problems.append(f"{key}: {value!r} is not a day; write it like 2026-09-06")
            return None

    def choice(self, key: str, options: type[_E]) -> _E | None:
        value = str(self.row.get(key) or "")
        if value in {str(option) for option in options}:
            return options(value)
        if value:
            self.problems.append(f"{key}: {value!r} is not one of {', '.join(options)}")
        return None
