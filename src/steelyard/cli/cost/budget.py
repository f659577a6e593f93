"""``steelyard cost budget``: set, import, show, check."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from steelyard.cli.cost.tables import form_option, out_option, print_rows, row_values
from steelyard.cli.opening import Opened, config_option, open_shop
from steelyard.cli.values import CURRENCY, DAY, MONTH, Number
from steelyard.domain import Money
from steelyard.errors import ConfigError
from steelyard.workflows.bookkeeping.opened_ledger import VIEWS
from steelyard.workflows.budgeting.check_budgets import CheckedBudgets, check_budgets, post_alerts
from steelyard.workflows.budgeting.report_budgets import BudgetAsked, report_budgets
from steelyard.workflows.budgeting.set_budgets import BudgetEntry, import_budgets, set_budget

__all__ = ["command"]

FIRED = 3
"""Exit code of ``check`` when more fired than a warning that prices are old."""
_COLUMNS = (
    "node", "budget", "commitments", "actual", "forecast", "variance", "variance_percent", "expected_variance",
    "available", "volume_variance", "price_variance",
)  # fmt: skip
_ALERTS = ("severity", "rule", "where", "period", "found", "limit", "says")


@click.group("budget")
def command() -> None:
    """Budgets beside what was promised, what was spent, and what the period will have cost at its end."""


def _node_options(made: Callable[..., Any]) -> Callable[..., Any]:
    for name in ("experiment", "team", "configuration", "model", "stage"):
        made = click.option(f"--{name}", default="", help="All where left out.")(made)
    return made


def _report_options(made: Callable[..., Any]) -> Callable[..., Any]:
    options = (
        click.option("--from", "first", type=MONTH, help="First month, 2026-11; this month when left out."),
        click.option("--to", "last", type=MONTH, help="Last month; the first when left out."),
        click.option("--on", type=DAY, help="Day of the report; today when left out."),
        click.option("--view", type=click.Choice(VIEWS), default="accrual", show_default=True),
        click.option("--currency", type=CURRENCY, help="Of the report; that of the budgets when left out."),
        click.option("--rates", type=click.Path(path_type=Path), help="Exchange rates: JSON, dated and sourced."),
        click.option(
            "--quantities",
            type=click.Path(path_type=Path),
            help="What was used: CSV like a budget's, with quantity, unit.",
        ),
    )
    for option in reversed(options):
        made = option(made)
    return made


@command.command("set")
@config_option
@click.option("--amount", type=Number(0), required=True, help="For the whole period, spread evenly over its months.")
@click.option("--currency", type=CURRENCY, required=True, help="ISO 4217 code.")
@click.option("--from", "first_month", type=MONTH, required=True, help="First month, 2026-11.")
@click.option("--to", "last_month", type=MONTH, help="Last month; the first when left out.")
@_node_options
@click.option("--per", type=click.Choice(["period", "month"]), default="period", show_default=True)
@click.option("--commitment", is_flag=True, help="Spending already promised, not a budget.")
@click.option("--quantity", type=Number(0), help="Units it buys over the period.")
@click.option("--unit", default="")
def set_(path: Path, commitment: bool, **row: Any) -> None:
    """Set one budget, or one commitment; the same node and period is replaced."""
    entry = BudgetEntry(kind="commitment" if commitment else "budget", **row)
    kept = set_budget(open_shop(path).store, entry)
    click.echo(f"{kept.node}: {kept.amount} for {_period(kept.first, kept.last)}")


@command.command("import")
@config_option
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Forget all budgets there were.")
def import_(path: Path, file: Path, replace: bool) -> None:
    """Import budgets and commitments from a CSV file; all rows or none."""
    found = import_budgets(open_shop(path), file, is_replacing=replace)
    click.echo(f"{found.n_imported} imported, {found.n_kept} in all")


@command.command("show")
@config_option
@_report_options
@form_option
@out_option
def show(path: Path, form: str, out: Path | None, **asked: Any) -> None:
    """Budget, commitments, actual, forecast and variance of each node."""
    found = report_budgets(open_shop(path), BudgetAsked(**asked), read=_json)
    title = f"{found.period}, {found.currency}, {found.view} view, on {found.on}"
    print_rows(title, _COLUMNS if found.has_split else _COLUMNS[:-2], found.rows, form, out=out)
    _say_waiting(found.waiting)


@command.command("check")
@config_option
@_report_options
@click.option("--notify", is_flag=True, help="Post what fired to [cost.alerts] webhook.")
@form_option
@out_option
@click.pass_context
def check(context: click.Context, /, path: Path, notify: bool, form: str, out: Path | None, **asked: Any) -> None:
    """Look for overspending, jumps, unpriced lines and old prices; exit code 3 when a budget or a bill needs somebody.

    Old prices alone are a warning, and leave the exit code at 0.
    """
    shop = open_shop(path)
    found = check_budgets(shop, BudgetAsked(**asked), read=_json)
    language = "zh" if shop.config.shop.language == "zh" else "en"
    rows = [{**(row := row_values(each)), "says": row[language]} for each in found.alerts]
    print_rows(f"alerts, {found.period}", _ALERTS, rows, form, out=out)
    if notify:
        _notify(shop, found)
    _say_waiting(found.waiting)
    context.exit(FIRED if any(each.is_urgent for each in found.alerts) else 0)


def _notify(shop: Opened, found: CheckedBudgets) -> None:
    key = os.environ.get(shop.config.cost.alerts.webhook_key_env, "").encode() or None
    posted = post_alerts(shop, found, key=key)
    if not posted.n_alerts:
        click.echo("nothing fired, nothing was posted", err=True)
        return
    how = "signed" if key else "not signed"
    click.echo(f"{posted.n_alerts} alerts posted to {posted.address}, {how}", err=True)


def _say_waiting(waiting: Money) -> None:
    if waiting.amount > 0:
        click.echo(
            f"actual includes {waiting} that were invoiced and not allocated yet, as `steelyard cost ledger "
            "allocate` would charge them",
            err=True,
        )


def _period(first: str, last: str) -> str:
    return first if first == last else f"{first} to {last}"


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8-sig"), parse_float=str)
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise ConfigError(f"{path} is not JSON: {error}") from error
