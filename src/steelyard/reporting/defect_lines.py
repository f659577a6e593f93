"""What each defect of the data costs, as sentences for the terminal."""

from __future__ import annotations

from decimal import Decimal

from steelyard.documents.defect_prices import DefectPrice, DefectPrices
from steelyard.reporting.words.detected import UNPRICED

__all__ = ["defect_lines"]


def defect_lines(prices: DefectPrices, *, language: str) -> list[str]:
    """A line for each defect, what is worth mending first on top; then those without a price, and why.

    Args:
        prices: As they were measured.
        language: ``en`` or ``zh``.

    Returns:
        Sentences; without a value of quality no money is in them.
    """
    is_zh = language == "zh"
    lines = [_line(row, prices, is_zh=is_zh) for row in prices.rows]
    for each in prices.unpriced:
        en, zh = UNPRICED[each.why]
        lines.append(f"{each.reason} ({each.count:,}): {zh if is_zh else en}")
    if prices.rows and not prices.currency:
        lines.append(
            "没有说明质量的价值，因此不折算成钱：请给出流量、订单金额、毛利和弹性"
            if is_zh
            else "what quality is worth was not said, so there is no money here: give traffic, margin and an elasticity"
        )
    return lines


def _line(row: DefectPrice, prices: DefectPrices, *, is_zh: bool) -> str:
    metric = row.metric.split("(")[0]
    change = f"{_percent(row.change)} {metric}"
    if is_zh:
        doubt = "" if row.is_certain else "，可能没有影响"
        ends = f"{_percent(row.low)} 至 {_percent(row.high)}"
        told = f"{row.reason}：{row.share:.2%}（{row.count:,} 行）→ {change}（{ends}）"
    else:
        doubt = "" if row.is_certain else ", which may be nothing"
        told = (
            f"{row.reason}: {row.share:.2%} ({row.count:,} rows) -> {change} "
            f"({_percent(row.low)} to {_percent(row.high)})"
        )
    return f"{told}{doubt}{_money(row.loss_per_month, row, prices, is_zh=is_zh)}"


def _money(loss: Decimal | None, row: DefectPrice, prices: DefectPrices, *, is_zh: bool) -> str:
    if loss is None:
        return ""
    kind = prices.value_kind
    if is_zh:
        kind = "假设" if kind == "assumed" else "实测"
        return f"；每月约 {loss:,.0f} {prices.currency}（{row.loss_low:,.0f} 至 {row.loss_high:,.0f}，{kind}）"
    return f"; about {loss:,.0f} {prices.currency} a month ({row.loss_low:,.0f} to {row.loss_high:,.0f}, {kind})"


def _percent(share: float) -> str:
    return f"{100 * share:+.2f} %"
