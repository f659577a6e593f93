"""Learns to rank from the shop's own judgements, and says whether that pays.

The forest is grown on two thirds of the queries and judged on the third that it did not see, three times: that tells
how many rounds are right, and the gain over tuned lexical search of each query. Only where that gain is above twice its
own standard error is a forest grown on all queries and kept.

What was judged for other queries is not looked at, though it would gain: where people judged each product for one query
only, a product that was judged good for a like query is hardly ever judged for this one, and a model that remembers
learns to bury it.

Trust: lexical search was tuned on the same queries, which makes the gain look smaller, not larger. The number of
rounds is picked by the same curves that the gain is read from, which makes it look larger by a hair. Items that nobody
judged count as irrelevant, as in the quality that the decision rests on: a model may learn what used to be shown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from steelyard.domain import Cases, FloatArray, IntArray, VectorArray
from steelyard.models.learned_ranking.forest import Grown, Growth, grow
from steelyard.models.learned_ranking.ltr import LearnedRanker
from steelyard.models.retrieval.query_plan import Reading

__all__ = ["MIN_CASES", "Learned", "Material", "Told", "describe", "learn", "usable"]

MIN_CASES = 100
"""Judged queries below which nothing is learnt."""
_MAX_CASES = 6000
_FOLDS = 3
_STEPS = tuple(range(20, 301, 20))
_KEEP_ERRORS = 2.0
_K = 10

Told = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Material:
    """Judged queries, described."""

    rows: npt.NDArray[np.float32]
    """Candidates of all queries one after another. Shape (rows, features)."""
    gains: FloatArray
    """0 where nobody judged. Shape (rows,)."""
    sizes: IntArray
    """Candidates of each query. Shape (queries,)."""
    ideal: FloatArray
    """Discounted gain of each query's ideal list, > 0. Shape (queries,)."""


@dataclass(frozen=True, slots=True)
class Learned:
    """What was learnt."""

    forest: Grown | None
    """None where it would not pay."""
    note: dict[str, Any]
    """``queries``, ``why`` where nothing was adopted, else and also what held-out queries gained."""


