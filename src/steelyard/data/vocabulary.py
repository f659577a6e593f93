"""Numbers for names: items in the order of the catalogue, distinct texts in the order they first appear."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from steelyard.data.values.normalise import fold
from steelyard.domain import IntArray

__all__ = ["TextVocabulary", "Vocabulary", "representatives", "text_key"]


class Vocabulary:
    """Gives each new name the next number."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    def number(self, name: str) -> int:
        """The name's number; a new name gets the next one."""
        return self._numbers.setdefault(name, len(self._numbers))

    def names(self) -> tuple[str, ...]:
        """All names in order of their numbers."""
        return tuple(self._numbers)


class TextVocabulary:
    """Gives products whose texts read the same one number.

    Two products share a text when all their fields are equal after folding (full-width, case, white space).
    Only 16 bytes of each text are held, so millions of products fit in memory.
    """

    def __init__(self) -> None:
        self._numbers: dict[bytes, int] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    def number(self, fields: Sequence[str]) -> tuple[int, bool]:
        """The text's number, and whether it is new."""
        before = len(self._numbers)
        number = self._numbers.setdefault(text_key(fields), before)
        return number, len(self._numbers) > before


def text_key(fields: Sequence[str]) -> bytes:
    """Sixteen bytes that are equal for texts that read the same."""
    joined = "\x1f".join(fold(field) for field in fields)
    return hashlib.blake2b(joined.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def representatives(text_of_item: IntArray, *, in_stock: IntArray, n_interactions: IntArray, n_texts: int) -> IntArray:
    """The item that stands for each text: in stock before out of stock, then most interacted with, then lowest number.

    Args:
        text_of_item: Shape (n_items,), in [0, n_texts); every text has an item.
        in_stock: Shape (n_items,), 1 or 0.
        n_interactions: Shape (n_items,), how often each was interacted with.
        n_texts: How many texts there are.

    Returns:
        Item numbers, shape (n_texts,).
    """
    order = np.lexsort((np.arange(len(text_of_item)), -n_interactions, -in_stock, text_of_item))
    texts, first = np.unique(text_of_item[order], return_index=True)
    found = np.full(n_texts, -1, dtype=np.int64)
    found[texts] = order[first]
    return found
