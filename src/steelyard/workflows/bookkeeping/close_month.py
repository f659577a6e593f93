"""``cost ledger close``: closes a month for good."""

from __future__ import annotations

from dataclasses import dataclass

from steelyard.domain import Money
from steelyard.ledger.closing import pools
from steelyard.ledger.entries import Month, View
from steelyard.workflows.bookkeeping.opened_ledger import open_ledger
from steelyard.workflows.open_shop import AccountsShop

__all__ = ["ClosedMonth", "close_month"]


@dataclass(frozen=True, slots=True)
class ClosedMonth:
    """A month that takes no more entries."""

    month: str
    n_postings: int
    pools: tuple[tuple[str, Money], ...]
    """Account and rest of each pool that was not empty: above zero nobody's expense, below zero never invoiced."""


def close_month(shop: AccountsShop, month: str) -> ClosedMonth:
    """Close a month.

    Args:
        shop: The shop.
        month: ``2026-11``.

    Returns:
        How much it holds, and what its pools still held.

    Raises:
        DataError: It is no month, or its sums are not zero.
    """
    wanted = Month.parse(month)
    with open_ledger(shop) as ledger:
        n_postings = ledger.close_month(wanted)
        found = ledger.balances(wanted, view=View.ACCRUAL)
    rests = tuple((account, money) for (account, _), money in sorted(pools(found).items()))
    return ClosedMonth(str(wanted), n_postings, rests)
