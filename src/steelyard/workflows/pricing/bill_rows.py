"""Lines of a bill as rows of a document, and amounts to the digits that are shown. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from steelyard.cost import explain, line_kind
from steelyard.documents.bills import BillRow, ExplainedRow
from steelyard.documents.line_words import line_said
from steelyard.domain import CostLine, Unpriced
from steelyard.domain.shown import amount, plain

__all__ = ["amount_shown", "bill_rows", "explained_rows", "plain_shown"]


def amount_shown(value: Decimal) -> Decimal:
    """An amount to the digits that are shown of it."""
    return Decimal(amount(value))


def plain_shown(value: Decimal, *, digits: int = 8) -> Decimal:
    """A decimal to so many significant digits."""
    return Decimal(plain(value, digits=digits))


def bill_rows(lines: Iterable[CostLine]) -> tuple[BillRow, ...]:
    """Lines of a bill; a cost that is not known is none, never 0."""
    return tuple(BillRow(**_fields(line)) for line in lines)


def explained_rows(lines: Iterable[CostLine]) -> tuple[ExplainedRow, ...]:
    """As ``bill_rows``, with what each line rests on and where it comes from, down to its leaves."""
    return tuple(ExplainedRow(**_fields(line), line_kind=line_kind(line), explained=explain(line)) for line in lines)


def _fields(line: CostLine) -> dict[str, Any]:
    said = line_said(line)
    fields: dict[str, Any] = {
        "stage": line.stage,
        "key": line.key,
        "detail": line.detail,
        "item": said.en,
        "item_zh": said.zh,
        "quantity": plain_shown(line.quantity.value),
        "unit": line.quantity.unit,
        "unit_price": None,
        "cost": amount_shown(line.cost.amount) if line.cost else None,
        "kind": None,
        "quantity_kind": line.quantity.kind,
        "quantity_source": line.quantity.source,
        "source": "",
        "as_of": None,
        "is_one_off": line.is_one_off,
    }
    if isinstance(line.price, Unpriced):
        return fields | {"source": line.price.why}
    price = line.price
    return fields | {
        "unit_price": plain_shown(price.per_unit.amount),
        "kind": price.kind,
        "source": f"{price.name}: {price.source}",
        "as_of": price.as_of,
    }
