"""Commitments in the ledger: cash when paid, expense accrued by the day, whether they are used or not.

What they cost goes to ``pool/machines``; the meters take out of it what each step used. So what was used and what
stood idle are together what was paid (``steelyard.ledger.closing`` allocates the rest).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from steelyard.cost.prices.offers import Commitment
from steelyard.domain import FactKind, Money, Stage
from steelyard.ledger.allocation import allocate
from steelyard.ledger.entries import DECIMALS, CostCentre, Entry, Month, Posting, View
from steelyard.ledger.metering import MACHINES

__all__ = ["Borne", "borne", "commitment_entries"]

_PAID = "expense/hardware/commitments"


@dataclass(frozen=True, slots=True)
class Borne:
    """What one month bears of a commitment, all its machines together."""

    month: Month
    last: date
    """Last day of the month that it covers."""
    upfront: Money
    """The month's part of what was paid at the start."""
    hourly: Money
    """Paid by the hour."""


def borne(commitment: Commitment) -> list[Borne]:
    """What each month bears: straight-line by days, so that the parts sum to what is paid.

    Args:
        commitment: Days of 24 hours.

    Returns:
        One for each month that it covers, in order; the parts of ``upfront`` sum to count × upfront exactly.
    """
    days = _days_by_month(commitment.start, commitment.end)
    paid = commitment.upfront * commitment.count
    exponent = paid.amount.as_tuple().exponent
    places = max(2, -exponent) if isinstance(exponent, int) else DECIMALS
    parts = allocate(paid, {str(month): Decimal(n) for month, (n, _) in days.items()}, places=places)
    return [
        Borne(month, last, parts[str(month)], commitment.hourly * (24 * n * commitment.count))
        for month, (n, last) in days.items()
    ]


def commitment_entries(commitments: Sequence[Commitment], *, until: date, team: str = "") -> list[Entry]:
    """Entries of commitments in both views.

    Args:
        commitments: Each under an id of its own.
        until: What is paid by the hour is booked up to the months that have ended by this day; a later call books more.
        team: Cost centre.

    Returns:
        The cash view: what is paid at the start, on its day, and the hours of each month, on the last day covered. The
        accrual view: an asset, and what each month bears of it and of the hours, to ``pool/machines``.
    """
    centre = CostCentre(Stage.HARDWARE, team=team)
    return [entry for each in commitments for entry in _entries(each, centre, until)]


def _entries(each: Commitment, centre: CostCentre, until: date) -> Iterator[Entry]:
    name = f"commitment/{each.id.replace('/', '-')}"
    text = f"{each.count} x {each.instance} from {each.start} until {each.end}"
    asset, owed, paid = f"asset/{name}", f"payable/{name}", each.upfront * each.count

    def entry(what: str, on: date, view: View, to: Posting, other: str) -> Entry:
        kind = FactKind.DERIVED if to.account == MACHINES and other == asset else FactKind.INVOICED
        return Entry(f"{name}/{what}", on, view, text, kind, each.source, (to, Posting(other, to.amount * -1)))

    if paid.amount:
        yield entry("paid", each.start, View.CASH, Posting(_PAID, paid, centre), owed)
        yield entry("owned", each.start, View.ACCRUAL, Posting(asset, paid), owed)
    for part in borne(each):
        if part.upfront.amount:
            yield entry(f"{part.month}/borne", part.last, View.ACCRUAL, Posting(MACHINES, part.upfront), asset)
        if part.hourly.amount and part.last <= until:
            hours = f"{part.month}/hours"
            yield entry(f"{hours}/cash", part.last, View.CASH, Posting(_PAID, part.hourly, centre), owed)
            yield entry(f"{hours}/accrual", part.last, View.ACCRUAL, Posting(MACHINES, part.hourly), owed)


def _days_by_month(start: date, end: date) -> dict[Month, tuple[int, date]]:
    """Days and last day of each month from ``start`` to before ``end``."""
    found: dict[Month, tuple[int, date]] = {}
    day = start
    while day < end:
        following = date(day.year + day.month // 12, day.month % 12 + 1, 1)
        stop = min(following, end)
        found[Month.of(day)] = ((stop - day).days, stop - timedelta(days=1))
        day = stop
    return found
