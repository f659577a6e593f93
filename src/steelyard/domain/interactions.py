"""Behaviour as arrays, and frozen sets of requests whose right answers are known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from steelyard.domain.requests import FloatArray, IntArray, Request, Surface


@dataclass(frozen=True, slots=True)
class Interactions:
    """Positive events, one per row, oldest first. Numbers come from the vocabulary."""

    users: IntArray
    """Shape (events,), in [0, n_users)."""
    items: IntArray
    """Shape (events,), in [0, n_items)."""
    times_s: FloatArray
    """Shape (events,), seconds since 1970 UTC, non-decreasing."""
    weights: FloatArray
    """Shape (events,), > 0: how much one event of its kind says about interest."""
    n_users: int
    n_items: int


@dataclass(frozen=True, slots=True)
class Cases:
    """Requests of one surface with known right answers, frozen: every configuration answers the same ones.

    For search the items are representatives: one item for each distinct product text (see
    ``CatalogueFacts.representative``), because identical texts cannot be told apart by words.
    """

    surface: Surface
    ids: tuple[str, ...]
    """Stable name of each request, for per-request reports and pairing."""
    requests: tuple[Request, ...]
    relevant: tuple[IntArray, ...]
    """For each request, the judged item numbers. Same length as ``requests``."""
    gains: tuple[FloatArray, ...]
    """For each request, the gain of each judged item, >= 0, aligned with ``relevant``."""
    is_synthetic: bool = False
    """True when the requests were made from the catalogue rather than observed."""
    origin: str = "judged"
    """Who says what is relevant: ``judged`` (people), ``behaviour``, ``rules``, ``model``, ``mixed``, ``synthetic``."""
    excludes_seen: bool = True
    """Whether what a user interacted with before is not offered again: then it is not to be found either. As the shop's
    rules say; models are tuned on what the shop will judge."""
    again: frozenset[int] = frozenset()
    """Items that are offered again, and are to be found, although they were seen."""
    beside: Cases | None = None
    """Made requests that are asked besides: what they give is shown and decides nothing."""

    def kept_away(self, request: Request) -> frozenset[int]:
        """Items that the user of a request interacted with and is therefore not offered, item by item."""
        if not self.excludes_seen:
            return frozenset()
        return frozenset((*request.history, *request.seen, *request.past.items)) - self.again

    def at(self, places: Iterable[int]) -> Cases:
        """Some of the cases, in the order of their places; without those that are asked besides."""
        chosen = [int(place) for place in places]
        return replace(
            self,
            ids=tuple(self.ids[place] for place in chosen),
            requests=tuple(self.requests[place] for place in chosen),
            relevant=tuple(self.relevant[place] for place in chosen),
            gains=tuple(self.gains[place] for place in chosen),
            beside=None,
        )


@dataclass(frozen=True, slots=True)
class CatalogueFacts:
    """What the pipeline must know of every item to map texts to items and to apply its rules."""

    text_of_item: IntArray
    """Shape (n_items,): number of the item's distinct text, in [0, n_texts)."""
    representative: IntArray
    """Shape (n_texts,): the item that stands for a text in search results (in stock and most interacted with)."""
    category: IntArray
    """Shape (n_items,): number of the item's narrowest category; -1 where it has none."""
    in_stock: IntArray
    """Shape (n_items,): 1 available or unknown, 0 known to be out of stock."""
    categories: tuple[str, ...]
    """Category paths by number."""
    untitled: frozenset[int] = frozenset()
    """Numbers of texts without a title: what shares one of them is not known to be the same."""


@dataclass(frozen=True, slots=True)
class Texts:
    """The distinct texts of a catalogue, field by field. All lists have length n_texts."""

    title: tuple[str, ...]
    description: tuple[str, ...]
    category: tuple[str, ...]
    brand: tuple[str, ...]
    attributes: tuple[str, ...]
    language: str = "en"
    """``en``, ``zh`` or ``mixed``: chooses the segmenter."""

    def __len__(self) -> int:
        return len(self.title)
