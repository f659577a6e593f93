"""Rules on budgets and prices. What they find is data with a sentence in both languages; telling is done elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from steelyard.cost.facts import EXACT
from steelyard.domain import Bilingual, Money
from steelyard.planning.budget import Node, Row

__all__ = ["Alert", "Limits", "budget_alerts", "jump_alerts", "price_alerts"]

Severity = Literal["warning", "error"]


@dataclass(frozen=True, slots=True)
class Limits:
    """When to speak."""

    actual_percent: Decimal = Decimal(80)
    """Of the budget that was spent."""
    jump_percent: Decimal = Decimal(50)
    """That a month may cost more than the month before."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One finding."""

    rule: str
    severity: Severity
    where: str
    """Node, configuration or price."""
    period: str
    found: str
    limit: str
    says: Bilingual

    def as_json(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {
            "rule": self.rule,
            "severity": self.severity,
            "where": self.where,
            "period": self.period,
            "found": self.found,
            "limit": self.limit,
            "en": self.says.en,
            "zh": self.says.zh,
        }


def budget_alerts(rows: Sequence[Row], limits: Limits, *, period: str) -> list[Alert]:
    """Budgets that are nearly or wholly spent, that will be, that their parts exceed, and costs without one.

    Args:
        rows: As ``budget.report`` gives them.
        limits: When to speak.
        period: The months, in words.

    Returns:
        In the order of the rows.
    """
    return [alert for row in rows for alert in (*_of_row(row, limits, period), *_parts(row, rows, period))]


def jump_alerts(rows: Sequence[Row], before: Mapping[Node, Money], limits: Limits, *, period: str) -> list[Alert]:
    """Nodes whose month will cost much more than the month before.

    Args:
        rows: Of one month.
        before: Actual cost of the month before; a node that had none then is no jump, and is passed over.
        limits: When to speak.
        period: The month.

    Returns:
        In the order of the rows.
    """
    found: list[Alert] = []
    for row in rows:
        was = before.get(row.node) if row.node is not None else None
        if was is None or was.amount <= 0:
            continue
        percent = EXACT.divide((row.forecast - was).amount * 100, was.amount)
        if percent > limits.jump_percent:
            text, shown = f"+{percent:.0f} %", f"{limits.jump_percent:f} %"
            says = Bilingual(
                f"{row.node}: {period} will cost {row.forecast}, {text} over the month before ({was})",
                f"{_zh(row.node)}：{period} 预计 {row.forecast}，比上月（{was}）增加 {percent:.0f}%",
            )
            found.append(Alert("jump", "warning", str(row.node), period, text, shown, says))
    return found


def price_alerts(unpriced: Iterable[tuple[str, str]], stale: Iterable[Bilingual], *, period: str) -> list[Alert]:
    """Things without a price, and prices that are old.

    Args:
        unpriced: Configuration and item.
        stale: What the price book says of its old prices.
        period: Of the bill, in words.

    Returns:
        Unpriced first: a total without them is no total.
    """
    found = [
        Alert(
            "unpriced", "error", name, period, item, "a price",
            Bilingual(
                f"{name}: {item} has no price, so the bill has no total", f"{name}：{item} 没有价格，账单无法合计"
            ),
        )
        for name, item in unpriced
    ]  # fmt: skip
    return found + [Alert("stale_prices", "warning", "prices", period, "old", "", each) for each in stale]


def _of_row(row: Row, limits: Limits, period: str) -> Iterator[Alert]:
    if row.node is None or row.budget is None:
        if row.actual.amount:
            says = Bilingual(f"{row.actual} of {period} have no budget", f"{period} 有 {row.actual} 没有对应的预算")
            yield Alert("no_budget", "warning", "without a budget", period, str(row.actual), "", says)
        return
    name, zh, budget = str(row.node), _zh(row.node), row.budget
    percent = row.percent(row.actual)
    if row.actual.amount > budget.amount:
        says = Bilingual(
            f"{name}: {row.actual} spent in {period}, budget {budget}",
            f"{zh}：{period} 已花费 {row.actual}，预算 {budget}",
        )
        yield Alert("over_budget", "error", name, period, str(row.actual), str(budget), says)
    elif percent is not None and percent > limits.actual_percent:
        says = Bilingual(
            f"{name}: {percent:.0f} % of the budget of {period} is spent ({row.actual} of {budget})",
            f"{zh}：{period} 的预算已用 {percent:.0f}%（{row.actual} / {budget}）",
        )
        yield Alert("budget_share", "warning", name, period, f"{percent:.1f} %", f"{limits.actual_percent:f} %", says)
    if row.forecast.amount > budget.amount >= row.actual.amount:
        says = Bilingual(
            f"{name}: {period} will end at {row.forecast}, budget {budget}",
            f"{zh}：{period} 预计达到 {row.forecast}，预算 {budget}",
        )
        yield Alert("forecast_over_budget", "warning", name, period, str(row.forecast), str(budget), says)


def _parts(row: Row, rows: Sequence[Row], period: str) -> Iterator[Alert]:
    """A node with less than its parts: parts that differ in one field only cannot overlap, and are summed by field."""
    if row.node is None or row.budget is None:
        return
    sums: dict[int, Money] = {}
    for each in rows:
        if each.node is None or each.budget is None or each.node.depth != row.node.depth + 1:
            continue
        if row.node.covers(each.node):
            field = next(at for at, (a, b) in enumerate(zip(row.node.fields, each.node.fields, strict=True)) if a != b)
            sums[field] = sums[field] + each.budget if field in sums else each.budget
    for total in sums.values():
        if total.amount > row.budget.amount:
            says = Bilingual(
                f"{row.node}: its parts have {total} for {period}, more than its own {row.budget}",
                f"{_zh(row.node)}：{period} 各部分预算合计 {total}，超过自身的 {row.budget}",
            )
            yield Alert("parts_over_budget", "warning", str(row.node), period, str(total), str(row.budget), says)


def _zh(node: Node | None) -> str:
    if node is None or not node.depth:
        return "全部成本"
    names = ("阶段", "模型", "配置", "团队", "实验")
    return "，".join(f"{name} {value}" for name, value in zip(names, node.fields, strict=True) if value)
