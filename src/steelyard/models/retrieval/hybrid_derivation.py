"""How search by meaning, alone or fused with words, came to an answer, told by doing it once more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from steelyard.documents.explanation import Derivation, ItemScore, ScorePart, Step, counted
from steelyard.domain import FloatArray, IntArray, Request
from steelyard.models.deriving import Stopwatch
from steelyard.models.retrieval.lexical_derivation import n_holding, parts_of, read_under, tiers_of
from steelyard.models.retrieval.lexical_parts import scaled
from steelyard.models.retrieval.meaning_floor import has_letters
from steelyard.models.retrieval.reading_told import told_reading

if TYPE_CHECKING:
    from steelyard.models.retrieval.dense import DenseRetriever
    from steelyard.models.retrieval.hybrid import HybridRetriever, Pool

__all__ = ["dense_derivation", "hybrid_derivation"]

MEANING = "meaning"
"""Tier of what holds no word."""


def dense_derivation(
    dense: DenseRetriever, request: Request, items: IntArray, *, depth: int, watch: Stopwatch
) -> Derivation:
    """As ``Deriving.derivation``, of search by meaning alone.

    Args:
        dense: The retriever.
        request: The question.
        items: Text numbers. Shape (n,).
        depth: What the retriever was asked for.
        watch: Times the stages.

    Returns:
        Scores are cosines; nothing is read of the query.
    """
    if not has_letters(request.query):
        return Derivation(tuple(ItemScore("", 0.0, ()) for _ in items))
    with watch.stage("encode"):
        vector = dense.encode(request.query)
    with watch.stage("nearest"):
        _, cosines = dense.vectors.search(vector, k=depth)
    n_near = int(np.count_nonzero(cosines >= dense.floor.floor))
    of_items = dense.vectors.scores(vector, items).tolist()
    told = [ItemScore(MEANING, cosine, (ScorePart("meaning", cosine, raw=cosine),)) for cosine in of_items]
    steps = (Step("by_meaning", n_near), Step("below_floor", len(cosines) - n_near))
    return Derivation(tuple(told), None, steps, watch.stages)


def hybrid_derivation(
    hybrid: HybridRetriever, request: Request, items: IntArray, *, depth: int, watch: Stopwatch
) -> Derivation:
    """As ``Deriving.derivation``, of words and meaning together.

    Args:
        hybrid: The retriever.
        request: The question.
        items: Text numbers. Shape (n,).
        depth: What the retriever was asked for.
        watch: Times the stages.

    Returns:
        With the parts of the words inside the part ``words``.
    """
    if not has_letters(request.query):
        return hybrid.lexical.derivation(request, items, depth=depth, watch=watch)
    lexical, dense = hybrid.lexical, hybrid.dense
    n, is_whole = hybrid.reach(depth)
    reading = read_under(lexical, request, watch)
    with watch.stage("first_phase"):
        by_word = lexical.candidates(reading, k=n)
    with watch.stage("second_phase"):
        lexical.score(reading, by_word)
    with watch.stage("encode"):
        vector = dense.encode(request.query)
    with watch.stage("nearest"):
        _, cosines = dense.vectors.search(vector, k=n)
    pool = hybrid.pool(request.query, n=n, also=items, verbatim=request.verbatim, is_whole=is_whole)
    with watch.stage("fusion"):
        columns = hybrid.columns(pool)
        np.argsort(-sum(columns.values()), kind="stable")
    is_answer = (pool.lexical > 0) | (pool.cosine >= dense.floor.floor)
    steps = (
        Step("holding_a_word", n_holding(lexical, reading)),
        Step("by_words", len(by_word)),
        Step("by_meaning", int(np.count_nonzero(cosines >= dense.floor.floor))),
        Step("below_floor", int(np.count_nonzero(cosines < dense.floor.floor))),
        Step("fused", int(np.count_nonzero(is_answer))),
    )
    at = np.searchsorted(pool.texts, items)
    words = parts_of(lexical.formula, reading, items)
    tiers = tiers_of(lexical, reading, items, is_held=pool.lexical[at] > 0, otherwise=MEANING)
    parts = [
        _parts(hybrid, pool, columns, place=place, words=found) for place, found in zip(at.tolist(), words, strict=True)
    ]
    return Derivation(
        tuple(ItemScore(tier, counted(each), each) for tier, each in zip(tiers, parts, strict=True)),
        told_reading(lexical.reader, lexical.postings, request.query, reading),
        steps,
        watch.stages,
    )


def _parts(
    hybrid: HybridRetriever,
    pool: Pool,
    columns: Mapping[str, FloatArray],
    *,
    place: int,
    words: tuple[ScorePart, ...],
) -> tuple[ScorePart, ...]:
    """The parts of the fused score of a text at a place of the pool."""
    lexical, cosine = float(pool.lexical[place]), float(pool.cosine[place])
    is_convex = hybrid.options.fusion == "convex"
    told = []
    for kind, column in columns.items():
        value = float(column[place])
        if not value:
            continue
        if kind == "words":
            factor = value / lexical if lexical > 0 else 0.0
            weight = factor if is_convex else None
            told.append(ScorePart(kind, value, raw=lexical, weight=weight, parts=scaled(words, factor)))
        elif kind == "meaning":
            told.append(ScorePart(kind, value, raw=cosine, weight=hybrid.options.weight if is_convex else None))
        else:
            told.append(ScorePart(kind, value))
    return tuple(told)
