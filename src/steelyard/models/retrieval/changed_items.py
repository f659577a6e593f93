"""Recommenders over a catalogue of which some items are gone and others came.

A recommender knows the items that people did something with. One that came since is like others by its words alone,
until the next fit; one that changed keeps what people did with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from steelyard.domain import NONE, CatalogueFacts, FloatArray, IntArray, Ranked, Reason, Request
from steelyard.models.ports import Retriever
from steelyard.models.retrieval.changed_lexical import ChangedLexical
from steelyard.models.retrieval.changed_search import placed
from steelyard.models.retrieval.shortlists import Shortlist, excluded_items, stacked

__all__ = ["ChangedItems", "Likeness"]

_SHARE = 0.4
"""What came is like an item where its words score at least so much of what the item's own text scores."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """Likeness of items by their words."""

    words: ChangedLexical
    facts: CatalogueFacts
    """As they are now."""
    title: Callable[[int], str]
    """Of an item."""

    def nearest(self, item: int, *, k: int) -> Shortlist:
        """Items whose texts hold the words of an item's title, best first."""
        texts, scores = self.words.best(self.title(item), k + 1, verbatim=True)
        return self.facts.representative[texts], scores

    def came(self, item: int, items: IntArray) -> tuple[Shortlist, FloatArray]:
        """Items that came and are like an item, and what the words of others say of them.

        Args:
            item: Number of an item.
            items: Others. Shape (n,).

        Returns:
            Items that came with their scores, and a score of each of ``items``.
        """
        title = self.title(item)
        texts, scores = self.words.beside(title)
        own = float(self.words.scores(title, self.facts.text_of_item[[item]])[0])
        is_like = scores >= _SHARE * own
        found = self.facts.representative[texts[is_like]]
        return (found, scores[is_like]), self.words.scores(title, self.facts.text_of_item[items])


class ChangedItems:
    """A recommender that never names an item that is gone, and is not asked for items that it does not know.

    Args:
        base: Over the items that were fitted.
        n_items: How many these were.
        gone: Numbers of those that are gone.
        likeness: By words; None where only behaviour counts.
        read_anew: Fitted items whose text is another one now: they are like others by their words.
    """

    def __init__(
        self,
        base: Retriever,
        *,
        n_items: int,
        gone: frozenset[int],
        likeness: Likeness | None = None,
        read_anew: frozenset[int] = frozenset(),
    ) -> None:
        self._base, self._n, self._gone = base, n_items, gone
        self._gone_array = np.array(sorted(gone), np.int64)
        self._likeness, self._read_anew = likeness, read_anew

    def retrieve(self, requests: Sequence[Request], *, k: int) -> Ranked:
        """The ``k`` best items for each request."""
        return stacked((self._one(request, k) for request in requests), k=k)

    def explain(self, request: Request, items: IntArray) -> list[list[Reason]]:
        """As the recommender explains; of what it does not know, that it reads like the item that was asked about."""
        reasons: list[list[Reason]] = [[] for _ in items]
        asked = self._by_words(request)
        if asked == NONE:
            places = np.flatnonzero(items < self._n)
            found = self._base.explain(self._known(request), items[places])
            for place, why in zip(places.tolist(), found, strict=True):
                reasons[place] = why
        source = asked if asked != NONE else next(iter(request.items), NONE)
        if self._likeness is None or source == NONE:
            return reasons
        like = [Reason("similar_content", 1.0, item=source)]
        is_new = [asked != NONE or item >= self._n for item in items.tolist()]
        return [list(like) if new and not why else why for new, why in zip(is_new, reasons, strict=True)]

    def _one(self, request: Request, k: int) -> Shortlist:
        asked = self._by_words(request)
        if asked != NONE and self._likeness is not None:
            items, scores = self._likeness.nearest(asked, k=k + len(request.exclude))
            kept = ~np.isin(items, list(excluded_items(request)))
            return items[kept][:k], scores[kept][:k]
        ranked = self._base.retrieve([self._known(request)], k=max(min(k + len(self._gone), self._n), 1))
        items, scores = ranked.items[0], ranked.scores[0]
        kept = (items != NONE) & ~np.isin(items, self._gone_array)
        items, scores = items[kept], scores[kept]
        if self._likeness is None or not request.items:
            return items[:k], scores[:k]
        (came, by_word), of_items = self._likeness.came(request.items[0], items)
        is_other = (came >= self._n) & ~np.isin(came, list(excluded_items(request)))
        items, scores = placed((items, scores, of_items), (came[is_other], by_word[is_other]))
        return items[:k], scores[:k]

    def _by_words(self, request: Request) -> int:
        """The item that is asked about, where the recommender does not know it, or not as it is now."""
        asked = next(iter(request.items), NONE)
        is_new = asked >= self._n or asked in self._read_anew
        return asked if self._likeness is not None and is_new else NONE

    def _known(self, request: Request) -> Request:
        lists = (request.items, request.history, request.seen, request.exclude)
        items, history, seen, exclude = (tuple(item for item in one if item < self._n) for one in lists)
        return replace(request, items=items, history=history, seen=seen, exclude=exclude)
