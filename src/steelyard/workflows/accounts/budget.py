"""``cost budget``: budgets as they are kept and imported, beside what the ledger holds and what the rest will cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from steelyard.cost.exchange import RateTable
from steelyard.documents.budgets import BudgetLine, BudgetsDocument, budgets_builtins, read_budgets
from steelyard.domain import Money, Stage
from steelyard.domain.written import read_currency, read_decimal
from steelyard.errors import DataError, PriceError
from steelyard.ledger.closing import Rule, allocate_pools, pools
from steelyard.ledger.entries import LedgerPort, Month, View
from steelyard.planning.budget import Node, Planned, Row, check_plan, months_between, report, spent
from steelyard.planning.projection import BASIS_MONTHS, Booked, TrafficBetween, month_ends, project
from steelyard.workflows.ports import Store

__all__ = ["Asked", "Budgets", "added", "budget_rows", "keep", "kept", "planned", "traffic_between"]

ARTEFACT = "budgets"
_FIELDS = ("first_month", "last_month", "stage", "model", "configuration", "team", "experiment", "amount", "currency")
_OPTIONAL = ("kind", "per", "quantity", "unit")
_ALL_ENTRIES = 1_000_000
_DECIMALS = 6
"""Of a budget and a planned quantity."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a report is to show."""

    months: Sequence[Month]
    today: date
    currency: str
    view: View = View.ACCRUAL
    rates: RateTable | None = None
    traffic: TrafficBetween | None = None
    quantities: Mapping[Node, tuple[Decimal, str]] | None = None


@dataclass(frozen=True, slots=True)
class Budgets:
    """What a report found."""

    rows: Sequence[Row]
    before: Mapping[Node, Money]
    """Cost of the month before the first, by budgeted node."""
    waiting: Money
    """What is counted as spent in these months and was not allocated yet."""


def planned(rows: Iterable[Mapping[Any, Any]], *, where: str) -> list[Planned]:
    """Budgets and commitments from rows of text.

    Args:
        rows: ``first_month``, ``last_month`` (empty for one month), ``stage``, ``model``, ``configuration``, ``team``,
            ``experiment`` (empty for all), ``amount``, ``currency``, and perhaps ``kind`` (budget or commitment),
            ``per`` (period or month), ``quantity`` and ``unit``.
        where: The file, for messages.

    Returns:
        In the order of the rows, not yet checked against each other.

    Raises:
        DataError: Rows are wrong; all problems at once.
    """
    found: list[Planned] = []
    problems: list[str] = []
    for number, row in enumerate(rows, start=2):
        try:
            found.append(_planned({str(name): _text(value) for name, value in row.items()}))
        except ValueError as error:
            problems.append(f"{where}, line {number}: {error}")
    if problems:
        raise DataError("\n".join(problems))
    return found


def kept(store: Store) -> list[Planned]:
    """The budgets in the store; none where none were set."""
    if not store.has(ARTEFACT):
        return []
    lines = read_budgets(store.read_json(ARTEFACT)).rows
    return planned(map(msgspec.structs.asdict, lines), where=ARTEFACT)


def keep(store: Store, plan: Sequence[Planned]) -> None:
    """Check a plan and store it in place of the one before.

    Args:
        store: Gets the artefact ``budgets``, see ``steelyard.documents.budgets``.
        plan: All budgets and commitments.

    Raises:
        DataError: Two budgets of one node and month, and what else ``check_plan`` refuses; nothing is stored.
    """
    check_plan(plan)
    store.write_json(ARTEFACT, budgets_builtins(BudgetsDocument(rows=tuple(map(_line, plan)))))


def added(plan: Sequence[Planned], more: Sequence[Planned]) -> list[Planned]:
    """A plan with more in it; what has the same node, period and kind as a new one is replaced by it."""
    keys = {_key(each) for each in more}
    return [*(each for each in plan if _key(each) not in keys), *more]


def budget_rows(plan: Sequence[Planned], ledger: LedgerPort, asked: Asked) -> Budgets:
    """Every budget over the months asked for: commitments, actual, forecast; and what no budget covers.

    Args:
        plan: Budgets and commitments, checked.
        ledger: The shop's.
        asked: Months, day, currency, view.

    Returns:
        All in one currency.

    Raises:
        PriceError: Something is in another currency and no dated rate is there to convert it.
    """
    first = month_ends(asked.months[0])[0]
    back = min(first, date(asked.today.year, asked.today.month, 1)) - timedelta(days=31 * BASIS_MONTHS)
    loaded = months_between(Month.of(back), max(asked.months[-1], Month.of(asked.today)))
    booked = {month: _spent(ledger, month, asked) for month in loaded}
    days = _booking_days(ledger, Month.of(asked.today), asked)
    expected = project(
        Booked({month: found for month, found in booked.items() if found}, asked.today, days),
        asked.months,
        traffic=asked.traffic,
    )
    own = [_converted(each, asked) for each in plan if each.last >= asked.months[0] and each.first <= asked.months[-1]]
    rows = report(
        own,
        asked.months,
        actual=booked,
        forecast=expected,
        currency=asked.currency,
        quantities=asked.quantities,
    )
    previous = Month.of(first - timedelta(days=1))
    before = booked.get(previous, {})
    zero = Money(Decimal(0), asked.currency)
    return Budgets(
        rows,
        {
            row.node: sum((amount for node, amount in before.items() if row.node.covers(node)), zero)
            for row in rows
            if row.node is not None
        },
        sum((each for month in asked.months for each in _waiting(ledger, month, asked).values()), zero),
    )


