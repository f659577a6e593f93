"""What a reading of a query says of its texts in a few words: which words they hold, and how well the answer fits."""

from __future__ import annotations

from collections.abc import Sequence

from steelyard.domain import FloatArray, Guess, Match, Reason, Understood
from steelyard.models.retrieval.query_plan import Reading

__all__ = ["reasons_of", "understood"]

_WEAK = 0.5
"""An answer whose best text holds a smaller share of the words is weak."""


def understood(reading: Reading, shares: FloatArray) -> Understood:
    """How a reading fits its texts.

    Args:
        reading: Of the query.
        shares: Share of the words that each of the first texts holds; empty where nothing was found. Shape (texts,).

    Returns:
        The word for the best of them.
    """
    best = float(shares.max(initial=0.0))
    applied = [guess for guess in reading.guesses if guess.is_applied]
    if not len(shares):
        return Understood(Match.NOTHING, is_weak=True, guesses=reading.guesses)
    if applied and best < 1:
        is_weak = best < _WEAK and not _are_sure(applied)
        return Understood(Match.GUESSED, is_weak=is_weak, guesses=reading.guesses)
    match = Match.ALL_WORDS if best >= 1 else Match.SOME_WORDS
    return Understood(match, is_weak=best < _WEAK, guesses=reading.guesses)


def _are_sure(guesses: Sequence[Guess]) -> bool:
    return all(guess.is_sure for guess in guesses)


def reasons_of(reading: Reading, held: set[int]) -> list[Reason]:
    """The reason made of the terms that a text holds: words in the order of the query, each part of it once."""
    plan, words = reading.plan, []
    covered: set[int] = set()

    def preference(at: int) -> tuple[bool, int, bool]:
        # long words before short ones; but the parts of 12oz and t-shirt read better than their whole
        is_whole = bool(plan.is_extra[at])
        return is_whole and reading.terms[at].isascii(), int(plan.first[at] - plan.last[at]), not is_whole

    for at in sorted(held, key=preference):
        units = set(range(plan.first[at], plan.last[at]))
        if reading.shown[at] and not units <= covered:
            words.append((int(plan.first[at]), reading.shown[at]))
            covered |= units
    shown = dict.fromkeys(word for _, word in sorted(words))
    return [Reason("matches_words", 1.0, words=tuple(shown))] if shown else []
