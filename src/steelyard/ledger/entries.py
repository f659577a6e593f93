"""A double-entry ledger of what models cost: entries balance in each currency, and nothing is ever changed or removed.

An entry says what happened; its postings move money between accounts and sum to zero in every currency. A debit is
above zero, a credit below. A mistake is reversed by a further entry that names the wrong one. The cash view holds what
was billed, the accrual view what was used; they are never added. A month that was closed takes no more entries: what
is found later is booked in an open month.

Accounts are paths, ``expense/serving/instances``; every posting to an expense carries its cost centre.
"""

from __future__ import annotations

import calendar
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Context, Decimal, DecimalException, Inexact, InvalidOperation
from enum import StrEnum
from functools import reduce
from typing import Protocol

from steelyard.domain import FactKind, Money, Stage
from steelyard.domain.written import read_month
from steelyard.errors import DataError

__all__ = [
    "DECIMALS",
    "Balance",
    "CostCentre",
    "Entry",
    "LedgerPort",
    "Month",
    "Posting",
    "View",
    "balances",
    "is_balanced",
    "reversal",
    "trial_balance",
]

EXPENSE = "expense"
POOL = "pool"
DECIMALS = 12
"""Decimals of an amount: sums of such amounts are exact, in any order."""
MAX_AMOUNT = Decimal(10) ** 15
"""Amounts are below it in size."""
_SMALLEST = Decimal(1).scaleb(-DECIMALS)
_BOOKED = Context(prec=MAX_AMOUNT.adjusted() + DECIMALS, traps=[Inexact, InvalidOperation])
_SUMS = Context(prec=60, traps=[Inexact])
"""Wide enough for the sum of more postings than there can be: nothing is rounded, whatever the caller's context."""


