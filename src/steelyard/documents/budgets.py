"""Budgets and commitments as a shop keeps them: artefact ``budgets``."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

import msgspec

from steelyard.documents.encoding import Source, as_builtins, read_document

__all__ = ["BudgetLine", "BudgetsDocument", "budgets_builtins", "read_budgets"]


class BudgetLine(msgspec.Struct, frozen=True, kw_only=True):
    """A budget, or a commitment: spending already promised. Where it belongs is empty for all."""

    first_month: str
    """``2026-11``."""
    last_month: str
    """Included."""
    stage: str = ""
    model: str = ""
    configuration: str = ""
    team: str = ""
    experiment: str = ""
    amount: Decimal
    """For the whole period."""
    currency: str
    kind: Literal["budget", "commitment"] = "budget"
    quantity: Decimal | None = None
    """Units that it buys over the period; ``None`` where that is not known."""
    unit: str = ""


class BudgetsDocument(msgspec.Struct, frozen=True, kw_only=True):
    """All budgets and commitments, in the order they were set."""

    format: int = 1
    rows: tuple[BudgetLine, ...]


def read_budgets(source: Source) -> BudgetsDocument:
    """The budgets of a document, of any format.

    Args:
        source: JSON, or what was parsed from it.

    Returns:
        The budgets.

    Raises:
        ArtefactError: It is no such document, or of a later format.
    """
    return read_document(source, BudgetsDocument, name="budget document", migrations=(_from_0,))


def budgets_builtins(document: BudgetsDocument) -> dict[str, Any]:
    """The budgets as JSON's own types."""
    return as_builtins(document)


def _from_0(found: dict[str, Any]) -> dict[str, Any]:
    """Every field was a text, and an unknown quantity an empty one."""
    rows = [{**row, "quantity": row.get("quantity") or None} for row in found["rows"]]
    return {**found, "rows": rows}
