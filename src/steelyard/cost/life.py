r"""What a configuration costs over its life: what is paid once, what comes back every month, and both in today's money.

.. math::
    C = \mathrm{FX}(0) \sum_i o_i + \sum_{t=0}^{n-1} \frac{\mathrm{FX}(t) \sum_i m_i}{(1 + r_m)^t}
        - \frac{\text{residual}}{(1 + r_m)^n}
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from steelyard.cost.facts import EXACT
from steelyard.cost.returns import present_value
from steelyard.documents.bills import BillRow
from steelyard.domain import Fact, Money, Stage
from steelyard.errors import PriceError

__all__ = ["LifeStage", "at_rates", "life", "lifecycle_cost", "total_of"]


@dataclass(frozen=True, slots=True)
class LifeStage:
    """One stage of the life."""

    stage: Stage
    once: Money
    """Paid at the beginning."""
    monthly: Money
    """In the first month; later ones differ where rates of exchange do."""
    whole: Money
    """Over all months, as it will be paid."""
    today: Money
    """The same in today's money."""


def life(
    lines: Iterable[BillRow],
    *,
    currency: str,
    months: int,
    spread_over: int,
    annual_rate: Decimal = Decimal(0),
    rates: Sequence[Fact] = (),
) -> list[LifeStage]:
    """The life of a configuration, stage by stage.

    Args:
        lines: Of a month's bill.
        currency: Of all of them.
        months: How long it is used, >= 1.
        spread_over: Months over which the bill spreads what is paid once.
        annual_rate: What the money would earn elsewhere in a year, > -1.
        rates: Of exchange, one for each month; the life is told in their currency. None leaves it in ``currency``.

    Returns:
        Stages that cost something, in the order of the lifecycle.

    Raises:
        PriceError: A line has no price: the life has no total then; or there are no months.
    """
    if months < 1 or annual_rate <= -1:
        raise PriceError(f"a life of {months} months at {annual_rate} a year: give at least a month, a rate above -1")
    sums: dict[Stage, tuple[Decimal, Decimal]] = {}
    for line in lines:
        if line.unit_price is None:
            raise PriceError(f"{line.item} has no price, so its life has none: {line.source}")
        cost = line.quantity * line.unit_price
        once, monthly = sums.get(line.stage, (Decimal(0), Decimal(0)))
        sums[line.stage] = (once + cost * spread_over, monthly) if line.is_one_off else (once, monthly + cost)
    return [
        _stage(stage, [Money(cost, currency) for cost in sums[stage]], months, annual_rate, rates)
        for stage in Stage
        if stage in sums and any(sums[stage])
    ]


def total_of(stages: Iterable[LifeStage], *, residual: Money, months: int, annual_rate: Decimal) -> Money:
    """The whole life in today's money, less what is left at its end.

    Args:
        stages: Of one life.
        residual: Worth at the end of the last month.
        months: How long it is used.
        annual_rate: As ``life``.

    Returns:
        Not rounded.
    """
    today = sum((each.today.amount for each in stages), Decimal(0))
    nothing = Money(Decimal(0), residual.currency)
    return Money(today, residual.currency) + lifecycle_cost(
        [nothing] * months, annual_rate=annual_rate, residual=residual
    )


def at_rates(costs: Sequence[Money], rates: Sequence[Fact]) -> list[Money]:
    """Costs of each month at the rate of that month: ``FX(t) · C_t``.

    Args:
        costs: Of each month.
        rates: One for each month, in ``CNY/USD`` for costs in USD that are wanted in CNY; as ``RateTable.rate`` gives
            them, or assumed for months to come.

    Returns:
        In the currency of the rates, not rounded.

    Raises:
        PriceError: Not one rate for each month, or a rate from another currency than the cost's.
    """
    if len(rates) != len(costs):
        raise PriceError(f"{len(costs)} months of costs and {len(rates)} rates of exchange: give one for each month")
    made = []
    for month, (cost, rate) in enumerate(zip(costs, rates, strict=True), start=1):
        target, _, source = rate.unit.partition("/")
        if source != cost.currency:
            raise PriceError(f"month {month} costs {cost.currency}, its rate is in {rate.unit}: give a rate from it")
        made.append(Money(EXACT.multiply(cost.amount, rate.value), target))
    return made


def lifecycle_cost(
    costs: Sequence[Money], *, annual_rate: Decimal, residual: Money | None = None, rates: Sequence[Fact] = ()
) -> Money:
    """Value today of all a thing costs over its life, less what it is worth at the end.

    Args:
        costs: Of each month, the first at once; people, machines and overhead together.
        annual_rate: What the money would earn elsewhere in a year.
        residual: Worth at the end of the last month, in the currency of the result; none when left out.
        rates: Of exchange, as ``at_rates``; none where the costs stay in their currency.

    Returns:
        Not rounded.

    Raises:
        PriceError: As ``present_value`` and ``at_rates``.
    """
    value = present_value(at_rates(costs, rates) if rates else costs, annual_rate=annual_rate)
    if residual is None:
        return value
    nothing = Money(Decimal(0), residual.currency)
    return value - present_value([*[nothing] * len(costs), residual], annual_rate=annual_rate)


def _stage(stage: Stage, costs: Sequence[Money], months: int, annual_rate: Decimal, rates: Sequence[Fact]) -> LifeStage:
    (once,) = at_rates(costs[:1], rates[:1]) if rates else costs[:1]
    monthly = [costs[1]] * months
    paid = at_rates(monthly, rates) if rates else monthly
    today = once + lifecycle_cost(monthly, annual_rate=annual_rate, rates=rates)
    whole = sum((each.amount for each in paid), once.amount)
    return LifeStage(stage, once, paid[0], Money(whole, once.currency), today)
