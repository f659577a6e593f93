"""Tells in plain text where a cost comes from, down to the facts nobody derived."""

from __future__ import annotations

from decimal import Decimal

from steelyard.documents.line_words import line_said
from steelyard.domain import CostLine, Fact, FactKind, Unpriced

__all__ = ["explain", "explain_fact"]


def explain(line: CostLine) -> str:
    """A small tree: the line, its quantity with all that went into it, and its price.

    Args:
        line: A line of a bill, with or without a price.

    Returns:
        Several rows of text; figures are shown with at most six significant digits, the sums behind them are exact.
    """
    quantity = _with_unit(line.quantity)
    if isinstance(line.price, Unpriced):
        head = f"{line.stage}: {line_said(line).en} = {quantity} x unknown price"
        price = f"no price for {line.price.name} per {line.price.unit}: {line.price.why}"
    else:
        each = line.price
        amount, currency = each.per_unit.amount, each.per_unit.currency
        cost = each.per_unit.amount * line.quantity.value
        head = f"{line.stage}: {line_said(line).en} = {quantity} x {amount} {currency} = {_figure(cost)} {currency}"
        price = f"{each.name}: {amount} {currency} per {each.unit} [{each.kind}; {each.source}; {each.as_of}]"
    once = " (this month's share of a one-off cost)" if line.is_one_off else ""
    return "\n".join([head + once, *_tree(line.quantity, "├─ ", "│  "), f"└─ {price}"])


def explain_fact(name: str, fact: Fact) -> str:
    """A small tree: the named figure with all that went into it; several rows of text."""
    between = "" if fact.low is None or fact.high is None else f" ({_figure(fact.low)} to {_figure(fact.high)})"
    head = f"{name} = {_with_unit(fact)}{between} [{fact.source}]"
    rows = [head]
    for number, given in enumerate(fact.inputs, start=1):
        is_last = number == len(fact.inputs)
        rows += _tree(given, "└─ " if is_last else "├─ ", "   " if is_last else "│  ")
    return "\n".join(rows)


def _tree(fact: Fact, lead: str, follow: str) -> list[str]:
    said = fact.source if fact.kind is FactKind.DERIVED else f"{fact.source}; {fact.as_of}"
    rows = [f"{lead}{_with_unit(fact)} [{fact.kind}; {said}]"]
    for number, given in enumerate(fact.inputs, start=1):
        is_last = number == len(fact.inputs)
        rows += _tree(given, follow + ("└─ " if is_last else "├─ "), follow + ("   " if is_last else "│  "))
    return rows


def _with_unit(fact: Fact) -> str:
    """A bare number has the unit 1, which is not written."""
    return _figure(fact.value) if fact.unit == "1" else f"{_figure(fact.value)} {fact.unit}"


def _figure(value: Decimal) -> str:
    return f"{Decimal(f'{value:.6g}').normalize():f}"
