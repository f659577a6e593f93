"""How a learned ranking came to an answer: what it looked at, and the score that its forest gave.

A forest is no sum of its features, so its score is one part, with all that it looked at beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

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

    def head(self, reading: Reading, asked: VectorArray | None) -> Candidates:
        """What the forest puts in order."""
        ...

    def asked(self, query: str) -> VectorArray | None:
        """The query's vector, where meaning is looked at."""
        ...

    def rows(self, reading: Reading, asked: VectorArray | None, head: Candidates) -> npt.NDArray[np.float32]:
        """What the forest looks at."""
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
    asked = _asked(ranker, request, watch)
    with watch.stage("second_phase"):
        head = ranker.head(reading, asked)
    features = _features(ranker, reading, (asked, head), watch)
    ranked = ranker.retrieve([request], k=max(depth, ranker.n))
    scores = dict(zip(ranked.items[0].tolist(), ranked.scores[0].tolist(), strict=True))
    words = parts_of(lexical.formula, reading, items)
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


def _asked(ranker: Ranker, request: Request, watch: Stopwatch) -> VectorArray | None:
    if ranker.encoder is None:
        return None
    with watch.stage("encode"):
        return ranker.asked(request.query)


def _features(
    ranker: Ranker, reading: Reading, asked: tuple[VectorArray | None, Candidates], watch: Stopwatch
) -> dict[int, tuple[Feature, ...]]:
    """What the forest looks at of each text that it ranks; nothing where there is no forest."""
    vector, head = asked
    if ranker.forest is None or ranker.describer is None or not len(reading.plan.terms) or not len(head.texts):
        return {}
    with watch.stage("learned_ranking"):
        rows = ranker.rows(reading, vector, head)
        ranker.forest.scores(rows)
    names = ranker.describer.names
    return {
        text: tuple(Feature(name, round(value, 6)) for name, value in zip(names, row, strict=False))
        for text, row in zip(head.texts.tolist(), rows.tolist(), strict=True)
    }
