"""Learns to rank from the shop's own judgements, and says whether that pays.

The forest is grown on two thirds of the queries and judged on the third that it did not see, three times: that tells
how many rounds are right, and the gain over tuned lexical search of each query. Only where that gain is above twice its
own standard error is a forest grown on all queries and kept.

Which products were judged for other queries is not looked at, though it would gain: where people judged each product
for one query only, a product that was judged good for a like query is hardly ever judged for this one, and a model that
remembers learns to bury it. Which words go with which is (``word_pairs``), and each query that is learnt from is told
only what others say of it.

Trust: lexical search was tuned on the same queries, which makes the gain look smaller, not larger. Items that nobody
judged count as irrelevant, as in the quality that the decision rests on: a model may learn what used to be shown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from steelyard.domain import Cases, FloatArray, IntArray, VectorArray
from steelyard.models.learned_ranking import word_pairs
from steelyard.models.learned_ranking.forest import Grown, Growth, grow
from steelyard.models.learned_ranking.ltr import LearnedRanker
from steelyard.models.learned_ranking.word_pairs import Lesson, WordPairs, folds_of, learn_pairs
from steelyard.models.retrieval.query_plan import Reading

__all__ = ["MIN_CASES", "Learned", "Material", "Told", "describe", "learn", "lessons_in", "usable"]

MIN_CASES = 100
"""Judged queries below which nothing is learnt."""
_MAX_CASES = 6000
_FOLDS = 3
_STEPS = tuple(range(20, 301, 20))
_TOLD_EVERY = 200
_KEEP_ERRORS = 2.0
_K = 10

Told = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Material:
    """Judged queries, described."""

    rows: npt.NDArray[np.float32]
    """Candidates of all queries one after another. Shape (rows, features)."""
    lessons: tuple[Lesson, ...]
    """Words, candidates and gains of each query."""
    ideal: FloatArray
    """Discounted gain of each query's ideal list, > 0. Shape (queries,)."""
    titles: npt.NDArray[np.int32]
    """Units of all titles, negative after their ends. Shape (texts, places)."""
    n_terms: int
    """Of the catalogue."""
    besides: tuple[Lesson, ...] = ()
    """Of queries that tell which words go together, and nothing else: trees never see them."""

    @property
    def gains(self) -> FloatArray:
        """0 where nobody judged. Shape (rows,)."""
        return np.concatenate([np.empty(0), *(lesson.gains for lesson in self.lessons)])

    @property
    def sizes(self) -> IntArray:
        """Candidates of each query. Shape (queries,)."""
        return np.array([len(lesson.texts) for lesson in self.lessons], np.int64)


