"""Budgets by stage, model, configuration, team and experiment: planned, promised, spent, expected, and the differences.

Budget, commitments, actual and forecast are four figures and stay four. A cost belongs to the most specific budget that
covers it and is shown there and at every budget above, once at each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from steelyard.cost.facts import EXACT
from steelyard.domain import Money, Stage
from steelyard.errors import DataError, PriceError
from steelyard.ledger.allocation import allocate
from steelyard.ledger.entries import Balance, CostCentre, Month

__all__ = [
    "Node",
    "Planned",
    "Row",
    "VarianceSplit",
    "check_plan",
    "months_between",
    "owner",
    "report",
    "spent",
    "split_variance",
]

_PLACES = 6


@dataclass(frozen=True, slots=True)
class Node:
    """A place in the tree of costs; an empty field means all."""

    stage: Stage | None = None
    model: str = ""
    configuration: str = ""
    team: str = ""
    experiment: str = ""

    @property
    def fields(self) -> tuple[str, ...]:
        """Stage, model, configuration, team, experiment; empty for all."""
        return (str(self.stage or ""), self.model, self.configuration, self.team, self.experiment)

    @property
    def depth(self) -> int:
        """Fields that are given."""
        return sum(map(bool, self.fields))

    def covers(self, other: Node) -> bool:
        """Whether everything that belongs to the other belongs here; a node covers itself."""
        return all(not own or own == its for own, its in zip(self.fields, other.fields, strict=True))

    @classmethod
    def of(cls, centre: CostCentre) -> Node:
        """The place of a cost centre."""
        return cls(centre.stage, centre.model, centre.configuration, centre.team, centre.experiment)

    def __str__(self) -> str:
        names = ("stage", "model", "configuration", "team", "experiment")
        return ", ".join(f"{name} {value}" for name, value in zip(names, self.fields, strict=True) if value) or "all"


@dataclass(frozen=True, slots=True)
class Planned:
    """A budget, or a commitment: spending already promised."""

    node: Node
    first: Month
    last: Month
    """Included; the same as ``first`` for one month."""
    amount: Money
    """For the whole period, spread evenly over its months."""
    is_commitment: bool = False
    quantity: Decimal | None = None
    """What the amount buys over the period, where that is known: variance is then split into volume and price."""
    unit: str = ""

    def in_month(self, month: Month) -> Money:
        """Its part of one month; zero outside the period. The parts sum to the amount."""
        months = months_between(self.first, self.last)
        if month not in months:
            return self.amount * 0
        parts = allocate(self.amount, {str(each): Decimal(1) for each in months}, places=_PLACES)
        return parts[str(month)]


@dataclass(frozen=True, slots=True)
class VarianceSplit:
    """Why more or less was spent than planned; the two sum to the variance."""

    volume: Money
    """More or fewer units, at the planned price."""
    price: Money
    """A higher or lower price, for the units there were."""


@dataclass(frozen=True, slots=True)
class Row:
    """One node over the months asked for."""

    node: Node | None
    """``None`` for what no budget covers."""
    budget: Money | None
    commitments: Money
    outstanding: Money
    """Of the commitments, what is not spent yet."""
    actual: Money
    forecast: Money
    split: VarianceSplit | None = None

    @property
    def variance(self) -> Money | None:
        """Actual less budget: so far, where the period has not ended."""
        return self.actual - self.budget if self.budget is not None else None

    @property
    def expected_variance(self) -> Money | None:
        """Forecast less budget: at the end of the period."""
        return self.forecast - self.budget if self.budget is not None else None

    @property
    def available(self) -> Money | None:
        """Budget less what was spent and what is still promised."""
        return self.budget - self.actual - self.outstanding if self.budget is not None else None

    def percent(self, of: Money) -> Decimal | None:
        """An amount in percent of the budget; ``None`` without one, or with one of zero."""
        if self.budget is None or not self.budget.amount:
            return None
        return EXACT.divide(of.amount * 100, self.budget.amount)


def months_between(first: Month, last: Month) -> list[Month]:
    """Every month from the first to the last, both included; none where they are the wrong way round."""
    steps = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [Month(step // 12, step % 12 + 1) for step in steps]


def check_plan(plan: Iterable[Planned]) -> None:
    """That a plan can be reported.

    Args:
        plan: Budgets and commitments.

    Raises:
        DataError: Months the wrong way round, amounts below zero, two budgets of one node and month, or a quantity
            that is none; all at once.
    """
    problems: list[str] = []
    taken: dict[tuple[Node, Month], Planned] = {}
    for each in plan:
        where = f"{'commitment' if each.is_commitment else 'budget'} of {each.node}, {each.first} to {each.last}"
        if each.last < each.first:
            problems.append(f"{where}: it ends before it begins")
        if each.amount.amount < 0:
            problems.append(f"{where}: {each.amount} is below zero")
        if each.quantity is not None and (each.quantity <= 0 or not each.unit):
            problems.append(f"{where}: a quantity is above zero and has a unit, found {each.quantity} {each.unit!r}")
        if each.is_commitment:
            continue
        clash = [month for month in months_between(each.first, each.last) if (each.node, month) in taken]
        if clash:
            other = taken[each.node, clash[0]]
            problems.append(
                f"{where}: {clash[0]} has a budget of the same node already ({other.amount} for {other.first} to "
                f"{other.last}); keep one, or add them up"
            )
        taken |= {(each.node, month): each for month in months_between(each.first, each.last)}
    if problems:
        raise DataError("\n".join(problems))


def owner(node: Node, budgeted: Iterable[Node]) -> Node | None:
    """The most specific of the budgeted nodes that cover one.

    Args:
        node: Place of a cost or a commitment.
        budgeted: Nodes that have a budget.

    Returns:
        That with most fields given; of equal ones that which names the experiment, then the team, the configuration,
        the model. ``None`` where none covers it.
    """
    covering = [each for each in budgeted if each.covers(node)]
    return max(covering, key=lambda each: (each.depth, [bool(f) for f in reversed(each.fields)]), default=None)


def spent(balances: Iterable[Balance], *, convert: Callable[[Money], Money]) -> dict[Node, Money]:
    """Expenses of a month by node, in one currency.

    Args:
        balances: Of one month and view; accounts that are no expenses are passed over.
        convert: To the currency of the report, at the rate of the month.

    Returns:
        Sums by place.

    Raises:
        PriceError: As ``convert``: a rate is missing.
    """
    found: dict[Node, Money] = {}
    for each in balances:
        if each.account.split("/")[0] != "expense" or each.centre is None:
            continue
        node, amount = Node.of(each.centre), convert(each.total)
        found[node] = found[node] + amount if node in found else amount
    return found


def report(
    plan: Sequence[Planned],
    months: Sequence[Month],
    *,
    actual: Mapping[Month, Mapping[Node, Money]],
    forecast: Mapping[Month, Mapping[Node, Money]],
    currency: str,
    quantities: Mapping[Node, tuple[Decimal, str]] | None = None,
) -> list[Row]:
    """Every budgeted node over some months, and what no budget covers.

    Args:
        plan: All in ``currency``, checked by ``check_plan``.
        months: One or more.
        actual: Spent, by month and place.
        forecast: Expected for the whole month, by month and place, what was spent in it.
        currency: Of everything.
        quantities: What was used over these months and its unit, by budgeted node.

    Returns:
        The widest nodes first; at the end one without a node, where money was spent or promised that no budget covers.
        In each month a cost counts for the nodes that have a budget then. Promises are kept: what was promised and is
        neither spent nor expected yet is added to the forecast.

    Raises:
        PriceError: An amount is in another currency.
    """
    wrong = sorted({each.amount.currency for each in plan} - {currency})
    if wrong:
        raise PriceError(
            f"budgets in {', '.join(wrong)} in a report in {currency}: convert them with a dated rate first"
        )
    zero = Money(Decimal(0), currency)
    shown: dict[Node | None, _Sums] = {}
    for month in months:
        nodes = {each.node for each in plan if not each.is_commitment and each.first <= month <= each.last}
        own = _own(nodes, plan, month, actual.get(month, {}), forecast.get(month, {}), zero)
        for node in (*nodes, None):
            sums = shown.setdefault(node, _Sums(zero, zero, zero, zero))
            for other, each in own.items():
                if other is node or (node is not None and other is not None and node.covers(other)):
                    sums.add(each)
    left = shown.pop(None, _Sums(zero, zero, zero, zero))
    rows = [_row(node, sums, plan, months, quantities or {}) for node, sums in sorted(shown.items(), key=_order)]
    if left.actual.amount or left.forecast.amount or left.commitments.amount:
        rows.append(Row(None, None, left.commitments, left.outstanding, left.actual, left.forecast))
    return rows


def split_variance(budget: Money, planned: Decimal, *, actual: Money, used: Decimal) -> VarianceSplit:
    """Volume and price parts of ``actual - budget``: ``(q - q0) p0`` and ``(p - p0) q``.

    Args:
        budget: Planned spending.
        planned: Units it was to buy, > 0.
        actual: Spending.
        used: Units there were, >= 0.

    Returns:
        Two amounts that sum to the variance exactly.

    Raises:
        PriceError: No units were planned, or fewer than none were used.
    """
    if planned <= 0 or used < 0:
        raise PriceError(f"{planned} units planned and {used} used: a variance is split by units above zero")
    at_plan = Money(EXACT.divide(EXACT.multiply(budget.amount, used), planned), budget.currency)
    return VarianceSplit(at_plan - budget, actual - at_plan)


@dataclass(slots=True)
class _Sums:
    actual: Money
    forecast: Money
    commitments: Money
    outstanding: Money

    def add(self, other: _Sums) -> None:
        self.actual += other.actual
        self.forecast += other.forecast
        self.commitments += other.commitments
        self.outstanding += other.outstanding


def _own(
    nodes: Iterable[Node],
    plan: Sequence[Planned],
    month: Month,
    actual: Mapping[Node, Money],
    forecast: Mapping[Node, Money],
    zero: Money,
) -> dict[Node | None, _Sums]:
    """Sums of one month by the node that owns them, none counted twice."""
    nodes = list(nodes)
    own: dict[Node | None, _Sums] = {node: _Sums(zero, zero, zero, zero) for node in (*nodes, None)}
    promised: dict[Node, Money] = {}
    for each in plan:
        if each.is_commitment and each.first <= month <= each.last:
            promised[each.node] = promised.get(each.node, zero) + each.in_month(month)
    for node, amount in actual.items():
        own[owner(node, nodes)].actual += amount
    for node, amount in forecast.items():
        own[owner(node, nodes)].forecast += amount
    unspent, unexpected = _unmet(promised, actual), _unmet(promised, forecast)
    for node, amount in promised.items():
        sums = own[owner(node, nodes)]
        sums.commitments += amount
        sums.outstanding += unspent[node]
        sums.forecast += unexpected[node]
    return own


def _unmet(promised: Mapping[Node, Money], costs: Mapping[Node, Money]) -> dict[Node, Money]:
    """Of each promise, what the costs below it do not reach; a cost meets the most specific promise only."""
    left = dict(promised)
    for node, amount in costs.items():
        met = owner(node, promised)
        if met is not None:
            left[met] -= amount
    return {node: max(amount, amount * 0, key=lambda each: each.amount) for node, amount in left.items()}


def _order(pair: tuple[Node | None, _Sums]) -> tuple[int, tuple[str, ...]]:
    node = pair[0] or Node()
    return node.depth, node.fields


def _row(
    node: Node | None,
    sums: _Sums,
    plan: Sequence[Planned],
    months: Sequence[Month],
    quantities: Mapping[Node, tuple[Decimal, str]],
) -> Row:
    budgets = [each for each in plan if each.node == node and not each.is_commitment]
    budget = sum((each.in_month(month) for each in budgets for month in months), sums.actual * 0)
    split, planned = None, _planned_quantity(budgets, months)
    used = quantities.get(node) if node is not None else None
    if used is not None and planned is not None and used[1] == planned[1]:
        split = split_variance(budget, planned[0], actual=sums.actual, used=used[0])
    return Row(node, budget, sums.commitments, sums.outstanding, sums.actual, sums.forecast, split)


def _planned_quantity(budgets: Sequence[Planned], months: Sequence[Month]) -> tuple[Decimal, str] | None:
    """Units planned for these months, where every budget of them says so in one unit."""
    touched = [each for each in budgets if any(each.first <= month <= each.last for month in months)]
    units = {each.unit for each in touched}
    if len(units) != 1 or any(each.quantity is None for each in touched):
        return None
    total = Decimal(0)
    for each in touched:
        n = len(months_between(each.first, each.last))
        inside = sum(each.first <= month <= each.last for month in months)
        total += EXACT.divide((each.quantity or Decimal(0)) * inside, Decimal(n))
    return total, units.pop()
