"""Entries made by hand, a purchase spread over the months it serves, and the month that takes what comes late."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date

from steelyard.domain import FactKind, Money
from steelyard.errors import DataError
from steelyard.ledger.allocation import straight_line
from steelyard.ledger.entries import CostCentre, Entry, LedgerPort, Month, Posting, View, reversal

__all__ = ["Purchase", "Reversals", "cost_entries", "in_open_month", "purchase_entries", "reversals"]

_MOST_MONTHS = 600
"""That a purchase serves."""
_REVERSED = "/corrected"


@dataclass(frozen=True, slots=True)
class Purchase:
    """Something bought once that serves for months: a machine, a licence, a commitment paid in advance."""

    id: str
    text: str
    price: Money
    residual: Money
    """What it is worth at the end; zero for a commitment."""
    months: int
    bought: date
    """It serves from this day's month on."""
    centre: CostCentre
    paid_from: str = "payable/other"
    """The account it was paid from."""


def cost_entries(entry: Entry, *, views: tuple[View, ...], pool: str = "") -> list[Entry]:
    """The same cost in each view: billed (cash), used (accrual), or both.

    Args:
        entry: As it would be in one view; its id gets the view's name where there are two.
        views: At least one.
        pool: Account that it goes to in the accrual view, for what is charged by use; empty for its expense.

    Returns:
        One entry for each view.

    Raises:
        DataError: The amount is below zero: a mistake is corrected, a refund has an account of its own.
    """
    if any(each.amount.amount < 0 for each in entry.postings if each.centre is not None):
        raise DataError(f"{entry.text}: a cost is above zero; `steelyard cost ledger reverse` reverses an entry")
    pooled = tuple(Posting(pool, each.amount) if each.centre is not None else each for each in entry.postings)
    return [
        replace(
            entry,
            id=f"{entry.id}/{view}" if len(views) > 1 else entry.id,
            view=view,
            postings=pooled if pool and view is View.ACCRUAL else entry.postings,
        )
        for view in views
    ]


def purchase_entries(bought: Purchase, *, kind: FactKind, source: str) -> list[Entry]:
    """What a purchase means in both views.

    Args:
        bought: What was bought.
        kind: Where the price comes from.
        source: The invoice, or who said so.

    Returns:
        The payment in the cash view; in the accrual view the asset, and one part of its price on the last day of each
        month it serves. The parts sum to price − residual; the residual stays on the asset's account.

    Raises:
        PriceError: No months, or a residual above the price.
    """
    asset = f"asset/{bought.id}"
    account = f"expense/{bought.centre.stage}/purchases"
    whole = [Posting(account, bought.price, bought.centre), Posting(bought.paid_from, bought.price * -1)]
    owned = [Posting(asset, bought.price), Posting(bought.paid_from, bought.price * -1)]
    parts = straight_line(bought.price, residual=bought.residual, months=bought.months)
    entries = [
        Entry(f"{bought.id}/paid", bought.bought, View.CASH, bought.text, kind, source, tuple(whole)),
        Entry(f"{bought.id}/owned", bought.bought, View.ACCRUAL, bought.text, kind, source, tuple(owned)),
    ]
    for number, (day, part) in enumerate(zip(_last_days(bought.bought, bought.months), parts, strict=True), start=1):
        if not part.amount:
            continue
        text = f"{bought.text}: month {number} of {bought.months}"
        postings = (Posting(account, part, bought.centre), Posting(asset, part * -1))
        entries.append(Entry(f"{bought.id}/{number}", day, View.ACCRUAL, text, FactKind.DERIVED, source, postings))
    return entries


@dataclass(frozen=True, slots=True)
class Reversals:
    """What reversing an id means."""

    entries: tuple[Entry, ...]
    """Not in the ledger yet."""
    n_before: int
    """Reversed before."""
    left: tuple[str, ...]
    """The same cost in the other view, which was not asked for and stays."""


def reversals(entry_id: str, ledger: LedgerPort, *, on: date, text: str) -> Reversals:
    """Entries that take back the entry of an id, or all those that were booked together under it.

    Args:
        entry_id: As the ledger has it, or as it was given to ``cost_entries`` or ``purchase_entries``, which book
            several entries below it.
        ledger: Where it is.
        on: A day of an open month; what belongs to a later month is reversed on its own day.
        text: Why.

    Returns:
        Nothing where nothing has that id.
    """
    views = tuple(map(str, View))
    parts = (*views, "paid", "owned", *map(str, range(1, _MOST_MONTHS + 1)))
    found = ledger.find([entry_id]) or ledger.find([f"{entry_id}/{part}" for part in parts])
    made = [
        reversal(each, entry_id=f"{each.id}{_REVERSED}", on=max(on, each.on) if each.month > Month.of(on) else on,
                   text=text)
        for each in found.values()
    ]  # fmt: skip
    known = ledger.find([each.id for each in made])
    whole, _, view = entry_id.rpartition("/")
    others = [f"{whole}/{each}" for each in views if entry_id in found and view in views and each != view]
    taken_back = ledger.find([f"{each}{_REVERSED}" for each in others])
    left = [each for each in ledger.find(others) if f"{each}{_REVERSED}" not in taken_back]
    return Reversals(tuple(each for each in made if each.id not in known), len(known), tuple(left))


def in_open_month(entry: Entry, closed: Collection[Month]) -> Entry:
    """The entry in a month that takes it.

    Args:
        entry: What was found now.
        closed: Months that take nothing any more.

    Returns:
        The same where its month is open; else on the first day of the next open month, and its text says when it was.
    """
    if entry.month not in closed:
        return entry
    month = entry.month
    while month in closed:
        month = Month(month.year + month.month // 12, month.month % 12 + 1)
    text = f"{entry.text}, of {entry.month}, which is closed"
    return replace(entry, on=date(month.year, month.month, 1), text=text)


def _last_days(first: date, months: int) -> Iterator[date]:
    """The last day of each month, the first's included."""
    for number in range(1, months + 1):
        year, month = divmod(first.year * 12 + first.month - 2 + number, 12)
        yield Month(year, month + 1).last_day
