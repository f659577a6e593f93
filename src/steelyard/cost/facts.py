"""Makes facts and says where a total comes from. Every number of a bill is a fact, or is derived from facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation

from steelyard.documents.line_words import line_said
from steelyard.domain import Bill, CostLine, Fact, FactKind, Unpriced
from steelyard.errors import PriceError

__all__ = ["EXACT", "assumed", "billing_month", "derived", "exact", "leaves", "line_kind", "shares_by_kind", "strength"]

EXACT = Context(prec=28, rounding=ROUND_HALF_EVEN)
"""All divisions are made in this context, whatever the caller's thread has set."""

BILLING_MONTH_HOURS = Decimal(730)


def exact(number: float | int | Decimal | str) -> Decimal:
    """The number as a decimal with the digits it is written with: 0.1 gives 0.1, not its binary neighbour.

    Args:
        number: A measured or written number; a text must be a decimal.

    Returns:
        Exact, unlike ``Decimal(number)`` of a float, which shows its binary digits.

    Raises:
        PriceError: It is not a finite number.
    """
    try:
        value = Decimal(str(number))
    except InvalidOperation:
        value = Decimal("nan")
    if not value.is_finite():
        raise PriceError(f"{number} is not a quantity; look at the measurement it came from")
    return value


def assumed(value: float | int | Decimal, unit: str, *, source: str, as_of: date) -> Fact:
    """A number somebody chose: ``source`` says who, or which setting."""
    return Fact(exact(value), unit, FactKind.ASSUMED, source, as_of)


def billing_month(as_of: date) -> Fact:
    """The month that clouds bill by: 730 hours (8,760 hours in 12 months). Not the calendar month."""
    return Fact(BILLING_MONTH_HOURS, "hour", FactKind.QUOTED, "convention: one billing month is 730 hours", as_of)


def derived(value: Decimal, formula: str, inputs: tuple[Fact, ...], *, unit: str) -> Fact:
    """A number worked out from facts.

    Args:
        value: The result.
        formula: How, in words and signs, in the order of ``inputs``.
        inputs: What went in, at least one.
        unit: Unit of the result.

    Returns:
        A derived fact as old as the oldest of its inputs.

    Raises:
        PriceError: There are no inputs: then it is an assumption and must be called one.
    """
    if not inputs:
        raise PriceError(f"{formula!r} has no inputs: a number from nowhere is an assumption, record it as one")
    return Fact(value, unit, FactKind.DERIVED, formula, min(fact.as_of for fact in inputs), inputs=inputs)


def leaves(fact: Fact) -> Iterator[Fact]:
    """The facts at the bottom, from left to right; a fact without inputs is its own leaf."""
    if not fact.inputs:
        yield fact
    for given in fact.inputs:
        yield from leaves(given)


def strength(fact: Fact) -> FactKind:
    """What a fact rests on.

    Args:
        fact: Any fact; one without inputs is its own leaf.

    Returns:
        The kind all its leaves share; ``assumed`` where something was assumed and nothing measured or invoiced;
        ``measured`` where measurements meet only quoted figures and conventions; ``derived`` for any other mixture.
    """
    kinds = {leaf.kind for leaf in leaves(fact)}
    if len(kinds) == 1:
        return kinds.pop()
    if FactKind.ASSUMED in kinds and not kinds & {FactKind.MEASURED, FactKind.INVOICED}:
        return FactKind.ASSUMED
    return FactKind.MEASURED if kinds == {FactKind.MEASURED, FactKind.QUOTED} else FactKind.DERIVED


def line_kind(line: CostLine) -> FactKind | None:
    """What a line's cost rests on: its quantity, unless its price is weaker. ``None`` when it has no price."""
    if isinstance(line.price, Unpriced):
        return None
    if line.price.kind in (FactKind.ASSUMED, FactKind.DERIVED):
        return FactKind.ASSUMED if FactKind.ASSUMED in (line.price.kind, strength(line.quantity)) else FactKind.DERIVED
    return strength(line.quantity)


def shares_by_kind(bill: Bill) -> Mapping[FactKind, Decimal]:
    """Share of a total that rests on each kind of fact.

    Args:
        bill: Every line of it must have a price.

    Returns:
        Every kind, summing to 1; all zero for a bill that costs nothing.

    Raises:
        PriceError: The bill is incomplete: shares of an unknown total mean nothing.
    """
    total = bill.total
    if total is None:
        missing = ", ".join(line_said(line).en for line in bill.unpriced)
        raise PriceError(f"the bill of {bill.configuration} has no total: no price for {missing}; add it and ask again")
    sums = dict.fromkeys(FactKind, Decimal(0))
    for line in bill.lines:
        kind, cost = line_kind(line), line.cost
        if kind is not None and cost is not None:
            sums[kind] += cost.amount
    if not total.amount:
        return sums
    return {kind: EXACT.divide(amount, total.amount) for kind, amount in sums.items()}
