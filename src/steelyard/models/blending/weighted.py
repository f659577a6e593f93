"""Recommenders fused by weights: the union of their lists, in the order of their weighted scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from steelyard.documents.explanation import Derivation, ItemScore, ScorePart, StepCount, counted
from steelyard.domain import NONE, FloatArray, IntArray, Ranked, Reason, Request
from steelyard.errors import ConfigError
from steelyard.models.blending.members import open_member
from steelyard.models.blending.pool import SCALES, Pool, checked, filled, pooled, scaled
from steelyard.models.deriving import Stopwatch
from steelyard.models.ports import Parts, Retriever
from steelyard.models.ranking.explain import MOST_REASONS
from steelyard.models.retrieval.shortlists import Shortlist, best, stacked

__all__ = ["LISTED", "Candidates", "Weight", "WeightedFusion", "below", "open_weighted", "weighed", "weights_from"]

LISTED = 100
"""Items of each member's list that are fused."""
_GAP = 1.0
"""How far what was not fused stays below what was."""
_NOTHING: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Weight:
    """What a member counts."""

    kind: str
    """Name of its recipe."""
    weight: float
    """In (0, 1]."""
    scale: str
    """One of ``pool.SCALES``."""
    unit: float
    """What counts 1 in the scale ``raw``."""
    options: Mapping[str, Any]
    """What it is opened with."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """What members offer for one request."""

    items: IntArray
    """Ascending. Shape (n,)."""
    raw: FloatArray
    """Scores as the members gave them, NaN where one does not tell. Shape (members, n)."""
    scaled: FloatArray
    """On a common scale, >= 0. Shape (members, n)."""
    scores: FloatArray
    """Weighted sums. Shape (n,)."""


class WeightedFusion:
    """Orders the union of several recommenders' lists by a weighted sum of their scaled scores.

    Args:
        weights: Of the members, at least one.
        members: Opened, in the order of ``weights``.
        listed: Items of each member's list that are fused. Further ones follow behind, however long a list is asked
            for: so a list is the beginning of each longer one.
    """

    def __init__(self, weights: Sequence[Weight], members: Sequence[Retriever], *, listed: int = LISTED) -> None:
        self.weights, self.members, self.listed = tuple(weights), tuple(members), listed

    def retrieve(self, requests: Sequence[Request], *, k: int) -> Ranked:
        """The ``k`` items with the highest weighted scores; nothing where no member offers anything."""
        lists = self.lists(requests, k=k)
        return stacked((self._one(request, lists, row, k) for row, request in enumerate(requests)), k=k)

    def explain(self, request: Request, items: IntArray) -> list[list[Reason]]:
        """For each item the members' reasons, each weighted by what its member adds to the score."""
        shares = self._shares(request, items)
        found: list[dict[tuple[Any, ...], Reason]] = [{} for _ in items]
        for member, of_member in zip(self.members, shares, strict=True):
            told = member.explain(request, items)
            for place, reasons in enumerate(told):
                for reason in reasons:
                    _add(found[place], reason, float(of_member[place]))
        return [_strongest(list(each.values())) for each in found]

    def derivation(self, request: Request, items: IntArray, *, depth: int, watch: Stopwatch) -> Derivation:
        """As ``Deriving.derivation``: a part for each member that offers the item.

        Args:
            request: The question.
            items: Item numbers. Shape (n,).
            depth: What the retriever was asked for.
            watch: Times the stages.

        Returns:
            ``of`` of a part is the member; items behind those fused have a part that puts them there.
        """
        with watch.stage("members"):
            lists = self.lists([request], k=depth)
        with watch.stage("fusion"):
            fused = self.candidates(request, lists, 0)
        ranked = self.retrieve([request], k=max(depth, 1))
        scores = dict(zip(ranked.items[0].tolist(), ranked.scores[0].tolist(), strict=True))
        told = [self._told(item, fused, scores) for item in items.tolist()]
        steps = [StepCount("member", int((~np.isnan(raw)).sum()), w.kind) for w, raw in self._each(fused.raw)]
        return Derivation(tuple(told), None, (*steps, StepCount("fused", len(fused.items))), watch.stages)

    def candidates(self, request: Request, lists: Sequence[Ranked], row: int) -> Candidates:
        """The fused candidates of one request.

        Args:
            request: The question.
            lists: Of each member, for a batch.
            row: Of the request in the batch.

        Returns:
            Their items ascend.
        """
        pool = pooled([_cut(each, row, self.listed) for each in lists])
        kept = int(np.count_nonzero(pool.is_there[0]))
        cut = Pool(pool.items[:, :kept], pool.scores[:, :, :kept])
        return weighed(filled(cut, [each.kind for each in self.weights], self.members, [request]), self.weights)

    def lists(self, requests: Sequence[Request], *, k: int) -> list[Ranked]:
        """What each member offers: as much as is fused, or the ``k`` items that are asked for."""
        pairs = zip(self.weights, self.members, strict=True)
        return [checked(each.kind, member.retrieve(requests, k=max(k, self.listed))) for each, member in pairs]

    def _each(self, values: FloatArray) -> list[tuple[Weight, FloatArray]]:
        return list(zip(self.weights, values, strict=True))

    def _one(self, request: Request, lists: Sequence[Ranked], row: int, k: int) -> Shortlist:
        fused = self.candidates(request, lists, row)
        ids, scores = best(fused.items, fused.scores, k=k, without=_NOTHING)
        if k <= len(ids):
            return ids, scores
        rest, values = self.behind(lists, row, fused.items, k=k)
        lowest = float(scores[-1]) if len(scores) else 0.0
        return np.concatenate([ids, rest])[:k], np.concatenate([scores, below(lowest, values)])[:k]

    def behind(self, lists: Sequence[Ranked], row: int, fused: IntArray, *, k: int) -> Shortlist:
        """What longer lists of the members hold besides, in the order of its weighted ranks.

        Args:
            lists: Of each member, for a batch.
            row: Of the request in the batch.
            fused: Items that stand before them.
            k: Items wanted.

        Returns:
            Best first.
        """
        pool = pooled([_cut(each, row, each.items.shape[1]) for each in lists])
        columns = [each.weight * scaled(scores, "rank")[0] for each, scores in self._each(pool.scores)]
        items, scores = pool.items[0], np.sum(columns, axis=0)
        is_new = (items != NONE) & ~np.isin(items, fused)
        return best(items[is_new], scores[is_new], k=k, without=_NOTHING)

    def _shares(self, request: Request, items: IntArray) -> FloatArray:
        """What each member adds to the scores of some items; its weight where the item was not fused."""
        fused = self.candidates(request, self.lists([request], k=1), 0)
        shares = np.repeat(np.array([[each.weight] for each in self.weights]), len(items), axis=1)
        places = np.searchsorted(fused.items, items)
        inside = np.minimum(places, max(len(fused.items) - 1, 0))
        if not len(fused.items):
            return shares
        is_fused = fused.items[inside] == items
        return np.where(is_fused, shares * fused.scaled[:, inside], shares)

    def _told(self, item: int, fused: Candidates, scores: Mapping[int, float]) -> ItemScore:
        place = int(np.searchsorted(fused.items, item))
        if place < len(fused.items) and fused.items[place] == item:
            parts = tuple(
                ScorePart("member", each.weight * float(column), of=each.kind, raw=float(raw), weight=each.weight)
                for each, column, raw in zip(self.weights, fused.scaled[:, place], fused.raw[:, place], strict=True)
                if not np.isnan(raw)
            )
            return ItemScore("", counted(parts), parts)
        score = scores.get(item, 0.0)
        return ItemScore("", score, (ScorePart("below_ranked", score),) if score else ())


