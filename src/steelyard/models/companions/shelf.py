"""Which items of a product are offered: the one in stock that sells best before its twins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from steelyard.domain import CatalogueFacts, FloatArray, IntArray, State
from steelyard.models.retrieval.shortlists import Shortlist

__all__ = ["ITEMS_PER_TEXT", "Shelf"]

ITEMS_PER_TEXT = 3
"""Items of one text that may be offered, so that one is left where the first runs out before the next fit."""
_STEP = 1e-6
"""The second item of a text scores by this share less than the first."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """Texts of items, and the items of each text that are offered."""

    text_of_item: IntArray
    """Shape (n_items,)."""
    starts: IntArray
    """Text i has the items [starts[i], starts[i + 1]) of ``items``. Shape (n_texts + 1,)."""
    items: IntArray
    """The best of each text first. Shape (offered,)."""

    @classmethod
    def of(cls, facts: CatalogueFacts, n_bought: FloatArray) -> Self:
        """The shelf of a catalogue.

        Args:
            facts: Texts and stock.
            n_bought: How often each item was bought. Shape (n_items,).

        Returns:
            Of each text at most ``ITEMS_PER_TEXT`` items: in stock first, then bought most, then the lowest number.
        """
        texts = facts.text_of_item.astype(np.int64)
        order = np.lexsort((np.arange(len(texts)), -n_bought, facts.in_stock <= 0, texts))
        place = np.arange(len(order)) - np.searchsorted(texts[order], texts[order], side="left")
        kept = order[place < ITEMS_PER_TEXT]
        n_texts = max(len(facts.representative), int(texts.max(initial=-1)) + 1)
        return cls(texts, np.searchsorted(texts[kept], np.arange(n_texts + 1)), kept)

    @property
    def n_texts(self) -> int:
        """How many texts there are."""
        return len(self.starts) - 1

    def placed(self, texts: IntArray, scores: FloatArray) -> Shortlist:
        """Items of texts with their scores, numbers ascending.

        Args:
            texts: Each once. Shape (texts,).
            scores: > 0. Shape (texts,).

        Returns:
            Numbers and scores; what is further back on a shelf scores a trifle less. Shapes (items,).
        """
        begins, lengths = self.starts[texts], self.starts[texts + 1] - self.starts[texts]
        ends = np.cumsum(lengths)
        place = np.arange(int(ends[-1]) if len(ends) else 0) - np.repeat(ends - lengths, lengths)
        found = self.items[np.repeat(begins, lengths) + place]
        values = np.repeat(scores, lengths) * (1 - _STEP * place)
        order = np.argsort(found)
        return found[order], values[order]

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """The arrays by name, for a ``State``."""
        return {
            "text_of_item": self.text_of_item.astype(np.int32),
            "shelf_starts": self.starts.astype(np.int32),
            "shelf_items": self.items.astype(np.int32),
        }

    @classmethod
    def from_state(cls, state: State) -> Self:
        """Back from the arrays of a ``State``."""
        names = ("text_of_item", "shelf_starts", "shelf_items")
        return cls(*(state.arrays[name].astype(np.int64) for name in names))
