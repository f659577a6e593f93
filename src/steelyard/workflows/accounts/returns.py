"""``cost returns``: what choosing one configuration instead of another brings, from bills, traffic and a lift."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from steelyard.cost.facts import EXACT, derived, exact, strength
from steelyard.cost.returns import Appraisal, appraise, value_of_lifts
from steelyard.documents.bills import BillEntry
from steelyard.documents.choice import SurfaceDecision
from steelyard.documents.decision import Decision
from steelyard.domain import Fact, FactKind, Money, Stage
from steelyard.errors import ConfigError, PriceError

__all__ = ["Choice", "Costs", "Returns", "choice_of", "costs", "one_retraining", "quality_change", "returns"]

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Choice:
    """One configuration instead of another, of the same surface."""

    surface: str
    own: BillEntry
    """Bill of the one that is judged."""
    other: BillEntry


@dataclass(frozen=True, slots=True)
class Costs:
    """What a choice costs more than the other; below zero where it costs less."""

    at_once: Money
    monthly: Money


@dataclass(frozen=True, slots=True)
class Returns:
    """What a choice brings, expected and at the ends of the lift's interval."""

    gain: tuple[Money, Money, Money]
    """More gross profit a month: expected, low, high."""
    net: tuple[Money, Money, Money]
    """Less what it costs more a month."""
    appraisals: tuple[Appraisal, Appraisal, Appraisal]
    kind: FactKind
    """What traffic and lifts rest on."""


def choice_of(surfaces: Mapping[str, Sequence[BillEntry]], own: str, other: str) -> Choice:
    """The two bills.

    Args:
        surfaces: The stored bills, by surface.
        own: The configuration that is judged.
        other: What it is judged against.

    Returns:
        Both, of one surface.

    Raises:
        ConfigError: No configuration has that name, or they are the same, or of two surfaces.
        PriceError: A bill has no total.
    """
    bills = {surface: {entry.name: entry for entry in entries} for surface, entries in surfaces.items()}
    known = {name: surface for surface, found in bills.items() for name in found}
    unknown = [name for name in (own, other) if name not in known]
    if unknown or own == other:
        what = f"no configuration {', '.join(unknown)}" if unknown else f"{own} against itself brings nothing"
        raise ConfigError(f"{what}; known: {', '.join(sorted(known))}")
    surface = next((each for each, found in bills.items() if own in found and other in found), None)
    if surface is None:
        raise ConfigError(f"{own} is of {known[own]}, {other} of {known[other]}: judge configurations of one surface")
    own_bill, other_bill = bills[surface][own], bills[surface][other]
    for name, entry in ((own, own_bill), (other, other_bill)):
        if entry.monthly is None:
            lacking = ", ".join(entry.unpriced) or "it, since no machine carries its load"
            raise PriceError(f"{name} has no total: no price for {lacking}; add it and run `steelyard decide` again")
    return Choice(surface, own_bill, other_bill)


def costs(choice: Choice, *, currency: str, horizon_months: int) -> Costs:
    """What the choice costs more, at once and every month.

    Args:
        choice: The two bills.
        currency: Of both.
        horizon_months: Over how many months the bills spread what is paid once.

    Returns:
        One-off lines, whole and to the cent, and the rest of the month's bill.
    """
    once = [_once(entry) for entry in (choice.own, choice.other)]
    monthly = [(entry.monthly or _ZERO) - share for entry, share in zip((choice.own, choice.other), once, strict=True)]
    return Costs(
        Money((once[0] - once[1]) * horizon_months, currency).rounded(), Money(monthly[0] - monthly[1], currency)
    )


def _once(entry: BillEntry) -> Decimal:
    return sum((line.cost for line in entry.lines if line.is_one_off and line.cost is not None), _ZERO)


