"""How hard the data is, as lines for the terminal and as a part of the report."""

from __future__ import annotations

import json
from collections.abc import Iterator

from steelyard.documents.hardness import Hardness, HardnessFigure
from steelyard.reporting.page import Html, element, percent, table
from steelyard.reporting.words import Words, words_in

__all__ = ["hardness_lines", "hardness_section"]

_VERDICTS = {"unlikely": "hard_unlikely", "open": "hard_open", "worth_a_trial": "hard_worth_a_trial"}


def hardness_lines(found: Hardness, *, language: str) -> list[str]:
    """The figures with their intervals, and the verdict.

    Args:
        found: The document.
        language: ``en`` or ``zh``.

    Returns:
        Sentences of any length.
    """
    say = words_in(language)
    colon = "：" if language == "zh" else ": "
    rows = [f"  {name}{colon}{value} {says}" for name, value, says in _rows(found, say, language)]
    head = f"{say('hard_title')}{colon}{_size(found, say)}"
    return [head, *rows, _verdict(found, say, language), say("hard_rule"), *_again_lines(found, say, language)]


def hardness_section(found: Hardness, *, language: str) -> Html:
    """The same as a part of the report.

    Args:
        found: The document.
        language: ``en`` or ``zh``.

    Returns:
        A heading, a table and the verdict.
    """
    say = words_in(language)
    listed = element("div", table(["", "", ""], [list(row) for row in _rows(found, say, language)]), class_="scroll")
    verdict = element("p", element("strong", _verdict(found, say, language)), " ", say("hard_rule"))
    again = _again_part(found, say, language)
    return element("div", element("h3", say("hard_title")), element("p", _size(found, say)), listed, verdict, again)


def _again_lines(found: Hardness, say: Words, language: str) -> list[str]:
    """The categories that are bought again, and the setting, one of its values a line."""
    if not found.again:
        return []
    rows = [f"  {' · '.join(row)}" for row in _again_rows(found, say, language)]
    return [_again_says(found, say, language), *rows, say("hard_again_setting"), *_setting(found)]


def _again_part(found: Hardness, say: Words, language: str) -> Html | None:
    if not found.again:
        return None
    head = [say(key) for key in ("hard_again_category", "hard_again_share", "hard_again_pairs")]
    rows = [list(row) for row in _again_rows(found, say, language)]
    listed = element("div", table(head, rows, numbers=(1, 2)), class_="scroll")
    setting = element("pre", "\n".join(_setting(found)))
    says = element("p", _again_says(found, say, language))
    return element("div", says, listed, element("p", say("hard_again_setting")), setting)


def _again_says(found: Hardness, say: Words, language: str) -> str:
    return say("hard_again", share=_share(found.bought_again, say("hard_unknown"), language))


def _again_rows(found: Hardness, say: Words, language: str) -> Iterator[tuple[str, str, str]]:
    for row in found.again:
        yield row.category, _share(row.share, say("hard_unknown"), language), say("hard_pairs", n=f"{row.pairs:,}")


def _setting(found: Hardness) -> list[str]:
    """Ready to be copied: JSON's strings are TOML's."""
    return [
        "repeat_categories = [",
        *(f"  {json.dumps(row.category, ensure_ascii=False)}," for row in found.again),
        "]",
    ]


def _size(found: Hardness, say: Words) -> str:
    counts = {name: f"{getattr(found, name):,}" for name in ("events", "users", "items", "held_out")}
    return say("hard_size", **counts)


def _rows(found: Hardness, say: Words, language: str) -> Iterator[tuple[str, str, str]]:
    """Name, value and what it means of each figure."""
    unknown = say("hard_unknown")
    alike = unknown if found.alike.mean is None else f"{found.alike.mean:,.0f}"
    top, popular = (percent(each.mean, 1, language=language) for each in (found.top_hit, found.popular_hit))
    says = say("hard_successors_says", alike=alike, top=top, popular=popular)
    yield say("hard_successors"), _count(found.successors, unknown), says
    yield say("hard_text"), _share(found.text, unknown, language), say("hard_text_says")
    values = {"last": found.ndcg_last, "whole": found.ndcg_history}
    told = {name: unknown if value is None else f"{value:.4f}" for name, value in values.items()}
    decay = unknown if found.decay is None else f"{found.decay:g}"
    yield (
        say("hard_history"),
        _share(found.history, unknown, language),
        say("hard_history_says", decay=decay, **told),
    )
    yield say("hard_order"), _share(found.order, unknown, language), say("hard_order_says")
    yield say("hard_repeats"), _share(found.repeats, unknown, language), say("hard_repeats_says")


def _count(figure: HardnessFigure, unknown: str) -> str:
    if figure.mean is None:
        return unknown
    ends = "" if figure.low is None or figure.high is None else f" ({figure.low:,.0f} – {figure.high:,.0f})"
    return f"{figure.mean:,.0f}{ends}"


def _share(figure: HardnessFigure, unknown: str, language: str) -> str:
    if figure.mean is None:
        return unknown
    low, high = figure.low, figure.high
    ends = "" if low is None or high is None else f" ({100 * low:.1f} – {100 * high:.1f})"
    return f"{percent(figure.mean, 1, language=language)}{ends}"


def _verdict(found: Hardness, say: Words, language: str) -> str:
    comma = "；" if language == "zh" else "; "
    why = comma.join(say(f"hard_why_{reason}") for reason in found.reasons)
    return say(_VERDICTS.get(found.verdict, "hard_none"), why=why)
