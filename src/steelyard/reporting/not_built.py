"""Configurations that were passed over, as sentences: those that could not beat the same choice in one."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from steelyard.documents.decision import Decision, NotBuilt
from steelyard.domain import capitalised
from steelyard.reporting.page import Html, element

__all__ = ["not_built_lines", "not_built_list"]

_TOO_DEAR = {
    "en": "Not built, since none can be cheaper than {by}, which keeps the floors for {bill} {currency} a month: "
    "{names}. The least that they can cost is {least}; their quality is taken to be at most that of the uncompressed "
    "model. `steelyard run --all` measures them",
    "zh": "未构建：{names}。其每月成本至少为 {least} {currency}，不可能低于以 {bill} 达标的 {by}；"
    "其质量按不高于未压缩模型计。`steelyard run --all` 可全部测量",
}


def not_built_lines(rows: Sequence[NotBuilt], *, language: str = "en") -> list[str]:
    """What was not built and why.

    Args:
        rows: Of a decision.
        language: ``en`` or ``zh``.

    Returns:
        Sentences without their full stop; none where everything was built.
    """
    dear: dict[tuple[str, str], list[NotBuilt]] = {}
    for row in rows:
        if row.why == "too_dear":
            dear.setdefault((row.surface, row.by), []).append(row)
    lines = [row.says_zh if language == "zh" else row.says for row in rows if row.why != "too_dear"]
    for group in dear.values():
        least = min(group, key=lambda row: Decimal(row.least or "Infinity"))
        names = ("、" if language == "zh" else ", ").join(row.name for row in group)
        text = _TOO_DEAR["zh" if language == "zh" else "en"]
        lines.append(text.format(names=names, least=least.least, currency=least.currency, by=least.by, bill=least.bill))
    return lines


def not_built_list(decision: Decision, *, language: str) -> Html | None:
    """Configurations that were passed over, and surfaces that nobody could judge.

    Args:
        decision: Of a shop.
        language: ``en`` or ``zh``.

    Returns:
        A list of sentences; ``None`` where everything was built and judged.
    """
    unjudged = [row.says_zh if language == "zh" else row.says for row in decision.not_judged]
    said = [*not_built_lines(decision.not_built, language=language), *unjudged]
    return element("ul", [element("li", capitalised(text, decision.names)) for text in said]) if said else None