def usable(cases: Cases, *, seed: int) -> Cases:
    """The queries that something can be learnt from.

    Args:
        cases: Judged queries.
        seed: Draws 6,000 where there are more.

    Returns:
        Those of people that have a gain to find; none of made ones.
    """
    if cases.is_synthetic:
        kept = np.empty(0, np.int64)
    else:
        kept = np.array([i for i, gains in enumerate(cases.gains) if gains.max(initial=0.0) > 0], np.int64)
    if len(kept) > _MAX_CASES:
        kept = np.sort(np.random.default_rng(seed).choice(kept, _MAX_CASES, replace=False))

    def of(values: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(values[row] for row in kept.tolist())

    return replace(
        cases, ids=of(cases.ids), requests=of(cases.requests), relevant=of(cases.relevant), gains=of(cases.gains)
    )


def describe(
    ranker: LearnedRanker, cases: Cases, readings: Sequence[Reading], vectors: VectorArray | None, *, progress: Told
) -> Material:
    """Rows of the candidates of judged queries.

    Args:
        ranker: Finds and describes them.
        cases: Judged queries.
        readings: Of each query.
        vectors: Of each query, projected, where meaning is looked at.
        progress: Told how far it has come.

    Returns:
        Rows of all queries, one after another.
    """
    describer = ranker.describer
    assert describer is not None, "there is nothing to describe with"
    rows, gains, sizes, ideal = [], [], [], []
    for number, reading in enumerate(readings):
        found = ranker.candidates(reading, k=ranker.n)
        known = dict(zip(cases.relevant[number].tolist(), cases.gains[number].tolist(), strict=True))
        if len(found.texts):
            rows.append(describer.rows(reading, None if vectors is None else vectors[number], found))
            gains.append(np.array([known.get(text, 0.0) for text in found.texts.tolist()]))
        sizes.append(len(found.texts))
        best = np.sort(cases.gains[number])[::-1][:_K]
        ideal.append(float(best @ _discounts(len(best))))
        if number % 200 == 0:
            progress(number, len(readings), "describing candidates")
    empty = np.empty((0, len(describer.names)), np.float32)
    return Material(np.concatenate([*rows, empty]), np.concatenate([*gains, []]), np.array(sizes), np.array(ideal))


def learn(material: Material, growth: Growth, *, seed: int, progress: Told) -> Learned:
    """A forest, where held-out queries say that it pays.

    Args:
        material: Rows in the order of lexical search within each query.
        growth: How a forest is grown; the number of rounds is found here.
        seed: Draws the folds.
        progress: Told how far it has come.

    Returns:
        What was learnt, or why not.
    """
    n = len(material.sizes)
    note: dict[str, Any] = {"queries": n}
    if n < MIN_CASES:
        return Learned(None, {**note, "why": "few_judgements", "least": MIN_CASES})
    folds = np.random.default_rng(seed).permutation(n) % _FOLDS
    starts = np.concatenate([[0], np.cumsum(material.sizes)])
    by_words = _quality(-np.arange(len(material.gains), dtype=np.float64), material, starts, np.arange(n))
    curves = np.zeros((len(_STEPS), n))
    for fold in range(_FOLDS):
        progress(fold, _FOLDS + 1, "growing trees")
        held = np.flatnonzero(folds == fold)
        grown = _grow_on(material, starts, np.flatnonzero(folds != fold), replace(growth, rounds=_STEPS[-1]))
        of_held = _rows_of(starts, held)
        scores = np.zeros(len(material.gains))
        for step, found in enumerate(grown.after(material.rows[of_held], _STEPS)):
            scores[of_held] = found
            curves[step, held] = _quality(scores, material, starts, held)
    best = int(curves.mean(axis=1).argmax())
    gain, error = _gain(curves[best], by_words)
    note |= {
        "before": round(float(by_words.mean()), 5),
        "after": round(float(curves[best].mean()), 5),
        "held_out_gain": round(gain, 5),
        "held_out_error": round(error, 5),
        "rounds": _STEPS[best],
    }
    if gain <= _KEEP_ERRORS * error:
        return Learned(None, {**note, "why": "no_gain"})
    progress(_FOLDS, _FOLDS + 1, "growing trees")
    return Learned(_grow_on(material, starts, np.arange(n), replace(growth, rounds=_STEPS[best])), note)


def _gain(after: FloatArray, before: FloatArray) -> tuple[float, float]:
    """Mean gain of a query, and its standard error."""
    gain = after - before
    return float(gain.mean()), float(gain.std(ddof=1) / np.sqrt(len(gain)))


def _grow_on(material: Material, starts: IntArray, queries: IntArray, growth: Growth) -> Grown:
    """A forest grown on some queries: those whose candidates have a gain."""
    useful = np.array([i for i in queries.tolist() if material.gains[starts[i] : starts[i + 1]].any()], np.int64)
    rows = _rows_of(starts, useful)
    return grow(material.rows[rows], material.gains[rows], material.sizes[useful], growth)


def _rows_of(starts: IntArray, queries: IntArray) -> IntArray:
    """Rows of these queries, one query after another."""
    spans = [np.arange(starts[i], starts[i + 1]) for i in queries.tolist()]
    return np.concatenate([*spans, np.empty(0, np.int64)])


def _quality(scores: FloatArray, material: Material, starts: IntArray, queries: IntArray) -> FloatArray:
    """nDCG@10 of these queries, ties in the order of lexical search. Shape (queries,)."""
    values = np.zeros(len(queries))
    for place, i in enumerate(queries.tolist()):
        own = slice(int(starts[i]), int(starts[i + 1]))
        order = np.argsort(-scores[own], kind="stable")[:_K]
        values[place] = material.gains[own][order] @ _discounts(len(order)) / material.ideal[i]
    return values


def _discounts(n: int) -> FloatArray:
    return np.asarray(1 / np.log2(np.arange(2, n + 2)), np.float64)