@dataclass(frozen=True, slots=True)
class Learned:
    """What was learnt."""

    forest: Grown | None
    """None where it would not pay."""
    pairs: WordPairs | None
    """What the forest looks at beside the rows of the material."""
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
        ranker: Finds and describes them; its describer knows no pairs of words yet.
        cases: Judged queries.
        readings: Of each query.
        vectors: Of each query, where meaning is looked at.
        progress: Told how far it has come.

    Returns:
        Rows of all queries, one after another.
    """
    describer = ranker.describer
    assert describer is not None, "there is nothing to describe with"
    rows, lessons = [np.empty((0, len(describer.names)), np.float32)], []
    for number, reading in enumerate(readings):
        asked = None if vectors is None else vectors[number]
        found = ranker.head(reading, asked)
        gains = _gains_of(found.texts, cases, number)
        lessons.append(Lesson(describer.titles.words_of(reading), found.texts, gains))
        if len(found.texts):
            rows.append(ranker.rows(reading, asked, found))
        if number % _TOLD_EVERY == 0:
            progress(number, len(readings), "describing candidates")
    best = [np.sort(each)[::-1][:_K] for each in cases.gains]
    ideal = np.array([float(each @ _discounts(len(each))) for each in best])
    return Material(np.concatenate(rows), tuple(lessons), ideal, describer.titles.units, describer.titles.n_terms)


def lessons_in(ranker: LearnedRanker, cases: Cases) -> tuple[Lesson, ...]:
    """What judged queries tell of words alone.

    Args:
        ranker: Finds candidates by words.
        cases: Judged queries.

    Returns:
        One for each.
    """
    describer = ranker.describer
    assert describer is not None, "there is nothing to describe with"
    lessons = []
    for number, request in enumerate(cases.requests):
        reading = ranker.lexical.read(request.query)
        found = ranker.candidates(reading, k=ranker.n)
        gains = _gains_of(found.texts, cases, number)
        lessons.append(Lesson(describer.titles.words_of(reading), found.texts, gains))
    return tuple(lessons)


def _gains_of(texts: IntArray, cases: Cases, number: int) -> FloatArray:
    """What was judged of these texts for a query; 0 where nothing was."""
    known = dict(zip(cases.relevant[number].tolist(), cases.gains[number].tolist(), strict=True))
    return np.array([known.get(text, 0.0) for text in texts.tolist()])


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
    n = len(material.lessons)
    note: dict[str, Any] = {"queries": n}
    if n < MIN_CASES:
        return Learned(None, None, {**note, "why": "few_judgements", "least": MIN_CASES})
    folds = np.random.default_rng(seed).permutation(n) % _FOLDS
    curves = _held_out(material, growth, folds, progress=progress)
    by_words = _quality(-np.arange(len(material.rows), dtype=np.float64), material, np.arange(n))
    best = int(curves.mean(axis=1).argmax())
    after = _unseen(curves, folds)
    gain, error = _gain(after, by_words)
    note |= {
        "before": round(float(by_words.mean()), 5),
        "after": round(float(after.mean()), 5),
        "held_out_gain": round(gain, 5),
        "held_out_error": round(error, 5),
        "rounds": _STEPS[best],
    }
    if gain <= _KEEP_ERRORS * error:
        return Learned(None, None, {**note, "why": "no_gain"})
    progress(_FOLDS, _FOLDS + 1, "growing trees")
    rows, pairs = _with_pairs(material, np.ones(n, bool), seed=seed)
    final = replace(growth, rounds=_STEPS[best])
    return Learned(_grow_on(material, rows, np.arange(n), final), pairs, note)


def _held_out(material: Material, growth: Growth, folds: IntArray, *, progress: Told) -> FloatArray:
    """nDCG@10 of each query after each number of rounds, by trees and pairs of words that it had no part in."""
    curves = np.zeros((len(_STEPS), len(folds)))
    starts = _starts(material)
    for fold in range(_FOLDS):
        progress(fold, _FOLDS + 1, "growing trees")
        held = np.flatnonzero(folds == fold)
        rows, _ = _with_pairs(material, folds != fold, seed=growth.seed)
        grown = _grow_on(material, rows, np.flatnonzero(folds != fold), replace(growth, rounds=_STEPS[-1]))
        of_held = _rows_of(starts, held)
        scores = np.zeros(len(rows))
        for step, found in enumerate(grown.after(rows[of_held], _STEPS)):
            scores[of_held] = found
            curves[step, held] = _quality(scores, material, held)
    return curves


def _unseen(curves: FloatArray, folds: IntArray) -> FloatArray:
    """nDCG@10 of each query after the number of rounds that suits the queries of other folds. Shape (queries,)."""
    after = np.zeros(len(folds))
    for fold in range(_FOLDS):
        held = folds == fold
        after[held] = curves[int(curves[:, ~held].mean(axis=1).argmax())][held]
    return after


def _with_pairs(
    material: Material, is_learnt_from: npt.NDArray[np.bool_], *, seed: int
) -> tuple[npt.NDArray[np.float32], WordPairs]:
    """Rows with what pairs of words say, learnt from some of the queries: of those each from the others."""
    lessons = [lesson for lesson, is_own in zip(material.lessons, is_learnt_from, strict=True) if is_own]
    titles, n_terms, besides = material.titles, material.n_terms, material.besides
    pairs = learn_pairs([*lessons, *besides], titles, n_terms=n_terms)
    of_others = iter(folds_of(lessons, titles, n_terms=n_terms, seed=seed, besides=besides))
    columns = [np.empty((0, len(word_pairs.FEATURES)))]
    for lesson, is_own in zip(material.lessons, is_learnt_from, strict=True):
        known = next(of_others) if is_own else pairs
        columns.append(np.stack(known.features(lesson.words, material.titles[lesson.texts]), axis=1))
    return np.hstack([material.rows, np.concatenate(columns).astype(np.float32)]), pairs


def _gain(after: FloatArray, before: FloatArray) -> tuple[float, float]:
    """Mean gain of a query, and its standard error."""
    gain = after - before
    return float(gain.mean()), float(gain.std(ddof=1) / np.sqrt(len(gain)))


def _grow_on(material: Material, rows: npt.NDArray[np.float32], queries: IntArray, growth: Growth) -> Grown:
    """A forest grown on some queries: those whose candidates have a gain."""
    useful = np.array([i for i in queries.tolist() if material.lessons[i].gains.any()], np.int64)
    chosen = _rows_of(_starts(material), useful)
    return grow(rows[chosen], material.gains[chosen], material.sizes[useful], growth)


def _starts(material: Material) -> IntArray:
    """Where the rows of each query begin."""
    return np.concatenate([[0], np.cumsum(material.sizes)]).astype(np.int64)


def _rows_of(starts: IntArray, queries: IntArray) -> IntArray:
    """Rows of these queries, one query after another."""
    spans = [np.arange(starts[i], starts[i + 1]) for i in queries.tolist()]
    return np.concatenate([*spans, np.empty(0, np.int64)])


def _quality(scores: FloatArray, material: Material, queries: IntArray) -> FloatArray:
    """nDCG@10 of these queries, ties in the order of lexical search. Shape (queries,)."""
    values, starts = np.zeros(len(queries)), _starts(material)
    for place, i in enumerate(queries.tolist()):
        order = np.argsort(-scores[starts[i] : starts[i + 1]], kind="stable")[:_K]
        values[place] = material.lessons[i].gains[order] @ _discounts(len(order)) / material.ideal[i]
    return values


def _discounts(n: int) -> FloatArray:
    return np.asarray(1 / np.log2(np.arange(2, n + 2)), np.float64)
