"""Forms of one word in languages other than English: Stuhl and Stühle, journal and journaux.

English has its stems in the index. A catalogue in German or French is searched by its words as they are, and a query
asks for the other forms besides, a little weaker.
"""

from __future__ import annotations

from collections.abc import Mapping

import Stemmer

__all__ = ["forms_of", "language_of"]

_FUNCTION_WORDS = {
    "german": frozenset("der die das den dem und mit fur aus ohne zum zur von im ein eine oder bei auf".split()),
    "french": frozenset("le la les de des du et avec pour sans en au aux une un sur ou dans".split()),
}
_MIN_SHARE = 0.03
_MIN_WORDS = 40
_MIN_LETTERS = 4


def language_of(counts: Mapping[str, int]) -> str:
    """The language other than English that a catalogue is written in.

    Args:
        counts: How often each word occurs, without accents.

    Returns:
        ``german`` or ``french``; empty where the small words of neither are frequent, or there are too few words.
    """
    total = sum(counts.values())
    if total < _MIN_WORDS:
        return ""
    shares = {name: sum(counts.get(word, 0) for word in words) / total for name, words in _FUNCTION_WORDS.items()}
    best = max(shares, key=lambda name: shares[name])
    return best if shares[best] >= _MIN_SHARE else ""


def forms_of(counts: Mapping[str, int], *, language: str) -> dict[str, tuple[str, ...]]:
    """Words that share a stem.

    Args:
        counts: How often each word occurs, without accents.
        language: As ``language_of`` gave it.

    Returns:
        By stem, as ``Stemmer`` gives it, all words of the catalogue that have it; stems of one word are left out.
    """
    stem = Stemmer.Stemmer(language, 0).stemWord
    found: dict[str, list[str]] = {}
    for word in counts:
        if len(word) >= _MIN_LETTERS:
            found.setdefault(stem(word), []).append(word)
    return {key: tuple(words) for key, words in found.items()}
