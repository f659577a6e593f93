"""Proposals while a shopper types. A look into sorted keys: no model is asked, and nobody's history is looked at."""

from __future__ import annotations

from bisect import bisect_left

import msgspec

from steelyard.domain import State
from steelyard.serving.cards import Cards
from steelyard.serving.suggest_state import KEY_BYTES, KINDS, folded

__all__ = ["MAX_SUGGESTIONS", "Suggestion", "Suggestions"]

MAX_SUGGESTIONS = 20
_GROUPS = 2
"""At most so many categories, and so many brands, before titles."""
_AFTER_ALL = b"\xff"


class Suggestion(msgspec.Struct, frozen=True, omit_defaults=True):
    """One proposal."""

    kind: str
    """``query``: what many people typed; ``category``, ``brand``, or ``product``."""
    text: str
    """A query, a category with those that hold it (``Garden > Chairs``), a brand, or a title."""
    id: str = ""
    """Of a product."""
    n_items: int = 0
    """In the category or of the brand."""


class Suggestions:
    """Proposals by prefix.

    Args:
        state: What ``suggest_state`` gave.
        cards: Of the same catalogue.
    """

    def __init__(self, state: State, cards: Cards) -> None:
        arrays = state.arrays
        self._cards = cards
        self._strings = arrays["strings"].tobytes()
        self._places = arrays["key_places"].data
        self._n_keys = len(arrays["key_places"])
        self._entries = arrays["key_entries"]
        self._is_first = arrays["key_is_first"]
        self._texts = arrays["texts"].tobytes()
        self._text_offsets = arrays["text_offsets"].data
        self._kinds = arrays["kinds"].data
        self._weights = arrays["weights"].data
        self._items = arrays["items"].data
        ends = arrays["broad_offsets"].tolist()
        names = state.facts["broad"]
        self._broad = {bytes.fromhex(name): slice(*ends[n : n + 2]) for n, name in enumerate(names)}
        self._best = arrays["broad"]

    def of(self, typed: str, *, k: int) -> list[Suggestion]:
        """Proposals that begin with what was typed, at any of their words.

        Args:
            typed: As it was typed; empty for what is asked most.
            k: At most so many.

        Returns:
            Queries first, half of the places at most where there is anything else; then a few categories and brands,
            then titles; what begins with it before what holds it, the heavier before the lighter; each text once.
        """
        numbers = self._found(folded(typed).encode("utf-8", "replace")[:KEY_BYTES])
        of_kind: list[list[int]] = [[number for number in numbers if self._kinds[number] == kind] for kind in range(4)]
        queries, categories, brands, products = of_kind
        groups = categories[:_GROUPS] + brands[:_GROUPS]
        n_queries = max(k - len(groups) - len(products), (k + 1) // 2)
        chosen = [*queries[:n_queries], *groups[: max(k // 3, 1)], *products, *queries[n_queries:]]
        found: dict[str, Suggestion] = {}
        for number in chosen:
            one = self._suggestion(number)
            found.setdefault(folded(one.text), one)
            if len(found) == k:
                break
        return list(found.values())

    def _found(self, prefix: bytes) -> list[int]:
        """Proposals with a place that begins so, the best first."""
        if prefix in self._broad:
            kept: list[int] = self._best[self._broad[prefix]].tolist()
            return kept
        low = bisect_left(range(self._n_keys), prefix, key=self._key)
        high = bisect_left(range(self._n_keys), prefix + _AFTER_ALL, lo=low, key=self._key)
        numbers = self._entries[low:high].tolist()
        begins = {n for n, first in zip(numbers, self._is_first[low:high].tolist(), strict=True) if first}
        return sorted(set(numbers), key=lambda n: (n not in begins, -self._weights[n], n))

    def _key(self, number: int) -> bytes:
        at = self._places[number]
        return self._strings[at : at + KEY_BYTES]

    def _text(self, number: int) -> str:
        return self._texts[self._text_offsets[number] : self._text_offsets[number + 1]].decode("utf-8", "replace")

    def _suggestion(self, number: int) -> Suggestion:
        text = self._text(number)
        kind, item = KINDS[self._kinds[number]], self._items[number]
        if item >= 0:
            return Suggestion(kind, text, self._cards.brief(item).item_id)
        return Suggestion(kind, text, n_items=0 if kind == "query" else int(self._weights[number]))
