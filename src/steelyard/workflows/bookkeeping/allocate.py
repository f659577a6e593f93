"""``cost ledger allocate``: charges idle time and overhead, invoiced and metered for nobody, to cost centres."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from steelyard.domain import Money
from steelyard.ledger.closing import Rule, allocate_pools, open_pools
from steelyard.ledger.entries import Entry, View
from steelyard.workflows.bookkeeping.opened_ledger import month_of, open_ledger
from steelyard.workflows.open_shop import AccountsShop

__all__ = ["RULES", "AllocatedPool", "Allocation", "allocate"]

RULES = tuple(str(rule) for rule in Rule)
"""What a pool can be allocated by."""


@dataclass(frozen=True, slots=True)
class AllocatedPool:
    """What one pool charged."""

    text: str
    """Of the entry."""
    total: Money
    n_centres: int


@dataclass(frozen=True, slots=True)
class Allocation:
    """What was allocated in a month."""

    month: str
    pools: tuple[AllocatedPool, ...]
    open_pools: tuple[str, ...]
    """A sentence for each pool that is still not empty."""


def allocate(shop: AccountsShop, *, month: str | None, rule: str) -> Allocation:
    """Allocate the pools of a month.

    Args:
        shop: The shop.
        month: ``2026-11``; this month where it is ``None``.
        rule: One of ``RULES``.

    Returns:
        What was booked, and what is left.
    """
    wanted = month_of(month, shop)
    with open_ledger(shop) as ledger:
        found = ledger.balances(wanted, view=View.ACCRUAL)
        entries = allocate_pools(found, wanted, rule=Rule(rule), on=wanted.last_day)
        ledger.append(entries)
        left = ledger.balances(wanted, view=View.ACCRUAL)
    return Allocation(str(wanted), tuple(map(_pool, entries)), tuple(open_pools(left, wanted)))


def _pool(entry: Entry) -> AllocatedPool:
    borne = [each for each in entry.postings if each.account.startswith("expense/")]
    total = Money(sum((each.amount.amount for each in borne), Decimal(0)), borne[0].amount.currency)
    return AllocatedPool(entry.text, total, len({each.centre for each in borne}))
