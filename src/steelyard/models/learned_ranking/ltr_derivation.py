"""How a learned ranking came to an answer: what it looked at, and the score that its forest gave.

A forest is no sum of its features, so its score is one part, with all that it looked at beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from steelyard.documents.explanation import Derivation, Feature, ItemScore, ScorePart, StepCount, counted
from steelyard.domain import IntArray, Ranked, Request, VectorArray
from steelyard.models.deriving import Stopwatch
from steelyard.models.learned_ranking.candidate_features import Describer
from steelyard.models.learned_ranking.forest import Forest
from steelyard.models.learned_ranking.title_features import Candidates
from steelyard.models.ports import Encoder
from steelyard.models.retrieval.lexical import Lexical
from steelyard.models.retrieval.lexical_derivation import n_holding, parts_of, read_under, tiers_of
from steelyard.models.retrieval.query_plan import Reading
from steelyard.models.retrieval.reading_told import told_reading

__all__ = ["Ranker", "ltr_derivation"]


class Ranker(Protocol):
    """A learned ranking (``LearnedRanker``)."""

    lexical: Lexical
    describer: Describer | None
    forest: Forest | None
    encoder: Encoder | None
    n: int

    def retrieve(self, requests: Sequence[Request], *, k: int) -> Ranked:
        """Best ``k`` texts for each request."""
        ...

    def candidates(self, reading: Reading, *, k: int) -> Candidates:
        """The ``k`` best candidates by words."""
        ...

    def vector(self, query: str) -> VectorArray | None:
        """The query's vector among the products, where meaning is looked at."""
        ...


def ltr_derivation(ranker: Ranker, request: Request, items: IntArray, *, depth: int, watch: Stopwatch) -> Derivation:
    """As ``Deriving.derivation``.

    Args:
        ranker: The retriever.
        request: The question.
        items: Text numbers. Shape (n,).
        depth: What the retriever was asked for.
        watch: Times the stages.

    Returns:
        Of texts that were ranked the features; of those behind them, as of all where nothing was learnt, the parts of
        the lexical score.
    """
    lexical = ranker.lexical
    reading = read_under(lexical, request, watch)
    with watch.stage("first_phase"):
        found = lexical.candidates(reading, k=max(depth, ranker.n))
    with watch.stage("second_phase"):
        head = ranker.candidates(reading, k=ranker.n)
    features = _features(ranker, request, reading, watch)
    ranked = ranker.retrieve([request], k=max(depth, ranker.n))
    scores = dict(zip(ranked.items[0].tolist(), ranked.scores[0].tolist(), strict=True))
    words = parts_of(replace(lexical.formula, categories=None), reading, items)
    tiers = tiers_of(lexical, reading, items, is_held=np.array([bool(each) for each in words], bool))
    told = []
    for item, tier, of_words in zip(items.tolist(), tiers, words, strict=True):
        score = scores.get(item, counted(of_words))
        if item in features:
            told.append(ItemScore(tier, score, (ScorePart("learned", score, raw=score),), features[item]))
            continue
        below = score - counted(of_words)
        parts = (*of_words, ScorePart("below_ranked", below)) if abs(below) > 1e-9 else of_words
        told.append(ItemScore(tier, score, parts))
    steps = (
        StepCount("holding_a_word", n_holding(lexical, reading)),
        StepCount("first_phase", len(found)),
        StepCount("ranked", len(head.texts)),
    )
    read = told_reading(lexical.reader, lexical.postings, request.query, reading)
    return Derivation(tuple(told), read, steps, watch.stages)


def _features(ranker: Ranker, request: Request, reading: Reading, watch: Stopwatch) -> dict[int, tuple[Feature, ...]]:
    """What the forest looks at of each text that it ranks; nothing where there is no forest."""
    head = ranker.candidates(reading, k=ranker.n)
    if ranker.forest is None or ranker.describer is None or not len(reading.plan.terms) or not len(head.texts):
        return {}
    if ranker.encoder is not None:
        with watch.stage("encode"):
            ranker.vector(request.query)
    vector = ranker.vector(request.query)
    with watch.stage("learned_ranking"):
        rows = ranker.describer.rows(reading, vector, head)
        ranker.forest.scores(rows)
    names = ranker.describer.names
    return {
        text: tuple(Feature(name, round(value, 6)) for name, value in zip(names, row, strict=False))
        for text, row in zip(head.texts.tolist(), rows.tolist(), strict=True)
    }
