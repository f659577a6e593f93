"""Business rules of the re-ranking stage: what may be offered, and how much of a kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np

from steelyard.data.dividing.repeatable import in_categories
from steelyard.domain import NONE, CatalogueFacts, FloatArray, IntArray, Request, Surface
from steelyard.errors import ConfigError

__all__ = ["VARIETIES", "Rules", "Selection"]

VARIETIES = ("mmr", "dpp")
"""Forms of ``diversity``."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a list may hold. Those from ``category_cap`` on hold for recommendations only."""

    exclude_seen: bool = True
    """Items the user interacted with, however long ago, do not come back in recommendations; search and similar items
    may show them."""
    repeat_categories: tuple[str, ...] = ()
    """Categories whose items may come back although ``exclude_seen`` holds, each with all below it."""
    exclude_out_of_stock: bool = True
    """Items known to be out of stock are not offered, on any surface."""
    one_of_text: bool = False
    """Of items with one and the same text only the best comes, but in search, which thinks in texts anyway."""
    category_cap: int | None = None
    """At most so many items of one narrowest category in a list; items without one are free."""
    brand_cap: int | None = None
    """At most so many items of one brand in a list; items without one are free."""
    cap_within: int | None = None
    """The caps hold among the first so many places; ``None``: in the whole list."""
    diversity: float = 0.0
    """Weight of variety against relevance among the first places, in [0, 1]."""
    variety: str = "mmr"
    """How variety is counted, one of ``VARIETIES``: against the nearest item above (``mmr``, maximal marginal
    relevance), or against all items above together (``dpp``, a determinantal point process)."""
    new_boost: float = 0.0
    """What is added to the score of an item of today, as a share of the span of the scores; less with every day."""
    new_share: float = 0.0
    """Share of the first places, over all requests, that new items get at least, in [0, 1]."""
    new_days: float = 30.0
    """An item is new for so many days after its first event; one without any event is new."""
    first: int = 10
    """How many places ``diversity`` and ``new_share`` hold for."""
    seed: int = 0
    """Of the draw which places and which new items it is."""

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> Self:
        """Rules from a configuration's options; what is left out keeps its default.

        Args:
            options: Values by name of the rule.

        Returns:
            The rules.

        Raises:
            ConfigError: A rule or form of variety nobody knows, a cap below 1, or a share outside [0, 1].
        """
        known = {field.name for field in fields(cls)}
        unknown = sorted(set(options) - known)
        if unknown:
            raise ConfigError(f"unknown rules {unknown}; the rules are {sorted(known)}")
        rules = cls(**{**options, "repeat_categories": tuple(options.get("repeat_categories", ()))})
        for name in ("category_cap", "brand_cap", "cap_within", "first"):
            value = getattr(rules, name)
            if value is not None and value < 1:
                raise ConfigError(f"{name} is {value}: it must be at least 1, or null for no cap")
        for name in ("diversity", "new_boost", "new_share"):
            if not 0 <= getattr(rules, name) <= 1:
                raise ConfigError(f"{name} is {getattr(rules, name)}: it must be between 0 and 1")
        if rules.variety not in VARIETIES:
            raise ConfigError(f"variety is {rules.variety!r}: it must be one of {', '.join(VARIETIES)}")
        return rules

    @property
    def switched_on(self) -> tuple[str, ...]:
        """Names of the rules in force that choose between lists of recommendations, stock aside."""
        plain = self.without(*_OFF)
        return tuple(
            name
            for name in _OFF
            if getattr(self, name) != getattr(plain, name) and (name != "repeat_categories" or self.exclude_seen)
        )

    def without(self, *names: str) -> Self:
        """The rules with some of them switched off.

        Args:
            names: Of ``switched_on``.

        Returns:
            All others as they are.
        """
        return replace(self, **{name: _OFF[name] for name in names})

    @property
    def rearranges(self) -> bool:
        """Whether recommendations are put in another order than that of their scores."""
        return bool(self.brand_cap or self.diversity or self.new_boost or self.new_share) or (
            self.category_cap is not None and self.cap_within is not None
        )

    @property
    def needs_list_facts(self) -> bool:
        """Whether more must be known of the items than stock and category: brand, words, age."""
        return bool(self.brand_cap or self.diversity or self.new_boost or self.new_share)

    def offered(self, items: IntArray, facts: CatalogueFacts) -> IntArray:
        """Items of lists, with ``NONE`` in place of those that must not be offered to anybody.

        Args:
            items: Item numbers. Any shape.
            facts: Says what is in stock.

        Returns:
            The same shape.
        """
        if not self.exclude_out_of_stock or not len(facts.in_stock):
            return items
        return np.where(facts.in_stock[items] > 0, items, NONE)

    def excluded(self, request: Request, facts: CatalogueFacts) -> frozenset[int]:
        """Items that must not answer this request, stock aside.

        Args:
            request: What was asked.
            facts: Says of which category an item is.

        Returns:
            What was asked about or excluded by name; in recommendations also what was seen, but what may come again.
        """
        out = frozenset(request.items).union(request.exclude)
        if request.surface is not Surface.RECOMMEND or not self.exclude_seen:
            return out
        seen = {*request.history, *request.seen}
        if self.repeat_categories:
            again = in_categories(facts.categories, self.repeat_categories)
            n, of = len(facts.category), facts.category
            seen = {item for item in seen if not (0 <= item < n and of[item] >= 0 and again[of[item]])}
        return out.union(seen)


