"""``cost life``: what configurations cost over their lives, stage by stage, in their currency or another."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import reduce
from pathlib import Path

import msgspec

from steelyard.cost.exchange import parse_rates
from steelyard.cost.life import LifeStage, life, total_of
from steelyard.documents.bills import BillRow
from steelyard.domain import Fact, Money
from steelyard.domain.shown import amount
from steelyard.errors import ConfigError, PriceError
from steelyard.workflows.open_shop import AccountsShop
from steelyard.workflows.pricing.stored_bills import SHOP, asked, shop_total, spread_over, stored_bills

__all__ = ["LifeAsked", "LifeCost", "LifeRow", "life_cost"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeAsked:
    """Whose life, and in what money."""

    name: str | None
    """A configuration; the chosen ones and the whole shop where it is ``None``."""
    months: int | None
    """How long it is used; ``[cost] horizon_months`` where it is ``None``."""
    rate: Decimal
    """What money earns elsewhere in a year."""
    residual: Decimal
    """What is left at the end, in the currency shown."""
    wanted: str | None
    """Currency to tell it in; the bill's where it is ``None``."""
    rates: Path | None
    """Rates of exchange."""
    on: date | None
    """Day it begins; today where it is ``None``."""


class LifeRow(msgspec.Struct, frozen=True, kw_only=True):
    """One stage of a life, or its total; amounts as they are shown."""

    surface: str
    configuration: str
    stage: str
    once: str
    monthly: str
    whole_life: str
    present_value: str


@dataclass(frozen=True, slots=True)
class LifeCost:
    """Lives, stage by stage."""

    currency: str
    months: int
    rows: tuple[LifeRow, ...]


def life_cost(shop: AccountsShop, asked_for: LifeAsked) -> LifeCost:
    """The cost of whole lives.

    Args:
        shop: A shop that was priced.
        asked_for: Whose, and in what money.

    Returns:
        A row for each stage and a total, configuration by configuration.

    Raises:
        ConfigError: No configuration has that name, or a currency was given without rates.
        PriceError: A configuration has no bill, or a rate is not known.
        StageError: Nothing was priced yet.
    """
    currency, entries = stored_bills(shop.store)
    horizon = shop.config.cost.horizon_months
    spread = spread_over(shop.store, horizon)
    months = asked_for.months or horizon
    exchange = _rates(shop, currency, asked_for, months)
    shown = asked_for.wanted or currency
    whole_shop = shop_total(shop.store) if asked_for.name is None else None
    told: list[tuple[str, str, Sequence[BillRow]]] = [
        (surface, entry.name, entry.lines) for surface, entry in asked(shop.store, entries, asked_for.name)
    ]
    if whole_shop is not None and whole_shop.lines:
        told.append((SHOP, "all together", whole_shop.lines))
    rows: list[LifeRow] = []
    for surface, configuration, lines in told:
        if not lines:
            raise PriceError(f"{configuration} has no bill, since no machine carries its load: see `steelyard decide`")
        stages = life(lines, currency=currency, months=months, spread_over=spread, annual_rate=asked_for.rate,
                      rates=exchange)  # fmt: skip
        rows += _rows((surface, configuration), stages, Money(asked_for.residual, shown), months, asked_for.rate)
    return LifeCost(shown, months, tuple(rows))


def _rows(
    whose: tuple[str, str], stages: Sequence[LifeStage], residual: Money, months: int, rate: Decimal
) -> list[LifeRow]:
    present = total_of(stages, residual=residual, months=months, annual_rate=rate)
    rows = [_row(whose, str(each.stage), (each.once, each.monthly, each.whole, each.today)) for each in stages]
    nothing = Money(Decimal(0), residual.currency)
    once, monthly, whole = (
        _sum((getattr(each, key) for each in stages), nothing) for key in ("once", "monthly", "whole")
    )
    return [*rows, _row(whose, "total", (once, monthly, whole - residual, present))]


def _rates(shop: AccountsShop, currency: str, asked_for: LifeAsked, months: int) -> list[Fact]:
    """The rate of each month, from the table: that of today at most a month old, later ones as it foresees them."""
    wanted, file = asked_for.wanted, asked_for.rates
    if wanted in (None, currency) and file is None:
        return []
    if wanted is None or file is None:
        raise ConfigError(f"the bill is in {currency}: give --in and --rates together to tell it in another currency")
    table = parse_rates(shop.tools.accounting.bill_files().document(file), where=file.name)
    first = asked_for.on or shop.tools.clock.now().date()
    table.rate(currency, wanted, on=first)
    days = (date(first.year + (first.month - 1 + n) // 12, (first.month - 1 + n) % 12 + 1, 1) for n in range(1, months))
    return [table.rate(currency, wanted, on=day, max_age_days=31 * (months + 1)) for day in (first, *days)]


def _row(whose: tuple[str, str], stage: str, money: tuple[Money, Money, Money, Money]) -> LifeRow:
    once, monthly, whole, present = (amount(each.amount) for each in money)
    return LifeRow(
        surface=whose[0],
        configuration=whose[1],
        stage=stage,
        once=once,
        monthly=monthly,
        whole_life=whole,
        present_value=present,
    )


def _sum(found: Iterable[Money], nothing: Money) -> Money:
    return reduce(operator.add, found, nothing)
