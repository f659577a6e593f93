"""``steelyard check --price``: what each defect costs."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from steelyard.cli.stage_progress import shown
from steelyard.cli.values import Number
from steelyard.domain import FactKind
from steelyard.errors import ConfigError

if TYPE_CHECKING:
    from steelyard.cli.opening import Opened
    from steelyard.workflows.defect_prices import ValueOfQuality

__all__ = ["price_options", "print_prices"]

_F = TypeVar("_F", bound=Callable[..., Any])
_NUMBER = Number(like="0.02")
_KIND = click.Choice([str(FactKind.MEASURED), str(FactKind.ASSUMED)])
_TRAFFIC = ("sessions", "ctr", "cvr", "cvr_per", "order_value", "margin")


def price_options(command: _F) -> _F:
    """The options of ``--price``."""
    options = (
        click.option("--price", is_flag=True, help="Measure what each defect costs in quality, and in money."),
        click.option(
            "--minutes",
            type=click.FloatRange(0, 600),
            default=5.0,
            show_default=True,
            help="With --price: no model is trained after so many minutes.",
        ),
        click.option("--sessions", type=_NUMBER, help="With --price: sessions a month."),
        click.option("--impressions", type=_NUMBER, default="1", show_default=True, help="Items shown in a session."),
        click.option("--ctr", type=_NUMBER, help="Clicks for each impression: 0.03 is 3 %."),
        click.option("--cvr", type=_NUMBER, help="Orders for each click, or each impression: see --cvr-per."),
        click.option("--cvr-per", type=click.Choice(["click", "impression"]), help="What --cvr is counted of."),
        click.option("--order-value", type=_NUMBER, help="Mean value of an order."),
        click.option("--margin", type=_NUMBER, help="Share of it that is left after the goods."),
        click.option("--elasticity", type=_NUMBER, help="Relative lift of clicks for each unit of relative change."),
        click.option("--elasticity-kind", type=_KIND, default="assumed", show_default=True),
        click.option("--elasticity-source", default="", metavar="TEXT", help="The experiments, or who assumed it."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def print_prices(opened: Opened, context: click.Context) -> None:
    """Measure and print what each defect costs.

    Args:
        opened: A shop that was prepared.
        context: Has the options of ``price_options``, ``as_json`` and ``language``.
    """
    given = context.params
    from steelyard.cli.cost.grid import wrapped  # noqa: PLC0415 - as above
    from steelyard.documents.defect_prices import defect_prices_builtins  # noqa: PLC0415 - slow to import
    from steelyard.reporting.defect_lines import defect_lines  # noqa: PLC0415 - as above
    from steelyard.workflows.defect_prices import PricesAsked, defect_prices  # noqa: PLC0415 - as above

    value = _value(opened, context)
    with shown("price") as progress:
        found = defect_prices(opened, PricesAsked(minutes=given["minutes"], value=value), progress)
    if given["as_json"]:
        click.echo(json.dumps(defect_prices_builtins(found), ensure_ascii=False, indent=1, allow_nan=False))
        return
    width = max(40, shutil.get_terminal_size().columns)
    for told in defect_lines(found, language=given["language"] or opened.config.shop.language):
        for line in wrapped(told, width, indent="  "):
            click.echo(line)


def _value(opened: Opened, context: click.Context) -> ValueOfQuality | None:
    given = context.params
    from steelyard.workflows.accounts.returns_report import Given, Origin, SaidTraffic  # noqa: PLC0415 - as above
    from steelyard.workflows.defect_prices import value_of_quality  # noqa: PLC0415 - as above

    names = (*_TRAFFIC, "elasticity")
    if all(given[name] is None for name in names):
        return None
    if not opened.config.shop.currency:
        raise ConfigError('in which currency are orders paid? set currency in [shop], for example currency = "EUR"')
    lacking = [f"--{name.replace('_', '-')}" for name in names if given[name] is None]
    if lacking:
        raise ConfigError(f"{', '.join(lacking)}: missing; quality is worth something through all of these")
    kind = FactKind(given["elasticity_kind"])
    if kind is FactKind.MEASURED and not given["elasticity_source"].strip():
        raise ConfigError("a measured figure says by what it was measured: add --elasticity-source")
    traffic = SaidTraffic(
        **{name: given[name] for name in (*_TRAFFIC, "impressions")}, origin=Origin(FactKind.ASSUMED, "as given")
    )
    origin = Origin(kind, given["elasticity_source"])
    currency = opened.config.shop.currency
    today = opened.tools.clock.now().date()
    return value_of_quality(traffic, Given(given["elasticity"]), origin, currency=currency, today=today)
