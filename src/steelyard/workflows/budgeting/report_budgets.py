"""``cost budget show``: budgets beside what was promised, what was spent, and what the period will have cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from steelyard.cost.exchange import parse_rates
from steelyard.documents.forecast import read_forecast
from steelyard.domain import Money
from steelyard.errors import ConfigError, StageError
from steelyard.ledger.entries import Month, View
from steelyard.planning.budget import Node, Planned, Row, months_between
from steelyard.workflows.accounts.budget import Asked, Budgets, budget_rows, kept, planned, traffic_between
from steelyard.workflows.bookkeeping.opened_ledger import open_ledger
from steelyard.workflows.open_shop import AccountsShop
from steelyard.workflows.ports import Store

__all__ = ["BudgetAsked", "BudgetReport", "BudgetRow", "compared_budgets", "period_of", "report_budgets"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetAsked:
    """What a report is to show; what is ``None`` is chosen by the budgets and the day."""

    first: str | None
    """First month, ``2026-11``; this one where it is ``None``."""
    last: str | None
    """Last month; the first where it is ``None``."""
    on: date | None
    """Day of the report."""
    view: str
    currency: str | None
    rates: Path | None
    """Rates of exchange, dated and sourced."""
    quantities: Path | None
    """What was used, in the columns of a budget."""


class BudgetRow(msgspec.Struct, frozen=True, kw_only=True):
    """One node over the months; amounts to the cent."""

    node: str
    budget: Decimal | None
    commitments: Decimal | None
    actual: Decimal | None
    forecast: Decimal | None
    variance: Decimal | None
    variance_percent: Decimal | None
    expected_variance: Decimal | None
    available: Decimal | None
    volume_variance: Decimal | None
    price_variance: Decimal | None


@dataclass(frozen=True, slots=True)
class BudgetReport:
    """Budgets of some months, node by node."""

    period: str
    currency: str
    view: str
    on: date
    rows: tuple[BudgetRow, ...]
    waiting: Money
    """What is counted as spent and was not allocated yet."""

    @property
    def has_split(self) -> bool:
        """Whether a variance is split into volume and price."""
        return any(row.volume_variance is not None for row in self.rows)


def report_budgets(shop: AccountsShop, asked: BudgetAsked, *, read: Callable[[Path], Any]) -> BudgetReport:
    """Budget, commitments, actual, forecast and variance of each node.

    Args:
        shop: The shop.
        asked: What to show.
        read: What a JSON file holds.

    Returns:
        All in one currency.

    Raises:
        StageError: No budget was set.
        ConfigError: The budgets are in several currencies, or the months in the wrong order.
        PriceError: Something is in another currency and no dated rate is there to convert it.
    """
    wanted, found = compared_budgets(shop, asked, read=read)
    rows = tuple(map(_row, found.rows))
    return BudgetReport(period_of(wanted), wanted.currency, str(wanted.view), wanted.today, rows, found.waiting)


def compared_budgets(shop: AccountsShop, asked: BudgetAsked, *, read: Callable[[Path], Any]) -> tuple[Asked, Budgets]:
    """What ``report_budgets`` shows, with the question as it was understood."""
    plan = kept(shop.store)
    if not plan:
        raise StageError("no budget was set yet: `steelyard cost budget set --amount … --currency … --from …`")
    wanted = _understood(shop, plan, asked, read)
    with open_ledger(shop) as ledger:
        return wanted, budget_rows(plan, ledger, wanted)


def period_of(wanted: Asked) -> str:
    """The months of a report: ``2026-11``, or ``2026-11 to 2026-12``."""
    first, last = wanted.months[0], wanted.months[-1]
    return str(first) if first == last else f"{first} to {last}"


def _understood(shop: AccountsShop, plan: Sequence[Planned], asked: BudgetAsked, read: Callable[[Path], Any]) -> Asked:
    today = asked.on or shop.tools.clock.now().date()
    first = Month.parse(asked.first) if asked.first else Month.of(today)
    last = Month.parse(asked.last) if asked.last else first
    currencies = sorted({each.amount.currency for each in plan})
    if not asked.currency and len(currencies) > 1:
        raise ConfigError(f"the budgets are in {', '.join(currencies)}: choose one with --currency")
    if last < first:
        raise ConfigError(f"--from {first} is after --to {last}")
    known = _traffic(shop.store)
    return Asked(
        months_between(first, last),
        today,
        asked.currency or currencies[0],
        view=View(asked.view),
        rates=parse_rates(read(asked.rates), where=asked.rates.name) if asked.rates else None,
        traffic=traffic_between(known) if known else None,
        quantities=_quantities(shop, asked.quantities),
    )


def _traffic(store: Store) -> Mapping[date, Decimal] | None:
    """Requests by day of the newest forecast, where there is one."""
    if not store.has("forecast"):
        return None
    from steelyard.workflows.accounts.forecast import traffic_of  # noqa: PLC0415 - slow to import

    return traffic_of(read_forecast(store.read_json("forecast")))


def _quantities(shop: AccountsShop, path: Path | None) -> dict[Node, tuple[Decimal, str]]:
    if path is None:
        return {}
    rows = shop.tools.accounting.table(path, needed=("quantity", "unit"))
    neutral = {"first_month": "2000-01", "amount": "0", "currency": "XXX"}
    found = planned([{**row, **neutral} for row in rows], where=path.name)
    return {each.node: (each.quantity, each.unit) for each in found if each.quantity is not None}


def _row(row: Row) -> BudgetRow:
    variance, split = row.variance, row.split
    percent = row.percent(variance) if variance else None
    return BudgetRow(
        node="without a budget" if row.node is None else str(row.node),
        budget=_amount(row.budget),
        commitments=_amount(row.commitments),
        actual=_amount(row.actual),
        forecast=_amount(row.forecast),
        variance=_amount(variance),
        variance_percent=None if percent is None else percent.quantize(Decimal("0.1")),
        expected_variance=_amount(row.expected_variance),
        available=_amount(row.available),
        volume_variance=_amount(split.volume if split else None),
        price_variance=_amount(split.price if split else None),
    )


def _amount(money: Money | None) -> Decimal | None:
    return None if money is None else money.rounded().amount
