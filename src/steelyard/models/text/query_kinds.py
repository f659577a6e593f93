"""Kinds of queries, by which quality is shown apart: how often they are typed, how long, in which letters, after what.

A query may be of several intents; it is of ``plain`` where it is of none. A brand is one of the shop's, in full; a
category one whose own name, its last level, is said in full; an attribute any value of an item's attributes.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from steelyard.domain import Texts
from steelyard.models.text.folding import fold, has_han
from steelyard.models.text.price_phrases import price_wish
from steelyard.models.text.segment import MEASURES, cut

__all__ = ["GROUPS", "language_of", "query_kinds"]

GROUPS: Mapping[str, tuple[str, ...]] = {
    "frequency": ("head", "tail"),
    "length": ("one_word", "two_words", "three_words", "more_words"),
    "language": ("en", "zh", "mixed", "other"),
    "intent": ("brand", "category", "model_number", "attribute", "measure", "price", "plain"),
}
"""Kinds by group, in the order in which they are shown."""

_LENGTHS = GROUPS["length"]
_MEASURE = re.compile(r"[\d./-]+([a-z]+[23]?)")
_CODE = re.compile(r"(?=[a-z./-]*\d)(?=[\d./-]*[a-z])[a-z\d][a-z\d./-]*[a-z\d]")
_WORD = re.compile(r"[^\W_]+")
_VALUE = re.compile(r"[^:;]+: ([^;]+)")
_MOST_WORDS = 5


def language_of(query: str) -> str:
    """Which letters a query is written in.

    Args:
        query: As it was typed.

    Returns:
        ``zh``, ``en`` for Latin letters, ``other``, ``mixed`` of two of them; empty without letters.
    """
    kinds = {_script(letter) for letter in query if letter.isalpha()}
    return kinds.pop() if len(kinds) == 1 else "mixed" if kinds else ""


def query_kinds(
    queries: Sequence[str], texts: Texts, *, currency: str = "", popular: Collection[str] = ()
) -> dict[str, list[int]]:
    """Which queries are of which kind.

    Args:
        queries: As they were typed.
        texts: Of the shop.
        currency: ISO code of its prices.
        popular: What many people typed; where nobody knows, no query is of head or tail.

    Returns:
        Places in ``queries`` by ``group/kind``, for every kind of ``GROUPS``, some of them empty.
    """
    reader = _Reader(texts, currency)
    head = {fold(query) for query in popular}
    found: dict[str, list[int]] = {f"{group}/{kind}": [] for group, kinds in GROUPS.items() for kind in kinds}
    for place, query in enumerate(queries):
        if head:
            found["frequency/head" if fold(query) in head else "frequency/tail"].append(place)
        found[f"length/{_length(query, texts.language)}"].append(place)
        language = language_of(query)
        if language:
            found[f"language/{language}"].append(place)
        for intent in reader.intents(query) or ("plain",):
            found[f"intent/{intent}"].append(place)
    return found


class _Reader:
    """Knows the shop's brands, categories and values."""

    def __init__(self, texts: Texts, currency: str) -> None:
        self._currency = currency
        self._brands = _named(texts.brand)
        self._categories = _named(path.split(" > ")[-1] for path in dict.fromkeys(texts.category))
        self._values = _named(value for each in dict.fromkeys(texts.attributes) for value in _VALUE.findall(each))

    def intents(self, query: str) -> list[str]:
        """What a query is after, in the order of ``GROUPS``."""
        folded = fold(query)
        runs = set(_runs(folded))
        wholes = [term for term, _, _ in cut(folded, language="mixed", with_dictionary=False).wholes]
        said = {
            "brand": not runs.isdisjoint(self._brands),
            "category": not runs.isdisjoint(self._categories),
            "model_number": any(not _is_measure(code) for code in _CODE.findall(folded)),
            "attribute": not runs.isdisjoint(self._values),
            "measure": any(map(_is_measure, wholes)),
            "price": bool(self._currency) and price_wish(query, currency=self._currency) is not None,
        }
        return [intent for intent, holds in said.items() if holds]


def _is_measure(term: str) -> bool:
    found = _MEASURE.fullmatch(term)
    return found is not None and found[1] in MEASURES


def _named(values: Iterable[str]) -> frozenset[str]:
    """Values in one spelling, those that say nothing by themselves left out."""
    found = (" ".join(_WORD.findall(fold(value))) for value in values)
    return frozenset(value for value in found if len(value) > 1 and not value.replace(" ", "").isdecimal())


def _runs(folded: str) -> list[str]:
    """Runs of words of a query, and of Chinese characters inside a word."""
    words = _WORD.findall(folded)
    runs = [
        " ".join(words[first:last])
        for first in range(len(words))
        for last in range(first + 1, min(first + _MOST_WORDS, len(words)) + 1)
    ]
    for word in words:
        if has_han(word):
            n = min(len(word), 24)
            runs += [word[first:last] for first in range(n) for last in range(first + 2, n + 1)]
    return runs


def _length(query: str, language: str) -> str:
    words = [surface for surface in cut(query, language=language).surfaces if surface]
    return _LENGTHS[min(max(len(words), 1), len(_LENGTHS)) - 1]


def _script(letter: str) -> str:
    if has_han(letter):
        return "zh"
    return "en" if letter.isascii() or "À" <= letter <= "ɏ" else "other"
