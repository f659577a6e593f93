"""Says in English and Chinese why a configuration was chosen, why another was not, and what the floors are."""

from __future__ import annotations

import math
from typing import Any, Literal

from steelyard.decision.choose import Limits, Reason
from steelyard.documents.bill_terms import STAGES
from steelyard.domain import Money

__all__ = [
    "LANGUAGES",
    "Language",
    "baseline_sentence",
    "floor_text",
    "money_text",
    "percent",
    "say",
    "shortfall_sentence",
    "told_apart",
]

Language = Literal["en", "zh"]
LANGUAGES: tuple[tuple[str, Language], ...] = (("", "en"), ("_zh", "zh"))
"""Suffix of a text's name, and its language."""

_CURRENCY_PLACES = 2
_CURRENCIES = {"USD": "美元", "CNY": "元", "EUR": "欧元", "GBP": "英镑", "JPY": "日元", "HKD": "港元"}
_MOST_PLACES = 15
_BROKEN = {
    "p99": ("p99 at the peak is {} ms, over {} ms", "高峰时 p99 为 {} ms，超过上限 {} ms"),
    "memory": ("needs {} GB of memory, the largest has {} GB", "需要内存 {} GB，最大的机器有 {} GB"),
    "quality": ("low end of quality {} is below {}", "质量区间下端 {}，低于下限 {}"),
    "errors": ("{} requests of its check went unanswered; {} may", "检验时有 {} 次请求未得到正常响应，允许 {} 次"),
    "quality_share": (
        "keeps at least {} % of the reference's quality (95 % confidence); the floor is {} %",
        "质量至少为参照配置的 {}%（95% 置信），下限为 {}%",
    ),
}
"""What is not kept, found and wanted, in English and Chinese."""
_PLACES = {"quality": 4, "errors": 0}


def floor_text(limits: Limits, reference: str, language: Language = "en") -> str:
    """The quality floor in words."""
    is_zh = language == "zh"
    parts: list[str] = []
    if limits.min_quality_share is not None:
        share = percent(limits.min_quality_share, language)
        best = limits.reference == "best"
        if is_zh:
            parts.append(f"不低于{'最优配置 ' if best else ' '}{reference} 的 {share}")
        else:
            parts.append(f"at least {share} of {'the best, ' if best else ''}{reference}")
    if limits.min_quality is not None:
        figure = f"{limits.min_quality:.4g}"
        parts.append(f"不低于 {figure}" if is_zh else f"at least {figure}")
    if not parts:
        return "没有质量下限" if is_zh else "no quality floor"
    return ("，且" if is_zh else " and ").join(parts)


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
    """How the chosen configuration compares with the plain one: whole encoder, exact search.

    Args:
        name: Of the plain configuration.
        times: Its machine cost of 1,000 requests at capacity over that of the choice, > 0.
        quality_share: Quality of the choice over its quality.
        language: Of the sentence.

    Returns:
        A sentence without its full stop.
    """
    if language == "zh":
        quality = _compared(quality_share, ("质量高出 {}", "质量低 {}", "质量相同"), language)
        return (
            f"与 {name} 相比，各用其最便宜的机器，满负荷时每千次请求的机器成本约为其 {percent(1 / times, language, 0)}"
            f"（{_compared(1 / times, ('增加 {}', '降低 {}', '持平'), language)}），{quality}"
        )
    cost = _compared(1 / times, ("costs {} more than", "costs {} less than", "costs as much as"), language)
    quality = _compared(quality_share, ("scores {} higher", "scores {} lower", "scores the same"), language)
    return f"{cost} {name} in machines per 1,000 requests at capacity, each on its own cheapest machines, and {quality}"


