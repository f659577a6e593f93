"""Categories of one column whose cells hold several paths: where one path ends is told from the whole column."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from steelyard.data.values.category_lists import LIST_MARKS, Listing, NameLists
from steelyard.data.values.html_text import plain_text
from steelyard.data.values.normalise import SEPARATORS, clean, separator

__all__ = ["PATH_MARKS", "PathCutter"]

PATH_MARKS = ("\n", ";", "；", "|", "｜", ",", "，")
"""Marks between the paths of one cell, the surest first."""
_NAME_KEYS = ("name", "title", "label", "value", "text")
_ESCAPED = "\ue000"
_MOST_ROOTS = 100_000


class PathCutter:
    """Takes one path out of a cell that may hold several.

    ``Food, Beverages & Tobacco > Food Items`` is one path and ``Home, Home > Mirrors`` is two: a mark ends a path only
    where what follows begins as other cells of the column begin.

    Args:
        values: All values of the column.
    """

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._roots: set[str] = set()
        self._wholes: set[str] = set()
        self._sure: set[str] = set()  # marks that end a path of the column without doubt
        self.lists = NameLists()
        """What names are that cells list without levels."""
        bars, commas = _Bars(), _Commas()
        for value in values:
            if len(self._roots) > _MOST_ROOTS or len(self._wholes) > _MOST_ROOTS:
                break
            self._learn(value)
            bars.learn(value)
            commas.learn(value)
            self.lists.learn(_plain(value))
        self._sure |= bars.ending() | commas.ending()

        self.n_several = 0
        """Cells with more than one path, so far."""
        self.n_listed = 0
        """Cells that list names without levels, so far."""

    def __call__(self, value: str) -> str:
        """The deepest path of a cell, the first of several; a cell of one path as it is.

        Args:
            value: As written.

        Returns:
            Text with one path.
        """
        names, listing = self._names_listed(value)
        self.n_listed += listing is not Listing.NONE
        if listing in (Listing.PATH, Listing.SEVERAL):
            return " > ".join(names) if listing is Listing.PATH else names[0]
        paths = self.paths(value)
        self.n_several += len(paths) > 1
        return max(paths, key=lambda path: len(_levels(path)))

    def paths(self, value: str) -> Sequence[str]:
        """All paths of a cell, in order.

        Args:
            value: As written.

        Returns:
            At least one.
        """
        listed = _listed(plain_text(value) if "&" in value or "<" in value else value)
        if listed is not None:
            return listed or [value]
        text = _plain(value)
        for mark in PATH_MARKS:
            if mark not in text:
                continue
            parts = [part.strip() for part in text.split(mark)]
            parts = [part.replace(_ESCAPED, ",") for part in parts if part]
            if len(parts) > 1 and self._are_paths(parts, mark=mark):
                return parts
        return [text.replace(_ESCAPED, ",")]

    def _names_listed(self, value: str) -> tuple[Sequence[str], Listing]:
        """The names of a cell without levels, and what they are."""
        text = _plain(value)
        mark = next((mark for mark in LIST_MARKS if mark in text), None)
        if mark is None or value.startswith(("[", "{")) or separator(text):
            return (), Listing.NONE
        names = [name.replace(_ESCAPED, ",") for part in text.split(mark) if (name := part.strip())]
        return names, self.lists.of_cell(names, mark) if len(names) > 1 else Listing.NONE

    def _are_paths(self, parts: Sequence[str], *, mark: str) -> bool:
        levels = [_levels(part, but=mark) for part in parts]
        if mark in ";；" and len(levels[0]) > 1:
            return True
        if all(len(each) < 2 for each in levels):
            return mark in ",，;；\n" and all(part in self._wholes for part in parts)
        roots = {each[0] for each in levels if len(each) > 1}
        if len({each[0] for each in levels}) == 1:
            return True
        is_sure = mark in self._sure
        return all(
            each[0] in self._roots or each[0] in self._wholes or (each[0] in roots if len(each) < 2 else is_sure)
            for each in levels[1:]
        )

    def _learn(self, value: str) -> None:
        if value.startswith("["):
            return
        text = _plain(value)
        for mark in PATH_MARKS:
            parts = [part.strip() for part in text.split(mark)] if mark in text else []
            paths = [_levels(part, but=mark) for part in parts if part]
            if len(paths) > 1 and len({each[0] for each in paths}) == 1 and max(map(len, paths)) > 1:
                self._sure.add(mark)
        firsts = [text.split(mark)[0].strip() for mark in PATH_MARKS if mark in text]
        first = min(firsts, key=len) if firsts else text.strip()
        levels = _levels(first.replace(_ESCAPED, ","))
        if len(levels) > 1:
            self._roots.add(levels[0])
        elif not firsts and first:
            self._wholes.add(first)


class _Bars:
    """Whether a bar ends paths: where one is, both sides have levels by another mark, as cells without one have."""

    def __init__(self) -> None:
        self._n_ended: Counter[str] = Counter()
        self._within: set[str] = set()
        self._n_plain = 0

    def learn(self, value: str) -> None:
        """Look at one more cell of the column."""
        bar = next((mark for mark in "|｜" if mark in value), None)
        if bar is None:
            self._n_plain += len(_levels(value)) > 1
        elif all(len(_levels(part, but=bar)) > 1 for part in value.split(bar)):
            self._n_ended[bar] += 1
        else:
            self._within.add(bar)

    def ending(self) -> set[str]:
        """Bars that end a path."""
        return {bar for bar, times in self._n_ended.items() if times > 1 and self._n_plain and bar not in self._within}


class _Commas:
    """Whether a comma ends paths: in all cells that have one, what stands on each of its sides has levels."""

    def __init__(self) -> None:
        self._n_ended = 0
        self._is_within = False

    def learn(self, value: str) -> None:
        """Look at one more cell of the column."""
        text = _plain(value)
        if "," not in text or value.startswith(("[", "{")):
            return
        paths = [_levels(part, but=",") for part in text.split(",")]
        has_levels = all(len(path) > 1 for path in paths)
        is_name = any("&" in path[0] for path in paths[1:])  # as ``Arts, Paper & Paint``
        self._n_ended += has_levels and not is_name
        self._is_within = self._is_within or not has_levels or is_name

    def ending(self) -> set[str]:
        """The comma, where it ends a path."""
        return {","} if self._n_ended and not self._is_within else set()


def _plain(value: str) -> str:
    """A cell as it is cut: no entities, and a mark in the place of commas that end nothing."""
    text = plain_text(value) if "&" in value or "<" in value else value
    return text.replace("\\,", _ESCAPED)


def _levels(path: str, *, but: str = "") -> list[str]:
    mark = separator(path) if not but else next((m for m in SEPARATORS if m != but and m in path), None)
    return [path.strip()] if mark is None else [level.strip() for level in path.split(mark) if level.strip()]


def _listed(value: str) -> list[str] | None:
    """Paths of a JSON list whose entries are paths themselves, or objects with names; ``None`` where it is none."""
    if not value.startswith(("[", "{")):
        return None
    try:
        parsed = json.loads(value)
    except (ValueError, RecursionError):
        return None
    entries = parsed if isinstance(parsed, list) else [parsed]
    if entries and all(isinstance(each, dict) for each in entries):
        names = [_name_of(each) for each in entries]
        return [" > ".join(name for name in names if name)] if all(names) else None
    if not isinstance(parsed, list) or not parsed:
        return None
    if len(parsed) > 1 and all(isinstance(path, list) for path in parsed):
        return [" > ".join(clean(str(level)) for level in path) for path in parsed if path]
    texts = [each for each in parsed if isinstance(each, str)]
    roots = [levels[0] for text in texts if len(levels := _levels(text)) > 1]
    are_paths = any(_has_levels(text) for text in texts) or len(roots) == len(texts) or len(set(roots)) < len(roots)
    return texts if len(texts) == len(parsed) and are_paths else None


def _name_of(category: dict[str, Any]) -> str:
    """What an object that stands for a category is called, as in answers of shop systems."""
    found = next((category[key] for key in _NAME_KEYS if isinstance(category.get(key), str)), "")
    return clean(found)


def _has_levels(text: str) -> bool:
    return any(mark in text for mark in SEPARATORS if mark not in ("/", "\\", "|", "｜", "／"))
