"""Two sides of the same money: what was metered or planned, and what the bill says, compared key by key to the cent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from steelyard.cost.facts import EXACT
from steelyard.domain import Money
from steelyard.errors import ConfigError
from steelyard.ledger.entries import Month, View
from steelyard.ledger.invoices.charges import Charge, day_of

__all__ = ["KEYS", "Compared", "Match", "Reconciliation", "month_of", "reconcile"]

_CENT = Decimal("0.01")
_HOURS = "accrued/people/"
"""Against what hours of people are booked."""


class Match(StrEnum):
    """What came of one key."""

    MATCHED = "matched"
    DIFFERING = "differing"
    ONLY_LEDGER = "only in the ledger"
    ONLY_BILL = "only in the bill"
    HOURS = "hours of people, on no invoice"


def month_of(view: View) -> Callable[[Charge], str]:
    """The month that a line falls in: in the cash view that of the invoice.

    Args:
        view: Cash or accrual.

    Returns:
        Of a line, as ``2026-11``.
    """
    return lambda charge: str(charge.moved.get(view) or Month.of(day_of(charge, view)))


KEYS: Mapping[str, Callable[[Charge], str]] = {
    "service": lambda charge: charge.service_name,
    "sku": lambda charge: charge.sku,
    "resource": lambda charge: charge.resource,
    "region": lambda charge: charge.region,
    "provider": lambda charge: charge.provider,
    "account": lambda charge: charge.sub_account or charge.account,
    "month": month_of(View.ACCRUAL),
    "stage": lambda charge: str(charge.centre.stage),
    "model": lambda charge: charge.centre.model,
    "configuration": lambda charge: charge.centre.configuration,
    "team": lambda charge: charge.centre.team,
    "experiment": lambda charge: charge.centre.experiment,
}
"""What both sides can be summed by."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One key on both sides."""

    key: tuple[str, ...]
    ledger: Money | None
    bill: Money | None
    n_ledger: int
    n_bill: int
    match: Match

    @property
    def difference(self) -> Money:
        """Bill less ledger, exact; a side that lacks the key counts as nothing."""
        known = self.bill or self.ledger
        assert known is not None
        nothing = Money(Decimal(0), known.currency)
        return (self.bill or nothing) - (self.ledger or nothing)

    @property
    def share(self) -> Decimal | None:
        """Difference over the bill; ``None`` where the bill has nothing."""
        if self.bill is None or not self.bill.amount:
            return None
        return EXACT.divide(self.difference.amount, self.bill.amount)


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """All keys, the largest difference first."""

    rows: tuple[Compared, ...]

    def total(self, currency: str) -> tuple[Money, Money]:
        """Sum of the ledger's side and of the bill's in one currency, exact, without hours of people."""
        of_bills = [row for row in self.rows if row.match is not Match.HOURS]
        rows = [row for row in of_bills if row.difference.currency == currency]
        sides = ([row.ledger for row in rows], [row.bill for row in rows])
        ledger, bill = (
            sum((each.amount for each in side if each is not None), Decimal(0)) for side in sides
        )  # fmt: skip
        return Money(ledger, currency), Money(bill, currency)

    @property
    def currencies(self) -> list[str]:
        """In which money was compared."""
        return sorted({row.difference.currency for row in self.rows})

    @property
    def is_matched(self) -> bool:
        """Whether every key matches."""
        return all(row.match in (Match.MATCHED, Match.HOURS) for row in self.rows)


def reconcile(
    ledger: Iterable[Charge],
    bill: Iterable[Charge],
    *,
    by: Sequence[str],
    view: View = View.ACCRUAL,
    within: Decimal = _CENT,
    within_share: Decimal = Decimal(0),
    names: Mapping[str, str] | None = None,
) -> Reconciliation:
    """Compare what a ledger expected with what a bill says.

    Args:
        ledger: What was metered or planned, as ``charges_of`` gives it. Hours of people are on no invoice: they have
            rows of their own, which need no match.
        bill: Lines of the bill.
        by: One or more of ``KEYS``; currencies are always kept apart. The month of the cash view is the invoice's.
        view: Billed or effective cost.
        within: A difference up to so much is none, >= 0.
        within_share: Nor is one up to this share of the bill, >= 0; 0.01 is 1 %. The larger of the two counts.
        names: What the bill calls a value of a key that the ledger names otherwise.

    Returns:
        One row for each key and currency; both sides sum to what was given.

    Raises:
        ConfigError: A key is unknown, there is none, or a tolerance is below zero.
    """
    unknown = [key for key in by if key not in KEYS]
    if unknown or not by:
        raise ConfigError(f"{unknown[0] if unknown else 'no key'}: compare by one or more of {', '.join(KEYS)}")
    if within < 0 or within_share < 0:
        raise ConfigError(f"a tolerance of {min(within, within_share)} is below zero; give at least 0")
    mine = list(ledger)
    hours = [charge for charge in mine if charge.account.startswith(_HOURS)]
    others = [charge for charge in mine if not charge.account.startswith(_HOURS)]
    found = (_sums(others, by, view, names or {}), _sums(bill, by, view, {}))
    rows = []
    for key in sorted({*found[0], *found[1]}):
        (own, n_own), (theirs, n_theirs) = (side.get(key, (None, 0)) for side in found)
        money = [None if each is None else Money(each, key[-1]) for each in (own, theirs)]
        match = _match(own, theirs, within, within_share)
        rows.append(Compared(key[:-1], money[0], money[1], n_own, n_theirs, match))
    for key, (amount, n) in sorted(_sums(hours, by, view, names or {}).items()):
        rows.append(Compared(key[:-1], Money(amount, key[-1]), None, n, 0, Match.HOURS))
    return Reconciliation(tuple(sorted(rows, key=lambda row: (-abs(row.difference.amount), row.key))))


def _sums(
    charges: Iterable[Charge], by: Sequence[str], view: View, names: Mapping[str, str]
) -> dict[tuple[str, ...], tuple[Decimal, int]]:
    sums: dict[tuple[str, ...], tuple[Decimal, int]] = {}
    for charge in charges:
        amount = charge.billed if view is View.CASH else charge.effective
        if amount is None or not amount.amount:
            continue
        values = (month_of(view)(charge) if name == "month" else KEYS[name](charge) for name in by)
        key = (*(names.get(value, value) for value in values), amount.currency)
        total, n = sums.get(key, (Decimal(0), 0))
        sums[key] = (total + amount.amount, n + 1)
    return sums


def _match(mine: Decimal | None, theirs: Decimal | None, within: Decimal, within_share: Decimal) -> Match:
    difference = abs((theirs or Decimal(0)) - (mine or Decimal(0)))
    if difference <= max(within, within_share * abs(theirs or Decimal(0))):
        return Match.MATCHED
    if theirs is None:
        return Match.ONLY_LEDGER
    return Match.ONLY_BILL if mine is None else Match.DIFFERING
