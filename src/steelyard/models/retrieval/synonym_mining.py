r"""Which other names shoppers use, told from judged queries: a word that relevant products lack, and one they hold.

For a word w of queries and a word t of titles, over queries that hold w and not t:

.. math:: c(w, t) = |\{q \ni w : \text{a relevant text of q lacks w and holds t}\}| \qquad
          lift(w, t) = \frac{c(w, t) / n(w)}{p(t)}

n(w) counts the queries of w of which a relevant text lacks it, and p(t) is the share of all queries of which a relevant
text holds t. What is found are guesses: words that go together (door, handle) look like names of one thing. Each is to
be tried on other queries before it is used (``steelyard.workflows.synonyms``).
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from steelyard.domain import Cases
from steelyard.models.text.segment import FUNCTION_WORDS, cut

__all__ = ["MinedName", "mine_names"]

_LEAST_SHARE = 0.6
"""A text is relevant here with so much of the highest gain of its query."""
_LEAST_QUERIES = 3
_LEAST_LIFT = 4.0
_LEAST_LETTERS = 2


@dataclass(frozen=True, slots=True)
class MinedName:
    """A word of queries, and another name that the catalogue may have for it."""

    word: str
    """As shoppers type it most often."""
    name: str
    """As titles write it most often."""
    n_queries: int
    """Queries with the word of which a relevant text lacks it and holds the name."""
    lift: float
    """How much more often than among all queries."""


def mine_names(titles: Sequence[str], cases: Cases, *, language: str, most: int = 200) -> list[MinedName]:
    """Other names of words of the queries.

    Args:
        titles: Of all texts.
        cases: Judged queries; ``relevant`` are text numbers.
        language: Of the catalogue, as for ``cut``.
        most: At most so many.

    Returns:
        The most likely first; of one word at most three.
    """
    counted = _Counted(titles, language)
    for request, relevant, gains in zip(cases.requests, cases.relevant, cases.gains, strict=True):
        if len(gains) and gains.max() > 0:
            counted.add(request.query, relevant[gains >= _LEAST_SHARE * gains.max()].tolist())
    return counted.best(most)


class _Counted:
    """Counts of words that relevant texts lack, and of what they hold instead."""

    def __init__(self, titles: Sequence[str], language: str) -> None:
        self._titles, self._language = titles, language
        self._together: dict[str, Counter[str]] = defaultdict(Counter)
        self._lacking: Counter[str] = Counter()
        self._holding: Counter[str] = Counter()
        self._spelt: dict[str, Counter[str]] = defaultdict(Counter)
        self._n = 0

    def add(self, query: str, relevant: Sequence[int]) -> None:
        """Count one query and the texts that answer it."""
        asked = self._words(query)
        held = [self._words(self._titles[text]) for text in relevant]
        self._n += 1
        self._holding.update(set().union(*held) if held else ())
        for word in asked:
            lacking = [words for words in held if word not in words]
            if lacking:
                self._lacking[word] += 1
                self._together[word].update(set().union(*lacking) - asked)

    def best(self, most: int) -> list[MinedName]:
        """The pairs that are surely more than chance, by count and lift."""
        found: list[tuple[float, MinedName]] = []
        for word, names in self._together.items():
            scored = []
            for name, n in names.items():
                lift = (n / self._lacking[word]) / (self._holding[name] / self._n)
                if n >= _LEAST_QUERIES and lift >= _LEAST_LIFT:
                    mined = MinedName(self._spelling(word), self._spelling(name), n, lift)
                    scored.append((n / self._lacking[word] * math.log(lift) * math.sqrt(n), mined))
            found += sorted(scored, key=lambda pair: (-pair[0], pair[1].name))[:3]
        found.sort(key=lambda pair: (-pair[0], pair[1].word, pair[1].name))
        return [mined for _, mined in found[:most]]

    def _words(self, text: str) -> set[str]:
        """Terms of the words of a text; how they are spelt is noted."""
        found = cut(text, language=self._language)
        terms = set()
        for unit, surface in zip(found.units, found.surfaces, strict=True):
            if len(surface) >= _LEAST_LETTERS and surface.isalpha() and surface not in FUNCTION_WORDS:
                terms.add(unit)
                self._spelt[unit][surface] += 1
        return terms

    def _spelling(self, term: str) -> str:
        return min(self._spelt[term].items(), key=lambda pair: (-pair[1], pair[0]))[0]
