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
from typing import Any

from steelyard.config.schema import Config, SurfaceLoad
from steelyard.cost.facts import BILLING_MONTH_HOURS, derived, exact
from steelyard.cost.surroundings import WITH_MACHINES_KEYS
from steelyard.documents.bills import BillDocument, BillEntry, BillRow
from steelyard.documents.decision import Decision
from steelyard.documents.forecast import Counts, DayRow, ForecastDocument, MethodRow, PromotionRow
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
) -> list[dict[str, Any]]:
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
    rows: list[dict[str, Any]] = []
    for month in months:
        traffic = _month(outlook, month)
        if not chosen:
            rows.append(traffic.row())
        found = [_money(config, outlook, traffic, each) for each in chosen]
        rows += [traffic.row() | each for each in found]
        total = decision.total if decision is not None else Total()
        if len(chosen) > 1 and total.lines and all(each["cost"] is not None for each in found):
            rows.append(traffic.row() | _shop(config, total, chosen, found))
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

    def row(self) -> dict[str, Any]:
        """As every row of the month begins."""
        first, last = month_ends(self.month)
        whole = (last - first).days + 1
        return {
            "month": str(self.month) if self.n_days == whole else f"{self.month} ({self.n_days} of {whole} days)",
            "events": round(self.mean),
            "low": round(self.low),
            "high": round(self.high),
            "busiest_day": round(self.busiest),
        }


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


def _money(config: Config, outlook: Outlook, traffic: _Traffic, chosen: _Chosen) -> dict[str, Any]:
    surface, entry, rate_rps = chosen
    load: SurfaceLoad = getattr(config.load, surface)
    counts = outlook.history.counts
    usual, busiest = float(counts[-_REFERENCE_DAYS:].mean()), float(counts[-_YEAR_DAYS:].max())
    if not usual or entry.monthly is None or not entry.replicas:
        return {"surface": surface, "configuration": entry.name} | dict.fromkeys(_MONEY)
    per_event = exact(load.requests_per_month) / (exact(usual) * _MONTH_DAYS)
    requests = exact(traffic.mean) * per_event
    peak_rps = load.peak_rps * traffic.busiest / busiest
    replicas = max(1, math.ceil(round(peak_rps / rate_rps, 6))) + config.decide.spare_replicas
    shares = {
        "bandwidth": requests / load.requests_per_month,
        "machines": Decimal(replicas) / Decimal(entry.replicas),
    }
    day = _busiest_requests(exact(traffic.busiest), per_event, outlook)
    hour = peak_rate(day, outlook.peak_share, on=day.as_of)
    return {
        "surface": surface,
        "configuration": entry.name,
        "requests": round(requests),
        "busiest_hour_rps": round(hour.value, 1),
        "peak_share": "measured" if outlook.peak_share else "assumed",
        "peak_rps": round(peak_rps, 1),
        "replicas": replicas,
        "requests_low": round(exact(traffic.low) * per_event),
        "requests_high": round(exact(traffic.high) * per_event),
        "cost": _cost(entry.lines, shares),
        "cost_low": _cost(
            entry.lines, shares | {"bandwidth": exact(traffic.low) * per_event / load.requests_per_month}
        ),
        "cost_high": _cost(
            entry.lines, shares | {"bandwidth": exact(traffic.high) * per_event / load.requests_per_month}
        ),
    }


def _shop(
    config: Config,
    total: Total,
    chosen: Sequence[_Chosen],
    found: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """All surfaces together: on the machines they share, or the sum of their rows less what they have once."""
    requests = sum(each["requests"] for each in found)
    peak_rps = sum(each["peak_rps"] for each in found)
    row: dict[str, Any] = {"surface": "shop", "configuration": "all together"} | dict.fromkeys(_MONEY)
    row |= {"requests": requests, "peak_rps": round(peak_rps, 1), "peak_share": found[0]["peak_share"]}
    row["busiest_hour_rps"] = round(sum(each["busiest_hour_rps"] for each in found), 1)
    if not total.replicas or total.rate_per_replica_rps is None:
        twice = sum((entry.monthly or _ZERO for _, entry, _ in chosen), _ZERO) - (total.monthly or _ZERO)
        costs = {key: sum((each[key] for each in found), -twice) for key in ("cost", "cost_low", "cost_high")}
        return row | {"replicas": sum(each["replicas"] for each in found)} | costs
    rate_rps = total.rate_per_replica_rps
    replicas = max(1, math.ceil(round(peak_rps / rate_rps, 6))) + config.decide.spare_replicas
    machines = Decimal(replicas) / Decimal(total.replicas)
    plan = sum(getattr(config.load, surface).requests_per_month for surface, _, _ in chosen)
    row["replicas"] = replicas
    for key in ("cost", "cost_low", "cost_high"):
        share = exact(requests) / plan * _beside(found, key)
        row[key] = _cost(total.lines, {"bandwidth": share, "machines": machines})
    return row


def _beside(found: Sequence[Mapping[str, Any]], key: str) -> Decimal:
    """Requests at an end of the interval, as a share of those expected."""
    end = {"cost": "requests", "cost_low": "requests_low", "cost_high": "requests_high"}[key]
    expected = sum(each["requests"] for each in found)
    return exact(sum(each.get(end, each["requests"]) for each in found)) / expected if expected else Decimal(1)


_MONEY = ("requests", "busiest_hour_rps", "peak_share", "peak_rps", "replicas", "cost", "cost_low", "cost_high")


def _busiest_requests(events: Decimal, per_event: Decimal, outlook: Outlook) -> Fact:
    on = outlook.history.after - timedelta(days=1)
    count = Fact(events, "event", FactKind.DERIVED, "busiest day, counted or forecast", on)
    scale = Fact(per_event, "request/event", FactKind.ASSUMED, "[load] requests_per_month over the last four weeks", on)
    return derived(events * per_event, "events x requests per event", (count, scale), unit="request")


def _cost(lines: Sequence[BillRow], shares: Mapping[str, Decimal]) -> Decimal:
    total = Decimal(0)
    for line in lines:
        share = Decimal(1)
        if line.stage is Stage.BANDWIDTH:
            share = shares["bandwidth"]
        elif line.stage is Stage.SERVING or line.key in WITH_MACHINES_KEYS:
            share = shares["machines"]
        total += (line.cost or _ZERO) * share
    return total.quantize(Decimal("0.01"))


def _rounded(value: float) -> float | None:
    return round(value, 4) if math.isfinite(value) else None
