"""Says in English and Chinese why a configuration was chosen, why another was not, and what the floors are."""

from __future__ import annotations

import math
from typing import Any, Literal

from steelyard.decision.choose import Limits, Reason
from steelyard.domain import Money

__all__ = ["LANGUAGES", "Language", "baseline_sentence", "floor_text", "say", "shortfall_sentence"]

Language = Literal["en", "zh"]
LANGUAGES: tuple[tuple[str, Language], ...] = (("", "en"), ("_zh", "zh"))
"""Suffix of a text's name, and its language."""

_STAGES = {
    "data": "数据",
    "labelling": "标注",
    "training": "训练",
    "tuning": "调优",
    "hardware": "硬件",
    "software": "软件",
    "deployment": "部署",
    "serving": "在线服务",
    "maintenance": "维护",
    "retraining": "重新训练",
    "storage": "存储",
    "bandwidth": "带宽",
    "overhead": "管理费用",
}
_CURRENCY_PLACES = 2


def floor_text(limits: Limits, reference: str, language: Language = "en") -> str:
    """The quality floor in words."""
    parts: list[str] = []
    if limits.min_quality_share is not None:
        share = _percent(limits.min_quality_share)
        best = limits.reference == "best"
        if language == "zh":
            parts.append(f"至少达到{'最优配置 ' if best else ' '}{reference} 的 {share}")
        else:
            parts.append(f"at least {share} of {'the best, ' if best else ''}{reference}")
    if limits.min_quality is not None:
        figure = f"{limits.min_quality:.4g}"
        parts.append(f"不低于 {figure}" if language == "zh" else f"at least {figure}")
    if not parts:
        return "没有质量下限" if language == "zh" else "no quality floor"
    return ("，且" if language == "zh" else " and ").join(parts)


def say(reason: Reason, language: Language = "en") -> str:
    """One reason as a sentence without its full stop."""
    writers = {
        "violates": _violates,
        "dearer": _dearer,
        "dominated": _dominated,
        "tie": _tie,
        "unpriced": _unpriced,
        "cheapest": _cheapest,
        "only": _only,
        "nearest": _nearest,
        "none": _none,
        "no_quality": _no_quality,
        "together": _together,
        "dearer_together": _dearer_together,
    }
    return writers[reason.kind](dict(reason.facts), language == "zh")


def baseline_sentence(name: str, *, times: float, quality_share: float, language: Language = "en") -> str:
    """How the chosen configuration compares with the plain one: whole encoder, exact search."""
    quality = _percent(quality_share)
    if language == "zh":
        ratio = f"低 {times:.1f} 倍" if times >= 1 else f"高 {1 / times:.1f} 倍"
        return f"与 {name} 相比，各用其最便宜的机器，满负荷时每千次请求的机器成本{ratio}，质量为其 {quality}"
    ratio = f"{times:.1f} times cheaper" if times >= 1 else f"{1 / times:.1f} times dearer"
    return (
        f"{ratio} than {name} in machine cost per 1,000 requests at capacity, each on its own cheapest machines, "
        f"with {quality} of its quality"
    )


def shortfall_sentence(
    *,
    cpu_ms: float,
    baseline_cpu_ms: float,
    http_ms: float,
    goal: float,
    other: tuple[str, float, str] | None,
    language: Language = "en",
) -> str:
    """Why the choice is not as many times cheaper as hoped: goes with the sentence of ``baseline_sentence``.

    Args:
        cpu_ms: Processor time of one request of the choice, HTTP included.
        baseline_cpu_ms: The same for the plain configuration.
        http_ms: What HTTP takes of both.
        goal: Times cheaper that were hoped for.
        other: What is cheapest a request: name, times cheaper, why it lost first of all; None if that is the choice.
        language: Of the sentence.

    Returns:
        A sentence without its full stop.
    """
    needed = baseline_cpu_ms / goal
    if language == "zh":
        said = (
            f"未达到 {goal:g} 倍：每次请求占用处理器 {cpu_ms:.2f} ms，后者为 {baseline_cpu_ms:.2f} ms，"
            f"达到该倍数需降至 {needed:.2f} ms，而任何配置都要为 HTTP 付出 {http_ms:.2f} ms"
        )
        if other is None:
            return f"{said}；没有测得单次请求更便宜的配置"
        name, times, lost = other
        return f"{said}；{name} 可便宜 {times:.1f} 倍，但{lost}"
    said = (
        f"Not {goal:g} times, because a request takes {cpu_ms:.2f} ms of a processor against {baseline_cpu_ms:.2f}, "
        f"and {goal:g} times would need {needed:.2f}, of which HTTP takes {http_ms:.2f} whatever the model"
    )
    if other is None:
        return f"{said}; nothing measured is cheaper a request"
    name, times, lost = other
    return f"{said}; {name} would be {times:.1f} times cheaper but {lost}"


