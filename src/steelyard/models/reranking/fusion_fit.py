"""Fits how a cross-encoder is joined to its first stage and which queries are worth it, and says whether that pays.

Everything is fitted on queries that the network did not learn from, and judged across folds of them: the weight, the
tiers and the gate that a query is judged with were fitted on the other folds. Only where the gain of all queries, those
that pass through counting nothing, is above twice its standard error does it pay.

Trust: the first stage was tuned on the same queries, which makes the gain look smaller, not larger. Texts that nobody
judged count as irrelevant, as in the quality that the decision rests on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from steelyard.domain import Cases, FloatArray, IntArray
from steelyard.models.learning.held_out import Gain, gain_of
from steelyard.models.reranking.cross import CrossReranker, Head, Reranking, fused
from steelyard.models.reranking.gate import Gate, fit_gate
from steelyard.models.reranking.pair_lessons import dcg

__all__ = ["Asked", "Fitted", "ask", "fit_fusion"]

_WEIGHTS = (0.0, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0)
_FOLDS = 5
_K = 10


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """Held-back queries, each with its candidates read once."""

    heads: Sequence[Head]
    cross: Sequence[FloatArray]
    """What the network says of the candidates of each query."""
    gains: Sequence[FloatArray]
    """What the candidates are worth."""
    ideal: FloatArray
    """Discounted gain of each query's best possible list. Shape (queries,)."""
    tokens: IntArray
    """Read for each query. Shape (queries,)."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """What was fitted, and what it is worth on queries that it was not fitted on."""

    options: Reranking
    gate: Gate
    gain: Gain
    """Of re-ranking where the gate says so, in nDCG@10."""
    note: dict[str, Any]
    """``before``, ``after``, ``gain_of_all``, ``called``, ``tokens``."""


def ask(reranker: CrossReranker, cases: Cases, *, progress: Callable[[int, int, str], None]) -> Asked:
    """Read the candidates of held-back queries.

    Args:
        reranker: With its network; gate and weight are not looked at.
        cases: Judged queries, each with something relevant; ``relevant`` are text numbers.
        progress: Told how far it has come.

    Returns:
        What can be fitted on.
    """
    network = reranker.network
    assert network is not None, "there is no network to ask"
    heads, cross, gains, ideal, tokens = [], [], [], [], []
    for row, request in enumerate(cases.requests):
        head = reranker.head(request)
        known = dict(zip(cases.relevant[row].tolist(), cases.gains[row].tolist(), strict=True))
        heads.append(head)
        cross.append(network.scores(request.query, head.texts))
        gains.append(np.array([known.get(text, 0.0) for text in head.texts.tolist()]))
        ideal.append(dcg(sorted(known.values(), reverse=True)[:_K]))
        tokens.append(network.n_tokens(request.query, head.texts))
        if row % 50 == 0:
            progress(row, len(cases.requests), "reading candidates")
    return Asked(heads, cross, gains, np.array(ideal), np.array(tokens, np.int64))


def fit_fusion(asked: Asked, options: Reranking, *, mean_tokens: float, seed: int) -> Fitted:
    """The weight of the first stage, the tiers and the gate.

    Args:
        asked: Queries, read; at least one for each fold.
        options: ``candidates`` stays as it is.
        mean_tokens: That may be read for a query on average.
        seed: Draws the folds.

    Returns:
        What fits all of them, and what it is worth by folds.
    """
    n = len(asked.heads)
    tried = [replace(options, weight=weight, is_tiered=True) for weight in _WEIGHTS]
    tried += [replace(each, is_tiered=False) for each in tried]
    values = np.array([_qualities(asked, each) for each in tried])
    before = np.array([_ndcg(asked, row, -np.arange(len(asked.cross[row]), dtype=np.float64)) for row in range(n)])
    rows = np.array([head.row for head in asked.heads])
    folds = np.random.default_rng(seed).permutation(n) % _FOLDS
    after, of_all, is_called = before.copy(), before.copy(), np.zeros(n, bool)
    for fold in range(_FOLDS):
        learn, held = folds != fold, folds == fold
        best = _best(values[:, learn])
        gate = fit_gate(rows[learn], values[best, learn] - before[learn], asked.tokens[learn], mean_tokens=mean_tokens)
        is_called[held] = gate.expected(rows[held]) > gate.threshold * asked.tokens[held] / 1000
        of_all[held] = values[best, held]
        after[held] = np.where(is_called[held], values[best, held], before[held])
    best = _best(values)
    gate = fit_gate(rows, values[best] - before, asked.tokens, mean_tokens=mean_tokens)
    everything = gain_of(of_all, before)
    note = {
        "queries": n,
        "before": round(float(before.mean()), 5),
        "after": round(float(after.mean()), 5),
        "gain_of_all": round(everything.mean, 5),
        "error_of_all": round(everything.error, 5),
        "called": round(float(is_called.mean()), 4),
        "tokens": round(float((asked.tokens * is_called).mean()), 1),
        "tokens_of_all": round(float(asked.tokens.mean()), 1),
    }
    return Fitted(tried[best], gate, gain_of(after, before), note)


def _best(values: FloatArray) -> int:
    """Which of the options is best; with the tiers, unless it is clearly better without them."""
    half = len(values) // 2
    tiered, flat = int(values[:half].mean(axis=1).argmax()), half + int(values[half:].mean(axis=1).argmax())
    return flat if gain_of(values[flat], values[tiered]).is_certain else tiered


def _qualities(asked: Asked, options: Reranking) -> FloatArray:
    """nDCG@10 of each query."""
    found = [
        _ndcg(asked, row, fused(cross, head, options))
        for row, (head, cross) in enumerate(zip(asked.heads, asked.cross, strict=True))
    ]
    return np.array(found)


def _ndcg(asked: Asked, row: int, scores: FloatArray) -> float:
    order = np.argsort(-scores, kind="stable")[:_K]
    return dcg(asked.gains[row][order].tolist()) / float(asked.ideal[row])
