"""Shares out at the end of a month what stayed in the pools: machines that stood idle, and overhead."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from steelyard.cost.allocation import allocate
from steelyard.cost.ledger.entries import EXPENSE, PLACES, POOL, Balance, CostCentre, Entry, Month, Posting, View
from steelyard.domain import FactKind, Money, Stage
from steelyard.errors import DataError

__all__ = ["Rule", "direct_costs", "pools", "share_out"]


class Rule(StrEnum):
    """By what the rest of a pool is shared out."""

    COST = "cost"
    """In proportion to what was charged directly, overhead not counted."""
    EQUAL = "equal"
    """In equal parts among all who were charged anything."""


def pools(found: Iterable[Balance]) -> dict[tuple[str, str], Money]:
    """What is in each pool, by account and currency; empty ones are left out.

    Above zero: paid and used by nobody. Below zero: metered, and not yet invoiced.
    """
    sums: dict[tuple[str, str], Money] = {}
    for each in found:
        if each.account.split("/")[0] == POOL:
            key = (each.account, each.total.currency)
            sums[key] = sums[key] + each.total if key in sums else each.total
    return {key: money for key, money in sums.items() if money.amount}


def direct_costs(found: Iterable[Balance], *, currency: str) -> dict[CostCentre, Decimal]:
    """What was charged to each cost centre directly, all stages but overhead together; only what is above zero."""
    sums: dict[CostCentre, Decimal] = {}
    for each in found:
        is_direct = each.account.split("/")[0] == EXPENSE and each.centre and each.centre.stage is not Stage.OVERHEAD
        if is_direct and each.centre and each.total.currency == currency:
            centre = replace(each.centre, stage=Stage.OVERHEAD)
            sums[centre] = sums.get(centre, Decimal(0)) + each.total.amount
    return {centre: amount for centre, amount in sums.items() if amount > 0}


def share_out(found: Sequence[Balance], month: Month, *, rule: Rule, on: date, number: int = 1) -> list[Entry]:
    """Entries that empty the pools into ``expense/overhead/idle``.

    Args:
        found: Balances of the month in the accrual view.
        month: The month.
        rule: By what it is shared out; the entries name it.
        on: A day of the month.
        number: Counts how often this month was shared out, so that a later rest gets entries of its own.

    Returns:
        One for each pool that holds more than nothing; a pool below zero waits for its invoice.

    Raises:
        DataError: Nobody was charged anything in that currency: there is nobody to bear it.
    """
    entries: list[Entry] = []
    for (account, currency), rest in pools(found).items():
        if rest.amount <= 0:
            continue
        costs = direct_costs(found, currency=currency)
        if not costs:
            raise DataError(
                f"{account} holds {rest} of {month}, and nobody was charged anything in {currency}: "
                "book what used it first"
            )
        weights = costs if rule is Rule.COST else dict.fromkeys(costs, Decimal(1))
        entries.append(_entry(account, rest, weights, f"idle/{month}/{number}/{account}/{currency}", rule=rule, on=on))
    return entries


def _entry(
    account: str, rest: Money, weights: dict[CostCentre, Decimal], entry_id: str, *, rule: Rule, on: date
) -> Entry:
    centres = sorted(weights)
    shares = allocate(rest, {str(at): weights[centre] for at, centre in enumerate(centres)}, places=PLACES)
    postings = [
        Posting("expense/overhead/idle", shares[str(at)], centre)
        for at, centre in enumerate(centres)
        if shares[str(at)].amount
    ]
    postings.append(Posting(account, rest * -1))
    text = f"rest of {account}, shared out by {rule}"
    return Entry(entry_id, on, View.ACCRUAL, text, FactKind.DERIVED, f"rule: by {rule}", tuple(postings))
