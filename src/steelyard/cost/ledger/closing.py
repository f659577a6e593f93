"""Shares out at the end of a month what stayed in the pools: machines that stood idle, and overhead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
    """In proportion to what was metered of the pool; of all direct costs where nothing was."""
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


def direct_costs(found: Iterable[Balance], *, currency: str, of: str = "") -> dict[CostCentre, Decimal]:
    """What was charged to each cost centre directly, all stages but overhead together; only what is above zero.

    Args:
        found: Balances of a month.
        currency: ISO code.
        of: Last step of the accounts to look at, such as ``machines``; empty for all.

    Returns:
        By cost centre, its stage that of overhead.
    """
    sums: dict[CostCentre, Decimal] = {}
    for each in found:
        is_direct = each.account.split("/")[0] == EXPENSE and each.centre and each.centre.stage is not Stage.OVERHEAD
        is_wanted = not of or each.account.rpartition("/")[2] == of
        if is_direct and is_wanted and each.centre and each.total.currency == currency:
            centre = replace(each.centre, stage=Stage.OVERHEAD)
            sums[centre] = sums.get(centre, Decimal(0)) + each.total.amount
    return {centre: amount for centre, amount in sums.items() if amount > 0}


def share_out(found: Sequence[Balance], month: Month, *, rule: Rule, on: date) -> list[Entry]:
    """Entries that empty the pools into ``expense/overhead/idle/<pool>``.

    Args:
        found: Balances of the month in the accrual view.
        month: The month.
        rule: By what it is shared out; the entries name it.
        on: A day of the month.

    Returns:
        One for each pool that holds more than nothing. From a pool below zero of which something was shared out before,
        that is taken back from those who bear it, as far as it goes. What is below zero then waits for its invoice.

    Raises:
        DataError: Nobody was charged anything in that currency: there is nobody to bear it. Or the pool is below zero
            in another currency: the invoice and what was metered of it would both be charged.
    """
    number = sum(each.n_postings for each in found)  # grows: a later rest has entries of its own
    rests = pools(found)
    borne = {key: _borne(found, *key) for key in rests}
    entries: list[Entry] = []
    for (account, currency), rest in rests.items():
        weights, amount, text = borne[account, currency], rest.amount, "taken back: less is left than was shared out"
        if amount > 0:
            _check_currencies(account, rest, rests, borne, month)
            weights, text = _weights(found, account, rest, month, rule), f"shared out by {rule}"
        elif weights:
            amount = -min(-amount, sum(weights.values(), Decimal(0)))
        else:
            continue
        entry_id = f"idle/{month}/{number}/{account}/{currency}"
        entries.append(_entry(entry_id, account, Money(amount, currency), weights, on=on, text=text, rule=rule))
    return entries


def _borne(found: Iterable[Balance], account: str, currency: str) -> dict[CostCentre, Decimal]:
    """What each bears of a pool that was shared out before."""
    return {
        each.centre: each.total.amount
        for each in found
        if each.account == _idle(account) and each.total.currency == currency and each.centre and each.total.amount > 0
    }


def _weights(
    found: Sequence[Balance], account: str, rest: Money, month: Month, rule: Rule
) -> dict[CostCentre, Decimal]:
    used = direct_costs(found, currency=rest.currency, of=account.rpartition("/")[2])
    costs = used or direct_costs(found, currency=rest.currency)
    if not costs:
        raise DataError(
            f"{account} holds {rest} of {month}, and nobody was charged anything in {rest.currency}: "
            "book what used it first"
        )
    return costs if rule is Rule.COST else dict.fromkeys(costs, Decimal(1))


def _check_currencies(
    account: str,
    rest: Money,
    rests: Mapping[tuple[str, str], Money],
    borne: Mapping[tuple[str, str], Mapping[CostCentre, Decimal]],
    month: Month,
) -> None:
    """Refuse to share out an invoice whose use was metered in another currency."""
    for key, other in rests.items():
        if key[0] == account and other.amount + sum(borne[key].values(), Decimal(0)) < 0:
            raise DataError(
                f"{account} holds {rest} of {month} that were invoiced and {other} that were metered: shared out, the "
                f"same machines would be charged twice. Take the invoice back (`ledger correct`), and book it in "
                f"{other.currency}: `cost import --rates FILE --currency {other.currency}`, or `ledger add`"
            )


def _entry(
    entry_id: str,
    account: str,
    rest: Money,
    weights: Mapping[CostCentre, Decimal],
    *,
    on: date,
    text: str,
    rule: Rule,
) -> Entry:
    centres = sorted(weights)
    shares = allocate(rest, {str(at): weights[centre] for at, centre in enumerate(centres)}, places=PLACES)
    postings = [
        Posting(_idle(account), shares[str(at)], centre) for at, centre in enumerate(centres) if shares[str(at)].amount
    ]
    postings.append(Posting(account, rest * -1))
    text = f"rest of {account}, {text}"
    return Entry(entry_id, on, View.ACCRUAL, text, FactKind.DERIVED, f"rule: by {rule}", tuple(postings))


def _idle(account: str) -> str:
    """Where the rest of a pool is borne."""
    return f"{EXPENSE}/{Stage.OVERHEAD}/idle/{account.partition('/')[2]}"
