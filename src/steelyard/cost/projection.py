"""What a month will have cost at its end: what is booked, and the rest by days or by traffic.

Serving and bandwidth go with the traffic, maintenance, retraining, storage, software, hardware and overhead with the
days. What falls once (data, labelling, training, tuning, deployment) is not carried on: more of it is a commitment.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from steelyard.cost.budget import Node, months_between
from steelyard.cost.facts import EXACT
from steelyard.cost.ledger import Month
from steelyard.domain import Money, Stage

__all__ = ["BASIS_MONTHS", "ONCE", "WITH_TRAFFIC", "Booked", "project"]

WITH_TRAFFIC = frozenset({Stage.SERVING, Stage.BANDWIDTH})
ONCE = frozenset({Stage.DATA, Stage.LABELLING, Stage.TRAINING, Stage.TUNING, Stage.DEPLOYMENT})
BASIS_MONTHS = 3
"""Rates are taken from so many whole months before, and from what is booked since."""

TrafficBetween = Callable[[date, date], Decimal | None]
"""Traffic of the days from the first to the last, known or forecast; ``None`` where that is not known."""


@dataclass(frozen=True, slots=True)
class Booked:
    """What is in the ledger."""

    months: Mapping[Month, Mapping[Node, Money]]
    """Spent by month and place; a month that is left out has nothing booked."""
    until: date
    """Costs are booked up to and with this day."""


def project(
    booked: Booked, months: Sequence[Month], *, traffic: TrafficBetween | None = None
) -> dict[Month, dict[Node, Money]]:
    """Expected cost of whole months.

    Args:
        booked: The months asked for as far as they are booked, and those before that rates are taken from.
        months: What is asked for.
        traffic: Of any days; without it everything goes by days.

    Returns:
        By month and place. A month that is booked to its end is what was booked; the current one what was booked and
        the rest; a later one the rate for all its days. Places never booked in the basis have no rate, and nothing
        beyond what is booked.
    """
    basis = _basis(booked)
    places = {node for found in booked.months.values() for node in found}
    result: dict[Month, dict[Node, Money]] = {}
    for month in months:
        first, last = _ends(month)
        own = booked.months.get(month, {})
        rest_from = max(first, booked.until + timedelta(days=1))
        of_month = dict(own)
        for node in places if rest_from <= last else ():
            rate = _rate(node, booked, basis, traffic)
            added = rate(rest_from, last) if rate else None
            if added is not None:
                of_month[node] = own[node] + added if node in own else added
        result[month] = of_month
    return result


def _basis(booked: Booked) -> list[tuple[Month, date, date]]:
    """Months that rates are taken from, each with its booked days."""
    current = Month.of(booked.until)
    back = Month.of(date(current.year, current.month, 1) - timedelta(days=31 * BASIS_MONTHS - 15))
    found = []
    for month in months_between(back, current):
        first, last = _ends(month)
        if booked.months.get(month):
            found.append((month, first, min(last, booked.until)))
    return found


def _rate(
    node: Node, booked: Booked, basis: Sequence[tuple[Month, date, date]], traffic: TrafficBetween | None
) -> Callable[[date, date], Money] | None:
    """Cost of some days to come, at the rate of the basis; ``None`` for what falls once or was never booked there."""
    amounts = [booked.months[month][node] for month, _, _ in basis if node in booked.months[month]]
    if node.stage in ONCE or not amounts:
        return None
    total = sum(amounts[1:], amounts[0])
    if node.stage in WITH_TRAFFIC and traffic is not None:
        seen = [traffic(first, last) for _, first, last in basis]
        volume = sum((each for each in seen if each is not None), Decimal(0))
        known = traffic

        def by_traffic(first: date, last: date) -> Money:
            ahead = known(first, last)
            if ahead is None:
                return by_days(first, last)
            return Money(EXACT.divide(EXACT.multiply(total.amount, ahead), volume), total.currency)

        if volume > 0 and None not in seen:
            return by_traffic
    n_days = sum((last - first).days + 1 for _, first, last in basis)

    def by_days(first: date, last: date) -> Money:
        return Money(EXACT.divide(total.amount * ((last - first).days + 1), Decimal(n_days)), total.currency)

    return by_days


def _ends(month: Month) -> tuple[date, date]:
    return date(month.year, month.month, 1), date(
        month.year, month.month, calendar.monthrange(month.year, month.month)[1]
    )