def shortfall_sentence(
    *,
    cpu_ms: float,
    baseline_cpu_ms: float,
    http_ms: float,
    other: tuple[str, float, str] | None,
    language: Language = "en",
) -> str:
    """What limits the saving: goes with the sentence of ``baseline_sentence``.

    Args:
        cpu_ms: Processor time of one request of the choice, HTTP included.
        baseline_cpu_ms: The same for the plain configuration.
        http_ms: What HTTP takes of both.
        other: What is cheapest a request: name, times cheaper than the plain one, why it was not chosen, first of
            all; None if that is the choice.
        language: Of the sentence.

    Returns:
        A sentence without its full stop.
    """
    if language == "zh":
        said = (
            f"每次请求占用处理器 {cpu_ms:.2f} ms，后者为 {baseline_cpu_ms:.2f} ms；"
            f"其中 HTTP 各占 {http_ms:.2f} ms，与模型无关"
        )
        if other is None:
            return said
        name, times, lost = other
        saving = _compared(1 / times, ("比后者贵 {}", "比后者便宜 {}", "与后者持平"), language)
        return f"{said}；{name} 可{saving}，但{lost}"
    said = (
        f"a request takes {cpu_ms:.2f} ms of a processor against {baseline_cpu_ms:.2f} ms, "
        f"of which HTTP takes {http_ms:.2f} ms whatever the model"
    )
    if other is None:
        return said
    name, times, lost = other
    saving = _compared(1 / times, ("{} more than", "{} less than", "as much as"), language)
    return f"{said}; {name} would cost {saving} the plain configuration but {lost}"


def percent(share: float, language: Language = "en", places: int = 1) -> str:
    """A share as a percentage; Chinese sets no space before the sign."""
    shown = f"{share * 100:.{places}f}"
    return (shown.rstrip("0").rstrip(".") if "." in shown else shown) + ("%" if language == "zh" else " %")


def money_text(money: Money, language: Language = "en") -> str:
    """An amount to the cent, below one to four decimals, with its currency."""
    small = abs(money.amount) < 1 and money.amount != 0
    shown = f"{money.amount:.4f}" if small else f"{money.rounded(_CURRENCY_PLACES).amount:,}"
    currency = _CURRENCIES.get(money.currency, money.currency) if language == "zh" else money.currency
    return f"{shown} {currency}"


def told_apart(one: float, other: float, places: int = 1) -> tuple[str, str]:
    """Two figures with as many decimals as tell them apart, at least ``places``; equal ones are shown alike."""
    while f"{one:.{places}f}" == f"{other:.{places}f}" and one != other and places < _MOST_PLACES:
        places += 1
    return f"{one:.{places}f}", f"{other:.{places}f}"


def _violates(facts: dict[str, Any], is_zh: bool) -> str:
    found, wanted, what = facts["found"], facts["wanted"], facts["what"]
    if math.isnan(found):
        return "请求太少，无法判断质量" if is_zh else "too few requests to judge its quality"
    scale, places = (100, 1) if what == "quality_share" else (1, _PLACES.get(what, 1))
    shown, limit = told_apart(found * scale, wanted * scale, places)
    if what == "quality_share":
        shown, limit = (figure.rstrip("0").rstrip(".") for figure in (shown, limit))
    return _BROKEN[what][is_zh].format(shown, limit)


def _dearer(facts: dict[str, Any], is_zh: bool) -> str:
    by, than = facts["by"], facts["than"]
    said = f"每月比 {than} 多花 {money_text(by, 'zh')}" if is_zh else f"costs {money_text(by)} a month more than {than}"
    if facts["most"] is None:
        return said
    stage, amount = facts["most"]
    is_mostly = 2 * amount.amount > by.amount
    if is_zh:
        return f"{said}，{'主要用于' if is_mostly else '其中最多的是'}{STAGES[stage].zh if stage in STAGES else stage}"
    return f"{said}, {'mostly' if is_mostly else 'the largest part'} for {stage}"


def _dominated(facts: dict[str, Any], is_zh: bool) -> str:
    return f"{facts['by']} 不更贵且质量不更低" if is_zh else f"{facts['by']} costs no more and is no worse"


