"""What labels of each source cost so far: what ``steelyard labels costs`` shows."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

from steelyard.documents.encoding import as_builtins

__all__ = ["LabelCostRow", "LabelCosts", "label_costs_builtins"]


class LabelCostRow(msgspec.Struct, frozen=True, kw_only=True):
    """Labels of one source."""

    origin: str
    labels: int | None
    """Those there are now; ``None`` where none are stored."""
    cost: Decimal
    """Booked in all months, in the accrual view."""
    currency: str
    per_label: Decimal | None
    """Booked by the number of labels; of people's the price of one, since not all need be booked."""
    agreement: float | None = None
    """With people, where that is known: weighted kappa, else kappa."""


class LabelCosts(msgspec.Struct, frozen=True, kw_only=True):
    """All sources."""

    format: int = 1
    rows: tuple[LabelCostRow, ...] = ()


def label_costs_builtins(costs: LabelCosts) -> dict[str, Any]:
    """The costs as JSON's own types."""
    return as_builtins(costs)
