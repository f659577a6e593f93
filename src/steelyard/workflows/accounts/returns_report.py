"""``cost returns``: what a configuration brings instead of another, from what was said of traffic and lifts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import msgspec

from steelyard.cost.facts import exact
from steelyard.cost.returns import Per, lift_from_offline, orders, profit_of
from steelyard.documents.decision import read_decision
from steelyard.domain import Fact, FactKind, Money
from steelyard.domain.shown import plain
from steelyard.errors import ConfigError
from steelyard.workflows.accounts.returns import Choice, Returns, choice_of, costs, quality_change, returns
from steelyard.workflows.open_shop import AccountsShop
from steelyard.workflows.ports import Store
from steelyard.workflows.pricing.stored_bills import asked, spread_over, stored_bills

__all__ = [
    "COUNTED_OF", "Given", "Origin", "ReturnRow", "ReturnsAsked", "ReturnsReport", "SaidLifts", "SaidTraffic",
    "judged_against", "returns_report",
]  # fmt: skip

COUNTED_OF = tuple(str(each) for each in Per)
"""What a conversion rate can be counted of."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a figure comes from."""

    kind: FactKind
    """Measured or assumed."""
    source: str
    """Needed where it was measured."""


@dataclass(frozen=True, slots=True)
class Given:
    """A figure with the ends of its interval, as somebody gives it."""

    value: Decimal | None
    low: Decimal | None = None
    high: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidTraffic:
    """Traffic, and what an order leaves."""

    sessions: Decimal
    """A month."""
    impressions: Decimal
    """Items shown in a session."""
    ctr: Decimal
    cvr: Decimal
    cvr_per: str
    """One of ``COUNTED_OF``."""
    order_value: Decimal
    """In the currency of the bills."""
    margin: Decimal
    """Share of it that is left after the goods."""
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidLifts:
    """How much more often people click and buy."""

    ctr: Given
    cvr: Given
    origin: Origin
    is_from_quality: bool
    """Whether the lift of clicks follows from the offline metric."""
    elasticity: Given
    """Relative lift of clicks for each unit of relative offline change."""
    elasticity_origin: Origin | None
    """``None`` where it was not said whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnsAsked:
    """Which configuration against which, over what time."""

    name: str | None
    """That which is judged; the chosen one where it is ``None``."""
    against: str
    traffic: SaidTraffic
    lifts: SaidLifts
    investment: Decimal
    """Put in at once, beside the bills."""
    months: int | None
    """``[cost] horizon_months`` where it is ``None``."""
    rate: Decimal
    """What the money would earn elsewhere in a year."""


class ReturnRow(msgspec.Struct, frozen=True, kw_only=True):
    """One figure; its ends only where they differ from what is expected."""

    figure: str
    expected: str | None
    low: str | None
    high: str | None
    unit: str
    kind: str
    source: str


@dataclass(frozen=True, slots=True)
class ReturnsReport:
    """What a choice brings."""

    judged: str
    surface: str
    rows: tuple[ReturnRow, ...]


def returns_report(shop: AccountsShop, given: ReturnsAsked) -> ReturnsReport:
    """What a configuration brings instead of another.

    Args:
        shop: A shop that was decided.
        given: Which ones, traffic and lifts.

    Returns:
        Profit before, lifts, gain, cost, and the appraisal over the months.

    Raises:
        ConfigError: A configuration is not known, or a figure lacks its source or its interval.
        PriceError: A bill has no total, or there is no lift.
        StageError: Nothing was priced yet.
    """
    currency, surfaces = stored_bills(shop.store)
    today, horizon = shop.tools.clock.now().date(), shop.config.cost.horizon_months
    names = {surface: [entry.name for entry in entries] for surface, entries in surfaces.items()}
    chosen = {surface: entry.name for surface, entry in asked(shop.store, surfaces, None)}
    own = given.name or judged_against(given.against, names, chosen)
    choice = choice_of(surfaces, own, given.against)
    spent = costs(choice, currency=currency, horizon_months=spread_over(shop.store, horizon))
    profit = _profit(given.traffic, currency)
    traffic = _fact(Given(profit.amount), currency, given.traffic.origin, option="traffic", today=today)
    months = given.months or horizon
    lifts = _lifts(given.lifts, shop.store, choice, today)
    investment = Money(given.investment, currency)
    found = returns(traffic, lifts, spent, investment=investment, months=months, annual_rate=given.rate)
    at_once = spent.at_once + investment
    rows = (
        _row("gross profit a month before", [profit], currency, str(traffic.kind), traffic.source),
        *(_row(f"lift of {key}", _ends(lift), "ratio", str(lift.kind), lift.source) for key, lift in lifts.items()),
        *_money_rows(found, currency, spent_monthly=spent.monthly, at_once=at_once),
        *_appraisal_rows(found, currency, months=months, rate=given.rate, at_once=at_once),
    )
    return ReturnsReport(own, choice.surface, rows)


def _profit(said: SaidTraffic, currency: str) -> Money:
    n_orders = orders(impressions=said.sessions * said.impressions, ctr=said.ctr, cvr=said.cvr, per=Per(said.cvr_per))
    return profit_of(n_orders, Money(said.order_value, currency), margin=said.margin)


def judged_against(against: str, surfaces: Mapping[str, Collection[str]], chosen: Mapping[str, str]) -> str:
    """The configuration that is judged where only the other one was named: the chosen one of its surface.

    Args:
        against: The other one.
        surfaces: Names of the configurations, by surface.
        chosen: What was chosen, by surface.

    Returns:
        Its name.

    Raises:
        ConfigError: No configuration has the name ``against``, or of its surface none was chosen, or it is of two.
    """
    of = [surface for surface, names in surfaces.items() if against in names]
    if not of:
        known = sorted({name for names in surfaces.values() for name in names})
        raise ConfigError(f"no configuration {against}; known: {', '.join(known)}")
    found = [chosen[surface] for surface in of if surface in chosen]
    if len(found) > 1:
        raise ConfigError(
            f"{against} is a configuration of {' and of '.join(of)}, where {' and '.join(found)} were chosen: "
            "name one with --of"
        )
    if not found:
        raise ConfigError(f"nothing was chosen for {' or '.join(of)}: name a configuration with --of")
    return found[0]


def _lifts(said: SaidLifts, store: Store, choice: Choice, today: date) -> dict[str, Fact]:
    lifts = {}
    for key, given in (("ctr", said.ctr), ("cvr", said.cvr)):
        if given.value is not None:
            lifts[key] = _fact(given, "ratio", said.origin, option="lift", name=f"lift-{key}", today=today)
    if said.is_from_quality:
        if "ctr" in lifts:
            raise ConfigError("--from-quality and --lift-ctr both lift the clicks: give one")
        change = quality_change(read_decision(store.read_json("decision")), choice)
        lifts["ctr"] = lift_from_offline(change, _elasticity(said, today))
    return lifts


def _elasticity(said: SaidLifts, today: date) -> Fact | None:
    if said.elasticity.value is None:
        return None
    if said.elasticity_origin is None:
        raise ConfigError(
            "an elasticity needs --elasticity-kind measured or assumed, and --elasticity-source: which experiments, or "
            "who assumed it"
        )
    unit, origin = "ratio/offline_ratio", said.elasticity_origin
    return _fact(said.elasticity, unit, origin, option="elasticity", name="elasticity", today=today)


def _fact(given: Given, unit: str, origin: Origin, *, option: str, today: date, name: str = "") -> Fact:
    """The figure with its source, which ``--<option>-source`` says, and its ends, which stand beside ``--<name>``."""
    if origin.kind is FactKind.MEASURED and not origin.source.strip():
        raise ConfigError(f"a measured figure says by what it was measured: add --{option}-source")
    value, low, high = given.value, given.low, given.high
    assert value is not None
    if (low is None) != (high is None) or (low is not None and high is not None and not low <= value <= high):
        raise ConfigError(f"--{name} {value} needs a low and a high end around it, or none")
    return Fact(value, unit, origin.kind, origin.source or "as given", today, low, high)


def _ends(fact: Fact) -> list[Decimal]:
    return [fact.value] if fact.low is None or fact.high is None else [fact.value, fact.low, fact.high]


_Figure = Money | Decimal | float | None


def _row(figure: str, values: Sequence[_Figure], unit: str, kind: str, source: str) -> ReturnRow:
    shown = [_shown(value) for value in values]
    low, high = shown[1:3] if len(shown) == 3 and not shown[0] == shown[1] == shown[2] else (None, None)
    return ReturnRow(figure=figure, expected=shown[0], low=low, high=high, unit=unit, kind=kind, source=source)


def _shown(value: _Figure) -> str | None:
    if value is None:
        return None
    if isinstance(value, Money):
        return str(value.rounded().amount)
    return str(value) if isinstance(value, int) else plain(exact(value), digits=6)


def _money_rows(found: Returns, currency: str, *, spent_monthly: Money, at_once: Money) -> list[ReturnRow]:
    kind = str(found.kind)
    return [
        _row("more gross profit a month", found.gain, currency, kind, "profit x (product of (1 + lift) - 1)"),
        _row("more cost a month", [spent_monthly], currency, "derived", "the two bills, less what is paid once"),
        _row("net a month", found.net, currency, kind, "profit - cost"),
        _row("put in at once", [at_once], currency, "derived", "one-off lines of the two bills + --investment"),
    ]


def _appraisal_rows(found: Returns, currency: str, *, months: int, rate: Decimal, at_once: Money) -> list[ReturnRow]:
    kind, judged = str(found.kind), found.appraisals
    rows = [
        _row(f"NPV over {months} months", [each.npv for each in judged], currency, kind, f"at {plain(rate)} a year")
    ]
    if at_once.amount <= 0:
        nothing = "nothing is put in at once, so nothing is paid back"
        return [*rows, *(_row(figure, [None], "", kind, nothing) for figure in ("payback", "ROI", "IRR"))]
    return [
        *rows,
        _row("payback", [each.payback_month for each in judged], "month", kind, "undiscounted; none: never"),
        _row("ROI", [each.roi for each in judged], "ratio", kind, "all flows / what was put in"),
        _row("IRR", [each.irr for each in judged], "ratio/year", kind, "none: no rate, or several"),
    ]
