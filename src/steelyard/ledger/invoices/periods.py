"""Whether a charge lies near its bill: usage years away, and dates whose day and month were swapped, are mistakes."""

from __future__ import annotations

from datetime import datetime, timedelta

from steelyard.ledger.invoices.charges import Period

__all__ = ["is_far", "is_long", "maybe_swapped", "outside"]

_NEAR = timedelta(days=31)
_DAYS_OFF = timedelta(days=2)
"""A bill of local time may end so far from UTC's months."""
_YEAR = timedelta(days=366)
_LONGEST = timedelta(days=100)


def outside(charged: Period, billing: Period) -> str:
    """What is odd about where a charge lies; empty where it lies within a month of its billing period.

    Args:
        charged: When it was used.
        billing: Of the bill.

    Returns:
        In words, for a message.
    """
    off = max(billing.start - charged.start, charged.start - billing.end, charged.end - billing.end)
    return _said(charged, billing) if off > _NEAR else ""


def maybe_swapped(charged: Period, billing: Period) -> str:
    """Likewise, where a date some days outside would lie in the billing period with its day and month swapped."""
    off = max(billing.start - charged.start, charged.start - billing.end)
    other = _swapped(charged.start)
    is_inside = other is not None and billing.start <= other < billing.end
    return _said(charged, billing) if off > _DAYS_OFF and is_inside else ""


def _said(charged: Period, billing: Period) -> str:
    days = [str(each.date()) for each in (charged.start, charged.end, billing.start, billing.end)]
    return f"used {days[0]} to {days[1]}, billed for {days[2]} to {days[3]}"


def is_far(charged: Period, billing: Period) -> bool:
    """Whether a charge lies more than a year before its bill, or more than a month after it."""
    return billing.start - charged.start > _YEAR or charged.start - billing.end > _NEAR


def is_long(billing: Period) -> bool:
    """Whether a billing period is longer than a quarter: its dates may be misread."""
    return billing.end - billing.start > _LONGEST


def _swapped(at: datetime) -> datetime | None:
    try:
        return at.replace(day=at.month, month=at.day)
    except ValueError:
        return None
