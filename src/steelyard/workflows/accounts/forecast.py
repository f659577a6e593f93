"""``cost forecast``: a shop's traffic to come, and what the chosen configurations then cost. Pure on given values.

The log counts events, not requests: it is taken as an index. ``[load] requests_per_month`` stands for a month of days
like the last four weeks of the history, ``peak_rps`` for the busiest day of its last year; both go with the index.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import msgspec

from steelyard.config.schema import Config, SurfaceLoad
from steelyard.cost.facts import BILLING_MONTH_HOURS, derived, exact
from steelyard.cost.surroundings import WITH_MACHINES_KEYS
from steelyard.documents.bills import BillDocument, BillEntry, BillRow
from steelyard.documents.decision import Decision
from steelyard.documents.forecast import Counts, DayRow, ForecastDocument, MethodRow, MonthRow, PromotionRow
from steelyard.documents.total import Total
from steelyard.domain import Fact, FactKind, Stage
from steelyard.ledger.entries import Month
from steelyard.planning.budget import months_between
from steelyard.planning.forecast import Forecast
from steelyard.planning.history import History, peak_rate
from steelyard.planning.projection import month_ends

__all__ = ["CALENDARS", "Outlook", "day_rows", "method_rows", "month_rows", "promotion_rows", "stored", "traffic_of"]

CALENDARS = {"zh": ("china",), "en": ("america", "britain"), "mixed": ("china", "america", "britain")}
"""Calendars where a shop names none, by its language."""
_REFERENCE_DAYS = 28
_YEAR_DAYS = 365
_MONTH_DAYS = BILLING_MONTH_HOURS / 24
_ZERO = Decimal(0)
_Chosen = tuple[str, BillEntry, float]
"""Surface, bill, and the rate one machine carries."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """A forecast beside what it grew from."""

    history: History
    forecast: Forecast
    peak_share: Fact | None
    """Share of a day in its busiest hour; ``None`` where no log shows it."""


def day_rows(outlook: Outlook) -> tuple[DayRow, ...]:
    """One row a day: mean, interval, and the promotion with where its effect comes from."""
    found = outlook.forecast
    named = {each.promotion.day: each for each in found.promotions}
    rows = []
    for at, day in enumerate(found.days):
        applied = named.get(day)
        mean, low, high = (round(float(values[at]), 1) for values in (found.mean, found.low, found.high))
        name, basis = (applied.promotion.name, str(applied.effect.basis)) if applied else (None, None)
        rows.append(DayRow(day, mean, low, high, name, basis))
    return tuple(rows)


def promotion_rows(outlook: Outlook) -> tuple[PromotionRow, ...]:
    """One row a promotion ahead: its effect, and whether that was learnt or assumed."""
    return tuple(
        PromotionRow(
            day=each.promotion.day,
            name=each.promotion.name,
            lift=None if each.effect.basis == "unknown" else f"{each.effect.lift:+.0%}",
            basis=str(each.effect.basis),
            days_learnt_from=each.effect.n_days,
            source=each.promotion.source,
        )
        for each in outlook.forecast.promotions
    )


def method_rows(outlook: Outlook) -> tuple[MethodRow, ...]:
    """One row a method: how it did on the history, best first."""
    return tuple(
        MethodRow(each.method, round(each.mae, 2), _rounded(each.mase), _rounded(each.to_naive))
        for each in outlook.forecast.scores
    )


def month_rows(
    config: Config, outlook: Outlook, *, decision: Decision | None, bills: BillDocument | None
) -> list[MonthRow]:
    """One row a month and surface, and one for the shop: traffic with its interval, requests, peak, machines, cost.

    Args:
        config: Load and spare machines.
        outlook: History and forecast.
        decision: The stored decision; ``None`` gives traffic only.
        bills: The stored bills; ``None`` gives traffic only.

    Returns:
        Bandwidth goes with the requests, machines and their disks with the peak, everything else stays as billed. Days
        before the forecast are counted as they were; a month that is not whole says how many days it has.
    """
    months = months_between(Month.of(outlook.forecast.days[0]), Month.of(outlook.forecast.days[-1]))
    chosen = list(_chosen(decision, bills)) if decision and bills else []
    rows: list[MonthRow] = []
    for month in months:
        traffic = _month(outlook, month)
        if not chosen:
            rows.append(traffic.row())
        found = [_money(config, outlook, traffic, each) for each in chosen]
        rows += found
        total = decision.total if decision is not None else Total()
        if len(chosen) > 1 and total.lines and all(each.cost is not None for each in found):
            rows.append(_shop(config, total, chosen, found))
    return rows


def stored(outlook: Outlook) -> ForecastDocument:
    """What is kept as the artefact ``forecast``: the counts of the past, and the days ahead."""
    found = outlook.forecast
    return ForecastDocument(
        history=Counts(outlook.history.first, tuple(float(count) for count in outlook.history.counts)),
        level=found.level,
        method=found.method,
        coverage=_rounded(found.coverage),
        origins=found.n_origins,
        tested_days=found.tested_days,
        methods=method_rows(outlook),
        days=day_rows(outlook),
        promotions=promotion_rows(outlook),
    )


def traffic_of(kept: ForecastDocument) -> Mapping[date, Decimal]:
    """Traffic by day, past and expected, of a stored forecast."""
    past = {kept.history.first + timedelta(days=at): exact(n) for at, n in enumerate(kept.history.counts)}
    return past | {row.day: exact(row.mean) for row in kept.days}


@dataclass(frozen=True, slots=True)
class _Traffic:
    """Of one month, counted and expected together."""

    month: Month
    n_days: int
    mean: float
    low: float
    high: float
    busiest: float
    level: float

    def row(self) -> MonthRow:
        """As every row of the month begins."""
        first, last = month_ends(self.month)
        whole = (last - first).days + 1
        return MonthRow(
            month=str(self.month) if self.n_days == whole else f"{self.month} ({self.n_days} of {whole} days)",
            events=round(self.mean),
            low=round(self.low),
            high=round(self.high),
            busiest_day=round(self.busiest),
        )


def _month(outlook: Outlook, month: Month) -> _Traffic:
    first, last = month_ends(month)
    history, found = outlook.history, outlook.forecast
    past = [
        float(count) for at, count in enumerate(history.counts) if first <= history.first + timedelta(days=at) <= last
    ]
    ahead = [float(found.mean[at]) for at, day in enumerate(found.days) if first <= day <= last]
    span, before = found.total(first, last), sum(past)
    return _Traffic(
        month,
        len(past) + len(ahead),
        before + span.mean,
        before + span.low,
        before + span.high,
        max([*past, *ahead]),
        found.level,
    )


def _chosen(decision: Decision, bills: BillDocument) -> Iterator[_Chosen]:
    """Surface, bill, and the rate one machine carries, of the chosen configurations."""
    for surface in decision.surfaces:
        priced = {entry.name: entry for entry in bills.surfaces.get(surface.surface, ())}
        winner = surface.winner
        if winner is not None and winner.name in priced and winner.rate_per_replica_rps is not None:
            yield surface.surface, priced[winner.name], winner.rate_per_replica_rps


def _money(config: Config, outlook: Outlook, traffic: _Traffic, chosen: _Chosen) -> MonthRow:
    surface, entry, rate_rps = chosen
    load: SurfaceLoad = getattr(config.load, surface)
    counts = outlook.history.counts
    usual, busiest = float(counts[-_REFERENCE_DAYS:].mean()), float(counts[-_YEAR_DAYS:].max())
    row = msgspec.structs.replace(traffic.row(), surface=surface, configuration=entry.name)
    if not usual or entry.monthly is None or not entry.replicas:
        return row
    per_event = exact(load.requests_per_month) / (exact(usual) * _MONTH_DAYS)
    requests, low, high = (exact(events) * per_event for events in (traffic.mean, traffic.low, traffic.high))
    peak_rps = load.peak_rps * traffic.busiest / busiest
    replicas = _machines(config, peak_rps, rate_rps)
    day = _busiest_requests(exact(traffic.busiest), per_event, outlook)
    machines = Decimal(replicas) / Decimal(entry.replicas)
    cost, cost_low, cost_high = (
        _cost(entry.lines, bandwidth=each / load.requests_per_month, machines=machines)
        for each in (requests, low, high)
    )
    return msgspec.structs.replace(
        row,
        requests=round(requests),
        requests_low=round(low),
        requests_high=round(high),
        busiest_hour_rps=round(peak_rate(day, outlook.peak_share, on=day.as_of).value, 1),
        peak_share="measured" if outlook.peak_share else "assumed",
        peak_rps=round(peak_rps, 1),
        replicas=replicas,
        cost=cost,
        cost_low=cost_low,
        cost_high=cost_high,
    )


def _shop(config: Config, total: Total, chosen: Sequence[_Chosen], found: Sequence[MonthRow]) -> MonthRow:
    """All surfaces together: on the machines they share, or the sum of their rows less what they have once."""
    requests, peak_rps = sum(each.requests or 0 for each in found), sum(each.peak_rps or 0.0 for each in found)
    row = msgspec.structs.replace(
        found[0],
        surface="shop",
        configuration="all together",
        requests=requests,
        requests_low=None,
        requests_high=None,
        peak_rps=round(peak_rps, 1),
        busiest_hour_rps=round(sum((each.busiest_hour_rps or _ZERO for each in found), _ZERO), 1),
    )
    if not total.replicas or total.rate_per_replica_rps is None:
        twice = sum((entry.monthly or _ZERO for _, entry, _ in chosen), _ZERO) - (total.monthly or _ZERO)
        return msgspec.structs.replace(
            row,
            replicas=sum(each.replicas or 0 for each in found),
            cost=sum((each.cost or _ZERO for each in found), -twice),
            cost_low=sum((each.cost_low or _ZERO for each in found), -twice),
            cost_high=sum((each.cost_high or _ZERO for each in found), -twice),
        )
    replicas = _machines(config, peak_rps, total.rate_per_replica_rps)
    machines = Decimal(replicas) / Decimal(total.replicas)
    plan = sum(getattr(config.load, surface).requests_per_month for surface, _, _ in chosen)
    ends = (requests, sum(each.requests_low or 0 for each in found), sum(each.requests_high or 0 for each in found))
    cost, low, high = (
        _cost(total.lines, bandwidth=exact(requests) / plan * _beside(end, requests), machines=machines) for end in ends
    )
    return msgspec.structs.replace(row, replicas=replicas, cost=cost, cost_low=low, cost_high=high)


def _machines(config: Config, peak_rps: float, rate_rps: float) -> int:
    """Machines that carry a peak, the spare ones included."""
    return max(1, math.ceil(round(peak_rps / rate_rps, 6))) + config.decide.spare_replicas


def _beside(end: int, expected: int) -> Decimal:
    """Requests at an end of the interval, as a share of those expected."""
    return exact(end) / expected if expected else Decimal(1)


def _busiest_requests(events: Decimal, per_event: Decimal, outlook: Outlook) -> Fact:
    on = outlook.history.after - timedelta(days=1)
    count = Fact(events, "event", FactKind.DERIVED, "busiest day, counted or forecast", on)
    scale = Fact(per_event, "request/event", FactKind.ASSUMED, "[load] requests_per_month over the last four weeks", on)
    return derived(events * per_event, "events x requests per event", (count, scale), unit="request")


def _cost(lines: Sequence[BillRow], *, bandwidth: Decimal, machines: Decimal) -> Decimal:
    total = Decimal(0)
    for line in lines:
        share = Decimal(1)
        if line.stage is Stage.BANDWIDTH:
            share = bandwidth
        elif line.stage is Stage.SERVING or line.key in WITH_MACHINES_KEYS:
            share = machines
        total += (line.cost or _ZERO) * share
    return total.quantize(Decimal("0.01"))


def _rounded(value: float) -> float | None:
    return round(value, 4) if math.isfinite(value) else None
