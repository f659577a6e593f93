"""Categories whose cells list plain names by commas: several categories or one path, told from the whole column."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence, Set
from enum import StrEnum
from itertools import pairwise

from steelyard.data.values.normalise import SEPARATORS

__all__ = ["LIST_MARKS", "Listing", "NameLists"]

LIST_MARKS = (",", "，", "、", ";", "；")
"""Marks between the names of a cell."""
_JOINED = re.compile(r"&|\+|\b(?:and|und|et|y|e|og|och|en|oder|or)\b|[和与及]", re.IGNORECASE)
"""Words by which one name has several parts, as ``Clothing, Shoes & Jewelry``."""
_MOST_VALUES = 100_000
_MOSTLY, _NEARLY_ALL = 0.5, 0.9
_LONGEST = 60
"""Letters of a name that sorts goods."""


class Listing(StrEnum):
    """What names divided by a mark are."""

    NONE = "none"
    OPEN = "open"
    SEVERAL = "several"
    PATH = "path"


class NameLists:
    """Hears the different cells of a column and tells what the names in one cell are.

    They are names of their own where most cells have several of them and most of these come back in other cells; they
    are one path where each name always follows the same one.
    """

    def __init__(self) -> None:
        self._n_values = 0
        self._cells: dict[str, list[tuple[str, ...]]] = defaultdict(list)
        self._singles: Counter[str] = Counter()
        self._seen: Counter[str] = Counter()
        self._told: dict[str, Listing] | None = None

    def learn(self, value: str) -> None:
        """Hear one more different cell of the column."""
        if self._n_values >= _MOST_VALUES or value.startswith(("[", "{")):
            return
        self._n_values += 1
        self._told = None
        if any(mark in value for mark in SEPARATORS):
            return
        mark = next((one for one in LIST_MARKS if one in value), None)
        if mark is None:
            self._singles[value.strip()] += 1
            return
        names = self._names(value, mark)
        if len(names) > 1 and max(map(len, names)) <= _LONGEST:
            self._cells[mark].append(names)

    def of_cell(self, names: Sequence[str], mark: str) -> Listing:
        """What the names of one cell are.

        Args:
            names: Of the cell.
            mark: What divides them, one of ``LIST_MARKS``.

        Returns:
            ``NONE`` for a cell of a column of lists where none of its own names comes back, as ``Salt, pepper``.
        """
        told = self.listing(mark)
        is_own = told in (Listing.PATH, Listing.SEVERAL) and all(self._seen[name] < 2 for name in names)
        return Listing.NONE if is_own else told

    def listing(self, mark: str) -> Listing:
        """What the names between the marks are.

        Args:
            mark: One of ``LIST_MARKS``.

        Returns:
            ``NONE`` where few cells have it, ``OPEN`` where many have it and nothing tells.
        """
        if self._told is None:
            self._told = {one: self._decided(one) for one in LIST_MARKS}
        return self._told.get(mark, Listing.NONE)

    @property
    def says(self) -> str:
        """What was decided, in one line; empty where there is nothing to decide."""
        mark = next((one for one in LIST_MARKS if self.listing(one) is not Listing.NONE), "")
        if not mark:
            return ""
        longest: tuple[str, ...] = max(self._cells[mark], key=len)
        example = mark.join(longest)
        return f"cells list names by {mark!r}, as {example[:80]!r}: {_READ[self.listing(mark)]}"

    def _decided(self, mark: str) -> Listing:
        cells = self._cells[mark]
        if not cells or len(cells) < _MOSTLY * self._n_values:
            return Listing.NONE
        self._seen = Counter(name for names in cells for name in set(names)) + self._singles
        n_names = sum(map(len, cells))
        n_recurring = sum(self._seen[name] > 1 for names in cells for name in names)
        if n_recurring >= _MOSTLY * n_names:
            return Listing.PATH if self._is_tree(cells) else Listing.SEVERAL
        n_joined = sum(any(map(_JOINED.search, names)) for names in cells)
        return Listing.NONE if n_joined >= _MOSTLY * len(cells) else Listing.OPEN

    def _is_tree(self, cells: list[tuple[str, ...]]) -> bool:
        """Whether each name follows one other, no name is first here and later there, and the first are few."""
        before: Mapping[str, set[str]] = defaultdict(set)
        for names in cells:
            for parent, name in pairwise(names):
                before[name].add(parent)
        firsts: Set[str] = {names[0] for names in cells} | self._singles.keys()
        n_alike = sum(len(parents) == 1 for parents in before.values())
        return not firsts & before.keys() and n_alike >= _NEARLY_ALL * len(before) and len(firsts) <= len(before)

    @staticmethod
    def _names(value: str, mark: str) -> tuple[str, ...]:
        return tuple(name for part in value.split(mark) if (name := part.strip()))


_READ = {
    Listing.OPEN: "nothing tells whether they are several categories or one name, so each cell is one",
    Listing.SEVERAL: "most come back in other cells, so they are several categories, of which the first is taken",
    Listing.PATH: "each always follows the same one, so they are the levels of one path",
}
