"""Re-ranking of recommendations: caps, variety (MMR or DPP), freshness, and places for new items."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from steelyard.domain import CatalogueFacts, FloatArray, IntArray, Request
from steelyard.models.ranking.list_facts import ListFacts
from steelyard.models.ranking.rules import Rules

__all__ = ["POOL", "Arranged", "Rearranger"]

POOL = 200
"""So many candidates are chosen from at least."""
_EPSILON = 0.01
"""An item of which less is left uncovered counts as covered wholly."""
_DRAWN = 5
"""Of new items that no model names, so many times the first places are drawn; those most like the history come."""
_LATEST = 10


@dataclass(frozen=True, slots=True)
class Arranged:
    """A list, and what the rules did to it."""

    items: list[int] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    """Non-increasing: an item that was moved up has at most the score of the one before it."""
    moved: dict[int, str] = field(default_factory=dict)
    """By item why it stands higher than its score: ``new_place``, ``fresh``, ``varied``."""


class Rearranger:
    r"""Chooses place after place from a pool of candidates.

    Each place takes, of what the caps allow, the item with the highest

    .. math:: (1 - \lambda)\,(r_i + \beta\,\nu_i) - \lambda\, a_i

    :math:`a_i` in [0, 1] is how like i is to what is chosen already, in one of two forms (``variety``):

    .. math:: a_i = \max_{j \text{ chosen}} likeness(i, j) \quad (mmr), \qquad
              a_i = \frac{\ln \max(d_i^2, \epsilon)}{\ln \epsilon} \quad (dpp)

    :math:`d_i^2` is what the determinant of the likenesses of the chosen items grows by with i: 1 where i is unlike all
    of them, and less the more they cover it between them. So the second takes greedily the most probable list of a
    determinantal point process whose kernel is :math:`q_i\, likeness(i, j)\, q_j`, :math:`q_i = e^{\alpha r_i}`,
    :math:`\alpha = (1 - \lambda) \ln(1 / \epsilon) / 2 \lambda` (Chen et al. 2018, "Fast greedy MAP inference for
    determinantal point process to improve recommendation diversity", arXiv:1709.05135), but for its floor
    :math:`\epsilon = .01`: likenesses of category, words and brand need not be positive definite, and items that are
    covered wholly keep the order of their scores.

    r is the score brought to [0, 1] over the pool, :math:`\nu` 1 for an item of today and 0 from ``new_days`` on,
    :math:`\beta` ``new_boost``, :math:`\lambda` ``diversity`` among the first places and 0 after them. Places that are
    drawn for new items take the best new one, where the caps allow any. The caps are never broken: where they leave
    nothing, the list ends.

    Args:
        rules: Of the shop.
        facts: Text, stock and category of each item.
        known: Words, brands and ages; ``None`` where no rule needs them.
    """

    def __init__(self, rules: Rules, facts: CatalogueFacts, known: ListFacts | None) -> None:
        self._rules, self._facts, self._known = rules, facts, known

    def arrange(
        self, items: IntArray, scores: FloatArray, request: Request, *, k: int, out: frozenset[int]
    ) -> Arranged:
        """The list of one request.

        Args:
            items: Candidates that the rules allow, best first. Shape (n,).
            scores: Non-increasing. Shape (n,).
            request: What was asked; draws the places of new items.
            k: Length of the list.
            out: Items that must not come.

        Returns:
            At most ``k`` items; a shorter list is the beginning of a longer one of the same candidates.
        """
        rules = self._rules
        reserved = self._reserved(request)
        more = self._drawn(request, items, out) if reserved else np.empty(0, np.int64)
        every = np.concatenate([items, more])
        pool = _Pool(every, self._value(items, scores, len(more)), self._facts, self._known)
        covered = _covering(rules.variety, len(every))
        is_new = pool.new(rules.new_days) > 0
        is_own = np.arange(len(every)) < len(items)
        raw = np.concatenate([scores, np.full(len(more), np.inf)])
        made, marks, n_new = Arranged(), raw[is_own].max(initial=0.0), 0
        for place in range(k):
            free = pool.free(rules, is_within=rules.cap_within is None or place < rules.cap_within)
            wanted = free & is_own
            is_due = place < rules.first and n_new < sum(each <= place for each in reserved)
            if is_due and (free & is_new).any():
                wanted = free & is_new
            if not wanted.any():
                break
            weight = rules.diversity if place < rules.first else 0.0
            at = pool.best(wanted, weight, covered.share)
            n_new += bool(is_new[at])
            why = self._why(pool, at, free & is_own, usual=pool.best(free & is_own, weight, covered.share))
            marks = min(marks, float(raw[at]))
            made.items.append(int(every[at]))
            made.scores.append(marks)
            if why:
                made.moved[int(every[at])] = why
            pool.take(at)
            if rules.diversity > 0 and self._known is not None:
                covered.take(at, self._known.likeness(int(every[at]), every, self._facts))
        return made

    def _value(self, items: IntArray, scores: FloatArray, n_more: int) -> FloatArray:
        """Relevance of each candidate in [0, 1], with what is added to new ones; 0 for those drawn besides."""
        span = float(scores[0] - scores[-1]) if len(scores) else 0.0
        value = (scores - scores[-1]) / span if span > 0 else np.ones(len(scores))
        if self._rules.new_boost and self._known is not None:
            value = value + self._rules.new_boost * self._known.new(items, days=self._rules.new_days)
        return np.concatenate([value, np.zeros(n_more)])

    def _why(self, pool: _Pool, at: int, free: npt.NDArray[np.bool_], *, usual: int) -> str:
        """Why an item was taken before one of a higher score; empty where there was none."""
        if not free.any() or at == int(np.argmax(free)):
            return "" if free.any() else "new_place"
        if at != usual:
            return "new_place"
        return "fresh" if pool.value[at] > pool.value[int(np.argmax(free))] else "varied"

    def _reserved(self, request: Request) -> list[int]:
        """Places among the first that new items get: as many as the share says on average, drawn from the request."""
        rules = self._rules
        if not rules.new_share or self._known is None:
            return []
        random = _random(request, rules.seed)
        n = int(np.floor(rules.new_share * rules.first + random.random()))
        return sorted(random.permutation(rules.first)[:n].tolist())

    def _drawn(self, request: Request, items: IntArray, out: frozenset[int]) -> IntArray:
        """New items that may be offered and are no candidates, those most like the history first; drawn fairly."""
        assert self._known is not None
        rules, every = self._rules, np.arange(len(self._facts.text_of_item))
        may = self._known.new(every, days=rules.new_days) > 0
        if rules.exclude_out_of_stock:
            may &= self._facts.in_stock > 0
        may[items] = False
        may[[item for item in out if 0 <= item < len(may)]] = False
        if rules.one_of_text:
            may &= ~np.isin(self._facts.text_of_item, self._facts.text_of_item[items])
        drawn = _random(request, rules.seed + 1).permutation(np.flatnonzero(may))
        if rules.one_of_text:
            first = np.unique(self._facts.text_of_item[drawn], return_index=True)[1]
            drawn = drawn[np.sort(first)]
        drawn = drawn[: _DRAWN * rules.first]
        near = np.zeros(len(drawn))
        for item in request.history[-_LATEST:]:
            if 0 <= item < len(every):
                near = np.maximum(near, self._known.likeness(item, drawn, self._facts))
        return drawn[np.argsort(-near, kind="stable")]


class _Pool:
    """Candidates, what was taken of them, and how much of each kind."""

    def __init__(self, items: IntArray, value: FloatArray, facts: CatalogueFacts, known: ListFacts | None) -> None:
        self.items, self.value, self._facts, self._known = items, value, facts, known
        self.is_free = np.ones(len(items), np.bool_)
        self._category = facts.category[items] if len(items) else np.empty(0, np.int64)
        self._brand = np.full(len(items), -1) if known is None else known.brands(items)
        self._of_category: Counter[int] = Counter()
        self._of_brand: Counter[int] = Counter()

    def new(self, days: float) -> FloatArray:
        """How new each is."""
        return np.zeros(len(self.items)) if self._known is None else self._known.new(self.items, days=days)

    def free(self, rules: Rules, *, is_within: bool) -> npt.NDArray[np.bool_]:
        """What may be taken."""
        found = self.is_free.copy()
        for cap, counts, kinds in (
            (rules.category_cap, self._of_category, self._category),
            (rules.brand_cap, self._of_brand, self._brand),
        ):
            full = [kind for kind, n in counts.items() if kind >= 0 and cap is not None and n >= cap]
            if is_within and full:
                found &= ~np.isin(kinds, full)
        return found

    def best(self, wanted: npt.NDArray[np.bool_], weight: float, covered: FloatArray) -> int:
        """The place in the pool of the best; of equals the first."""
        worth = (1 - weight) * self.value - weight * covered
        return int(np.argmax(np.where(wanted, worth, -np.inf)))

    def take(self, at: int) -> None:
        """Take one."""
        self.is_free[at] = False
        self._of_category[int(self._category[at])] += 1
        self._of_brand[int(self._brand[at])] += 1


class _Nearest:
    """How like each candidate is to the nearest item that was taken."""

    def __init__(self, n: int) -> None:
        self.share: FloatArray = np.zeros(n)

    def take(self, at: int, like: FloatArray) -> None:
        """Count one more: how like all candidates are to it."""
        self.share = np.maximum(self.share, like)


class _Covered:
    """How far the items that were taken cover each candidate between them: one row of a Cholesky factor an item."""

    def __init__(self, n: int) -> None:
        self.share: FloatArray = np.zeros(n)
        self._left: FloatArray = np.ones(n)
        self._rows: list[FloatArray] = []

    def take(self, at: int, like: FloatArray) -> None:
        """Count one more: how like all candidates are to it. What is covered wholly covers nothing itself."""
        if self._left[at] < _EPSILON:
            return
        along = np.asarray(sum((row[at] * row for row in self._rows), np.zeros(len(like))))
        row = (like - along) / np.sqrt(self._left[at])
        self._rows.append(row)
        self._left = self._left - row**2
        self.share = np.minimum(np.log(np.clip(self._left, _EPSILON, 1.0)) / np.log(_EPSILON), 1.0)


def _covering(variety: str, n: int) -> _Nearest | _Covered:
    return _Covered(n) if variety == "dpp" else _Nearest(n)


def _random(request: Request, seed: int) -> np.random.Generator:
    """Draws that are the same whenever the same is asked."""
    words = (request.history, request.seen, request.items, request.query, request.user, seed)
    digest = hashlib.blake2b(repr(words).encode(), digest_size=8).digest()
    return np.random.default_rng(int.from_bytes(digest, "big"))
