"""Two pipelines as one: the second fills the places the first left empty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from steelyard.domain import NONE, FloatArray, IntArray, Ranked, Reason, Request
from steelyard.serving.pipelines import Pipeline

__all__ = ["Stacked"]


class Stacked:
    """Similar items from behaviour, and behind them from the texts: an item without interactions has company too.

    Args:
        first: Its answers come first, with its own scores.
        then: Asked only where ``first`` left places empty.
    """

    def __init__(self, first: Pipeline, then: Pipeline) -> None:
        self._first = first
        self._then = then

    @property
    def both(self) -> tuple[Pipeline, Pipeline]:
        """The two, in their order."""
        return self._first, self._then

    def answer(self, requests: Sequence[Request], *, k: int) -> Ranked:
        """Item numbers for each request, best first; scores go on downwards where ``then`` begins."""
        ranked = self._first.answer(requests, k=k)
        items, scores = ranked.items.copy(), ranked.scores.copy()
        for row, request in enumerate(requests):
            n_found = int((items[row] != NONE).sum())
            if n_found < k:
                found = tuple(items[row, :n_found].tolist())
                more = self._then.answer([replace(request, exclude=request.exclude + found)], k=k - n_found)
                items[row, n_found:] = more.items[0]
                scores[row, n_found:] = _below(more.scores[0], scores[row, n_found - 1] if n_found else None)
        return Ranked(items, scores)

    def explain(self, request: Request, items: IntArray) -> list[list[Reason]]:
        """Reasons of ``first``, and of ``then`` for the items ``first`` has none for."""
        reasons = self._first.explain(request, items)
        bare = [place for place, found in enumerate(reasons) if not found]
        if bare:
            for place, found in zip(bare, self._then.explain(request, items[bare]), strict=True):
                reasons[place] = found
        return reasons


def _below(scores: FloatArray, above: float | None) -> FloatArray:
    """Scores moved down so that the first is 1 under ``above``."""
    if above is None or not np.isfinite(scores[0]):
        return scores
    moved: FloatArray = scores - scores[0] + (above - 1.0)
    return moved
