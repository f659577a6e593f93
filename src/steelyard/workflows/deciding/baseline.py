"""The chosen configuration against the plain one (whole transformer, all vectors, exact search), and what limits it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from steelyard.decision.choose import Choice
from steelyard.decision.wording import LANGUAGES, baseline_sentence, say, shortfall_sentence
from steelyard.workflows.pricing.price import Priced

__all__ = ["versus_baseline"]

WORTHWHILE = 5.0
"""A choice fewer times cheaper than the plain configuration says what limits the saving."""


def versus_baseline(priced: Sequence[Priced], choice: Choice) -> dict[str, Any] | None:
    """How many times cheaper than the plain configuration the choice is, and why not more.

    Args:
        priced: All configurations of one surface.
        choice: Which of them was chosen, and why the others were not.

    Returns:
        JSON: ``name``, ``times_cheaper_at_capacity``, ``quality_share``, ``says``, ``says_zh``, and where it is
        less than five times cheaper ``why_not``, ``why_not_zh``. None where nothing was chosen, the plain configuration
        was not measured or is the choice itself, or a price is unknown.
    """
    by_name = {each.candidate.name: each for each in priced}
    chosen = by_name.get(choice.chosen or "")
    base = next((each for each in priced if each.candidate.configuration.is_uncompressed), None)
    if base is None or chosen is None or base is chosen:
        return None
    quality, times = base.candidate.measured.quality.mean, _times_cheaper(base, chosen)
    if times is None or not quality > 0:
        return None
    share = chosen.candidate.measured.quality.mean / quality
    said: dict[str, str] = {}
    for suffix, language in LANGUAGES:
        said[f"says{suffix}"] = baseline_sentence(
            base.candidate.name, times=times, quality_share=share, language=language
        )
    if times < WORTHWHILE:
        for suffix, why in _shortfall(priced, choice, base, chosen).items():
            said[f"why_not{suffix}"] = why
    return {
        "name": base.candidate.name,
        "times_cheaper_at_capacity": round(times, 3),
        "quality_share": round(share, 4),
        **said,
    }


def _shortfall(priced: Sequence[Priced], choice: Choice, base: Priced, chosen: Priced) -> dict[str, str]:
    """Why the choice is not five times cheaper, by suffix of the language."""
    ranked = [(times, each) for each in priced if (times := _times_cheaper(base, each)) is not None]
    times, cheapest = max(ranked, key=lambda pair: (pair[0], pair[1].candidate.name))
    judged = next(each for each in choice.judged if each.name == cheapest.candidate.name)
    said: dict[str, str] = {}
    for suffix, language in LANGUAGES:
        lost = next((say(reason, language) for reason in judged.reasons), "")
        said[suffix] = shortfall_sentence(
            cpu_ms=_cpu_ms(chosen),
            baseline_cpu_ms=_cpu_ms(base),
            http_ms=chosen.overhead_s * 1000,
            other=None if cheapest is chosen else (cheapest.candidate.name, times, lost),
            language=language,
        )
    return said


def _times_cheaper(base: Priced, other: Priced) -> float | None:
    """Ratio of the machine costs per 1,000 requests at capacity; None where one is unknown or nothing."""
    ours, theirs = other.candidate.unit_cost, base.candidate.unit_cost
    if ours is None or theirs is None or not ours.at_capacity.amount:
        return None
    return float(theirs.at_capacity.amount / ours.at_capacity.amount)


def _cpu_ms(each: Priced) -> float:
    return (each.candidate.measured.cpu_s_per_request.mean + each.overhead_s) * 1000
