"""What some rows of a price book say beside a price: how a machine is bought, what a managed service counts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from steelyard.cost.prices.fields import Fields
from steelyard.domain import FactKind

__all__ = ["METER_UNITS", "Discount", "Meter", "Metered", "Offered", "Purchase"]


class Purchase(StrEnum):
    """How an hour of a machine is bought."""

    ON_DEMAND = "on_demand"
    RESERVED = "reserved"
    """Paid for the whole term, used or not."""
    SPOT = "spot"
    """The cloud may take it back at short notice."""


class Meter(StrEnum):
    """What a managed service counts."""

    REQUESTS = "requests"
    """Requests of the month."""
    PEAK_RPS = "peak_rps"
    """Requests per second at the peak, bought for the month."""
    MEAN_RPS = "mean_rps"
    """Requests per second, hour by hour; at least ``at_least`` in each."""
    USERS = "users"
    ITEMS = "items"
    TRAININGS = "trainings"
    """Trainings of the month, ``each`` so many of the row's unit."""
    UNITS = "units"
    """Machines kept running all month: ``at_least``, or as many as the peak needs at ``each`` requests per second."""


METER_UNITS: Mapping[Meter, Mapping[str, Decimal | None]] = {
    Meter.REQUESTS: {"request": Decimal(1), "krequest": Decimal(1000), "Mrequest": Decimal(10**6), "GB": None},
    Meter.PEAK_RPS: {"request_per_second * billing_month": Decimal(1)},
    Meter.MEAN_RPS: {"request_per_second * hour": Decimal(1)},
    Meter.USERS: {f"{prefix}user * billing_month": Decimal(n) for prefix, n in (("", 1), ("k", 1000), ("M", 10**6))},
    Meter.ITEMS: {
        **{f"{prefix}item * billing_month": Decimal(n) for prefix, n in (("", 1), ("k", 1000), ("M", 10**6))},
        "GB_month": None,
    },
    Meter.TRAININGS: {"hour": None},
    Meter.UNITS: {"hour": Decimal(1)},
}
"""Units each meter is sold in, and how much of what is counted one of them is; ``None`` where ``each`` must say it."""


@dataclass(frozen=True, slots=True)
class Offered:
    """Another way to buy the hour of a machine."""

    of: str
    """Name of the machine's own row."""
    purchase: Purchase
    term_months: int = 0
    upfront_share: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Metered:
    """A charge of a managed service."""

    of: str
    """The service."""
    meter: Meter
    surfaces: tuple[str, ...]
    """What it can serve: ``search``, ``recommend``."""
    up_to: Decimal | None = None
    """Where a tier ends, in the row's unit, counted from the first of the month; ``None`` for the last."""
    at_least: Decimal = Decimal(0)
    """Least quantity that is billed."""
    step: Decimal = Decimal(0)
    """What is counted is rounded up to a multiple of it, in the row's unit; 0 for no rounding."""
    each: Decimal | None = None
    each_source: str = ""


@dataclass(frozen=True, slots=True)
class Discount:
    """What a commitment takes off the price of every machine without an accelerator."""

    name: str
    share: Decimal
    term_months: int
    upfront_share: Decimal
    kind: FactKind
    source: str
    as_of: date
    low: Decimal | None = None
    high: Decimal | None = None


def offered(fields: Fields) -> Offered | None:
    """The terms of a row ``instance_offer``; ``None`` with the problems noted."""
    before = len(fields.problems)
    of = _text(fields, "of", "the name of the machine's own row")
    purchase = fields.choice("purchase", Purchase)
    if purchase in (None, Purchase.ON_DEMAND) and len(fields.problems) == before:
        fields.problems.append("purchase: an instance_offer is reserved or spot; on demand is the instance's own row")
    term, upfront = _term(fields, is_needed=purchase is Purchase.RESERVED)
    if len(fields.problems) > before or purchase is None:
        return None
    return Offered(of, purchase, term, upfront)


def discount(fields: Fields, *, kind: FactKind, source: str, as_of: date) -> Discount | None:
    """A row ``commitment_discount``; ``None`` with the problems noted."""
    before = len(fields.problems)
    share = fields.number("discount")
    if share is not None and not 0 < share < 1:
        fields.problems.append(f"discount: {share} is not a share between 0 and 1; write 32 % as 0.32")
    term, upfront = _term(fields, is_needed=True)
    ends = [fields.number(key) if fields.row.get(key) not in (None, "") else None for key in ("low", "high")]
    if len(fields.problems) > before or share is None:
        return None
    return Discount(str(fields.row["name"]), share, term, upfront, kind, source, as_of, *ends)


def metered(fields: Fields) -> Metered | None:
    """The terms of a row ``managed``; ``None`` with the problems noted."""
    before, row = len(fields.problems), fields.row
    of = _text(fields, "of", "the name of the managed service")
    surfaces = tuple(part for part in re.split(r"[;, ]+", str(row.get("surfaces") or "")) if part)
    if not surfaces:
        fields.problems.append("surfaces: missing; say what it serves: search, recommend, or both")
    meter = fields.choice("meter", Meter)
    if meter is None and not row.get("meter"):
        fields.problems.append(f"meter: missing; say what is counted: {', '.join(Meter)}")
    unit = str(row.get("unit") or "")
    if meter is not None and unit not in METER_UNITS[meter]:
        fields.problems.append(f"unit: {unit!r}, but {meter} are sold per {', '.join(METER_UNITS[meter])}")
    optional = {key: fields.number(key) for key in ("up_to", "at_least", "step", "each") if row.get(key)}
    if optional.get("each") is not None and not row.get("each_source"):
        fields.problems.append("each_source: missing; say where `each` was read, or that it is assumed")
    if len(fields.problems) > before or meter is None:
        return None
    known = {key: value for key, value in optional.items() if value is not None}
    return Metered(of, meter, surfaces, each_source=str(row.get("each_source") or ""), **known)


def _term(fields: Fields, *, is_needed: bool) -> tuple[int, Decimal]:
    row = fields.row
    term = fields.count("term_months") if is_needed or row.get("term_months") else 0
    upfront = fields.number("upfront_share") if row.get("upfront_share") else Decimal(0)
    if upfront is not None and upfront > 1:
        fields.problems.append(f"upfront_share: {upfront} is more than the whole; write 50 % as 0.5")
    return term, upfront or Decimal(0)


def _text(fields: Fields, key: str, what: str) -> str:
    value = str(fields.row.get(key) or "")
    if not value:
        fields.problems.append(f"{key}: missing; write {what}")
    return value
