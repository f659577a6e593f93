"""Answers of one bundle: pipelines rank item numbers, cards turn them into what a page shows."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Protocol

import msgspec

from steelyard.domain import NONE, IntArray, Ranked, Reason, Request, Surface
from steelyard.errors import StageError
from steelyard.serving.cards import Card, Cards, ItemIds

__all__ = ["MAX_K", "Engine", "Pipeline", "Shown", "Why"]

MAX_K = 100
"""Longest list that is ever asked for."""


class Pipeline(Protocol):
    """What answers one surface (``steelyard.models.pipeline.Pipeline``)."""

    def answer(self, requests: Sequence[Request], *, k: int) -> Ranked:
        """Item numbers for each request, best first, rules applied."""
        ...

    def explain(self, request: Request, items: IntArray) -> list[list[Reason]]:
        """Reasons of each item, strongest first."""
        ...


class Why(msgspec.Struct, frozen=True, omit_defaults=True):
    """One reason for showing an item."""

    kind: str
    """``bought_together``, ``matches_words``, ``similar_meaning``, ``similar_content``, ``popular`` …"""
    contribution: float
    """Share of the score that this reason explains, in [0, 1]."""
    item_id: str = ""
    """The shopper's own item that led here, where there is one."""
    title: str = ""
    """Title of that item."""
    words: tuple[str, ...] = ()
    """Words of the query that matched, where there are some."""


class Shown(msgspec.Struct, frozen=True):
    """One item of an answer."""

    id: str
    title: str
    price: str | None
    """Exact decimal in the shop's currency; null when unknown."""
    brand: str
    category: tuple[str, ...]
    image: str
    score: float
    """Comparable within one answer only."""
    reasons: list[Why]


class Engine:
    """Search, recommendation and similar items of one bundle. Thread-safe: nothing changes after it was built.

    Args:
        search: Answers queries; ``None`` where the bundle has no search.
        recommend: Answers histories; ``None`` where there is no behaviour to learn from.
        similar: Answers an item; ``None`` where there is neither behaviour nor text.
        cards: What is shown of each item.
        ids: From the shop's identifiers to item numbers.
    """

    def __init__(
        self,
        *,
        search: Pipeline | None,
        recommend: Pipeline | None,
        similar: Pipeline | None,
        cards: Cards,
        ids: ItemIds,
    ) -> None:
        self._pipelines = {
            surface: pipeline
            for surface, pipeline in (
                (Surface.SEARCH, search),
                (Surface.RECOMMEND, recommend),
                (Surface.SIMILAR, similar),
            )
            if pipeline is not None
        }
        self._cards = cards
        self._ids = ids
        self._popular = self._find_popular()

    @property
    def surfaces(self) -> tuple[str, ...]:
        """Names of what this bundle answers."""
        return tuple(surface.value for surface in self._pipelines)

    @property
    def n_items(self) -> int:
        """Items in the catalogue."""
        return len(self._cards)

    def number(self, item_id: str) -> int:
        """Number of the item, ``NONE`` when the catalogue does not have it."""
        return self._ids.number(item_id)

    def card(self, number: int) -> Card:
        """All that is known of an item."""
        return self._cards.card(number)

    def popular(self, *, k: int) -> list[Shown]:
        """What most shoppers take, ready since the start: the answer when there is no time for a better one."""
        return self._popular[:k]

    def require(self, surface: Surface) -> Pipeline:
        """The pipeline of a surface.

        Args:
            surface: What is to be answered.

        Returns:
            Its pipeline.

        Raises:
            StageError: The bundle does not serve it.
        """
        if surface not in self._pipelines:
            has = ", ".join(self.surfaces) or "nothing"
            raise StageError(f"this bundle does not serve {surface.value!r}; it serves {has}. Package it again with it")
        return self._pipelines[surface]

    def answer(self, surface: Surface, request: Request, *, k: int, explain: bool) -> list[Shown]:
        """The best items for one request.

        Args:
            surface: Whose pipeline answers.
            request: Item numbers inside it must be of this catalogue.
            k: Length of the list, in [1, ``MAX_K``].
            explain: Whether reasons are worked out; they cost processor time.

        Returns:
            At most ``k`` items, best first.
        """
        pipeline = self.require(surface)
        ranked = pipeline.answer([request], k=k)
        row = ranked.items[0]
        kept = row[row != NONE]
        reasons = pipeline.explain(request, kept) if explain and len(kept) else [[] for _ in kept]
        scores = ranked.scores[0].tolist()
        return [self._shown(n, s, why) for n, s, why in zip(kept.tolist(), scores, reasons, strict=False)]

    def _shown(self, number: int, score: float, reasons: Sequence[Reason]) -> Shown:
        brief = self._cards.brief(number)
        why = [self._why(reason) for reason in reasons]
        score = score if isfinite(score) else 0.0
        return Shown(brief.item_id, brief.title, brief.price, brief.brand, brief.category, brief.image, score, why)

    def _why(self, reason: Reason) -> Why:
        share = round(float(reason.contribution), 4)
        if reason.item == NONE:
            return Why(reason.kind, share, words=reason.words)
        brief = self._cards.brief(reason.item)
        return Why(reason.kind, share, brief.item_id, brief.title, reason.words)

    def _find_popular(self) -> list[Shown]:
        k = min(MAX_K, max(1, len(self._cards)))
        if Surface.RECOMMEND in self._pipelines:
            found = self.answer(Surface.RECOMMEND, Request(), k=k, explain=False)
            if found:
                return [msgspec.structs.replace(shown, reasons=[Why("popular", 1.0)]) for shown in found]
        return [self._shown(number, 0.0, ()) for number in range(min(k, len(self._cards)))]