def traffic_between(by_day: Mapping[date, Decimal]) -> TrafficBetween:
    """Sums of days; unknown where a day is missing."""

    def between(first: date, last: date) -> Decimal | None:
        days = [first + timedelta(days=at) for at in range((last - first).days + 1)]
        found = [by_day[day] for day in days if day in by_day]
        return sum(found, Decimal(0)) if len(found) == len(days) else None

    return between


def _spent(ledger: LedgerPort, month: Month, asked: Asked) -> dict[Node, Money]:
    """Expenses of a month and what its pools hold, as they would be after allocating them now."""
    on = min(month_ends(month)[1], asked.today)
    found = spent(ledger.balances(month, view=asked.view), convert=lambda money: _convert(money, asked, on=on))
    for node, amount in _waiting(ledger, month, asked).items():
        found[node] = found[node] + amount if node in found else amount
    return found


def _waiting(ledger: LedgerPort, month: Month, asked: Asked) -> dict[Node, Money]:
    """What was invoiced and is nobody's expense yet, by who would bear it; nothing in the cash view.

    Where it cannot be allocated as it is, it belongs to all.
    """
    if asked.view is not View.ACCRUAL:
        return {}
    on = min(month_ends(month)[1], asked.today)
    held = ledger.balances(month, view=View.ACCRUAL)
    try:
        moved = allocate_pools(held, month, rule=Rule.COST, on=month.last_day)
    except DataError:
        rests = [(Node(), money) for money in pools(held).values() if money.amount > 0]
    else:
        rests = [
            (Node.of(each.centre), each.amount)
            for entry in moved
            for each in entry.postings
            if each.centre is not None and each.account.startswith("expense/")
        ]
    found: dict[Node, Money] = {}
    for node, money in rests:
        amount = _convert(money, asked, on=on)
        found[node] = found[node] + amount if node in found else amount
    return found


def _booking_days(ledger: LedgerPort, month: Month, asked: Asked) -> dict[Node, date]:
    """The last day of places that were booked on several days of a month."""
    days: dict[Node, set[date]] = {}
    for entry in ledger.entries(month, view=asked.view, account="expense", limit=_ALL_ENTRIES):
        for each in entry.postings:
            if each.centre is not None:
                days.setdefault(Node.of(each.centre), set()).add(entry.on)
    return {node: min(max(found), asked.today) for node, found in days.items() if len(found) > 1}


def _converted(each: Planned, asked: Asked) -> Planned:
    on = min(month_ends(each.first)[0], asked.today)
    return replace(each, amount=_convert(each.amount, asked, on=on))


def _convert(money: Money, asked: Asked, *, on: date) -> Money:
    if money.currency == asked.currency:
        return money
    if asked.rates is None:
        raise PriceError(
            f"{money} in a report in {asked.currency}: give a table of dated rates with --rates FILE.json; "
            "currencies are never added without one"
        )
    converted, _ = asked.rates.convert(money, asked.currency, on=on)
    return Money(converted.amount.quantize(Decimal("0.000001")), converted.currency)


def _planned(row: Mapping[str, str]) -> Planned:
    unknown = sorted(set(row) - set(_FIELDS) - set(_OPTIONAL))
    if unknown:
        raise ValueError(f"column {unknown[0]!r} is not known; known: {', '.join(_FIELDS + _OPTIONAL)}")
    first = _month(row.get("first_month", ""))
    last = _month(row["last_month"]) if row.get("last_month") else first
    amount, per = _number(row.get("amount", ""), "amount"), row.get("per") or "period"
    kind = row.get("kind") or "budget"
    currency = read_currency(row.get("currency", ""))
    if kind not in ("budget", "commitment") or per not in ("period", "month"):
        raise ValueError(f"kind is {kind!r} and per is {per!r}; write budget or commitment, and period or month")
    if per == "month":
        amount *= len(months_between(first, last))
    return Planned(
        Node(_stage(row.get("stage", "")), *(row.get(name, "") for name in _FIELDS[3:7])),
        first,
        last,
        Money(amount, currency),
        is_commitment=kind == "commitment",
        quantity=_number(row["quantity"], "quantity") if row.get("quantity") else None,
        unit=row.get("unit", ""),
    )


def _text(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    return "" if value is None else str(value).strip()


def _stage(text: str) -> Stage | None:
    try:
        return Stage(text) if text else None
    except ValueError:
        raise ValueError(f"no stage {text!r}; stages: {', '.join(Stage)}") from None


def _month(text: str) -> Month:
    try:
        return Month.parse(text)
    except DataError as error:
        raise ValueError(str(error)) from None


def _number(text: str, name: str) -> Decimal:
    try:
        return read_decimal(text, like="1200.50", places=_DECIMALS)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def _line(each: Planned) -> BudgetLine:
    stage, model, configuration, team, experiment = each.node.fields
    return BudgetLine(
        first_month=str(each.first),
        last_month=str(each.last),
        stage=stage,
        model=model,
        configuration=configuration,
        team=team,
        experiment=experiment,
        amount=each.amount.amount,
        currency=each.amount.currency,
        kind="commitment" if each.is_commitment else "budget",
        quantity=each.quantity,
        unit=each.unit,
    )


def _key(each: Planned) -> tuple[Any, ...]:
    return each.node, each.first, each.last, each.is_commitment
