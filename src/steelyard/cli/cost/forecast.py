"""``steelyard cost forecast``."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import click

from steelyard.cli.cost.tables import form_option, out_option, print_rows
from steelyard.cli.opening import Opened, config_option, open_shop
from steelyard.workflows.accounts.forecast import Outlook, day_rows, method_rows, promotion_rows
from steelyard.workflows.budgeting.forecast_traffic import (
    ENGINES,
    ForecastAsked,
    ForecastFit,
    fit_of,
    forecast_traffic,
    months_ahead,
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
@click.option("--engine", type=click.Choice(ENGINES), default="own", show_default=True)
@click.option(
    "--show", type=click.Choice(["months", "days", "promotions", "methods"]), default="months", show_default=True
)
@form_option
@out_option
def command(path: Path, show: str, form: str, out: Path | None, **asked: Any) -> None:
    """Traffic to come with its interval, and what the chosen configurations then cost."""
    shop = open_shop(path)
    outlook = forecast_traffic(shop, ForecastAsked(**asked), note=partial(click.echo, err=True))
    _print(shop, outlook, show, form, out)
    if form == "table" and out is None:
        _say(fit_of(outlook))


def _print(shop: Opened, outlook: Outlook, show: str, form: str, out: Path | None) -> None:
    if show == "days":
        print_rows("traffic by day", _DAYS, day_rows(outlook), form, out=out)
    elif show == "promotions":
        print_rows("promotions ahead", _PROMOTIONS, promotion_rows(outlook), form, out=out)
    elif show == "methods":
        print_rows("methods on the history", _METHODS, method_rows(outlook), form, out=out)
    else:
        found = months_ahead(shop, outlook)
        title = f"traffic and cost by month, {found.currency}" if found.currency else "traffic by month"
        print_rows(title, _TRAFFIC + (_MONEY if found.currency else ()), found.rows, form, out=out)


def _say(fit: ForecastFit) -> None:
    naive = "" if fit.to_naive is None else f", {fit.to_naive:.2f} of the seasonal naive forecast's"
    click.echo(
        f"{fit.method}: mean absolute error {fit.mae:.4g} events a day{naive}, "
        f"from {fit.n_origins} origins, up to {fit.tested_days} days ahead; "
        f"{fit.level:.0%} intervals held {fit.coverage:.0%} of the days."
    )
    share = fit.peak_share
    click.echo(
        f"Busiest hour: {f'{share.value:.1%} of a day, {share.source}' if share else 'a tenth of a day, assumed'}."
    )
    click.echo(
        "Rule: events are an index; [load] requests_per_month stands for the last four weeks, peak_rps for the busiest "
        "day of the last year. Bandwidth goes with the requests, machines with the busiest day, the rest of the bill "
        "stays. A surface's row is on machines of its own, the shop's on those that the decision found cheapest."
    )
    if fit.without_effect:
        click.echo(
            f"No effect known, none applied: {', '.join(fit.without_effect)}. The history never saw them: give an "
            "expected_lift with --promotions."
        )
