"""What each defect of the data costs, as sentences for the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from steelyard.documents.defect_prices import DefectPrice, DefectPrices
from steelyard.domain import capitalised
from steelyard.reporting.words.detected import UNPRICED

__all__ = ["defect_lines"]

_SURFACES = {"search": "搜索", "recommend": "推荐"}
_TABLES = {"items": "商品", "events": "日志", "judgements": "评判", "users": "用户", "answers": "问答"}
_KINDS = {"assumed": "假设", "measured": "实测"}
_HEADS = (
    "Cost of each defect, dearest first (a cheap model trained with it and without):",
    "每种缺陷的代价，最贵的在前（便宜的模型带缺陷与不带缺陷各训练一次）：",
)
_NO_MONEY = (
    "What quality is worth was not said, so there is no money here: give traffic, margin and an elasticity.",
    "没有说明质量的价值，因此不折算成钱：请给出流量、订单金额、毛利和弹性。",
)


def defect_lines(prices: DefectPrices, *, language: str) -> list[str]:
    """Some lines for each defect, what is worth mending first on top; then those without a price, by the reason why.

    Args:
        prices: As they were measured.
        language: ``en`` or ``zh``.

    Returns:
        Sentences of any length; without a value of quality no money is in them.
    """
    is_zh = language == "zh"
    lines = [_HEADS[is_zh]] if prices.rows else []
    for row in prices.rows:
        lines += _row(row, prices, is_zh=is_zh)
    if prices.rows and not prices.currency:
        lines.append(_NO_MONEY[is_zh])
    return [*lines, *_unpriced(prices, is_zh=is_zh)]


def _row(row: DefectPrice, prices: DefectPrices, *, is_zh: bool) -> Iterator[str]:
    metric, table = row.metric.split("(")[0], _TABLES.get(row.table, row.table)
    ends, change = f"{_percent(row.low)} ~ {_percent(row.high)} %", f"{_percent(row.change)} %"
    if is_zh:
        yield f"{row.reason}：{table} {row.count:,} 行（{row.share:.2%}）"
        yield f"  {_SURFACES.get(row.surface, row.surface)}（{row.model}）：{metric} {change}（95 %：{ends}）"
    else:
        yield f"{row.reason}: {row.count:,} rows of {row.table} ({row.share:.2%})"
        yield f"  {row.surface} ({row.model}): {change} {metric} (95 %: {ends.replace('~', 'to')})"
    said = _money(row, prices, is_zh=is_zh) if row.is_certain else _doubt(row, prices, is_zh=is_zh)
    if said:
        yield f"  {said}"


def _money(row: DefectPrice, prices: DefectPrices, *, is_zh: bool) -> str:
    loss, low, high = row.loss_per_month, row.loss_low, row.loss_high
    if loss is None or low is None or high is None:
        return ""
    if loss < 0:
        loss, low, high, verb, word = -loss, -high, -low, "gain", "多得"
    else:
        verb, word = "loss", "损失"
    unit, kind = prices.currency, prices.value_kind
    if is_zh:
        return f"每月约{word} {loss:,.0f} {unit}（{low:,.0f} ~ {high:,.0f}，{_KINDS.get(kind, kind)}）"
    return f"about {loss:,.0f} {unit} of {verb} a month ({low:,.0f} to {high:,.0f}, {kind})"


def _doubt(row: DefectPrice, prices: DefectPrices, *, is_zh: bool) -> str:
    """What is said where the interval holds no change at all."""
    if row.low == row.high:
        return "没有变化：模型的结果与原来相同" if is_zh else "no difference: the model ranks as before"
    told = "可能没有影响" if is_zh else "which may be nothing"
    if row.loss_low is None or row.loss_high is None:
        return told
    gained, lost = max(-row.loss_low, Decimal(0)), max(row.loss_high, Decimal(0))
    unit = prices.currency
    if is_zh:
        return f"{told}：每月多得 {gained:,.0f} {unit} 到损失 {lost:,.0f} {unit} 之间"
    return f"{told}: between {gained:,.0f} {unit} gained and {lost:,.0f} {unit} lost a month"


def _unpriced(prices: DefectPrices, *, is_zh: bool) -> Iterator[str]:
    reasons: dict[str, list[str]] = {}
    for each in prices.unpriced:
        reasons.setdefault(each.why, []).append(f"  {each.reason} ({each.count:,})")
    for why, found in reasons.items():
        said = UNPRICED[why][is_zh]
        yield capitalised(said, ())
        yield from found


def _percent(share: float) -> str:
    return f"{round(100 * share, 2) + 0.0:+.2f}"
