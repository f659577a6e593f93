"""A query's plan while it is made: which terms stand for which of its units, and how much each of them counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from steelyard.domain import FloatArray, Guess
from steelyard.models.retrieval.lexical_scoring import Plan
from steelyard.models.retrieval.query_synonyms import Renaming

__all__ = ["Growing", "Reading", "Stand"]

_MIN_NOUN = 3
_NAMED = 0.9
"""What a name of the shop's own list counts beside the one that was typed."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A query as terms of the catalogue."""

    terms: tuple[str, ...]
    """Terms to be looked up, aligned with ``plan.terms``."""
    shown: tuple[str, ...]
    """For each term, the word as the shopper wrote it, or as it was corrected to; empty where it is not a word."""
    plan: Plan
    guesses: tuple[Guess, ...] = ()
    """Words that the catalogue does not hold, with what they may have been meant to be."""
    unknown: tuple[str, ...] = ()
    """Words with a wish of their own that the catalogue does not hold, guessed or not."""
    lookup: tuple[str, ...] = ()
    """Terms for the term index."""


class Stand(NamedTuple):
    """A term that stands for a unit."""

    term: str
    weight: float
    """Its idf and the trust in it, multiplied."""
    shown: str = ""
    is_extra: bool = False
    is_indexed: bool = True
    """Whether the term index knows it; what it does not know stands beside a term that it knows."""


