"""``cost returns retrain``: how often retraining pays, from how the loss grows and what a training costs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import msgspec

from steelyard.cost.facts import exact
from steelyard.decision.retrain import linear_interval, saturating_interval
from steelyard.domain.shown import plain
from steelyard.errors import ConfigError
from steelyard.workflows.accounts.returns import one_retraining
from steelyard.workflows.open_shop import AccountsShop
from steelyard.workflows.pricing.stored_bills import asked, stored_bills

__all__ = ["LossGrowth", "RetrainingRow", "TrainingCost", "retraining_intervals", "training_costs"]


@dataclass(frozen=True, slots=True)
class LossGrowth:
    """How the loss of a day grows since the last training: without end, or up to a ceiling.

    Raises:
        ConfigError: It is said in both ways, in neither, or half.
    """

    per_day: Decimal | None
    """Money lost in a day more, for each day since the last training."""
    ceiling: Decimal | None
    """Money lost in a day by a model that is never trained again."""
    tau_days: Decimal | None
    """Days in which 63 % of the ceiling is reached."""

    def __post_init__(self) -> None:
        is_one = (self.per_day is None) != (self.ceiling is None)
        if not is_one or (self.ceiling is None) != (self.tau_days is None):
            raise ConfigError("give --loss-growth, or --ceiling and --tau-days: how the loss grows without retraining")


@dataclass(frozen=True, slots=True)
class TrainingCost:
    """What training a configuration again once costs."""

    configuration: str
    cost: Decimal
    currency: str
    """Empty where only an amount was given."""
    source: str


class RetrainingRow(msgspec.Struct, frozen=True, kw_only=True):
    """The interval with the least cost a day, of one configuration."""

    configuration: str
    retraining: str
    """Its cost."""
    every_days: str | None
    """``None`` where it never pays."""
    cost_per_day: str
    """Training and lost value together."""
    pays: bool
    source: str


def training_costs(shop: AccountsShop, name: str | None) -> list[TrainingCost]:
    """What a training costs by the bills.

    Args:
        shop: A shop that was decided.
        name: A configuration; the chosen ones where it is ``None``.

    Returns:
        One for each configuration.

    Raises:
        PriceError: A bill has no priced retraining.
    """
    currency, surfaces = stored_bills(shop.store)
    per_month = exact(shop.config.cost.retrainings_per_month)
    found = []
    for _, entry in asked(shop.store, surfaces, name):
        money = one_retraining(entry, per_month=per_month, currency=currency)
        found.append(TrainingCost(entry.name, money.amount, currency, "retraining lines of the bill: machines"))
    return found


def retraining_intervals(costs: Sequence[TrainingCost], growth: LossGrowth) -> tuple[RetrainingRow, ...]:
    """How often retraining pays.

    Args:
        costs: What a training costs.
        growth: How the loss grows without it.

    Returns:
        One row for each cost.
    """
    return tuple(_row(each, growth) for each in costs)


def _row(training: TrainingCost, growth: LossGrowth) -> RetrainingRow:
    cost = float(training.cost)
    if growth.ceiling is not None and growth.tau_days is not None:
        best = saturating_interval(training=cost, highest_loss=float(growth.ceiling), tau_days=float(growth.tau_days))
    else:
        best = linear_interval(training=cost, growth_per_day=float(growth.per_day or 0))
    pays = math.isfinite(best.days)
    return RetrainingRow(
        configuration=training.configuration,
        retraining=f"{plain(training.cost)} {training.currency}".strip(),
        every_days=_days(best.days) if pays else None,
        cost_per_day=f"{best.cost_per_day:.2f} {training.currency}".strip(),
        pays=pays,
        source=training.source,
    )


def _days(days: float) -> str:
    return f"{days:.2f}" if days >= 1 else plain(exact(days), digits=3)