def _tie(facts: dict[str, Any], is_zh: bool) -> str:
    """The rule in the order in which ``choose`` applies it."""
    if is_zh:
        return f"月成本与 {facts['than']} 相同（精确到分）；依次按质量、满负荷单位成本、名称，{facts['than']} 在前"
    than = facts["than"]
    return f"costs the same as {than} to the cent; {than} comes first by quality, then unit cost at capacity, then name"


def _unpriced(facts: dict[str, Any], is_zh: bool) -> str:
    missing = ("、" if is_zh else ", ").join(each.zh if is_zh else each.en for each in facts["missing"])
    return f"未参评：缺少价格（{missing}）" if is_zh else f"set aside: no price for {missing}"


def _cheapest(facts: dict[str, Any], is_zh: bool) -> str:
    name, n, second = facts["name"], facts["n"], facts["second"]
    if is_zh:
        cost, other = money_text(facts["cost"], "zh"), money_text(facts["second_cost"], "zh")
        return f"共有 {n} 个配置达标，其中 {name} 费用最低：每月 {cost}；其次是 {second}，{other}"
    cost, other = money_text(facts["cost"]), money_text(facts["second_cost"])
    return f"{name} is the cheapest of {n} that keep every floor: {cost} a month; next is {second} at {other}"


def _only(facts: dict[str, Any], is_zh: bool) -> str:
    name, cost = facts["name"], facts["cost"]
    if is_zh:
        return f"只有 {name} 达标：每月 {money_text(cost, 'zh')}"
    return f"only {name} keeps every floor: {money_text(cost)} a month"


def _nearest(facts: dict[str, Any], is_zh: bool) -> str:
    broken = ("；" if is_zh else "; ").join(_violates(each, is_zh) for each in facts["violations"])
    name = facts["name"]
    if is_zh:
        return f"没有配置满足全部下限；最接近的是 {name}：{broken}"
    return f"no configuration meets every floor; {name} comes closest: {broken}"


def _no_quality(facts: dict[str, Any], is_zh: bool) -> str:
    name = facts["reference"]
    if is_zh:
        return f"没有一个配置给出过正确结果（最好的 {name} 质量为 0），因此不作选择：请检查数据、库存与判定"
    return (
        f"no configuration gave a single right answer (the best, {name}, has quality 0), so none is chosen: "
        "check data, stock and judgements"
    )


def _together(facts: dict[str, Any], is_zh: bool) -> str:
    name, n, cost = facts["name"], facts["n"], money_text(facts["cost"], _language(is_zh))
    alone, other = facts["alone"], money_text(facts["alone_cost"], _language(is_zh))
    if is_zh:
        return (
            f"{n} 个达标配置中，搜索与推荐共用机器时以 {name} 的总费用最低：单独运行每月 {cost}；"
            f"单独运行最便宜的是 {alone}，{other}"
        )
    return (
        f"{name}, of {n} that keep every floor, makes the whole shop cheapest on shared machines; alone it would be "
        f"{cost} a month, {alone} {other}"
    )


def _dearer_together(facts: dict[str, Any], is_zh: bool) -> str:
    by, than = money_text(facts["by"], _language(is_zh)), facts["than"]
    if is_zh:
        return f"单独运行每月比 {than} 便宜 {by}，但全店总费用更高"
    return f"alone it costs {by} a month less than {than}, but the whole shop costs more with it"


def _language(is_zh: bool) -> Language:
    return "zh" if is_zh else "en"


def _none(_: dict[str, Any], is_zh: bool) -> str:
    return "没有一个配置的价格完整，无法选择" if is_zh else "no configuration has a complete price, so none is chosen"


def _compared(ratio: float, words: tuple[str, str, str], language: Language) -> str:
    """More, less or as much: the first, second or third words, with the difference as a percentage in them."""
    more, less, same = words
    shown = percent(abs(ratio - 1), language, 0)
    if shown == percent(0, language, 0):
        return same
    return (more if ratio > 1 else less).format(shown)