_OFF: dict[str, Any] = {
    "exclude_seen": False,
    "repeat_categories": (),
    "one_of_text": False,
    "category_cap": None,
    "brand_cap": None,
    "diversity": 0.0,
    "new_boost": 0.0,
    "new_share": 0.0,
}
"""What switches a rule off, in the order in which they act."""


class Selection:
    """The list for one request, filled from the best candidate down until it is long enough.

    Args:
        request: What was asked.
        rules: What the list may hold.
        facts: Stock, text and category of each item.
        k: Length of the list, >= 1.
        out: What ``rules.excluded`` says of the request, where that was asked already.
        is_capped: False: the caps are for somebody else, who chooses from the list.
    """

    def __init__(
        self,
        request: Request,
        *,
        rules: Rules,
        facts: CatalogueFacts,
        k: int,
        out: frozenset[int] | None = None,
        is_capped: bool = True,
    ) -> None:
        self._rules = rules
        self._facts = facts
        self._k = k
        self._out = set(rules.excluded(request, facts) if out is None else out)
        surface = request.surface
        self._cap = rules.category_cap if surface is Surface.RECOMMEND and is_capped else None
        self._of_category: Counter[int] = Counter()
        self._texts: set[int] | None = set() if rules.one_of_text and surface is not Surface.SEARCH else None
        self.items: list[int] = []
        self.scores: list[float] = []

    @property
    def is_full(self) -> bool:
        """Whether the list is as long as was asked."""
        return len(self.items) >= self._k

    def offer(self, items: IntArray, scores: FloatArray) -> None:
        """Take what the rules allow, in the order given, each item once.

        Args:
            items: Candidates, best first; ``NONE`` is skipped. Shape (candidates,).
            scores: Non-increasing, and not above those already taken. Shape (candidates,).
        """
        self.take(self._rules.offered(items, self._facts).tolist(), scores.tolist())

    def take(self, items: Sequence[int], scores: Sequence[float]) -> None:
        """As ``offer``, of candidates whose stock was looked at, for many lists at once: see ``Rules.offered``.

        Args:
            items: Candidates, best first; ``NONE`` is skipped.
            scores: Of each.
        """
        is_ruled = self._cap is not None or self._texts is not None
        wanted = self._k - len(self.items)
        for item, score in zip(items, scores, strict=True):
            if wanted <= 0:
                return
            if item == NONE or item in self._out or (is_ruled and not self._admits(item)):
                continue
            self._out.add(item)
            self.items.append(item)
            self.scores.append(score)
            wanted -= 1

    def _admits(self, item: int) -> bool:
        """Whether category and text leave a place for an item, which then takes it."""
        category = int(self._facts.category[item])
        if self._cap is not None and category >= 0 and self._of_category[category] >= self._cap:
            return False
        if self._is_shown(item):
            return False
        self._of_category[category] += 1
        return True

    def _is_shown(self, item: int) -> bool:
        """Whether an item of the same text is there already; remembered from now on."""
        if self._texts is None:
            return False
        text = int(self._facts.text_of_item[item])
        if text in self._texts:
            return True
        if text not in self._facts.untitled:
            self._texts.add(text)
        return False
