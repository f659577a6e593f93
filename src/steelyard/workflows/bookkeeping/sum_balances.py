"""``cost ledger balances``: the trial balance of a month by account, or its expenses by cost centre."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

import msgspec

from steelyard.domain import Money
from steelyard.ledger.closing import open_pools, waiting
from steelyard.ledger.entries import Balance, CostCentre, View, trial_balance
from steelyard.workflows.bookkeeping.opened_ledger import month_of, open_ledger
from steelyard.workflows.open_shop import AccountsShop

__all__ = ["ACCOUNT", "CENTRE", "CentreRow", "MonthSums", "TrialRow", "sum_balances"]

ACCOUNT = "account"
CENTRE = ("stage", "model", "configuration", "team", "experiment")
"""The parts of a cost centre, by any of which expenses can be summed."""


class TrialRow(msgspec.Struct, frozen=True, kw_only=True):
    """An account of the trial balance, or the sum of a currency."""

    account: str
    debit: Decimal | None
    credit: Decimal | None
    currency: str


class CentreRow(msgspec.Struct, frozen=True, kw_only=True):
    """Expenses of a cost centre; a part that was not asked for is empty."""

    stage: str = ""
    model: str = ""
    configuration: str = ""
    team: str = ""
    experiment: str = ""
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class MonthSums:
    """Sums of a month."""

    month: str
    rows: Sequence[TrialRow | CentreRow]
    open_pools: tuple[str, ...]
    """A sentence for each pool that is not empty."""


def sum_balances(shop: AccountsShop, *, month: str | None, view: str, by: Sequence[str]) -> MonthSums:
    """Sums of a month: the trial balance, or the expenses by cost centre.

    Args:
        shop: The shop.
        month: ``2026-11``; this month where it is ``None``.
        view: One of ``VIEWS``.
        by: ``(ACCOUNT,)``, or some of ``CENTRE``.

    Returns:
        By account in the order of the trial balance; by cost centre the largest first, then what is not allocated yet.
    """
    wanted = month_of(month, shop)
    with open_ledger(shop) as ledger:
        found = ledger.balances(wanted, view=View(view))
    rows = _trial(found) if tuple(by) == (ACCOUNT,) else _by_centre(found, by)
    return MonthSums(str(wanted), tuple(rows), tuple(open_pools(found, wanted)))


def _trial(found: Sequence[Balance]) -> Iterator[TrialRow]:
    for currency, accounts in trial_balance(found).items():
        for account, total in accounts.items():
            debit, credit = max(total, Decimal(0)) or None, max(-total, Decimal(0)) or None
            yield TrialRow(account=account, debit=debit, credit=credit, currency=currency)
        debits = sum((total for total in accounts.values() if total > 0), Decimal(0))
        credits = debits - sum(accounts.values())
        yield TrialRow(account=f"sum of {currency}", debit=debits, credit=credits, currency=currency)


def _by_centre(found: Sequence[Balance], keys: Sequence[str]) -> Iterator[CentreRow]:
    sums: dict[tuple[str, ...], Money] = {}
    for each in found:
        if each.centre is None or not each.account.startswith("expense/"):
            continue
        key = (*(str(getattr(each.centre, name)) for name in keys), each.total.currency)
        sums[key] = sums[key] + each.total if key in sums else each.total
    for parts, money in sorted(sums.items(), key=lambda pair: (-pair[1].amount, pair[0])):
        yield _centre_row(dict(zip(keys, parts, strict=False)), money)
    for pool, centre, money in waiting(found):
        yield _waiting_row(keys, pool, centre, money)


def _waiting_row(keys: Sequence[str], pool: str, centre: CostCentre | None, money: Money) -> CentreRow:
    """What is in a pool, under what its lines state of whose it is."""
    whose = {name: str(getattr(centre, name)) if centre else "" for name in keys}
    label = f"not allocated ({pool})"
    first = f"{whose[keys[0]]}, {label}" if whose[keys[0]] else label
    return _centre_row({**whose, keys[0]: first}, money)


def _centre_row(parts: dict[str, str], money: Money) -> CentreRow:
    return CentreRow(**parts, amount=money.amount, currency=money.currency)
