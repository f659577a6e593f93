"""Quantities of a bill in units of ours: GB is not GiB."""

from __future__ import annotations

from decimal import Decimal

from steelyard.cost.units import convert
from steelyard.errors import PriceError
from steelyard.ledger.invoices.charges import Charge

__all__ = ["quantity_in"]


def quantity_in(charge: Charge, unit: str) -> Decimal:
    """The quantity of a line in a unit of ours: 1 GiB of a bill is 1.073741824 GB, and never 1 GB.

    Args:
        charge: A line with a quantity, in a unit as FOCUS writes it (``GB-Months``, ``Hours``, ``1000 Requests``).
        unit: As ``steelyard.cost.units`` knows it (``GB_month``, ``hour``, ``request``).

    Returns:
        Exact to 28 digits.

    Raises:
        PriceError: The line has no quantity, its unit is not known, or the two are not of one kind.
    """
    if charge.quantity is None:
        raise PriceError(f"the line {charge.text or charge.service} of {charge.provider} has no quantity")
    count, _, written = charge.unit.rpartition(" ")
    factor = Decimal(count) if count.isdecimal() else Decimal(1)
    return convert(charge.quantity * factor, _own_unit(written if count.isdecimal() else charge.unit), unit)


def _own_unit(unit: str) -> str:
    """``GB-Months`` as ``GB_month``, ``vCPU-Hours`` as ``core*hour``."""
    what, _, time = unit.partition("-")
    names = [_UNITS.get(each, each) for each in (what, time) if each]
    if names[1:] == ["month"]:
        return f"{names[0]}_month"
    return "*".join(names)


_UNITS = {
    "Hours": "hour", "Hour": "hour", "Seconds": "second", "Minutes": "minute", "Days": "day", "Months": "month",
    "Month": "month", "Requests": "request", "Tokens": "token", "vCPU": "core", "Images": "image", "Events": "event",
}  # fmt: skip
"""Units of FOCUS that ours name otherwise; GB, GiB and their like are named alike."""
