"""Lines of a bill as JSON, and amounts as texts. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from steelyard.cost import explain, line_kind
from steelyard.domain import CostLine, Unpriced
from steelyard.domain.shown import amount, plain

__all__ = ["bill_rows", "explained_rows"]


def bill_rows(lines: Iterable[CostLine]) -> list[dict[str, Any]]:
    """Lines of a bill as JSON; a cost that is not known is null, never 0."""
    return [_bill_row(line) for line in lines]


def _bill_row(line: CostLine) -> dict[str, Any]:
    row: dict[str, Any] = {
        "stage": str(line.stage),
        "item": line.item,
        "quantity": plain(line.quantity.value),
        "unit": line.quantity.unit,
        "unit_price": None,
        "cost": amount(line.cost.amount) if line.cost else None,
        "kind": None,
        "quantity_kind": str(line.quantity.kind),
        "quantity_source": line.quantity.source,
        "source": "",
        "as_of": None,
        "is_one_off": line.is_one_off,
    }
    if isinstance(line.price, Unpriced):
        return row | {"source": line.price.why}
    price = line.price
    return row | {
        "unit_price": plain(price.per_unit.amount),
        "kind": str(price.kind),
        "source": f"{price.name}: {price.source}",
        "as_of": price.as_of.isoformat(),
    }


def explained_rows(lines: Iterable[CostLine]) -> list[dict[str, Any]]:
    """As ``bill_rows``, with what each line rests on and where it comes from, down to its leaves."""
    found = list(lines)
    return [
        row | {"line_kind": str(kind) if (kind := line_kind(line)) else None, "explained": explain(line)}
        for row, line in zip(bill_rows(found), found, strict=True)
    ]
