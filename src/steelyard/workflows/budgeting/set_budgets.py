"""``cost budget set`` and ``import``: budgets and commitments, one by one or from a file."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path

from steelyard.domain import Money
from steelyard.workflows.accounts.budget import added, keep, kept, planned
from steelyard.workflows.open_shop import AccountsShop
from steelyard.workflows.ports import Store

__all__ = ["BudgetEntry", "ImportedBudgets", "SetBudget", "import_budgets", "set_budget"]

_NEEDED = ("first_month", "amount", "currency")


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetEntry:
    """A budget, or a commitment, as somebody sets it."""

    kind: str
    """``budget`` or ``commitment``."""
    amount: Decimal
    currency: str
    first_month: str
    """``2026-11``."""
    last_month: str | None
    """The first where it is ``None``."""
    per: str
    """Whether the amount is for the whole ``period`` or for each ``month``."""
    stage: str = ""
    model: str = ""
    configuration: str = ""
    team: str = ""
    experiment: str = ""
    quantity: Decimal | None = None
    """Units that it buys over the period."""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class SetBudget:
    """A budget as it is kept."""

    node: str
    amount: Money
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class ImportedBudgets:
    """What a file held, and what there is now."""

    n_imported: int
    n_kept: int


def set_budget(store: Store, entry: BudgetEntry) -> SetBudget:
    """Set one budget; that of the same node, period and kind is replaced.

    Args:
        store: The shop's artefacts.
        entry: The budget.

    Returns:
        As it was understood.

    Raises:
        DataError: It is wrong, or overlaps another one.
    """
    more = planned([asdict(entry)], where="--amount and its options")
    keep(store, added(kept(store), more))
    (only,) = more
    return SetBudget(str(only.node), only.amount, str(only.first), str(only.last))


def import_budgets(shop: AccountsShop, file: Path, *, is_replacing: bool) -> ImportedBudgets:
    """Import budgets and commitments from a CSV file; all rows or none.

    Args:
        shop: The shop.
        file: With a header.
        is_replacing: Whether all budgets there were are forgotten.

    Returns:
        How many came, and how many there are.

    Raises:
        DataError: Rows are wrong; all problems at once.
    """
    more = planned(shop.tools.accounting.table(file, needed=_NEEDED), where=file.name)
    plan = added([] if is_replacing else kept(shop.store), more)
    keep(shop.store, plan)
    return ImportedBudgets(len(more), len(plan))
