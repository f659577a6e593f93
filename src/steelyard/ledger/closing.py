r"""Allocates at the end of a month what stayed in the pools, so that what was invoiced is borne by somebody, once.

What was metered was charged to those who used it and taken out of the pool. Of the rest, a line of an invoice that
states whose it is falls on them, as far as their use was not metered; what is left is idle time and overhead, allocated
by a rule; where nobody was charged anything, it falls on a cost centre named ``unallocated``. So over a month

.. math:: \text{metered use} + \text{idle} + \text{other} = \text{invoiced}
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from steelyard.domain import FactKind, Money, Stage
from steelyard.errors import DataError
from steelyard.ledger.allocation import allocate
from steelyard.ledger.entries import DECIMALS, EXPENSE, POOL, Balance, CostCentre, Entry, Month, Posting, View

__all__ = ["UNALLOCATED", "Rule", "allocate_pools", "direct_costs", "open_pools", "pools", "waiting"]

UNALLOCATED = "unallocated"
"""Configuration of the cost centre that bears what nobody used, where nobody was charged anything."""
_Bearer = tuple[str, CostCentre]
"""Account and cost centre of an expense."""


class Rule(StrEnum):
    """By what the rest of a pool is allocated."""

    COST = "cost"
    """In proportion to what was metered of the pool; of all direct costs where nothing was."""
    EQUAL = "equal"
    """In equal parts among all who were charged anything."""


def pools(found: Iterable[Balance]) -> dict[tuple[str, str], Money]:
    """What is in each pool, by account and currency; empty ones are left out.

    Above zero: invoiced, and borne by nobody yet. Below zero: metered, and not yet invoiced.
    """
    sums: dict[tuple[str, str], Money] = {}
    for each in found:
        if each.account.split("/")[0] == POOL:
            key = (each.account, each.total.currency)
            sums[key] = sums[key] + each.total if key in sums else each.total
    return {key: money for key, money in sums.items() if money.amount}


def open_pools(found: Iterable[Balance], month: Month) -> list[str]:
    """A sentence for each pool that is not empty: what is in no expense yet, or in no invoice.

    Args:
        found: Balances of the month in the accrual view.
        month: The month.

    Returns:
        In the order of the accounts.
    """
    return [
        f"{account} still holds {money} of {month} that were invoiced and are nobody's expense yet: "
        f"`steelyard cost ledger allocate --month {month}`"
        if money.amount > 0
        else f"{account} is {money * -1} below zero in {month}: metered, and not invoiced yet"
        for (account, _), money in sorted(pools(found).items())
    ]


def waiting(found: Sequence[Balance]) -> list[tuple[str, CostCentre | None, Money]]:
    """What the pools above zero hold: pool, whose it is by the lines of the invoice, and how much.

    Args:
        found: Balances of a month in the accrual view.

    Returns:
        Without a cost centre, what only a rule can allocate.
    """
    held: list[tuple[str, CostCentre | None, Money]] = []
    for (account, currency), rest in sorted(pools(found).items()):
        if rest.amount > 0:
            shares = _stated_shares(found, account, rest, _stated(found, account, currency))
            held += [(account, centre, share) for (_, centre), share in shares.items()]
            left = rest.amount - sum((share.amount for share in shares.values()), Decimal(0))
            held += [(account, None, Money(left, currency))] if left else []
    return held


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


def allocate_pools(found: Sequence[Balance], month: Month, *, rule: Rule, on: date) -> list[Entry]:
    """Entries that empty the pools into ``expense/<stage>/idle/<pool>``.

    Args:
        found: Balances of the month in the accrual view.
        month: The month.
        rule: By what idle time and overhead are allocated; the entries name it.
        on: A day of the month.

    Returns:
        One for each pool that holds more than nothing. From a pool below zero of which something was allocated before,
        that is taken back from those who bear it, as far as it goes. What is below zero then waits for its invoice.

    Raises:
        DataError: A pool is above zero in one currency and below in another: the invoice and what was metered of it
            would both be charged.
    """
    number = sum(each.n_postings for each in found)  # grows: a later rest has entries of its own
    rests = pools(found)
    borne = {key: _borne(found, *key) for key in rests}
    entries: list[Entry] = []
    for (account, currency), rest in rests.items():
        stated = _stated(found, account, currency)
        if rest.amount > 0:
            _check_currencies(account, rest, rests, borne, month)
            shares, text = _shares(found, account, rest, rule=rule, stated=stated), f"allocated by {rule}"
        elif weights := borne[account, currency]:
            back = Money(-min(-rest.amount, sum(weights.values(), Decimal(0))), currency)
            shares, text = _split(back, weights), "taken back: less is left than was allocated"
        else:
            continue
        entry_id = f"idle/{month}/{number}/{account}/{currency}"
        postings = tuple(_postings(account, shares, stated))
        text = f"rest of {account}, {text}"
        entries.append(Entry(entry_id, on, View.ACCRUAL, text, FactKind.DERIVED, f"rule: by {rule}", postings))
    return entries


def _shares(
    found: Sequence[Balance], account: str, rest: Money, *, rule: Rule, stated: Mapping[CostCentre, Decimal]
) -> dict[_Bearer, Money]:
    """Who bears what of a rest above zero: first whose the lines are, then by the rule."""
    shares = _stated_shares(found, account, rest, stated)
    if left := rest.amount - sum((share.amount for share in shares.values()), Decimal(0)):
        by_rule = {
            (_idle(account), centre): weight for centre, weight in _weights(found, account, rest.currency, rule).items()
        }
        for bearer, share in _split(Money(left, rest.currency), by_rule).items():
            shares[bearer] = shares[bearer] + share if bearer in shares else share
    return shares


def _stated_shares(
    found: Sequence[Balance], account: str, rest: Money, stated: Mapping[CostCentre, Decimal]
) -> dict[_Bearer, Money]:
    """Of a rest above zero, what falls on those whose the lines are: not more than was not metered of their use."""
    unmetered = _unmetered(stated, _metered(found, account, rest.currency))
    direct = min(rest.amount, sum(unmetered.values(), Decimal(0)))
    if direct <= 0:
        return {}
    weights = {(_idle(account, centre.stage), centre): amount for centre, amount in unmetered.items()}
    return _split(Money(direct, rest.currency), weights)


def _stated(found: Iterable[Balance], account: str, currency: str) -> dict[CostCentre, Decimal]:
    """What is in a pool of lines that state whose they are; also nothing, where all of it was allocated."""
    return {
        each.centre: each.total.amount
        for each in found
        if each.account == account and each.total.currency == currency and each.centre
    }


def _metered(found: Iterable[Balance], account: str, currency: str) -> dict[CostCentre, Decimal]:
    """What was metered of a pool, by who used it."""
    name = account.partition("/")[2]
    return {
        each.centre: each.total.amount
        for each in found
        if each.centre
        and each.account == f"{EXPENSE}/{each.centre.stage}/{name}"
        and each.total.currency == currency
        and each.total.amount > 0
    }


def _unmetered(
    stated: Mapping[CostCentre, Decimal], metered: Mapping[CostCentre, Decimal]
) -> dict[CostCentre, Decimal]:
    """What the lines of each cost centre cost more than its own use that was metered."""
    left = {centre: amount for centre, amount in stated.items() if amount > 0}
    specific = sorted(left, key=lambda centre: (-sum(map(bool, _fields(centre))), centre))
    for user, amount in metered.items():
        for centre in specific:
            if _covers(centre, user):
                taken = min(amount, left[centre])
                left[centre] -= taken
                amount -= taken  # noqa: PLW2901 - what no line of its own covers yet
    return {centre: amount for centre, amount in left.items() if amount > 0}


def _covers(wide: CostCentre, narrow: CostCentre) -> bool:
    pairs = zip(_fields(wide), _fields(narrow), strict=True)
    return wide.stage is narrow.stage and all(one in ("", other) for one, other in pairs)


def _fields(centre: CostCentre) -> tuple[str, ...]:
    return centre.model, centre.configuration, centre.team, centre.experiment


def _borne(found: Iterable[Balance], account: str, currency: str) -> dict[_Bearer, Decimal]:
    """What each bears of a pool that was allocated before."""
    return {
        (each.account, each.centre): each.total.amount
        for each in found
        if each.centre
        and each.account == _idle(account, each.centre.stage)
        and each.total.currency == currency
        and each.total.amount > 0
    }


def _weights(found: Sequence[Balance], account: str, currency: str, rule: Rule) -> dict[CostCentre, Decimal]:
    used = direct_costs(found, currency=currency, of=account.rpartition("/")[2])
    costs = used or direct_costs(found, currency=currency)
    costs = costs or {CostCentre(Stage.OVERHEAD, configuration=UNALLOCATED): Decimal(1)}
    return costs if rule is Rule.COST else dict.fromkeys(costs, Decimal(1))


def _check_currencies(
    account: str,
    rest: Money,
    rests: Mapping[tuple[str, str], Money],
    borne: Mapping[tuple[str, str], Mapping[_Bearer, Decimal]],
    month: Month,
) -> None:
    """Refuse to allocate an invoice whose use was metered in another currency."""
    for key, other in rests.items():
        if key[0] == account and other.amount + sum(borne[key].values(), Decimal(0)) < 0:
            raise DataError(
                f"{account} holds {rest} of {month} that were invoiced and {other} that were metered: allocated, the "
                f"same machines would be charged twice. Take the invoice back (`ledger reverse`), and book it in "
                f"{other.currency}: `cost import --rates FILE --currency {other.currency}`, or `ledger add`"
            )


def _split(amount: Money, weights: Mapping[_Bearer, Decimal]) -> dict[_Bearer, Money]:
    bearers = sorted(weights)
    shares = allocate(amount, {str(at): weights[bearer] for at, bearer in enumerate(bearers)}, places=DECIMALS)
    return {bearer: shares[str(at)] for at, bearer in enumerate(bearers) if shares[str(at)].amount}


def _postings(account: str, shares: Mapping[_Bearer, Money], stated: Mapping[CostCentre, Decimal]) -> Iterator[Posting]:
    """The expenses, and what leaves the pool: of a line that states whose it is, under that cost centre."""
    left: dict[CostCentre | None, Money] = {}
    for (expense, centre), share in shares.items():
        yield Posting(expense, share, centre)
        owner = centre if centre in stated else None
        left[owner] = left[owner] - share if owner in left else share * -1
    yield from (Posting(account, amount, centre) for centre, amount in left.items() if amount.amount)


def _idle(account: str, stage: Stage = Stage.OVERHEAD) -> str:
    """Where the rest of a pool is borne."""
    return f"{EXPENSE}/{stage}/idle/{account.partition('/')[2]}"
