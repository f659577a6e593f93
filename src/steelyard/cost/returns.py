r"""What a better model brings against what it costs: value of a lift, present value, payback, return.

.. math::
    \text{gross profit} = n \cdot \mathrm{CTR} \cdot \mathrm{CVR} \cdot \text{order value} \cdot \text{margin}

.. math::
    \mathrm{NPV} = \sum_{t} \frac{C_t}{(1 + r_m)^t}, \quad r_m = (1 + r)^{1/12} - 1

Cash flows are monthly; the first falls at once, each later one at the end of its month.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from steelyard.cost.facts import EXACT, derived
from steelyard.domain import Fact, FactKind, Money
from steelyard.errors import PriceError

__all__ = [
    "Appraisal",
    "Per",
    "appraise",
    "gross_profit",
    "internal_rate",
    "lift_from_offline",
    "monthly_rate",
    "orders",
    "payback_month",
    "present_value",
    "profit_of",
    "value_of_lifts",
]

_MONTHS = Decimal(12)
_LOWEST_RATE, _HIGHEST_RATE = -0.99, 1e6
"""Yearly rates between which an internal rate is looked for."""


class Per(StrEnum):
    """What a conversion rate is counted of. The two differ by the click rate: never left to be guessed."""

    CLICK = "click"
    IMPRESSION = "impression"


@dataclass(frozen=True, slots=True)
class Appraisal:
    """What an investment is worth. No single figure of it decides."""

    npv: Money
    payback_month: int | None
    """Month at whose end the money is back, undiscounted; ``None`` when it never is within the horizon."""
    roi: Decimal | None
    """Sum of all flows over what was put in, undiscounted; ``None`` where nothing was put in."""
    irr: float | None
    """Yearly internal rate of return; ``None`` where there is none, or more than one."""


def monthly_rate(annual: Decimal) -> Decimal:
    """The monthly rate that compounds to a yearly one: ``(1 + r)^(1/12) − 1``.

    Args:
        annual: > −1; 0.1 is 10 % a year.

    Returns:
        > −1, to 28 digits.

    Raises:
        PriceError: All money would be lost in a year, or more than all.
    """
    if annual <= -1:
        raise PriceError(f"a yearly rate of {annual} loses everything: write 0.1 for 10 %")
    return EXACT.subtract(EXACT.power(1 + annual, EXACT.divide(Decimal(1), _MONTHS)), Decimal(1))


def present_value(flows: Sequence[Money], *, annual_rate: Decimal) -> Money:
    """Value today of monthly flows: ``Σ C_t (1 + r_m)^(−t)``.

    Args:
        flows: At least one; the first falls at once. Costs negative, income positive, or all of one sign.
        annual_rate: > −1.

    Returns:
        In the currency of the flows, not rounded.

    Raises:
        PriceError: There are no flows, currencies differ, or the rate loses everything.
    """
    if not flows:
        raise PriceError("no cash flows: nothing to value")
    growth = 1 + monthly_rate(annual_rate)
    total = Money(Decimal(0), flows[0].currency)
    factor = Decimal(1)
    for flow in flows:
        total += Money(EXACT.divide(flow.amount, factor), flow.currency)
        factor = EXACT.multiply(factor, growth)
    return total


def payback_month(flows: Sequence[Money]) -> int | None:
    """The first month at whose end all flows so far sum to zero or more, undiscounted; ``None`` when there is none."""
    balance = Decimal(0)
    for month, flow in enumerate(flows):
        balance += flow.amount
        if balance >= 0:
            return month
    return None


def internal_rate(flows: Sequence[Money]) -> float | None:
    """The yearly rate at which the flows are worth nothing today.

    Args:
        flows: Monthly, the first at once.

    Returns:
        > −1; ``None`` where flows do not change their sign exactly once, since there is then no rate or several.
    """
    amounts = [float(flow.amount) for flow in flows]
    signs = [amount > 0 for amount in amounts if amount]
    if sum(one != other for one, other in pairwise(signs)) != 1:
        return None

    def worth(rate: float) -> float:
        growth = (1 + rate) ** (1 / 12)
        return float(sum(amount / growth**month for month, amount in enumerate(amounts)))

    if worth(_LOWEST_RATE) * worth(_HIGHEST_RATE) > 0:
        return None
    from scipy.optimize import brentq  # noqa: PLC0415 - slow to import, and the ledger needs only what is above

    return float(brentq(worth, _LOWEST_RATE, _HIGHEST_RATE, xtol=1e-12))


def appraise(flows: Sequence[Money], *, annual_rate: Decimal) -> Appraisal:
    """Present value, payback, return and internal rate of monthly flows.

    Args:
        flows: The first falls at once; what is put in is negative.
        annual_rate: What the money would earn elsewhere in a year.

    Returns:
        All four figures.

    Raises:
        PriceError: As ``present_value``.
    """
    npv = present_value(flows, annual_rate=annual_rate)
    put_in = -sum((flow.amount for flow in flows if flow.amount < 0), Decimal(0))
    total = sum((flow.amount for flow in flows), Decimal(0))
    roi = EXACT.divide(total, put_in) if put_in else None
    return Appraisal(npv, payback_month(flows), roi, internal_rate(flows))


def orders(*, impressions: Decimal, ctr: Decimal, cvr: Decimal, per: Per) -> Decimal:
    """Orders that so many impressions bring.

    Args:
        impressions: Items shown, >= 0.
        ctr: Clicks for each impression, in [0, 1].
        cvr: Orders for each ``per``, in [0, 1].
        per: What ``cvr`` is counted of.

    Returns:
        ``impressions · CTR · CVR`` where it is counted of clicks, ``impressions · CVR`` where of impressions.

    Raises:
        PriceError: A rate is not a share, or more orders than clicks.
    """
    wrong = [f"{name} is {value}" for name, value in (("ctr", ctr), ("cvr", cvr)) if not 0 <= value <= 1]
    if wrong:
        raise PriceError(f"{', '.join(wrong)}: write shares, 0.03 for 3 %")
    if per is Per.CLICK:
        return impressions * ctr * cvr
    if cvr > ctr:
        raise PriceError(f"cvr is {cvr} per impression, and ctr only {ctr}: is it per click?")
    return impressions * cvr


def gross_profit(
    *,
    impressions: Decimal,
    ctr: Decimal,
    cvr_per_click: Decimal,
    order_value: Money,
    margin: Decimal,
) -> Money:
    """Gross profit of what a surface showed: ``impressions · CTR · CVR · order value · margin``.

    Args:
        impressions: Items shown, >= 0.
        ctr: Clicks for each impression, in [0, 1].
        cvr_per_click: Orders for each *click*, in [0, 1]. A rate per impression is smaller by the CTR, see ``orders``.
        order_value: Mean value of an order.
        margin: Share of it that is left after the goods, in [−1, 1].

    Returns:
        In the currency of ``order_value``, not rounded.

    Raises:
        PriceError: A rate is not a share.
    """
    return profit_of(
        orders(impressions=impressions, ctr=ctr, cvr=cvr_per_click, per=Per.CLICK), order_value, margin=margin
    )


def profit_of(n_orders: Decimal, order_value: Money, *, margin: Decimal) -> Money:
    """Gross profit of so many orders.

    Args:
        n_orders: As ``orders`` counts them.
        order_value: Mean value of an order.
        margin: Share of it that is left after the goods, in [−1, 1].

    Returns:
        In the currency of ``order_value``, not rounded.

    Raises:
        PriceError: The margin is not a share.
    """
    if not -1 <= margin <= 1:
        raise PriceError(f"margin is {margin}: write shares, 0.25 for 25 %")
    return order_value * (n_orders * margin)


def value_of_lifts(profit: Money, lifts: Mapping[str, Fact]) -> tuple[Money, Money, Money]:
    """More profit from relative lifts of factors of ``gross_profit``, which multiply.

    Args:
        profit: Before the lifts, for example a month's.
        lifts: By name; 0.02 is +2 %. Each must have been measured online, or be marked as assumed; an offline metric
            must come through ``lift_from_offline``. An interval goes in where the fact has one.

    Returns:
        Expected, low and high: the corners of the intervals, which is wider than their joint 95 %.

    Raises:
        PriceError: A lift of a unit that is not a plain ratio, as an offline metric's difference is.
    """
    wrong = [f"{name} is in {lift.unit!r}" for name, lift in lifts.items() if lift.unit != "ratio"]
    if wrong:
        raise PriceError(
            f"{', '.join(wrong)}: only relative lifts of what shoppers do (unit 'ratio') are worth money; "
            "an offline metric needs an elasticity that was measured, or is marked as assumed"
        )
    ends = [Decimal(1)] * 3
    for lift in lifts.values():
        low = lift.value if lift.low is None else lift.low
        high = lift.value if lift.high is None else lift.high
        ends = [end * (1 + value) for end, value in zip(ends, (lift.value, low, high), strict=True)]
    expected, lowest, highest = (profit * (end - 1) for end in ends)
    return expected, lowest, highest


def lift_from_offline(gain: Fact, elasticity: Fact | None) -> Fact:
    """A lift of what shoppers do from a relative change of an offline metric.

    Args:
        gain: Relative change of the metric, unit ``offline_ratio``.
        elasticity: Relative lift for each unit of relative change, unit ``ratio/offline_ratio``; measured, or assumed
            and marked so.

    Returns:
        Derived, unit ``ratio``, with both facts among its inputs and the corners of their intervals as its own.

    Raises:
        PriceError: There is no elasticity, or it claims to be something else than measured or assumed.
    """
    if elasticity is None:
        raise PriceError(
            f"{gain.source}: an offline metric is not money; give an elasticity that an experiment measured, "
            "or one marked as assumed"
        )
    if elasticity.kind not in (FactKind.MEASURED, FactKind.ASSUMED):
        raise PriceError(f"an elasticity is measured or assumed, this one is {elasticity.kind}: {elasticity.source}")
    corners = [a * b for a in _ends(gain) for b in _ends(elasticity)]
    made = derived(gain.value * elasticity.value, "offline change × elasticity", (gain, elasticity), unit="ratio")
    return Fact(made.value, made.unit, made.kind, made.source, made.as_of, min(corners), max(corners), made.inputs)


def _ends(fact: Fact) -> tuple[Decimal, Decimal]:
    return (
        fact.value if fact.low is None else fact.low,
        fact.value if fact.high is None else fact.high,
    )
