"""The chosen configuration against the plain one (whole transformer, all vectors, exact search), and what limits it."""

from __future__ import annotations

from collections.abc import Sequence

from steelyard.decision.choose import Choice, Judged
from steelyard.decision.wording import LANGUAGES, Language, baseline_sentence, say, shortfall_sentence
from steelyard.documents.choice import Baseline
from steelyard.domain import Bilingual
from steelyard.workflows.pricing.price import Priced

__all__ = ["versus_baseline"]

WORTHWHILE = 5.0
"""A choice fewer times cheaper than the plain configuration says what limits the saving."""


def versus_baseline(priced: Sequence[Priced], choice: Choice) -> Baseline | None:
    """How many times cheaper than the plain configuration the choice is, and why not more.

    Args:
        priced: All configurations of one surface.
        choice: Which of them was chosen, and why the others were not.

    Returns:
        With the reason where it is less than five times cheaper. None where nothing was chosen, the plain configuration
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
    share, name = chosen.candidate.measured.quality.mean / quality, base.candidate.name
    en, zh = (baseline_sentence(name, times=times, quality_share=share, language=language) for _, language in LANGUAGES)
    why = _shortfall(priced, choice, base, chosen) if times < WORTHWHILE else Bilingual("", "")
    return Baseline(
        name=name,
        times_cheaper_at_capacity=round(times, 3),
        quality_share=round(share, 4),
        says=en,
        says_zh=zh,
        why_not=why.en,
        why_not_zh=why.zh,
    )


def _shortfall(priced: Sequence[Priced], choice: Choice, base: Priced, chosen: Priced) -> Bilingual:
    """Why the choice is not five times cheaper."""
    ranked = [(times, each) for each in priced if (times := _times_cheaper(base, each)) is not None]
    times, cheapest = max(ranked, key=lambda pair: (pair[0], pair[1].candidate.name))
    judged = next(each for each in choice.judged if each.name == cheapest.candidate.name)
    en, zh = (
        shortfall_sentence(
            cpu_ms=_cpu_ms(chosen),
            baseline_cpu_ms=_cpu_ms(base),
            http_ms=chosen.overhead_s * 1000,
            other=None if cheapest is chosen else (cheapest.candidate.name, times, _lost(judged, language)),
            language=language,
        )
        for _, language in LANGUAGES
    )
    return Bilingual(en, zh)


def _lost(judged: Judged, language: Language) -> str:
    """The first reason why a configuration was not chosen."""
    return next((say(reason, language) for reason in judged.reasons), "")


def _times_cheaper(base: Priced, other: Priced) -> float | None:
    """Ratio of the machine costs per 1,000 requests at capacity; None where one is unknown or nothing."""
    ours, theirs = other.candidate.unit_cost, base.candidate.unit_cost
    if ours is None or theirs is None or not ours.at_capacity.amount:
        return None
    return float(theirs.at_capacity.amount / ours.at_capacity.amount)


def _cpu_ms(each: Priced) -> float:
    return (each.candidate.measured.cpu_s_per_request.mean + each.overhead_s) * 1000
