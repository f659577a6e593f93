"""What re-ranking must know of items beyond stock and category: words, brand, and how long they have been there."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from steelyard.domain import CatalogueFacts, FloatArray, IntArray, Interactions, State, Texts
from steelyard.models.text.amounts import without_amounts
from steelyard.models.text.segment import words

__all__ = ["BRAND", "CATEGORY", "WORDS", "ListFacts"]

CATEGORY, WORDS, BRAND = 0.6, 0.3, 0.1
"""What the levels of the category that two items share, their rarest words and their brand add to their likeness."""
_KEPT_WORDS = 8
_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class ListFacts:
    """Facts of the items of a catalogue. Items that came since have no words and no brand, and are new."""

    words: npt.NDArray[np.uint32]
    """Hashes of the rarest words of each text, 0 in empty places. Shape (n_texts, 8)."""
    brand: IntArray
    """Number of each item's brand, -1 where it has none. Shape (n_items,)."""
    levels: IntArray
    """Of each category the numbers of its path cut after 1, 2, … levels, -1 beyond its end. Shape (n, depth)."""
    age_days: FloatArray
    """Days from the first event of each item to the end of the log; 0 where there is none. Shape (n_items,)."""

    @classmethod
    def of(cls, texts: Texts, facts: CatalogueFacts, interactions: Interactions) -> Self:
        """The facts of a shop.

        Args:
            texts: Its distinct texts.
            facts: Which item has which text and category.
            interactions: When each item was first interacted with.

        Returns:
            The facts.
        """
        n_items = len(facts.text_of_item)
        end = float(interactions.times_s[-1]) if len(interactions.times_s) else 0.0
        first = np.full(n_items, end)
        np.minimum.at(first, interactions.items, interactions.times_s)
        numbers: dict[str, int] = {"": -1}
        of_text = np.array([numbers.setdefault(name.casefold(), len(numbers) - 1) for name in texts.brand], np.int64)
        brand = of_text[facts.text_of_item] if len(of_text) else np.full(n_items, -1)
        return cls(_rarest(texts), brand, _levels(facts.categories), (end - first) / _DAY_S)

    def new(self, items: IntArray, *, days: float) -> FloatArray:
        """How new items are: 1 of today, 0 from ``days`` on. Shape of ``items``."""
        age = np.zeros(len(items))
        known = items < len(self.age_days)
        age[known] = self.age_days[items[known]]
        return np.clip(1 - age / days, 0.0, 1.0) if days > 0 else np.zeros(len(items))

    def brands(self, items: IntArray) -> IntArray:
        """Numbers of brands; -1 where there is none. Shape of ``items``."""
        found = np.full(len(items), -1)
        known = items < len(self.brand)
        found[known] = self.brand[items[known]]
        return found

    def likeness(self, item: int, others: IntArray, facts: CatalogueFacts) -> FloatArray:
        """How alike an item is to others, in [0, 1]: 1 for the same text.

        Args:
            item: Its number.
            others: Numbers of items. Shape (n,).
            facts: Text and category of each.

        Returns:
            Shape (n,).
        """
        return self.alike(np.full(len(others), item), others, facts)

    def alike(self, items: IntArray, others: IntArray, facts: CatalogueFacts) -> FloatArray:
        """How alike the items of pairs are, in [0, 1]: 1 for the same text.

        Args:
            items: Numbers of items. Shape (n,).
            others: The other item of each pair. Shape (n,).
            facts: Text and category of each.

        Returns:
            Shape (n,).
        """
        text, of = facts.text_of_item[items], facts.text_of_item[others]
        value = CATEGORY * self._shared(facts.category[items], facts.category[others])
        value += WORDS * self._overlap(text, of)
        own = self.brands(items)
        value += BRAND * ((self.brands(others) == own) & (own >= 0))
        return np.where(of == text, 1.0, value)

    def state(self) -> State:
        """The arrays, ready to be stored."""
        return State(
            {
                "words": self.words,
                "brand": self.brand.astype(np.int32),
                "levels": self.levels.astype(np.int32),
                "age_days": self.age_days.astype(np.float32),
            }
        )

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The facts back."""
        arrays = state.arrays
        brand, levels = (arrays[name].astype(np.int64) for name in ("brand", "levels"))
        return cls(arrays["words"].astype(np.uint32), brand, levels, arrays["age_days"].astype(np.float64))

    def _shared(self, categories: IntArray, others: IntArray) -> FloatArray:
        """Levels that the paths share, as a share of the longer path; 0 where either has no category or a new one."""
        n = len(self.levels)
        if not n:
            return np.zeros(len(others))
        known = (categories >= 0) & (categories < n) & (others >= 0) & (others < n)
        own, paths = (self.levels[np.where(known, each, 0)] for each in (categories, others))
        same = ((paths == own) & (paths >= 0)).sum(axis=1)
        longer = np.maximum((paths >= 0).sum(axis=1), (own >= 0).sum(axis=1))
        return np.where(known, same / np.maximum(longer, 1), 0.0)

    def _overlap(self, texts: IntArray, others: IntArray) -> FloatArray:
        """Rarest words that both have, as a share of those of the shorter text."""
        n = len(self.words)
        if not n:
            return np.zeros(len(others))
        known = (texts < n) & (others < n)
        own, rows = (self.words[np.where(known, each, 0)] for each in (texts, others))
        both = ((rows[:, :, None] == own[:, None, :]) & (rows[:, :, None] > 0)).sum(axis=(1, 2))
        shorter = np.minimum((rows > 0).sum(axis=1), (own > 0).sum(axis=1))
        return np.where(known, both / np.maximum(shorter, 1), 0.0)


def _rarest(texts: Texts) -> npt.NDArray[np.uint32]:
    """Hashes of the rarest distinct words of each title, amounts left out."""
    split = [sorted(set(words(without_amounts(title), language=texts.language))) for title in texts.title]
    frequency = Counter(word for found in split for word in found)
    kept = np.zeros((len(split), _KEPT_WORDS), np.uint32)
    for row, found in enumerate(split):
        rarest = sorted(found, key=lambda word: (frequency[word], word))[:_KEPT_WORDS]
        kept[row, : len(rarest)] = [max(zlib.crc32(word.encode()), 1) for word in rarest]
    return kept


def _levels(paths: Sequence[str]) -> IntArray:
    split = [[level.strip() for level in path.split(">") if level.strip()] for path in paths]
    numbers: dict[tuple[str, ...], int] = {}
    found = np.full((len(split), max([1, *map(len, split)])), -1)
    for row, levels in enumerate(split):
        for n in range(1, len(levels) + 1):
            found[row, n - 1] = numbers.setdefault(tuple(levels[:n]), len(numbers))
    return found
