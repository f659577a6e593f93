"""``steelyard cost life``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from steelyard.cli.cost.priced import of_option
from steelyard.cli.cost.tables import form_option, out_option, print_rows
from steelyard.cli.opening import config_option, open_shop
from steelyard.cli.values import CURRENCY, DAY, Number
from steelyard.workflows.pricing.life_cost import LifeAsked, life_cost

__all__ = ["command"]

_COLUMNS = ("surface", "configuration", "stage", "once", "monthly", "whole_life", "present_value")


@click.command("life")
@config_option
@of_option
@click.option("--months", type=click.IntRange(1, 600), help="How long it is used; [cost] horizon_months if left out.")
@click.option(
    "--rate",
    type=Number(0, 10, like="0.08"),
    default="0",
    show_default=True,
    help="What money earns elsewhere in a year, such as 0.08.",
)
@click.option(
    "--residual", type=Number(0), default="0", show_default=True, help="What is left at the end, in the currency shown."
)
@click.option("--in", "wanted", type=CURRENCY, help="Currency to tell it in, by --rates; the bill's when left out.")
@click.option("--rates", "rates", type=click.Path(path_type=Path, dir_okay=False),
              help="Rates of exchange (JSON); a row dated in a month to come holds from then on.")  # fmt: skip
@click.option("--on", "on", type=DAY, help="Day it begins; today when left out.")
@form_option
@out_option
def command(path: Path, name: str | None, form: str, out: Path | None, **given: Any) -> None:
    """The whole life, stage by stage: paid once, every month, in all, and in today's money."""
    found = life_cost(open_shop(path), LifeAsked(name=name, **given))
    title = f"{found.currency} over {found.months} months, money at {given['rate']:%} a year"
    print_rows(title, _COLUMNS, found.rows, form, out=out)