@dataclass(slots=True)
class Growing:
    """A plan while it is made.

    Args:
        numbers: Of all terms of the catalogue.
        idf: Of every term. Shape (terms,).
    """

    numbers: Mapping[str, int]
    idf: FloatArray
    units: list[int] = field(default_factory=list)
    can_need: list[bool] = field(default_factory=list)
    rows: list[tuple[int, Stand, int, int, int]] = field(default_factory=list)
    pairs: list[tuple[int, int]] = field(default_factory=list)
    lookup: list[str] = field(default_factory=list)
    in_part: list[str] = field(default_factory=list)
    """Words that only a part of was found."""
    groups: int = 0

    def weight_of(self, term: str, trust: float = 1.0) -> float:
        """What holding a term of the catalogue counts."""
        return trust * float(self.idf[self.numbers[term]])

    def add_unit(self, *stands: Stand, is_needed: bool) -> None:
        """A unit whose terms count besides each other.

        Args:
            *stands: The first of them is the unit in its place; none for a unit that the catalogue does not have.
            is_needed: Whether a product should hold it.
        """
        at = len(self.units)
        for stand in stands:
            self._append(stand, at, at + 1)
            self.groups += 1
        self._close(stands, is_needed)

    def add_alternatives(self, stands: Sequence[Stand], *, is_needed: bool) -> None:
        """A unit by terms of which the best counts."""
        at = len(self.units)
        for stand in stands:
            self._append(stand, at, at + 1)
        self.groups += bool(stands)
        self._close(stands, is_needed)

    def add_pair(self, one: str, other: str, *, weight: float, shown: str) -> None:
        """Two terms that count for the latest unit where a document holds both."""
        self.pairs.append((self.numbers[one], self.numbers[other]))
        self.lookup += [one, other]
        self._append(Stand("", weight, shown), len(self.units) - 1, len(self.units), number=-len(self.pairs))
        self.groups += 1

    def add_whole(self, stand: Stand, first: int, last: int) -> None:
        """A term that stands for several units."""
        self._append(stand, first, last)
        self.groups += 1

    def add_guess(self, stand: Stand, at: int) -> None:
        """A term that may stand for an unknown unit; guesses of one unit are alternatives, closed by the caller."""
        if not any(row[2] == self.groups for row in self.rows):
            self.units[at] = self.numbers[stand.term]
        self._append(stand, at, at + 1)

    def add_name(self, at: int, terms: Sequence[str], *, weight: float, shown: str) -> None:
        """Another name of one unit, of which the best counts; of a unit that the catalogue has not, the only one.

        Args:
            at: The unit.
            terms: One, or two that count where a document holds both.
            weight: What holding it counts.
            shown: The name as it is shown.
        """
        place = next((i for i, row in enumerate(self.rows) if row[3:] == (at, at + 1)), len(self.rows))
        is_new = place == len(self.rows)
        group = self.groups if is_new else self.rows[place][2]
        after = place if is_new else 1 + max(i for i, row in enumerate(self.rows) if row[2] == group)
        self.rows.insert(after, (self._number_of(terms), Stand(terms[0], weight, shown), group, at, at + 1))
        self.groups += is_new
        self.can_need[at] = True
        if self.units[at] < 0 and len(terms) == 1:
            self.units[at] = self.numbers[terms[0]]

    def add_phrase(self, first: int, last: int, terms: Sequence[str], *, weight: float, shown: str) -> None:
        """Another name of several units together, beside what they count themselves."""
        self.rows.append((self._number_of(terms), Stand(terms[0], weight, shown, True), self.groups, first, last))
        self.groups += 1

    def forget(self, first: int, last: int) -> None:
        """No longer look for the units of a run, nor for what stands for a part of it."""
        gone = [row for row in self.rows if row[3] >= first and row[4] <= last]
        kept = [row for row in self.rows if row not in gone]
        still = {row[1].term for row in kept}
        self.lookup = [term for term in self.lookup if term in still or all(term != row[1].term for row in gone)]
        place = {group: number for number, group in enumerate(sorted({row[2] for row in kept}))}
        self.rows = [(row[0], row[1], place[row[2]], *row[3:]) for row in kept]
        self.groups = len(place)
        self.units[first:last] = [-1] * (last - first)

    def rename(self, renaming: Renaming, first: int, last: int) -> None:
        """Let other names count for some units: a little less than what was typed, unless they replace it."""
        typed = sum(max((row[1].weight for row in self.rows if row[3:] == (at, at + 1)), default=0.0)
                    for at in range(first, last))  # fmt: skip
        if renaming.is_replaced:
            self.forget(first, last)
        for name in renaming.names:
            whole = max(self.weight_of(term) for term in name.terms)
            if last - first > 1:
                self.add_phrase(first, last, name.terms, weight=_NAMED * (typed or whole), shown=name.shown)
            elif renaming.is_replaced or not typed:
                self.add_name(first, name.terms, weight=whole, shown=name.shown)
            else:
                self.add_name(first, name.terms, weight=_NAMED * min(typed, whole), shown=name.shown)

    def stress_head(self, factor: float) -> None:
        """Let the last word of several count more; what says how much or how large is no such word."""
        head = next((first for _, stand, _, first, last in reversed(self.rows) if self._is_word(stand, first, last)), 0)
        if head:
            self.weigh(head, factor)

    def weigh(self, unit: int, factor: float) -> None:
        """Let what stands for one unit alone count more, or less."""
        for place, (number, stand, group, first, last) in enumerate(self.rows):
            if (first, last) == (unit, unit + 1):
                self.rows[place] = (number, stand._replace(weight=factor * stand.weight), group, first, last)

    def plan(self) -> Plan:
        """The plan of what was added."""
        numbers, stands, groups, firsts, lasts = zip(*self.rows, strict=True) if self.rows else ((),) * 5
        is_needed = [False] * len(self.units)
        for unit in {unit for first, last in zip(firsts, lasts, strict=True) for unit in range(first, last)}:
            is_needed[unit] = self.can_need[unit]
        return Plan(
            terms=np.array(numbers, np.int64),
            weights=np.array([stand.weight for stand in stands], np.float64),
            is_extra=np.array([stand.is_extra for stand in stands], bool),
            group=np.array(groups, np.int64),
            first=np.array(firsts, np.int64),
            last=np.array(lasts, np.int64),
            units=np.array(self.units, np.int64),
            is_needed=np.array(is_needed, bool),
            together=tuple(self.pairs),
        )

    def reading(self, guesses: Sequence[Guess], unknown: Sequence[str]) -> Reading:
        """The plan, and the strings that belong to its terms."""
        terms = tuple(row[1].term for row in self.rows)
        shown = tuple(row[1].shown for row in self.rows)
        return Reading(terms, shown, self.plan(), tuple(guesses), (*unknown, *self.in_part), tuple(self.lookup))

    def _number_of(self, terms: Sequence[str]) -> int:
        """Number of a term, or of a pair of them, that is looked up from now on."""
        self.lookup += terms
        if len(terms) == 1:
            return self.numbers[terms[0]]
        self.pairs.append((self.numbers[terms[0]], self.numbers[terms[1]]))
        return -len(self.pairs)

    def _is_word(self, stand: Stand, first: int, last: int) -> bool:
        is_long = len(stand.shown) >= _MIN_NOUN
        return last == first + 1 and is_long and stand.shown.isalpha() and self.can_need[first]

    def _close(self, stands: Sequence[Stand], is_needed: bool) -> None:
        self.units.append(self.numbers[stands[0].term] if stands and stands[0].term else -1)
        self.can_need.append(is_needed)

    def _append(self, stand: Stand, first: int, last: int, *, number: int | None = None) -> None:
        if number is None:
            number = self.numbers[stand.term]
            if stand.is_indexed:
                self.lookup.append(stand.term)
        self.rows.append((number, stand, self.groups, first, last))