def _violates(facts: dict[str, Any], is_zh: bool) -> str:
    found, wanted, what = facts["found"], facts["wanted"], facts["what"]
    if what == "p99":
        shown, limit = f"{found:.1f} ms", f"{wanted:.1f} ms"
        return f"高峰时 p99 为 {shown}，超过上限 {limit}" if is_zh else f"p99 at the peak is {shown}, over {limit}"
    if what == "memory":
        shown, limit = f"{found:.1f} GB", f"{wanted:.1f} GB"
        return (
            f"需要内存 {shown}，最大的机器有 {limit}" if is_zh else f"needs {shown} of memory, the largest has {limit}"
        )
    if what == "errors":
        return (
            f"检验时有 {found:.0f} 次请求未得到正常响应"
            if is_zh
            else f"{found:.0f} requests of its check went unanswered"
        )
    if math.isnan(found):
        return "请求太少，无法判断质量" if is_zh else "too few requests to judge its quality"
    if what == "quality_share":
        shown, limit = _percent(found), _percent(wanted)
        return (
            f"质量只能保证参照配置的 {shown}，要求 {limit}"
            if is_zh
            else f"surely keeps only {shown} of the reference's quality, {limit} is wanted"
        )
    shown, limit = f"{found:.4f}", f"{wanted:.4f}"
    return f"质量区间下端 {shown}，低于下限 {limit}" if is_zh else f"low end of quality {shown} is below {limit}"


def _dearer(facts: dict[str, Any], is_zh: bool) -> str:
    by, than = _money(facts["by"]), facts["than"]
    said = f"每月比 {than} 贵 {by}" if is_zh else f"dearer than {than} by {by} a month"
    if facts["most"] is None:
        return said
    stage, amount = facts["most"]
    if is_zh:
        return f"{said}，主要在{_STAGES.get(stage, stage)}（{_money(amount)}）"
    return f"{said}, above all in {stage} ({_money(amount)})"


def _dominated(facts: dict[str, Any], is_zh: bool) -> str:
    return f"{facts['by']} 不更贵且质量不更低" if is_zh else f"{facts['by']} costs no more and is no worse"


def _tie(facts: dict[str, Any], is_zh: bool) -> str:
    if is_zh:
        return f"月成本与 {facts['than']} 相同，按满负荷单位成本、质量、名称排在其后"
    return f"costs the same as {facts['than']}, which comes first by unit cost at capacity, quality, then name"


def _unpriced(facts: dict[str, Any], is_zh: bool) -> str:
    missing = ("、" if is_zh else ", ").join(facts["missing"])
    return f"搁置：缺少价格（{missing}）" if is_zh else f"set aside: no price for {missing}"


def _cheapest(facts: dict[str, Any], is_zh: bool) -> str:
    name, n, cost = facts["name"], facts["n"], _money(facts["cost"])
    second, other = facts["second"], _money(facts["second_cost"])
    if is_zh:
        return f"{n} 个满足全部下限的配置中 {name} 最便宜：每月 {cost}；其次是 {second}，{other}"
    return f"{name} is the cheapest of {n} that keep every floor: {cost} a month; next is {second} at {other}"


def _only(facts: dict[str, Any], is_zh: bool) -> str:
    name, cost = facts["name"], _money(facts["cost"])
    return f"只有 {name} 满足全部下限：每月 {cost}" if is_zh else f"only {name} keeps every floor: {cost} a month"


def _nearest(facts: dict[str, Any], is_zh: bool) -> str:
    broken = ("；" if is_zh else "; ").join(_violates(each, is_zh) for each in facts["violations"])
    name = facts["name"]
    if is_zh:
        return f"没有配置满足全部下限；最接近的是 {name}：{broken}"
    return f"nothing keeps every floor; {name} comes nearest: {broken}"


def _no_quality(facts: dict[str, Any], is_zh: bool) -> str:
    name = facts["reference"]
    if is_zh:
        return f"没有一个配置给出过正确结果（最好的 {name} 质量为 0），因此不作选择：请检查数据、库存与判定"
    return (
        f"no configuration gave a single right answer (the best, {name}, has quality 0), so none is chosen: "
        "check data, stock and judgements"
    )


def _together(facts: dict[str, Any], is_zh: bool) -> str:
    name, n, cost = facts["name"], facts["n"], _money(facts["cost"])
    alone, other = facts["alone"], _money(facts["alone_cost"])
    if is_zh:
        return (
            f"{n} 个满足全部下限的配置中，各场景共用机器时以 {name} 的总费用最低：单独运行每月 {cost}；"
            f"单独运行最便宜的是 {alone}，{other}"
        )
    return (
        f"{name}, of {n} that keep every floor, makes the whole shop cheapest on shared machines; alone it would be "
        f"{cost} a month, {alone} {other}"
    )


def _dearer_together(facts: dict[str, Any], is_zh: bool) -> str:
    by, than = _money(facts["by"]), facts["than"]
    if is_zh:
        return f"单独运行每月比 {than} 便宜 {by}，但全店总费用更高"
    return f"alone it costs {by} a month less than {than}, but the whole shop costs more with it"


def _none(_: dict[str, Any], is_zh: bool) -> str:
    return "没有一个配置的价格完整，无法选择" if is_zh else "no configuration has a complete price, so none is chosen"


def _money(money: Money) -> str:
    small = abs(money.amount) < 1 and money.amount != 0
    shown = f"{money.amount:.4f}" if small else f"{money.rounded(_CURRENCY_PLACES).amount:,}"
    return f"{shown} {money.currency}"


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %".replace(".0 %", " %")
