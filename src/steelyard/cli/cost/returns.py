"""``steelyard cost returns``: what a better configuration brings, and how often retraining pays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import click

from steelyard.cli.cost.priced import of_option
from steelyard.cli.cost.tables import form_option, out_option, print_rows
from steelyard.cli.opening import config_option, open_shop
from steelyard.cli.values import Number
from steelyard.domain import FactKind
from steelyard.errors import ConfigError
from steelyard.workflows.accounts.retraining import LossGrowth, TrainingCost, retraining_intervals, training_costs
from steelyard.workflows.accounts.returns_report import (
    COUNTED_OF,
    Given,
    Origin,
    ReturnsAsked,
    SaidLifts,
    SaidTraffic,
    returns_report,
)

__all__ = ["command"]

_NUMBER = Number(like="0.02")
_F = TypeVar("_F", bound=Callable[..., Any])
_COLUMNS = ("figure", "expected", "low", "high", "unit", "kind", "source")
_NEEDED = ("sessions", "ctr", "cvr", "cvr_per", "order_value", "margin", "against")
_RETRAINING = ("configuration", "retraining", "every_days", "cost_per_day", "pays", "source")


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
@click.option("--cvr-per", type=click.Choice(COUNTED_OF), help="What --cvr is counted of.")
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
    asked = ReturnsAsked(
        name=name,
        against=given["against"],
        traffic=_traffic(given),
        lifts=_lifts(given),
        investment=given["investment"],
        months=given["months"],
        rate=given["rate"],
    )
    found = returns_report(open_shop(path), asked)
    print_rows(f"{found.judged} instead of {given['against']}, {found.surface}", _COLUMNS, found.rows, form, out=out)


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
def retrain(path: Path, name: str | None, cost: Decimal | None, form: str, out: Path | None, **given: Any) -> None:
    """How often retraining pays: the interval with the least cost a day, training and lost value together."""
    growth = LossGrowth(given["loss_growth"], given["ceiling"], given["tau_days"])
    if cost is not None:
        costs = [TrainingCost(name or "as given", cost, "", "--cost")]
    else:
        costs = training_costs(open_shop(path), name)
    print_rows("how often retraining pays", _RETRAINING, retraining_intervals(costs, growth), form, out=out)


def _traffic(given: Mapping[str, Any]) -> SaidTraffic:
    names = ("sessions", "impressions", "ctr", "cvr", "cvr_per", "order_value", "margin")
    origin = Origin(FactKind(given["traffic_kind"]), given["traffic_source"])
    return SaidTraffic(**{name: given[name] for name in names}, origin=origin)


def _lifts(given: Mapping[str, Any]) -> SaidLifts:
    ctr, cvr, elasticity = (
        Given(given[name], given[f"{name}_low"], given[f"{name}_high"])
        for name in ("lift_ctr", "lift_cvr", "elasticity")
    )
    kind, source = given["elasticity_kind"], given["elasticity_source"]
    return SaidLifts(
        ctr=ctr,
        cvr=cvr,
        origin=Origin(FactKind(given["lift_kind"]), given["lift_source"]),
        is_from_quality=given["from_quality"],
        elasticity=elasticity,
        elasticity_origin=Origin(FactKind(kind), source) if kind is not None and source.strip() else None,
    )
