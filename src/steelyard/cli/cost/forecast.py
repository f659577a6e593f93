"""``steelyard cost forecast``."""

from __future__ import annotations

import math
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from steelyard.cli.cost.tables import form_option, out_option, print_rows
from steelyard.cli.opening import Opened, config_option, open_shop
from steelyard.documents.bills import read_bills
from steelyard.documents.decision import read_decision
from steelyard.documents.encoding import as_builtins
from steelyard.documents.forecast import forecast_builtins
from steelyard.domain import Fact
from steelyard.errors import StageError
from steelyard.planning.forecast import Forecast, forecast, not_applied
from steelyard.planning.history import History, peak_share
from steelyard.planning.promotions import Promotion, combined
from steelyard.workflows.accounts.forecast import (
    CALENDARS,
    Outlook,
    day_rows,
    method_rows,
    month_rows,
    promotion_rows,
    stored,
)

__all__ = ["command"]

_DAYS = ("day", "mean", "low", "high", "promotion", "basis")
_PROMOTIONS = ("day", "name", "lift", "basis", "days_learnt_from", "source")
_METHODS = ("method", "mae", "mase", "to_seasonal_naive")
_TRAFFIC = ("month", "events", "low", "high", "busiest_day")
_MONEY = (
    "surface", "configuration", "requests", "busiest_hour_rps", "peak_rps", "replicas", "cost", "cost_low", "cost_high",
)  # fmt: skip


@click.command("forecast")
@config_option
@click.option("--days", type=click.IntRange(1, 730), default=90, show_default=True, help="Days ahead.")
@click.option(
    "--promotions", type=click.Path(path_type=Path), help="The shop's own days: CSV of date,name,expected_lift."
)
@click.option("--history", type=click.Path(path_type=Path), help="Daily counts in place of the log: CSV of date,count.")
@click.option("--zone", default="UTC", show_default=True, help="Time zone of the shop's day, such as Asia/Shanghai.")
@click.option("--engine", type=click.Choice(["own", "statsforecast"]), default="own", show_default=True)
@click.option(
    "--show", type=click.Choice(["months", "days", "promotions", "methods"]), default="months", show_default=True
)
@form_option
@out_option
def command(path: Path, form: str, out: Path | None, **asked: Any) -> None:
    """Traffic to come with its interval, and what the chosen configurations then cost."""
    shop, days = open_shop(path), asked["days"]
    past, share = _history(shop, asked["history"], asked["zone"])
    named = _promotions(shop, asked["promotions"], past, days)
    more = shop.tools.accounting.forecasting_methods() if asked["engine"] == "statsforecast" else ()
    found = forecast(past, days, promotions=named, more=more)
    outlook = Outlook(past, found, share)
    shop.store.write_json("forecast", forecast_builtins(stored(outlook)))
    _print(shop, outlook, asked["show"], form, out)
    if form == "table" and out is None:
        _say(found, share)


def _history(shop: Opened, given: Path | None, zone: str) -> tuple[History, Fact | None]:
    if given is not None:
        return shop.tools.accounting.calendars().counts(given), None
    if not shop.store.has("data"):
        raise StageError(
            "no log was prepared yet: run `steelyard prepare`, or give daily counts with --history FILE.csv"
        )
    traffic = shop.tools.shop.traffic(shop.store.path("data"), zone=zone)
    first, last = traffic.left_out
    click.echo(f"{first} and {last} are left out: the first and the last day of a log are seldom whole", err=True)
    return traffic.history, peak_share(traffic.of_hour, as_of=traffic.left_out[-1])


def _promotions(shop: Opened, given: Path | None, past: History, days: int) -> list[Promotion]:
    calendars, cost = shop.tools.accounting.calendars(), shop.config.cost
    own = given or (shop.base / cost.promotions if cost.promotions else None)
    names = CALENDARS[shop.config.shop.language] if cost.calendars is None else cost.calendars
    return combined(
        [calendars.load(name) for name in names],
        calendars.own(own) if own else (),
        first=past.first,
        last=past.after + timedelta(days=days - 1),
    )


def _print(shop: Opened, outlook: Outlook, show: str, form: str, out: Path | None) -> None:
    if show == "days":
        print_rows("traffic by day", _DAYS, [as_builtins(row) for row in day_rows(outlook)], form, out=out)
    elif show == "promotions":
        print_rows(
            "promotions ahead", _PROMOTIONS, [as_builtins(row) for row in promotion_rows(outlook)], form, out=out
        )
    elif show == "methods":
        print_rows(
            "methods on the history", _METHODS, [as_builtins(row) for row in method_rows(outlook)], form, out=out
        )
    else:
        has_bills = shop.store.has("bills") and shop.store.has("decision")
        bills = read_bills(shop.store.read_json("bills")) if has_bills else None
        decision = read_decision(shop.store.read_json("decision")) if has_bills else None
        rows = month_rows(shop.config, outlook, decision=decision, bills=bills)
        has_money = bool(rows) and "surface" in rows[0]
        title = f"traffic and cost by month, {bills.book.currency}" if bills and has_money else "traffic by month"
        print_rows(title, _TRAFFIC + (_MONEY if has_money else ()), rows, form, out=out)


def _say(found: Forecast, share: Fact | None) -> None:
    best = found.scores[0]
    naive = f", {best.to_naive:.2f} of the seasonal naive forecast's" if math.isfinite(best.to_naive) else ""
    click.echo(
        f"{found.method}: mean absolute error {best.mae:.4g} events a day{naive}, "
        f"from {found.n_origins} origins, up to {found.tested_days} days ahead; "
        f"{found.level:.0%} intervals held {found.coverage:.0%} of the days."
    )
    click.echo(
        f"Busiest hour: {f'{share.value:.1%} of a day, {share.source}' if share else 'a tenth of a day, assumed'}."
    )
    click.echo(
        "Rule: events are an index; [load] requests_per_month stands for the last four weeks, peak_rps for the busiest "
        "day of the last year. Bandwidth goes with the requests, machines with the busiest day, the rest of the bill "
        "stays. A surface's row is on machines of its own, the shop's on those that the decision found cheapest."
    )
    unknown = sorted({each.promotion.name for each in not_applied(found)})
    if unknown:
        click.echo(
            f"No effect known, none applied: {', '.join(unknown)}. The history never saw them: give an expected_lift "
            "with --promotions."
        )