def quality_change(decided: Decision, choice: Choice) -> Fact:
    """Relative change of the offline metric from the other configuration to this one.

    Args:
        decided: The stored decision.
        choice: The two configurations.

    Returns:
        Measured, unit ``offline_ratio``; its interval takes the two qualities' at their corners, which is wide.

    Raises:
        PriceError: One of them was not measured, or the other's quality may be 0.
    """
    surface = decided.of(choice.surface)
    found = {entry.name: _quality(surface, entry.name) for entry in (choice.own, choice.other)}
    lacking = [name for name, ends in found.items() if not ends]
    if surface is None or lacking:
        raise PriceError(f"no quality was measured of {', '.join(lacking)}; run `steelyard decide` again")
    own, other = found[choice.own.name], found[choice.other.name]
    if other["low"] <= 0:
        raise PriceError(f"the quality of {choice.other.name} may be 0: a change relative to it means nothing")
    value, low, high = (
        EXACT.divide(own[mine], other[its]) - 1 for mine, its in (("mean", "mean"), ("low", "high"), ("high", "low"))
    )
    source = f"{surface.metric} of {choice.own.name} against {choice.other.name}"
    day = date.fromisoformat(decided.made_at[:10])
    return Fact(value, "offline_ratio", FactKind.MEASURED, source, day, low, high)


def _quality(surface: SurfaceDecision | None, name: str) -> dict[str, Decimal]:
    """Mean and ends of a configuration's quality; empty where one is not known."""
    row = surface.candidate(name) if surface is not None else None
    if row is None or row.quality.mean is None or row.quality.low is None or row.quality.high is None:
        return {}
    return {"mean": exact(row.quality.mean), "low": exact(row.quality.low), "high": exact(row.quality.high)}


def returns(
    traffic: Fact,
    lifts: Mapping[str, Fact],
    spent: Costs,
    *,
    investment: Money,
    months: int,
    annual_rate: Decimal,
) -> Returns:
    """What a choice brings over some months.

    Args:
        traffic: Gross profit of a month before the lifts; its unit is the currency.
        lifts: Relative lifts by name, see ``value_of_lifts``; at least one.
        spent: What the choice costs more.
        investment: Put in at once, beside the bill's one-off costs; >= 0.
        months: How long it lasts, >= 1.
        annual_rate: What the money would earn elsewhere.

    Returns:
        Figures expected, and with every lift at its low and its high end.

    Raises:
        PriceError: There is no lift, an investment below zero, or currencies differ.
    """
    if not lifts:
        raise PriceError("no lift: give --lift-ctr or --lift-cvr as an experiment found it, or --from-quality")
    if investment.amount < 0 or months < 1:
        raise PriceError(f"an investment of {investment} over {months} months cannot be: at least 0, and one month")
    gain = value_of_lifts(Money(traffic.value, traffic.unit), lifts)
    net = tuple(each - spent.monthly for each in gain)
    first = (investment + spent.at_once) * -1
    judged = tuple(appraise([first, *[each] * months], annual_rate=annual_rate) for each in net)
    made = derived(gain[0].amount, "profit x lifts", (traffic, *lifts.values()), unit=traffic.unit)
    return Returns(gain, (net[0], net[1], net[2]), (judged[0], judged[1], judged[2]), strength(made))


def one_retraining(entry: BillEntry, *, per_month: Decimal, currency: str) -> Money:
    """Price of training a configuration again once, from its bill.

    Args:
        entry: Its bill.
        per_month: How often the bill trains it in a month.
        currency: Of the bill.

    Returns:
        The month's retraining lines over how often they fall.

    Raises:
        PriceError: The bill trains nothing again, or a line of it has no price.
    """
    lines = [line.cost for line in entry.lines if line.stage is Stage.RETRAINING]
    known = [cost for cost in lines if cost is not None]
    if not known or len(known) < len(lines) or per_month <= 0:
        raise PriceError(f"the bill of {entry.name} has no priced retraining; give --cost")
    return Money(EXACT.divide(sum(known, _ZERO), per_month), currency)
