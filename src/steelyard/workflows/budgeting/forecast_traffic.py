"""``cost forecast``: the traffic to come, kept for budgets, and what the chosen configurations then cost."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from steelyard.documents.bills import read_bills
from steelyard.documents.decision import read_decision
from steelyard.documents.forecast import MonthRow, forecast_builtins
from steelyard.domain import Fact
from steelyard.errors import StageError
from steelyard.planning.forecast import forecast, not_applied
from steelyard.planning.history import History, peak_share
from steelyard.planning.promotions import Promotion, combined
from steelyard.workflows.accounts.forecast import CALENDARS, Outlook, month_rows, stored
from steelyard.workflows.open_shop import AccountsShop

__all__ = ["ENGINES", "ForecastAsked", "ForecastFit", "MonthsAhead", "fit_of", "forecast_traffic", "months_ahead"]

ENGINES = ("own", "statsforecast")


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastAsked:
    """How far ahead, and from what."""

    days: int
    promotions: Path | None
    """The shop's own days; those of the configuration where it is ``None``."""
    history: Path | None
    """Daily counts in place of the log."""
    zone: str
    """Time zone of the shop's day."""
    engine: str
    """One of ``ENGINES``."""


@dataclass(frozen=True, slots=True)
class MonthsAhead:
    """Traffic by month, with what it costs where the shop was decided."""

    currency: str
    """Of the costs; empty where there are none."""
    rows: tuple[MonthRow, ...]


@dataclass(frozen=True, slots=True)
class ForecastFit:
    """How well the forecast did on the history, and what it does not know."""

    method: str
    mae: float
    """Mean absolute error, events a day."""
    to_naive: float | None
    """Over the seasonal naive forecast's; ``None`` where that has none."""
    n_origins: int
    tested_days: int
    level: float
    """Of the intervals."""
    coverage: float
    """Share of tested days that they held."""
    peak_share: Fact | None
    """Share of a day in its busiest hour; ``None`` where no log shows it."""
    without_effect: tuple[str, ...]
    """Promotions whose effect is not known."""


def forecast_traffic(shop: AccountsShop, asked: ForecastAsked, *, note: Callable[[str], None]) -> Outlook:
    """Forecast the traffic, and keep it.

    Args:
        shop: A shop whose log was prepared, or whose counts are given.
        asked: How far ahead, and from what.
        note: Takes what is to be known of the history.

    Returns:
        The forecast beside what it grew from.

    Raises:
        StageError: There is no log and no count.
        DataError: The history is too short, or a file is wrong.
        MissingExtra: The engine is not installed.
    """
    past, share = _history(shop, asked, note)
    named = _promotions(shop, asked, past)
    more = shop.tools.accounting.forecasting_methods() if asked.engine == ENGINES[1] else ()
    outlook = Outlook(past, forecast(past, asked.days, promotions=named, more=more), share)
    shop.store.write_json("forecast", forecast_builtins(stored(outlook)))
    return outlook


def months_ahead(shop: AccountsShop, outlook: Outlook) -> MonthsAhead:
    """The months of a forecast, with their costs where the shop was decided."""
    has_bills = shop.store.has("bills") and shop.store.has("decision")
    bills = read_bills(shop.store.read_json("bills")) if has_bills else None
    decision = read_decision(shop.store.read_json("decision")) if has_bills else None
    rows = month_rows(shop.config, outlook, decision=decision, bills=bills)
    has_money = bills is not None and bool(rows) and rows[0].surface is not None
    return MonthsAhead(bills.book.currency if bills is not None and has_money else "", tuple(rows))


def fit_of(outlook: Outlook) -> ForecastFit:
    """How well a forecast did on its history."""
    found = outlook.forecast
    best = found.scores[0]
    return ForecastFit(
        found.method,
        best.mae,
        best.to_naive if math.isfinite(best.to_naive) else None,
        found.n_origins,
        found.tested_days,
        found.level,
        found.coverage,
        outlook.peak_share,
        tuple(sorted({each.promotion.name for each in not_applied(found)})),
    )


def _history(shop: AccountsShop, asked: ForecastAsked, note: Callable[[str], None]) -> tuple[History, Fact | None]:
    if asked.history is not None:
        return shop.tools.accounting.calendars().counts(asked.history), None
    if not shop.store.has("data"):
        raise StageError(
            "no log was prepared yet: run `steelyard prepare`, or give daily counts with --history FILE.csv"
        )
    traffic = shop.tools.shop.traffic(shop.store.path("data"), zone=asked.zone)
    first, last = traffic.left_out
    note(f"{first} and {last} are left out: the first and the last day of a log are seldom whole")
    return traffic.history, peak_share(traffic.of_hour, as_of=traffic.left_out[-1])


def _promotions(shop: AccountsShop, asked: ForecastAsked, past: History) -> list[Promotion]:
    calendars, cost = shop.tools.accounting.calendars(), shop.config.cost
    own = asked.promotions or (shop.base / cost.promotions if cost.promotions else None)
    names = CALENDARS[shop.config.shop.language] if cost.calendars is None else cost.calendars
    return combined(
        [calendars.load(name) for name in names],
        calendars.own(own) if own else (),
        first=past.first,
        last=past.after + timedelta(days=asked.days - 1),
    )
