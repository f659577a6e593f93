"""Configurations that were passed over, as sentences: those that could not beat the same choice in one."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from steelyard.documents.decision import Decision, NotBuilt
from steelyard.domain import capitalised
from steelyard.reporting.page import Html, element
from steelyard.reporting.words import words_in

__all__ = ["not_built_lines", "not_built_list"]


def not_built_lines(rows: Sequence[NotBuilt], *, language: str = "en") -> list[str]:
    """What was not built and why.

    Args:
        rows: Of a decision.
        language: ``en`` or ``zh``.

    Returns:
        Sentences without their full stop; none where everything was built.
    """
    say = words_in(language)
    dear: dict[tuple[str, str], list[NotBuilt]] = {}
    for row in rows:
        if row.why == "too_dear":
            dear.setdefault((row.surface, row.by), []).append(row)
    lines = [row.says_zh if language == "zh" else row.says for row in rows if row.why != "too_dear"]
    for group in dear.values():
        least = min(group, key=lambda row: Decimal(row.least or "Infinity"))
        names = say("and_so").join(row.name for row in group)
        figures = {"least": least.least, "currency": least.currency, "by": least.by, "bill": least.bill}
        lines.append(say("not_built", names=names, **figures))
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
