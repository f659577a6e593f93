"""What a month will have cost at its end: what is booked, and the rest by days or by traffic.

Serving and bandwidth go with the traffic, maintenance, retraining, storage, software, hardware and overhead with the
days. What falls once (data, labelling, training, tuning, deployment) is not carried on: more of it is a commitment.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from steelyard.cost.facts import EXACT
from steelyard.domain import Money, Stage
from steelyard.ledger.entries import Month
from steelyard.planning.budget import Node

__all__ = ["BASIS_MONTHS", "ONCE", "WITH_TRAFFIC", "Booked", "month_ends", "project"]

WITH_TRAFFIC = frozenset({Stage.SERVING, Stage.BANDWIDTH})
ONCE = frozenset({Stage.DATA, Stage.LABELLING, Stage.TRAINING, Stage.TUNING, Stage.DEPLOYMENT})
BASIS_MONTHS = 3
"""Rates are taken from so many whole months before; in a first month, from its booked days."""

TrafficBetween = Callable[[date, date], Decimal | None]
"""Traffic of the days from the first to the last, known or forecast; ``None`` where that is not known."""
Rate = Callable[[date, date], Money]
"""Cost of the days from the first to the last."""


@dataclass(frozen=True, slots=True)
class Booked:
    """What is in the ledger."""

    months: Mapping[Month, Mapping[Node, Money]]
    """Spent by month and place; a month that is left out has nothing booked."""
    today: date
    """Months before this day's are whole."""
    last_day: Mapping[Node, date]
    """The last booking of places that were booked on several days of the current month: they are taken to be booked up
    to it. A place with one booking is taken to be booked for the month."""


def project(
    booked: Booked, months: Sequence[Month], *, traffic: TrafficBetween | None = None
) -> dict[Month, dict[Node, Money]]:
    """Expected cost of whole months.

    Args:
        booked: The months asked for as far as they are booked, and those before that rates are taken from.
        months: What is asked for.
        traffic: Of any days; without it everything goes by days.

    Returns:
        By month and place. A month that is over is what was booked. The current one is what was booked and the rest, or
        for places booked once the larger of that and the rate of a month; a later one the rate for all its days. Places
        without a rate have nothing beyond what is booked.
    """
    basis = _basis(booked)
    places = {node for found in booked.months.values() for node in found}
    rates = {node: _rate(node, booked, basis, traffic) for node in places}
    current = Month.of(booked.today)
    result: dict[Month, dict[Node, Money]] = {}
    for month in months:
        of_month = dict(booked.months.get(month, {}))
        for node, rate in rates.items() if month >= current else ():
            expected = _expected(node, month, of_month.get(node), booked, rate)
            if expected is not None:
                of_month[node] = expected
        result[month] = of_month
    return result


def _expected(node: Node, month: Month, own: Money | None, booked: Booked, rate: Rate | None) -> Money | None:
    if rate is None:
        return own
    first, last = month_ends(month)
    known = booked.last_day.get(node)
    if own is not None and known is not None and first <= known <= last:
        return own + rate(known + timedelta(days=1), last) if known < last else own
    whole = rate(first, last)
    return whole if own is None else max(own, whole, key=lambda each: each.amount)


def _basis(booked: Booked) -> list[Month]:
    """The last whole months with anything booked, that rates are taken from."""
    current = Month.of(booked.today)
    return sorted(month for month, found in booked.months.items() if month < current and found)[-BASIS_MONTHS:]


def _rate(node: Node, booked: Booked, basis: Sequence[Month], traffic: TrafficBetween | None) -> Rate | None:
    """Cost of some days to come, at the rate of the basis; ``None`` for what falls once or was never booked."""
    if node.stage in ONCE:
        return None
    spans = [month_ends(month) for month in basis]
    amounts = [booked.months[month][node] for month in basis if node in booked.months[month]]
    if not basis and node in booked.last_day:  # a first month: its booked days are all there is
        current = Month.of(booked.today)
        spans, amounts = [(month_ends(current)[0], booked.last_day[node])], [booked.months[current][node]]
    if not amounts:
        return None
    total = sum(amounts[1:], amounts[0])
    n_days = sum((last - first).days + 1 for first, last in spans)
    volumes = [traffic(first, last) for first, last in spans] if traffic and node.stage in WITH_TRAFFIC else [None]
    volume = None if None in volumes else sum((each for each in volumes if each is not None), Decimal(0))

    def rate(first: date, last: date) -> Money:
        ahead = traffic(first, last) if traffic and volume else None
        if ahead is not None and volume:
            return Money(EXACT.divide(EXACT.multiply(total.amount, ahead), volume), total.currency)
        return Money(EXACT.divide(total.amount * ((last - first).days + 1), Decimal(n_days)), total.currency)

    return rate


def month_ends(month: Month) -> tuple[date, date]:
    """First and last day of a month."""
    return month.first_day, month.last_day
