"""Sums of imported bills: by invoice with its issuer and currency, and never over what a file does not say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from steelyard.domain import Money
from steelyard.errors import DataError
from steelyard.ledger.entries import Month
from steelyard.ledger.invoices.charges import Bookings, Charge
from steelyard.workflows.accounts.same_bill import issuer_of

__all__ = ["Imported", "check_totals", "imported"]


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of the lines."""

    kinds: tuple[str, ...]
    """How each file was read."""
    n_lines: int
    n_entries: int
    n_new: int
    n_free: int
    n_rounded: int
    n_refunds: int
    """Lines that take usage back: quantity and cost below zero."""
    n_taken_back: int
    n_restored: int
    """Entries that were reversed before, and are in the bill again."""
    bills: tuple[tuple[tuple[str, str, str], Money | None, Money | None, int], ...]
    """By provider, account and invoice (or month): billed, effective, lines; ``None`` is not in the files."""
    guessed: Mapping[str, tuple[str, int]]
    """Stage and lines by the rule that chose it, for lines that state none."""
    notes: tuple[str, ...] = ()
    """What else is worth knowing."""


def check_totals(charges: Iterable[Charge], totals: Mapping[str, Decimal]) -> None:
    """Check that the billed lines of invoices sum to what these ask for, to the cent.

    Args:
        charges: Lines of all files.
        totals: By id, or by issuer and id (``AWS:1001``) where two invoices have one.

    Raises:
        DataError: A sum differs, there is no such invoice, or there are several.
    """
    sums: dict[tuple[str, str, str], Decimal] = {}
    for charge in charges:
        if charge.billed is not None:
            key = (charge.invoice, issuer_of(charge), charge.billed.currency)
            sums[key] = sums.get(key, Decimal(0)) + charge.billed.amount
    wrong = [said for invoice, total in totals.items() if (said := _wrong_total(invoice, total, sums))]
    if wrong:
        raise DataError(f"{'; '.join(wrong)}. Nothing was booked")


def _wrong_total(asked: str, total: Decimal, sums: Mapping[tuple[str, str, str], Decimal]) -> str:
    found = {key: each for key, each in sums.items() if asked in (key[0], f"{key[1]}:{key[0]}")}
    if not found:
        known = ", ".join(sorted({invoice for invoice, *_ in sums if invoice})) or "no invoice ids"
        return f"invoice {asked} asks for {total}, its lines sum to 0.00 (the files have {known})"
    told = [f"one of {Money(each, key[2])} by {key[1]}" for key, each in found.items()]
    if len(found) > 1:
        hint = f'say which: --invoice-total "{next(iter(found))[1]}:{asked}={total}", or import them one by one'
        return f"{_N.get(len(found), len(found))} invoices are called {asked}, {' and '.join(told)}; {hint}"
    ((_, _, currency), each), *_ = found.items()
    if round(each, 2) != round(total, 2):
        return (
            f"invoice {asked} asks for {total}, its lines sum to {each:.2f} {currency}: lines are missing, or another's"
        )
    return ""


_N = {2: "two", 3: "three"}


def imported(charges: Sequence[Charge], booked: Bookings) -> Imported:
    """What became of the lines of bills, before anything is known of the ledger.

    Args:
        charges: Lines of all files.
        booked: Their entries.

    Returns:
        Sums and counts; what is new is for the ledger to say.
    """
    sums: dict[tuple[str, str, str, str], list[Decimal | None]] = {}
    lines: Counter[tuple[str, str, str, str]] = Counter()
    guessed: Counter[tuple[str, str]] = Counter()
    for charge in charges:
        invoice = charge.invoice or str(Month.of(charge.billing.start.date()))
        known = charge.billed or charge.effective
        key = (charge.provider, charge.account, invoice, "" if known is None else known.currency)
        lines[key] += 1
        before = sums.setdefault(key, [None, None])
        sums[key] = [_added(*pair) for pair in zip(before, (charge.billed, charge.effective), strict=True)]
        if charge.guessed:
            guessed[charge.guessed, f"pool/{charge.pool}" if charge.pool else str(charge.centre.stage)] += 1
    bills = tuple((key[:3], _money(both[0], key[3]), _money(both[1], key[3]), lines[key]) for key, both in sums.items())
    return Imported(
        kinds=(),
        n_lines=len(charges),
        n_entries=len(booked.entries),
        n_new=0,
        n_free=booked.n_free,
        n_rounded=booked.n_rounded,
        n_refunds=sum(charge.quantity is not None and charge.quantity < 0 for charge in charges),
        n_taken_back=0,
        n_restored=0,
        bills=bills,
        guessed={rule: (stage, n) for (rule, stage), n in guessed.most_common()},
    )


def _added(before: Decimal | None, amount: Money | None) -> Decimal | None:
    """What nobody says is no zero."""
    if amount is None:
        return before
    return (before or Decimal(0)) + amount.amount


def _money(amount: Decimal | None, currency: str) -> Money | None:
    return None if amount is None else Money(amount, currency)
