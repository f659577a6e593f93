"""``steelyard cost returns``: what a better configuration brings, and how often retraining pays."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import click

from steelyard.cli.cost.priced import asked, of_option, spread_over, stored_bills
from steelyard.cli.cost.tables import form_option, out_option, print_rows
from steelyard.cli.opening import config_option, open_shop
from steelyard.cli.values import Number
from steelyard.cost.facts import exact
from steelyard.cost.returns import Per, lift_from_offline, orders, profit_of
from steelyard.decision.retrain import linear_interval, saturating_interval
from steelyard.documents.bills import BillEntry
from steelyard.documents.decision import read_decision
from steelyard.domain import Fact, FactKind, Money
from steelyard.domain.shown import plain
from steelyard.errors import ConfigError
from steelyard.workflows.accounts.returns import (
    Choice,
    Returns,
    choice_of,
    costs,
    one_retraining,
    quality_change,
    returns,
)

__all__ = ["command"]

_NUMBER = Number(like="0.02")
_F = TypeVar("_F", bound=Callable[..., Any])
_COLUMNS = ("figure", "expected", "low", "high", "unit", "kind", "source")
_NEEDED = ("sessions", "ctr", "cvr", "cvr_per", "order_value", "margin", "against")

_MAX_AMOUNT = 10**15


def _amount(*names: str, **more: Any) -> Callable[[_F], _F]:
    """An option that takes a decimal."""
    return click.option(*names, type=_NUMBER, **more)


_ORIGIN = click.Choice([str(FactKind.MEASURED), str(FactKind.ASSUMED)])


@click.group("returns", invoke_without_command=True)
@config_option
@of_option
@click.option(
    "--against", metavar="CONFIGURATION", help="What it is judged against, for example the one that runs now."
)
@_amount("--sessions", help="Sessions a month.")
@_amount("--impressions", default="1", show_default=True, help="Items shown in a session.")
@_amount("--ctr", help="Clicks for each impression: 0.03 is 3 %.")
@_amount("--cvr", help="Orders for each click, or each impression: see --cvr-per.")
@click.option("--cvr-per", type=click.Choice([str(each) for each in Per]), help="What --cvr is counted of.")
@_amount("--order-value", help="Mean value of an order, in the currency of the bills.")
@_amount("--margin", help="Share of it that is left after the goods.")
@click.option("--traffic-kind", type=_ORIGIN, default="assumed", show_default=True)
@click.option(
    "--traffic-source", default="", metavar="TEXT", help="Where traffic, order value and margin were counted."
)
@_amount("--lift-ctr", help="Relative lift of the click rate: 0.02 is +2 %.")
@_amount("--lift-ctr-low")
@_amount("--lift-ctr-high")
@_amount("--lift-cvr", help="Relative lift of the conversion rate.")
@_amount("--lift-cvr-low")
@_amount("--lift-cvr-high")
@click.option("--lift-kind", type=_ORIGIN, default="assumed", show_default=True)
@click.option("--lift-source", default="", metavar="TEXT", help="The experiment, or who assumed it.")
@click.option("--from-quality", is_flag=True, help="Lift of clicks from the offline metric, by an elasticity.")
@_amount("--elasticity", help="Relative lift of clicks for each unit of relative offline change.")
@_amount("--elasticity-low")
@_amount("--elasticity-high")
@click.option("--elasticity-kind", type=_ORIGIN)
@click.option(
    "--elasticity-source", default="", metavar="TEXT", help="The experiments it was measured in, or who assumed it."
)
@_amount("--investment", default="0", show_default=True, help="Put in at once, beside the bills.")
@click.option("--months", type=click.IntRange(1, 600), help="How long it lasts; [cost] horizon_months when left out.")
@_amount("--rate", default="0.1", show_default=True, help="What the money would earn elsewhere in a year.")
@form_option
@out_option
@click.pass_context
def command(ctx: click.Context, /, path: Path, name: str | None, form: str, out: Path | None, **given: Any) -> None:
    """What the chosen configuration brings instead of another: gross profit, NPV, payback, ROI, IRR.

    Costs come from the stored bills; traffic and lifts are what you say they are, and are shown so. `returns retrain`
    finds how often retraining pays.
    """
    if ctx.invoked_subcommand is not None:
        return
    lacking = [f"--{key.replace('_', '-')}" for key in _NEEDED if given[key] is None]
    if lacking:
        raise ConfigError(f"{', '.join(lacking)}: missing; a return needs traffic, what an order leaves, and a lift")
    opened = open_shop(path)
    currency, surfaces = stored_bills(opened.store)
    own = _judged(opened.store, surfaces, name, given["against"])
    choice = choice_of(surfaces, own, given["against"])
    spent = costs(
        choice, currency=currency, horizon_months=spread_over(opened.store, opened.config.cost.horizon_months)
    )
    n_orders = orders(
        impressions=given["sessions"] * given["impressions"],
        ctr=given["ctr"],
        cvr=given["cvr"],
        per=Per(given["cvr_per"]),
    )
    profit = profit_of(n_orders, Money(given["order_value"], currency), margin=given["margin"])
    traffic = _fact({"profit": profit.amount}, "profit", currency, given["traffic_kind"], given["traffic_source"])
    months = given["months"] or opened.config.cost.horizon_months
    lifts = _lifts(given, opened.store, choice)
    found = returns(
        traffic,
        lifts,
        spent,
        investment=Money(given["investment"], currency),
        months=months,
        annual_rate=given["rate"],
    )
    at_once = spent.at_once + Money(given["investment"], currency)
    rows = [
        _row("gross profit a month before", [profit], currency, str(traffic.kind), traffic.source),
        *(_row(f"lift of {key}", _ends(lift), "ratio", str(lift.kind), lift.source) for key, lift in lifts.items()),
        *_money_rows(found, currency, spent_monthly=spent.monthly, at_once=at_once),
        *_appraisal_rows(found, currency, months=months, rate=given["rate"], at_once=at_once),
    ]
    print_rows(f"{own} instead of {given['against']}, {choice.surface}", _COLUMNS, rows, form, out=out)


@command.command("retrain")
@config_option
@of_option
@_amount("--loss-growth", help="Money lost in a day more for each day since the last training.")
@click.option(
    "--ceiling", type=_NUMBER, help="Money lost in a day by a model never trained again, where the loss levels off."
)
@_amount("--tau-days", help="Days in which 63 % of the ceiling is reached.")
@_amount("--cost", help="Of one retraining; from the bill when left out.")
@form_option
@out_option
def retrain(path: Path, name: str | None, form: str, out: Path | None, **given: Any) -> None:
    """How often retraining pays: the interval with the least cost a day, training and lost value together."""
    growth, ceiling, tau = given["loss_growth"], given["ceiling"], given["tau_days"]
    if (growth is None) == (ceiling is None) or (ceiling is None) != (tau is None):
        raise ConfigError("give --loss-growth, or --ceiling and --tau-days: how the loss grows without retraining")
    rows = []
    for label, cost, currency, source in _training_costs(path, name, given["cost"]):
        if growth is not None:
            best = linear_interval(training=float(cost), growth_per_day=float(growth))
        else:
            best = saturating_interval(training=float(cost), highest_loss=float(ceiling), tau_days=float(tau))
        pays = math.isfinite(best.days)
        rows.append(
            {
                "configuration": label,
                "retraining": f"{plain(cost)} {currency}".strip(),
                "every_days": _days(best.days) if pays else None,
                "cost_per_day": f"{best.cost_per_day:.2f} {currency}".strip(),
                "pays": pays,
                "source": source,
            }
        )
    print_rows("how often retraining pays", tuple(rows[0]), rows, form, out=out)


def _days(days: float) -> str:
    return f"{days:.2f}" if days >= 1 else plain(exact(days), digits=3)


def _training_costs(path: Path, name: str | None, cost: Decimal | None) -> list[tuple[str, Decimal, str, str]]:
    """Configuration, price of a training, currency and where it comes from."""
    if cost is not None:
        return [(name or "as given", cost, "", "--cost")]
    opened = open_shop(path)
    currency, surfaces = stored_bills(opened.store)
    per_month = exact(opened.config.cost.retrainings_per_month)
    found = []
    for _, entry in asked(opened.store, surfaces, name):
        money = one_retraining(entry, per_month=per_month, currency=currency)
        found.append((entry.name, money.amount, currency, "retraining lines of the bill: machines"))
    return found


def _judged(store: Any, surfaces: Mapping[str, Sequence[BillEntry]], name: str | None, against: str) -> str:
    """The configuration asked about: the chosen one of the surface of ``against`` where none was named."""
    if name is not None:
        return name
    of_surface = {entry.name: surface for surface, entries in surfaces.items() for entry in entries}
    if against not in of_surface:
        raise ConfigError(f"no configuration {against}; known: {', '.join(sorted(of_surface))}")
    for surface, entry in asked(store, surfaces, None):
        if surface == of_surface[against]:
            return entry.name
    raise ConfigError(f"nothing was chosen for {of_surface[against]}: name a configuration with --of")


def _lifts(given: Mapping[str, Any], store: Any, choice: Choice) -> dict[str, Fact]:
    lifts = {}
    for key in ("ctr", "cvr"):
        if given[f"lift_{key}"] is not None:
            said = f"lift_{key}"
            lifts[key] = _fact(given, said, "ratio", given["lift_kind"], given["lift_source"])
    if given["from_quality"]:
        if "ctr" in lifts:
            raise ConfigError("--from-quality and --lift-ctr both lift the clicks: give one")
        lifts["ctr"] = lift_from_offline(
            quality_change(read_decision(store.read_json("decision")), choice), _elasticity(given)
        )
    return lifts


def _elasticity(given: Mapping[str, Any]) -> Fact | None:
    if given["elasticity"] is None:
        return None
    if given["elasticity_kind"] is None or not given["elasticity_source"].strip():
        raise ConfigError(
            "an elasticity needs --elasticity-kind measured or assumed, and --elasticity-source: which experiments, or "
            "who assumed it"
        )
    source, kind = given["elasticity_source"], given["elasticity_kind"]
    return _fact(given, "elasticity", "ratio/offline_ratio", kind, source)


def _fact(given: Mapping[str, Any], key: str, unit: str, kind: str, source: str) -> Fact:
    option = {"profit": "traffic", "elasticity": "elasticity"}.get(key, "lift")
    if kind == FactKind.MEASURED and not source.strip():
        raise ConfigError(f"a measured figure says by what it was measured: add --{option}-source")
    value, low, high = (given.get(name) for name in (key, f"{key}_low", f"{key}_high"))
    assert value is not None
    if (low is None) != (high is None) or (low is not None and not low <= value <= high):
        raise ConfigError(f"--{key.replace('_', '-')} {value} needs a low and a high end around it, or none")
    return Fact(value, unit, FactKind(kind), source or "as given", datetime.now(UTC).date(), low, high)


def _ends(fact: Fact) -> list[Decimal]:
    return [fact.value] if fact.low is None or fact.high is None else [fact.value, fact.low, fact.high]


def _row(figure: str, values: list[Any], unit: str, kind: str, source: str) -> dict[str, Any]:
    """A row whose ends are shown only where they differ from what is expected."""
    shown = [_shown(value) for value in values]
    low, high = shown[1:3] if len(shown) == 3 and not shown[0] == shown[1] == shown[2] else (None, None)
    return {
        "figure": figure,
        "expected": shown[0],
        "low": low,
        "high": high,
        "unit": unit,
        "kind": kind,
        "source": source,
    }


def _shown(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, Money):
        return str(value.rounded().amount)
    return str(value) if isinstance(value, int) else plain(exact(value), digits=6)


def _money_rows(found: Returns, currency: str, *, spent_monthly: Money, at_once: Money) -> list[dict[str, Any]]:
    kind = str(found.kind)
    return [
        _row("more gross profit a month", list(found.gain), currency, kind, "profit x (product of (1 + lift) - 1)"),
        _row("more cost a month", [spent_monthly], currency, "derived", "the two bills, less what is paid once"),
        _row("net a month", list(found.net), currency, kind, "profit - cost"),
        _row("put in at once", [at_once], currency, "derived", "one-off lines of the two bills + --investment"),
    ]


def _appraisal_rows(
    found: Returns, currency: str, *, months: int, rate: Decimal, at_once: Money
) -> list[dict[str, Any]]:
    kind, judged = str(found.kind), found.appraisals
    rows = [
        _row(f"NPV over {months} months", [each.npv for each in judged], currency, kind, f"at {plain(rate)} a year")
    ]
    if at_once.amount <= 0:
        nothing = "nothing is put in at once, so nothing is paid back"
        return [*rows, *(_row(figure, [None], "", kind, nothing) for figure in ("payback", "ROI", "IRR"))]
    return [
        *rows,
        _row("payback", [each.payback_month for each in judged], "month", kind, "undiscounted; none: never"),
        _row("ROI", [each.roi for each in judged], "ratio", kind, "all flows / what was put in"),
        _row("IRR", [each.irr for each in judged], "ratio/year", kind, "none: no rate, or several"),
    ]
