"""Which items are never offered for a word in their title or category."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["NotOffered"]


class NotOffered:
    """Tells items by their words.

    Args:
        words: One that begins like any of these is enough, in any case.
    """

    def __init__(self, words: Sequence[str] = ()) -> None:
        said = "|".join(rf"\b{re.escape(word)}" for word in words)
        self._pattern = re.compile(said, re.IGNORECASE) if words else None

    def holds(self, title: str, category: Sequence[str]) -> bool:
        """Whether such an item is kept from being offered.

        Args:
            title: Of the item.
            category: Its path, outermost first.

        Returns:
            False for every item where there are no words.
        """
        return self._pattern is not None and self._pattern.search(" > ".join((*category, title))) is not None
