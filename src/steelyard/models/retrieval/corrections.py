"""What a word that the catalogue does not know may have been meant to be.

Only words of letters are corrected, and only those that no product text holds: a brand, a model number or a size is
never "corrected" into another one that sells better. How far a reading is to be trusted goes with it.
"""

from __future__ import annotations

import bisect
from collections.abc import Callable, Sequence
from enum import IntEnum
from functools import lru_cache
from math import exp, log
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

__all__ = ["Correction", "Corrections", "Trust"]

_MIN_LETTERS = 4
_TWO_ERRORS_FROM = 8
_MIN_HALF = 3
_BEGINNING_FROM = 5
_FIRST_LETTER_FROM = 7
_SURE_AFTER = 5
_AT_MOST = 3
_NEAREST = 12
_COST_OF_EDIT = 4.0
_COST_OF_FIRST_LETTER = 2.0
_COST_OF_CUT = 3.0
_COST_OF_MISSING_LETTER = 0.4
_LEAST_WEIGHT = 0.2


class Trust(IntEnum):
    """How likely an unknown word is a slip of the pen for the one that is near."""

    OFFERED = 0
    """Four letters, one of them another: dell is no bell. The shopper may be asked."""
    GUESSED = 1
    """Worth a look where nothing else of the query is found."""
    SURE = 2
    """A letter doubled, left out or swapped, or one wrong among many."""
    WRITTEN = 3
    """No slip: two words written together."""


class Correction(NamedTuple):
    """One reading of an unknown word."""

    words: tuple[str, ...]
    """One word, or two that were written together."""
    weight: float
    """Trust in it relative to the best one, in (0, 1]."""
    trust: Trust = Trust.SURE
    """How likely the word is a slip at all, and not another word."""


class Corrections:
    """Finds readings of unknown words by spelling and frequency.

    Args:
        surfaces: Words of the catalogue, sorted, lower case, unstemmed.
        counts: How often each occurs. Shape (surfaces,).
        are_neighbours: How many titles hold two words side by side, in this order.
    """

    def __init__(
        self, surfaces: Sequence[str], counts: npt.NDArray[np.int32], are_neighbours: Callable[[str, str], int]
    ) -> None:
        self._surfaces = surfaces
        self._counts = dict(zip(surfaces, counts.tolist(), strict=True))
        self._are_neighbours = are_neighbours
        self._by_start: dict[tuple[int, str], list[str]] = {}
        self._by_tail: dict[str, list[str]] = {}
        for surface in surfaces:
            self._by_start.setdefault((len(surface), surface[0]), []).append(surface)
            self._by_tail.setdefault(surface[1:], []).append(surface)
        self.of = lru_cache(maxsize=4096)(self._of)

    def _of(self, word: str) -> tuple[Correction, ...]:
        """Readings of a word that the catalogue does not hold, likeliest first.

        Args:
            word: Lower case, unstemmed.

        Returns:
            At most three; none for words with digits, for short ones, and where nothing is near. Two words written
            together, when the catalogue's titles hold them side by side, win over any other reading.
        """
        if len(word) < _MIN_LETTERS or not word.isalpha():
            return ()
        halves = self._halves(word)
        if halves is not None:
            return (Correction(halves, 1.0, Trust.WRITTEN),)
        ranked = sorted(((-score, surface) for surface, score in self._scores(word).items()))[:_AT_MOST]
        if not ranked:
            return ()
        best = ranked[0][0]
        readings = (
            Correction((surface,), exp((best - cost) / _COST_OF_EDIT), _trust(word, surface))
            for cost, surface in ranked
        )
        return tuple(reading for reading in readings if reading.weight >= _LEAST_WEIGHT)

    def _halves(self, word: str) -> tuple[str, str] | None:
        """The word cut into two known words that titles hold side by side most often."""
        pairs = [(word[:i], word[i:]) for i in range(_MIN_HALF, len(word) - _MIN_HALF + 1)]
        known = [(a, b) for a, b in pairs if a in self._counts and b in self._counts]
        counted = [(self._are_neighbours(a, b), a, b) for a, b in known]
        n, left, right = max(counted, default=(0, "", ""))
        return (left, right) if n else None

    def _scores(self, word: str) -> dict[str, float]:
        """Log frequency less the cost of the errors, of every word that is near or begins with this one."""
        scores: dict[str, float] = {}
        for surface, distance in self._near(word):
            cost = _COST_OF_EDIT * distance + (_COST_OF_FIRST_LETTER if surface[0] != word[0] else 0.0)
            scores[surface] = log(self._counts[surface]) - cost
        for surface in self._beginning_with(word):
            cost = _COST_OF_CUT + _COST_OF_MISSING_LETTER * (len(surface) - len(word))
            scores[surface] = max(scores.get(surface, -np.inf), log(self._counts[surface]) - cost)
        return scores

    def _near(self, word: str) -> list[tuple[str, int]]:
        """Words within one error, from eight letters on two, with their distance.

        Only words that begin with one of the first two letters are compared, so that a wrong or missing first letter
        is found where it is the only error.
        """
        errors = 2 if len(word) >= _TWO_ERRORS_FROM else 1
        near = [(surface, 1) for surface in (*self._by_tail.get(word[1:], ()), *self._by_tail.get(word, ()))]
        for length in range(len(word) - errors, len(word) + errors + 1):
            for letter in {word[0], word[1]}:
                choices = self._by_start.get((length, letter), ())
                hits = extract(word, choices, scorer=OSA.distance, score_cutoff=errors, limit=_NEAREST)
                near += [(surface, int(distance)) for surface, distance, _ in hits]
        return near

    def _beginning_with(self, word: str) -> Sequence[str]:
        start = bisect.bisect_left(self._surfaces, word)
        return self._surfaces[start : bisect.bisect_left(self._surfaces, word + "\U0010ffff")]


def _trust(word: str, near: str) -> Trust:
    """How likely ``word`` is a slip for ``near``."""
    n, edits = len(word), OSA.distance(word, near)
    if near.startswith(word):
        return Trust.SURE if n >= _BEGINNING_FROM else Trust.GUESSED
    is_slip = edits == 1 and (sorted(word) == sorted(near) or _without_doubles(word) == _without_doubles(near))
    if is_slip:
        return Trust.SURE
    if n <= _MIN_LETTERS:
        return Trust.GUESSED if len(near) > n and word[0] == near[0] else Trust.OFFERED
    is_begun_alike = word[0] == near[0] or n >= _FIRST_LETTER_FROM
    if edits == 1 and is_begun_alike:
        return Trust.SURE if n > _SURE_AFTER or len(near) != n else Trust.GUESSED
    return Trust.SURE if is_begun_alike and n > _TWO_ERRORS_FROM else Trust.GUESSED


def _without_doubles(word: str) -> str:
    return "".join(letter for letter, before in zip(word, " " + word, strict=False) if letter != before)