def weighed(pool: Pool, weights: Sequence[Weight]) -> Candidates:
    """The candidates of one request with their weighted scores.

    Args:
        pool: Of one request, without padding.
        weights: Of its models.

    Returns:
        Their items ascend.
    """
    pairs = zip(weights, pool.scores, strict=True)
    table = np.stack([scaled(scores, each.scale, unit=each.unit)[0] for each, scores in pairs])
    return Candidates(pool.items[0], pool.scores[:, 0], table, np.array([each.weight for each in weights]) @ table)


def weights_from(options: Mapping[str, Any]) -> list[Weight]:
    """The weights of a configuration.

    Args:
        options: ``members``: ``kind``, ``weight``, ``scale``, ``unit`` and ``options`` of each.

    Returns:
        One for each member.
    """
    names = ("kind", "weight", "scale", "unit", "options")
    return [Weight(*(each[name] for name in names)) for each in options["members"]]


def open_weighted(parts: Parts, options: Mapping[str, Any]) -> WeightedFusion:
    """The fusion of a configuration.

    Args:
        parts: Opens the members' roles.
        options: ``members``: ``kind``, ``weight``, ``scale``, ``unit`` and ``options`` of each that is
            opened; ``listed``.

    Returns:
        Ready to answer.

    Raises:
        ConfigError: There is no member, or one has an unknown scale.
    """
    weights = weights_from(options)
    if not weights:
        raise ConfigError("there is nothing to fuse: name recommenders that the shop can have in [models.fused] of")
    for each in weights:
        if each.scale not in SCALES:
            raise ConfigError(f"{each.kind}: there is no scale {each.scale!r}; there are {', '.join(SCALES)}")
    members = [open_member(each.kind, parts, each.options) for each in weights]
    return WeightedFusion(weights, members, listed=int(options.get("listed", LISTED)))


def below(least: float, scores: FloatArray) -> FloatArray:
    """Scores in their order, all below ``least``.

    Args:
        least: The lowest score before them.
        scores: Best first. Shape (n,).

    Returns:
        Shape (n,).
    """
    return np.asarray(least - _GAP - (scores.max(initial=0.0) - scores), np.float64)


def _cut(ranked: Ranked, row: int, n: int) -> Ranked:
    """One request's list, the first ``n`` items of it."""
    return Ranked(ranked.items[row : row + 1, :n], ranked.scores[row : row + 1, :n])


def _add(found: dict[tuple[Any, ...], Reason], reason: Reason, share: float) -> None:
    """Add a member's reason to those of an item; the same reason of two members is one, their shares added up."""
    key = (reason.kind, reason.item, reason.words)
    before = found[key].contribution if key in found else 0.0
    found[key] = Reason(reason.kind, before + share * reason.contribution, reason.item, reason.words)


def _strongest(reasons: Sequence[Reason]) -> list[Reason]:
    """At most three, strongest first; contributions are shares of the sum of all."""
    total = sum(each.contribution for each in reasons)
    if total <= 0:
        return []
    ordered = sorted(reasons, key=lambda each: (-each.contribution, each.kind, each.item, each.words))
    return [
        Reason(each.kind, each.contribution / total, each.item, each.words)
        for each in ordered[:MOST_REASONS]
        if each.contribution > 0
    ]
