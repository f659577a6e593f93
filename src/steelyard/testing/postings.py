"""Postings and balances as the suite of ledgers writes and compares them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from steelyard.domain import Money, Stage
from steelyard.ledger.entries import Balance, CostCentre, Posting

__all__ = ["as_set", "moved", "total_of"]


def moved(amount: int, to: str, of: str) -> tuple[Posting, Posting]:
    """Postings that move an amount in dollars from one account to another."""
    centre = CostCentre(Stage.STORAGE) if to.startswith("expense") else None
    money = Money(Decimal(amount), "USD")
    return Posting(to, money, centre), Posting(of, money * -1)


def total_of(found: Sequence[Balance], account: str) -> Decimal:
    """Sum of one account, whatever the currency."""
    return sum((each.total.amount for each in found if each.account == account), Decimal(0))


def as_set(found: Sequence[Balance]) -> set[tuple[object, ...]]:
    """Balances without their order."""
    return {(each.view, each.account, each.centre, each.total, each.n_postings) for each in found}
