"""How search by meaning, alone or fused with words, came to an answer, told by doing it once more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from steelyard.documents.explanation import Derivation, ItemScore, ScorePart, StepCount, counted
from steelyard.domain import FloatArray, IntArray, Request, VectorArray
from steelyard.models.deriving import Stopwatch
from steelyard.models.retrieval.lexical_derivation import WordSearch, n_holding, parts_of, read_under, tiers_of
from steelyard.models.retrieval.lexical_parts import scaled
from steelyard.models.retrieval.meaning_floor import Floor, has_letters
from steelyard.models.retrieval.reading_told import told_reading
from steelyard.models.retrieval.vectors import VectorSearch

__all__ = ["Fused", "MeaningSearch", "dense_derivation", "hybrid_derivation"]

MEANING = "meaning"
"""Tier of what holds no word."""


class MeaningSearch(Protocol):
    """A search by meaning (``DenseRetriever``)."""

    @property
    def vectors(self) -> VectorSearch:
        """One for each text."""
        ...

    @property
    def floor(self) -> Floor:
        """What a text must reach to be an answer."""
        ...

    def encode(self, query: str) -> VectorArray:
        """Vector of one query."""
        ...


@dataclass(frozen=True, slots=True)
class Fused:
    """Candidates of one query and what each kind of part adds to their scores."""

    texts: IntArray
    """Ascending. Shape (n,)."""
    lexical: FloatArray
    """Lexical scores. Shape (n,)."""
    cosine: FloatArray
    """Shape (n,)."""
    columns: Mapping[str, FloatArray]
    """By the kind of part: ``words``, ``meaning`` and others. Shape (n,) each."""
    weight: float | None
    """Of meaning; None where ranks are fused and not scores."""


def dense_derivation(
    dense: MeaningSearch, request: Request, items: IntArray, *, depth: int, watch: Stopwatch
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
    steps = (StepCount("by_meaning", n_near), StepCount("below_floor", len(cosines) - n_near))
    return Derivation(tuple(told), None, steps, watch.stages)


def hybrid_derivation(
    sides: tuple[WordSearch, MeaningSearch],
    fuse: Callable[[], Fused],
    request: Request,
    items: IntArray,
    *,
    n: int,
    watch: Stopwatch,
) -> Derivation:
    """As ``Deriving.derivation``, of words and meaning together.

    Args:
        sides: Search by words, and by meaning.
        fuse: Gives the candidates, ``items`` among them; it times the stage ``fusion`` itself.
        request: The question; it has letters.
        items: Text numbers. Shape (n,).
        n: Candidates that each side brings.
        watch: Times the stages.

    Returns:
        With the parts of the words inside the part ``words``.
    """
    lexical, dense = sides
    reading = read_under(lexical, request, watch)
    with watch.stage("first_phase"):
        by_word = lexical.candidates(reading, k=n)
    with watch.stage("second_phase"):
        lexical.score(reading, by_word)
    with watch.stage("encode"):
        vector = dense.encode(request.query)
    with watch.stage("nearest"):
        _, cosines = dense.vectors.search(vector, k=n)
    fused, floor = fuse(), dense.floor.floor
    steps = (
        StepCount("holding_a_word", n_holding(lexical, reading)),
        StepCount("by_words", len(by_word)),
        StepCount("by_meaning", int(np.count_nonzero(cosines >= floor))),
        StepCount("below_floor", int(np.count_nonzero(cosines < floor))),
        StepCount("fused", int(np.count_nonzero((fused.lexical > 0) | (fused.cosine >= floor)))),
    )
    at = np.searchsorted(fused.texts, items)
    words = parts_of(lexical.formula, reading, items)
    tiers = tiers_of(lexical, reading, items, is_held=fused.lexical[at] > 0, otherwise=MEANING)
    parts = [_parts(fused, place, found) for place, found in zip(at.tolist(), words, strict=True)]
    return Derivation(
        tuple(ItemScore(tier, counted(each), each) for tier, each in zip(tiers, parts, strict=True)),
        told_reading(lexical.reader, lexical.postings, request.query, reading),
        steps,
        watch.stages,
    )


def _parts(fused: Fused, place: int, words: tuple[ScorePart, ...]) -> tuple[ScorePart, ...]:
    """The parts of the fused score of the text at a place."""
    lexical, cosine = float(fused.lexical[place]), float(fused.cosine[place])
    told = []
    for kind, column in fused.columns.items():
        value = float(column[place])
        if not value:
            continue
        if kind == "words":
            factor = value / lexical if lexical > 0 else 0.0
            weight = None if fused.weight is None else factor
            told.append(ScorePart(kind, value, raw=lexical, weight=weight, parts=scaled(words, factor)))
        elif kind == "meaning":
            told.append(ScorePart(kind, value, raw=cosine, weight=fused.weight))
        else:
            told.append(ScorePart(kind, value))
    return tuple(told)
