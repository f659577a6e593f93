"""Puts the candidates of a first stage in the order of an objective: chances, expected gross profit, or a sum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from steelyard.domain import NONE, FloatArray, IntArray, Ranked, Reason, Request
from steelyard.models.ports import Retriever
from steelyard.models.ranking.explain import MOST_REASONS
from steelyard.models.response.chain import ResponseModel
from steelyard.models.response.objective import Objective, Ordered, ordered

__all__ = ["MARGIN_UNKNOWN", "ResponseRanker", "ResponseRanking"]

MARGIN_UNKNOWN = "margin_unknown"
_CHANCE = "response_"
_LEAST = 1e-12


@dataclass(frozen=True, slots=True)
class ResponseRanking:
    """How candidates are put in order."""

    objective: Objective = field(default_factory=Objective)
    candidates: int = 100
    """Of the first stage, so many of the best are put in order; the others stay behind them."""
    weight: float = 1.0
    """Of the objective against the first stage's score, in [0, 1]. Below 1 both are taken in standard units of the
    list, the objective by its logarithm; an item whose profit is not known is taken by its chance."""


class ResponseRanker:
    """A first stage whose best are put in order by what is likely to follow.

    Args:
        first: Finds the candidates, and keeps to what is excluded.
        model: Chances.
        margin: Gross profit of a piece of each item, NaN where it is not known. Shape (items,).
        ranking: How.
    """

    def __init__(self, first: Retriever, model: ResponseModel, margin: FloatArray, ranking: ResponseRanking) -> None:
        self.first, self.model, self.margin, self.ranking = first, model, margin, ranking

    def retrieve(self, requests: Sequence[Request], *, k: int) -> Ranked:
        """The best ``k`` for each request; scores count within one list only."""
        found = self.first.retrieve(requests, k=max(k, self.ranking.candidates))
        items, scores = found.items.copy(), found.scores.copy()
        for row, request in enumerate(requests):
            n = min(int((items[row] != NONE).sum()), self.ranking.candidates)
            if not n:
                continue
            head, values = self._head(request, items[row, :n], scores[row, :n])
            items[row, :n], scores[row, :n] = head, values
            tail = scores[row, n:]
            behind = values[-1] - np.arange(1, len(tail) + 1)
            scores[row, n:] = np.where(items[row, n:] != NONE, behind, -np.inf)
        return Ranked(items[:, :k], scores[:, :k])

    def explain(self, request: Request, items: IntArray) -> list[list[Reason]]:
        """The chance that decided, as a figure, and the first stage's own reasons."""
        if not len(items):
            return []
        chances = self.model.of(items, _history(request))
        wanted = "buy" if "buy" in self.ranking.objective.needed() else self._shown_stage()
        order = ordered(self.ranking.objective, chances, self.margin[items])
        weight = self.ranking.weight
        found = []
        for place, why in enumerate(self.first.explain(request, items)):
            share = f"{100 * float(chances[wanted][place]):.2g} %"
            own = [Reason(_CHANCE + wanted, weight, words=(share,))]
            if order.is_by_chance[place]:
                own.append(Reason(MARGIN_UNKNOWN, 0.0))
            rest = [replace(each, contribution=(1 - weight) * each.contribution) for each in why]
            found.append([*own, *rest][:MOST_REASONS])
        return found

    def chances(self, request: Request, items: IntArray) -> dict[str, FloatArray]:
        """Calibrated chances of some items for a shopper, by stage. Shape (items,) each."""
        return self.model.of(items, _history(request))

    def _shown_stage(self) -> str:
        needed = self.ranking.objective.needed()
        return next(stage for stage in reversed(self.model.stages) if stage in needed)

    def _head(self, request: Request, items: IntArray, scores: FloatArray) -> tuple[IntArray, FloatArray]:
        chances = self.model.of(items, _history(request))
        found = ordered(self.ranking.objective, chances, self.margin[items])
        if self.ranking.weight >= 1:
            return items[found.order], np.arange(len(items), 0, -1) / len(items)
        own = _standard(np.log(np.maximum(_by_place(found, chances), _LEAST)))
        mixed = self.ranking.weight * own + (1 - self.ranking.weight) * _standard(scores)
        order = np.argsort(-mixed, kind="stable")
        return items[order], mixed[order]


def _by_place(found: Ordered, chances: dict[str, FloatArray]) -> FloatArray:
    """The objective; where some are not known, a number that falls with the place in the order instead."""
    if not found.is_by_chance.any():
        return found.value
    places = np.empty(len(found.order))
    places[found.order] = np.sort(chances["buy"])[::-1]
    return places


def _standard(values: FloatArray) -> FloatArray:
    """In standard units of the list; 0 where all are alike."""
    spread = float(values.std())
    return (values - values.mean()) / spread if spread > 0 else np.zeros(len(values))


def _history(request: Request) -> tuple[int, ...]:
    """What is known of the shopper, oldest first: the items asked about are the latest."""
    return (*request.history, *request.items)
