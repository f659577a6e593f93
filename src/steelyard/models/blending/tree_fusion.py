"""Recommenders fused by trees: what weights put first is put in order by a forest that looks at more than scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from steelyard.documents.explanation import Derivation, Feature, ItemScore, ScorePart, StepCount
from steelyard.domain import IntArray, Ranked, Reason, Request
from steelyard.models.blending.tree_rows import RowMaker
from steelyard.models.blending.weighted import Candidates, WeightedFusion, below
from steelyard.models.deriving import Stopwatch
from steelyard.models.learned_ranking.forest import Forest
from steelyard.models.retrieval.shortlists import Shortlist, stacked

__all__ = ["TreeFusion", "head_of"]


class TreeFusion:
    """Orders the best candidates of a weighted fusion anew.

    Args:
        weighted: Finds them, and orders those behind them.
        rows: Says what the forest looks at.
        forest: Scores them; with its trees as arrays it also says what each feature adds.
        candidates: How many are put in order.
    """

    def __init__(self, weighted: WeightedFusion, rows: RowMaker, forest: Forest, *, candidates: int) -> None:
        self.weighted, self.rows, self.forest, self.n = weighted, rows, forest, candidates

    def retrieve(self, requests: Sequence[Request], *, k: int) -> Ranked:
        """The ``k`` items with the highest scores; behind those that trees put in order, the others by weights."""
        lists = self.weighted.lists(requests, k=k)
        return stacked((self._one(request, lists, row, k) for row, request in enumerate(requests)), k=k)

    def explain(self, request: Request, items: IntArray) -> list[list[Reason]]:
        """The members' reasons, as weights add them up: trees have none of their own."""
        return self.weighted.explain(request, items)

    def derivation(self, request: Request, items: IntArray, *, depth: int, watch: Stopwatch) -> Derivation:
        """As ``Deriving.derivation``: a part for each member and each kind of feature, with all that was looked at.

        Args:
            request: The question.
            items: Item numbers. Shape (n,).
            depth: What the retriever was asked for.
            watch: Times the stages.

        Returns:
            Of items that were ranked the parts of the forest's score; of those behind them one that puts them there.
        """
        with watch.stage("members"):
            lists = self.weighted.lists([request], k=depth)
        with watch.stage("fusion"):
            fused = self.weighted.candidates(request, lists, 0)
            places = head_of(fused, self.n)
        with watch.stage("learned_ranking"):
            told = self._ranked(request, fused, places)
        ranked = self.retrieve([request], k=max(depth, 1))
        scores = dict(zip(ranked.items[0].tolist(), ranked.scores[0].tolist(), strict=True))
        behind = [told.get(item) or _behind(scores.get(item, 0.0)) for item in items.tolist()]
        steps = (StepCount("fused", len(fused.items)), StepCount("ranked", len(places)))
        return Derivation(tuple(behind), None, steps, watch.stages)

    def _one(self, request: Request, lists: Sequence[Ranked], row: int, k: int) -> Shortlist:
        fused = self.weighted.candidates(request, lists, row)
        if not len(fused.items):
            return fused.items, fused.scores
        places = head_of(fused, self.n)
        learned = self.forest.scores(self.rows.rows(request, fused, places))
        order = np.argsort(-learned, kind="stable")
        items, scores = fused.items[places[order]], learned[order]
        if k > len(items):
            after = head_of(fused, len(fused.items))[len(items) :]
            items = np.concatenate([items, fused.items[after]])
            scores = np.concatenate([scores, below(float(learned.min()), fused.scores[after])])
        if k > len(items):
            rest, values = self.weighted.behind(lists, row, fused.items, k=k)
            scores = np.concatenate([scores, below(float(scores[-1]), values)])
            items = np.concatenate([items, rest])
        return items[:k], scores[:k]

    def _ranked(self, request: Request, fused: Candidates, places: IntArray) -> Mapping[int, ItemScore]:
        """The parts of the forest's scores, by item."""
        if not len(places):
            return {}
        rows = self.rows.rows(request, fused, places)
        scores = self.forest.scores(rows)
        names, groups = self.rows.names, np.array(self.rows.groups)
        if self.forest.trees is None:
            added, start = np.zeros(rows.shape), 0.0
        else:
            added, start = self.forest.trees.contributions(rows), self.forest.trees.start
        found = {}
        for place, score in enumerate(scores.tolist()):
            parts = [
                ScorePart("learned_of", float(added[place, groups == group].sum()), of=str(group))
                for group in dict.fromkeys(groups.tolist())
            ]
            rest = score - sum(part.value for part in parts)
            features = tuple(Feature(name, round(float(x), 6)) for name, x in zip(names, rows[place], strict=True))
            parts.append(ScorePart("learned_start", rest, raw=start))
            found[int(fused.items[places[place]])] = ItemScore("", score, tuple(parts), features)
        return found


def head_of(fused: Candidates, n: int) -> IntArray:
    """Places of the best candidates by weights, best first; equal ones in the order of their numbers.

    Args:
        fused: Candidates, ascending.
        n: So many at most.

    Returns:
        Shape (<= n,).
    """
    return np.asarray(np.argsort(-fused.scores, kind="stable")[:n], np.int64)


def _behind(score: float) -> ItemScore:
    return ItemScore("", score, (ScorePart("below_ranked", score),) if score else ())
