r"""When a retraining pays: a model grows stale, a training costs money, and between them lies an interval.

With a loss that grows by d a day, the mean cost a day is :math:`R/T + dT/2`, least at :math:`T^* = \sqrt{2R/d}`.
With a loss that saturates, :math:`L(1 - e^{-t/\tau})`, it is least where
:math:`L(\tau - (T + \tau)e^{-T/\tau}) = R`, which has a solution only if :math:`R < L\tau`: a dearer training never
pays.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from steelyard.errors import PriceError

__all__ = ["Interval", "linear_interval", "pays_now", "saturating_interval"]

_LONGEST = 60.0
"""Time constants after which a saturated loss cannot grow any more in double precision."""


@dataclass(frozen=True, slots=True)
class Interval:
    """How often to retrain."""

    days: float
    """Infinite where retraining never pays."""
    cost_per_day: float
    """Training and lost value together, in the currency of both."""


def linear_interval(*, training: float, growth_per_day: float, days: float | None = None) -> Interval:
    """The best interval where the daily loss grows by the same amount each day.

    Args:
        training: Cost of one retraining, > 0.
        growth_per_day: Daily loss added by each day without retraining, > 0.
        days: An interval to be judged instead of the best.

    Returns:
        The interval and its mean cost a day.

    Raises:
        PriceError: A figure is not above zero.
    """
    _positive(training=training, growth_per_day=growth_per_day, days=1.0 if days is None else days)
    chosen = math.sqrt(2 * training / growth_per_day) if days is None else days
    return Interval(chosen, training / chosen + growth_per_day * chosen / 2)


def saturating_interval(*, training: float, highest_loss: float, tau_days: float) -> Interval:
    """The best interval where the daily loss approaches a ceiling: ``L (1 − e^(−t/τ))``.

    Args:
        training: Cost of one retraining, > 0.
        highest_loss: Daily loss of a model that was never retrained, > 0.
        tau_days: Days in which 63 % of it is reached, > 0.

    Returns:
        The interval and its mean cost a day; an infinite one, which costs the ceiling, where ``R >= L τ``.

    Raises:
        PriceError: A figure is not above zero.
    """
    _positive(training=training, highest_loss=highest_loss, tau_days=tau_days)
    if training >= highest_loss * tau_days:
        return Interval(math.inf, highest_loss)

    def surplus(days: float) -> float:
        return highest_loss * (tau_days - (days + tau_days) * math.exp(-days / tau_days)) - training

    if surplus(_LONGEST * tau_days) <= 0:
        return Interval(math.inf, highest_loss)
    from scipy.optimize import brentq  # noqa: PLC0415 - slow to import

    days = float(brentq(surplus, 0.0, _LONGEST * tau_days, xtol=1e-10))
    return Interval(days, highest_loss * (1 - math.exp(-days / tau_days)))


def pays_now(daily_losses: Iterable[float], *, training: float) -> bool:
    """Whether the loss cumulated since the last training has reached the price of the next.

    Args:
        daily_losses: Estimated loss of each day since the last training; a day without loss is 0, never below.
        training: Cost of one retraining, > 0.

    Returns:
        True from the day on that the sum reaches it.

    Raises:
        PriceError: The training costs nothing.
    """
    _positive(training=training)
    return math.fsum(daily_losses) >= training


def _positive(**figures: float) -> None:
    wrong = [f"{name} is {value:g}" for name, value in figures.items() if not value > 0]
    if wrong:
        raise PriceError(f"{', '.join(wrong)}: must be above zero to find an interval")
