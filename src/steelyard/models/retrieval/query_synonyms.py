"""The shop's own other names of things, as terms of its catalogue: what may stand for words of a query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from steelyard.config.synonyms import OtherNames
from steelyard.domain import FloatArray
from steelyard.models.text.segment import HEAD, cut

__all__ = ["Name", "Renaming", "Synonyms"]

_MAX_UNITS = 8


class Name(NamedTuple):
    """Another name, as terms of the catalogue."""

    terms: tuple[str, ...]
    """One, or two that a text must hold both: of a longer name the two rarest."""
    shown: str


class Renaming(NamedTuple):
    """Where a query says something that has other names."""

    first: int
    """Of the query's units."""
    last: int
    """The unit after the last."""
    names: tuple[Name, ...]
    is_replaced: bool
    """Whether the words themselves are no longer looked for."""


class Synonyms:
    """Other names by what is asked for.

    Args:
        rules: As they were written.
        language: Of the catalogue.
        numbers: Of all terms of the catalogue; names that it does not hold are left out.
        idf: Of every term. Shape (terms,).
    """

    def __init__(
        self, rules: Sequence[OtherNames], *, language: str, numbers: Mapping[str, int], idf: FloatArray
    ) -> None:
        self._numbers, self._idf, self._language = numbers, idf, language
        self._of: dict[tuple[str, ...], tuple[tuple[Name, ...], bool]] = {}
        for rule in rules:
            asked = cut(rule.words, language=language).units
            names = tuple(name for each in rule.names if (name := self._named(each)) and name.terms != asked)
            if names and 0 < len(asked) <= _MAX_UNITS:
                known, was_replaced = self._of.get(asked, ((), True))
                self._of[asked] = tuple(dict.fromkeys((*known, *names))), was_replaced and rule.is_replaced
        self._lengths = sorted({len(asked) for asked in self._of}, reverse=True)

    def in_query(self, units: Sequence[str]) -> list[Renaming]:
        """Where the units of a query say something that has other names.

        Args:
            units: As ``cut`` gave them.

        Returns:
            In reading order; of phrases that overlap the longest, and of those the first.
        """
        found: list[Renaming] = []
        is_taken = [False] * len(units)
        for length in self._lengths:
            for first in range(len(units) - length + 1):
                last = first + length
                known = self._of.get(tuple(units[first:last]))
                if known and not any(is_taken[first:last]):
                    is_taken[first:last] = [True] * length
                    found.append(Renaming(first, last, *known))
        return sorted(found)

    def _named(self, name: str) -> Name | None:
        """A name as terms; None where the catalogue does not hold it."""
        found = cut(name, language=self._language)
        n = len(found.units)
        wholes = [term for term, first, last in found.wholes if last - first == n and not term.startswith(HEAD)]
        for term in (*(found.units if n == 1 else ()), *wholes):
            if term in self._numbers:
                return Name((term,), name)
        if n < 2 or not all(unit in self._numbers for unit in found.units):
            return None
        rarest = sorted(set(found.units), key=lambda unit: (-self._idf[self._numbers[unit]], unit))[:2]
        return Name(tuple(unit for unit in dict.fromkeys(found.units) if unit in rarest), name)
