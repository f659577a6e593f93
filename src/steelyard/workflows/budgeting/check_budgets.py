"""``cost budget check``: overspending, jumps, unpriced lines and old prices, and where they are posted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from steelyard.documents.bills import read_bills
from steelyard.documents.decision import read_decision
from steelyard.domain import Money
from steelyard.errors import ConfigError
from steelyard.planning.alerts import Alert, Limits, budget_alerts, jump_alerts, price_alerts
from steelyard.workflows.accounts.budget import Asked, Budgets
from steelyard.workflows.budgeting.report_budgets import BudgetAsked, compared_budgets, period_of
from steelyard.workflows.open_shop import AccountsShop
from steelyard.workflows.ports import Store
from steelyard.workflows.pricing.shop_book import shop_book

__all__ = ["AlertRow", "CheckedBudgets", "PostedAlerts", "check_budgets", "post_alerts"]

_STALE_PRICES = "stale_prices"


class AlertRow(msgspec.Struct, frozen=True, kw_only=True):
    """One finding."""

    rule: str
    severity: str
    where: str
    """Node, configuration or price."""
    period: str
    found: str
    limit: str
    en: str
    zh: str

    @property
    def is_urgent(self) -> bool:
        """Whether somebody has to act; old prices alone are a warning."""
        return self.rule != _STALE_PRICES


@dataclass(frozen=True, slots=True)
class CheckedBudgets:
    """What was found in some months."""

    period: str
    alerts: tuple[AlertRow, ...]
    waiting: Money
    """What is counted as spent and was not allocated yet."""


@dataclass(frozen=True, slots=True)
class PostedAlerts:
    """Where alerts went."""

    address: str
    """As it may be shown."""
    n_alerts: int
    """0 where nothing fired, and nothing was posted."""


def check_budgets(shop: AccountsShop, asked: BudgetAsked, *, read: Callable[[Path], Any]) -> CheckedBudgets:
    """Look for what needs somebody.

    Args:
        shop: The shop.
        asked: Which months, in what money.
        read: What a JSON file holds.

    Returns:
        Budgets first, then jumps, then prices.

    Raises:
        StageError: No budget was set.
        ConfigError: The budgets are in several currencies, or the months in the wrong order.
        PriceError: Something is in another currency and no dated rate is there to convert it.
    """
    wanted, found = compared_budgets(shop, asked, read=read)
    alerts = tuple(map(_row, _alerts(shop, wanted, found)))
    return CheckedBudgets(period_of(wanted), alerts, found.waiting)


def post_alerts(shop: AccountsShop, checked: CheckedBudgets, *, key: bytes | None) -> PostedAlerts:
    """Post what fired to the shop's webhook.

    Args:
        shop: The shop.
        checked: What was found.
        key: Secret that signs the body; ``None`` leaves it unsigned.

    Returns:
        Where it went.

    Raises:
        ConfigError: There is no address, or it is wrong.
    """
    chosen = shop.config.cost.alerts
    if chosen.webhook is None:
        raise ConfigError("--notify needs an address: set webhook under [cost.alerts]")
    hook = shop.tools.accounting.hook(
        chosen.webhook, allows_http=chosen.webhook_allows_http, networks=chosen.webhook_networks, key=key
    )
    if checked.alerts:
        alerts = [msgspec.structs.asdict(each) for each in checked.alerts]
        body = {"shop": shop.config.shop.name, "period": checked.period, "alerts": alerts}
        hook.post(body, now=shop.tools.clock.now())
    return PostedAlerts(hook.shown, len(checked.alerts))


def _alerts(shop: AccountsShop, wanted: Asked, found: Budgets) -> list[Alert]:
    chosen, period = shop.config.cost.alerts, period_of(wanted)
    limits = Limits(Decimal(str(chosen.actual_percent)), Decimal(str(chosen.jump_percent)))
    alerts = budget_alerts(found.rows, limits, period=period)
    if len(wanted.months) == 1:
        alerts += jump_alerts(found.rows, found.before, limits, period=period)
    stale = shop_book(shop).stale(wanted.today, after_days=shop.config.cost.stale_after_days)
    return alerts + price_alerts(_unpriced(shop.store), stale, period=period)


def _unpriced(store: Store) -> Iterator[tuple[str, str]]:
    """Items without a price on the bills of the chosen configurations."""
    if not (store.has("bills") and store.has("decision")):
        return
    chosen = {row.surface: row.chosen for row in read_decision(store.read_json("decision")).surfaces}
    for surface, entries in read_bills(store.read_json("bills")).surfaces.items():
        own = (entry for entry in entries if entry.name == chosen.get(surface))
        yield from ((entry.name, item) for entry in own for item in entry.unpriced)


def _row(alert: Alert) -> AlertRow:
    return AlertRow(
        rule=alert.rule,
        severity=alert.severity,
        where=alert.where,
        period=alert.period,
        found=alert.found,
        limit=alert.limit,
        en=alert.says.en,
        zh=alert.says.zh,
    )
