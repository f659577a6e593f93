"""Fits the fusion of hybrid search to a shop's own judged queries, without believing a few queries too much.

Candidates and both scores are collected once for each query; after that a trial is arithmetic on arrays. Among all
trials that the best one does not clearly beat, the one nearest to the default weight is taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

import numpy as np

from steelyard.domain import Cases, FloatArray, IntArray
from steelyard.models.retrieval.hybrid import HybridOptions, Pool, fuse
from steelyard.models.retrieval.shortlists import is_clearly_worse

__all__ = ["Poolable", "tune_hybrid"]

_K = 10
_MAX_CASES = 1000
_MIN_CASES = 20
_CANDIDATES = (20, 30, 50, 100, 200)
_CANDIDATES_LOSS = 0.001
_WEIGHTS = tuple(round(0.05 * step, 2) for step in range(21))
_PRIOR = HybridOptions().weight


class Poolable(Protocol):
    """What tuning needs of the hybrid retriever."""

    options: HybridOptions

    def pool(self, query: str, *, n: int, also: IntArray | None = None) -> Pool:
        """Candidates of one query and both scores."""
        ...


@dataclass(frozen=True, slots=True)
class _Judged:
    """One query's pool with what is known of it."""

    pool: Pool
    gains: FloatArray
    """Gain of each text of the pool, 0 where nobody judged it. Shape (n,)."""
    ideal: float
    """DCG of the best possible list."""


def tune_hybrid(retriever: Poolable, cases: Cases) -> dict[str, Any]:
    """Options of hybrid search that serve these queries best.

    The measure is nDCG@10 with linear gains, what is not judged counting 0.

    Args:
        retriever: Opened; its lexical side should be tuned already.
        cases: Queries with judged texts; ``relevant`` holds text numbers. At most 1,000 of them are used,
            spread evenly over the set.

    Returns:
        Options for ``open_hybrid``, and under ``tuning`` what they rest on. With fewer than twenty usable
        queries there is nothing to fit on, and the options are the defaults.
    """
    usable = [row for row, gains in enumerate(cases.gains) if cases.requests[row].query.strip() and np.any(gains > 0)]
    if len(usable) < _MIN_CASES:
        note = {"n_queries": len(usable), "note": f"fewer than {_MIN_CASES} judged queries: nothing was fitted"}
        return {**asdict(HybridOptions()), "tuning": note}
    if len(usable) > _MAX_CASES:
        usable = [usable[place] for place in np.linspace(0, len(usable) - 1, _MAX_CASES).astype(int)]
    judged = [_judge(retriever, cases, row) for row in usable]
    chosen, notes = _choose(judged)
    return {**asdict(chosen), "tuning": {"n_queries": len(judged), **notes}}


def _choose(judged: Sequence[_Judged]) -> tuple[HybridOptions, Mapping[str, Any]]:
    widest = HybridOptions(fusion="convex", weight=_PRIOR, candidates=max(_CANDIDATES))
    trials = [replace(widest, weight=weight, is_tiered=tier) for tier in (True, False) for weight in _WEIGHTS]
    results = {trial: _quality(judged, trial) for trial in trials}
    best = max(trials, key=lambda trial: float(results[trial].mean()))
    level = [trial for trial in trials if not is_clearly_worse(results[trial], results[best])]
    chosen = min(level, key=lambda trial: (not trial.is_tiered, abs(trial.weight - _PRIOR), -results[trial].mean()))
    full = float(results[chosen].mean())
    for candidates in sorted(_CANDIDATES):
        slimmer = replace(chosen, candidates=candidates)
        if float(_quality(judged, slimmer).mean()) >= full - _CANDIDATES_LOSS:
            chosen = slimmer
            break
    reciprocal = _quality(judged, replace(chosen, fusion="rrf"))
    return chosen, {
        "ndcg@10": round(float(_quality(judged, chosen).mean()), 4),
        "ndcg@10 at the default weight": round(float(results[widest].mean()), 4),
        "ndcg@10 of the best trial": round(float(results[best].mean()), 4),
        "ndcg@10 of words alone": round(float(results[replace(widest, weight=0.0)].mean()), 4),
        "ndcg@10 of rank fusion": round(float(reciprocal.mean()), 4),
    }


def _judge(retriever: Poolable, cases: Cases, row: int) -> _Judged:
    pool = retriever.pool(cases.requests[row].query, n=max(_CANDIDATES))
    known = dict(zip(cases.relevant[row].tolist(), cases.gains[row].tolist(), strict=True))
    gains = np.array([known.get(text, 0.0) for text in pool.texts.tolist()])
    ideal = np.sort(cases.gains[row])[::-1][:_K]
    return _Judged(pool, gains, float(ideal @ _discounts(len(ideal))))


def _quality(judged: Sequence[_Judged], options: HybridOptions) -> FloatArray:
    """nDCG@10 of each query. Shape (queries,), in [0, 1]."""
    values = np.zeros(len(judged))
    for place, case in enumerate(judged):
        pool, n = case.pool, options.candidates
        kept = ((pool.lexical_rank >= 0) & (pool.lexical_rank < n)) | ((pool.dense_rank >= 0) & (pool.dense_rank < n))
        scores = np.where(kept, fuse(pool, options), -np.inf)
        top = np.argsort(-scores, kind="stable")[:_K]
        values[place] = float((case.gains[top] * kept[top]) @ _discounts(len(top))) / case.ideal
    return values


def _discounts(n: int) -> FloatArray:
    return np.asarray(1.0 / np.log2(np.arange(2, n + 2)), np.float64)
