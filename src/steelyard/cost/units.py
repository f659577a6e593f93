"""Units of what is paid for, in exact decimals. What cannot be added is refused: GPU-hours are not gigabytes.

Names are those of ``Fact.unit`` and ``Price.unit``: ``gpu_hour``, ``GB_month``, ``core_second``, ``person_hour``,
``request``, ``token`` … and any arithmetic of them (``GB/request``). A GB is 10^9 bytes, a GiB 2^30. There are two
months: ``billing_month`` is 730 hours, which clouds bill by; the calendar month has as many hours as its days, see
``hours_in``. ``month`` alone is refused, and so is ``GB_month`` read as anything but a billing month.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from steelyard.cost.facts import EXACT
from steelyard.errors import PriceError

if TYPE_CHECKING:
    import pint

__all__ = ["convert", "hours_in", "is_same_kind", "total"]

_COUNTED = (
    "gpu", "core", "person", "request", "token", "label", "query", "image", "instance", "seat", "event", "row", "user",
    "item",
)  # fmt: skip
"""What is counted and never becomes anything else."""
_OWN = (
    "billing_month = 730 * hour",
    "GB_month = gigabyte * billing_month",
    "GiB_month = gibibyte * billing_month",
    "GB = gigabyte",
    "GiB = gibibyte",
    *(f"{each}_hour = {each} * hour" for each in (*_COUNTED[:3], "instance")),
    "core_second = core * second",
    "request_per_second = request / second",
    "kWh = kilowatt_hour",
)
_WRITTEN = re.compile(r"[A-Za-z_]+( ?[*/] ?[A-Za-z_]+)*")
_AMBIGUOUS = {
    "month": "billing_month (730 hours), or the hours of a calendar month",
    "months": "billing_month (730 hours), or the hours of a calendar month",
    "year": "hour, or billing_month",
}


def convert(value: Decimal, unit: str, to: str) -> Decimal:
    """A value in another unit of the same kind.

    Args:
        value: Exact.
        unit: What it is in.
        to: What it is wanted in.

    Returns:
        Exact to 28 digits.

    Raises:
        PriceError: A unit is unknown or means two things, or the two are not of one kind.
    """
    source, target = _parsed(unit), _parsed(to)
    if source.dimensionality != target.dimensionality:
        raise PriceError(
            f"{value} {unit} cannot be given in {to}: {_kind(source)} is not {_kind(target)}; "
            "price each of them and add the money"
        )
    factor = EXACT.divide(_to_root(source), _to_root(target))
    return EXACT.multiply(value, factor)


def is_same_kind(one: str, other: str) -> bool:
    """Whether values in the two units can be added."""
    return bool(_parsed(one).dimensionality == _parsed(other).dimensionality)


def total(amounts: Iterable[tuple[Decimal, str]], *, unit: str) -> Decimal:
    """Sum of amounts in one unit.

    Args:
        amounts: Values with their units, all of the kind of ``unit``.
        unit: Of the sum.

    Returns:
        Exact to 28 digits.

    Raises:
        PriceError: As ``convert``, for the first that does not belong.
    """
    return sum((convert(value, each, unit) for value, each in amounts), Decimal(0))


def hours_in(year: int, month: int) -> Decimal:
    """Hours of a calendar month: 672 to 744, never 730. Not the month that clouds bill by."""
    return Decimal(calendar.monthrange(year, month)[1] * 24)


@lru_cache(maxsize=1)
def _registry() -> pint.UnitRegistry[Decimal]:
    import pint  # noqa: PLC0415  (takes a third of a second; most commands never convert)

    made: pint.UnitRegistry[Decimal] = pint.UnitRegistry(non_int_type=Decimal, cache_folder=None)
    for each in _COUNTED:
        made.define(f"{each} = [{each}]")
    for each in _OWN:
        made.define(each)
    return made


@lru_cache(maxsize=512)
def _parsed(unit: str) -> pint.Unit:
    import pint  # noqa: PLC0415

    if not _WRITTEN.fullmatch(unit):
        raise _unknown(unit)
    if unit in _AMBIGUOUS:
        raise PriceError(f"unit {unit!r} means two things: write {_AMBIGUOUS[unit]}")
    try:
        return _registry().Unit(unit)
    except pint.UndefinedUnitError as error:
        raise _unknown(unit) from error


def _unknown(unit: str) -> PriceError:
    return PriceError(
        f"unit {unit!r} is not known; known are for example hour, gpu_hour, person_hour, core_second, GB, GiB, "
        "GB_month, kWh, request, token, label, and arithmetic of them such as GB/request"
    )


@lru_cache(maxsize=512)
def _to_root(unit: pint.Unit) -> Decimal:
    return Decimal(_registry().Quantity(Decimal(1), unit).to_root_units().magnitude)


def _kind(unit: pint.Unit) -> str:
    return str(unit.dimensionality)
