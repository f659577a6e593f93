"""``steelyard cost budget``: set, import, show, check."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from steelyard.cli.cost.opened_ledger import open_ledger
from steelyard.cli.cost.tables import form_option, out_option, print_rows
from steelyard.cli.opening import Opened, config_option, open_shop
from steelyard.cli.values import CURRENCY, DAY, MONTH, Number
from steelyard.cost.exchange import parse_rates
from steelyard.documents.bills import read_bills
from steelyard.documents.decision import read_decision
from steelyard.documents.forecast import read_forecast
from steelyard.domain import Money
from steelyard.errors import ConfigError, StageError
from steelyard.ledger.entries import Month, View
from steelyard.planning.alerts import Alert, Limits, budget_alerts, jump_alerts, price_alerts
from steelyard.planning.budget import Planned, Row, months_between
from steelyard.workflows.accounts.budget import Asked, Budgets, added, budget_rows, keep, kept, planned, traffic_between

__all__ = ["command"]

FIRED = 3
"""Exit code of ``check`` when more fired than a warning that prices are old."""
_NEEDED = ("first_month", "amount", "currency")
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
        click.option("--view", type=click.Choice([str(each) for each in View]), default="accrual", show_default=True),
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
    store = open_shop(path).store
    more = planned([row | {"kind": "commitment" if commitment else "budget"}], where="--amount and its options")
    keep(store, added(kept(store), more))
    first, last = more[0].first, more[0].last
    click.echo(f"{more[0].node}: {more[0].amount} for {first if first == last else f'{first} to {last}'}")


@command.command("import")
@config_option
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Forget all budgets there were.")
def import_(path: Path, file: Path, replace: bool) -> None:
    """Import budgets and commitments from a CSV file; all rows or none."""
    shop = open_shop(path)
    more = planned(shop.tools.accounting.table(file, needed=_NEEDED), where=file.name)
    plan = added([] if replace else kept(shop.store), more)
    keep(shop.store, plan)
    click.echo(f"{len(more)} imported, {len(plan)} in all")


@command.command("show")
@config_option
@_report_options
@form_option
@out_option
def show(path: Path, form: str, out: Path | None, **asked: Any) -> None:
    """Budget, commitments, actual, forecast and variance of each node."""
    shop = open_shop(path)
    wanted, found = _found(shop, asked)
    title = f"{_period(wanted)}, {wanted.currency}, {wanted.view} view, on {wanted.today}"
    rows = [_row(each) for each in found.rows]
    has_split = any(row["volume_variance"] is not None for row in rows)
    print_rows(title, _COLUMNS if has_split else _COLUMNS[:-2], rows, form, out=out)
    _say_waiting(found)


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
    wanted, found = _found(shop, asked)
    alerts = _alerts(shop, wanted, found)
    print_rows(f"alerts, {_period(wanted)}", _ALERTS, _alert_rows(shop, alerts), form, out=out)
    if notify:
        _notify(shop, wanted, alerts)
    _say_waiting(found)
    context.exit(FIRED if any(each.rule != "stale_prices" for each in alerts) else 0)


def _found(shop: Opened, asked: Mapping[str, Any]) -> tuple[Asked, Budgets]:
    plan = kept(shop.store)
    if not plan:
        raise StageError("no budget was set yet: `steelyard cost budget set --amount … --currency … --from …`")
    wanted = _asked(shop, plan, asked)
    with open_ledger(shop) as ledger:
        return wanted, budget_rows(plan, ledger, wanted)


def _asked(shop: Opened, plan: Sequence[Planned], asked: Mapping[str, Any]) -> Asked:
    today = asked["on"] or datetime.now(UTC).date()
    first = Month.parse(asked["first"]) if asked["first"] else Month.of(today)
    last = Month.parse(asked["last"]) if asked["last"] else first
    currencies = sorted({each.amount.currency for each in plan})
    if not asked["currency"] and len(currencies) > 1:
        raise ConfigError(f"the budgets are in {', '.join(currencies)}: choose one with --currency")
    if last < first:
        raise ConfigError(f"--from {first} is after --to {last}")
    rates = asked["rates"]
    known = _traffic(shop)
    return Asked(
        months_between(first, last),
        today,
        asked["currency"] or currencies[0],
        view=View(asked["view"]),
        rates=parse_rates(_json(rates), where=rates.name) if rates else None,
        traffic=traffic_between(known) if known else None,
        quantities=_quantities(shop, asked["quantities"]),
    )


def _traffic(shop: Opened) -> Mapping[date, Decimal] | None:
    """Requests by day of the newest forecast, where there is one."""
    if not shop.store.has("forecast"):
        return None
    from steelyard.workflows.accounts.forecast import traffic_of  # noqa: PLC0415 - slow to import

    return traffic_of(read_forecast(shop.store.read_json("forecast")))


def _quantities(shop: Opened, path: Path | None) -> dict[Any, tuple[Decimal, str]]:
    if path is None:
        return {}
    rows = shop.tools.accounting.table(path, needed=("quantity", "unit"))
    neutral = {"first_month": "2000-01", "amount": "0", "currency": "XXX"}
    found = planned([{**row, **neutral} for row in rows], where=path.name)
    return {each.node: (each.quantity, each.unit) for each in found if each.quantity is not None}


def _alerts(shop: Opened, wanted: Asked, found: Budgets) -> list[Alert]:
    chosen, period = shop.config.cost.alerts, _period(wanted)
    limits = Limits(Decimal(str(chosen.actual_percent)), Decimal(str(chosen.jump_percent)))
    alerts = budget_alerts(found.rows, limits, period=period)
    if len(wanted.months) == 1:
        alerts += jump_alerts(found.rows, found.before, limits, period=period)
    stale = shop.book().stale(wanted.today, after_days=shop.config.cost.stale_after_days)
    return alerts + price_alerts(_unpriced(shop), stale, period=period)


def _alert_rows(shop: Opened, alerts: Sequence[Alert]) -> list[dict[str, Any]]:
    """As data, with the sentence in the shop's language."""
    language = "zh" if shop.config.shop.language == "zh" else "en"
    return [(row := each.as_json()) | {"says": row[language]} for each in alerts]


