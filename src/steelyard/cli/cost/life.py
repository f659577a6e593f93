"""``steelyard cost life``."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import reduce
from pathlib import Path
from typing import Any

import click

from steelyard.assembly import Tools
from steelyard.cli.cost.priced import SHOP, asked, of_option, shop_total, spread_over, stored_bills
from steelyard.cli.cost.tables import form_option, out_option, print_rows
from steelyard.cli.opening import config_option, open_shop
from steelyard.cli.values import CURRENCY, DAY, Number
from steelyard.cost.exchange import parse_rates
from steelyard.cost.life import life, total_of
from steelyard.domain import Fact, Money
from steelyard.domain.shown import amount
from steelyard.errors import ConfigError, PriceError

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
    opened = open_shop(path)
    currency, entries = stored_bills(opened.store)
    horizon = opened.config.cost.horizon_months
    spread = spread_over(opened.store, horizon)
    months, rate = given["months"] or horizon, given["rate"]
    exchange = _rates(currency, given, months)
    shown = given["wanted"] or currency
    residual = Money(given["residual"], shown)
    rows: list[dict[str, Any]] = []
    whole_shop = shop_total(opened.store) if name is None else None
    told = [(surface, entry.name, entry.lines) for surface, entry in asked(opened.store, entries, name)]
    if whole_shop is not None and whole_shop.lines:
        told.append((SHOP, "all together", whole_shop.lines))
    for surface, configuration, lines in told:
        if not lines:
            raise PriceError(f"{configuration} has no bill, since no machine carries its load: see `steelyard decide`")
        stages = life(lines, currency=currency, months=months, spread_over=spread, annual_rate=rate,
                      rates=exchange)  # fmt: skip
        present = total_of(stages, residual=residual, months=months, annual_rate=rate)
        who = {"surface": surface, "configuration": configuration}
        rows += [{**who, **_row(str(each.stage), each.once, each.monthly, each.whole, each.today)} for each in stages]
        once, monthly, whole = (
            _sum((getattr(each, key) for each in stages), Money(Decimal(0), shown))
            for key in ("once", "monthly", "whole")
        )
        rows.append({**who, **_row("total", once, monthly, whole - residual, present)})
    print_rows(f"{shown} over {months} months, money at {rate:%} a year", _COLUMNS, rows, form, out=out)


def _rates(currency: str, given: dict[str, Any], months: int) -> list[Fact]:
    """The rate of each month, from the table: that of today at most a month old, later ones as it foresees them."""
    wanted, file = given["wanted"], given["rates"]
    if wanted in (None, currency) and file is None:
        return []
    if wanted is None or file is None:
        raise ConfigError(f"the bill is in {currency}: give --in and --rates together to tell it in another currency")
    table = parse_rates(Tools().accounting.bill_files().document(file), where=file.name)
    first = given["on"] or datetime.now(UTC).date()
    table.rate(currency, wanted, on=first)
    days = (date(first.year + (first.month - 1 + n) // 12, (first.month - 1 + n) % 12 + 1, 1) for n in range(1, months))
    return [table.rate(currency, wanted, on=day, max_age_days=31 * (months + 1)) for day in (first, *days)]


def _row(stage: str, once: Money, monthly: Money, whole: Money, present: Money) -> dict[str, str]:
    named = {"once": once, "monthly": monthly, "whole_life": whole, "present_value": present}
    return {"stage": stage, **{name: amount(money.amount) for name, money in named.items()}}


def _sum(found: Iterable[Money], nothing: Money) -> Money:
    return reduce(operator.add, found, nothing)
