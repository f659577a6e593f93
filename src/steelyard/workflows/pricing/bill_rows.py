"""Lines of a bill as rows of a document, and amounts to the digits that are shown. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import msgspec

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
    return tuple(map(_row, lines))


def explained_rows(lines: Iterable[CostLine]) -> tuple[ExplainedRow, ...]:
    """As ``bill_rows``, with what each line rests on and where it comes from, down to its leaves."""
    return tuple(
        ExplainedRow(**msgspec.structs.asdict(_row(line)), line_kind=line_kind(line), explained=explain(line))
        for line in lines
    )


def _row(line: CostLine) -> BillRow:
    said, price = line_said(line), line.price
    return BillRow(
        stage=line.stage,
        key=line.key,
        detail=line.detail,
        item=said.en,
        item_zh=said.zh,
        quantity=plain_shown(line.quantity.value),
        unit=line.quantity.unit,
        unit_price=None if isinstance(price, Unpriced) else plain_shown(price.per_unit.amount),
        cost=amount_shown(line.cost.amount) if line.cost else None,
        kind=None if isinstance(price, Unpriced) else price.kind,
        quantity_kind=line.quantity.kind,
        quantity_source=line.quantity.source,
        source=price.why if isinstance(price, Unpriced) else f"{price.name}: {price.source}",
        as_of=None if isinstance(price, Unpriced) else price.as_of,
        is_one_off=line.is_one_off,
    )
