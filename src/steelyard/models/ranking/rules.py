"""Business rules of the re-ranking stage: what may be offered, and how much of a kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np

from steelyard.domain import NONE, CatalogueFacts, FloatArray, IntArray, Request, Surface
from steelyard.errors import ConfigError

__all__ = ["Rules", "Selection"]


@dataclass(frozen=True, slots=True)
class Rules:
    """What a list may hold."""

    exclude_seen: bool = True
    """Items the user interacted with, however long ago, do not come back in recommendations; search and similar items
    may show them."""
    exclude_out_of_stock: bool = True
    """Items known to be out of stock are not offered, on any surface."""
    category_cap: int | None = None
    """At most so many items of one narrowest category in a list of recommendations; items without one are free."""

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> Self:
        """Rules from a configuration's options; what is left out keeps its default.

        Args:
            options: Values by name of the rule.

        Returns:
            The rules.

        Raises:
            ConfigError: A rule nobody knows, or a cap below 1.
        """
        known = {field.name for field in fields(cls)}
        unknown = sorted(set(options) - known)
        if unknown:
            raise ConfigError(f"unknown rules {unknown}; the rules are {sorted(known)}")
        rules = cls(**options)
        if rules.category_cap is not None and rules.category_cap < 1:
            raise ConfigError(f"category_cap is {rules.category_cap}: it must be at least 1, or null for no cap")
        return rules

    def excluded(self, request: Request) -> frozenset[int]:
        """Items that must not answer this request, stock aside."""
        out = frozenset(request.items).union(request.exclude)
        is_personal = request.surface is Surface.RECOMMEND
        return out.union(request.history, request.seen) if is_personal and self.exclude_seen else out


class Selection:
    """The list for one request, filled from the best candidate down until it is long enough.

    Args:
        request: What was asked.
        rules: What the list may hold.
        facts: Stock and category of each item.
        k: Length of the list, >= 1.
    """

    def __init__(self, request: Request, *, rules: Rules, facts: CatalogueFacts, k: int) -> None:
        self._rules = rules
        self._facts = facts
        self._k = k
        self._out = set(rules.excluded(request))
        self._cap = rules.category_cap if request.surface is Surface.RECOMMEND else None
        self._of_category: Counter[int] = Counter()
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
        allowed = items != NONE
        if self._rules.exclude_out_of_stock:
            allowed = allowed & (self._facts.in_stock[items] > 0)
        places = np.flatnonzero(allowed)
        categories = self._facts.category[items[places]].tolist()
        for item, score, category in zip(items[places].tolist(), scores[places].tolist(), categories, strict=True):
            if self.is_full:
                return
            if item in self._out or self._is_crowded(category):
                continue
            self._out.add(item)
            self._of_category[category] += 1
            self.items.append(item)
            self.scores.append(score)

    def _is_crowded(self, category: int) -> bool:
        return self._cap is not None and category >= 0 and self._of_category[category] >= self._cap
