"""Reads a shopper's words: which terms of the catalogue they are, or may have been meant to be."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from steelyard.domain import FloatArray, State
from steelyard.models.retrieval.corrections import Corrections
from steelyard.models.retrieval.lexical_fit import unpack
from steelyard.models.retrieval.lexical_scoring import Plan, Postings
from steelyard.models.text.segment import FUNCTION_WORDS, Cut, cut, has_han

__all__ = ["QueryReader", "Reading"]

_MAX_LETTERS = 256
_MAX_UNITS = 32
_MIN_JOINED = 4


@dataclass(frozen=True, slots=True)
class Reading:
    """A query as terms of the catalogue."""

    terms: tuple[str, ...]
    """Terms to be looked up, aligned with ``plan.terms``."""
    shown: tuple[str, ...]
    """For each term, the word as the shopper wrote it, or as it was corrected to; empty where it is not a word."""
    plan: Plan


class QueryReader:
    """Turns queries into plans.

    Args:
        state: What ``fit_lexical`` gave.
        postings: Opened from the same state.
    """

    def __init__(self, state: State, postings: Postings) -> None:
        self._language = str(state.facts["language"])
        self._numbers = {term: number for number, term in enumerate(unpack(state.arrays["terms"]))}
        self._has_han = any(has_han(term) for term in self._numbers)
        self._postings = postings
        surfaces = unpack(state.arrays["surfaces"])
        self.corrections = Corrections(surfaces, state.arrays["surface_counts"], self._side_by_side)

    def read(self, query: str) -> Reading:
        """Terms of a query; of a very long one, of its beginning.

        Args:
            query: As the shopper typed it.

        Returns:
            Without terms where the catalogue knows none of its words and none is near.
        """
        found = cut(query[:_MAX_LETTERS], language=self._language, with_dictionary=self._has_han)
        known = {(term, first, last) for term, first, last in found.wholes if term in self._numbers}
        known |= self._joined(found)
        covered = {unit for _, first, last in known for unit in range(first, last)}
        growing = _Growing(self._numbers, self._postings.idf)
        position = [0]
        for i, (unit, surface) in enumerate(zip(found.units[:_MAX_UNITS], found.surfaces, strict=False)):
            if unit in self._numbers:
                growing.add_unit(unit, surface)
            else:
                growing.add_readings([] if i in covered else self._readings(surface))
            position.append(len(growing.units))
        for term, first, last in sorted(known, key=lambda whole: whole[1:]):
            if last < len(position):
                shown = "".join(found.surfaces[first:last]) if term.isascii() else term
                growing.add_whole(term, position[first], position[last], shown)
        return growing.reading()

    def _readings(self, surface: str) -> list[tuple[tuple[tuple[str, str], ...], float]]:
        """Readings of an unknown word, each as (term, spelling) pairs with its trust."""
        readings: dict[tuple[str, ...], tuple[tuple[tuple[str, str], ...], float]] = {}
        for correction in self.corrections.of(surface):
            terms = tuple(self._term(word) for word in correction.words)
            if all(term in self._numbers for term in terms):
                pairs = tuple(zip(terms, correction.words, strict=True))
                readings.setdefault(terms, (pairs, correction.weight))  # several spellings, one stem: the likeliest
        return list(readings.values())

    def _joined(self, found: Cut) -> set[tuple[str, int, int]]:
        """Terms that two neighbouring words make when written together: t shirt is also tshirt."""
        joined = set()
        words = found.surfaces[:_MAX_UNITS]
        for i, (left, right) in enumerate(pairwise(words)):
            whole = left + right
            if len(whole) < _MIN_JOINED or not (whole.isascii() and whole.isalpha()):
                continue
            term = self._term(whole)
            if term in self._numbers and not FUNCTION_WORDS.intersection((left, right)):
                joined.add((term, i, i + 2))
        return joined

    def _side_by_side(self, left: str, right: str) -> int:
        """How many titles hold two words side by side, in this order."""
        pair = (self._numbers.get(self._term(left), -1), self._numbers.get(self._term(right), -1))
        return self._postings.count_neighbours(*pair) if min(pair) >= 0 else 0

    def _term(self, word: str) -> str:
        units = cut(word, language=self._language).units
        return units[0] if len(units) == 1 else ""


@dataclass(slots=True)
class _Growing:
    """A plan while it is made."""

    numbers: dict[str, int]
    idf: FloatArray
    units: list[int] = field(default_factory=list)
    can_need: list[bool] = field(default_factory=list)
    rows: list[tuple[str, str, float, bool, int, int, int]] = field(default_factory=list)
    groups: int = 0

    def add_unit(self, unit: str, surface: str) -> None:
        """A unit that the catalogue knows; without a surface it lies across two words and is an extra."""
        at = len(self.units)
        self._append(unit, surface, weight=1.0, is_extra=not surface, first=at, last=at + 1)
        self.groups += 1
        self.units.append(self.numbers[unit])
        self.can_need.append(bool(surface) and surface not in FUNCTION_WORDS)

    def add_readings(self, readings: list[tuple[tuple[tuple[str, str], ...], float]]) -> None:
        """An unknown word by its readings: one reading of two words is two units, others are alternatives."""
        if len(readings) == 1 and len(readings[0][0]) > 1:
            for term, spelling in readings[0][0]:
                self.add_unit(term, spelling)
            return
        at = len(self.units)
        for ((term, spelling),), weight in readings:
            self._append(term, spelling, weight=weight, is_extra=False, first=at, last=at + 1)
        self.groups += bool(readings)
        self.units.append(self.numbers[readings[0][0][0][0]] if readings else -1)
        self.can_need.append(True)

    def add_whole(self, term: str, first: int, last: int, shown: str) -> None:
        """A term that stands for several units."""
        self._append(term, shown, weight=1.0, is_extra=True, first=first, last=last)
        self.groups += 1

    def reading(self) -> Reading:
        """The plan, and the strings that belong to its terms."""
        terms = np.array([self.numbers[row[0]] for row in self.rows], np.int64)
        first = np.array([row[5] for row in self.rows], np.int64)
        last = np.array([row[6] for row in self.rows], np.int64)
        is_needed = np.zeros(len(self.units), bool)
        for begin, end in zip(first.tolist(), last.tolist(), strict=True):
            is_needed[begin:end] = True
        plan = Plan(
            terms=terms,
            weights=np.array([row[2] for row in self.rows]) * self.idf[terms],
            is_extra=np.array([row[3] for row in self.rows], bool),
            group=np.array([row[4] for row in self.rows], np.int64),
            first=first,
            last=last,
            units=np.array(self.units, np.int64),
            is_needed=is_needed & np.array(self.can_need, bool),
        )
        return Reading(tuple(row[0] for row in self.rows), tuple(row[1] for row in self.rows), plan)

    def _append(self, term: str, shown: str, *, weight: float, is_extra: bool, first: int, last: int) -> None:
        self.rows.append((term, shown, weight, is_extra, self.groups, first, last))
