"""``cost ledger add`` and ``amortise``: a cost that somebody enters by hand, at once or over the months it serves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from steelyard.domain import FactKind, Money, Stage
from steelyard.ledger.entering import Purchase, cost_entries, purchase_entries
from steelyard.ledger.entries import CostCentre, Entry, Posting, View
from steelyard.ledger.metering import MACHINES, NETWORK, STORED
from steelyard.workflows.bookkeeping.opened_ledger import VIEWS, open_ledger
from steelyard.workflows.open_shop import AccountsShop

__all__ = ["BOTH", "EnteredCost", "HandCost", "amortise_cost", "enter_cost"]

BOTH = "both"
"""Beside ``VIEWS``: the cost stands in each view."""
_POOLS = {Stage.STORAGE: STORED, Stage.BANDWIDTH: NETWORK}


@dataclass(frozen=True, slots=True, kw_only=True)
class HandCost:
    """What somebody says of a cost."""

    id: str
    """Theirs, so that the same thing is not booked twice."""
    text: str
    amount: Money
    on: date
    """Day it belongs to, or was bought on."""
    stage: Stage
    kind: FactKind
    source: str
    """The invoice, or who says so."""
    paid_from: str
    """Account it is owed on."""
    model: str = ""
    configuration: str = ""
    team: str = ""
    """``[cost] team`` where it is empty."""
    experiment: str = ""


@dataclass(frozen=True, slots=True)
class EnteredCost:
    """What was booked."""

    id: str
    n_entries: int
    """0 where it was booked before."""
    amount: Money
    account: str = ""
    """Where it went to."""


def enter_cost(shop: AccountsShop, cost: HandCost, *, view: str, to_pool: bool) -> EnteredCost:
    """Book a cost: an invoice, somebody's work, a fee.

    Args:
        shop: The shop.
        cost: What it was.
        view: One of ``VIEWS``, or ``BOTH``.
        to_pool: Whether it is an invoice for what is metered, and goes to a pool in the accrual view.

    Returns:
        How many entries are new.
    """
    centre = _centre(cost, shop.config.cost.team)
    expense = Posting(f"expense/{centre.stage}/entered", cost.amount, centre)
    owed = Posting(cost.paid_from, cost.amount * -1)
    entry = Entry(cost.id, cost.on, View.CASH, cost.text, cost.kind, cost.source, (expense, owed))
    views = tuple(View(each) for each in (VIEWS if view == BOTH else (view,)))
    pool = _POOLS.get(centre.stage, MACHINES) if to_pool else ""
    with open_ledger(shop) as ledger:
        n_entries = ledger.append(cost_entries(entry, views=views, pool=pool))
    return EnteredCost(entry.id, n_entries, cost.amount, pool or expense.account)


def amortise_cost(shop: AccountsShop, cost: HandCost, *, months: int, residual: Decimal) -> EnteredCost:
    """Book a purchase that serves for months: paid once, an expense month by month.

    Args:
        shop: The shop.
        cost: What was bought.
        months: It serves so many, that of its day included.
        residual: What it is worth at the end, in the same currency.

    Returns:
        How many entries are new; its amount is what is spread.
    """
    worth = Money(residual, cost.amount.currency)
    centre = _centre(cost, shop.config.cost.team)
    bought = Purchase(cost.id, cost.text, cost.amount, worth, months, cost.on, centre, cost.paid_from)
    with open_ledger(shop) as ledger:
        n_entries = ledger.append(purchase_entries(bought, kind=cost.kind, source=cost.source))
    return EnteredCost(bought.id, n_entries, bought.price - bought.residual)


def _centre(cost: HandCost, team: str) -> CostCentre:
    return CostCentre(cost.stage, cost.model, cost.configuration, cost.team or team, cost.experiment)