class View(StrEnum):
    """Which question an entry answers."""

    CASH = "cash"
    """What was billed or paid."""
    ACCRUAL = "accrual"
    """What was used: depreciation, commitments spread over their time, work as it was done."""


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month."""

    year: int
    month: int

    def __post_init__(self) -> None:
        date(self.year, self.month, 1)  # raises ValueError where there is no such month

    @classmethod
    def of(cls, day: date) -> Month:
        """The month of a day."""
        return cls(day.year, day.month)

    @classmethod
    def parse(cls, text: str) -> Month:
        """The month written as ``2026-11``.

        Args:
            text: Year and month.

        Returns:
            That month.

        Raises:
            DataError: It is not written so, or there is no such month.
        """
        try:
            return cls(*read_month(text))
        except ValueError as error:
            raise DataError(str(error)) from None

    @property
    def first_day(self) -> date:
        """Its first day."""
        return date(self.year, self.month, 1)

    @property
    def last_day(self) -> date:
        """Its last day."""
        return date(self.year, self.month, calendar.monthrange(self.year, self.month)[1])

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"


@dataclass(frozen=True, slots=True, order=True)
class CostCentre:
    """Who or what a cost belongs to; an empty field means all."""

    stage: Stage
    model: str = ""
    configuration: str = ""
    team: str = ""
    experiment: str = ""


@dataclass(frozen=True, slots=True)
class Posting:
    """One line of an entry."""

    account: str
    """Path of the account, for example ``expense/serving/instances`` or ``payable/aws``."""
    amount: Money
    """Debit above zero, credit below; never zero."""
    centre: CostCentre | None = None
    """Needed for accounts below ``expense``."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What happened, as postings that sum to zero in each currency.

    Raises:
        DataError: It does not balance, lacks a cost centre, or moves nothing.
    """

    id: str
    """Given by whoever books it, so that the same thing booked twice is one entry."""
    on: date
    """Day it belongs to."""
    view: View
    text: str
    kind: FactKind
    """Where the amounts come from."""
    source: str
    """The run, invoice line or person behind it."""
    postings: tuple[Posting, ...]
    corrects: str = field(default="")
    """The entry this one reverses, whole or in part."""

    def __post_init__(self) -> None:
        problems = [*_shape(self), *_imbalance(self.postings)]
        if problems:
            raise DataError(f"entry {self.id or 'without an id'} ({self.text}): {'; '.join(problems)}")

    @property
    def month(self) -> Month:
        """The month it falls into."""
        return Month.of(self.on)


@dataclass(frozen=True, slots=True)
class Balance:
    """Sum of the postings of one account, currency and cost centre."""

    view: View
    account: str
    centre: CostCentre | None
    total: Money
    n_postings: int


class LedgerPort(Protocol):
    """Where entries are kept."""

    def append(self, entries: Iterable[Entry]) -> int:
        """Keep entries, all or none.

        Args:
            entries: Those that are there already, equal in everything, are passed over.

        Returns:
            How many were new.

        Raises:
            DataError: An entry differs from the one kept under its id, falls into a closed month, or corrects an entry
                that is not there.
            StorageError: They could not be written.
        """
        ...

    def append_new(self, entries: Iterable[Entry]) -> list[Entry]:
        """Keep entries as ``append`` does; those that were new, in order.

        Args:
            entries: As for ``append``; others may be booking the same at the same time.

        Returns:
            What this call added, and no other.

        Raises:
            DataError: As ``append``.
            StorageError: They could not be written.
        """
        ...

    def find(self, ids: Sequence[str]) -> Mapping[str, Entry]:
        """The entries under some ids, by id; those that are not there are left out."""
        ...

    def balances(self, month: Month, *, view: View) -> Sequence[Balance]:
        """Sums of a month, by account, currency and cost centre."""
        ...

    def close_month(self, month: Month) -> int:
        """Close a month for good; the number of its postings.

        Args:
            month: All months before it that hold entries must be closed.

        Returns:
            Postings it holds.

        Raises:
            DataError: An earlier month is open, it was closed before, or its accounts do not sum to zero.
        """
        ...

    def entries(self, month: Month, *, view: View, account: str = "", limit: int = 100) -> Sequence[Entry]:
        """Entries of a month that touch an account or one below it, the largest first.

        Args:
            month: Where they fall.
            view: Cash or accrual.
            account: Path; empty for all.
            limit: At most so many.

        Returns:
            Whole entries.
        """
        ...

    def iter_entries(self, month: Month, *, view: View) -> Iterator[Entry]:
        """All entries of a month, in order of booking."""
        ...

    def months(self) -> list[Month]:
        """Months that hold entries, in order."""
        ...

    def closed(self) -> Collection[Month]:
        """Months that take nothing any more."""
        ...

    def close(self) -> None:
        """Release the file or the connection; no call follows."""
        ...


def reversal(wrong: Entry, *, entry_id: str, on: date, text: str) -> Entry:
    """An entry that reverses another one: the same postings with opposite signs.

    Args:
        wrong: What was booked by mistake; it stays.
        entry_id: Of the new entry.
        on: A day of an open month.
        text: Why.

    Returns:
        To be appended, beside the right entry if there is one.
    """
    opposite = tuple(
        replace(each, amount=Money(each.amount.amount.copy_negate(), each.amount.currency)) for each in wrong.postings
    )
    return replace(wrong, id=entry_id, on=on, text=text, postings=opposite, corrects=wrong.id)


def balances(entries: Iterable[Entry], *, view: View) -> list[Balance]:
    """Sums by account, currency and cost centre of the entries of one view; sums of nothing are left out."""
    sums: dict[tuple[str, CostCentre | None, str], tuple[Decimal, int]] = {}
    for entry in entries:
        if entry.view is not view:
            continue
        for each in entry.postings:
            key = (each.account, each.centre, each.amount.currency)
            amount, n = sums.get(key, (Decimal(0), 0))
            sums[key] = (_SUMS.add(amount, each.amount.amount), n + 1)
    return [
        Balance(view, account, centre, Money(amount, currency), n)
        for (account, centre, currency), (amount, n) in sums.items()
    ]


def trial_balance(found: Iterable[Balance]) -> dict[str, dict[str, Decimal]]:
    """Sums by currency and account.

    Args:
        found: Balances of one view.

    Returns:
        By currency, then by account in order. The accounts of each currency sum to zero, see ``is_balanced``.
    """
    sums: dict[str, dict[str, Decimal]] = {}
    for each in found:
        of_currency = sums.setdefault(each.total.currency, {})
        of_currency[each.account] = _SUMS.add(of_currency.get(each.account, Decimal(0)), each.total.amount)
    return {currency: dict(sorted(accounts.items())) for currency, accounts in sorted(sums.items())}


def is_balanced(trial: dict[str, dict[str, Decimal]]) -> bool:
    """Whether the accounts of every currency sum to zero, exactly."""
    return all(reduce(_SUMS.add, accounts.values(), Decimal(0)) == 0 for accounts in trial.values())


def _shape(entry: Entry) -> list[str]:
    problems = [f"{name} is empty" for name in ("id", "text", "source") if not getattr(entry, name).strip()]
    if len(entry.postings) < 2:
        problems.append("it needs at least two postings, from somewhere to somewhere")
    if not _is_text(entry):
        problems.append("a text of it holds a null character or half of one, which no ledger can keep")
    for each in entry.postings:
        account, amount = each.account, each.amount.amount
        if not account or account[0] == "/" or account[-1] == "/":
            problems.append(f"{account!r} is not the path of an account")
        if not _can_be_booked(amount):
            problems.append(f"{account}: {amount} cannot be booked: at most {DECIMALS} decimals, below 1e15")
        elif not amount:
            problems.append(f"{account} moves nothing; an unknown amount is not booked as zero")
        if each.centre is None and account.split("/", 1)[0] == EXPENSE:
            problems.append(f"{account} has no cost centre")
    return problems


def _can_be_booked(amount: Decimal) -> bool:
    try:
        _BOOKED.quantize(amount, _SMALLEST)
    except DecimalException:
        return False
    return amount.is_finite()


def _is_text(entry: Entry) -> bool:
    """Whether all its words can be written as UTF-8 by any database."""
    words = [entry.id, entry.text, entry.source, entry.corrects]
    for each in entry.postings:
        words += (each.account, each.amount.currency)
        if (centre := each.centre) is not None:
            words += (centre.model, centre.configuration, centre.team, centre.experiment)
    together = "".join(words)
    try:
        together.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in together


def _imbalance(postings: Sequence[Posting]) -> list[str]:
    sums: dict[str, Decimal] = {}
    for each in postings:
        amount, currency = each.amount.amount, each.amount.currency
        if amount.is_finite():
            sums[currency] = _SUMS.add(sums.get(currency, Decimal(0)), amount)
    return [
        f"its {currency} postings sum to {total}, not to zero: money comes from somewhere and goes somewhere"
        for currency, total in sums.items()
        if total
    ]
