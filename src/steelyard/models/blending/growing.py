"""Trees over what weights put first, grown on validation cases, and whether they pay for users they have not seen.

Trust: the weights were fitted on the same cases, which makes them look better here than they are, not the trees.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from steelyard.domain import FloatArray, IntArray
from steelyard.models.blending.weighing import Judged
from steelyard.models.learned_ranking.forest import Grown, Growth, grow
from steelyard.models.learning.held_out import gain_of

__all__ = ["MIN_CASES", "Described", "Learned", "learn_trees"]

MIN_CASES = 100
"""Cases with something right among the candidates, below which no tree is grown."""
_FOLDS = 3
_STEPS = tuple(range(20, 301, 20))
_SHOWN = 15


@dataclass(frozen=True, slots=True, eq=False)
class Described:
    """Candidates of the cases with something right among them, described."""

    rows: npt.NDArray[np.float32]
    """Case after case, best by weights first. Shape (rows, features)."""
    gains: FloatArray
    """Shape (rows,)."""
    sizes: IntArray
    """Candidates of each case, >= 1. Shape (cases,)."""
    ideal: FloatArray
    """Discounted gain of each case's best list, > 0. Shape (cases,)."""

    @property
    def case(self) -> IntArray:
        """Number of each row's case. Shape (rows,)."""
        return np.repeat(np.arange(len(self.sizes)), self.sizes)

    def ndcg(self, scores: FloatArray) -> FloatArray:
        """NDCG@10 of each case under scores of the rows; ties as weights have them. Shape (cases,)."""
        starts = np.cumsum(self.sizes) - self.sizes
        places = np.arange(len(self.rows)) - np.repeat(starts, self.sizes)
        shape = (len(self.sizes), int(self.sizes.max(initial=1)))
        table, gains = np.full(shape, -np.inf), np.zeros(shape)
        table[self.case, places], gains[self.case, places] = scores, self.gains
        return Judged.of(gains, self.ideal).ndcg(table)


@dataclass(frozen=True, slots=True)
class Learned:
    """What came of it."""

    forest: Grown | None
    """None where it would not pay."""
    note: dict[str, Any]
    """``why`` where it would not, and held-out figures."""


def learn_trees(
    cases: Described, growth: Growth, *, n_cases: int, names: Sequence[str], progress: Callable[..., None]
) -> Learned:
    """A forest, where users that it was not grown on say that it gains more than twice its standard error.

    Args:
        cases: Described.
        growth: How a forest is grown; the number of rounds is found here.
        n_cases: Of all validation cases, those without anything right among the candidates included.
        names: Of the features.
        progress: Told how far it has come.

    Returns:
        The forest grown on all cases, or why there is none.
    """
    n = len(cases.sizes)
    note: dict[str, Any] = {"cases": n_cases, "useful_cases": n}
    if n < MIN_CASES:
        return Learned(None, {**note, "why": "few_cases", "least": MIN_CASES})
    folds = np.random.default_rng(growth.seed).permutation(n) % _FOLDS
    curves = np.zeros((len(_STEPS), n))
    for fold in range(_FOLDS):
        progress(fold, _FOLDS + 1, "growing trees")
        held = folds[cases.case] == fold
        grown = _grown(cases, folds != fold, replace(growth, rounds=_STEPS[-1]))
        scores = np.zeros(len(cases.rows))
        for step, found in enumerate(grown.after(cases.rows[held], _STEPS)):
            scores[held] = found
            curves[step, folds == fold] = cases.ndcg(scores)[folds == fold]
    before, after = np.zeros(n_cases), np.zeros(n_cases)
    before[:n] = cases.ndcg(-np.arange(len(cases.rows), dtype=np.float64))
    after[:n] = _unseen(curves, folds)
    gain, best = gain_of(after, before), int(curves.mean(axis=1).argmax())
    note |= {
        "before": round(float(before.mean()), 5),
        "after": round(float(after.mean()), 5),
        "gain": round(gain.mean, 5),
        "error": round(gain.error, 5),
        "rounds": _STEPS[best],
    }
    if not gain.is_certain:
        return Learned(None, {**note, "why": "no_gain"})
    progress(_FOLDS, _FOLDS + 1, "growing trees")
    forest = _grown(cases, np.ones(n, bool), replace(growth, rounds=_STEPS[best]))
    share = dict(zip(names, forest.importance().round(4).tolist(), strict=True))
    looked_at = dict(sorted(share.items(), key=lambda pair: -pair[1])[:_SHOWN])
    return Learned(forest, {**note, "looked_at": looked_at})


def _grown(cases: Described, is_used: npt.NDArray[np.bool_], growth: Growth) -> Grown:
    rows = is_used[cases.case]
    return grow(cases.rows[rows], cases.gains[rows], cases.sizes[is_used], growth)


def _unseen(curves: FloatArray, folds: IntArray) -> FloatArray:
    """NDCG@10 of each case after the number of rounds that suits the cases of other folds. Shape (cases,)."""
    after = np.zeros(len(folds))
    for fold in range(_FOLDS):
        held = folds == fold
        after[held] = curves[int(curves[:, ~held].mean(axis=1).argmax())][held]
    return after
