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
from steelyard.models.retrieval.shortlists import best_places, is_clearly_worse

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
    """The pools of all queries end to end, with what is known of them."""

    pool: Pool
    """Scores by words are divided by the highest of their query. Shapes (rows,)."""
    places: IntArray
    """Shape (queries, widest): rows of each query's texts; one past the last row as padding."""
    gains: FloatArray
    """Gain of each row's text, 0 where nobody judged it; the last is the padding's. Shape (rows + 1,)."""
    ideal: FloatArray
    """DCG of the best possible list. Shape (queries,)."""


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
    judged = _judged(retriever, cases, usable)
    chosen, notes = _choose(judged)
    return {**asdict(chosen), "tuning": {"n_queries": len(judged.ideal), **notes}}


def _choose(judged: _Judged) -> tuple[HybridOptions, Mapping[str, Any]]:
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


def _judged(retriever: Poolable, cases: Cases, rows: Sequence[int]) -> _Judged:
    pools = [retriever.pool(cases.requests[row].query, n=max(_CANDIDATES)) for row in rows]
    ends = np.cumsum([0, *(len(pool.texts) for pool in pools)])
    places = np.full((len(pools), max(_K, int(np.diff(ends).max()))), ends[-1])
    gains, ideal = np.zeros(ends[-1] + 1), np.zeros(len(pools))
    for place, (pool, row) in enumerate(zip(pools, rows, strict=True)):
        known = dict(zip(cases.relevant[row].tolist(), cases.gains[row].tolist(), strict=True))
        own = np.arange(ends[place], ends[place + 1])
        places[place, : len(own)] = own
        gains[own] = [known.get(text, 0.0) for text in pool.texts.tolist()]
        best = np.sort(cases.gains[row])[::-1][:_K]
        ideal[place] = float(best @ _discounts(len(best)))
    return _Judged(_end_to_end(pools), places, gains, ideal)


def _end_to_end(pools: Sequence[Pool]) -> Pool:
    """Pools as one that is fused as each of them would be: fusion asks for the highest score by words of a query."""
    highest = [float(pool.lexical.max(initial=0.0)) for pool in pools]
    lexical = [
        pool.lexical / most if most > 0 else np.zeros(len(pool.texts))
        for pool, most in zip(pools, highest, strict=True)
    ]
    return Pool(
        np.concatenate([pool.texts for pool in pools]),
        np.concatenate(lexical),
        np.concatenate([pool.cosine for pool in pools]),
        np.concatenate([pool.lexical_rank for pool in pools]),
        np.concatenate([pool.dense_rank for pool in pools]),
        np.concatenate([pool.is_exact for pool in pools]),
        _popularity(pools),
    )


def _popularity(pools: Sequence[Pool]) -> FloatArray | None:
    known = [pool.popularity for pool in pools if pool.popularity is not None]
    return np.concatenate(known) if len(known) == len(pools) else None


def _quality(judged: _Judged, options: HybridOptions) -> FloatArray:
    """nDCG@10 of each query. Shape (queries,), in [0, 1]."""
    pool, n = judged.pool, options.candidates
    kept = ((pool.lexical_rank >= 0) & (pool.lexical_rank < n)) | ((pool.dense_rank >= 0) & (pool.dense_rank < n))
    scores = np.append(np.where(kept, fuse(pool, options), -np.inf), -np.inf)
    table = scores[judged.places]
    best = best_places(table, k=_K)
    shown = np.take_along_axis(judged.places, best, axis=1)
    gains = np.where(np.isfinite(np.take_along_axis(table, best, axis=1)), judged.gains[shown], 0.0)
    return np.asarray(gains @ _discounts(_K) / judged.ideal, np.float64)


def _discounts(n: int) -> FloatArray:
    return np.asarray(1.0 / np.log2(np.arange(2, n + 2)), np.float64)