def _unpriced(shop: Opened) -> Iterator[tuple[str, str]]:
    """Items without a price on the bills of the chosen configurations."""
    if not (shop.store.has("bills") and shop.store.has("decision")):
        return
    names = {surface.chosen for surface in read_decision(shop.store.read_json("decision")).surfaces}
    for entries in read_bills(shop.store.read_json("bills")).surfaces.values():
        yield from ((entry.name, item) for entry in entries if entry.name in names for item in entry.unpriced)


def _notify(shop: Opened, wanted: Asked, alerts: Sequence[Alert]) -> None:
    chosen = shop.config.cost.alerts
    if chosen.webhook is None:
        raise ConfigError("--notify needs an address: set webhook under [cost.alerts]")
    key = os.environ.get(chosen.webhook_key_env, "").encode() or None
    hook = shop.tools.accounting.hook(
        chosen.webhook, allows_http=chosen.webhook_allows_http, networks=chosen.webhook_networks, key=key
    )
    if not alerts:
        click.echo("nothing fired, nothing was posted", err=True)
        return
    body = {"shop": shop.config.shop.name, "period": _period(wanted), "alerts": [each.as_json() for each in alerts]}
    hook.post(body, now=datetime.now(UTC))
    click.echo(f"{len(alerts)} alerts posted to {hook.shown}, {'signed' if key else 'not signed'}", err=True)


def _row(row: Row) -> dict[str, Any]:
    variance, split = row.variance, row.split
    percent = row.percent(variance) if variance else None
    return {
        "node": "without a budget" if row.node is None else str(row.node),
        "budget": _amount(row.budget),
        "commitments": _amount(row.commitments),
        "actual": _amount(row.actual),
        "forecast": _amount(row.forecast),
        "variance": _amount(variance),
        "variance_percent": None if percent is None else percent.quantize(Decimal("0.1")),
        "expected_variance": _amount(row.expected_variance),
        "available": _amount(row.available),
        "volume_variance": _amount(split.volume if split else None),
        "price_variance": _amount(split.price if split else None),
    }


def _amount(money: Money | None) -> Decimal | None:
    return None if money is None else money.rounded().amount


def _say_waiting(found: Budgets) -> None:
    if found.waiting.amount > 0:
        click.echo(
            f"actual includes {found.waiting} that were invoiced and not allocated yet, as `steelyard cost ledger "
            "allocate` would charge them",
            err=True,
        )


def _period(wanted: Asked) -> str:
    first, last = wanted.months[0], wanted.months[-1]
    return str(first) if first == last else f"{first} to {last}"


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8-sig"), parse_float=str)
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise ConfigError(f"{path} is not JSON: {error}") from error
