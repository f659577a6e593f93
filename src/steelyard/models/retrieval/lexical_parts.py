"""What lexical scores are made of: BM25F by term and field, and what else the formula of ``lexical_scoring`` adds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from steelyard.documents.explanation import ScorePart
from steelyard.domain import FloatArray, IntArray, VectorArray
from steelyard.models.retrieval.category_match import Categories
from steelyard.models.retrieval.lexical_scoring import Evidence, LexicalOptions, Plan, Postings, ceiling
from steelyard.models.retrieval.query_plan import Reading

__all__ = ["Formula", "lexical_parts", "scaled"]

_SIGNALS = (
    ("all_words", "all_units"),
    ("title_words", "title_units"),
    ("title_order", "title_order"),
    ("popularity", "popular"),
)
"""Parts in the order of ``Evidence.signals``, with the option that weighs each."""


@dataclass(frozen=True, slots=True)
class Formula:
    """What a lexical retriever scores with."""

    postings: Postings
    scale: VectorArray
    """Of the postings, with the same options."""
    options: LexicalOptions
    categories: Categories | None
    """None where they do not count."""


@dataclass(frozen=True, slots=True)
class _Found:
    """What texts hold of one term."""

    at: int
    rows: IntArray
    frequencies: npt.NDArray[np.uint8]


def lexical_parts(formula: Formula, reading: Reading, texts: IntArray) -> list[tuple[ScorePart, ...]]:
    """The parts of the score of each text.

    Args:
        formula: Of the retriever.
        reading: Of the query.
        texts: Distinct text numbers, ascending. Shape (n,).

    Returns:
        For each text those that are not 0; none where it holds no word of the query.
    """
    plan, postings = reading.plan, formula.postings
    held = [_Found(at, *postings.held(plan, at, texts)) for at in range(len(plan.terms))]
    terms: list[list[tuple[int, ScorePart]]] = [[] for _ in texts]
    for found in held:
        for row, part in _of_term(formula, reading, found, texts):
            terms[row].append((int(plan.group[found.at]), part))
    more = _rewards(formula, plan, postings.evidence(plan, texts), texts)
    return [
        (*_best_of_each(of_text), *rewards) if of_text else () for of_text, rewards in zip(terms, more, strict=True)
    ]


def scaled(parts: Sequence[ScorePart], factor: float) -> tuple[ScorePart, ...]:
    """Parts of a score that is multiplied by ``factor``."""
    return tuple(
        ScorePart(
            part.kind,
            part.value * factor,
            part.of,
            part.raw,
            None if part.weight is None else part.weight * factor,
            part.counted,
            scaled(part.parts, factor),
        )
        for part in parts
    )


def _of_term(formula: Formula, reading: Reading, found: _Found, texts: IntArray) -> list[tuple[int, ScorePart]]:
    plan, options = reading.plan, formula.options
    weight = float(plan.weights[found.at]) * (options.extra if plan.is_extra[found.at] else 1.0)
    name = _name(reading, found.at)
    fields = formula.postings.fields
    told = []
    of_fields = found.frequencies * formula.scale[texts[found.rows]]
    counts = of_fields.sum(axis=1).tolist()
    rows = zip(found.rows.tolist(), of_fields.tolist(), counts, found.frequencies.tolist(), strict=True)
    for row, shares, count, frequencies in rows:
        value = weight * count / (options.k1 + count) if count > 0 else 0.0
        parts = tuple(
            ScorePart("field", value * share / count, field, raw=float(times))
            for field, share, times in zip(fields, shares, frequencies, strict=True)
            if share > 0
        )
        told.append((row, ScorePart("term", value, name, raw=count, weight=weight, parts=parts)))
    return told


def _name(reading: Reading, at: int) -> str:
    """A term as the shopper knows it; one that stands beside a word goes by the word."""
    span = (reading.plan.first[at], reading.plan.last[at])
    beside = (
        shown
        for place, shown in enumerate(reading.shown)
        if shown and (reading.plan.first[place], reading.plan.last[place]) == span
    )
    return reading.shown[at] or reading.terms[at] or next(beside, "")


def _best_of_each(of_text: Sequence[tuple[int, ScorePart]]) -> list[ScorePart]:
    """Parts of the terms of one text, of which in every group only the best counted."""
    best: dict[int, ScorePart] = {}
    for group, part in of_text:
        if group not in best or part.value > best[group].value:
            best[group] = part
    kept = {id(part) for part in best.values()}
    parts = [part if id(part) in kept else _not_counted(part) for _, part in of_text]
    return sorted(parts, key=lambda part: (not part.counted, -part.value))


def _not_counted(part: ScorePart) -> ScorePart:
    return ScorePart(part.kind, part.value, part.of, part.raw, part.weight, False, part.parts)


def _rewards(formula: Formula, plan: Plan, evidence: Evidence, texts: IntArray) -> list[list[ScorePart]]:
    """What each text gets beside BM25F."""
    options, most = formula.options, ceiling(plan, formula.options)
    columns: list[tuple[str, float, FloatArray]] = [
        (kind, most * float(getattr(options, option)), evidence.signals[:, at])
        for at, (kind, option) in enumerate(_SIGNALS)
    ]
    if formula.categories is not None:
        signals = formula.categories.signals(plan.units[plan.is_needed], texts)
        columns.append(("category_named", most * options.category_named, signals[:, 0]))
        columns.append(("category_bought", most * options.category_bought, signals[:, 1]))
    return [
        [
            ScorePart(kind, weight * float(values[row]), raw=float(values[row]), weight=weight)
            for kind, weight, values in columns
            if weight * float(values[row])
        ]
        for row in range(len(texts))
    ]
